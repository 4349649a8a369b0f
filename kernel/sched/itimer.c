/* SPDX-License-Identifier: MIT */
/*
 * Interval timers, and RLIMIT_CPU. ITIMER_REAL is a kernel timer. ITIMER_VIRTUAL, ITIMER_PROF and
 * the limit count CPU time of the process: they are compared at the end of a quantum, so they are
 * exact to 10 ms.
 */
#include "arch/cpu.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

static struct timeval64 timeval_of_ns(u64 ns)
{
        return (struct timeval64){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
}

/* ------------------------------------------------------------------ real time */

static void real_fired(struct timer *timer)
{
        struct process *p = container_of(timer, struct process, real_timer);
        u64 interval, now = clock_ns();

        signal_process(p, SIGALRM);
        spin_lock(&process_lock);
        interval = p->zombie ? 0 : p->real_interval;
        spin_unlock(&process_lock);
        if (!interval)
                return;
        /* The next multiple that is still to come: missed ones are not made up for. */
        timer_start(timer, timer->when + interval * ((now - timer->when) / interval + 1));
}

void itimer_real_get(struct process *p, struct itimerval64 *out)
{
        u64 now = clock_ns(), left = 0;

        if (p->real_timer.armed)
                left = p->real_timer.when > now ? p->real_timer.when - now : NSEC_PER_USEC;
        spin_lock(&process_lock);
        out->interval = timeval_of_ns(p->real_interval);
        spin_unlock(&process_lock);
        out->value = timeval_of_ns(left);
}

void itimer_real_set(struct process *p, u64 value_ns, u64 interval_ns)
{
        timer_stop(&p->real_timer);
        spin_lock(&process_lock);
        p->real_interval = value_ns ? interval_ns : 0;
        spin_unlock(&process_lock);
        if (!value_ns)
                return;
        timer_init(&p->real_timer, real_fired);
        timer_start(&p->real_timer, clock_ns() + value_ns);
}

/* ------------------------------------------------------------------ CPU time */

static u64 cpu_now(struct process *p, bool prof)
{
        u64 utime, stime;

        process_times(p, &utime, &stime);
        return prof ? utime + stime : utime;
}

void itimer_cpu_get(struct process *p, bool prof, struct itimerval64 *out)
{
        struct cpu_timer *t = &p->cpu_timers[prof];
        u64 now, left = 0;

        spin_lock(&process_lock);
        now = cpu_now(p, prof);
        if (t->when)
                left = t->when > now ? t->when - now : NSEC_PER_USEC;
        out->value = timeval_of_ns(left);
        out->interval = timeval_of_ns(t->interval);
        spin_unlock(&process_lock);
}

void itimer_cpu_set(struct process *p, bool prof, u64 value_ns, u64 interval_ns)
{
        struct cpu_timer *t = &p->cpu_timers[prof];

        spin_lock(&process_lock);
        t->when = value_ns ? cpu_now(p, prof) + value_ns : 0;
        t->interval = value_ns ? interval_ns : 0;
        spin_unlock(&process_lock);
}

bool itimer_cpu_armed(const struct process *p)
{
        return p->cpu_timers[0].when || p->cpu_timers[1].when ||
               p->rlimits[RLIMIT_CPU].cur != RLIM_INFINITY;
}

/* So many seconds; a number of them that no clock reaches is no limit. */
static bool is_over(u64 now_ns, u64 limit)
{
        return limit <= ~0ULL / NSEC_PER_SEC && now_ns >= limit * NSEC_PER_SEC;
}

/* SIGKILL at the hard limit; SIGXCPU at the soft one, which moves on by a second. Locked. */
static void limit_check(struct process *p)
{
        struct rlimit64 *limit = &p->rlimits[RLIMIT_CPU];
        struct siginfo info = { .si_signo = SIGXCPU, .si_code = SI_KERNEL };
        u64 now;

        if (limit->cur == RLIM_INFINITY)
                return;
        now = cpu_now(p, true);
        if (is_over(now, limit->max)) {
                info.si_signo = SIGKILL;
                signal_send_locked(p, NULL, &info);
        } else if (is_over(now, limit->cur)) {
                limit->cur++;
                signal_send_locked(p, NULL, &info);
        }
}

void itimer_cpu_check(struct process *p)
{
        spin_lock(&process_lock);
        limit_check(p);
        for (int prof = 0; prof < 2; prof++) {
                struct cpu_timer *t = &p->cpu_timers[prof];
                struct siginfo info = { .si_signo = prof ? SIGPROF : SIGVTALRM,
                                        .si_code = SI_KERNEL };
                u64 now;

                if (!t->when)
                        continue;
                now = cpu_now(p, prof);
                if (now < t->when)
                        continue;
                t->when = t->interval ? now + t->interval : 0;
                signal_send_locked(p, NULL, &info);
        }
        spin_unlock(&process_lock);
}
