/* SPDX-License-Identifier: MIT */
/*
 * Commands of scripts that are done by threads, which may wait in them: see cases.h. What such a
 * command writes is kept until the thread is joined.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/uffd/cases.h"
#include "userland/tests/lib/uffd/words.h"

#define THREADS 8

static struct worker {
        pthread_t thread;
        char name[2];
        int tid;
        volatile int done;
        struct command command;
        char text[PUT_ASIDE];
} workers[THREADS];

static struct worker *worker_named(const char *name)
{
        for (int i = 0; i < THREADS; i++)
                if (strcmp(workers[i].name, name) == 0)
                        return &workers[i];
        return NULL;
}

const char *uffd_thread_name(int tid)
{
        if (tid == getpid())
                return "main";
        for (int i = 0; i < THREADS; i++)
                if (workers[i].name[0] && workers[i].tid == tid)
                        return workers[i].name;
        return "?";
}

static void pause_ms(long ms)
{
        struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

        raw_call(NR_nanosleep, &t, NULL);
}

static int is_done_in(struct worker *w, long ms)
{
        while (!w->done && ms-- > 0)
                pause_ms(1);
        return w->done;
}

/* ---------------------------------------------------------------- threads */

static void *work(void *arg)
{
        struct worker *w = arg;

        w->tid = (int)raw_call(NR_gettid);
        put_aside = w->text;
        run_command(&w->command);
        w->done = 1;
        return NULL;
}

/* Does nothing: a signal that ends a wait. */
static void on_stop(int signo)
{
        (void)signo;
}

static void do_go(const struct command *c)
{
        struct sigaction action = { .sa_handler = on_stop };
        struct worker *w = worker_named("");

        if (!w || worker_named(c->word[1])) {
                put(" -> there is no such thread free");
                return;
        }
        sigaction(SIGUSR1, &action, NULL);
        memset(w, 0, sizeof(*w));
        w->name[0] = c->word[1][0];
        for (int i = 0; i < 16; i++)
                w->command.word[i] = i + 2 < 16 ? c->word[i + 2] : "";
        w->command.words = c->words - 2;
        if (pthread_create(&w->thread, NULL, work, w) != 0)
                put(" -> no thread");
}

static void do_blocked(const struct command *c)
{
        struct worker *w = worker_named(c->word[1]);

        put(" -> %s", w && !is_done_in(w, 40) ? "yes" : "no");
}

static void do_join(const struct command *c)
{
        struct worker *w = worker_named(c->word[1]);

        if (!w) {
                put(" -> no such thread");
                return;
        }
        if (!is_done_in(w, 10000)) {
                put(" -> waits on");
                return;
        }
        pthread_join(w->thread, NULL);
        put("%s", w->text[0] ? w->text : " -> done");
        w->name[0] = 0;
}

static void do_stop(const struct command *c)
{
        struct worker *w = worker_named(c->word[1]);

        if (w)
                put_result(raw_call(NR_tgkill, getpid(), w->tid, SIGUSR1));
}

/* The thread ends as the kernel ends it, which writes to this place: nothing of the C library's. */
static void do_leave(const struct command *c)
{
        if (has_word(c, "robust"))
                raw_call(NR_set_robust_list, place_of(c->word[1]), 24);
        raw_call(NR_set_tid_address, has_word(c, "robust") ? 0 : place_of(c->word[1]));
        raw_call(NR_exit, 0);
}

static void do_left(const struct command *c)
{
        struct worker *w = worker_named(c->word[1]);
        long result = 0;

        for (int i = 0; w && i < 3000 && result == 0; i++) {
                if (w->tid)
                        result = raw_call(NR_tgkill, getpid(), w->tid, 0);
                pause_ms(1);
        }
        put(" -> %s", result == 0 ? "waits on" : "yes");
        if (w && result)
                w->name[0] = 0;
}

void uffd_join_all(void)
{
        for (int i = 0; i < THREADS; i++) {
                if (!workers[i].name[0])
                        continue;
                if (is_done_in(&workers[i], 5000))
                        pthread_join(workers[i].thread, NULL);
                say("     thread %s%s", workers[i].name,
                    workers[i].done ? workers[i].text : " waits for ever");
        }
}

