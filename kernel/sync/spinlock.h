/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks. A holder does not sleep. A lock that an interrupt handler takes is taken with
 * spin_lock_irq() everywhere.
 *
 * Taking a free lock is one atomic instruction, giving it up one store, in place; waiting is a
 * call.
 */
#ifndef KERNEL_SYNC_SPINLOCK_H
#define KERNEL_SYNC_SPINLOCK_H

#include "arch/cpu.h"
#include "kernel/base/atomic.h"
#include "kernel/sync/rank.h"
#include "kernel/sync/trace.h"

struct spinlock {
        atomic_t held; /* 0 or 1 */
        enum lock_rank rank;
        const char *name;
};

#define SPINLOCK_INIT(rank_, name_)              \
        {                                        \
                .rank = (rank_), .name = (name_) \
        }

void spin_init(struct spinlock *lock, enum lock_rank rank, const char *name);

/* The ways out of the fast paths below: wait and take the lock; panic, as nobody held it. */
void spin_wait(struct spinlock *lock);
_Noreturn void spin_not_held(const struct spinlock *lock);

static inline bool spin_trylock(struct spinlock *lock)
{
        if (atomic_set_bits(&lock->held, 1) & 1)
                return false;
        lock_trace_add(lock, lock->rank, lock->name, true);
        return true;
}

/* Take the lock itself; the order has been checked. */
static inline void spin_take(struct spinlock *lock)
{
        if (__builtin_expect(atomic_set_bits(&lock->held, 1) & 1, 0))
                spin_wait(lock);
        lock_trace_add(lock, lock->rank, lock->name, true);
}

static inline void spin_lock(struct spinlock *lock)
{
        lock_trace_check(lock, lock->rank, lock->name, false);
        spin_take(lock);
}

/* A second lock of the same rank, under the rule of rank.h. */
static inline void spin_lock_nested(struct spinlock *lock)
{
        lock_trace_check(lock, lock->rank, lock->name, true);
        spin_take(lock);
}

static inline void spin_unlock(struct spinlock *lock)
{
        lock_trace_remove(lock, lock->rank, lock->name);
        if (__builtin_expect(!atomic_get(&lock->held), 0))
                spin_not_held(lock);
        atomic_set(&lock->held, 0);
}

/* Returns the interrupt state. */
static inline unsigned long spin_lock_irq(struct spinlock *lock)
{
        unsigned long state;

        lock_trace_check(lock, lock->rank, lock->name, false);
        state = cpu_irq_save();
        spin_take(lock);
        return state;
}

static inline void spin_unlock_irq(struct spinlock *lock, unsigned long irq_state)
{
        spin_unlock(lock);
        cpu_irq_restore(irq_state);
}

static inline bool spin_is_locked(const struct spinlock *lock)
{
        return atomic_get(&lock->held) != 0;
}

#endif
