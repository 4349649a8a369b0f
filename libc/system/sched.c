/* SPDX-License-Identifier: MIT */
/* The scheduler's calls, and clone() for those who call it themselves. */
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>
#include "raw.h"
#include "../thread/thread.h"

struct clone_call {
        int (*fn)(void *);
        void *arg;
};

int sched_yield(void)
{
        return (int)call0(SYS_sched_yield);
}

int sched_getcpu(void)
{
        unsigned cpu;

        return call3(SYS_getcpu, &cpu, 0, 0) != 0 ? -1 : (int)cpu;
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
        return (int)call3(SYS_sched_setaffinity, pid, size, set);
}

/* The kernel answers how many bytes it filled; the rest is cleared. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
        long n = call3(SYS_sched_getaffinity, pid, size, set);

        if (n < 0)
                return -1;
        __builtin_memset((char *)set + n, 0, size - (size_t)n);
        return 0;
}

int sched_count_cpus(const cpu_set_t *set)
{
        int n = 0;

        for (int i = 0; i < CPU_SETSIZE / 64; i++)
                n += __builtin_popcountl(set->bits[i]);
        return n;
}

int sched_setparam(pid_t pid, const struct sched_param *param)
{
        return (int)call2(SYS_sched_setparam, pid, param);
}

int sched_getparam(pid_t pid, struct sched_param *param)
{
        return (int)call2(SYS_sched_getparam, pid, param);
}

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
        return (int)call3(SYS_sched_setscheduler, pid, policy, param);
}

int sched_getscheduler(pid_t pid)
{
        return (int)call1(SYS_sched_getscheduler, pid);
}

int sched_get_priority_max(int policy)
{
        return (int)call1(SYS_sched_get_priority_max, policy);
}

int sched_get_priority_min(int policy)
{
        return (int)call1(SYS_sched_get_priority_min, policy);
}

int sched_rr_get_interval(pid_t pid, struct timespec *interval)
{
        return (int)call2(SYS_sched_rr_get_interval, pid, interval);
}

int unshare(int flags)
{
        return (int)call1(SYS_unshare, flags);
}

int setns(int fd, int type)
{
        return (int)call2(SYS_setns, fd, type);
}

static void clone_entry(void *where)
{
        struct clone_call *call = where;

        raw1(SYS_exit, call->fn(call->arg));
}

/* fn and arg wait for the child at the top of its stack. */
int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
        struct clone_call *call;
        void *tls;
        int *parent_tid, *child_tid;
        va_list ap;

        va_start(ap, arg);
        parent_tid = va_arg(ap, int *);
        tls = va_arg(ap, void *);
        child_tid = va_arg(ap, int *);
        va_end(ap);
        if (!fn || !stack) {
                errno = EINVAL;
                return -1;
        }
        call = (struct clone_call *)(((uintptr_t)stack & ~15UL) - 16);
        call->fn = fn;
        call->arg = arg;
        return (int)system_result(
                thread_clone(clone_entry, call, (unsigned)flags, call, parent_tid, tls, child_tid));
}
