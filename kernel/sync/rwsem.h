/* SPDX-License-Identifier: MIT */
/*
 * A sleeping lock for many readers or one writer. Waiters are served in order, so a stream of
 * readers cannot starve a writer. Not recursive.
 */
#ifndef KERNEL_SYNC_RWSEM_H
#define KERNEL_SYNC_RWSEM_H

#include "arch/park.h"
#include "kernel/sync/wait.h"

struct rwsem {
        struct waitq waiters; /* its spinlock guards the fields below */
        unsigned readers;     /* holders */
        struct task *writer;  /* holder, or NULL */
        enum lock_rank rank;
        const char *name;
};

void rwsem_init(struct rwsem *s, enum lock_rank rank, const char *name);
void rwsem_read_lock(struct rwsem *s);
void rwsem_read_unlock(struct rwsem *s);
void rwsem_write_lock(struct rwsem *s);
void rwsem_write_lock_nested(struct rwsem *s);
void rwsem_write_unlock(struct rwsem *s);
void rwsem_downgrade(struct rwsem *s); /* writer becomes a reader */

bool rwsem_is_locked(const struct rwsem *s);
bool rwsem_is_writer(const struct rwsem *s); /* this thread holds it for writing */

#endif
