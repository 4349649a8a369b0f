/* SPDX-License-Identifier: MIT */
/* Mutexes: normal, recursive, error-checking. `state` is the word slept on (sys/_pthreadtypes.h).
 */
#include <errno.h>
#include <time.h>
#include "thread.h"

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
        *attr = (pthread_mutexattr_t){ 0 };
        return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
        (void)attr;
        return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int kind)
{
        if (kind < PTHREAD_MUTEX_NORMAL || kind > PTHREAD_MUTEX_ERRORCHECK)
                return EINVAL;
        attr->kind = kind;
        return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *kind)
{
        *kind = attr->kind;
        return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
        if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
                return EINVAL;
        attr->shared = shared;
        return 0;
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *attr, int *shared)
{
        *shared = attr->shared;
        return 0;
}

int pthread_mutexattr_setprotocol(pthread_mutexattr_t *attr, int protocol)
{
        if (protocol != PTHREAD_PRIO_NONE)
                return ENOTSUP;
        attr->protocol = protocol;
        return 0;
}

int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *attr, int *protocol)
{
        *protocol = attr->protocol;
        return 0;
}

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
        *m = (pthread_mutex_t){ 0 };
        if (attr) {
                m->kind = attr->kind;
                m->shared = attr->shared;
        }
        return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
        return m->state ? EBUSY : 0;
}

static int own(pthread_mutex_t *m)
{
        return __atomic_load_n(&m->owner, __ATOMIC_RELAXED) == thread_self()->tid;
}

/* What relocking one's own mutex does: -1 when the caller is to lock it as usual. */
static int relock(pthread_mutex_t *m, int trying)
{
        if (m->kind == PTHREAD_MUTEX_NORMAL || !own(m))
                return -1;
        if (m->kind == PTHREAD_MUTEX_ERRORCHECK)
                return trying ? EBUSY : EDEADLK;
        if (m->depth == INT_MAX)
                return EAGAIN;
        m->depth++;
        return 0;
}

static void locked(pthread_mutex_t *m)
{
        if (m->kind != PTHREAD_MUTEX_NORMAL) {
                __atomic_store_n(&m->owner, thread_self()->tid, __ATOMIC_RELAXED);
                m->depth = 1;
        }
}

static int try_lock(pthread_mutex_t *m)
{
        int seen = 0;

        return __atomic_compare_exchange_n(&m->state, &seen, 1, 0, __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED);
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
        int r = relock(m, 1);

        if (r >= 0)
                return r;
        if (!try_lock(m))
                return EBUSY;
        locked(m);
        return 0;
}

/* A deadline that lies in the past, or is no time at all, matters only when there is a wait. */
int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *deadline)
{
        int r = relock(m, 0);

        if (r >= 0)
                return r;
        if (!try_lock(m)) {
                while (__atomic_exchange_n(&m->state, 2, __ATOMIC_ACQUIRE) != 0) {
                        r = futex_wait(&m->state, 2, m->shared, CLOCK_REALTIME, deadline);
                        if (r == -ETIMEDOUT || r == -EINVAL)
                                return -r;
                }
        }
        locked(m);
        return 0;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
        return pthread_mutex_timedlock(m, NULL);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
        if (m->kind != PTHREAD_MUTEX_NORMAL) {
                if (!own(m))
                        return EPERM;
                if (--m->depth > 0)
                        return 0;
                __atomic_store_n(&m->owner, 0, __ATOMIC_RELAXED);
        }
        futex_unlock(&m->state, m->shared);
        return 0;
}