/* ---------------------------------------------------------------- processes */

static void do_forked(const struct command *c)
{
        static char text[PUT_ASIDE];
        struct command command = { .words = c->words - 1 };
        int fds[2], status = 0;
        long pid, n;

        for (int i = 0; i < 16; i++)
                command.word[i] = i + 1 < 16 ? c->word[i + 1] : "";
        if (pipe(fds) != 0)
                return;
        pid = raw_call(NR_fork);
        if (pid < 0) {
                put_result(pid);
                return;
        }
        if (pid == 0) {
                text[0] = 0;
                put_aside = text;
                run_command(&command);
                raw_call(NR_write, fds[1], text, strlen(text));
                raw_call(NR_exit_group, 0);
        }
        raw_call(NR_close, fds[1]);
        n = raw_call(NR_read, fds[0], text, sizeof(text) - 1);
        text[n < 0 ? 0 : n] = 0;
        raw_call(NR_close, fds[0]);
        raw_call(NR_wait4, pid, &status, 0, 0);
        put("%s", text[0] ? text : " -> done");
        if (status)
                put(", ended with %#x", status);
}

/* A word cannot hold a blank or a semicolon: a comma stands for one, a plus for the other. */
static void do_exec(const struct command *c)
{
        static char number[16], script[256];
        char *arguments[] = { "uffd", (char *)c->word[1], number, script, NULL };
        char *none[] = { NULL };

        snprintf(number, sizeof(number), "%d", *uffd_named(c->word[1]));
        snprintf(script, sizeof(script), "%s", c->word[2]);
        for (char *p = script; *p; p++)
                *p = *p == ',' ? ' ' : *p == '+' ? ';' : *p;
        put("\n");
        put_result(raw_call(NR_execve, "/proc/self/exe", arguments, none));
}

/* ---------------------------------------------------------------- the kernel's accesses */

/* An object that is sealed against writing: who maps it shared cannot become a writer. */
static void do_nowrite(const struct command *c)
{
        int *fd = object_of(c);

        *fd = (int)raw_call(NR_memfd_create, "sealed", 2 /* ALLOW_SEALING */);
        raw_call(NR_ftruncate, *fd, length_of(c->word[2]));
        put_result(raw_call(NR_fcntl, *fd, 1033 /* F_ADD_SEALS */, 8 /* WRITE */));
}

static void do_nofile(const struct command *c)
{
        unsigned long limit[2] = { strtoul(c->word[1], NULL, 0), 4096 };

        raw_call(NR_setrlimit, 7, limit);
}

static void do_transfer(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]), length = length_of(c->word[2]);
        long result, fd;

        if (c->word[0][1] == 'e') {
                fd = raw_call(NR_open, "/dev/zero", 0, 0);
                result = raw_call(NR_read, fd, addr, length);
        } else {
                fd = raw_call(NR_memfd_create, "given", 0);
                result = raw_call(NR_write, fd, addr, length);
        }
        raw_call(NR_close, fd);
        put_result(result);
}

const struct command_row uffd_thread_rows[] = {
        { "go", do_go },         { "blocked", do_blocked }, { "join", do_join },
        { "stop", do_stop },     { "leave", do_leave },     { "left", do_left },
        { "forked", do_forked }, { "get", do_transfer },    { "give", do_transfer },
        { "nofile", do_nofile }, { "nowrite", do_nowrite }, { "exec", do_exec },
        { NULL, NULL },
};

/* ---------------------------------------------------------------- cases */

/* Descriptors first: that ends the waits of the threads. */
static void end_case(void)
{
        uffd_close_all();
        uffd_join_all();
}

static const struct command_row *const tables[] = { uffd_call_rows, uffd_message_rows,
                                                    uffd_thread_rows, NULL };

void run_uffd_cases(const struct script_case *cases, unsigned count)
{
        script_extend(tables, end_case);
        run_cases(cases, count);
}

int uffd_executed(int argc, char **argv)
{
        if (argc != 4)
                return 1;
        script_extend(tables, end_case);
        *uffd_named(argv[1]) = atoi(argv[2]);
        script_run(argv[3]);
        return 0;
}
