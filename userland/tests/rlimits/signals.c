/* SPDX-License-Identifier: MIT */
/* RLIMIT_SIGPENDING: signals that wait with what was sent along, counted by real user. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define FIRST_RT 34
#define MOST     1000 /* the hard limit, everywhere */

static long queue(int signo, int value)
{
        siginfo_t info;

        memset(&info, 0, sizeof(info));
        info.si_code = -1; /* SI_QUEUE */
        info.si_pid = getpid();
        info.si_value.sival_int = value;
        return raw_call(NR_rt_sigqueueinfo, getpid(), signo, &info);
}

static void block_all(void)
{
        unsigned long all = ~0UL;

        raw_call(NR_rt_sigprocmask, SIG_BLOCK, &all, 0, 8);
}

/* Takes what waits, until there is nothing. */
static void take_all(void)
{
        unsigned long set = ~0UL, now[2] = { 0, 0 };
        siginfo_t info;
        long signo;

        memset(&info, 0, sizeof(info));
        while ((signo = raw_call(NR_rt_sigtimedwait, &set, &info, now, 8)) > 0)
                say("     taken: %ld, code %d, value %d, from %s", signo, info.si_code,
                    info.si_value.sival_int,
                    info.si_pid == getpid() ? "itself"
                    : info.si_pid           ? "another"
                                            : "nobody");
}

static void at_the_edge(void)
{
        become(USER);
        block_all();
        for (long n = 0; n <= 3; n++) {
                say("     limit %ld", n);
                limit_set(LIMIT_SIGPENDING, (unsigned long)n, MOST);
                for (int i = 1; i <= 4; i++)
                        step(queue(FIRST_RT, i), "queue");
                step(raw_call(NR_kill, getpid(), FIRST_RT), "kill with the same");
                step(raw_call(NR_kill, getpid(), FIRST_RT + 1), "kill with the next");
                step(raw_call(NR_tkill, getpid(), FIRST_RT + 2), "tkill with another");
                step(queue(SIGUSR1, 9), "queue a standard one");
                step(queue(SIGUSR1, 8), "and again");
                step(raw_call(NR_kill, getpid(), SIGUSR2), "kill with a standard one");
                step(raw_call(NR_tkill, getpid(), SIGHUP), "tkill with a standard one");
                take_all();
        }
}

static void lowered(void)
{
        become(USER);
        block_all();
        limit_set(LIMIT_SIGPENDING, 4, MOST);
        for (int i = 1; i <= 4; i++)
                step(queue(FIRST_RT, i), "queue");
        limit_set(LIMIT_SIGPENDING, 2, MOST);
        step(queue(FIRST_RT, 5), "queue, limit 2");
        take_all();
        step(queue(FIRST_RT, 6), "queue");
        step(queue(FIRST_RT, 7), "queue");
        step(queue(FIRST_RT, 8), "queue");
        take_all();
}

/* What a child of the same user has waiting counts; its limit is what is asked when it is sent to.
 */
static void by_user(void)
{
        siginfo_t info;
        long pid;

        become(USER);
        block_all();
        limit_set(LIMIT_SIGPENDING, 3, MOST);
        pid = raw_call(NR_fork);
        if (pid == 0)
                for (;;)
                        pause();
        memset(&info, 0, sizeof(info));
        info.si_code = -1;
        step(raw_call(NR_rt_sigqueueinfo, pid, FIRST_RT, &info), "to a child");
        step(raw_call(NR_rt_sigqueueinfo, pid, FIRST_RT, &info), "to a child");
        step(queue(FIRST_RT, 1), "to oneself");
        step(queue(FIRST_RT, 2), "to oneself");
        step(raw_call(NR_rt_sigqueueinfo, pid, FIRST_RT, &info), "to a child");
        limit_set(LIMIT_SIGPENDING, 9, MOST);
        step(raw_call(NR_rt_sigqueueinfo, pid, FIRST_RT, &info), "to a child, whose limit is old");
        step(queue(FIRST_RT, 3), "to oneself, with a new limit");
        end_child(pid);
        limit_set(LIMIT_SIGPENDING, 4, MOST);
        step(queue(FIRST_RT, 4), "when it is gone");
        step(queue(FIRST_RT, 5), "and again");
        step(queue(FIRST_RT, 6), "and again");
        take_all();
}

/* Root has no more than his limit either. */
static void root(void)
{
        block_all();
        limit_set(LIMIT_SIGPENDING, 0, MOST);
        step(queue(FIRST_RT, 1), "root, limit 0");
        step(raw_call(NR_kill, getpid(), FIRST_RT), "kill");
        take_all();
}

/* SIGCHLD, an alarm and SIGPIPE come all the same. */
static void from_the_kernel(void)
{
        long timer[4] = { 0, 0, 0, 1 };
        long pid;
        int pair[2];

        become(USER);
        block_all();
        limit_set(LIMIT_SIGPENDING, 0, MOST);
        pid = raw_call(NR_fork);
        if (pid == 0)
                _exit(3);
        raw_call(NR_waitid, 1, pid, 0, 4 | 0x01000000, 0);
        take_all();
        waitpid((pid_t)pid, NULL, 0);
        raw_call(NR_setitimer, 0, timer, 0);
        usleep(20000);
        take_all();
        raw_call(NR_pipe, pair);
        raw_call(NR_close, pair[0]);
        step(raw_call(NR_write, pair[1], "x", 1), "a pipe without a reader");
        take_all();
}

void rlimits_signals(void)
{
        scene("signals that wait");
        in_child(at_the_edge, "each limit");
        in_child(lowered, "below the use");
        in_child(by_user, "by user");
        in_child(root, "root");
        in_child(from_the_kernel, "from the kernel");
}
