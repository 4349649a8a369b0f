/* SPDX-License-Identifier: MIT */
/* newlib's <time.h> with the clocks numbered as Linux numbers them. */
#ifndef TERRANE_TIME_H
#define TERRANE_TIME_H

#include_next <time.h>

#undef CLK_TCK

#undef TIMER_ABSTIME
#define TIMER_ABSTIME 1

#undef CLOCK_REALTIME
#undef CLOCK_MONOTONIC
#undef CLOCK_PROCESS_CPUTIME_ID
#undef CLOCK_THREAD_CPUTIME_ID
#undef CLOCK_MONOTONIC_RAW
#undef CLOCK_REALTIME_COARSE
#undef CLOCK_MONOTONIC_COARSE
#undef CLOCK_BOOTTIME
#undef CLOCK_REALTIME_ALARM
#undef CLOCK_BOOTTIME_ALARM
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

#define TIME_UTC 1

_BEGIN_STD_C
time_t timegm(struct tm *tm);
int stime(const time_t *t);
int timespec_get(struct timespec *ts, int base);
_END_STD_C

#endif
