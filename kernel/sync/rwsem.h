/* SPDX-License-Identifier: MIT */
/*
 * A sleeping lock for many readers or one writer. Waiters are served in order, so a stream of
 * readers cannot starve a writer. Not recursive.
 *
 * One word says everything that matters while nobody waits, and lock and unlock are then one
 * exchange on it, in place:
 *
 *      bit 0    RWSEM_WAITERS: the queue is not empty; every newcomer goes there
 *      bit 1    RWSEM_WRITER: the other bits are the address of the thread that holds it
 *      bits 2-  else: the number of readers that hold it
 */
#ifndef KERNEL_SYNC_RWSEM_H
#define KERNEL_SYNC_RWSEM_H

#include "arch/park.h"
#include "kernel/sync/wait.h"

struct rwsem {
        atomic_t state;
        struct waitq waiters; /* its spinlock guards RWSEM_WAITERS, too */
        enum lock_rank rank;
        const char *name;
};

#define RWSEM_WAITERS 1
#define RWSEM_WRITER  2
#define RWSEM_READER  4

void rwsem_init(struct rwsem *s, enum lock_rank rank, const char *name);

/* The ways out of the fast paths below: wait; wake others, or panic as the lock is not held. */
void rwsem_wait(struct rwsem *s, bool write);
void rwsem_read_unlock_slow(struct rwsem *s, s64 old);
void rwsem_write_unlock_slow(struct rwsem *s);
void rwsem_downgrade(struct rwsem *s); /* writer becomes a reader */

static inline s64 rwsem_mine(void)
{
        return (s64)park_self() | RWSEM_WRITER;
}

static inline void rwsem_read_lock(struct rwsem *s)
{
        s64 old = atomic_get(&s->state);

        lock_trace_check(s, s->rank, s->name, false);
        lock_trace_check_sleep();
        if (__builtin_expect((old & (RWSEM_WAITERS | RWSEM_WRITER)) ||
                                     !atomic_cmpxchg(&s->state, old, old + RWSEM_READER),
                             0))
                rwsem_wait(s, false);
        lock_trace_add(s, s->rank, s->name, false);
}

static inline void rwsem_take_write(struct rwsem *s, bool nested)
{
        lock_trace_check(s, s->rank, s->name, nested);
        lock_trace_check_sleep();
        if (__builtin_expect(!atomic_cmpxchg(&s->state, 0, rwsem_mine()), 0))
                rwsem_wait(s, true);
        lock_trace_add(s, s->rank, s->name, false);
}

static inline void rwsem_write_lock(struct rwsem *s)
{
        rwsem_take_write(s, false);
}

static inline void rwsem_write_lock_nested(struct rwsem *s)
{
        rwsem_take_write(s, true);
}

static inline void rwsem_read_unlock(struct rwsem *s)
{
        s64 old;

        lock_trace_remove(s, s->rank, s->name);
        old = atomic_fetch_add(&s->state, -RWSEM_READER);
        /* Anything but a number of readers, at least one, and no more. */
        if (__builtin_expect((old & (RWSEM_WAITERS | RWSEM_WRITER)) || old < RWSEM_READER, 0))
                rwsem_read_unlock_slow(s, old);
}

static inline void rwsem_write_unlock(struct rwsem *s)
{
        lock_trace_remove(s, s->rank, s->name);
        if (__builtin_expect(!atomic_cmpxchg(&s->state, rwsem_mine(), 0), 0))
                rwsem_write_unlock_slow(s);
}

static inline bool rwsem_is_locked(const struct rwsem *s)
{
        return (atomic_get(&s->state) & ~(s64)RWSEM_WAITERS) != 0;
}

/* This thread holds it for writing. */
static inline bool rwsem_is_writer(const struct rwsem *s)
{
        return (atomic_get(&s->state) & ~(s64)RWSEM_WAITERS) == rwsem_mine();
}

#endif
