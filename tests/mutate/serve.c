/* SPDX-License-Identifier: MIT */
/*
 * The unit tests with the mutants in them, as a server: for each line of the standard input it runs
 * tests in copies of itself, which costs a fork each, and answers with one line.
 *
 *      trace MS TEST               "trace STATUS CPU-MS NUMBER..."   the mutants that it reaches
 *      run MUTANT MS TEST...       "killed TEST HOW CPU-MS TEXT" or "survived CPU-MS"
 *
 * A test is written NAME:MS, with the processor time that it may take; MS in front is the time that
 * may pass, for a test that sleeps for ever. `run` ends with the first test that fails. HOW is
 * "exit", "signal" or "time", TEXT the first line that the test wrote.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/host/host.h"
#include "kernel/base/types.h"
#include "tests/mutate/mutant.h"

#define MUTANTS_MAX 65536
#define OUTPUT_END  (1UL << 20) /* a test that writes more is ended */

int unit_main(int argc, char **argv); /* main() of tests/unit/harness.c */
const char *__asan_default_options(void);

unsigned mutant_chosen;
unsigned char *mutants_reached;

static int output; /* of the running test */

/* Names for addresses take a second to find. */
const char *__asan_default_options(void)
{
        return "symbolize=0:detect_leaks=0:handle_segv=0:handle_abort=0";
}

struct outcome {
        const char *how; /* NULL: passed */
        long ms;         /* of processor time */
};

static _Noreturn void die(const char *what)
{
        perror(what);
        exit(2);
}

/* In the child. The mutant is chosen before the machine is booted. */
static _Noreturn void test_run(unsigned mutant, char *name, long cpu_ms, long ms)
{
        char here[] = "--here", program[] = "unit";
        char *argv[] = { program, here, name, NULL };
        struct itimerval cpu = { .it_value = { cpu_ms / 1000, cpu_ms % 1000 * 1000 } };
        struct itimerval wall = { .it_value = { ms / 1000, ms % 1000 * 1000 } };

        setpgid(0, 0);
        dup2(output, 1);
        dup2(output, 2);
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ OUTPUT_END, OUTPUT_END });
        setitimer(ITIMER_PROF, &cpu, NULL);
        setitimer(ITIMER_REAL, &wall, NULL);
        host_panic_backtrace = false;
        mutant_chosen = mutant;
        _exit(unit_main(3, argv));
}

static struct outcome test_outcome(unsigned mutant, char *name, long cpu_ms, long ms)
{
        struct outcome outcome = { 0 };
        struct rusage usage;
        int status;
        pid_t pid;

        if (ftruncate(output, 0))
                die("ftruncate");
        lseek(output, 0, SEEK_SET);
        pid = fork();
        if (pid < 0)
                die("fork");
        if (pid == 0)
                test_run(mutant, name, cpu_ms, ms);
        while (wait4(pid, &status, 0, &usage) < 0)
                if (errno != EINTR)
                        die("wait4");
        kill(-pid, SIGKILL); /* what it may have left running */
        outcome.ms = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
                     (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
        if (WIFEXITED(status))
                outcome.how = WEXITSTATUS(status) ? "exit" : NULL;
        else if (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM)
                outcome.how = "time";
        else
                outcome.how = "signal";
        return outcome;
}

/* The first line of what the test wrote, behind the head of its KTAP, cut. */
static const char *output_line(void)
{
        static char text[400];
        ssize_t n = pread(output, text, sizeof(text) - 1, 0);
        char *line = text;

        text[n > 0 ? n : 0] = 0;
        while (*line == '\n' || strncmp(line, "KTAP", 4) == 0 || strncmp(line, "1..", 3) == 0 ||
               strncmp(line, "=====", 5) == 0)
                line += strcspn(line, "\n") + (strchr(line, '\n') != NULL);
        line[min_u64(strcspn(line, "\n"), 160)] = 0;
        for (char *at = line; *at; at++)
                if (*at < ' ')
                        *at = ' ';
        return line;
}

/* Cut ":MS" off a name. */
static long limit_take(char *name)
{
        char *colon = strrchr(name, ':');

        if (!colon)
                return 1000;
        *colon = 0;
        return atol(colon + 1);
}

static void trace(void)
{
        char *ms = strtok(NULL, " \n"), *name = strtok(NULL, " \n");
        struct outcome outcome;
        long limit;

        if (!name)
                return;
        limit = limit_take(name);
        memset(mutants_reached, 0, MUTANTS_MAX);
        outcome = test_outcome(0, name, limit, atol(ms));
        printf("trace %s %ld", outcome.how ? outcome.how : "ok", outcome.ms);
        for (unsigned i = 0; i < MUTANTS_MAX; i++)
                if (mutants_reached[i])
                        printf(" %u", i);
        putchar('\n');
}

static void run(void)
{
        char *number = strtok(NULL, " \n"), *ms = strtok(NULL, " \n"), *name;
        long sum = 0;

        while ((name = strtok(NULL, " \n"))) {
                long limit = limit_take(name);
                struct outcome outcome =
                        test_outcome((unsigned)atol(number), name, limit, atol(ms));

                sum += outcome.ms;
                if (outcome.how) {
                        printf("killed %s %s %ld %s\n", name, outcome.how, sum, output_line());
                        return;
                }
        }
        printf("survived %ld\n", sum);
}

int main(int argc, char **argv)
{
        char *line = NULL, *word;
        size_t size = 0;

        if (argc > 1)
                return unit_main(argc, argv); /* the tests as they are: --list */
        output = memfd_create("output", MFD_CLOEXEC);
        mutants_reached =
                mmap(NULL, MUTANTS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (output < 0 || mutants_reached == MAP_FAILED)
                die("serve");
        while (getline(&line, &size, stdin) >= 0) {
                word = strtok(line, " \n");
                if (word && strcmp(word, "trace") == 0)
                        trace();
                else if (word && strcmp(word, "run") == 0)
                        run();
                else
                        puts("what?");
                fflush(stdout);
        }
        return 0;
}
