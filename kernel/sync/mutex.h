/* SPDX-License-Identifier: MIT */
/*
 * A sleeping mutual-exclusion lock with an owner. First come, first served.
 *
 * The word `state` is the address of the owner, 0 if there is none; bit 0 says that others wait. As
 * long as nobody does, lock and unlock are one exchange on it, in place.
 */
#ifndef KERNEL_SYNC_MUTEX_H
#define KERNEL_SYNC_MUTEX_H

#include "arch/park.h"
#include "kernel/sync/wait.h"

struct mutex {
        atomic_t state;
        struct waitq waiters; /* its spinlock guards MUTEX_WAITERS, too */
        enum lock_rank rank;
        const char *name;
};

#define MUTEX_WAITERS 1

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name);

/* The ways out of the fast paths below: wait; hand over, or panic as the lock is not held. */
void mutex_wait(struct mutex *m);
void mutex_unlock_slow(struct mutex *m);

static inline bool mutex_trylock(struct mutex *m)
{
        if (!atomic_cmpxchg(&m->state, 0, (s64)park_self()))
                return false;
        lock_trace_add(m, m->rank, m->name, false);
        return true;
}

static inline void mutex_take(struct mutex *m, bool nested)
{
        lock_trace_check(m, m->rank, m->name, nested);
        lock_trace_check_sleep();
        if (__builtin_expect(!atomic_cmpxchg(&m->state, 0, (s64)park_self()), 0))
                mutex_wait(m);
        lock_trace_add(m, m->rank, m->name, false);
}

static inline void mutex_lock(struct mutex *m)
{
        mutex_take(m, false);
}

static inline void mutex_lock_nested(struct mutex *m)
{
        mutex_take(m, true);
}

static inline void mutex_unlock(struct mutex *m)
{
        lock_trace_remove(m, m->rank, m->name);
        if (__builtin_expect(!atomic_cmpxchg(&m->state, (s64)park_self(), 0), 0))
                mutex_unlock_slow(m);
}

static inline bool mutex_is_mine(const struct mutex *m)
{
        return (atomic_get(&m->state) & ~(s64)MUTEX_WAITERS) == (s64)park_self();
}

#endif
