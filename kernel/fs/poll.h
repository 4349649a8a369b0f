/* SPDX-License-Identifier: MIT */
/*
 * Waiting for several files at once.
 *
 * A file's poll operation calls poll_add() for every queue whose wake-up may change its answer,
 * then returns the answer. With a NULL set it only answers.
 */
#ifndef KERNEL_FS_POLL_H
#define KERNEL_FS_POLL_H

#include "kernel/base/abi/poll.h"
#include "kernel/sync/wait.h"

struct file;
struct poll_set;

void poll_add(struct poll_set *set, struct waitq *queue);

/* The state of one file, POLL*. */
unsigned file_poll(struct file *file, struct poll_set *set);

/*
 * Fill in revents of `nr` entries in kernel memory; sleep until one is not 0 or clock_ns() reaches
 * the deadline. The number of entries with revents, -EINTR, -ENOMEM.
 */
long call_poll(struct pollfd *fds, unsigned nr, u64 deadline_ns);

/*
 * select(2) over kernel copies of three bit sets of `nr` descriptors (words of 64 bits); each may
 * be NULL. The sets become the result. The number of bits, -EBADF, -EINTR, -ENOMEM.
 */
long call_select(unsigned nr, u64 *in, u64 *out, u64 *except, u64 deadline_ns);

#endif
