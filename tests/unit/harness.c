/* SPDX-License-Identifier: MIT */
/*
 * Runs the unit tests and prints KTAP. Each test is a child process whose output is shown, as
 * diagnostic lines, only if the test failed (or with --verbose); its notes always are.
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/sync/trace.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "tests/unit/test.h"

/* So long may one test take, in seconds: many times what the slowest needs. Of processor time, so
 * that a busy machine fails no test; one that only waits ends, too, if much later. */
#define TEST_CPU_LIMIT  60
#define TEST_TIME_LIMIT 600

#define OUTPUT_MAX (64 * 1024)
#define OUTPUT_END (64UL << 20) /* a test that writes more is ended */

static struct test *tests, **tests_end = &tests;
static unsigned failures; /* of the running test */

u64 test_operations = TEST_OPERATIONS;

void test_register(struct test *test)
{
        *tests_end = test;
        tests_end = &test->next;
}

static void test_full_name(const struct test *t, char *buf, size_t size)
{
        const char *base = strrchr(t->file, '/');

        base = base ? base + 1 : t->file;
        if (strncmp(base, "test_", 5) == 0)
                base += 5;
        snprintf(buf, size, "%.*s.%s", (int)strcspn(base, "."), base, t->name);
}

void test_fail(const char *file, int line, bool fatal, const char *fmt, ...)
{
        va_list ap;

        failures++;
        printf("%s:%d: ", file, line);
        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        putchar('\n');
        fflush(stdout);
        if (fatal)
                _exit(1);
}

unsigned test_failures(void)
{
        return failures;
}

/* What begins the line of a note in a test's output. */
#define NOTE "note: "

void test_note(const char *fmt, ...)
{
        va_list ap;

        printf(NOTE);
        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        putchar('\n');
}

u64 test_random(u64 *state)
{
        u64 x = *state;

        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        *state = x;
        return x * 0x2545f4914f6cdd1dULL;
}

/* A file in memory for the output of a child. */
static int output_create(void)
{
        int fd = memfd_create("output", MFD_CLOEXEC);

        CHECK(fd >= 0);
        return fd;
}

/* What was written to it, as a string that is valid until the next call; the file is gone then. */
static const char *output_take(int fd)
{
        static char text[OUTPUT_MAX];
        ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

        close(fd);
        text[n > 0 ? n : 0] = 0;
        return text;
}

/* Start fn(arg) in a child that writes to `out`. */
static pid_t child_start(void (*fn)(void *arg), void *arg, int out)
{
        pid_t pid;

        fflush(stdout);
        fflush(stderr);
        pid = fork();
        CHECK(pid >= 0);
        if (pid > 0)
                return pid;
        dup2(out, 1);
        dup2(out, 2);
        if (test_operations <= TEST_OPERATIONS)
                setrlimit(RLIMIT_CPU, &(struct rlimit){ TEST_CPU_LIMIT, TEST_CPU_LIMIT + 1 });
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ OUTPUT_END, OUTPUT_END });
        alarm(TEST_TIME_LIMIT);
        fn(arg);
        fflush(stdout);
        _exit(failures ? 1 : 0);
}

void test_expect_panic(const char *file, int line, void (*fn)(void *arg), void *arg,
                       const char *text)
{
        unsigned before = failures;
        int out = output_create(), status;
        const char *output;
        pid_t pid;

        host_panic_backtrace = false;
        failures = 0;
        pid = child_start(fn, arg, out);
        CHECK(waitpid(pid, &status, 0) == pid);
        output = output_take(out);
        failures = before;
        host_panic_backtrace = true;
        if (status == 0)
                test_fail(file, line, false, "no panic (\"%s\" expected); output:\n%s", text,
                          output);
        else if (!strstr(output, text) ||
                 (!strstr(output, "panic: ") && !strstr(output, "AddressSanitizer")))
                test_fail(file, line, false, "another end than \"%s\":\n%s", text, output);
}

/*
 * Power-on: two stretches of RAM with a hole between them, full of what was there before, and part
 * of the first taken by the loader.
 */
static void boot(void)
{
        static const struct mem_range ram[] = { { 16UL << 20, 80UL << 20 },
                                                { 128UL << 20, 160UL << 20 } };
        static const struct mem_range taken[] = { { 16UL << 20, (17UL << 20) + 12345 } };

        for (unsigned i = 0; i < ARRAY_SIZE(ram); i++)
                host_memory_map(ram[i].start, ram[i].end);
        page_init(ram, ARRAY_SIZE(ram), taken, ARRAY_SIZE(taken));
        slab_init();
        mm_init();
}

/* The life of a child process: boot, run, see whether everything was put back. */
static void test_run(void *arg)
{
        const struct test *t = arg;
        struct memory_stats before, after;

        if (t->bare) {
                t->fn();
                return;
        }
        boot();
        slab_shrink_all();
        memory_stats(&before);
        t->fn();
        slab_shrink_all();
        memory_stats(&after);
        if (before.free != after.free)
                test_fail(t->file, 0, false, "%lld pages were not given back",
                          (long long)(before.free - after.free));
        lock_trace_check_none();
}

static void print_diagnostics(const char *text, bool notes_only)
{
        while (*text) {
                size_t n = strcspn(text, "\n");

                if (!notes_only || strncmp(text, NOTE, strlen(NOTE)) == 0)
                        printf("# %.*s\n", (int)n, text);
                text += n + (text[n] == '\n');
        }
}

/* One test that runs, or has run and waits for those before it to be printed. */
struct run {
        const struct test *test;
        pid_t pid; /* 0: it has ended */
        int out, status;
        struct timespec begin, end;
};

