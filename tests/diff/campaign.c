/* SPDX-License-Identifier: MIT */
/* Many sequences: campaign.h. */
#define _GNU_SOURCE
#include "tests/diff/campaign.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/diff/linux.h"
#include "tests/diff/results.h"
#include "tests/diff/tell.h"

#define SEQUENCE_SECONDS 60 /* for both sides together, before it is called a hang */
#define EXIT_FOUND       10

/* One chunk, shared with the process that works on it. */
struct job {
        pid_t pid; /* 0: idle */
        uint64_t first, end;
        uint64_t seed; /* being worked on */
        uint64_t calls, sequences, allowed;
        unsigned found;
};

struct campaign {
        const struct options *options;
        struct job *jobs; /* options->jobs of them, shared */
        struct results *results;
        uint64_t next, end; /* seeds that no job has yet */
        struct summary sum;
        double began, told;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signo)
{
        (void)signo;
        stopped = 1;
}

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ------------------------------------------------------------------ the working process */

_Noreturn static void work(struct campaign *c, struct job *job)
{
        static struct sequence sequence;
        const struct options *o = c->options;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        if (!o->alone)
                linux_start();
        for (; job->seed < job->end; job->seed++) {
                struct verdict v;

                alarm(SEQUENCE_SECONDS);
                sequence_make(&sequence, &o->stream, job->seed);
                v = engine_run(&sequence, &o->engine);
                if (v.outcome != SAME)
                        _exit(EXIT_FOUND);
                job->calls += v.compared;
                job->allowed += v.allowed;
                job->sequences++;
        }
        if (!o->alone)
                linux_stop();
        _exit(0);
}

static void job_start(struct campaign *c, struct job *job)
{
        pid_t pid;

        fflush(NULL);
        pid = fork();
        if (pid < 0)
                err(3, "fork");
        if (pid == 0)
                work(c, job);
        job->pid = pid;
}

/* ------------------------------------------------------------------ chunks */

/* The next chunk that is not done already; false: there is none. */
static bool next_chunk(struct campaign *c, struct job *job)
{
        while (c->next < c->end) {
                uint64_t first = c->next, end = first + CHUNK < c->end ? first + CHUNK : c->end;
                uint64_t calls;

                c->next = end;
                if (results_has(c->results, first, end, &calls)) {
                        c->sum.calls += calls;
                        c->sum.sequences += end - first;
                        continue;
                }
                *job = (struct job){ .first = first, .end = end, .seed = first };
                return true;
        }
        return false;
}

static bool is_enough(const struct campaign *c)
{
        const struct options *o = c->options;
        uint64_t calls = c->sum.calls;

        for (unsigned i = 0; i < o->jobs; i++)
                calls += c->jobs[i].pid ? c->jobs[i].calls : 0;
        return stopped || (o->calls && calls >= o->calls) ||
               (o->seconds > 0 && now() - c->began >= o->seconds) || c->sum.found >= o->stop_after;
}

static void chunk_done(struct campaign *c, struct job *job)
{
        c->sum.calls += job->calls;
        c->sum.sequences += job->sequences;
        c->sum.allowed += job->allowed;
        if (job->sequences + job->found == job->end - job->first)
                results_add(c->results, job->first, job->end, job->calls, job->found);
        job->pid = 0;
}

/* The process that worked on the chunk has ended: at its end, or because it found something. */
static void job_ended(struct campaign *c, struct job *job, int status)
{
        static struct sequence sequence;
        char name[32];

        if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
                errx(3, "seed %lu: the comparison itself failed", (long)job->seed);
        if (job->seed >= job->end) {
                chunk_done(c, job);
                return;
        }
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && stopped) {
                chunk_done(c, job);
                return;
        }
        c->sum.found++;
        job->found++;
        sequence_make(&sequence, &c->options->stream, job->seed);
        snprintf(name, sizeof(name), "seed %lu", (long)job->seed);
        tell_finding(&sequence, c->options, name);
        job->seed++;
        if (job->seed < job->end && !is_enough(c))
                job_start(c, job);
        else
                chunk_done(c, job);
}

/* ------------------------------------------------------------------ all of it */

static void show_progress(struct campaign *c)
{
        const bool terminal = isatty(2);
        double t = now(), often = terminal ? 1 : 30;
        uint64_t calls = c->sum.calls;

        if (c->options->quiet || t - c->told < often)
                return;
        c->told = t;
        for (unsigned i = 0; i < c->options->jobs; i++)
                calls += c->jobs[i].pid ? c->jobs[i].calls : 0;
        fprintf(stderr, "%s%lu calls compared, %u differences, %.0f calls/s, seed %lu%s",
                terminal ? "\r" : "", (long)calls, c->sum.found,
                (double)calls / (t - c->began + 0.001), (long)c->next, terminal ? "  " : "\n");
}

/* Seeds below this are all done. */
static uint64_t done_below(const struct campaign *c)
{
        uint64_t seed = c->next;

        for (unsigned i = 0; i < c->options->jobs; i++)
                if (c->jobs[i].pid && c->jobs[i].seed < seed)
                        seed = c->jobs[i].seed;
        return seed;
}

/* Whoever waits is woken by a child or, four times a second, by the timer. */
static void wait_for_job(struct campaign *c)
{
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);

        if (pid <= 0) {
                usleep(20000);
                return;
        }
        for (unsigned i = 0; i < c->options->jobs; i++)
                if (c->jobs[i].pid == pid)
                        job_ended(c, &c->jobs[i], status);
}

static bool any_job(const struct campaign *c)
{
        for (unsigned i = 0; i < c->options->jobs; i++)
                if (c->jobs[i].pid)
                        return true;
        return false;
}

static void stop_jobs(struct campaign *c)
{
        c->sum.last = done_below(c) - 1;
        for (unsigned i = 0; i < c->options->jobs; i++) {
                if (!c->jobs[i].pid)
                        continue;
                kill(c->jobs[i].pid, SIGKILL);
                waitpid(c->jobs[i].pid, NULL, 0);
                chunk_done(c, &c->jobs[i]);
        }
}

static void run_jobs(struct campaign *c)
{
        while (!is_enough(c)) {
                for (unsigned i = 0; i < c->options->jobs; i++)
                        if (!c->jobs[i].pid && next_chunk(c, &c->jobs[i]))
                                job_start(c, &c->jobs[i]);
                if (!any_job(c))
                        break;
                wait_for_job(c);
                show_progress(c);
        }
        stop_jobs(c);
        if (isatty(2) && !c->options->quiet)
                fputs("\r\033[K", stderr);
}

/* Of all processes that have ended: this machine's side is among them. */
static double cpu_seconds(void)
{
        struct rusage usage;

        getrusage(RUSAGE_CHILDREN, &usage);
        return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct summary campaign_run(const struct options *o)
{
        struct campaign c = { .options = o,
                              .results = results_open(o->results),
                              .next = o->seed,
                              .end = o->seed + o->sequences,
                              .began = now(),
                              .sum.first = o->seed };
        struct sigaction action = { .sa_handler = on_stop };

        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        c.told = c.began;
        c.jobs = mmap(NULL, o->jobs * sizeof(*c.jobs), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (c.jobs == MAP_FAILED)
                err(3, "shared memory");
        run_jobs(&c);
        c.sum.seconds = now() - c.began;
        c.sum.cpu_seconds = cpu_seconds();
        c.sum.interrupted = stopped;
        results_close(c.results);
        return c.sum;
}
