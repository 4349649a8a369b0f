/* SPDX-License-Identifier: MIT */
/*
 * Timers in a pairing heap: a tree in which no child is due before its parent. Adding melds a
 * single node with the tree (constant time); taking a node out melds its children pairwise, which
 * is logarithmic on average. All links are in the timers, so nothing here can fail.
 *
 *      root(5) -> child(7) <-> next(9) <-> next(6)
 *                  ` child(8)
 *
 * timer_lock guards the tree. The time of the first timer is kept in a variable of its own, which
 * the scheduler reads without the lock when it programs the hardware.
 */
#include "kernel/sched/timer.h"
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/sync/spinlock.h"

static struct spinlock timer_lock = SPINLOCK_INIT(RANK_TIMER, "timers");
static struct timer *root;
static u64 first_due = ~0ULL;

/* One tree of two; either may be NULL. The later root becomes the first child of the earlier. */
static struct timer *heap_meld(struct timer *a, struct timer *b)
{
        if (!a || !b)
                return a ? a : b;
        if (b->when < a->when) {
                struct timer *t = a;

                a = b;
                b = t;
        }
        b->next = a->child;
        b->prev = a;
        if (a->child)
                a->child->prev = b;
        a->child = b;
        return a;
}

/* One tree of a list of siblings: melded in pairs from the left, the pairs then from the right. */
static struct timer *heap_meld_siblings(struct timer *first)
{
        struct timer *pairs = NULL, *tree = NULL;

        while (first) {
                struct timer *a = first, *b = first->next;

                first = b ? b->next : NULL;
                a->next = a->prev = NULL;
                if (b)
                        b->next = b->prev = NULL;
                a = heap_meld(a, b);
                a->next = pairs;
                pairs = a;
        }
        while (pairs) {
                struct timer *t = pairs;

                pairs = t->next;
                t->next = NULL;
                tree = heap_meld(tree, t);
        }
        return tree;
}

static void heap_remove(struct timer *t)
{
        struct timer *rest = heap_meld_siblings(t->child);

        if (t == root) {
                root = rest;
        } else {
                if (t->prev->child == t)
                        t->prev->child = t->next;
                else
                        t->prev->next = t->next;
                if (t->next)
                        t->next->prev = t->prev;
                root = heap_meld(root, rest);
        }
        t->child = t->next = t->prev = NULL;
        t->armed = false;
}

static void first_update(void)
{
        __atomic_store_n(&first_due, root ? root->when : ~0ULL, __ATOMIC_RELEASE);
}

void timer_init(struct timer *timer, void (*fn)(struct timer *timer))
{
        *timer = (struct timer){ .fn = fn };
}

void timer_start(struct timer *timer, u64 when)
{
        unsigned long irq = spin_lock_irq(&timer_lock);

        if (timer->armed)
                heap_remove(timer);
        timer->when = when;
        timer->armed = true;
        root = heap_meld(root, timer);
        first_update();
        spin_unlock(&timer_lock);
        if (timer_next() == when)
                timer_first_changed();
        cpu_irq_restore(irq);
}

bool timer_stop(struct timer *timer)
{
        unsigned long irq = spin_lock_irq(&timer_lock);
        bool armed = timer->armed;

        if (armed)
                heap_remove(timer);
        first_update();
        spin_unlock_irq(&timer_lock, irq);
        return armed;
}

u64 timer_next(void)
{
        return __atomic_load_n(&first_due, __ATOMIC_ACQUIRE);
}

void timer_run(u64 now)
{
        while (timer_next() <= now) {
                unsigned long irq = spin_lock_irq(&timer_lock);
                struct timer *t = root && root->when <= now ? root : NULL;

                if (t)
                        heap_remove(t);
                first_update();
                spin_unlock_irq(&timer_lock, irq);
                if (!t)
                        return;
                t->fn(t);
        }
}
