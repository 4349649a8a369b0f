/* SPDX-License-Identifier: MIT */
/* Clocks and timers: values and structures of the Linux x86-64 ABI. */
#ifndef KERNEL_BASE_ABI_TIME_H
#define KERNEL_BASE_ABI_TIME_H

#include "kernel/base/types.h"

struct timespec64 {
        s64 sec, nsec;
};

struct timeval64 {
        s64 sec, usec;
};

struct itimerval64 {
        struct timeval64 interval, value;
};

struct timezone_abi {
        s32 minutes_west, dst;
};

struct tms {
        s64 utime, stime, cutime, cstime; /* ticks */
};

#define NSEC_PER_SEC  1000000000ULL
#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_TICK 10000000ULL /* USER_HZ is 100 */
#define USER_HZ       100

#define CLOCK_REALTIME           0
#define CLOCK_MONOTONIC          1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID  3
#define CLOCK_MONOTONIC_RAW      4
#define CLOCK_REALTIME_COARSE    5
#define CLOCK_MONOTONIC_COARSE   6
#define CLOCK_BOOTTIME           7
#define CLOCK_REALTIME_ALARM     8
#define CLOCK_BOOTTIME_ALARM     9
#define CLOCK_TAI                11

#define TIMER_ABSTIME 1

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2

#endif
