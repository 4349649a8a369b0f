/* SPDX-License-Identifier: MIT */
/*
 * Condition variables: a counter that every signal raises and that waiters sleep on. A waiter reads
 * it while it holds the mutex, so a signal sent after the mutex is free cannot be missed; waking
 * for another's signal is allowed. `waiters` saves the system call when nobody waits, and lets
 * destroy wait for those who are just leaving.
 */
#include <errno.h>
#include <sched.h>
#include <time.h>
#include "thread.h"

int pthread_condattr_init(pthread_condattr_t *attr)
{
        *attr = (pthread_condattr_t){ .clock = CLOCK_REALTIME };
        return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
        (void)attr;
        return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
        if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
                return EINVAL;
        attr->clock = clock;
        return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *attr, clockid_t *clock)
{
        *clock = attr->clock;
        return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
        if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
                return EINVAL;
        attr->shared = shared;
        return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *attr, int *shared)
{
        *shared = attr->shared;
        return 0;
}

int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *attr)
{
        *c = (pthread_cond_t){ 0 };
        if (attr) {
                c->clock = attr->clock;
                c->shared = attr->shared;
        }
        return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
        while (__atomic_load_n(&c->waiters, __ATOMIC_ACQUIRE) != 0)
                sched_yield();
        return 0;
}

int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *deadline)
{
        unsigned sequence = __atomic_load_n(&c->sequence, __ATOMIC_RELAXED);
        int r, lock;

        if (deadline && (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000))
                return EINVAL;
        __atomic_add_fetch(&c->waiters, 1, __ATOMIC_SEQ_CST);
        r = pthread_mutex_unlock(m);
        if (r != 0) {
                __atomic_sub_fetch(&c->waiters, 1, __ATOMIC_RELEASE);
                return r;
        }
        r = futex_wait((volatile int *)&c->sequence, (int)sequence, c->shared, c->clock, deadline);
        __atomic_sub_fetch(&c->waiters, 1, __ATOMIC_RELEASE);
        lock = pthread_mutex_lock(m);
        return r == -ETIMEDOUT ? ETIMEDOUT : lock;
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
        return pthread_cond_timedwait(c, m, NULL);
}

static void wake(pthread_cond_t *c, int count)
{
        __atomic_add_fetch(&c->sequence, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&c->waiters, __ATOMIC_SEQ_CST) != 0)
                futex_wake((volatile int *)&c->sequence, count, c->shared);
}

int pthread_cond_signal(pthread_cond_t *c)
{
        wake(c, 1);
        return 0;
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
        wake(c, INT_MAX);
        return 0;
}
