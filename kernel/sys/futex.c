/* SPDX-License-Identifier: MIT */
/*
 * System calls on futexes (unpacking the operation; priority inheritance is not there: ENOSYS) and
 * on what else threads register of their memory.
 */
#include "kernel/sched/futex.h"
#include "arch/cpu.h"
#include "kernel/base/abi/futex.h"
#include "kernel/sched/process.h"
#include "kernel/sched/rseq.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"
#include "kernel/sys/time.h"

/* FUTEX_WAIT's timeout is relative, FUTEX_WAIT_BITSET's absolute, by one of two clocks. */
static int deadline_in(int op, uaddr timeout, u64 *deadline)
{
        u64 ns;
        int err;

        *deadline = PARK_FOREVER;
        if (!timeout)
                return 0;
        err = timespec_in(timeout, &ns);
        if (err)
                return err;
        if ((op & 127) == FUTEX_WAIT)
                *deadline = time_after(ns);
        else if (op & FUTEX_CLOCK_REALTIME)
                *deadline = time_from_realtime(ns);
        else
                *deadline = ns;
        return 0;
}

/* The deadline is absolute by now, so an interrupted wait with a timeout can go on where it was. */
static long wait_again(struct restart_block *block)
{
        const u64 *a = block->args;
        long result = futex_wait(a[0], a[3] & 1, (u32)a[1], a[2], (u32)(a[3] >> 1));

        if (result != -EINTR)
                return result;
        block->fn = wait_again;
        return -ERESTART_RESTARTBLOCK;
}

static long futex_wait_call(uaddr addr, int op, u32 value, uaddr timeout, u32 bits, bool shared)
{
        struct restart_block *block = &current_task()->restart;
        u64 deadline;
        long result;
        int err = deadline_in(op, timeout, &deadline);

        if (err)
                return err;
        result = futex_wait(addr, shared, value, deadline, bits);
        if (result != -EINTR)
                return result;
        if (!timeout)
                return -ERESTARTSYS;
        *block = (struct restart_block){
                .fn = wait_again,
                .args = { addr, value, deadline, (u64)bits << 1 | shared },
        };
        return -ERESTART_RESTARTBLOCK;
}

long sys_futex(uaddr addr, int op, u32 value, u64 timeout, uaddr addr2, u32 value3)
{
        bool shared = !(op & FUTEX_PRIVATE_FLAG);
        int cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

        if ((op & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET)
                return -ENOSYS;
        switch (cmd) {
        case FUTEX_WAIT: return futex_wait_call(addr, op, value, timeout, FUTEX_BITSET_ANY, shared);
        case FUTEX_WAIT_BITSET: return futex_wait_call(addr, op, value, timeout, value3, shared);
        case FUTEX_WAKE: return futex_wake(addr, shared, value, FUTEX_BITSET_ANY);
        case FUTEX_WAKE_BITSET: return futex_wake(addr, shared, value, value3);
        case FUTEX_REQUEUE: return futex_requeue(addr, shared, value, (u32)timeout, addr2, NULL);
        case FUTEX_CMP_REQUEUE:
                return futex_requeue(addr, shared, value, (u32)timeout, addr2, &value3);
        case FUTEX_WAKE_OP: return futex_wake_op(addr, shared, value, addr2, (u32)timeout, value3);
        default: return -ENOSYS;
        }
}

long sys_set_robust_list(uaddr head, u64 size)
{
        if (size != sizeof(struct robust_list_head))
                return -EINVAL;
        current_task()->robust_list = head;
        return 0;
}

long sys_rseq(uaddr area, u32 len, int flags, u32 signature)
{
        return rseq_register(area, len, flags, signature);
}

long sys_get_robust_list(int tid, uaddr head_out, uaddr size_out)
{
        u64 size = sizeof(struct robust_list_head), head = 0;
        struct task *t;
        int err = -ESRCH;

        spin_lock(&process_lock);
        t = tid ? task_find_locked(tid) : current_task();
        if (t) {
                head = t->robust_list;
                err = t->process == current_process() || capable(CAP_SYS_PTRACE) ? 0 : -EPERM;
        }
        spin_unlock(&process_lock);
        if (err)
                return err;
        if (copy_out(size_out, &size, sizeof(size)))
                return -EFAULT;
        return copy_out(head_out, &head, sizeof(head));
}
