/* SPDX-License-Identifier: MIT */
/* Splitting VMAs and changing the flags of a piece. vma_edit.h says how the phases go. */
#include "mm/vma_edit.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/hugetlb.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/uffd.h"

/* ------------------------------------------------------------------ kit */

int vma_kit_reserve(struct mm *mm, struct vma_kit *kit, unsigned nr, unsigned links)
{
        unsigned have = 0;

        for (struct vma *vma = kit->spare; vma; vma = vma->next_spare)
                have++;
        for (unsigned i = 0; i < nr; i++) {
                struct vma *vma = vma_alloc(mm);

                if (!vma)
                        return -ENOMEM;
                vma->next_spare = kit->spare;
                kit->spare = vma;
        }
        if (vmtree_reserve(&mm->tree, have + nr))
                return -ENOMEM;
        return links ? anon_kit_reserve(&kit->anon, links) : 0;
}

struct vma *vma_kit_take(struct vma_kit *kit)
{
        struct vma *vma = kit->spare;

        CHECK(vma);
        kit->spare = vma->next_spare;
        vma->next_spare = NULL;
        return vma;
}

void vma_kit_give_back(struct vma_kit *kit)
{
        while (kit->spare)
                vma_free(vma_kit_take(kit));
        anon_kit_release(&kit->anon);
        uffd_events_release(&kit->events);
}

struct vma *vma_link_new(struct vma_kit *kit, const struct vma_merge *asked)
{
        struct vma *vma = vma_kit_take(kit);

        vma->start = asked->start;
        vma->end = asked->end;
        vma->flags = asked->flags;
        vma->pgoff = asked->pgoff;
        vma->backing = asked->backing;
        vma->uffd = asked->uffd;
        vma->name = asked->name ? anon_name_get(asked->name) : NULL;
        backing_open(vma->backing);
        if (asked->origin) {
                hugetlb_share(vma, asked->origin);
                anon_vma_clone(vma, asked->origin, &kit->anon);
        }
        if (vmtree_pos_holds(&vma->mm->tree, &asked->place))
                vma_link_at(vma, &asked->place);
        else
                vma_link(vma);
        return vma;
}

/* ------------------------------------------------------------------ split */

struct vma *vma_split(struct vma *vma, u64 addr, struct vma_kit *kit)
{
        struct vma *upper = vma_kit_take(kit);
        struct rmap_locks locks;

        ASSERT(vma->start < addr && addr < vma->end);
        vma_copy(upper, vma);
        upper->start = addr;
        upper->pgoff = vma_pgoff_at(vma, addr);
        rmap_lock(&locks, vma);
        vma_resize(vma, vma->start, addr);
        anon_vma_clone(upper, vma, &kit->anon);
        vma_link(upper);
        rmap_unlock(&locks);
        mmstat_add(vma->mm, MMSTAT_VMA_SPLITS, 1);
        return upper;
}

/* ------------------------------------------------------------------ change of flags */

/* `room`: how many VMAs more there may be. */
static int split_refusal(const struct vma *vma, u64 at, u64 room)
{
        if (!room)
                return -ENOMEM;
        return vma_may_split(vma, at) ? 0 : -EINVAL;
}

void vma_change_plan_borders(struct vma_change *c)
{
        struct vma *vma = c->vma;
        struct vma_merge *merge = &c->merge;
        u64 room = mm_sysctl.max_map_count;

        c->split_start = c->split_end = false;
        c->kit = (struct vma_kit){ 0 };
        merge->mm = vma->mm;
        merge->start = c->start;
        merge->end = c->end;
        merge->flags = c->flags;
        merge->pgoff = vma_pgoff_at(vma, c->start);
        merge->backing = vma->backing;
        merge->uffd = c->sets_uffd ? c->uffd : vma->uffd;
        merge->name = c->sets_name ? c->name : vma->name;
        merge->middle = merge->origin = vma;
        merge->grows = false;
        merge->place = c->place;
        c->merges = vma_merge_plan(merge);
        if (c->merges)
                return;
        if (c->start == vma->start && c->end == vma->end)
                return;
        room = room > mm_map_count(vma->mm) ? room - mm_map_count(vma->mm) : 0;
        if (c->start > vma->start) {
                c->err = split_refusal(vma, c->start, room);
                c->split_start = !c->err;
                room--;
        }
        if (!c->err && c->end < vma->end) {
                c->err = split_refusal(vma, c->end, room);
                c->split_end = !c->err;
        }
}

int vma_change_reserve_borders(struct vma_change *c)
{
        unsigned splits = c->split_start + c->split_end;
        unsigned links =
                c->merges ? vma_merge_links(&c->merge) : splits * anon_chain_length(c->vma);

        if (splits + links == 0)
                return 0;
        return vma_kit_reserve(c->vma->mm, &c->kit, splits, links);
}

struct vma *vma_change_commit_borders(struct vma_change *c)
{
        struct vma *piece = c->vma;

        if (c->merges) {
                piece = vma_merge_commit(&c->merge, &c->kit.anon);
                vma_set_flags(piece, (piece->flags & ~VM_SOFTDIRTY) | (c->flags & VM_SOFTDIRTY));
                mm_validate_merged(piece, c->start, c->end);
                return piece;
        }
        if (c->split_start)
                piece = vma_split(piece, c->start, &c->kit);
        if (c->err)
                return piece;
        if (c->split_end)
                vma_split(piece, c->end, &c->kit);
        piece->uffd = c->merge.uffd;
        if (c->sets_name) {
                anon_name_put(piece->name);
                piece->name = anon_name_get(c->name);
        }
        vma_set_flags(piece, c->flags);
        mm_validate_merged(piece, c->start, c->end);
        return piece;
}

void vma_count_locked(struct mm *mm, u64 start, u64 end, bool locked)
{
        struct pgwalk walk = pgwalk_begin(mm, start, end);

        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk))
                if (pte_is_leaf(walk.entry, walk.level) && !pte_special(walk.entry, walk.level))
                        for (u64 i = 0; i < bytes_to_pages(walk.span); i++)
                                page_set_locked(pgwalk_page(&walk) + i, locked);
        spin_unlock(&mm->pte_lock);
}

int vma_change(struct vma *vma, u64 start, u64 end, u64 flags)
{
        struct vma_change change = { .vma = vma, .start = start, .end = end, .flags = flags };
        struct mm *mm = vma->mm;
        u64 old_flags = vma->flags;
        int err;

        if (old_flags == flags)
                return 0;
        vma_change_plan(&change);
        err = vma_change_reserve(&change);
        if (!err) {
                vma_change_commit(&change);
                err = change.err;
        }
        if (!err) {
                account_flags(mm, old_flags, flags, bytes_to_pages(end - start));
                if ((old_flags ^ flags) & VM_LOCKED)
                        vma_count_locked(mm, start, end, flags & VM_LOCKED);
        }
        vma_change_release(&change);
        return err;
}
