/* SPDX-License-Identifier: MIT */
/* One sequence in a process of its own: trial.h. */
#define _GNU_SOURCE
#include "tests/diff/trial.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/diff/linux.h"
#include "tests/diff/report.h"
#include "tests/diff/strips.h"
#include "tests/diff/terrane.h"

#define TRIAL_SECONDS 30

/* What the process leaves behind. */
struct left {
        struct verdict verdict;
        volatile unsigned at;
        bool ended;
        char kind[64];
};

static struct left *left;

const char *finding_name(enum finding finding)
{
        static const char *const names[] = { "nothing", "difference", "crash", "hang" };

        return names[finding];
}

/* ------------------------------------------------------------------ in the process */

static FILE *telling;
static bool telling_all;
static union snapshot_room before;

static void tell_call(unsigned index, const struct op *op, struct snapshot *l, struct snapshot *m,
                      bool same)
{
        fprintf(telling, "%3u  ", index);
        report_op(telling, op);
        fputs(" = ", telling);
        report_result(telling, op, m);
        if (l && (l->result != m->result || l->signo != m->signo || l->code != m->code ||
                  l->addr != m->addr || l->vector != m->vector)) {
                fputs(" but on Linux ", telling);
                report_result(telling, op, l);
        }
        fputs(same ? "\n" : "   <--\n", telling);
}

static void watch(unsigned index, const struct op *op, struct snapshot *l, struct snapshot *m)
{
        bool same = !l || (l->size == m->size && !memcmp(l, m, l->size));

        if (!same)
                snprintf(left->kind, sizeof(left->kind), "%s: %s", op_name(op->kind),
                         report_kind(l, m));
        if (!telling)
                return;
        tell_call(index, op, l, m, same);
        if (telling_all)
                report_snapshot(telling, m);
        if (!same) {
                report_difference(telling, l, m);
                fputs("before:\n", telling);
                strips_draw(telling, &before.s);
                fputs("behind it, on Linux:\n", telling);
                strips_draw(telling, l);
                fputs("behind it, mm/:\n", telling);
                strips_draw(telling, m);
        }
        memcpy(&before, m, m->size);
        fflush(telling);
}

_Noreturn static void child(const struct sequence *sequence, const struct options *options,
                            int output)
{
        struct engine_options engine = options->engine;

        dup2(output, 1);
        dup2(output, 2);
        alarm(TRIAL_SECONDS);
        engine.watch = watch;
        engine.at = &left->at;
        if (!engine.alone)
                linux_start();
        left->verdict = engine_run(sequence, &engine);
        left->ended = true;
        _exit(0);
}

/* ------------------------------------------------------------------ outside */

/* A crash says in its first line what it was. */
static void first_line(FILE *log, char *kind, size_t size)
{
        char line[512];

        rewind(log);
        while (fgets(line, sizeof(line), log)) {
                line[strcspn(line, "\n")] = 0;
                if (strstr(line, "panic:") || strstr(line, "ERROR:") || strstr(line, "error:")) {
                        snprintf(kind, size, "%.*s", (int)size - 1, line);
                        return;
                }
        }
}

static struct trial judge(int status, FILE *log)
{
        struct trial trial = { .index = left->at };

        if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
                errx(3, "the comparison itself failed: see above");
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
                trial.finding = FOUND_HANG;
                snprintf(trial.kind, sizeof(trial.kind), "no end in %u s", TRIAL_SECONDS);
        } else if (!left->ended) {
                trial.finding = FOUND_CRASH;
                snprintf(trial.kind, sizeof(trial.kind), "signal %d", WTERMSIG(status));
                first_line(log, trial.kind, sizeof(trial.kind));
        } else if (left->verdict.outcome != SAME) {
                trial.finding = left->verdict.outcome == HUNG ? FOUND_HANG : FOUND_DIFFERENCE;
                trial.index = left->verdict.index;
                memcpy(trial.kind, left->kind, sizeof(trial.kind));
        }
        return trial;
}

static struct trial run(const struct sequence *sequence, const struct options *options, FILE *log)
{
        pid_t pid;
        int status;

        if (!left)
                left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                            -1, 0);
        if (left == MAP_FAILED)
                err(3, "shared memory");
        memset(left, 0, sizeof(*left));
        fflush(NULL);
        pid = fork();
        if (pid < 0)
                err(3, "fork");
        if (pid == 0)
                child(sequence, options, fileno(log));
        waitpid(pid, &status, 0);
        return judge(status, log);
}

struct trial trial_run(const struct sequence *sequence, const struct options *options)
{
        FILE *log = tmpfile();
        struct trial trial;

        if (!log)
                err(3, "a temporary file");
        telling = NULL;
        trial = run(sequence, options, log);
        fclose(log);
        return trial;
}

struct trial trial_tell(const struct sequence *sequence, const struct options *options, FILE *out,
                        bool verbose)
{
        FILE *log = tmpfile();
        struct trial trial;
        int c;

        if (!log)
                err(3, "a temporary file");
        telling = stdout;
        telling_all = verbose;
        trial = run(sequence, options, log);
        rewind(log);
        while ((c = getc(log)) != EOF)
                putc(c, out);
        fclose(log);
        if (trial.finding == FOUND_CRASH || trial.finding == FOUND_HANG) {
                fprintf(out, "%s in call %u: ", finding_name(trial.finding), trial.index);
                if (trial.index < sequence->nr)
                        report_op(out, &sequence->ops[trial.index]);
                fputs("\n", out);
        }
        return trial;
}
