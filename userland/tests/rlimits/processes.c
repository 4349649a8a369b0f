/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NPROC: tasks of a user, threads and zombies among them, at the limit for every call that
 * makes one; who is exempt; and programs that are refused to who has become a user with too many.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define CLONE_VM_    0x100
#define CLONE_VFORK_ 0x4000
#define KEEP_CAPS    8
#define CAPS_VERSION 0x20080522
#define SYS_ADMIN    21
#define MOST         1000 /* the hard limit, everywhere */

/* A child that ends at once and is waited for: 0, or the errno. */
static long try_fork(void)
{
        long pid = raw_call(NR_fork);

        if (pid == 0)
                _exit(0);
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        return pid > 0 ? 0 : pid;
}

static long sleeper(void)
{
        long pid = raw_call(NR_fork);

        if (pid == 0)
                for (;;)
                        pause();
        return pid;
}

static long try_vfork(void)
{
        long pid = raw_call(NR_clone, CLONE_VFORK_ | SIGCHLD, 0, 0, 0, 0);

        if (pid == 0)
                _exit(0);
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        return pid > 0 ? 0 : pid;
}

static long try_clone3(void)
{
        unsigned long args[8] = { 0 };
        long pid;

        args[4] = SIGCHLD;
        pid = raw_call(NR_clone3, args, sizeof(args));
        if (pid == 0)
                _exit(0);
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        return pid > 0 ? 0 : pid;
}

static void *thread_main(void *unused)
{
        return unused;
}

static long try_thread(void)
{
        pthread_t thread;
        int err = pthread_create(&thread, NULL, thread_main, NULL);

        if (err)
                return -err;
        pthread_join(thread, NULL);
        return 0;
}

/* Refused for the process, not for its descriptor, of which nothing is told. */
static long try_both(void)
{
        int told = -77;
        long pid;

        limit_set(LIMIT_NOFILE, 0, MOST);
        pid = raw_call(NR_clone, 0x1000 /* CLONE_PIDFD */ | SIGCHLD, 0, &told, 0, 0);
        if (pid == 0)
                _exit(0);
        limit_set(LIMIT_NOFILE, 100, MOST);
        pid = pid < 0 ? pid : 0;
        if (pid == -11)
                pid = raw_call(NR_clone, 0x1000 | SIGCHLD, 0, &told, 0, 0);
        check(told == -77, "nothing is told");
        return pid;
}

static void try_all(const char *when)
{
        say("     %s", when);
        step(try_fork(), "fork");
        step(try_vfork(), "vfork");
        step(try_clone3(), "clone3");
        step(try_thread(), "a thread");
        step(try_both(), "with a pidfd, and no descriptor");
        step(raw_call(NR_wait4, -1, 0, 1, 0), "children left");
}

/* A user with this process alone. */
static void at_the_edge(void)
{
        become(USER);
        for (long n = 3; n >= 0; n--) {
                char text[32];

                snprintf(text, sizeof(text), "limit %ld", n);
                limit_set(LIMIT_NPROC, (unsigned long)n, MOST);
                try_all(text);
        }
        limit_set(LIMIT_NPROC, MOST, MOST);
        try_all("limit enough");
}

static void zombies(void)
{
        long pid;

        become(USER);
        limit_set(LIMIT_NPROC, 2, MOST);
        pid = raw_call(NR_fork);
        if (pid == 0)
                _exit(0);
        raw_call(NR_waitid, 1, pid, 0, 4 | 0x01000000, 0);
        step(try_fork(), "while a zombie is there");
        waitpid((pid_t)pid, NULL, 0);
        step(try_fork(), "when it has been waited for");
}

static void *thread_waits(void *pipe)
{
        char byte;

        raw_call(NR_read, *(int *)pipe, &byte, 1);
        return NULL;
}

static void threads(void)
{
        pthread_t thread;
        int pipe[2];

        become(USER);
        raw_call(NR_pipe, pipe);
        limit_set(LIMIT_NPROC, 2, MOST);
        if (pthread_create(&thread, NULL, thread_waits, pipe))
                return;
        step(try_fork(), "while a thread is there");
        step(try_thread(), "another thread");
        raw_call(NR_write, pipe[1], "x", 1);
        pthread_join(thread, NULL);
        step(try_fork(), "when it has ended");
}

static void lowered(void)
{
        long pids[3];

        become(USER);
        for (int i = 0; i < 3; i++)
                pids[i] = sleeper();
        step(limit_set(LIMIT_NPROC, 2, MOST), "4 are there, limit 2");
        step(try_fork(), "fork");
        end_child(pids[0]);
        end_child(pids[1]);
        step(try_fork(), "2 are there");
        end_child(pids[2]);
        step(try_fork(), "1 is there");
}

/* ------------------------------------------------------------------ who is counted, and exempt */

