/* SPDX-License-Identifier: MIT */
/*
 * mremap: what is refused before anything is done. The rows stand in the order of the errnos that a
 * program sees: the arguments alone, then the VMA. mremap.h has the whole.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/mremap.h"

#define MREMAP_FLAGS (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)

/* Arithmetic modulo 2^64, as the caller's may be. */
static bool ranges_overlap(u64 a, u64 a_len, u64 b, u64 b_len)
{
        return a + a_len > b && b + b_len > a;
}

/* Only FIXED and DONTUNMAP look at new_addr. */
static int check_new_addr(const struct mremap_request *req)
{
        if (req->new_addr > TASK_SIZE - req->new_len || (req->new_addr & ~PAGE_MASK))
                return -EINVAL;
        if (!(req->flags & MREMAP_MAYMOVE))
                return -EINVAL;
        if ((req->flags & MREMAP_DONTUNMAP) && req->old_len != req->new_len)
                return -EINVAL;
        if (ranges_overlap(req->addr, req->old_len, req->new_addr, req->new_len))
                return -EINVAL;
        return 0;
}

int mremap_check(struct mremap_request *req)
{
        /* ~0 becomes 0, and with that the request for a duplicate. */
        req->old_len = page_align_up(req->old_len);
        req->new_len = page_align_up(req->new_len);
        if ((req->flags & ~(u64)MREMAP_FLAGS) || (req->addr & ~PAGE_MASK))
                return -EINVAL;
        if (req->new_len == 0 || req->new_len > TASK_SIZE)
                return -EINVAL;
        if (req->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
                return check_new_addr(req);
        return 0;
}

static int check_growth(const struct mremap_request *req, const struct vma *vma)
{
        u64 delta = bytes_to_pages(req->new_len - req->old_len);

        if (vma->flags & (VM_DONTEXPAND | VM_PFNMAP))
                return -EFAULT;
        if ((vma->flags & VM_LOCKED) && !account_may_lock(req->mm, req->who, delta))
                return -EAGAIN;
        if (!account_may_grow(req->mm, req->who, vma->flags, delta, NULL))
                return -ENOMEM;
        return 0;
}

/*
 * Whole huge pages, and no more of them than before, or nothing; the fifth argument has to be
 * aligned even where it is ignored.
 */
static bool round_to_hugetlb(struct mremap_request *req)
{
        req->old_len = huge_align_up(req->old_len);
        req->new_len = huge_align_up(req->new_len);
        return huge_is_aligned(req->addr | req->new_addr) && req->new_len <= req->old_len;
}

int mremap_check_vma(struct mremap_request *req, const struct vma *vma)
{
        u64 span;

        if (!vma)
                return -EFAULT;
        if (vma->flags & VM_SEALED)
                return -EPERM;
        if (vma_is_hugetlb(vma) && !round_to_hugetlb(req))
                return -EINVAL;
        span = min_u64(req->old_len, req->new_len);
        /* In place, what does not grow may run over anything: munmap() will see to it. */
        if (req->new_len <= req->old_len && !(req->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)))
                return 0;
        if (req->old_len == 0 && !vma_is_shared(vma))
                return -EINVAL;
        if ((req->flags & MREMAP_DONTUNMAP) && (vma->flags & (VM_DONTEXPAND | VM_PFNMAP)))
                return -EINVAL;
        if (span > vma->end - req->addr)
                return -EFAULT;
        return req->new_len > req->old_len ? check_growth(req, vma) : 0;
}
