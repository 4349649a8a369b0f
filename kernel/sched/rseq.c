/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences: code that a program wants to run without being preempted in between, and
 * that is sent to an abort address if it was. A section is announced by storing the address of its
 * descriptor in the registered area; the kernel looks there when the thread was switched out or is
 * to enter a handler, on its way to user mode. There is one CPU, so the numbers in the area, all 0,
 * are written once.
 */
#include "kernel/sched/rseq.h"
#include "arch/trap.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/rseq.h"
#include "kernel/base/errno.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

static long area_leave(struct task *me, uaddr area, u32 len, u32 signature)
{
        struct rseq none = { .cpu_id = RSEQ_CPU_ID_UNINITIALIZED };

        if (area != me->rseq.area || !area || len != me->rseq.len)
                return -EINVAL;
        if (signature != me->rseq.signature)
                return -EPERM;
        if (user_copy_out(area, &none, RSEQ_FEATURE_SIZE))
                return -EFAULT;
        me->rseq = (struct rseq_state){ 0 };
        return 0;
}

long rseq_register(uaddr area, u32 len, int flags, u32 signature)
{
        struct task *me = current_task();
        struct rseq fresh = { 0 };

        if (flags & RSEQ_FLAG_UNREGISTER)
                return flags == RSEQ_FLAG_UNREGISTER ? area_leave(me, area, len, signature)
                                                     : -EINVAL;
        if (flags)
                return -EINVAL;
        if (me->rseq.area) {
                if (me->rseq.area != area || me->rseq.len != len)
                        return -EINVAL;
                return me->rseq.signature == signature ? -EBUSY : -EPERM;
        }
        if (len < RSEQ_SIZE_MIN || area & (RSEQ_ALIGN - 1))
                return -EINVAL;
        if (area >= TASK_SIZE || len > TASK_SIZE - area)
                return -EFAULT;
        if (user_copy_out(area, &fresh, RSEQ_FEATURE_SIZE))
                return -EFAULT;
        me->rseq = (struct rseq_state){ .area = area, .len = len, .signature = signature };
        return 0;
}

/* Move the thread to the abort address if it is inside the section. -EFAULT, -EINVAL. */
static int section_abort(struct task *me, struct trapframe *tf, const struct rseq_cs *cs)
{
        u32 signature;

        if (cs->start_ip >= TASK_SIZE || cs->post_commit_offset > TASK_SIZE - cs->start_ip ||
            cs->abort_ip >= TASK_SIZE || cs->version)
                return -EINVAL;
        if (cs->abort_ip - cs->start_ip < cs->post_commit_offset)
                return -EINVAL;
        if (tf->rip - cs->start_ip >= cs->post_commit_offset)
                return 0;
        /* The word before the abort address must be the one registered: no jump to anywhere. */
        if (user_copy_in(&signature, cs->abort_ip - sizeof(signature), sizeof(signature)))
                return -EFAULT;
        if (signature != me->rseq.signature)
                return -EINVAL;
        tf->rip = cs->abort_ip;
        return 0;
}

void rseq_interrupted(struct trapframe *tf)
{
        struct task *me = current_task();
        uaddr at = me->rseq.area + offsetof(struct rseq, rseq_cs);
        struct rseq_cs cs;
        u64 cs_at, none = 0;

        me->rseq.interrupted = false;
        if (!me->rseq.area)
                return;
        if (user_copy_in(&cs_at, at, sizeof(cs_at)))
                goto bad;
        if (!cs_at)
                return;
        if (user_copy_in(&cs, cs_at, sizeof(cs)) || section_abort(me, tf, &cs) ||
            user_copy_out(at, &none, sizeof(none)))
                goto bad;
        return;
bad:
        signal_fault(SIGSEGV, SI_KERNEL, 0);
}
