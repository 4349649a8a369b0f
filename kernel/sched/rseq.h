/* SPDX-License-Identifier: MIT */
/* Restartable sequences (rseq(2)). */
#ifndef KERNEL_SCHED_RSEQ_H
#define KERNEL_SCHED_RSEQ_H

#include "kernel/base/types.h"

struct trapframe;

/* The calling thread's area: register or, by flags, give it up. -EINVAL, -EPERM, -EBUSY, -EFAULT */
long rseq_register(uaddr area, u32 len, int flags, u32 signature);

/*
 * The thread has been switched out, or a handler is about to run: if it was in a critical section,
 * that starts over at its abort address. Raises SIGSEGV for an area or descriptor that is none.
 */
void rseq_interrupted(struct trapframe *tf);

#endif
