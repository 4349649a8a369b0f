/* SPDX-License-Identifier: MIT */
/* Semaphores in memory. */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <time.h>
#include "thread.h"

int sem_init(sem_t *s, int shared, unsigned value)
{
        if (value > INT_MAX) {
                errno = EINVAL;
                return -1;
        }
        *s = (sem_t){ .value = (int)value, .shared = shared };
        return 0;
}

int sem_destroy(sem_t *s)
{
        (void)s;
        return 0;
}

int sem_getvalue(sem_t *s, int *value)
{
        *value = __atomic_load_n(&s->value, __ATOMIC_RELAXED);
        return 0;
}

static int take(sem_t *s)
{
        int seen = __atomic_load_n(&s->value, __ATOMIC_RELAXED);

        while (seen > 0)
                if (__atomic_compare_exchange_n(&s->value, &seen, seen - 1, 0, __ATOMIC_ACQUIRE,
                                                __ATOMIC_RELAXED))
                        return 1;
        return 0;
}

int sem_trywait(sem_t *s)
{
        if (take(s))
                return 0;
        errno = EAGAIN;
        return -1;
}

int sem_timedwait(sem_t *s, const struct timespec *deadline)
{
        while (!take(s)) {
                int r;

                __atomic_add_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
                r = futex_wait(&s->value, 0, s->shared, CLOCK_REALTIME, deadline);
                __atomic_sub_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
                if (r == -ETIMEDOUT || r == -EINTR || r == -EINVAL) {
                        errno = -r;
                        return -1;
                }
        }
        return 0;
}

int sem_wait(sem_t *s)
{
        return sem_timedwait(s, NULL);
}

int sem_post(sem_t *s)
{
        int seen = __atomic_load_n(&s->value, __ATOMIC_RELAXED);
        int shared = s->shared;

        do {
                if (seen == INT_MAX) {
                        errno = EOVERFLOW;
                        return -1;
                }
        } while (!__atomic_compare_exchange_n(&s->value, &seen, seen + 1, 0, __ATOMIC_SEQ_CST,
                                              __ATOMIC_RELAXED));
        if (__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST) != 0)
                futex_wake(&s->value, 1, shared);
        return 0;
}

sem_t *sem_open(const char *name, int flags, ...)
{
        (void)name, (void)flags;
        errno = ENOSYS;
        return SEM_FAILED;
}

int sem_close(sem_t *s)
{
        (void)s;
        errno = ENOSYS;
        return -1;
}

int sem_unlink(const char *name)
{
        (void)name;
        errno = ENOSYS;
        return -1;
}
