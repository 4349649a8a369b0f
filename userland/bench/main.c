/* SPDX-License-Identifier: MIT */
/*
 * bench: the options, the repeats, and a line of JSON for each operation:
 *
 *      {"op":"move-2M","what":"...","n":2097152,"units":1,"family":"move",
 *       "repeats":[5120,4998],"work":{"moved_pmd":1}}
 *
 * with what each repeat took altogether (ticks, or nanoseconds) without what measuring costs, and
 * what the kernel counted in one more repeat, where it counts (/proc/self/mmstat).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "userland/bench/bench.h"

#define REPEATS_MAX 100

/* What a kernel that has just booted goes on doing in the background would be counted, too. In a
 * guest that counts instructions these seconds pass at once. */
#define QUIET    30
#define COUNTERS 64

static const char help[] =
        "usage: bench [--repeats N] [--native] [OP...]\n"
        "       bench --list\n"
        "       bench --memory | --ram\n\n"
        "Measures operations, by name or all, and prints a line of JSON for each.\n\n"
        "  --repeats N   how often each is measured (5)\n"
        "  --native      in nanoseconds of the clock, not in ticks of the processor\n"
        "  --list        the names, and what is done\n"
        "  --memory      what the kernel keeps for a mapping, a page, a process, a thread\n"
        "  --ram         what memory there is\n";

static const struct op_table *const tables[] = { &call_ops,  &process_ops, &map_ops,
                                                 &fault_ops, &move_ops,    &many_ops };

static int native;
static unsigned repeats = 5;

/* ------------------------------------------------------------------ what the operations use */

void bench_failed(const char *what)
{
        fflush(stdout);
        fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
        exit(1);
}