/* Keep one capability, or none, as another user. */
static void become_with(unsigned id, int cap)
{
        struct {
                unsigned version;
                int pid;
        } header = { CAPS_VERSION, 0 };
        struct {
                unsigned effective, permitted, inheritable;
        } caps[2] = { 0 };

        raw_call(NR_prctl, KEEP_CAPS, 1);
        become(id);
        caps[0].effective = caps[0].permitted = cap >= 0 ? 1U << cap : 0;
        raw_call(NR_capset, &header, caps);
}

static void root_without_caps(void)
{
        become_with(0, -1);
        limit_set(LIMIT_NPROC, 0, MOST);
        step(try_fork(), "root without capabilities, limit 0");
}

static void admin(void)
{
        become_with(USER, SYS_ADMIN);
        limit_set(LIMIT_NPROC, 0, MOST);
        step(try_fork(), "a user with CAP_SYS_ADMIN, limit 0");
}

static void half_root(void)
{
        limit_set(LIMIT_NPROC, 0, MOST);
        raw_call(NR_setresuid, USER, 0, 0);
        step(try_fork(), "effective root, limit 0");
        raw_call(NR_setresuid, 0, USER, 0);
        step(try_fork(), "effectively a user, really root, limit 0");
}

/* Of one user all over the system, by real uid. */
static void counted_by_user(void)
{
        long pid;
        int pair[2];
        char byte;

        raw_call(NR_pipe, pair);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                become(USER);
                raw_call(NR_write, pair[1], "x", 1);
                for (;;)
                        pause();
        }
        raw_call(NR_read, pair[0], &byte, 1);
        become(USER);
        limit_set(LIMIT_NPROC, 2, MOST);
        step(try_fork(), "one that root started counts");
        end_child(pid);
        step(try_fork(), "it is gone");
}

/* ------------------------------------------------------------------ becoming one too many */

/* Goes on in a child, whose parent only waits for it. */
static long stay_child(void)
{
        long pid = raw_call(NR_fork);

        if (pid > 0) {
                waitpid((pid_t)pid, NULL, 0);
                _exit(0);
        }
        return pid;
}

static void exec_after(long limit, int others, int fork_first, const char *what)
{
        long pids[4], pid;
        int status;

        for (int i = 0; i < others; i++) {
                pids[i] = raw_call(NR_fork);
                if (pids[i] == 0) {
                        become(USER);
                        raw_call(NR_kill, getpid(), SIGSTOP);
                }
                waitpid((pid_t)pids[i], NULL, WUNTRACED);
        }
        pid = raw_call(NR_fork);
        if (pid == 0) {
                limit_set(LIMIT_NPROC, (unsigned long)limit, MOST);
                step(raw_call(NR_setresuid, USER, USER, USER), "%s: become a user of %d, limit %ld",
                     what, others, limit);
                if (fork_first) {
                        limit_set(LIMIT_NPROC, MOST, MOST);
                        step(fork_first == 1 ? try_fork() : stay_child(), "a child");
                        limit_set(LIMIT_NPROC, (unsigned long)limit, MOST);
                }
                step(exec_self(what), "a program");
                limit_set(LIMIT_NPROC, MOST, MOST);
                step(exec_self("with another limit"), "a program");
        }
        waitpid((pid_t)pid, &status, 0);
        for (int i = 0; i < others; i++)
                end_child(pids[i]);
}

static void programs(void)
{
        exec_after(5, 0, 0, "below");
        exec_after(1, 0, 0, "it is the one");
        exec_after(0, 0, 0, "none is allowed");
        exec_after(2, 1, 0, "room for both");
        exec_after(1, 1, 0, "one too many");
        exec_after(2, 2, 0, "two are there");
        exec_after(1, 2, 0, "two too many");
        exec_after(0, 1, 0, "not one");
        exec_after(1, 2, 1, "two too many, and a child in between");
        exec_after(1, 2, 2, "two too many, and a child that does it");
}

/* Refused when one becomes another user; forgotten when one becomes him again from himself. */
static void same_user(void)
{
        long pid;

        become(USER);
        pid = sleeper();
        limit_set(LIMIT_NPROC, 1, MOST);
        step(raw_call(NR_setresuid, USER, USER, USER), "a user of 2, limit 1, himself again");
        step(raw_call(NR_setgid, USER), "and his group");
        step(try_fork(), "fork");
        end_child(pid);
        pid = raw_call(NR_fork);
        if (pid == 0)
                step(exec_self("never counted"), "a program");
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        step(exec_self("himself"), "a program");
}

void rlimits_processes(void)
{
        scene("processes: at the edge");
        in_child(at_the_edge, "each limit");
        in_child(zombies, "zombies");
        in_child(threads, "threads");
        in_child(lowered, "below the use");
        scene("processes: who is exempt");
        in_child(root_without_caps, "root");
        in_child(admin, "administrator");
        in_child(half_root, "two ids");
        in_child(counted_by_user, "by user");
        scene("processes: one too many by changing the user");
        in_child(programs, "programs");
        in_child(same_user, "the same user");
}
