/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks. A holder does not sleep. A lock that an interrupt handler takes is taken with
 * spin_lock_irq() everywhere.
 */
#ifndef KERNEL_SYNC_SPINLOCK_H
#define KERNEL_SYNC_SPINLOCK_H

#include "kernel/base/atomic.h"
#include "kernel/sync/rank.h"

struct spinlock {
        atomic_t held;
        enum lock_rank rank;
        const char *name;
};

#define SPINLOCK_INIT(rank_, name_)              \
        {                                        \
                .rank = (rank_), .name = (name_) \
        }

void spin_init(struct spinlock *lock, enum lock_rank rank, const char *name);
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
/* A second lock of the same rank, under the rule of rank.h. */
void spin_lock_nested(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

unsigned long spin_lock_irq(struct spinlock *lock); /* returns the interrupt state */
void spin_unlock_irq(struct spinlock *lock, unsigned long irq_state);

bool spin_is_locked(const struct spinlock *lock);

#endif
