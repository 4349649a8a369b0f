/* SPDX-License-Identifier: MIT */
/* Faulting pages in ahead of their use: populate.h. */
#include "mm/populate.h"

#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/uffd.h"

/* Pages faulted in under one hold of mmap_lock. */
#define POPULATE_STEP (256 * PAGE_SIZE)

static int result_errno(enum fault_result result)
{
        switch (result) {
        case FAULT_OK: return 0;
        case FAULT_OOM: return -ENOMEM;
        case FAULT_POISON: return -EHWPOISON;
        case FAULT_UFFD: return -EAGAIN;
        default: return -EFAULT;
        }
}

/* How pages are wanted. */
enum populate_how { POPULATE_LOCK, POPULATE_READ, POPULATE_WRITE };

/* [*at, end) lies in one VMA. *at is the page that could not be had, -EAGAIN: yet (`wait`). */
static int populate_vma(struct vma *vma, u64 *at, u64 end, bool write, struct uffd_wait *wait)
{
        struct fault fault = { .mm = vma->mm, .vma = vma, .write = write, .wait = wait };
        int err = 0;

        while (!err && *at < end) {
                fault.addr = fault.exact = *at;
                err = result_errno(fault_page(&fault));
                if (err)
                        break;
                /* A huge entry maps all others about it, too. */
                *at = vma_is_hugetlb(vma) || huge_find(vma->mm, *at)
                              ? huge_align_down(*at) + HUGE_SIZE
                              : *at + PAGE_SIZE;
        }
        return err;
}

static int populate_piece(struct vma *vma, u64 *at, u64 end, enum populate_how how,
                          struct uffd_wait *wait)
{
        bool write;

        switch (how) {
        case POPULATE_READ:
                if ((vma->flags & (VM_IO | VM_PFNMAP)) || !(vma->flags & VM_READ) ||
                    key_denies(vma, false))
                        return -EINVAL;
                return populate_vma(vma, at, end, false, wait);
        case POPULATE_WRITE:
                if ((vma->flags & (VM_IO | VM_PFNMAP)) || !(vma->flags & VM_WRITE) ||
                    key_denies(vma, true))
                        return -EINVAL;
                return populate_vma(vma, at, end, true, wait);
        default: break;
        }
        if (vma->flags & (VM_LOCKONFAULT | VM_IO | VM_PFNMAP)) {
                *at = end;
                return 0;
        }
        write = (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
        if (!vma_is_accessible(vma) || key_denies(vma, write))
                return -EFAULT;
        return populate_vma(vma, at, end, write, wait);
}

/*
 * From *at on, at most one step and within one VMA. *at is where to go on: behind what was done, or
 * behind the VMA if it failed. -ENOMEM with *at == end: nothing more is mapped.
 */
static int populate_step(struct mm *mm, u64 *at, u64 end, enum populate_how how)
{
        struct uffd_wait wait;
        struct vma *vma;
        int err = 0;

        rwsem_read_lock(&mm->mmap_lock);
        vma = vma_meeting(mm, *at, end);
        if (!vma || vma->start > *at) {
                *at = vma ? vma->start : end;
                err = -ENOMEM;
        } else {
                end = min_u64(vma->end, end);
                err = populate_piece(vma, at, min_u64(end, *at + POPULATE_STEP), how, &wait);
                if (err && err != -EAGAIN)
                        *at = end;
        }
        rwsem_read_unlock(&mm->mmap_lock);
        if (err != -EAGAIN)
                return err;
        err = uffd_wait(&wait, false);
        if (err)
                *at = end;
        return err;
}

int populate_range(struct mm *mm, u64 start, u64 end)
{
        int err = 0;

        while (start < end && !err)
                err = populate_step(mm, &start, end, POPULATE_LOCK);
        return err == -EHWPOISON ? -EFAULT : err;
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
        populate_piece(vma, &start, end, POPULATE_LOCK, NULL);
}
