/* SPDX-License-Identifier: MIT */
/* madvise, mlock and its family, msync, mincore, mseal: their arguments. The work is mm/'s. */
#include "kernel/sched/task.h"
#include "kernel/sys/mm_calls.h"
#include "kernel/sys/syscall.h"

#define MLOCK_ONFAULT 1

long sys_madvise(uaddr addr, u64 len, int advice)
{
        struct mm_caller who = current_mm_caller();

        return mm_madvise(current_mm(), &who, addr, len, advice);
}

long sys_mlock(uaddr addr, u64 len)
{
        struct mm_caller who = current_mm_caller();

        return mm_mlock(current_mm(), &who, addr, len, false);
}

long sys_mlock2(uaddr addr, u64 len, int flags)
{
        struct mm_caller who = current_mm_caller();

        if (flags & ~MLOCK_ONFAULT)
                return -EINVAL;
        return mm_mlock(current_mm(), &who, addr, len, flags & MLOCK_ONFAULT);
}

long sys_munlock(uaddr addr, u64 len)
{
        struct mm_caller who = current_mm_caller();

        return mm_munlock(current_mm(), &who, addr, len);
}

long sys_mlockall(int flags)
{
        struct mm_caller who = current_mm_caller();

        return mm_mlockall(current_mm(), &who, flags);
}

long sys_munlockall(void)
{
        return mm_munlockall(current_mm());
}

long sys_msync(uaddr addr, u64 len, int flags)
{
        return mm_msync(current_mm(), addr, len, flags);
}

long sys_mseal(uaddr addr, u64 len, u64 flags)
{
        return mm_mseal(current_mm(), addr, len, flags);
}

/* In pieces, so that no buffer is longer than the stack bears. */
long sys_mincore(uaddr addr, u64 len, uaddr vec)
{
        u64 pages = (len >> PAGE_SHIFT) + ((len & ~PAGE_MASK) != 0);
        u8 found[512];

        if (addr & ~PAGE_MASK)
                return -EINVAL;
        if (addr > TASK_SIZE || len > TASK_SIZE - addr)
                return -ENOMEM;
        if (vec > TASK_SIZE || pages > TASK_SIZE - vec)
                return -EFAULT;
        while (pages > 0) {
                u64 n = min_u64(pages, sizeof(found)), done;
                int err = mm_mincore(current_mm(), addr, n, found, &done);

                if (done && copy_out(vec, found, done))
                        return -EFAULT;
                if (err)
                        return err;
                addr += n << PAGE_SHIFT;
                vec += n;
                pages -= n;
        }
        return 0;
}
