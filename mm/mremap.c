/* SPDX-License-Identifier: MIT */
/* mremap(): the call. What each phase does is in mremap.h. */
#include "mm/mremap.h"

#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "mm/populate.h"

/* Too near the limit for a move: asked before anything else, with FIXED and DONTUNMAP. */
static bool too_many_vmas(const struct mremap_request *req)
{
        if (!(req->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)))
                return false;
        return (s64)mm_map_count(req->mm) + 2 >= (s64)mm_sysctl.max_map_count - 3;
}

/* All phases for one VMA, NULL if there is none. The address that it is at now, or an errno. */
static s64 remap_vma(const struct mremap_request *asked, struct vma *vma,
                     struct address_range *populate)
{
        struct mremap_request rounded = *asked;
        const struct mremap_request *req = &rounded;
        struct remap_kit kit = { 0 };
        struct remap_growth growth;
        struct remap_plan plan;
        int err = mremap_check_vma(&rounded, vma);

        if (err)
                return err;
        if (mremap_grows_here(req, vma, &growth)) {
                err = mremap_grow(req, vma, &growth, populate);
                return err ? err : (s64)req->addr;
        }
        mremap_plan(req, vma, &plan);
        err = mremap_reserve(req, &plan, &kit);
        if (!err) {
                mremap_commit(req, &plan, &kit);
                err = plan.err;
        }
        mremap_release(&kit);
        if (err)
                return err;
        *populate = plan.populate;
        return (s64)plan.to;
}

/* Its file has a say in where it is mapped, or userfaultfd in what becomes of it: it moves alone or
 * not at all. */
static bool moves_apart(const struct vma *vma)
{
        if (vma->uffd)
                return true;
        return vma->backing && (vma->backing->flags & BACKING_APART);
}

/*
 * Move every VMA of the range, holes and all, to where the first of them has to go. The source may
 * begin in no hole, or the target would have no anchor.
 */
static s64 remap_range(const struct mremap_request *req, struct address_range *populate)
{
        u64 end = req->addr + req->old_len, at = req->addr;
        struct mremap_request part = *req;
        struct vma *vma = vma_at(req->mm, at);

        if (!vma)
                return -EFAULT;
        while (vma) {
                u64 vma_end = vma->end;
                s64 result;

                if (moves_apart(vma) && (at > req->addr || vma_end < end))
                        return -EFAULT;
                part.addr = max_u64(vma->start, at);
                part.old_len = part.new_len = min_u64(vma_end, end) - part.addr;
                part.new_addr = req->new_addr + (part.addr - req->addr);
                result = remap_vma(&part, vma, populate);
                if (result < 0)
                        return result;
                /* A VMA that has swallowed what moved may reach beyond it: `at` is what counts. */
                at = vma_end;
                vma = at < end ? vma_meeting(req->mm, at, end) : NULL;
        }
        return (s64)req->new_addr;
}

s64 mm_mremap(struct mm *mm, const struct mm_caller *who, u64 addr, u64 old_len, u64 new_len,
              u64 flags, u64 new_addr)
{
        struct mremap_request req = {
                .mm = mm,
                .who = who,
                .addr = addr,
                .old_len = old_len,
                .new_len = new_len,
                .new_addr = new_addr,
                .flags = flags,
        };
        struct address_range populate = { 0 };
        s64 result = mremap_check(&req);

        if (result)
                return result;
        mm_lock(mm);
        if (too_many_vmas(&req))
                result = -ENOMEM;
        else if ((flags & MREMAP_FIXED) && req.old_len == req.new_len)
                result = remap_range(&req, &populate);
        else
                result = remap_vma(&req, vma_at(mm, req.addr), &populate);
        mm_unlock(mm, addr);
        /* After a userfaultfd's handler has heard of the move: before, it could not fill. */
        if (populate.start < populate.end)
                populate_try(mm, populate.start, populate.end);
        return result;
}
