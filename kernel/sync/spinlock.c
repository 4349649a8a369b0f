/* SPDX-License-Identifier: MIT */
/*
 * What the inline functions of spinlock.h leave: a lock that is taken. On one CPU that is a mistake
 * which the trace reports; the loop is for the machines that have more (and for the host machine's
 * scheduler, to which cpu_relax() gives the chance to run the holder).
 */
#include "kernel/sync/spinlock.h"
#include "kernel/base/assert.h"

void spin_init(struct spinlock *lock, enum lock_rank rank, const char *name)
{
        atomic_set(&lock->held, 0);
        lock->rank = rank;
        lock->name = name;
}

void spin_wait(struct spinlock *lock)
{
        do {
                while (spin_is_locked(lock))
                        cpu_relax();
        } while (atomic_set_bits(&lock->held, 1) & 1);
}

void spin_not_held(const struct spinlock *lock)
{
        panic("spinlock %s: given up by somebody who did not hold it", lock->name);
}
