/* SPDX-License-Identifier: MIT */
/*
 * mlock(), mlock2(), munlock(), mlockall(), munlockall().
 *
 * All memory is always resident here, so a lock keeps nothing from being paged out. It has its
 * visible sides all the same: the flags, VmLck and the limit on it, pages that are faulted in at
 * once, refusals by madvise() and msync().
 *
 * The flags of the mappings before a hole stay changed when the hole ends a call with -ENOMEM, but
 * nothing is faulted in then: that comes after all flags are set, and without mmap_lock.
 */
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/populate.h"
#include "mm/vma_edit.h"

#define MCL_CURRENT 1
#define MCL_FUTURE  2
#define MCL_ONFAULT 4

/* One piece of one VMA. Special and droppable memory is passed over without a word. */
static int lock_piece(struct vma *vma, u64 start, u64 end, u64 lock)
{
        if (vma->flags & (VM_SPECIAL | VM_DROPPABLE))
                return 0;
        return vma_change(vma, start, end, (vma->flags & ~VM_LOCKED_MASK) | lock);
}

/* Pages of the range that are locked already. */
static u64 locked_pages(const struct mm *mm, u64 start, u64 end)
{
        u64 pages = 0;

        for (struct vma *vma = vma_meeting(mm, start, end); vma && vma->start < end;
             vma = vma_next(vma)) {
                if (vma->flags & VM_LOCKED)
                        pages +=
                                bytes_to_pages(min_u64(vma->end, end) - max_u64(vma->start, start));
        }
        return pages;
}

/* `lock`: the VM_LOCKED bits that the range is to have. */
static int lock_range(struct mm *mm, u64 start, u64 end, u64 lock)
{
        while (start < end) {
                struct vma *vma = vma_at(mm, start);
                u64 stop;
                int err;

                if (!vma)
                        return -ENOMEM;
                stop = min_u64(vma->end, end);
                err = lock_piece(vma, start, stop, lock);
                if (err)
                        return err;
                start = stop;
        }
        return 0;
}

int mm_mlock(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, bool onfault)
{
        u64 start = page_align_down(addr), size = page_align_up(len + (addr - start));
        u64 end = start + size, lock = VM_LOCKED | (onfault ? VM_LOCKONFAULT : 0);
        int err = -ENOMEM;

        if (!account_can_lock(who))
                return -EPERM;
        mm_lock(mm);
        if (account_may_lock(mm, who, bytes_to_pages(size) - locked_pages(mm, start, end)))
                err = end < start ? -EINVAL : lock_range(mm, start, end, lock);
        mm_unlock(mm, start);
        if (err)
                return err;
        err = populate_range(mm, start, end);
        if (err)
                return err == -EFAULT ? -ENOMEM : -EAGAIN; /* as POSIX has it */
        return 0;
}

int mm_munlock(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len)
{
        u64 start = page_align_down(addr), size = page_align_up(len + (addr - start));
        int err;

        (void)who;
        if (start + size < start)
                return -EINVAL;
        mm_lock(mm);
        err = lock_range(mm, start, start + size, 0);
        mm_unlock(mm, start);
        return err;
}

/* ------------------------------------------------------------------ everything */

/* Refusals (too many VMAs) are passed over: what can be locked is. */
static void lock_all(struct mm *mm, u64 lock)
{
        u64 at = 0;

        for (struct vma *vma; (vma = vma_find(mm, at));) {
                at = vma->end;
                lock_piece(vma, vma->start, vma->end, lock);
        }
}

static u64 lock_bits(int flags)
{
        return VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);
}

int mm_mlockall(struct mm *mm, const struct mm_caller *who, int flags)
{
        bool current = flags & MCL_CURRENT;
        int err = 0;

        if (flags == 0 || flags == MCL_ONFAULT ||
            (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)))
                return -EINVAL;
        if (!account_can_lock(who))
                return -EPERM;
        mm_lock(mm);
        if (current && !(who->caps & MM_CAP_IPC_LOCK) &&
            mm->total_vm > bytes_to_pages(who->rlimit_memlock)) {
                err = -ENOMEM;
        } else {
                mm->def_flags = flags & MCL_FUTURE ? lock_bits(flags) : 0;
                if (current)
                        lock_all(mm, lock_bits(flags));
        }
        mm_unlock(mm, 0);
        if (!err && current)
                populate_try(mm, 0, TASK_SIZE);
        return err;
}

int mm_munlockall(struct mm *mm)
{
        mm_lock(mm);
        mm->def_flags = 0;
        lock_all(mm, 0);
        mm_unlock(mm, 0);
        return 0;
}