void bench_map(unsigned long place, unsigned long bytes, int populate)
{
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | (populate ? MAP_POPULATE : 0);

        if (mmap((void *)place, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
                bench_failed("mmap");
}

void bench_unmap(unsigned long place, unsigned long bytes)
{
        if (munmap((void *)place, bytes) != 0)
                bench_failed("munmap");
}

void bench_stripes(unsigned long place, unsigned long pages, int populate)
{
        bench_map(place, pages * PAGE, populate);
        for (unsigned long i = 1; i < pages; i += 2)
                if (mprotect((void *)(place + i * PAGE), PAGE, PROT_READ) != 0)
                        bench_failed("mprotect");
}

void bench_raise_map_count(unsigned long count)
{
        static const char path[] = "/proc/sys/vm/max_map_count";
        char text[24] = { 0 };
        int fd = open(path, O_RDONLY);

        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
                bench_failed(path);
        close(fd);
        if (strtoul(text, NULL, 10) >= count)
                return;
        fd = open(path, O_WRONLY);
        if (fd < 0 || dprintf(fd, "%lu", count) < 0)
                bench_failed(path);
        close(fd);
}

/* ------------------------------------------------------------------ measuring */

static inline uint64_t now(void)
{
        struct timespec t;

        if (!native)
                return __builtin_ia32_rdtsc();
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int nothing(const struct op *op)
{
        (void)op;
        return 0;
}

/* One repeat; the result of run is in *error. */
static uint64_t measure(const struct op *op, int *error)
{
        uint64_t before, after;

        if (op->setup)
                op->setup(op);
        before = now();
        *error = op->run(op);
        after = now();
        if (op->undo)
                op->undo(op);
        return after - before;
}

static uint64_t overhead(void)
{
        static const struct op empty = { .run = nothing };
        uint64_t least = ~0UL;
        int error;

        for (unsigned i = 0; i < 20; i++) {
                uint64_t took = measure(&empty, &error);

                least = took < least ? took : least;
        }
        return least;
}

/* ------------------------------------------------------------------ what the kernel counted */

struct counters {
        unsigned nr;
        char names[COUNTERS][32];
        uint64_t values[COUNTERS];
};

static void count(struct counters *c)
{
        static char text[4096];
        int fd = open("/proc/self/mmstat", O_RDONLY);
        ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        c->nr = 0;
        if (fd >= 0)
                close(fd);
        text[got > 0 ? got : 0] = 0;
        for (char *line = strtok(text, "\n"); line && c->nr < COUNTERS; line = strtok(NULL, "\n"))
                if (sscanf(line, "%31s %lu", c->names[c->nr], &c->values[c->nr]) == 2)
                        c->nr++;
}

/* One more repeat, between two looks at the counters. */
static void print_work(const struct op *op)
{
        static struct counters before, after;
        const char *comma = "";

        if (op->setup)
                op->setup(op);
        count(&before);
        op->run(op);
        count(&after);
        if (op->undo)
                op->undo(op);
        printf(",\"work\":{");
        for (unsigned i = 0; i < after.nr && i < before.nr; i++) {
                uint64_t grown = after.values[i] - before.values[i];

                if (!grown)
                        continue;
                printf("%s\"%s\":%lu", comma, after.names[i], (unsigned long)grown);
                comma = ",";
        }
        printf("}");
}

static void bench(const struct op *op)
{
        uint64_t took[REPEATS_MAX], empty = overhead();
        int error = 0;

        if (op->begin)
                op->begin(op);
        for (unsigned i = 0; i < repeats && !error; i++)
                took[i] = measure(op, &error) - empty;
        printf("{\"op\":\"%s\",\"what\":\"%s\",\"n\":%lu,\"units\":%u", op->name, op->what, op->n,
               op->units);
        if (op->family)
                printf(",\"family\":\"%s\"", op->family);
        if (error) {
                printf(",\"error\":\"%s\"", strerror(error));
        } else {
                printf(",\"repeats\":[");
                for (unsigned i = 0; i < repeats; i++)
                        printf("%s%lu", i ? "," : "", (unsigned long)took[i]);
                printf("]");
                print_work(op);
        }
        printf("}\n");
        fflush(stdout);
        if (op->end)
                op->end(op);
}

/* ------------------------------------------------------------------ the command line */

static void list(void)
{
        for (unsigned t = 0; t < sizeof(tables) / sizeof *tables; t++)
                for (size_t i = 0; i < tables[t]->nr; i++)
                        printf("%-20s %s\n", tables[t]->ops[i].name, tables[t]->ops[i].what);
}

static int is_wanted(const char *name, int argc, char **argv)
{
        for (int i = 0; i < argc; i++)
                if (strcmp(argv[i], name) == 0)
                        return 1;
        return argc == 0;
}

int main(int argc, char **argv)
{
        unsigned found = 0;

        for (argc--, argv++; argc > 0 && argv[0][0] == '-'; argc--, argv++) {
                if (strcmp(argv[0], "--exit") == 0) {
                        return 0;
                } else if (strcmp(argv[0], "--list") == 0) {
                        list();
                        return 0;
                } else if (strcmp(argv[0], "--memory") == 0) {
                        bench_ram();
                        bench_memory();
                        return 0;
                } else if (strcmp(argv[0], "--ram") == 0) {
                        bench_ram();
                        return 0;
                } else if (strcmp(argv[0], "--native") == 0) {
                        native = 1;
                } else if (strcmp(argv[0], "--repeats") == 0 && argc > 1) {
                        repeats = (unsigned)strtoul(argv[1], NULL, 10);
                        argc--, argv++;
                } else {
                        int asked = strcmp(argv[0], "--help") == 0;

                        fputs(help, asked ? stdout : stderr);
                        return asked ? 0 : 2;
                }
        }
        if (repeats < 1 || repeats > REPEATS_MAX) {
                fprintf(stderr, "bench: --repeats is 1 to %d\n", REPEATS_MAX);
                return 2;
        }
        if (!native)
                sleep(QUIET);
        for (unsigned t = 0; t < sizeof(tables) / sizeof *tables; t++)
                for (size_t i = 0; i < tables[t]->nr; i++)
                        if (is_wanted(tables[t]->ops[i].name, argc, argv)) {
                                bench(&tables[t]->ops[i]);
                                found++;
                        }
        if (found < (unsigned)argc) {
                fprintf(stderr,
                        "bench: there are operations of these names that --list does not have\n");
                return 2;
        }
        return 0;
}
