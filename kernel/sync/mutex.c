/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. mutex_unlock() hands the lock to the thread that has waited longest: `owner` goes from
 * one to the other without being NULL in between, so nobody can push in and nobody starves.
 */
#include "kernel/sync/mutex.h"
#include "kernel/base/assert.h"
#include "kernel/sync/trace.h"

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name)
{
        waitq_init(&m->waiters);
        m->owner = NULL;
        m->rank = rank;
        m->name = name;
}

/* Queue up and sleep until an unlock has made this thread the owner. Consumes the queue's lock. */
static void mutex_wait(struct mutex *m, struct task *self, unsigned long irq)
{
        struct waiter w = { .task = self, .exclusive = true };

        list_add_tail(&m->waiters.waiters, &w.node);
        while (m->owner != self) {
                spin_unlock_irq(&m->waiters.lock, irq);
                park(false, PARK_FOREVER);
                irq = spin_lock_irq(&m->waiters.lock);
        }
        spin_unlock_irq(&m->waiters.lock, irq);
}

static void mutex_take(struct mutex *m, bool nested)
{
        struct task *self = park_self();
        unsigned long irq;

        CHECK(self);
        lock_trace_check(m, m->rank, m->name, nested);
        lock_trace_check_sleep();
        irq = spin_lock_irq(&m->waiters.lock);
        CHECK(m->owner != self);
        if (m->owner) {
                mutex_wait(m, self, irq);
        } else {
                m->owner = self;
                spin_unlock_irq(&m->waiters.lock, irq);
        }
        lock_trace_add(m, m->rank, m->name, false);
}

void mutex_lock(struct mutex *m)
{
        mutex_take(m, false);
}

void mutex_lock_nested(struct mutex *m)
{
        mutex_take(m, true);
}

bool mutex_trylock(struct mutex *m)
{
        struct task *self = park_self();
        unsigned long irq = spin_lock_irq(&m->waiters.lock);
        bool taken = !m->owner;

        CHECK(self);
        if (taken)
                m->owner = self;
        spin_unlock_irq(&m->waiters.lock, irq);
        if (taken)
                lock_trace_add(m, m->rank, m->name, false);
        return taken;
}

void mutex_unlock(struct mutex *m)
{
        unsigned long irq;

        lock_trace_remove(m, m->rank, m->name);
        irq = spin_lock_irq(&m->waiters.lock);
        CHECK(m->owner == park_self());
        if (list_empty(&m->waiters.waiters)) {
                m->owner = NULL;
        } else {
                struct waiter *w = list_first(&m->waiters.waiters, struct waiter, node);

                list_del(&w->node);
                m->owner = w->task;
                unpark(w->task);
        }
        spin_unlock_irq(&m->waiters.lock, irq);
}

bool mutex_is_mine(const struct mutex *m)
{
        return m->owner == park_self();
}
