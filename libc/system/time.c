/* SPDX-License-Identifier: MIT */
/* Clocks, sleeping and interval timers. */
#include <time.h>
#include <unistd.h>
#include <sys/time.h>
#include <sys/times.h>
#include "raw.h"

int clock_gettime(clockid_t clock, struct timespec *ts)
{
        return (int)call2(SYS_clock_gettime, clock, ts);
}

int clock_getres(clockid_t clock, struct timespec *ts)
{
        return (int)call2(SYS_clock_getres, clock, ts);
}

int clock_settime(clockid_t clock, const struct timespec *ts)
{
        return (int)call2(SYS_clock_settime, clock, ts);
}

/* The error is the result, not errno. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *want, struct timespec *left)
{
        if (clock == CLOCK_THREAD_CPUTIME_ID)
                return EINVAL;
        return (int)-raw4(SYS_clock_nanosleep, clock, flags, (long)want, (long)left);
}

int clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
        struct timespec ts;
        clockid_t id = (~pid) * 8 + 2; /* Linux's numbering of other processes' CPU clocks */

        if (raw2(SYS_clock_getres, id, (long)&ts) != 0)
                return ESRCH;
        *clock = id;
        return 0;
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
        return (int)call2(SYS_nanosleep, want, left);
}

unsigned sleep(unsigned seconds)
{
        struct timespec ts = { .tv_sec = seconds };

        return nanosleep(&ts, &ts) == 0 ? 0 : (unsigned)ts.tv_sec;
}

int usleep(useconds_t us)
{
        struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L };

        return nanosleep(&ts, NULL);
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
        return (int)call2(SYS_gettimeofday, tv, tz);
}

int settimeofday(const struct timeval *tv, const struct timezone *tz)
{
        return (int)call2(SYS_settimeofday, tv, tz);
}

int timespec_get(struct timespec *ts, int base)
{
        return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, ts) == 0 ? base : 0;
}

clock_t times(struct tms *buf)
{
        return call1(SYS_times, buf);
}

clock_t clock(void)
{
        struct timespec ts;

        if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) != 0)
                return -1;
        return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

unsigned alarm(unsigned seconds)
{
        return (unsigned)raw1(SYS_alarm, seconds);
}

int getitimer(int which, struct itimerval *value)
{
        return (int)call2(SYS_getitimer, which, value);
}

int setitimer(int which, const struct itimerval *restrict value, struct itimerval *restrict old)
{
        return (int)call3(SYS_setitimer, which, value, old);
}

useconds_t ualarm(useconds_t value, useconds_t interval)
{
        struct itimerval set = {
                .it_interval = { interval / 1000000, interval % 1000000 },
                .it_value = { value / 1000000, value % 1000000 },
        };
        struct itimerval old = { 0 };

        setitimer(ITIMER_REAL, &set, &old);
        return (useconds_t)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

/* mktime for UTC: days since 1970 counted in 400-year eras that begin in March. */
time_t timegm(struct tm *tm)
{
        long months = tm->tm_mon, years, era, of_era, day;
        time_t t;

        years = 1900L + tm->tm_year + months / 12;
        months %= 12;
        if (months < 0) {
                months += 12;
                years--;
        }
        if (months < 2)
                years--;
        era = (years >= 0 ? years : years - 399) / 400;
        of_era = years - era * 400;
        day = (153 * ((months + 10) % 12) + 2) / 5 + tm->tm_mday - 1;
        day += of_era * 365 + of_era / 4 - of_era / 100;
        day += era * 146097 - 719468;
        t = ((day * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
        gmtime_r(&t, tm);
        return t;
}
