/* SPDX-License-Identifier: MIT */
/*
 * One-shot kernel timers, in a pairing heap that needs no memory of its own.
 *
 * Timers are run by threads, not by the interrupt: on the way to user mode, before a thread sleeps,
 * and by the idle loop. So a timer's function may take any spinlock of a rank after RANK_TIMER; it
 * must not sleep.
 */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include "kernel/base/types.h"

struct timer {
        u64 when; /* clock_ns() at which it is due */
        void (*fn)(struct timer *timer);
        struct timer *child; /* none of the children is due before this one */
        struct timer *next;  /* younger sibling */
        struct timer *prev;  /* older sibling; of the eldest: the parent */
        bool armed;
};

void timer_init(struct timer *timer, void (*fn)(struct timer *timer));
/* Due at `when`; an armed timer is moved. */
void timer_start(struct timer *timer, u64 when);
/* True if it was armed. After the call its function is not called, unless it is running. */
bool timer_stop(struct timer *timer);

/* Provided by the scheduler: the first timer is another, or due at another time. */
void timer_first_changed(void);

/* When the first timer is due; ~0 if there is none. */
u64 timer_next(void);
/* Run what is due at `now`. No lock may be held. */
void timer_run(u64 now);

#endif
