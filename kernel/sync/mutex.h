/* SPDX-License-Identifier: MIT */
/* A sleeping mutual-exclusion lock with an owner. First come, first served. */
#ifndef KERNEL_SYNC_MUTEX_H
#define KERNEL_SYNC_MUTEX_H

#include "arch/park.h"
#include "kernel/sync/wait.h"

struct mutex {
        struct waitq waiters; /* its spinlock guards `owner` */
        struct task *owner;
        enum lock_rank rank;
        const char *name;
};

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name);
void mutex_lock(struct mutex *m);
void mutex_lock_nested(struct mutex *m);
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_is_mine(const struct mutex *m);

#endif
