/* SPDX-License-Identifier: MIT */
/*
 * mseal(): from now on these mappings can be neither unmapped, moved nor given other rights. A seal
 * lasts as long as the address space; fork() hands it on.
 */
#include "kernel/base/errno.h"
#include "mm/vma_edit.h"

static bool has_hole(const struct mm *mm, u64 start, u64 end)
{
        while (start < end) {
                struct vma *vma = vma_at(mm, start);

                if (!vma)
                        return true;
                start = vma->end;
        }
        return false;
}

static int seal_range(struct mm *mm, u64 start, u64 end)
{
        int err = 0;

        while (!err && start < end) {
                struct vma *vma = vma_at(mm, start);
                u64 stop = min_u64(vma->end, end);

                err = vma_change(vma, start, stop, vma->flags | VM_SEALED);
                start = stop;
        }
        return err;
}

int mm_mseal(struct mm *mm, u64 addr, u64 len, u64 flags)
{
        u64 size = page_align_up(len), end = addr + size;
        int err;

        if (flags || (addr & ~PAGE_MASK) || (len && !size) || end < addr)
                return -EINVAL;
        if (end == addr)
                return 0;
        mm_lock(mm);
        err = has_hole(mm, addr, end) ? -ENOMEM : seal_range(mm, addr, end);
        mm_unlock(mm, addr);
        return err;
}
