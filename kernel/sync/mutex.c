/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, when somebody has to wait. mutex_unlock() hands the lock to the thread that has waited
 * longest: the owner goes from one to the other without being nobody in between, so nobody can
 * push in and nobody starves.
 */
#include "kernel/sync/mutex.h"
#include "kernel/base/assert.h"

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name)
{
        waitq_init(&m->waiters);
        atomic_set(&m->state, 0);
        m->rank = rank;
        m->name = name;
}

/* Take the lock if it has become free, or else mark that somebody waits. The queue is locked. */
static bool mutex_try_or_mark(struct mutex *m)
{
        for (;;) {
                s64 old = atomic_get(&m->state);

                if (atomic_cmpxchg(&m->state, old, old ? old | MUTEX_WAITERS : (s64)park_self()))
                        return !old;
        }
}

void mutex_wait(struct mutex *m)
{
        struct waiter w = { .task = park_self(), .exclusive = true };

        CHECK(w.task && !mutex_is_mine(m));
        spin_lock(&m->waiters.lock);
        if (!mutex_try_or_mark(m))
                list_add_tail(&m->waiters.waiters, &w.node);
        while (!mutex_is_mine(m)) {
                spin_unlock(&m->waiters.lock);
                park(false, PARK_FOREVER);
                spin_lock(&m->waiters.lock);
        }
        spin_unlock(&m->waiters.lock);
}

/* Whoever finds MUTEX_WAITERS set locks the queue, so nobody else changes the state meanwhile. */
void mutex_unlock_slow(struct mutex *m)
{
        struct waiter *w;

        CHECK(mutex_is_mine(m));
        spin_lock(&m->waiters.lock);
        w = list_first(&m->waiters.waiters, struct waiter, node);
        list_del(&w->node);
        atomic_set(&m->state, (s64)w->task | (list_empty(&m->waiters.waiters) ? 0 : MUTEX_WAITERS));
        unpark(w->task);
        spin_unlock(&m->waiters.lock);
}
