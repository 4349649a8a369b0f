/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: threads that sleep until something may have become true.
 *
 *      struct waiter w;
 *
 *      waitq_add(&q, &w);                       publish
 *      while (!condition)
 *              if ((err = park(true, deadline)))  sleep
 *                      break;
 *      waitq_remove(&q, &w);
 *
 * A thread may be on several queues at once (poll), with one waiter each. wait_event() is the same
 * for the ordinary case of one queue.
 */
#ifndef KERNEL_SYNC_WAIT_H
#define KERNEL_SYNC_WAIT_H

#include "arch/park.h"
#include "kernel/base/list.h"
#include "kernel/sync/spinlock.h"

/* Not for interrupt handlers: these unpark() a thread. */
struct waitq {
        struct spinlock lock;
        struct list waiters;
};

struct waiter {
        struct list node;
        struct task *task;
        bool exclusive; /* waitq_wake_one() stops after it */
        bool woken;
};

void waitq_init(struct waitq *q);
void waitq_add(struct waitq *q, struct waiter *w); /* the calling thread, at the tail */
void waitq_remove(struct waitq *q, struct waiter *w);

/*
 * Who wakes has changed the condition before, who waits looks at it after it is on the queue: so an
 * empty queue is seen without the lock, provided that the change is seen first.
 */
void waitq_wake_all_slow(struct waitq *q);
static inline void waitq_wake_all(struct waitq *q)
{
        atomic_barrier();
        if (!list_empty(&q->waiters))
                waitq_wake_all_slow(q);
}

/* Every non-exclusive waiter up to and including the first exclusive one; true if any. */
bool waitq_wake_one(struct waitq *q);

/*
 * Sleep until cond(arg) is true. 0; -EINTR if `interruptible` and a signal is pending; -ETIMEDOUT
 * at `deadline_ns` (PARK_FOREVER: never).
 */
int wait_event(struct waitq *q, bool (*cond)(void *arg), void *arg, bool interruptible,
               u64 deadline_ns);

#endif
