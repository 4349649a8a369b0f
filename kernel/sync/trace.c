/* SPDX-License-Identifier: MIT */
/*
 * The lock order, checked while the kernel runs (debug builds). A trace belongs to one thread and
 * only that thread reads or writes it, so it needs no lock. Locks may be released in any order,
 * which is why every one held is looked at and not just the last. A lock is known by its address
 * and rank: a mutex begins with the spinlock of its queue.
 */
#include "kernel/sync/trace.h"
#include "kernel/base/assert.h"

#ifdef DEBUG

void lock_trace_check(const void *lock, enum lock_rank rank, const char *name, bool nested)
{
        const struct lock_trace *t = lock_trace_self();

        if (rank == RANK_NONE)
                panic("lock %s: has no rank (never initialised?)", name ? name : "without a name");
        for (unsigned i = 0; i < t->nr; i++) {
                const struct held_lock *h = &t->held[i];

                if (h->lock == lock && h->rank == rank)
                        panic("lock %s: taken again by the thread that holds it", name);
                if (h->rank > rank || (h->rank == rank && !nested))
                        panic("lock %s taken while holding %s (ranks %u and %u)", name, h->name,
                              rank, h->rank);
        }
}

void lock_trace_add(const void *lock, enum lock_rank rank, const char *name, bool spins)
{
        struct lock_trace *t = lock_trace_self();

        CHECK(t->nr < LOCK_TRACE_MAX);
        t->held[t->nr++] =
                (struct held_lock){ .lock = lock, .name = name, .rank = rank, .spins = spins };
}

void lock_trace_remove(const void *lock, enum lock_rank rank, const char *name)
{
        struct lock_trace *t = lock_trace_self();

        for (unsigned i = t->nr; i-- > 0;) {
                if (t->held[i].lock != lock || t->held[i].rank != rank)
                        continue;
                for (t->nr--; i < t->nr; i++)
                        t->held[i] = t->held[i + 1];
                return;
        }
        panic("lock %s: released by a thread that does not hold it", name);
}

void lock_trace_check_sleep(void)
{
        const struct lock_trace *t = lock_trace_self();

        for (unsigned i = 0; i < t->nr; i++)
                if (t->held[i].spins)
                        panic("sleeping while holding spinlock %s", t->held[i].name);
}

void lock_trace_check_fault(void)
{
        const struct lock_trace *t = lock_trace_self();

        for (unsigned i = 0; i < t->nr; i++)
                if (t->held[i].spins || t->held[i].rank >= RANK_MMAP)
                        panic("user memory touched while holding %s", t->held[i].name);
}

void lock_trace_check_none(void)
{
        const struct lock_trace *t = lock_trace_self();

        if (t->nr > 0)
                panic("still holding %s", t->held[t->nr - 1].name);
}

#endif
