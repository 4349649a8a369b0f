/* SPDX-License-Identifier: MIT */
/* Barriers, and spin locks. */
#include <errno.h>
#include <sched.h>
#include "thread.h"

int pthread_barrierattr_init(pthread_barrierattr_t *attr)
{
        *attr = (pthread_barrierattr_t){ 0 };
        return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attr)
{
        (void)attr;
        return 0;
}

int pthread_barrierattr_setpshared(pthread_barrierattr_t *attr, int shared)
{
        if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
                return EINVAL;
        attr->shared = shared;
        return 0;
}

int pthread_barrierattr_getpshared(const pthread_barrierattr_t *attr, int *shared)
{
        *shared = attr->shared;
        return 0;
}

int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr, unsigned count)
{
        if (count == 0 || count > INT_MAX)
                return EINVAL;
        *b = (pthread_barrier_t){ .total = count, .shared = attr ? attr->shared : 0 };
        return 0;
}

/* Those who are on their way out still look at it. */
int pthread_barrier_destroy(pthread_barrier_t *b)
{
        while (__atomic_load_n(&b->inside, __ATOMIC_ACQUIRE) != 0)
                sched_yield();
        return 0;
}

int pthread_barrier_wait(pthread_barrier_t *b)
{
        volatile int *round = (volatile int *)&b->round;
        int now, last;

        __atomic_add_fetch(&b->inside, 1, __ATOMIC_RELAXED);
        /* more threads than `total` may come, so arriving and turning the round are one step */
        futex_lock(&b->lock, b->shared);
        now = *round;
        last = ++b->arrived == b->total;
        if (last) {
                b->arrived = 0;
                __atomic_store_n(round, now + 1, __ATOMIC_RELEASE);
        }
        futex_unlock(&b->lock, b->shared);
        if (last)
                futex_wake(round, INT_MAX, b->shared);
        while (!last && __atomic_load_n(round, __ATOMIC_ACQUIRE) == now)
                futex_wait(round, now, b->shared, 0, NULL);
        __atomic_sub_fetch(&b->inside, 1, __ATOMIC_RELEASE);
        return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
        (void)shared;
        *lock = 0;
        return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock)
{
        (void)lock;
        return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock)
{
        return __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

/* The holder may be waiting for this very processor, so each turn gives it away. */
int pthread_spin_lock(pthread_spinlock_t *lock)
{
        while (pthread_spin_trylock(lock) != 0)
                sched_yield();
        return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *lock)
{
        __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
        return 0;
}
