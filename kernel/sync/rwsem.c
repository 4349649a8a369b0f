/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer semaphores. Waiters queue in order of arrival; a writer among them is `exclusive`.
 * Who gives the lock up grants it to the head of the queue: to one writer, or to all readers before
 * the first writer. A newcomer queues whenever somebody does, so a writer waits at most for the
 * readers that were there before it.
 */
#include "kernel/sync/rwsem.h"
#include "kernel/base/assert.h"
#include "kernel/sync/trace.h"

void rwsem_init(struct rwsem *s, enum lock_rank rank, const char *name)
{
        waitq_init(&s->waiters);
        s->readers = 0;
        s->writer = NULL;
        s->rank = rank;
        s->name = name;
}

/* Give the lock to as many waiters as may have it now. The queue is locked. */
static void rwsem_grant(struct rwsem *s)
{
        while (!s->writer && !list_empty(&s->waiters.waiters)) {
                struct waiter *w = list_first(&s->waiters.waiters, struct waiter, node);

                if (w->exclusive && s->readers > 0)
                        return;
                list_del(&w->node);
                if (w->exclusive)
                        s->writer = w->task;
                else
                        s->readers++;
                w->woken = true;
                unpark(w->task);
        }
}

/* Take the lock if it is free and nobody waits for it. The queue is locked. */
static bool rwsem_try(struct rwsem *s, struct task *self, bool write)
{
        if (s->writer || !list_empty(&s->waiters.waiters) || (write && s->readers > 0))
                return false;
        if (write)
                s->writer = self;
        else
                s->readers++;
        return true;
}

static void rwsem_take(struct rwsem *s, bool write, bool nested)
{
        struct waiter w = { .task = park_self(), .exclusive = write };
        unsigned long irq;

        CHECK(w.task);
        lock_trace_check(s, s->rank, s->name, nested);
        lock_trace_check_sleep();
        irq = spin_lock_irq(&s->waiters.lock);
        CHECK(s->writer != w.task);
        w.woken = rwsem_try(s, w.task, write);
        if (!w.woken)
                list_add_tail(&s->waiters.waiters, &w.node);
        while (!w.woken) {
                spin_unlock_irq(&s->waiters.lock, irq);
                park(false, PARK_FOREVER);
                irq = spin_lock_irq(&s->waiters.lock);
        }
        spin_unlock_irq(&s->waiters.lock, irq);
        lock_trace_add(s, s->rank, s->name, false);
}

void rwsem_read_lock(struct rwsem *s)
{
        rwsem_take(s, false, false);
}

void rwsem_write_lock(struct rwsem *s)
{
        rwsem_take(s, true, false);
}

void rwsem_write_lock_nested(struct rwsem *s)
{
        rwsem_take(s, true, true);
}

void rwsem_read_unlock(struct rwsem *s)
{
        unsigned long irq;

        lock_trace_remove(s, s->rank, s->name);
        irq = spin_lock_irq(&s->waiters.lock);
        CHECK(s->readers > 0);
        s->readers--;
        rwsem_grant(s);
        spin_unlock_irq(&s->waiters.lock, irq);
}

void rwsem_write_unlock(struct rwsem *s)
{
        unsigned long irq;

        lock_trace_remove(s, s->rank, s->name);
        irq = spin_lock_irq(&s->waiters.lock);
        CHECK(s->writer == park_self());
        s->writer = NULL;
        rwsem_grant(s);
        spin_unlock_irq(&s->waiters.lock, irq);
}

void rwsem_downgrade(struct rwsem *s)
{
        unsigned long irq = spin_lock_irq(&s->waiters.lock);

        CHECK(s->writer == park_self());
        s->writer = NULL;
        s->readers++;
        rwsem_grant(s);
        spin_unlock_irq(&s->waiters.lock, irq);
}

bool rwsem_is_locked(const struct rwsem *s)
{
        return s->writer || s->readers > 0;
}

bool rwsem_is_writer(const struct rwsem *s)
{
        return s->writer == park_self();
}
