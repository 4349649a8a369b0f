/* SPDX-License-Identifier: MIT */
/*
 * How a thread of the kernel sleeps. Locks and wait queues are built on this; the scheduler
 * provides it in the kernel, the tests' own scheduler on the host machine.
 *
 * unpark() leaves a permit; park() takes it and returns at once if there is one, else it sleeps.
 * So "publish the waiter, test the condition, park" loses no wake-up. park() may also return
 * early for no reason: callers test their condition again.
 */
#ifndef ARCH_PARK_H
#define ARCH_PARK_H

#include "kernel/base/types.h"

struct task;

#define PARK_FOREVER (~0ULL)

/* park_self(), the calling thread, is inline where that takes no more than a load. */
#include <machine/park.h>

/*
 * Sleep until an unpark(), until clock_ns() reaches `deadline_ns`, or, if `interruptible`, until a
 * signal is pending for this thread. Returns 0, -ETIMEDOUT or -EINTR. No spinlock may be held.
 */
int park(bool interruptible, u64 deadline_ns);
/* The same without a deadline; of signals, only one that will end the process: -EINTR. */
int park_killable(void);
void unpark(struct task *task);

#endif
