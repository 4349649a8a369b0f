/* SPDX-License-Identifier: MIT */
/*
 * mremap: growing where the VMA is. mremap.h says when. It is a call of its own, because it takes
 * none of the steps of others: nothing is unmapped, no page moves, and the phases are those of one
 * VMA that gets longer:
 *
 *      |AAAA|.......|BB|
 *      |AAAAAAA|....|BB|      nobody is touched
 *      |AAAAAAAAAAAA|BB|      A and B become one if they are alike
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/mremap.h"

bool mremap_grows_here(const struct mremap_request *req, const struct vma *vma,
                       struct remap_growth *growth)
{
        u64 end = req->addr + req->new_len;
        struct vmtree_pos next;

        if ((req->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) || req->new_len <= req->old_len)
                return false;
        if (req->addr + req->old_len != vma->end || end > TASK_SIZE)
                return false;
        vmtree_find(&req->mm->tree, req->addr, &growth->place);
        next = growth->place;
        growth->above = vmtree_next(&next);
        return !growth->above || growth->above->start >= end;
}

/* Nobody is in sight: its upper bound is all that changes. */
static void grow_alone(struct vma *vma, struct vmtree_pos *place, u64 end)
{
        if (!(vma->flags & VM_SPECIAL)) /* others do not merge, not even with their own growth */
                mmstat_add(vma->mm, MMSTAT_VMA_MERGES, 1);
        vma_extend(vma, place, end);
}

/* The new part closes the gap to a VMA above, which it may join. 0 or -ENOMEM. */
static int grow_and_touch(const struct mremap_request *req, struct vma *vma, u64 end)
{
        struct vma_merge merge = {
                .mm = req->mm,
                .start = vma->end,
                .end = end,
                .flags = vma->flags,
                .pgoff = vma_pgoff_at(vma, vma->end),
                .backing = vma->backing,
                .uffd = vma->uffd,
                .name = vma->name,
                .origin = vma,
                .grows = true,
        };
        struct anon_kit kit = { 0 };
        int err;

        if (!vma_merge_plan(&merge)) {
                vma_resize(vma, vma->start, end);
                return 0;
        }
        ASSERT(merge.prev == vma); /* what merges at all is alike to its own growth */
        err = anon_kit_reserve(&kit, vma_merge_links(&merge));
        if (!err)
                vma_merge_commit(&merge, &kit);
        anon_kit_release(&kit);
        return err;
}

int mremap_grow(const struct mremap_request *req, struct vma *vma, struct remap_growth *growth,
                struct address_range *populate)
{
        u64 old_end = vma->end, end = req->addr + req->new_len, flags = vma->flags;
        u64 pages = bytes_to_pages(end - old_end), charge = flags & VM_ACCOUNT ? pages : 0;
        int err = 0;

        if (!commit_allows(req->mm, req->who, charge, 0))
                return -ENOMEM;
        if (growth->above && growth->above->start == end)
                err = grow_and_touch(req, vma, end);
        else
                grow_alone(vma, &growth->place, end);
        if (err)
                return err;
        commit_add(charge);
        account_vma(req->mm, flags, (s64)pages);
        if (flags & VM_LOCKED)
                *populate = (struct address_range){ old_end, end };
        return 0;
}
