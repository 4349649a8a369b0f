/* SPDX-License-Identifier: MIT */
/* munmap() and every other removal of mappings. munmap.h has the pictures. */
#include "mm/munmap.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/uffd.h"
#include "mm/zap.h"

/* ------------------------------------------------------------------ plan */

static void add_credit(struct account_credit *credit, u64 flags, u64 pages)
{
        credit->total += pages;
        if (account_is_data(flags))
                credit->data += pages;
        if (flags & VM_ACCOUNT)
                credit->charged += pages;
        if (flags & VM_LOCKED)
                credit->locked += pages;
}

/*
 * A VMA that is sealed, or would have to be cut and cannot: nothing is unmapped. The splits made
 * before it is met stay: of the first VMA at the start of the range, if that is another, or can
 * be cut there and not at the end.
 */
static void plan_refused(struct unmap *u, const struct vma *first, const struct vma *vma, int err)
{
        bool cuts_first = first != vma || (err == -EINVAL && vma_may_split(vma, u->start));

        u->err = err;
        u->split_start = cuts_first && first->start < u->start;
        u->new_vmas = u->split_start;
        u->links = u->split_start ? anon_chain_length(first) : 0;
        u->vma_change = u->split_start;
        u->credit = (struct account_credit){ 0 };
        /* As Linux does: whoever was met before hears of an unmapping that does not come. */
        u->told = vma->start;
        u->events = uffd_unmap_events(u->mm, u->start, u->told);
}

void unmap_plan(struct unmap *u)
{
        struct vma *first = vma_meeting(u->mm, u->start, u->end);

        u->err = 0;
        u->split_start = u->split_end = false;
        u->new_vmas = u->links = u->events = 0;
        u->vma_change = 0;
        u->credit = (struct account_credit){ 0 };
        if (first && first->start < u->start && u->end < first->end) {
                if ((s64)mm_map_count(u->mm) + u->earlier >= (s64)mm_sysctl.max_map_count) {
                        u->err = -ENOMEM;
                        return;
                }
                u->new_vmas = 1;
                u->links = anon_chain_length(first);
                u->vma_change = 1;
        }
        for (struct vma *vma = first; vma && vma->start < u->end; vma = vma_next(vma)) {
                u64 from = max_u64(vma->start, u->start), to = min_u64(vma->end, u->end);

                if (vma->flags & VM_SEALED) {
                        plan_refused(u, first, vma, -EPERM);
                        return;
                }
                if ((from > vma->start && !vma_may_split(vma, from)) ||
                    (to < vma->end && !vma_may_split(vma, to))) {
                        plan_refused(u, first, vma, -EINVAL);
                        return;
                }
                if (from == vma->start && to == vma->end)
                        u->vma_change--;
                add_credit(&u->credit, vma->flags, bytes_to_pages(to - from));
        }
        u->told = u->end;
        u->events = uffd_unmap_events(u->mm, u->start, u->told);
}

void unmap_plan_refusal(struct unmap *u, int err)
{
        struct vma *first = vma_at(u->mm, u->start), *last = vma_at(u->mm, u->end - 1);

        u->err = err;
        u->split_start = first && first->start < u->start;
        u->split_end = last && last->end > u->end;
        u->new_vmas = u->split_start + u->split_end;
        u->links = u->split_start ? anon_chain_length(first) : 0;
        u->links += u->split_end ? anon_chain_length(last) : 0;
        u->vma_change = u->new_vmas;
        u->credit = (struct account_credit){ 0 };
}

int unmap_reserve(const struct unmap *u, struct vma_kit *kit)
{
        int err = vma_kit_reserve(u->mm, kit, u->new_vmas, u->links);

        return err ? err : uffd_events_reserve(&kit->events, u->events);
}

/* ------------------------------------------------------------------ commit */

/*
 * Take the range away from one VMA: its entries first, while the VMA says what they count as; then
 * the VMA, so that nobody finds it through its object when the tables go.
 */
static void cut_vma(const struct unmap *u, struct vma *vma, struct zap_batch *batch,
                    struct vma_kit *kit)
{
        u64 from = max_u64(vma->start, u->start), to = min_u64(vma->end, u->end);

        zap_vma(batch, vma, from, to, ZAP_ALL);
        if (!u->moved)
                hugetlb_unreserve(vma->reserve, vma_pgoff_at(vma, from), vma_pgoff_at(vma, to));
        account_vma(u->mm, vma->flags, -(s64)bytes_to_pages(to - from));
        if (from > vma->start && to < vma->end)
                vma_split(vma, to, kit);
        if (from > vma->start) {
                vma_resize(vma, vma->start, from);
        } else if (to < vma->end) {
                vma_resize(vma, to, vma->end);
        } else {
                vma_unlink(vma);
                vma_free(vma);
        }
}

void unmap_commit(const struct unmap *u, struct vma_kit *kit)
{
        struct vma *vma = vma_meeting(u->mm, u->start, u->end), *prev, *next;
        struct zap_batch batch;

        ASSERT(rwsem_is_writer(&u->mm->mmap_lock));
        if (u->events)
                uffd_raise_unmap(u->mm, u->start, u->end, u->told, &kit->events);
        if (u->split_start)
                vma_split(vma, u->start, kit);
        if (u->split_end)
                vma_split(vma_at(u->mm, u->end), u->end, kit);
        if (u->err || !vma)
                return;
        zap_begin(&batch, u->mm);
        while ((vma = vma_meeting(u->mm, u->start, u->end)))
                cut_vma(u, vma, &batch, kit);
        prev = vma_below(u->mm, u->start);
        next = vma_find(u->mm, u->end);
        zap_tables(&batch, u->start, u->end, prev ? prev->end : 0, next ? next->start : ~0ULL);
        zap_finish(&batch);
        commit_uncharge(u->credit.charged);
}

int unmap_range(struct mm *mm, u64 start, u64 end)
{
        struct unmap unmap = { .mm = mm, .start = start, .end = end };
        struct vma_kit kit = { 0 };
        int err;

        unmap_plan(&unmap);
        err = unmap_reserve(&unmap, &kit);
        if (!err) {
                unmap_commit(&unmap, &kit);
                err = unmap.err;
        }
        vma_kit_release(&kit);
        return err;
}

int mm_munmap(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len)
{
        int err;

        (void)who;
        if ((addr & ~PAGE_MASK) || addr > TASK_SIZE || len > TASK_SIZE - addr || len == 0)
                return -EINVAL;
        mm_lock(mm);
        err = unmap_range(mm, addr, addr + page_align_up(len));
        mm_unlock(mm, addr);
        return err;
}
