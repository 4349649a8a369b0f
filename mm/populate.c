/* SPDX-License-Identifier: MIT */
/* Faulting pages in ahead of their use: populate.h. */
#include "mm/populate.h"

#include "kernel/base/errno.h"
#include "mm/huge.h"

/* Pages faulted in under one hold of mmap_lock. */
#define POPULATE_STEP (256 * PAGE_SIZE)

static int result_errno(enum fault_result result)
{
        if (result == FAULT_OK)
                return 0;
        return result == FAULT_OOM ? -ENOMEM : -EFAULT;
}

/* How pages are wanted. */
enum populate_how { POPULATE_LOCK, POPULATE_READ, POPULATE_WRITE };

/* [start, end) lies in one VMA. */
static int populate_vma(struct vma *vma, u64 start, u64 end, bool write)
{
        struct fault fault = { .mm = vma->mm, .vma = vma, .write = write };

        for (fault.addr = start; fault.addr < end; fault.addr += PAGE_SIZE) {
                int err = result_errno(fault_page(&fault));

                if (err)
                        return err;
                if (huge_find(vma->mm, fault.addr)) /* and so are all others that it maps */
                        fault.addr = huge_align_down(fault.addr) + HUGE_SIZE - PAGE_SIZE;
        }
        return 0;
}

static int populate_piece(struct vma *vma, u64 start, u64 end, enum populate_how how)
{
        switch (how) {
        case POPULATE_READ:
                if ((vma->flags & (VM_IO | VM_PFNMAP)) || !(vma->flags & VM_READ))
                        return -EINVAL;
                return populate_vma(vma, start, end, false);
        case POPULATE_WRITE:
                if ((vma->flags & (VM_IO | VM_PFNMAP)) || !(vma->flags & VM_WRITE))
                        return -EINVAL;
                return populate_vma(vma, start, end, true);
        default: break;
        }
        if (vma->flags & (VM_LOCKONFAULT | VM_IO | VM_PFNMAP))
                return 0;
        if (!vma_is_accessible(vma) || (vma->flags & VM_XONLY))
                return -EFAULT;
        return populate_vma(vma, start, end, (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE);
}

/*
 * From *at on, at most one step and within one VMA. *at is where to go on: behind what was done, or
 * behind the VMA if it failed. -ENOMEM with *at == end: nothing more is mapped.
 */
static int populate_step(struct mm *mm, u64 *at, u64 end, enum populate_how how)
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
                err = populate_piece(vma, start, stop, how);
                *at = err ? min_u64(vma->end, end) : stop;
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return err;
}

int populate_range(struct mm *mm, u64 start, u64 end)
{
        int err = 0;

        while (start < end && !err)
                err = populate_step(mm, &start, end, POPULATE_LOCK);
        return err;
}

int populate_access(struct mm *mm, u64 start, u64 end, bool write)
{
        int err = 0;

        while (start < end && !err)
                err = populate_step(mm, &start, end, write ? POPULATE_WRITE : POPULATE_READ);
        return err;
}

void populate_try(struct mm *mm, u64 start, u64 end)
{
        while (start < end)
                populate_step(mm, &start, end, POPULATE_LOCK);
}

void populate_held(struct vma *vma, u64 start, u64 end)
{
        populate_piece(vma, start, end, POPULATE_LOCK);
}
