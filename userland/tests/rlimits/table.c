/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NOFILE again: a table that grows up to its limit, a limit below what is open, none at all,
 * and what else looks at it: poll, exec, fork, /proc.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define DUP     0 /* F_DUPFD */
#define SET_FD  2 /* F_SETFD */
#define CLOEXEC 1

static long dup_at(int from)
{
        return raw_call(NR_fcntl, 0, DUP, from);
}

/* The highest descriptor that is to be had, and the errno that ends it. */
static void fill_up(void)
{
        long fd, last = -1;

        while ((fd = raw_call(NR_dup, 0)) >= 0)
                last = fd;
        step(last, "the last one");
        step(fd, "and then");
}

static void growth(void)
{
        static const int sizes[] = { 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000 };

        for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                limit_set(LIMIT_NOFILE, (unsigned long)sizes[i], 1000);
                say("     limit %d", sizes[i]);
                fill_up();
                step(dup_at(sizes[i] - 1), "from the last");
                raw_call(NR_close, sizes[i] - 1);
                step(dup_at(sizes[i] - 1), "from the last, which is free");
                step(dup_at(sizes[i]), "from the limit");
                raw_call(NR_close_range, 100, ~0U, 0);
        }
}

static void sparse(void)
{
        limit_set(LIMIT_NOFILE, 1000, 1000);
        raw_call(NR_close_range, 20, ~0U, 0);
        step(raw_call(NR_dup2, 0, 999), "dup2 to the last");
        step(raw_call(NR_dup2, 0, 1000), "to the limit");
        step(dup_at(500), "F_DUPFD from 500");
        step(dup_at(500), "and again");
        step(dup_at(998), "from 998");
        step(dup_at(998), "and again");
        limit_set(LIMIT_NOFILE, 500, 1000);
        step(dup_at(499), "from 499, limit 500");
        step(dup_at(499), "and again");
        step(raw_call(NR_close_range, 500, 998, 0), "close_range of some above the limit");
        step(raw_call(NR_dup2, 999, 20), "dup2 from above the limit");
        step(raw_call(NR_dup2, 999, 999), "dup2 to itself above the limit");
        step(raw_call(NR_dup2, 0, 999), "dup2 to what is open above the limit");
        step(raw_call(NR_dup3, 0, 999, 0), "dup3 to what is open above the limit");
}

/* Descriptors that are open stay usable; there is a new one only where it is below. */
static void lowered(void)
{
        int pair[2] = { -1, -1 };
        char byte = 'x';

        limit_set(LIMIT_NOFILE, 100, 1000);
        raw_call(NR_close_range, 3, ~0U, 0);
        fill_up();
        step(raw_call(NR_close, 90), "close 90");
        step(raw_call(NR_pipe, pair), "one is free: pipe");
        step(raw_call(NR_close, 91), "close 91");
        step(raw_call(NR_pipe, pair), "two are free: pipe");
        say("     %d %d", pair[0], pair[1]);
        step(limit_set(LIMIT_NOFILE, 10, 1000), "limit 10");
        step(raw_call(NR_write, pair[1], &byte, 1), "write to it");
        step(raw_call(NR_read, pair[0], &byte, 1), "read from it");
        step(raw_call(NR_fcntl, 99, SET_FD, CLOEXEC), "F_SETFD of 99");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_close, 50), "close 50");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_close, 10), "close 10");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_close, 9), "close 9");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_dup2, 0, 5), "dup2 to what is open below");
        step(raw_call(NR_open, "/proc/self/maps", 0, 0), "open");
        step(limit_set(LIMIT_NOFILE, 12, 1000), "limit 12");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_dup, 0), "dup");
}

static void no_files(void)
{
        int pair[2];

        step(limit_set(LIMIT_NOFILE, 0, 1000), "no files");
        step(raw_call(NR_dup, 0), "dup");
        step(raw_call(NR_dup2, 0, 0), "dup2 to itself");
        step(raw_call(NR_dup2, 0, 1), "dup2");
        step(dup_at(0), "F_DUPFD");
        step(raw_call(NR_open, "/", 0, 0), "open");
        step(raw_call(NR_pipe, pair), "pipe");
        step(raw_call(NR_pidfd_open, getpid(), 0), "pidfd_open");
        step(raw_call(NR_poll, pair, 0, 0), "poll of nothing");
        step(exec_self("without a file"), "not reached");
}

static void polled(void)
{
        static struct pollfd fds[64];
        unsigned long words[4] = { 0 };

        limit_set(LIMIT_NOFILE, 40, 1000);
        for (int i = 0; i < 64; i++)
                fds[i].fd = -1;
        step(raw_call(NR_poll, fds, 39, 0), "poll of 39");
        step(raw_call(NR_poll, fds, 40, 0), "of 40");
        step(raw_call(NR_poll, fds, 41, 0), "of 41");
        step(raw_call(NR_poll, 8, 41, 0), "of 41 at a bad address");
        step(raw_call(NR_poll, fds, -1, 0), "of -1");
        step(raw_call(NR_ppoll, fds, 41, 0, 0, 0), "ppoll of 41");
        step(raw_call(NR_select, 200, words, 0, 0, words + 2), "select of 200");
        step(raw_call(NR_select, -1, words, 0, 0, words + 2), "select of -1");
}

/* A child and a new program have what was open, whatever the limit. */
static void handed_on(void)
{
        long pid;
        int status;

        limit_set(LIMIT_NOFILE, 300, 1000);
        step(raw_call(NR_dup2, 1, 250), "dup2 to 250");
        limit_set(LIMIT_NOFILE, 10, 1000);
        pid = raw_call(NR_fork);
        if (pid == 0)
                _exit(raw_call(NR_write, 250, "     a child writes\n", 20) == 20);
        waitpid((pid_t)pid, &status, 0);
        step(status >> 8, "written");
        step(exec_self("with few files"), "not reached");
}

void rlimits_table(void)
{
        scene("a table that grows");
        in_child(growth, "each limit");
        scene("a table with gaps");
        in_child(sparse, "far apart");
        scene("a limit below what is open");
        in_child(lowered, "lower");
        in_child(no_files, "0");
        in_child(handed_on, "fork and exec");
        scene("poll");
        in_child(polled, "numbers");
}
