/* SPDX-License-Identifier: MIT */
/*
 * Runs the unit tests and prints KTAP. Each test is a child process whose output is shown, as
 * diagnostic lines, only if the test failed (or with --verbose); its notes always are.
 */
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Read all that comes out of `fd`; what exceeds the buffer is dropped. */
static void read_all(int fd, char *buf, size_t size)
{
        size_t used = 0;
        char spill[512];
        ssize_t n;

        do {
                bool full = used + 1 >= size;

                n = full ? read(fd, spill, sizeof(spill)) : read(fd, buf + used, size - 1 - used);
                if (n > 0 && !full)
                        used += n;
        } while (n > 0);
        buf[used] = 0;
}

/* Start fn(arg) in a child whose standard output and error come back through *out. */
static pid_t child_start(void (*fn)(void *arg), void *arg, int *out)
{
        int fds[2];
        pid_t pid;

        fflush(stdout);
        fflush(stderr);
        CHECK(pipe(fds) == 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
                dup2(fds[1], 1);
                dup2(fds[1], 2);
                close(fds[0]);
                close(fds[1]);
                if (test_operations <= TEST_OPERATIONS)
                        setrlimit(RLIMIT_CPU,
                                  &(struct rlimit){ TEST_CPU_LIMIT, TEST_CPU_LIMIT + 1 });
                alarm(TEST_TIME_LIMIT);
                fn(arg);
                fflush(stdout);
                _exit(failures ? 1 : 0);
        }
        close(fds[1]);
        *out = fds[0];
        return pid;
}

static int child_end(pid_t pid, int out, char *buf, size_t size)
{
        int status;

        read_all(out, buf, size);
        close(out);
        CHECK(waitpid(pid, &status, 0) == pid);
        return status;
}

void test_expect_panic(const char *file, int line, void (*fn)(void *arg), void *arg,
                       const char *text)
{
        static char output[OUTPUT_MAX];
        unsigned before = failures;
        int out, status;
        pid_t pid;

        host_panic_backtrace = false;
        failures = 0;
        pid = child_start(fn, arg, &out);
        status = child_end(pid, out, output, sizeof(output));
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

static bool run_one(const struct test *t, unsigned number, bool verbose)
{
        static char output[OUTPUT_MAX];
        struct timespec begin, end;
        char name[128];
        int status, out;
        bool good;
        pid_t pid;

        test_full_name(t, name, sizeof(name));
        clock_gettime(CLOCK_MONOTONIC, &begin);
        pid = child_start(test_run, (void *)t, &out);
        status = child_end(pid, out, output, sizeof(output));
        clock_gettime(CLOCK_MONOTONIC, &end);
        good = status == 0;
        print_diagnostics(output, good && !verbose);
        if (WIFSIGNALED(status))
                printf("# %s: killed by signal %d%s\n", name, WTERMSIG(status),
                       WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGXCPU ? " (time limit)"
                                                                                  : "");
        printf("%s %u %s", good ? "ok" : "not ok", number, name);
        if (verbose)
                printf(" # %ld ms", (end.tv_sec - begin.tv_sec) * 1000 +
                                            (end.tv_nsec - begin.tv_nsec) / 1000000);
        putchar('\n');
        fflush(stdout);
        return good;
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
              "            [--filter PATTERN] [PATTERN...]\n"
              "\n"
              "Runs the unit tests whose names (file.test) match one of the PATTERNs, which are\n"
              "those of a shell; all without one. Prints KTAP version 1.\n"
              "\n"
              "  --list     print the names, run nothing\n"
              "  --verbose  show every test's output and time\n"
              "  --here     run the tests in this process, for a debugger; one at a time\n"
              "  --operations N  of the VMA tree at random (1000000); with more of them, a test\n"
              "             may take any time\n",
              to);
}

struct options {
        bool list, verbose, here;
        char **patterns;
        int nr_patterns;
};

static void options_parse(struct options *o, int argc, char **argv)
{
        o->patterns = calloc(argc, sizeof(*o->patterns));
        CHECK(o->patterns);
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--list") == 0) {
                        o->list = true;
                } else if (strcmp(argv[i], "--verbose") == 0) {
                        o->verbose = true;
                } else if (strcmp(argv[i], "--here") == 0) {
                        o->here = true;
                } else if (strcmp(argv[i], "--operations") == 0 && i + 1 < argc) {
                        test_operations = strtoull(argv[++i], NULL, 0);
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
        unsigned total, number = 0, bad = 0;
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
                else
                        bad += !run_one(t, ++number, o.verbose);
        }
        if (o.list || o.here)
                return failures ? 1 : 0;
        printf("%u passed, %u failed\n", total - bad, bad);
        return bad || !total ? 1 : 0;
}