static void run_begin(struct run *r, const struct test *t)
{
        r->test = t;
        r->out = output_create();
        clock_gettime(CLOCK_MONOTONIC, &r->begin);
        r->pid = child_start(test_run, (void *)t, r->out);
}

/* Print what has become of it; false: it failed. */
static bool run_print(const struct run *r, unsigned number, bool verbose)
{
        bool good = r->status == 0;
        char name[128];

        test_full_name(r->test, name, sizeof(name));
        print_diagnostics(output_take(r->out), good && !verbose);
        if (WIFSIGNALED(r->status))
                printf("# %s: killed by signal %d%s\n", name, WTERMSIG(r->status),
                       WTERMSIG(r->status) == SIGALRM || WTERMSIG(r->status) == SIGXCPU
                               ? " (time limit)"
                               : "");
        printf("%s %u %s", good ? "ok" : "not ok", number, name);
        if (verbose)
                printf(" # %ld ms", (r->end.tv_sec - r->begin.tv_sec) * 1000 +
                                            (r->end.tv_nsec - r->begin.tv_nsec) / 1000000);
        putchar('\n');
        fflush(stdout);
        return good;
}

/* Wait for one of the runs between first and last. */
static void run_wait(struct run *first, struct run *last)
{
        int status;
        pid_t pid = waitpid(-1, &status, 0);

        CHECK(pid > 0);
        for (struct run *r = first; r < last; r++) {
                if (r->pid != pid)
                        continue;
                r->pid = 0;
                r->status = status;
                clock_gettime(CLOCK_MONOTONIC, &r->end);
        }
}

/* Run all tests, `jobs` at a time; the results come in order. Returns how many failed. */
static unsigned run_all(unsigned total, unsigned jobs, bool verbose)
{
        struct run *runs = calloc(total, sizeof(*runs));
        struct run *printed = runs, *begun = runs;
        const struct test *next = tests;
        unsigned running = 0, bad = 0;

        CHECK(runs);
        while (printed < runs + total) {
                for (; next && running < jobs; next = next->next, running++)
                        run_begin(begun++, next);
                run_wait(printed, begun);
                running--;
                for (; printed < begun && !printed->pid; printed++)
                        bad += !run_print(printed, (unsigned)(printed - runs) + 1, verbose);
        }
        free(runs);
        return bad;
}

static bool test_matches(const struct test *t, char *const *patterns, int n)
{
        char name[128];

        test_full_name(t, name, sizeof(name));
        for (int i = 0; i < n; i++)
                if (fnmatch(patterns[i], name, 0) == 0)
                        return true;
        return n == 0;
}

static void usage(FILE *to)
{
        fputs("usage: unit [--list] [--verbose] [--here] [--operations N]\n"
              "            [--jobs N] [--filter PATTERN] [PATTERN...]\n"
              "\n"
              "Runs the unit tests whose names (file.test) match one of the PATTERNs, which are\n"
              "those of a shell; all without one. Prints KTAP version 1.\n"
              "\n"
              "  --list     print the names, run nothing\n"
              "  --verbose  show every test's output and time\n"
              "  --here     run the tests in this process, for a debugger; one at a time\n"
              "  --jobs N   run so many at a time (as many as there are processors)\n"
              "  --operations N  of the VMA tree at random (1000000); with more of them, a test\n"
              "             may take any time\n",
              to);
}

struct options {
        bool list, verbose, here;
        unsigned jobs;
        char **patterns;
        int nr_patterns;
};

static void options_parse(struct options *o, int argc, char **argv)
{
        o->patterns = calloc(argc, sizeof(*o->patterns));
        CHECK(o->patterns);
        o->jobs = (unsigned)max_u64(1, (u64)sysconf(_SC_NPROCESSORS_ONLN));
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--list") == 0) {
                        o->list = true;
                } else if (strcmp(argv[i], "--verbose") == 0) {
                        o->verbose = true;
                } else if (strcmp(argv[i], "--here") == 0) {
                        o->here = true;
                } else if (strcmp(argv[i], "--operations") == 0 && i + 1 < argc) {
                        test_operations = strtoull(argv[++i], NULL, 0);
                } else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc) {
                        o->jobs = (unsigned)max_u64(1, strtoull(argv[++i], NULL, 0));
                } else if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
                        o->patterns[o->nr_patterns++] = argv[++i];
                } else if (argv[i][0] == '-') {
                        bool help = strcmp(argv[i], "--help") == 0;

                        usage(help ? stdout : stderr);
                        exit(help ? 0 : 2);
                } else {
                        o->patterns[o->nr_patterns++] = argv[i];
                }
        }
}

/* Leave out of the list what no pattern names; returns how many are left. */
static unsigned tests_select(const struct options *o)
{
        struct test **at = &tests;
        unsigned n = 0;

        while (*at) {
                if (test_matches(*at, o->patterns, o->nr_patterns)) {
                        at = &(*at)->next;
                        n++;
                } else {
                        *at = (*at)->next;
                }
        }
        return n;
}

int main(int argc, char **argv)
{
        struct options o = { 0 };
        unsigned total, bad;
        char name[128];

        options_parse(&o, argc, argv);
        total = tests_select(&o);
        free(o.patterns);
        if (!o.list)
                printf("KTAP version 1\n1..%u\n", total);
        for (const struct test *t = tests; t; t = t->next) {
                test_full_name(t, name, sizeof(name));
                if (o.list)
                        puts(name);
                else if (o.here)
                        test_run((void *)t);
        }
        if (o.list || o.here)
                return failures ? 1 : 0;
        bad = run_all(total, o.jobs, o.verbose);
        printf("%u passed, %u failed\n", total - bad, bad);
        return bad || !total ? 1 : 0;
}
