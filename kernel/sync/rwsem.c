/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer semaphores, when there is more to do than rwsem.h does in place. Waiters queue in
 * order of arrival; a writer among them is `exclusive`. Who gives the lock up grants it to the head
 * of the queue: to one writer, or to all readers before the first writer. A newcomer queues
 * whenever somebody does, so a writer waits at most for the readers that were there before it.
 *
 * While RWSEM_WAITERS is set nobody takes the lock in place, and the writer cannot give it up in
 * place; readers still can. Only who has locked the queue sets and clears the bit and grants.
 */
#include "kernel/sync/rwsem.h"
#include "kernel/base/assert.h"

void rwsem_init(struct rwsem *s, enum lock_rank rank, const char *name)
{
        waitq_init(&s->waiters);
        atomic_set(&s->state, 0);
        s->rank = rank;
        s->name = name;
}

/* Give the lock to as many waiters as may have it now. The queue is locked. */
static void rwsem_grant(struct rwsem *s)
{
        while (!list_empty(&s->waiters.waiters)) {
                struct waiter *w = list_first(&s->waiters.waiters, struct waiter, node);
                s64 held = atomic_get(&s->state) & ~(s64)RWSEM_WAITERS;

                if ((held & RWSEM_WRITER) || (w->exclusive && held))
                        return;
                atomic_add(&s->state, w->exclusive ? (s64)w->task | RWSEM_WRITER : RWSEM_READER);
                list_del(&w->node);
                if (list_empty(&s->waiters.waiters))
                        atomic_clear_bits(&s->state, RWSEM_WAITERS);
                w->woken = true;
                unpark(w->task);
        }
}

/*
 * Take the lock after all, if it is free and nobody waits for it, or else say in the same word that
 * somebody does. The queue is locked.
 */
static bool rwsem_try_or_mark(struct rwsem *s, bool write)
{
        for (;;) {
                s64 old = atomic_get(&s->state);
                bool taken = write ? !old : !(old & (RWSEM_WAITERS | RWSEM_WRITER));
                s64 new = taken ? old + (write ? rwsem_mine() : RWSEM_READER) : old | RWSEM_WAITERS;

                if (atomic_cmpxchg(&s->state, old, new))
                        return taken;
        }
}

void rwsem_wait(struct rwsem *s, bool write)
{
        struct waiter w = { .task = park_self(), .exclusive = write };

        CHECK(w.task && !rwsem_is_writer(s));
        spin_lock(&s->waiters.lock);
        w.woken = rwsem_try_or_mark(s, write);
        if (!w.woken)
                list_add_tail(&s->waiters.waiters, &w.node);
        while (!w.woken) {
                spin_unlock(&s->waiters.lock);
                park(false, PARK_FOREVER);
                spin_lock(&s->waiters.lock);
        }
        spin_unlock(&s->waiters.lock);
}

/* `old` is the state from which this reader was taken away. */
void rwsem_read_unlock_slow(struct rwsem *s, s64 old)
{
        CHECK(!(old & RWSEM_WRITER) && old >= RWSEM_READER);
        spin_lock(&s->waiters.lock);
        rwsem_grant(s);
        spin_unlock(&s->waiters.lock);
}

void rwsem_write_unlock_slow(struct rwsem *s)
{
        CHECK(rwsem_is_writer(s));
        spin_lock(&s->waiters.lock);
        atomic_add(&s->state, -rwsem_mine());
        rwsem_grant(s);
        spin_unlock(&s->waiters.lock);
}

void rwsem_downgrade(struct rwsem *s)
{
        CHECK(rwsem_is_writer(s));
        spin_lock(&s->waiters.lock);
        atomic_add(&s->state, RWSEM_READER - rwsem_mine());
        rwsem_grant(s);
        spin_unlock(&s->waiters.lock);
}
