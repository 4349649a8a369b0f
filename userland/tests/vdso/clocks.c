/* SPDX-License-Identifier: MIT */
/* What the functions say, and what the system calls say. */
#include "userland/tests/vdso/vdso.h"

#include <stdlib.h>
#include <unistd.h>

#define READINGS 20000

static struct functions f;

static const struct {
        int id;
        const char *name;
} clocks[] = {
        { 0, "CLOCK_REALTIME" },
        { 1, "CLOCK_MONOTONIC" },
        { 2, "CLOCK_PROCESS_CPUTIME" },
        { 3, "CLOCK_THREAD_CPUTIME" },
        { 4, "CLOCK_MONOTONIC_RAW" },
        { 5, "CLOCK_REALTIME_COARSE" },
        { 6, "CLOCK_MONOTONIC_COARSE" },
        { 7, "CLOCK_BOOTTIME" },
        { 11, "CLOCK_TAI" },
};
#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

static int not_after(const struct timespec64 *a, const struct timespec64 *b)
{
        return a->sec < b->sec || (a->sec == b->sec && a->nsec <= b->nsec);
}

/* Readings of both kinds by turns never go back. */
static void in_turn(int id, const char *name)
{
        struct timespec64 before = { 0, 0 }, now;
        long wrong = 0;

        for (int i = 0; i < 300; i++) {
                long result =
                        i % 2 ? f.clock_gettime(id, &now) : raw_call(NR_clock_gettime, id, &now);

                if (result || !not_after(&before, &now) || (uint64_t)now.nsec >= 1000000000)
                        wrong++;
                before = now;
        }
        step(wrong, "%s: wrong readings", name);
}

static void resolutions(void)
{
        struct timespec64 here, there;

        scene("clock_getres");
        for (unsigned i = 0; i < CLOCKS; i++) {
                long a = f.clock_getres(clocks[i].id, &here);
                long b = raw_call(NR_clock_getres, clocks[i].id, &there);

                check(a == 0 && b == 0 && here.sec == there.sec && here.nsec == there.nsec,
                      "%s: %ld ns", clocks[i].name, (long)here.nsec);
        }
        step(f.clock_getres(1, NULL), "without a place for it");
        step(f.clock_getres(99, NULL), "of clock 99, without a place for it");
}

static void other_numbers(void)
{
        static const int ids[] = { 8, 9, 10, 12, 15, 64, 99, -1, -5, 0x7fffffff };
        struct timespec64 ts;

        scene("other clocks");
        for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
                check(f.clock_gettime(ids[i], &ts) == raw_call(NR_clock_gettime, ids[i], &ts),
                      "clock_gettime of %d is as the system call", ids[i]);
                check(f.clock_getres(ids[i], &ts) == raw_call(NR_clock_getres, ids[i], &ts),
                      "clock_getres of %d is as the system call", ids[i]);
        }
}

static void day_and_time(void)
{
        struct timeval64 before, now, after;
        int32_t zone[2] = { 7, 7 };
        unsigned cpu = 99, node = 99;
        int64_t sec = 0, a, b;

        scene("gettimeofday, time, getcpu");
        raw_call(NR_gettimeofday, &before, NULL);
        step(f.gettimeofday(&now, zone), "gettimeofday");
        raw_call(NR_gettimeofday, &after, NULL);
        check(before.sec * 1000000 + before.usec <= now.sec * 1000000 + now.usec &&
                      now.sec * 1000000 + now.usec <= after.sec * 1000000 + after.usec,
              "between two system calls");
        say("     zone %d %d", zone[0], zone[1]);
        step(f.gettimeofday(NULL, NULL), "for nobody");
        step(f.gettimeofday(NULL, zone), "of the zone alone");
        a = raw_call(NR_time, NULL);
        sec = f.time(&sec);
        b = raw_call(NR_time, NULL);
        check(a <= sec && sec <= b, "time");
        check(f.time(NULL) >= sec, "time for nobody");
        step(f.getcpu(&cpu, &node, NULL), "getcpu");
        check(cpu < 99 && node < 99, "both written");
        step(f.getcpu(NULL, NULL, NULL), "getcpu for nobody");
}

static void write_nowhere(void)
{
        f.clock_gettime(1, (struct timespec64 *)8);
}

static void write_nowhere_slowly(void)
{
        step(f.clock_gettime(2, (struct timespec64 *)8), "a clock that is a system call");
}

static void in_a_child(void)
{
        in_turn(1, "CLOCK_MONOTONIC");
}

static void never_back(void)
{
        struct timespec64 before = { 0, 0 }, now;
        long back = 0;

        for (int i = 0; i < READINGS; i++) {
                f.clock_gettime(1, &now);
                back += !not_after(&before, &now);
                before = now;
        }
        step(back, "readings that went back");
}

void clock_scenes(void)
{
        f = image_functions(image_address());
        scene("clock_gettime, by turns with the system call");
        for (unsigned i = 0; i < CLOCKS; i++)
                in_turn(clocks[i].id, clocks[i].name);
        never_back();
        resolutions();
        other_numbers();
        day_and_time();
        scene("bad addresses, children");
        in_child(write_nowhere, "a time written nowhere");
        in_child(write_nowhere_slowly, "the same by the system call");
        in_child(in_a_child, "in a child");
}
