/* SPDX-License-Identifier: MIT */
/*
 * same [--seed N] [--rounds N] [--calls N] [--detail round|calls|text] [--from N] [--to N]
 * same --list FILE
 *
 * Rounds of random calls (same.h), a line each: its seed, the calls made, a hash of all that was
 * seen. With more detail a line for each call, or the text of the calls from N to N. FILE has a
 * round in each line: seed, number of calls, detail, from, to, and the numbers of the calls to be
 * made of these (all, if there are none). tests/same runs it on two kernels and compares.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/fuzz/same/same.h"

#define SECONDS_OF_A_ROUND 60

static volatile sig_atomic_t is_late;

static void on_alarm(int signo)
{
        (void)signo;
        is_late = 1;
}

static void die(const char *what)
{
        fprintf(stderr, "same: %s\n", what);
        exit(2);
}

/* ------------------------------------------------------------------ what a round begins with */

static void at_fd(long fd, int wanted)
{
        if (fd < 0)
                die("a descriptor");
        if (fd == wanted)
                return;
        raw_call(NR_dup2, fd, wanted);
        raw_call(NR_close, fd);
}

static void make_pipe(int at, int flags)
{
        int fds[2];

        if (raw_call(NR_pipe2, fds, flags) != 0)
                die("a pipe");
        at_fd(fds[0], at);
        at_fd(fds[1], at + 1);
}

static void make_memfd(unsigned file, unsigned long size)
{
        int fd = FD_FILE + (int)file;

        at_fd(raw_call(NR_memfd_create, "same", 0), fd);
        raw_call(NR_ftruncate, fd, size);
        for (unsigned long page = 0; page < size / OP_PAGE; page++) {
                unsigned char byte = file_byte(file, page);

                if (byte)
                        raw_call(NR_pwrite64, fd, &byte, 1, page * OP_PAGE);
        }
}

