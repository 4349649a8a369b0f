/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. A waiter stays on its queue until it removes itself, so one wake-up too many does no
 * harm and none is lost between two tests of a condition. An exclusive waiter that was woken goes
 * to the tail: n calls of waitq_wake_one() reach n different waiters even before the first has run.
 *
 * Threads are unparked with the queue locked: once waitq_remove() has had the lock, nobody still
 * refers to the waiter or, through it, to its thread.
 */
#include "kernel/sync/wait.h"
#include "kernel/base/assert.h"

void waitq_init(struct waitq *q)
{
        spin_init(&q->lock, RANK_WAITQ, "waitq");
        list_init(&q->waiters);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
        w->task = park_self();
        CHECK(w->task);
        w->woken = false;
        spin_lock(&q->lock);
        list_add_tail(&q->waiters, &w->node);
        spin_unlock(&q->lock);
}

void waitq_remove(struct waitq *q, struct waiter *w)
{
        spin_lock(&q->lock);
        list_del(&w->node);
        spin_unlock(&q->lock);
}

static void waiter_wake(struct waiter *w)
{
        w->woken = true;
        unpark(w->task);
}

void waitq_wake_all_slow(struct waitq *q)
{
        struct list *it;

        spin_lock(&q->lock);
        list_for_each (it, &q->waiters)
                waiter_wake(list_entry(it, struct waiter, node));
        spin_unlock(&q->lock);
}

bool waitq_wake_one(struct waitq *q)
{
        struct list *it;
        bool any;

        spin_lock(&q->lock);
        any = !list_empty(&q->waiters);
        list_for_each (it, &q->waiters) {
                struct waiter *w = list_entry(it, struct waiter, node);

                waiter_wake(w);
                if (w->exclusive) {
                        list_del(&w->node);
                        list_add_tail(&q->waiters, &w->node);
                        break;
                }
        }
        spin_unlock(&q->lock);
        return any;
}

int wait_event(struct waitq *q, bool (*cond)(void *arg), void *arg, bool interruptible,
               u64 deadline_ns)
{
        struct waiter w = { .exclusive = false };
        int err = 0;

        waitq_add(q, &w);
        while (!cond(arg)) {
                err = park(interruptible, deadline_ns);
                if (err)
                        break;
        }
        waitq_remove(q, &w);
        /* What came true in the last moment counts as more than a signal or the time. */
        return err && cond(arg) ? 0 : err;
}
