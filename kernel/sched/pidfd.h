/* SPDX-License-Identifier: MIT */
/* Descriptors that stand for a process: they stay its own even if the pid is used again. */
#ifndef KERNEL_SCHED_PIDFD_H
#define KERNEL_SCHED_PIDFD_H

#include "kernel/base/types.h"

struct process;

/* A new descriptor for `process`, close-on-exec. -EMFILE, -ENOMEM. */
int pidfd_create(struct process *process, u32 flags);
/* What a descriptor stands for, with a reference; NULL: it is no pidfd. */
struct process *pidfd_process(int fd);

#endif
