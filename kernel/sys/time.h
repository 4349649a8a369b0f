/* SPDX-License-Identifier: MIT */
/* Times in system calls: user structures to nanoseconds, clocks to deadlines. */
#ifndef KERNEL_SYS_TIME_H
#define KERNEL_SYS_TIME_H

#include "kernel/base/abi/time.h"
#include "kernel/base/types.h"

/* A struct timespec as nanoseconds; times beyond the clock's range become the longest. -EFAULT;
 * -EINVAL: negative, or nanoseconds out of range. */
int timespec_in(uaddr src, u64 *ns);
int timespec_out(uaddr dst, u64 ns);
/* The same of a struct timeval. */
int timeval_ns(const struct timeval64 *tv, u64 *ns);
struct timeval64 timeval_of(u64 ns);

/* clock_ns() `ns` from now; PARK_FOREVER if that is beyond its range. */
u64 time_after(u64 ns);
/* CLOCK_REALTIME, and a time of it as clock_ns(). */
u64 time_realtime(void);
u64 time_from_realtime(u64 realtime_ns);

#endif
