/* SPDX-License-Identifier: MIT */
/* Futexes: sleeping on a word of user memory. The operations follow futex(2). */
#ifndef KERNEL_SCHED_FUTEX_H
#define KERNEL_SCHED_FUTEX_H

#include "kernel/base/types.h"

struct task;

/* All but the last: `shared` means the word may lie in memory that other processes map, too. */

/*
 * Sleep while *addr == value until woken by a waker whose bits meet `bits`, or until `deadline_ns`
 * (PARK_FOREVER: never). 0, -EAGAIN (another value), -ETIMEDOUT, -EINTR, -EFAULT, -EINVAL.
 */
long futex_wait(uaddr addr, bool shared, u32 value, u64 deadline_ns, u32 bits);
long futex_wake(uaddr addr, bool shared, unsigned nr, u32 bits);
/* Wake `nr_wake` on `from`, move up to `nr_move` others to `to`; if `cmp`, only if *from is it. */
long futex_requeue(uaddr from, bool shared, unsigned nr_wake, unsigned nr_move, uaddr to,
                   const u32 *cmp);
/* FUTEX_WAKE_OP. */
long futex_wake_op(uaddr addr, bool shared, unsigned nr, uaddr addr2, unsigned nr2, u32 op);

/* The thread leaves its memory: locks on its robust list, and clear_child_tid. */
void futex_exit(struct task *task);

#endif
