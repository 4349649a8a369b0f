/* SPDX-License-Identifier: MIT */
/*
 * Clocks and sleeping: that time goes forward, that sleeps are not too short, and what is refused.
 * No number that was measured is printed.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define MS 1000000L

static long long read_clock(int clock)
{
        struct timespec t = { 0, 0 };

        raw_call(NR_clock_gettime, clock, &t);
        return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void forward(int clock, const char *name)
{
        long long before = read_clock(clock), now;
        int backward = 0;

        for (int i = 0; i < 2000; i++) {
                now = read_clock(clock);
                backward += now < before;
                before = now;
        }
        step(backward, "%s: steps back", name);
}

static void clocks(void)
{
        struct timespec t;

        scene("clocks");
        forward(0, "CLOCK_REALTIME");
        forward(1, "CLOCK_MONOTONIC");
        forward(2, "CLOCK_PROCESS_CPUTIME_ID");
        forward(3, "CLOCK_THREAD_CPUTIME_ID");
        forward(4, "CLOCK_MONOTONIC_RAW");
        forward(5, "CLOCK_REALTIME_COARSE");
        forward(6, "CLOCK_MONOTONIC_COARSE");
        forward(7, "CLOCK_BOOTTIME");
        step(raw_call(NR_clock_gettime, 50, &t), "clock 50");
        step(raw_call(NR_clock_gettime, -1, &t), "clock -1");
        step(raw_call(NR_clock_getres, 1, &t), "resolution");
        step(t.tv_nsec, "nanoseconds of it");
        step(raw_call(NR_clock_getres, 50, &t), "resolution of clock 50");
        check(time(NULL) > 1500000000, "time() is of this century");
        check(read_clock(0) / 1000000000 - time(NULL) <= 1, "time() and CLOCK_REALTIME");
}

static void slept(const char *what, long nanoseconds)
{
        struct timespec t = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
        long long before = read_clock(1);

        step(raw_call(NR_nanosleep, &t, 0), "%s", what);
        check(read_clock(1) - before >= nanoseconds, "not too short");
}

static void sleeping(void)
{
        struct timespec t = { 0, 1000000000 };
        long long before;

        scene("sleeping");
        slept("0", 0);
        slept("1 ns", 1);
        slept("1 ms", MS);
        slept("20 ms", 20 * MS);
        step(raw_call(NR_nanosleep, &t, 0), "1000000000 ns");
        t.tv_nsec = -1;
        step(raw_call(NR_nanosleep, &t, 0), "-1 ns");
        t.tv_nsec = 0;
        t.tv_sec = -1;
        step(raw_call(NR_nanosleep, &t, 0), "-1 s");
        before = read_clock(1) + 10 * MS;
        t.tv_sec = before / 1000000000;
        t.tv_nsec = before % 1000000000;
        step(raw_call(NR_clock_nanosleep, 1, 1, &t, 0), "until a time");
        check(read_clock(1) >= before, "it is that late");
        step(raw_call(NR_clock_nanosleep, 1, 1, &t, 0), "until a time that is over");
        step(raw_call(NR_clock_nanosleep, 50, 0, &t, 0), "by clock 50");
        step(raw_call(NR_clock_nanosleep, 3, 0, &t, 0), "by the thread's time");
}

static volatile int alarms;

static void count_alarm(int signo)
{
        (void)signo;
        alarms++;
}

static void interrupted(void)
{
        struct itimerval timer = { { 0, 0 }, { 0, 10000 } }, left;
        struct timespec t = { 5, 0 }, rest = { 0, 0 };
        struct sigaction action;

        scene("interrupted");
        memset(&action, 0, sizeof(action));
        action.sa_handler = count_alarm;
        action.sa_flags = SA_RESTART; /* sleeps are not begun again all the same */
        sigaction(SIGALRM, &action, NULL);
        step(raw_call(NR_setitimer, 0, &timer, 0), "a timer of 10 ms");
        step(raw_call(NR_nanosleep, &t, &rest), "5 s");
        step(alarms, "alarms");
        check(rest.tv_sec == 4 && rest.tv_nsec > 0, "what is left");
        step(raw_call(NR_getitimer, 0, &left), "the timer is over");
        check(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0, "nothing is left of it");
        timer.it_interval.tv_usec = 5000;
        timer.it_value.tv_usec = 5000;
        raw_call(NR_setitimer, 0, &timer, 0);
        while (alarms < 5)
                raw_call(NR_pause);
        memset(&timer, 0, sizeof(timer));
        raw_call(NR_setitimer, 0, &timer, 0);
        check(alarms >= 5, "a timer that repeats");
        step(raw_call(NR_alarm, 100), "alarm(100)");
        check(raw_call(NR_alarm, 0) >= 99, "alarm(0) says what was left");
        step(raw_call(NR_alarm, 0), "alarm(0) again");
        step(raw_call(NR_setitimer, 5, &timer, 0), "timer 5");
        timer.it_value.tv_usec = 1000000;
        step(raw_call(NR_setitimer, 0, &timer, 0), "1000000 microseconds");
}

int main(void)
{
        clocks();
        sleeping();
        interrupted();
        return 0;
}
