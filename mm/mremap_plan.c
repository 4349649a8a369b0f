/* SPDX-License-Identifier: MIT */
/* mremap: what will happen, decided without doing any of it. mremap.h has the list of steps. */
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/layout.h"
#include "mm/mremap.h"
#include "mm/uffd.h"

/* VMAs that a move wants to be left for itself below the limit: it may split in two places. */
#define MOVE_RESERVE 3

/* An unmap step over [start, end) after `earlier` steps' change in the number of VMAs. */
static void plan_unmap(const struct mremap_request *req, struct unmap *step, u64 start, u64 end,
                       s64 earlier)
{
        *step = (struct unmap){ .mm = req->mm, .start = start, .end = end, .earlier = earlier };
        unmap_plan(step);
}

/* Step 2 of a shrinking call. False if the plan ends here. */
static bool plan_tail(const struct mremap_request *req, struct remap_plan *p)
{
        u64 start = req->addr + req->new_len, len = req->old_len - req->new_len;

        if (start > TASK_SIZE || len > TASK_SIZE - start) {
                p->err = -EINVAL;
                return false;
        }
        plan_unmap(req, &p->tail, start, start + len, p->target.vma_change);
        p->err = p->tail.err;
        p->len = req->new_len;
        return !p->err;
}

/* ------------------------------------------------------------------ step 3: move */

/* The pages that a move charges: nothing, unless there are more of them afterwards. */
static u64 move_charge(const struct mremap_request *req, struct vma *vma, u64 len)
{
        if (!(vma->flags & VM_ACCOUNT))
                return 0;
        if (req->flags & MREMAP_DONTUNMAP)
                return bytes_to_pages(req->new_len);
        return bytes_to_pages(req->new_len - len);
}

/* Some of the VMA stays where it is. */
static bool cuts(const struct mremap_request *req, struct vma *vma, u64 len)
{
        return vma->start != req->addr || vma->end != req->addr + len;
}

/*
 * The VMA at the destination: like the source's, or joined to a neighbour. Anonymous memory that
 * nothing was written to has no history, so its page numbers begin anew.
 */
struct vma_merge mremap_copy(const struct mremap_request *req, struct vma *vma, u64 to)
{
        bool fresh = vma_is_anon(vma) && !vma->anon;

        return (struct vma_merge){
                .mm = req->mm,
                .start = to,
                .end = to + req->new_len,
                .flags = vma->flags,
                .pgoff = fresh ? bytes_to_pages(to) : vma_pgoff_at(vma, req->addr),
                .backing = vma->backing,
                .uffd = vma->uffd,
                .name = vma->name,
                .origin = vma,
        };
}

/*
 * Not where somebody is told of both, of the VMA that comes and the one that goes. With DONTUNMAP
 * another is to stay in its place.
 */
static bool relocates(const struct mremap_request *req, struct vma *vma, struct remap_plan *p)
{
        bool is_free = p->target.empty || p->target.start == p->target.end;
        struct vma_merge copy;

        if (!is_free || vma->uffd || !vma_may_vanish(vma) || cuts(req, vma, p->len) ||
            req->new_len != p->len)
                return false;
        copy = mremap_copy(req, vma, p->to);
        copy.place = p->target.first;
        if (vma_merge_plan(&copy))
                return false;
        p->place = copy.place;
        return true;
}

