/* SPDX-License-Identifier: MIT */
/* System calls on clocks, and sleeping by them. The wall clock is set at boot and not later. */
#include "kernel/sys/time.h"
#include "arch/cpu.h"
#include "kernel/base/abi/resource.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"

#define COARSE_RES_NS 4000000 /* what Linux with 250 ticks a second says */

/* ------------------------------------------------------------------ conversions */

static u64 ns_of(u64 sec, u64 nsec)
{
        if (sec >= PARK_FOREVER / 2 / NSEC_PER_SEC)
                return PARK_FOREVER / 2;
        return sec * NSEC_PER_SEC + nsec;
}

int timespec_in(uaddr src, u64 *ns)
{
        struct timespec64 ts;

        if (copy_in(&ts, src, sizeof(ts)))
                return -EFAULT;
        if (ts.sec < 0 || (u64)ts.nsec >= NSEC_PER_SEC)
                return -EINVAL;
        *ns = ns_of(ts.sec, ts.nsec);
        return 0;
}

int timespec_out(uaddr dst, u64 ns)
{
        struct timespec64 ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

        return copy_out(dst, &ts, sizeof(ts));
}

int timeval_ns(const struct timeval64 *tv, u64 *ns)
{
        if (tv->sec < 0 || (u64)tv->usec >= NSEC_PER_SEC / NSEC_PER_USEC)
                return -EINVAL;
        *ns = ns_of(tv->sec, tv->usec * NSEC_PER_USEC);
        return 0;
}

