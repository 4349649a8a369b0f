/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks. On one CPU a lock is never found taken, unless by a mistake that the trace reports;
 * the loop is for the machines that have more (and for the host machine's scheduler, to which
 * cpu_relax() gives the chance to run the holder).
 */
#include "kernel/sync/spinlock.h"
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/sync/trace.h"

void spin_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
        atomic_set(&lock->held, 0);
        lock->rank = rank;
        lock->name = name;
}

/* Take the lock itself; the order has been checked. */
static void spin_take(struct spinlock *lock)
{
        while (!atomic_cmpxchg(&lock->held, 0, 1))
                while (atomic_get(&lock->held))
                        cpu_relax();
        lock_trace_add(lock, lock->rank, lock->name, true);
}

void spin_lock(struct spinlock *lock)
{
        lock_trace_check(lock, lock->rank, lock->name, false);
        spin_take(lock);
}

void spin_lock_nested(struct spinlock *lock)
{
        lock_trace_check(lock, lock->rank, lock->name, true);
        spin_take(lock);
}

bool spin_trylock(struct spinlock *lock)
{
        if (!atomic_cmpxchg(&lock->held, 0, 1))
                return false;
        lock_trace_add(lock, lock->rank, lock->name, true);
        return true;
}

void spin_unlock(struct spinlock *lock)
{
        lock_trace_remove(lock, lock->rank, lock->name);
        CHECK(atomic_xchg(&lock->held, 0) == 1);
}

unsigned long spin_lock_irq(struct spinlock *lock)
{
        unsigned long state;

        lock_trace_check(lock, lock->rank, lock->name, false);
        state = cpu_irq_save();
        spin_take(lock);
        return state;
}

void spin_unlock_irq(struct spinlock *lock, unsigned long irq_state)
{
        spin_unlock(lock);
        cpu_irq_restore(irq_state);
}

bool spin_is_locked(const struct spinlock *lock)
{
        return atomic_get(&lock->held) != 0;
}