static void make_files(void)
{
        char path[32];

        make_memfd(FILE_SMALL, SMALL_FILE_SIZE);
        make_memfd(FILE_LARGE, LARGE_FILE_SIZE);
        make_memfd(FILE_EMPTY, 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", FD_FILE + FILE_SMALL);
        at_fd(raw_call(NR_open, path, O_RDONLY, 0), FD_FILE + FILE_READONLY);
        at_fd(raw_call(NR_open, "/dev/zero", O_RDWR, 0), FD_FILE + FILE_ZERO);
}

static void make_control(void)
{
        raw_call(NR_munmap, control, sizeof(*control));
        at_fd(raw_call(NR_memfd_create, "control", 0), FD_CONTROL);
        if (raw_call(NR_ftruncate, FD_CONTROL, sizeof(*control)) != 0)
                die("memory");
        control_map();
}

/* ------------------------------------------------------------------ the supervisor */

static void kill_workers(void)
{
        for (unsigned i = 0; i < WORKERS; i++)
                if (control->worker[i].state != WORKER_FREE && control->worker[i].pid > 0)
                        raw_call(NR_kill, control->worker[i].pid, SIGKILL);
        while (raw_call(NR_wait4, -1, 0, 0, 0) > 0)
                ;
}

static int worker_of(long pid)
{
        for (int i = 0; i < WORKERS; i++)
                if (control->worker[i].pid == pid && control->worker[i].state != WORKER_FREE)
                        return i;
        return -1;
}

/* Waits until all calls are made, or until a worker ends that was not to. */
static void supervise(void)
{
        while (!control->finished) {
                int status, w;
                long pid = raw_call(NR_wait4, -1, &status, 0, 0);

                if (pid < 0) {
                        put("%s\n", is_late ? "the time is over" : errno_name(pid));
                        text_end();
                        return;
                }
                w = worker_of(pid);
                if (control->finished)
                        return;
                if (w < 0 || control->worker[w].state != WORKER_EXITING || status) {
                        put("worker %d ended with status %#x\n", w, status);
                        text_end();
                        return;
                }
                control->worker[w].state = WORKER_FREE;
                turn_give(control->turn);
        }
}

static void start_workers(void)
{
        long pid = raw_call(NR_fork);

        if (pid < 0)
                die("fork");
        if (pid == 0)
                worker_begin();
        alarm(SECONDS_OF_A_ROUND);
        supervise();
        alarm(0);
        kill_workers();
}

struct round {
        uint64_t seed;
        unsigned calls;
        enum detail detail;
        unsigned from, to;
        const char *only; /* numbers of calls, or an empty text for all */
};

/* Leaves out what is not named; what stays keeps its order. */
static void keep_only(const char *only)
{
        unsigned kept = 0;
        char *next;

        for (;;) {
                unsigned long i = strtoul(only, &next, 10);

                if (next == only)
                        break;
                if (i >= control->count)
                        die("there is no such call");
                control->calls[kept++] = control->calls[i];
                only = next;
        }
        if (kept) {
                control->count = kept;
                control->calls[kept - 1].quiet = false;
        }
}

static void run_round(const struct round *round)
{
        char line[96];
        int length;

        is_late = 0;
        make_control();
        make_pipe(FD_DATA, O_NONBLOCK);
        make_files();
        for (int i = 0; i < WORKERS; i++)
                make_pipe(FD_TURN + 2 * i, 0);
        control->seed = round->seed;
        control->count = round->calls;
        control->detail = round->detail;
        control->from = round->from;
        control->to = round->to;
        choose_calls(round->seed, round->calls);
        keep_only(round->only);
        text_begin(0);
        put("start");
        start_workers();
        /* Not by way of stdio, whose buffers lie in the heap that the workers look at. */
        length = snprintf(line, sizeof(line), "round %lu calls %u of %u hash %016lx\n",
                          (unsigned long)round->seed, control->next, control->count,
                          (unsigned long)control->hash);
        raw_call(NR_write, 1, line, length);
}

/* ------------------------------------------------------------------ the command line */

static enum detail detail_of(const char *word)
{
        if (!strncmp(word, "round", 5))
                return DETAIL_ROUND;
        return strncmp(word, "calls", 5) ? DETAIL_TEXT : DETAIL_CALLS;
}

static void check_round(const struct round *round)
{
        if (round->calls < 1 || round->calls > CALLS_MAX)
                die("1 to 1000 calls");
}

static void run_list(const char *path)
{
        static char line[8192];
        FILE *file = fopen(path, "r");

        if (!file)
                die(path);
        while (fgets(line, sizeof(line), file)) {
                struct round round = { 0 };
                unsigned long seed;
                char word[8];
                int end = 0;

                if (sscanf(line, "%lu %u %7s %u %u%n", &seed, &round.calls, word, &round.from,
                           &round.to, &end) < 5)
                        die("a line of the list");
                round.seed = seed;
                round.detail = detail_of(word);
                round.only = line + end;
                check_round(&round);
                run_round(&round);
        }
        fclose(file);
}

int main(int argc, char **argv)
{
        struct round round = { .seed = 1, .calls = 100, .to = ~0U, .only = "" };
        unsigned long rounds = 10;

        if (argc == 3 && !strcmp(argv[1], "--resume"))
                worker_resume((unsigned)atoi(argv[2]));
        signal(SIGALRM, on_alarm);
        for (int i = 1; i + 1 < argc; i += 2) {
                if (!strcmp(argv[i], "--seed"))
                        round.seed = strtoul(argv[i + 1], NULL, 0);
                else if (!strcmp(argv[i], "--rounds"))
                        rounds = strtoul(argv[i + 1], NULL, 0);
                else if (!strcmp(argv[i], "--calls"))
                        round.calls = (unsigned)strtoul(argv[i + 1], NULL, 0);
                else if (!strcmp(argv[i], "--detail"))
                        round.detail = detail_of(argv[i + 1]);
                else if (!strcmp(argv[i], "--from"))
                        round.from = (unsigned)strtoul(argv[i + 1], NULL, 0);
                else if (!strcmp(argv[i], "--to"))
                        round.to = (unsigned)strtoul(argv[i + 1], NULL, 0);
                else if (!strcmp(argv[i], "--list"))
                        return run_list(argv[i + 1]), 0;
                else
                        die("an unknown option");
        }
        check_round(&round);
        while (rounds--) {
                run_round(&round);
                round.seed++;
        }
        return 0;
}