struct timeval64 timeval_of(u64 ns)
{
        return (struct timeval64){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
}

u64 time_after(u64 ns)
{
        u64 now = clock_ns();

        return ns >= PARK_FOREVER / 2 - now ? PARK_FOREVER : now + ns;
}

u64 time_realtime(void)
{
        return clock_boot_unix_ns() + clock_ns();
}

u64 time_from_realtime(u64 realtime_ns)
{
        u64 boot = clock_boot_unix_ns();

        return realtime_ns > boot ? realtime_ns - boot : 0;
}

/* ------------------------------------------------------------------ reading clocks */

/* CPU time of the calling thread, or of its whole process. */
static u64 cpu_time(bool process)
{
        struct task *me = current_task();
        u64 utime, stime;

        spin_lock(&process_lock);
        if (process) {
                process_times(me->process, &utime, &stime);
        } else {
                utime = task_utime(me);
                stime = task_stime(me);
        }
        spin_unlock(&process_lock);
        return utime + stime;
}

/*
 * A clock whose number is negative counts the CPU time of a process or thread: the pid inverted,
 * and three bits for which (bit 2: of a thread; the lower ones 0..2: all of these count alike
 * here).
 */
static int cpu_clock_read(int id, u64 *ns)
{
        int pid = ~(id >> 3);
        struct process *p = NULL;
        struct task *t;
        u64 utime, stime;
        int err = 0;

        if ((id & 3) == 3)
                return -EINVAL;
        if (!pid) {
                *ns = cpu_time(!(id & 4));
                return 0;
        }
        spin_lock(&process_lock);
        if (id & 4) {
                t = task_find_locked(pid);
                p = t && t->process == current_process() ? t->process : NULL;
                if (p)
                        *ns = t->utime_ns + t->stime_ns;
        } else {
                p = process_find_locked(pid);
                if (p) {
                        process_times(p, &utime, &stime);
                        *ns = utime + stime;
                }
        }
        if (!p)
                err = -EINVAL;
        spin_unlock(&process_lock);
        return err;
}

static int clock_read(int id, u64 *ns)
{
        if (id < 0)
                return cpu_clock_read(id, ns);
        switch (id) {
        case CLOCK_REALTIME:
        case CLOCK_REALTIME_COARSE:
        case CLOCK_TAI: *ns = time_realtime(); return 0;
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_MONOTONIC_COARSE:
        case CLOCK_BOOTTIME: *ns = clock_ns(); return 0;
        case CLOCK_PROCESS_CPUTIME_ID: *ns = cpu_time(true); return 0;
        case CLOCK_THREAD_CPUTIME_ID: *ns = cpu_time(false); return 0;
        default: return -EINVAL;
        }
}

long sys_clock_gettime(int id, uaddr out)
{
        u64 ns;
        int err = clock_read(id, &ns);

        return err ? err : timespec_out(out, ns);
}

long sys_clock_getres(int id, uaddr out)
{
        bool coarse = id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE;
        u64 ns;
        int err = clock_read(id, &ns);

        if (err)
                return err;
        return out ? timespec_out(out, coarse ? COARSE_RES_NS : 1) : 0;
}

long sys_gettimeofday(uaddr tv, uaddr tz)
{
        struct timeval64 now = timeval_of(time_realtime());
        struct timezone_abi zone = { 0 };

        if (tv && copy_out(tv, &now, sizeof(now)))
                return -EFAULT;
        return tz ? copy_out(tz, &zone, sizeof(zone)) : 0;
}

long sys_time(uaddr out)
{
        s64 now = time_realtime() / NSEC_PER_SEC;

        if (out && copy_out(out, &now, sizeof(now)))
                return -EFAULT;
        return now;
}

long sys_times(uaddr out)
{
        struct process *p = current_process();
        struct tms tms;
        u64 utime, stime;

        spin_lock(&process_lock);
        process_times(p, &utime, &stime);
        tms = (struct tms){ utime / NSEC_PER_TICK, stime / NSEC_PER_TICK,
                            p->cutime_ns / NSEC_PER_TICK, p->cstime_ns / NSEC_PER_TICK };
        spin_unlock(&process_lock);
        if (out && copy_out(out, &tms, sizeof(tms)))
                return -EFAULT;
        return clock_ns() / NSEC_PER_TICK;
}

/* ------------------------------------------------------------------ sleeping */

/* Until the deadline or a signal: 0 or -EINTR. */
static int sleep_until(u64 deadline)
{
        int err;

        do
                err = park(true, deadline);
        while (!err);
        return err == -ETIMEDOUT ? 0 : err;
}

/* A relative sleep until args[0]; if interrupted the rest goes to args[1], if that is not 0. */
static long sleep_relative(struct restart_block *block)
{
        u64 deadline = block->args[0], now;
        uaddr rest = block->args[1];

        if (!sleep_until(deadline))
                return 0;
        now = clock_ns();
        if (now >= deadline)
                return 0;
        if (rest && timespec_out(rest, deadline - now))
                return -EFAULT;
        block->fn = sleep_relative;
        return -ERESTART_RESTARTBLOCK;
}

static long sleep_start(uaddr request, uaddr rest)
{
        struct restart_block *block = &current_task()->restart;
        u64 ns;
        int err = timespec_in(request, &ns);

        if (err)
                return err;
        block->args[0] = time_after(ns);
        block->args[1] = rest;
        return sleep_relative(block);
}

long sys_nanosleep(uaddr request, uaddr rest)
{
        return sleep_start(request, rest);
}

long sys_clock_nanosleep(int id, int flags, uaddr request, uaddr rest)
{
        u64 ns;
        int err;

        switch (id) {
        case CLOCK_REALTIME:
        case CLOCK_MONOTONIC:
        case CLOCK_BOOTTIME:
        case CLOCK_TAI: break;
        case CLOCK_PROCESS_CPUTIME_ID:
        case CLOCK_THREAD_CPUTIME_ID:
        case CLOCK_REALTIME_ALARM:
        case CLOCK_BOOTTIME_ALARM:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_REALTIME_COARSE:
        case CLOCK_MONOTONIC_COARSE: return -EOPNOTSUPP;
        default: return -EINVAL;
        }
        if (!(flags & TIMER_ABSTIME))
                return sleep_start(request, rest);
        err = timespec_in(request, &ns);
        if (err)
                return err;
        if (id == CLOCK_REALTIME || id == CLOCK_TAI)
                ns = time_from_realtime(ns);
        return sleep_until(ns) ? -ERESTARTNOHAND : 0;
}

long sys_restart_syscall(void)
{
        struct restart_block *block = &current_task()->restart;
        long (*fn)(struct restart_block *) = block->fn;

        if (!fn)
                return -EINTR;
        block->fn = NULL;
        return fn(block);
}

/* ------------------------------------------------------------------ interval timers */

static int itimer_get(int which, struct itimerval64 *out)
{
        struct process *p = current_process();

        if (which < ITIMER_REAL || which > ITIMER_PROF)
                return -EINVAL;
        if (which == ITIMER_REAL)
                itimer_real_get(p, out);
        else
                itimer_cpu_get(p, which == ITIMER_PROF, out);
        return 0;
}

static int itimer_set(int which, u64 value, u64 interval)
{
        struct process *p = current_process();

        if (which == ITIMER_REAL)
                itimer_real_set(p, value, interval);
        else
                itimer_cpu_set(p, which == ITIMER_PROF, value, interval);
        return 0;
}

long sys_getitimer(int which, uaddr out)
{
        struct itimerval64 it;
        int err = itimer_get(which, &it);

        return err ? err : copy_out(out, &it, sizeof(it));
}

long sys_setitimer(int which, uaddr in, uaddr out)
{
        struct itimerval64 it = { 0 }, old;
        u64 value, interval;
        int err;

        if (in && copy_in(&it, in, sizeof(it)))
                return -EFAULT;
        if (timeval_ns(&it.value, &value) || timeval_ns(&it.interval, &interval))
                return -EINVAL;
        err = itimer_get(which, &old);
        if (!err)
                err = itimer_set(which, value, interval);
        if (err)
                return err;
        return out ? copy_out(out, &old, sizeof(old)) : 0;
}

long sys_alarm(unsigned seconds)
{
        struct process *p = current_process();
        struct itimerval64 old;

        itimer_real_get(p, &old);
        itimer_real_set(p, (u64)seconds * NSEC_PER_SEC, 0);
        if (old.value.usec >= 500000 || (!old.value.sec && old.value.usec))
                old.value.sec++;
        return old.value.sec;
}
