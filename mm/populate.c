/* SPDX-License-Identifier: MIT */
/* Faulting pages in ahead of their use: populate.h. */
#include "mm/populate.h"

#include "kernel/base/errno.h"

/* Pages faulted in under one hold of mmap_lock. */
#define POPULATE_STEP (256 * PAGE_SIZE)

static int result_errno(enum fault_result result)
{
        if (result == FAULT_OK)
                return 0;
        return result == FAULT_OOM ? -ENOMEM : -EFAULT;
}

/* [start, end) lies in one VMA. */
static int populate_vma(struct vma *vma, u64 start, u64 end)
{
        struct fault fault = { .mm = vma->mm, .vma = vma };

        if (vma->flags & VM_LOCKONFAULT)
                return 0;
        if (!vma_is_accessible(vma))
                return -EFAULT;
        fault.write = (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
        for (fault.addr = start; fault.addr < end; fault.addr += PAGE_SIZE) {
                int err = result_errno(fault_page(&fault));

                if (err)
                        return err;
        }
        return 0;
}

/*
 * From *at on, at most one step and within one VMA. *at is where to go on: behind what was done, or
 * behind the VMA if it failed. -ENOMEM with *at == end: nothing more is mapped.
 */
static int populate_step(struct mm *mm, u64 *at, u64 end)
{
        struct vma *vma;
        int err = 0;
        u64 start, stop;

        rwsem_read_lock(&mm->mmap_lock);
        vma = vma_meeting(mm, *at, end);
        if (!vma || vma->start > *at) {
                *at = vma ? vma->start : end;
                err = -ENOMEM;
        } else {
                start = *at;
                stop = min_u64(min_u64(vma->end, end), start + POPULATE_STEP);
                err = populate_vma(vma, start, stop);
                *at = err ? min_u64(vma->end, end) : stop;
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return err;
}

int populate_range(struct mm *mm, u64 start, u64 end)
{
        int err = 0;

        while (start < end && !err)
                err = populate_step(mm, &start, end);
        return err;
}

void populate_try(struct mm *mm, u64 start, u64 end)
{
        while (start < end)
                populate_step(mm, &start, end);
}
