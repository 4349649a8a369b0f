/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer locks that prefer readers, so a thread may take one for reading twice. `state`
 * counts readers or is -1; sleepers wait for `wakeup` to change, which every release that may let
 * somebody in does.
 */
#include <errno.h>
#include <time.h>
#include "thread.h"

#define WRITER (-1)

int pthread_rwlockattr_init(pthread_rwlockattr_t *attr)
{
        *attr = (pthread_rwlockattr_t){ 0 };
        return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr)
{
        (void)attr;
        return 0;
}

int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attr, int shared)
{
        if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
                return EINVAL;
        attr->shared = shared;
        return 0;
}

int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *attr, int *shared)
{
        *shared = attr->shared;
        return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attr)
{
        *l = (pthread_rwlock_t){ .shared = attr ? attr->shared : 0 };
        return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
        return l->state ? EBUSY : 0;
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
        int seen = __atomic_load_n(&l->state, __ATOMIC_RELAXED);

        while (seen != WRITER) {
                if (seen == INT_MAX)
                        return EAGAIN;
                if (__atomic_compare_exchange_n(&l->state, &seen, seen + 1, 0, __ATOMIC_ACQUIRE,
                                                __ATOMIC_RELAXED))
                        return 0;
        }
        return EBUSY;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
        int seen = 0;

        return __atomic_compare_exchange_n(&l->state, &seen, WRITER, 0, __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED)
                       ? 0
                       : EBUSY;
}

static int wait_for(pthread_rwlock_t *l, int (*try_lock)(pthread_rwlock_t *),
                    const struct timespec *deadline)
{
        int r, waited = 0;

        do {
                unsigned wakeup;

                __atomic_add_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
                wakeup = __atomic_load_n(&l->wakeup, __ATOMIC_SEQ_CST);
                r = try_lock(l);
                if (r == EBUSY)
                        waited = futex_wait((volatile int *)&l->wakeup, (int)wakeup, l->shared,
                                            CLOCK_REALTIME, deadline);
                __atomic_sub_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
                if (waited == -ETIMEDOUT || waited == -EINVAL)
                        return -waited;
        } while (r == EBUSY);
        return r;
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *deadline)
{
        int r = pthread_rwlock_tryrdlock(l);

        return r == EBUSY ? wait_for(l, pthread_rwlock_tryrdlock, deadline) : r;
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *deadline)
{
        int r = pthread_rwlock_trywrlock(l);

        return r == EBUSY ? wait_for(l, pthread_rwlock_trywrlock, deadline) : r;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
        return pthread_rwlock_timedrdlock(l, NULL);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
        return pthread_rwlock_timedwrlock(l, NULL);
}

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
        int left = 0;

        if (__atomic_load_n(&l->state, __ATOMIC_RELAXED) == WRITER)
                __atomic_store_n(&l->state, 0, __ATOMIC_SEQ_CST);
        else
                left = __atomic_sub_fetch(&l->state, 1, __ATOMIC_SEQ_CST);
        if (left == 0) {
                __atomic_add_fetch(&l->wakeup, 1, __ATOMIC_SEQ_CST);
                if (__atomic_load_n(&l->waiters, __ATOMIC_SEQ_CST) != 0)
                        futex_wake((volatile int *)&l->wakeup, INT_MAX, l->shared);
        }
        return 0;
}
