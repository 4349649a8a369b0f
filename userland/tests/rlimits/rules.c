/* SPDX-License-Identifier: MIT */
/* Who may set which limit to what, whose it is, and which error comes first. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define NOBODY   0x3fffff /* a process that there cannot be */
#define NR_OPEN  1048576  /* files that a table can have at most */
#define BAD      8        /* an address */
#define PAST_ALL 16       /* a limit that there is not */

static const char *const limit_names[LIMITS] = {
        "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
        "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
};

static void show(int resource, const char *when)
{
        struct limit now = limit_get(resource);

        say("     %s: %ld %ld", when, (long)now.soft, (long)now.hard);
}

/* Down is for everybody, up for nobody here; all alike, but for CPU, whose 0 would be the end. */
static void down_and_up(void)
{
        become(USER);
        for (int i = LIMIT_CPU + 1; i < LIMITS; i++) {
                scene(limit_names[i]);
                step(limit_set(i, 1000, 1000), "both 1000");
                step(limit_set(i, 1001, 1000), "soft above hard");
                step(limit_set(i, 1000, 1001), "hard one up");
                step(limit_set(i, 1000, NO_LIMIT), "hard to no limit");
                step(limit_set(i, NO_LIMIT, 1000), "soft to no limit");
                step(limit_set(i, 1000, 1000), "the same again");
                step(limit_set(i, 0, 1000), "soft 0");
                show(i, "now");
                step(limit_set(i, 1000, 1000), "soft up to hard");
                step(limit_set(i, 999, 999), "both one down");
                step(limit_set(i, 999, 1000), "hard up again");
                show(i, "now");
        }
}

static void hard_to_zero(void)
{
        become(USER);
        for (int i = LIMIT_CPU + 1; i < LIMITS; i++)
                step(limit_set(i, 0, 0), "%s", limit_names[i]);
        step(limit_set(LIMIT_NOFILE, 0, 1), "NOFILE up again");
}

static void which_error(void)
{
        struct limit bad = { 2, 1 }, good = limit_get(LIMIT_CORE);
        struct limit many = { NR_OPEN, NR_OPEN + 1UL }, odd = { NR_OPEN + 2UL, NR_OPEN + 1UL };

        step(raw_call(NR_setrlimit, PAST_ALL, &good), "set: no such limit");
        step(raw_call(NR_setrlimit, PAST_ALL, BAD), "set: no such limit, bad address");
        step(raw_call(NR_setrlimit, ~0U, &good), "set: limit -1");
        step(raw_call(NR_getrlimit, PAST_ALL, BAD), "get: no such limit, bad address");
        step(raw_call(NR_getrlimit, LIMIT_CORE, BAD), "get: bad address");
        step(raw_call(NR_prlimit64, NOBODY, PAST_ALL, &bad, 0), "prlimit: nobody's, no such limit");
        step(raw_call(NR_prlimit64, NOBODY, PAST_ALL, BAD, 0), "prlimit: the same from nowhere");
        step(raw_call(NR_prlimit64, NOBODY, LIMIT_CORE, 0, 0), "prlimit: nobody's, nothing");
        step(raw_call(NR_prlimit64, -1, LIMIT_CORE, 0, 0), "prlimit: process -1");
        step(raw_call(NR_prlimit64, 0, PAST_ALL, 0, 0), "prlimit: no such limit, nothing");
        step(raw_call(NR_prlimit64, 0, LIMIT_CORE, 0, 0), "prlimit: nothing");
        step(raw_call(NR_prlimit64, 0, PAST_ALL, &bad, BAD), "prlimit: no such limit");
        step(raw_call(NR_prlimit64, 0, LIMIT_CORE, &bad, BAD), "prlimit: soft above hard");
        step(raw_call(NR_setrlimit, LIMIT_NOFILE, &many), "more files than a table holds");
        step(raw_call(NR_setrlimit, LIMIT_NOFILE, &odd), "and soft above hard");
        step(limit_set(LIMIT_NOFILE, NO_LIMIT, NO_LIMIT), "no limit on files");
        limit_set(LIMIT_CORE, 300, 400);
        good = (struct limit){ 100, 200 };
        step(raw_call(NR_prlimit64, 0, LIMIT_CORE, &good, BAD), "prlimit: the old one to nowhere");
        show(LIMIT_CORE, "but it is set");
        step(raw_call(NR_prlimit64, 0, LIMIT_CORE, &good, &good), "in and out at one place");
        say("     %lu %lu", good.soft, good.hard);
        bad = (struct limit){ 1, 201 };
        step(raw_call(NR_prlimit64, 0, LIMIT_CORE, &bad, &good), "refused: is the old one told?");
        say("     %lu %lu", good.soft, good.hard);
}

