/* SPDX-License-Identifier: MIT */
/*
 * System calls on scheduling. There is one CPU and one class, round robin: what programs may ask
 * for is checked and remembered where Linux shows it again, but has no further effect.
 */
#include "kernel/base/abi/sched.h"
#include "kernel/sched/process.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"

/* Is there a thread of that number (0: the caller)? */
static int tid_check(int tid)
{
        bool found;

        if (tid < 0)
                return -EINVAL;
        spin_lock(&process_lock);
        found = !tid || task_find_locked(tid);
        spin_unlock(&process_lock);
        return found ? 0 : -ESRCH;
}

long sys_sched_yield(void)
{
        task_yield();
        return 0;
}

long sys_sched_getaffinity(int tid, unsigned len, uaddr mask)
{
        u64 cpus = 1;
        int err;

        if (len < sizeof(cpus) || (len & (sizeof(cpus) - 1)))
                return -EINVAL;
        err = tid_check(tid);
        if (err)
                return err;
        return copy_out(mask, &cpus, sizeof(cpus)) ? -EFAULT : (long)sizeof(cpus);
}

long sys_sched_setaffinity(int tid, unsigned len, uaddr mask)
{
        u64 cpus = 0;
        int err = copy_in(&cpus, mask, min_u64(len, sizeof(cpus)));

        if (!err)
                err = tid_check(tid);
        if (err)
                return err;
        return cpus & 1 ? 0 : -EINVAL;
}

static bool is_realtime(int policy)
{
        return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_known(int policy)
{
        return is_realtime(policy) || policy == SCHED_OTHER || policy == SCHED_BATCH ||
               policy == SCHED_IDLE;
}

/* Real-time classes are refused: nothing here could keep their promise. */
static long scheduler_set(int tid, int policy, uaddr param)
{
        s32 priority;
        int err;

        if (!param || tid < 0)
                return -EINVAL;
        if (copy_in(&priority, param, sizeof(priority)))
                return -EFAULT;
        err = tid_check(tid);
        if (err)
                return err;
        if (!is_known(policy))
                return -EINVAL;
        if (is_realtime(policy) ? priority < 1 || priority > 99 : priority != 0)
                return -EINVAL;
        return is_realtime(policy) ? -EPERM : 0;
}

long sys_sched_setscheduler(int tid, int policy, uaddr param)
{
        if (policy < 0)
                return -EINVAL;
        return scheduler_set(tid, policy & ~SCHED_RESET_ON_FORK, param);
}

long sys_sched_setparam(int tid, uaddr param)
{
        return scheduler_set(tid, SCHED_OTHER, param);
}

long sys_sched_getscheduler(int tid)
{
        int err = tid_check(tid);

        return err ? err : SCHED_OTHER;
}

long sys_sched_getparam(int tid, uaddr param)
{
        s32 priority = 0;
        int err;

        if (!param)
                return -EINVAL;
        err = tid_check(tid);
        return err ? err : copy_out(param, &priority, sizeof(priority));
}

long sys_sched_get_priority_max(int policy)
{
        if (!is_known(policy))
                return -EINVAL;
        return is_realtime(policy) ? 99 : 0;
}

long sys_sched_get_priority_min(int policy)
{
        if (!is_known(policy))
                return -EINVAL;
        return is_realtime(policy) ? 1 : 0;
}

long sys_getcpu(uaddr cpu, uaddr node, uaddr unused)
{
        u32 zero = 0;

        (void)unused;
        if (cpu && copy_out(cpu, &zero, sizeof(zero)))
                return -EFAULT;
        return node ? copy_out(node, &zero, sizeof(zero)) : 0;
}

/* ------------------------------------------------------------------ nice */

static bool priority_means(const struct process *p, int which, int who)
{
        switch (which) {
        case PRIO_PROCESS: return p->pid == (who ? who : current_process()->pid);
        case PRIO_PGRP: return p->pgid == (who ? who : current_process()->pgid);
        default: return p->cred.uid == (who ? (u32)who : current_cred()->uid);
        }
}

long sys_getpriority(int which, int who)
{
        struct process *p;
        long best = -ESRCH;

        if (which < PRIO_PROCESS || which > PRIO_USER)
                return -EINVAL;
        spin_lock(&process_lock);
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1)
                if (priority_means(p, which, who) && 20 - p->nice > best)
                        best = 20 - p->nice;
        spin_unlock(&process_lock);
        return best;
}

static int nice_set(struct process *p, int nice)
{
        const struct cred *me = current_cred();

        if (p->cred.uid != me->euid && p->cred.euid != me->euid && !capable(CAP_SYS_NICE))
                return -EPERM;
        if (nice < p->nice && (u64)(20 - nice) > rlimit_of(p, RLIMIT_NICE) &&
            !capable(CAP_SYS_NICE))
                return -EACCES;
        p->nice = nice;
        return 0;
}

long sys_setpriority(int which, int who, int nice)
{
        struct process *p;
        long result = -ESRCH;

        if (which < PRIO_PROCESS || which > PRIO_USER)
                return -EINVAL;
        nice = nice < -20 ? -20 : nice > 19 ? 19 : nice;
        spin_lock(&process_lock);
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1) {
                int err;

                if (!priority_means(p, which, who))
                        continue;
                err = nice_set(p, nice);
                if (err || result == -ESRCH)
                        result = err;
        }
        spin_unlock(&process_lock);
        return result;
}

/* ------------------------------------------------------------------ membarrier */

/* On one CPU every thread sees what the others did before it was switched to. */
long sys_membarrier(int cmd, unsigned flags, int cpu)
{
        const int known = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                          MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |
                          MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
                          MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
        u32 *registered = &current_process()->membarriers;

        (void)cpu;
        if (flags)
                return -EINVAL;
        switch (cmd) {
        case MEMBARRIER_CMD_QUERY: return known | MEMBARRIER_CMD_GET_REGISTRATIONS;
        case MEMBARRIER_CMD_GLOBAL:
        case MEMBARRIER_CMD_GLOBAL_EXPEDITED: return 0;
        case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
        case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
        case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: *registered |= cmd; return 0;
        case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
                /* The registering command's bit is the next one. */
                return *registered & cmd << 1 ? 0 : -EPERM;
        case MEMBARRIER_CMD_GET_REGISTRATIONS: return *registered;
        default: return -EINVAL;
        }
}
