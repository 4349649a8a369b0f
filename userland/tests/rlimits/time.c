/* SPDX-License-Identifier: MIT */
/* RLIMIT_CPU in seconds, to which programs are driven, and RLIMIT_NICE. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

static volatile int caught;

static void handle(int signo, siginfo_t *info, void *context)
{
        struct limit now = limit_get(LIMIT_CPU);

        (void)context;
        caught++;
        say("     %s, code %d; soft limit %ld now", signal_name(signo), info->si_code,
            (long)now.soft);
}

static void catch (void)
{
        struct sigaction action = { .sa_flags = SA_SIGINFO };

        action.sa_sigaction = handle;
        sigaction(SIGXCPU, &action, NULL);
}

static _Noreturn void burn(void)
{
        for (;;)
                continue;
}

/*
 * SIGXCPU, and again a second later; time that was used before a limit was set counts. When in the
 * next milliseconds a limit is found to be over is not said, so steps are shown when that is over.
 */
static void to_the_end(void)
{
        long result;

        catch ();
        result = limit_set(LIMIT_CPU, 1, 9);
        while (caught < 1)
                continue;
        step(result, "a second");
        result = limit_set(LIMIT_CPU, 1, 9);
        while (caught < 2)
                continue;
        step(result, "a second, which is over");
        limit_set(LIMIT_CPU, 1, 1);
        burn();
}

static void at_once(void)
{
        limit_set(LIMIT_CPU, 0, 0);
        burn();
}

static void soft_zero(void)
{
        limit_set(LIMIT_CPU, 0, 9);
        burn();
}

/* More seconds than nanoseconds fit in a number. */
static void far_away(void)
{
        step(limit_set(LIMIT_CPU, NO_LIMIT - 1, NO_LIMIT - 1), "as many as there are");
        step(limit_set(LIMIT_CPU, 1UL << 62, 1UL << 63), "2^62");
        step(limit_set(LIMIT_CPU, NO_LIMIT / 1000000000, 1UL << 40), "2^64 ns");
}

/* ------------------------------------------------------------------ nice */

static long nice_to(int nice)
{
        return raw_call(NR_setpriority, 0, 0, nice);
}

/* Nobody here may have more than 0, which is as if it were 1: nice 19. */
static void priorities(void)
{
        static const unsigned long limits[] = { 0, 1, 20, 40, NO_LIMIT };

        become(USER);
        for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
                step(limit_set(LIMIT_NICE, limits[i], limits[i]), "limit %ld", (long)limits[i]);
        step(nice_to(0), "to 0, from 0");
        step(nice_to(-1), "to -1");
        step(nice_to(5), "to 5");
        step(nice_to(5), "to 5 again");
        step(nice_to(4), "to 4");
        step(nice_to(0), "to 0");
        step(nice_to(-20), "to -20");
        step(nice_to(-99), "to -99");
        step(raw_call(NR_getpriority, 0, 0), "it is");
        step(nice_to(99), "to 99");
        step(nice_to(19), "to 19");
        step(nice_to(18), "to 18");
        step(raw_call(NR_getpriority, 0, 0), "it is");
}

void rlimits_time(void)
{
        scene("nice");
        in_child(priorities, "limits");
        scene("CPU time");
        in_child(to_the_end, "a second at most, which is over");
        in_child(at_once, "0 at most");
        in_child(soft_zero, "0");
        in_child(far_away, "far away");
}
