/* SPDX-License-Identifier: MIT */
/* Raising signals, for the rest of the kernel. */
#ifndef KERNEL_SCHED_SIGNAL_H
#define KERNEL_SCHED_SIGNAL_H

#include "kernel/base/abi/signal.h"
#include "kernel/base/types.h"

struct task;
struct process;

/* A signal with nothing to say (code SI_KERNEL), to one thread or to a whole process. */
void signal_task(struct task *task, int signo);
void signal_process(struct process *process, int signo);

/* To every process of a group: Ctrl-C, hang-up. */
void signal_pgrp(int pgid, int signo);

/* A fault of the calling thread; not blockable: a blocked or ignored one kills. */
void signal_fault(int signo, int code, u64 addr);

#endif