/* ------------------------------------------------------------------ whose */

static long sleeper(void)
{
        long pid = raw_call(NR_fork);

        if (pid == 0)
                for (;;)
                        pause();
        return pid;
}

static void of_others(void)
{
        struct limit limit = { 50, 60 }, old = { 0, 0 };
        long pid;

        limit_set(LIMIT_CORE, 70, 80);
        become(USER);
        pid = sleeper();
        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, &limit, &old), "of a child of one's own");
        say("     it was %lu %lu", old.soft, old.hard);
        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, 0, &old), "read it");
        say("     it is %lu %lu", old.soft, old.hard);
        show(LIMIT_CORE, "mine");
        limit.hard = 61;
        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, &limit, 0), "raise it");
        step(raw_call(NR_prlimit64, getppid(), LIMIT_CORE, 0, &old), "read root's");
        step(raw_call(NR_prlimit64, getppid(), PAST_ALL, 0, &old), "root's, no such limit");
        step(raw_call(NR_prlimit64, getppid(), LIMIT_CORE, 0, 0), "root's, nothing");
        step(raw_call(NR_kill, pid, SIGKILL), "it dies");
        step(raw_call(NR_waitid, 1, pid, 0, 4 | 0x01000000, 0), "and is not waited for");
        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, 0, &old), "of a zombie");
        end_child(pid);
        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, 0, &old), "and when it is gone");
}

/* Real, effective and saved ids of the other must all be the caller's real one. */
static void of_half_others(void)
{
        static const struct {
                unsigned real, effective, saved, group;
                const char *what;
        } rows[] = {
                { USER, USER, USER, USER, "all the same" },
                { OTHER_USER, USER, USER, USER, "another real uid" },
                { USER, OTHER_USER, USER, USER, "another effective uid" },
                { USER, USER, OTHER_USER, USER, "another saved uid" },
                { USER, USER, USER, OTHER_USER, "another gid" },
        };

        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct limit old;
                long pid = raw_call(NR_fork), by;

                if (pid == 0) {
                        raw_call(NR_setresgid, USER, USER, rows[i].group);
                        raw_call(NR_setresuid, rows[i].real, rows[i].effective, rows[i].saved);
                        raw_call(NR_kill, getpid(), SIGSTOP);
                }
                waitpid((pid_t)pid, NULL, WUNTRACED);
                by = raw_call(NR_fork);
                if (by == 0) {
                        become(USER);
                        step(raw_call(NR_prlimit64, pid, LIMIT_CORE, 0, &old), "%s", rows[i].what);
                        _exit(0);
                }
                waitpid((pid_t)by, NULL, 0);
                end_child(pid);
        }
}

static volatile int thread_tid;

static void *thread_sets(void *unused)
{
        struct limit limit = { 11, 22 };

        (void)unused;
        thread_tid = (int)raw_call(NR_gettid);
        step(raw_call(NR_setrlimit, LIMIT_CORE, &limit), "a thread sets it");
        step(raw_call(NR_prlimit64, thread_tid, LIMIT_CORE, 0, &limit), "by the thread's number");
        say("     %lu %lu", limit.soft, limit.hard);
        return NULL;
}

static void of_threads(void)
{
        pthread_t thread;

        if (pthread_create(&thread, NULL, thread_sets, NULL))
                return;
        pthread_join(thread, NULL);
        show(LIMIT_CORE, "of all");
}

static void inherited(void)
{
        long pid;

        limit_set(LIMIT_CORE, 33, 44);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                show(LIMIT_CORE, "in a child");
                limit_set(LIMIT_CORE, 3, 4);
                step(exec_self("limits"), "not reached");
        }
        waitpid((pid_t)pid, NULL, 0);
        show(LIMIT_CORE, "in the parent");
}

int rlimits_after_exec(const char *what)
{
        if (strcmp(what, "limits") == 0)
                show(LIMIT_CORE, "after exec");
        else
                say("     started: %s", what);
        return 0;
}

void rlimits_rules(void)
{
        in_child(down_and_up, "each limit");
        scene("no more at all");
        in_child(hard_to_zero, "hard limits 0");
        scene("which error comes first");
        in_child(which_error, "errors");
        scene("of other processes");
        in_child(of_others, "prlimit");
        in_child(of_half_others, "ids");
        in_child(of_threads, "threads");
        in_child(inherited, "fork and exec");
}
