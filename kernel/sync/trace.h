/* SPDX-License-Identifier: MIT */
/*
 * What each thread holds, so that debug builds can check the lock order (rank.h).
 *
 * The scheduler (on the host machine: the tests' scheduler) gives every thread a struct lock_trace,
 * zeroed when the thread is created, and answers lock_trace_self(). Code that runs in an interrupt
 * handler must get a trace of its own (one a CPU will do, as handlers do not nest): it may take a
 * spinlock of any rank whatever the interrupted thread holds. The boot thread has a trace, too.
 *
 * Without DEBUG nothing is recorded and lock_trace_self() is never called.
 */
#ifndef KERNEL_SYNC_TRACE_H
#define KERNEL_SYNC_TRACE_H

#include "kernel/base/types.h"
#include "kernel/sync/rank.h"

#define LOCK_TRACE_MAX 16

struct held_lock {
        const void *lock;
        const char *name;
        enum lock_rank rank;
        bool spins; /* the holder must not sleep */
};

struct lock_trace {
        unsigned nr;
        struct held_lock held[LOCK_TRACE_MAX];
};

struct lock_trace *lock_trace_self(void);

#ifdef DEBUG
/* Before waiting for a lock: panics if the order forbids it. */
void lock_trace_check(const void *lock, enum lock_rank rank, const char *name, bool nested);
/* The calling thread holds `lock` from here on; and no longer. */
void lock_trace_add(const void *lock, enum lock_rank rank, const char *name, bool spins);
void lock_trace_remove(const void *lock, enum lock_rank rank, const char *name);
/* Panics if the calling thread holds a spinlock: for whoever is about to sleep. */
void lock_trace_check_sleep(void);
/*
 * Panics if the calling thread holds what the handler of a page fault may wait for, mmap_lock or a
 * lock behind it, or a spinlock: for whoever is about to touch user memory, fault or none.
 */
void lock_trace_check_fault(void);
/* Panics if the calling thread holds anything: for the way back to user mode, and thread exit. */
void lock_trace_check_none(void);
#else
static inline void lock_trace_check(const void *lock, enum lock_rank rank, const char *name,
                                    bool nested)
{
        (void)lock, (void)rank, (void)name, (void)nested;
}
static inline void lock_trace_add(const void *lock, enum lock_rank rank, const char *name,
                                  bool spins)
{
        (void)lock, (void)rank, (void)name, (void)spins;
}
static inline void lock_trace_remove(const void *lock, enum lock_rank rank, const char *name)
{
        (void)lock, (void)rank, (void)name;
}
static inline void lock_trace_check_sleep(void)
{
}
static inline void lock_trace_check_fault(void)
{
}
static inline void lock_trace_check_none(void)
{
}
#endif

#endif
