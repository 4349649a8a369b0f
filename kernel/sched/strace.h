/* SPDX-License-Identifier: MIT */
/*
 * System calls, signals and ends of threads on the kernel log, as `strace -f -e raw=all` writes
 * them on Linux, so that the two can be laid side by side:
 *
 *      strace: 3 mmap(0, 0x2000, 0x3, 0x22, 0xffffffffffffffff, 0) = 0x7ffff7ff5000
 *      strace: 3 munmap(0x1, 0x1000) = -22
 *      strace: 3 --- signal 11 code 1 addr 0x0 ---
 *      strace: 3 +++ killed by 11 +++
 *
 * The number is the thread's. Each line is written when the call returns, with the arguments it was
 * entered with. Which calls are written is decided where the table of calls is
 * (kernel/sys/syscall.c); signals and ends are written as soon as any call is.
 */
#ifndef KERNEL_SCHED_STRACE_H
#define KERNEL_SCHED_STRACE_H

#include "kernel/base/types.h"

struct siginfo;

/* Signals and ends of threads are written from now on. */
void strace_begin(void);

/* The calling thread made the call `name` with `nr` of `args`, at most six. */
void strace_call(const char *name, const u64 *args, unsigned nr, long result);

/* The calling thread takes a signal, or ends with `exit_code` (as wait(2) reports it). */
void strace_signal(const struct siginfo *info);
void strace_end(int exit_code);

#endif
