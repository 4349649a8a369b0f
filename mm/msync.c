/* SPDX-License-Identifier: MIT */
/*
 * msync(): there is nothing to write back, for files are memory. What is left are its refusals.
 */
#include "kernel/base/errno.h"
#include "mm/vma.h"

#define MS_ASYNC      1
#define MS_INVALIDATE 2
#define MS_SYNC       4

/* A device that is mapped shared: it has nowhere to write to. */
static bool cannot_sync(const struct vma *vma)
{
        return (vma->flags & VM_SHARED) && vma_has_frames(vma) && !vma_is_special(vma);
}

/* It is not empty. A hole is an error at the end, and what lies behind it is looked at all the
 * same; not so with MS_ASYNC, which has nothing else to find. */
static int sync_range(const struct mm *mm, u64 start, u64 end, int flags)
{
        struct vma *vma = vma_at(mm, start);
        int err = 0;

        while (true) {
                if (!vma) {
                        err = -ENOMEM;
                        vma = vma_meeting(mm, start, end);
                        if (!vma || flags == MS_ASYNC)
                                return err;
                }
                if ((flags & MS_INVALIDATE) && (vma->flags & VM_LOCKED))
                        return -EBUSY;
                if ((flags & MS_SYNC) && cannot_sync(vma))
                        return -EINVAL;
                start = vma->end;
                if (start >= end)
                        return err;
                vma = vma_at(mm, start);
        }
}

int mm_msync(struct mm *mm, u64 addr, u64 len, int flags)
{
        u64 end = addr + page_align_up(len);
        int err;

        if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (addr & ~PAGE_MASK) ||
            (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
                return -EINVAL;
        if (end < addr)
                return -ENOMEM;
        if (end == addr)
                return 0;
        rwsem_read_lock(&mm->mmap_lock);
        err = sync_range(mm, addr, end, flags);
        rwsem_read_unlock(&mm->mmap_lock);
        return err;
}
