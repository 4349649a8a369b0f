/* SPDX-License-Identifier: MIT */
/* Clocks, sleeping, interval timers, and what the scheduler and the system say of themselves. */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

static volatile sig_atomic_t fired;

static void count(int signo)
{
        (void)signo;
        fired++;
}

/* The number of the clock that counts a process's CPU time. */
static unsigned cpu_clock_of(int pid)
{
        return ~(unsigned)pid << 3 | 2;
}

static uint64_t now_ns(int clock)
{
        struct timespec ts = { 0, 0 };

        raw_call(NR_clock_gettime, clock, &ts);
        return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ------------------------------------------------------------------ clocks */

static void reading(void)
{
        struct timespec ts;
        uint64_t t;

        scene("reading clocks");
        for (int id = 0; id < 13; id++)
                step(raw_call(NR_clock_gettime, id, &ts), "clock %d", id);
        step(raw_call(NR_clock_gettime, 0, 8), "to a bad address");
        step(raw_call(NR_clock_gettime, cpu_clock_of(getpid()), &ts),
             "the process's CPU time by pid");
        step(raw_call(NR_clock_gettime, cpu_clock_of(0x3fffff), &ts), "nobody's");
        step(raw_call(NR_clock_getres, CLOCK_MONOTONIC, &ts), "resolution");
        step(ts.tv_nsec, "nanoseconds");
        step(raw_call(NR_clock_getres, CLOCK_MONOTONIC, 0), "resolution, to nowhere");
        step(raw_call(NR_clock_getres, 77, &ts), "resolution of clock 77");
        t = now_ns(CLOCK_MONOTONIC);
        check(now_ns(CLOCK_MONOTONIC) >= t, "time goes on");
        check(now_ns(CLOCK_REALTIME) > 1600000000ULL * 1000000000u, "the year is past 2020");
        step(raw_call(NR_gettimeofday, 8, 0), "gettimeofday to a bad address");
        check(raw_call(NR_time, 0) > 1600000000, "time");
        step(raw_call(NR_time, 8), "time to a bad address");
        step(raw_call(NR_times, 8), "times to a bad address");
}

static void cpu_time(void)
{
        uint64_t before = now_ns(2), slept;
        struct rusage usage;

        scene("CPU time");
        usleep(50000);
        slept = now_ns(2) - before;
        check(slept < 40000000, "sleeping costs none");
        while (now_ns(2) - before < 30000000)
                continue;
        check(1, "working does");
        step(raw_call(NR_getrusage, 0, &usage), "getrusage");
        check(usage.ru_utime.tv_sec || usage.ru_utime.tv_usec || usage.ru_stime.tv_usec,
              "it shows");
        step(raw_call(NR_getrusage, -1, &usage), "getrusage of children");
        step(raw_call(NR_getrusage, 1, &usage), "getrusage of the thread");
        step(raw_call(NR_getrusage, 2, &usage), "getrusage of 2");
        step(raw_call(NR_getrusage, 0, 8), "getrusage to a bad address");
}

/* ------------------------------------------------------------------ sleeping */

static void sleeping(void)
{
        struct timespec ts = { 0, 20000000 };
        uint64_t t = now_ns(CLOCK_MONOTONIC);

        scene("sleeping");
        step(raw_call(NR_nanosleep, &ts, 0), "20 ms");
        t = now_ns(CLOCK_MONOTONIC) - t;
        check(t >= 20000000, "no shorter");
        step(raw_call(NR_nanosleep, 0, 0), "from nowhere");
        ts.tv_nsec = 1000000000;
        step(raw_call(NR_nanosleep, &ts, 0), "too many nanoseconds");
        ts.tv_nsec = -1;
        step(raw_call(NR_nanosleep, &ts, 0), "negative nanoseconds");
        ts = (struct timespec){ -1, 0 };
        step(raw_call(NR_nanosleep, &ts, 0), "negative seconds");
        ts = (struct timespec){ 0, 1000 };
        for (int id = 0; id < 13; id++)
                if (id != 2) /* the process's own CPU time does not pass in sleep */
                        step(raw_call(NR_clock_nanosleep, id, 0, &ts, 0), "by clock %d", id);
        ts = (struct timespec){ 1, 0 };
        step(raw_call(NR_clock_nanosleep, CLOCK_MONOTONIC, 1, &ts, 0), "until a time that is past");
        ts = (struct timespec){ 1000000000, 0 };
        step(raw_call(NR_clock_nanosleep, CLOCK_REALTIME, 1, &ts, 0), "the same by the wall clock");
}

/* ------------------------------------------------------------------ timers */

static void timers(void)
{
        struct itimerval it = { { 0, 0 }, { 0, 1000000 } }, old;

        scene("interval timers");
        step(raw_call(NR_setitimer, 0, &it, 0), "too many microseconds");
        step(raw_call(NR_setitimer, 3, &it, 0), "timer 3");
        step(raw_call(NR_getitimer, 3, &it), "asking timer 3");
        step(raw_call(NR_setitimer, 0, 8, 0), "from a bad address");
        signal(SIGALRM, count);
        signal(SIGVTALRM, count);
        signal(SIGPROF, count);
        it.it_value.tv_usec = 10000;
        fired = 0;
        step(raw_call(NR_setitimer, ITIMER_REAL, &it, 0), "10 ms of real time");
        while (!fired)
                continue;
        step(fired, "while it works");
        fired = 0;
        step(raw_call(NR_setitimer, ITIMER_VIRTUAL, &it, 0), "10 ms of its own time");
        while (!fired)
                continue;
        step(fired, "fired");
        fired = 0;
        step(raw_call(NR_setitimer, ITIMER_PROF, &it, 0), "10 ms of CPU time");
        while (!fired)
                raw_call(NR_getppid);
        step(fired, "fired");
        it = (struct itimerval){ { 7, 0 }, { 100, 0 } };
        raw_call(NR_setitimer, ITIMER_REAL, &it, 0);
        memset(&it, 0, sizeof(it));
        raw_call(NR_setitimer, ITIMER_REAL, &it, &old);
        step(old.it_interval.tv_sec, "the old interval");
        check(old.it_value.tv_sec == 99, "what was left");
}

/* ------------------------------------------------------------------ scheduling */

static void scheduling(void)
{
        unsigned cpu = 9, node = 9;
        unsigned long mask[128] = { 0 };
        int priority = 0;
        long size;

        scene("scheduling");
        step(raw_call(NR_sched_yield), "yield");
        step(raw_call(NR_getcpu, &cpu, &node, 0), "getcpu");
        check(cpu < 1024 && node == 0, "numbers");
        size = raw_call(NR_sched_getaffinity, 0, sizeof(mask), mask);
        check(size > 0 && size % 8 == 0 && mask[0], "affinity");
        step(raw_call(NR_sched_getaffinity, 0, 4, mask), "a mask of 4 bytes");
        step(raw_call(NR_sched_getaffinity, 0x3fffff, sizeof(mask), mask), "of nobody");
        step(raw_call(NR_sched_setaffinity, 0, 8, mask), "set it to the same");
        mask[0] = 0;
        step(raw_call(NR_sched_setaffinity, 0, 8, mask), "set it to none");
        step(raw_call(NR_sched_getscheduler, 0), "class");
        step(raw_call(NR_sched_setscheduler, 0, 0, &priority), "the ordinary one");
        step(raw_call(NR_sched_setscheduler, 0, 77, &priority), "class 77");
        priority = 1;
        step(raw_call(NR_sched_setscheduler, 0, 0, &priority), "the ordinary one, priority 1");
        step(raw_call(NR_sched_getparam, 0, 0), "parameters to nowhere");
        step(raw_call(NR_sched_get_priority_max, 1), "highest of FIFO");
        step(raw_call(NR_sched_get_priority_min, 1), "lowest of FIFO");
        step(raw_call(NR_sched_get_priority_max, 0), "highest of the ordinary");
        step(raw_call(NR_sched_get_priority_max, 77), "highest of 77");
        step(raw_call(NR_getpriority, 0, 0), "nice, as 20 less it");
        step(raw_call(NR_setpriority, 0, 0, 5), "nice 5");
        step(raw_call(NR_getpriority, 0, 0), "nice");
        step(raw_call(NR_setpriority, 0, 0, 100), "nice 100");
        step(raw_call(NR_getpriority, 0, 0), "nice");
        step(raw_call(NR_getpriority, 3, 0), "of a bad kind");
        step(raw_call(NR_getpriority, 0, 0x3fffff), "of nobody");
        step(raw_call(NR_membarrier, 8, 0, 0), "membarrier, not registered");
        step(raw_call(NR_membarrier, 16, 0, 0), "register");
        step(raw_call(NR_membarrier, 8, 0, 0), "membarrier");
        step(raw_call(NR_membarrier, 3, 0, 0), "membarrier, unknown");
        step(raw_call(NR_membarrier, 0, 1, 0), "membarrier, a bad flag");
}

/* ------------------------------------------------------------------ the system */

static void system_itself(void)
{
        struct utsname name;
        char random[64] = { 0 };
        int set = 0;

        scene("the system");
        step(raw_call(NR_uname, &name), "uname");
        say("     %s, %s", name.sysname, name.machine);
        step(raw_call(NR_uname, 8), "uname to a bad address");
        step(raw_call(NR_sysinfo, 0), "sysinfo to nowhere");
        step(raw_call(NR_getrandom, random, sizeof(random), 0), "getrandom");
        for (unsigned i = 0; i < sizeof(random); i++)
                set += random[i] != 0;
        check(set > 32, "it is not zeros");
        step(raw_call(NR_getrandom, random, 0, 0), "none");
        step(raw_call(NR_getrandom, 8, 8, 0), "to a bad address");
        step(raw_call(NR_getrandom, random, 8, 8), "a bad flag");
        step(raw_call(NR_getrandom, random, 8, 6), "both sources");
        step(raw_call(NR_reboot, 0, 0, 0, 0), "reboot without the magic numbers");
        step(raw_call(999), "system call 999");
        step(raw_call(-1), "system call -1");
}

int main(void)
{
        reading();
        cpu_time();
        sleeping();
        timers();
        scheduling();
        system_itself();
        return 0;
}
