/* SPDX-License-Identifier: MIT */
/* munmap() and every other removal of mappings. munmap.h has the pictures. */
#include "mm/munmap.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
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

/* It is cut in two: the one case that makes a VMA. False: there may be none more. */
static bool plan_split(struct unmap *u, const struct vma *vma)
{
        if ((s64)mm_map_count(u->mm) + u->earlier >= (s64)mm_sysctl.max_map_count) {
                u->err = -ENOMEM;
                return false;
        }
        u->new_vmas = 1;
        u->links = anon_chain_length(vma);
        u->vma_change = 1;
        return true;
}

void unmap_plan(struct unmap *u)
{
        struct vma *first = vma_walk(u->mm, u->start, u->end, &u->first);
        struct vmtree_pos pos = u->first;

        u->err = 0;
        u->empty = !first;
        u->split_start = u->split_end = false;
        u->new_vmas = u->links = u->events = 0;
        u->vma_change = 0;
        u->credit = (struct account_credit){ 0 };
        u->told = u->end;
        if (!first)
                return;
        if (first->start < u->start && u->end < first->end && !plan_split(u, first))
                return;
        for (struct vma *vma = first; vma && vma->start < u->end; vma = vmtree_next(&pos)) {
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
        if (atomic_get(&u->mm->unmap_listeners))
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
        int err = u->new_vmas ? vma_kit_reserve(u->mm, kit, u->new_vmas, u->links) : 0;

        return err || !u->events ? err : uffd_events_reserve(&kit->events, u->events);
}

/* ------------------------------------------------------------------ commit */

/*
 * The VMAs that the range meets, and between which neighbours it leaves a hole. They are cleared
 * one after the other, in the tree's order, and then leave the tree together. The batch is made
 * ready when there is something to put into it.
 */
struct clearing {
        const struct unmap *u;
        bool zaps;
        struct zap_batch batch;
        struct vma *first, *last;
        struct vma *gone;   /* those of which nothing is left, by next_spare */
        u64 floor, ceiling; /* the hole */
};

static struct zap_batch *batch_of(struct clearing *c)
{
        if (!c->zaps)
                zap_begin(&c->batch, c->u->mm);
        c->zaps = true;
        return &c->batch;
}

/*
 * Take the range away from one VMA: its entries first, while the VMA says what they count as; then
 * the VMA, so that nobody finds it through its object when the tables go.
 */
static void clear_vma(struct clearing *c, struct vma *vma)
{
        u64 from = max_u64(vma->start, c->u->start), to = min_u64(vma->end, c->u->end);

        if (!c->u->moved) {
                if (!pgwalk_sees_nothing(c->u->mm, from, to))
                        zap_vma(batch_of(c), vma, from, to, ZAP_ALL);
                if (vma->reserve)
                        hugetlb_unreserve(vma->reserve, vma_pgoff_at(vma, from),
                                          vma_pgoff_at(vma, to));
        }
        account_vma(c->u->mm, vma->flags, -(s64)bytes_to_pages(to - from));
        c->last = vma;
        if (from > vma->start || to < vma->end)
                return;
        if (vma->backing || vma->anon)
                rmap_remove(vma);
        vma->next_spare = c->gone;
        c->gone = vma;
}

/* All VMAs from the one at `first` on. */
static void clear_vmas(struct clearing *c, const struct vmtree_pos *first)
{
        const struct unmap *u = c->u;
        struct vmtree_pos pos = *first;
        struct vma *prev = vmtree_below(first), *vma = c->first;

        for (; vma && vma->start < u->end; vma = vmtree_next(&pos))
                clear_vma(c, vma);
        c->floor = prev ? prev->end : 0;
        if (c->first->start < u->start)
                c->floor = u->start;
        c->ceiling = vma ? vma->start : ~0ULL;
        if (c->last->end > u->end)
                c->ceiling = u->end;
}

/* The tree forgets what is not there any more: most often the first VMA, which is the last. */
static void cut_vmas(struct clearing *c, struct vmtree_pos *first, struct vma_kit *kit)
{
        const struct unmap *u = c->u;

        if (c->first->start < u->start && c->first->end > u->end)
                vma_split(c->first, u->end, kit);
        else if (c->last->end > u->end)
                vma_resize(c->last, u->end, c->last->end);
        if (c->first->start < u->start)
                vma_resize(c->first, c->first->start, u->start);
        if (c->gone && c->first == c->last)
                vmtree_erase_at(&u->mm->tree, first);
        else if (c->gone)
                vmtree_erase(&u->mm->tree, u->start, u->end);
        while (c->gone) {
                struct vma *vma = c->gone;

                c->gone = vma->next_spare;
                mm_touch(u->mm, vma->start);
                vma_free(vma);
        }
}

/* Some table of those that served the range maps nothing but what lies between floor and ceiling.
 */
static bool tables_go(u64 start, u64 end, u64 floor, u64 ceiling)
{
        u64 low = max_u64(huge_align_down(start), huge_align_up(floor));
        u64 high = min_u64(huge_align_up(end), huge_align_down(ceiling));

        return low < high;
}

void unmap_tables(struct mm *mm, u64 start, u64 end, const struct address_range *hole)
{
        struct zap_batch batch;

        if (!tables_go(start, end, hole->start, hole->end))
                return;
        zap_begin(&batch, mm);
        zap_tables(&batch, start, end, hole->start, hole->end);
        zap_finish(&batch);
}

static void clear_range(const struct unmap *u, struct vma_kit *kit)
{
        struct vmtree_pos first = u->first;
        struct clearing c;

        c.u = u;
        c.zaps = false;
        c.gone = NULL;
        if (!vmtree_pos_holds(&u->mm->tree, &first))
                vma_walk(u->mm, u->start, u->end, &first);
        c.first = vmtree_above(&first);
        ASSERT(c.first && c.first->start < u->end && c.first->end > u->start);
        clear_vmas(&c, &first);
        cut_vmas(&c, &first, kit);
        if (tables_go(u->start, u->end, c.floor, c.ceiling))
                zap_tables(batch_of(&c), u->start, u->end, c.floor, c.ceiling);
        if (c.zaps)
                zap_finish(&c.batch);
        commit_uncharge(u->credit.charged);
}

void unmap_commit(const struct unmap *u, struct vma_kit *kit)
{
        ASSERT(rwsem_is_writer(&u->mm->mmap_lock));
        if (u->empty)
                return;
        if (u->events)
                uffd_raise_unmap(u->mm, u->start, u->end, u->told, &kit->events);
        if (u->split_start)
                vma_split(vma_at(u->mm, u->start), u->start, kit);
        if (u->split_end)
                vma_split(vma_at(u->mm, u->end), u->end, kit);
        if (!u->err)
                clear_range(u, kit);
}

int unmap_range(struct mm *mm, u64 start, u64 end)
{
        struct vma_kit kit = { 0 };
        struct unmap unmap; /* but for what is asked the plan sets it */
        int err;

        unmap.mm = mm;
        unmap.start = start;
        unmap.end = end;
        unmap.moved = false;
        unmap.earlier = 0;
        unmap_plan(&unmap);
        err = unmap.new_vmas || unmap.events ? unmap_reserve(&unmap, &kit) : 0;
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