static void plan_move(const struct mremap_request *req, struct vma *vma, struct remap_plan *p)
{
        s64 vmas = (s64)mm_map_count(req->mm) + p->target.vma_change + p->tail.vma_change;

        p->charge = move_charge(req, vma, p->len);
        p->credit = p->target.credit.charged + p->tail.credit.charged;
        if (vmas >= (s64)mm_sysctl.max_map_count - MOVE_RESERVE)
                p->err = -ENOMEM;
        else if (cuts(req, vma, p->len) && vma_is_special(vma))
                p->err = -EINVAL;
        else if (!commit_allows(req->mm, req->who, p->charge, p->credit))
                p->err = -ENOMEM;
        if (p->err)
                return;
        p->moves = true;
        p->relocates = relocates(req, vma, p);
        p->vma = vma;
        p->pages = (struct pgmove){
                .mm = req->mm,
                .from = req->addr,
                .to = p->to,
                .len = p->len,
                .to_len = req->new_len,
                .hugetlb = vma_is_hugetlb(vma),
                .unprotects = uffd_moves_silently(vma),
                .gone = { { p->target.start, p->target.end }, { p->tail.start, p->tail.end } },
        };
        pgmove_plan(&p->pages);
        if (!(req->flags & MREMAP_DONTUNMAP))
                p->source_events = uffd_unmap_events(req->mm, req->addr, req->addr + p->len);
        if ((vma->flags & VM_LOCKED) && req->new_len > p->len)
                p->populate = (struct address_range){ p->to + p->len, p->to + req->new_len };
}

/* A place of the kernel's choice, or near a hint. False if the plan ends here. */
static bool plan_place(const struct mremap_request *req, struct vma *vma, u64 hint,
                       struct remap_plan *p)
{
        struct place place = { .hint = hint, .len = req->new_len };
        s64 at;

        place.thp = !vma->backing;
        place.thp_file = vma->backing && vma_is_anon(vma);
        place.offset = vma->backing ? vma_pgoff_at(vma, req->addr) << PAGE_SHIFT : 0;
        at = layout_find(req->mm, &place);
        if (at < 0)
                p->err = (int)at;
        else
                p->to = (u64)at;
        return at >= 0;
}

/* ------------------------------------------------------------------ FIXED, DONTUNMAP */

/* Step 1. False if the plan ends here. */
static bool plan_target(const struct mremap_request *req, struct remap_plan *p)
{
        u64 end = req->new_addr + req->new_len;

        plan_unmap(req, &p->target, req->new_addr, end, 0);
        p->err = p->target.err;
        /* A duplicate (old_len 0) may be asked for at the very place of its original. */
        if (!p->err && req->new_addr <= req->addr && req->addr < end)
                p->err = -EFAULT;
        return !p->err;
}

/* RLIMIT_AS and RLIMIT_DATA, for pages that will be there twice. */
static bool limits_allow_copy(const struct mremap_request *req, struct vma *vma,
                              const struct remap_plan *p)
{
        return account_may_grow(req->mm, req->who, vma->flags, bytes_to_pages(req->new_len),
                                &p->target.credit);
}

static void plan_to(const struct mremap_request *req, struct vma *vma, struct remap_plan *p)
{
        if ((req->flags & MREMAP_FIXED) && !plan_target(req, p))
                return;
        if (req->new_len < req->old_len && !plan_tail(req, p))
                return;
        if ((req->flags & MREMAP_DONTUNMAP) && !limits_allow_copy(req, vma, p)) {
                p->err = -ENOMEM;
                return;
        }
        if (req->flags & MREMAP_FIXED) {
                p->to = req->new_addr;
                p->err = layout_check_low(req->who, p->to);
        } else {
                plan_place(req, vma, req->new_addr, p);
        }
        if (!p->err)
                plan_move(req, vma, p);
}

/* ------------------------------------------------------------------ cut, or MAYMOVE */

static void plan_at(const struct mremap_request *req, struct vma *vma, struct remap_plan *p)
{
        p->to = req->addr;
        if (req->new_len < req->old_len)
                plan_tail(req, p);
        else if (req->new_len == req->old_len)
                return;
        else if (!(req->flags & MREMAP_MAYMOVE))
                p->err = -ENOMEM;
        else if (plan_place(req, vma, 0, p))
                plan_move(req, vma, p);
}

void mremap_plan(const struct mremap_request *req, struct vma *vma, struct remap_plan *p)
{
        *p = (struct remap_plan){
                .target = { .mm = req->mm },
                .tail = { .mm = req->mm },
                .len = req->old_len,
        };
        if (req->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
                plan_to(req, vma, p);
        else
                plan_at(req, vma, p);
}
