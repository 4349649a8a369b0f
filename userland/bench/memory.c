/* SPDX-License-Identifier: MIT */
/*
 * What the kernel keeps for each mapping, page, process and thread, as the memory that is no longer
 * free when there are many more: the same sum on every kernel, whatever it calls its objects. The
 * program's own pages are taken off. A line of JSON each:
 *
 *      {"memory":"mapping","what":"...","n":240000,"bytes":46080000}
 *
 * and besides, where the kernel says so: its memory ("ram"), the parts of its image, its objects.
 *
 * Some are made before the first look, so that what is shared by all is there already. A kernel may
 * free things later than it is told to, and count free memory later than it frees: so there are
 * many, and two seconds are waited before each look (no time at all in a guest that counts
 * instructions).
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/bench/bench.h"

#define MAPPINGS 100000UL
#define TOUCHED  20000UL
#define PAGES    65536UL
#define SPARSE   2048UL
#define CHILDREN 400UL
#define THREADS  400UL
#define STACK    (16 * KIB)

/* ------------------------------------------------------------------ looking */

/* The sum of the numbers in the lines of a file that begin with `name`; 0 without a file. */
static unsigned long sum_of(const char *path, const char *name)
{
        FILE *file = fopen(path, "r");
        unsigned long sum = 0;
        char line[256];

        while (file && fgets(line, sizeof(line), file)) {
                const char *word = line + strspn(line, " ");

                if (strncmp(word, name, strlen(name)) == 0)
                        sum += strtoul(word + strlen(name), NULL, 10);
        }
        if (file)
                fclose(file);
        return sum;
}

/* Linux keeps free pages in lists of each processor, and does not count those as free. */
static unsigned long free_bytes(void)
{
        sleep(2);
        return sum_of("/proc/meminfo", "MemFree:") * KIB +
               sum_of("/proc/zoneinfo", "count:") * PAGE;
}

static unsigned long table_bytes(void)
{
        return sum_of("/proc/self/status", "VmPTE:") * KIB;
}

static void say(const char *name, const char *what, unsigned long n, unsigned long bytes)
{
        printf("{\"memory\":\"%s\",\"what\":\"%s\",\"n\":%lu,\"bytes\":%lu}\n", name, what, n,
               bytes);
        fflush(stdout);
}

/* ------------------------------------------------------------------ mappings and pages */

/* Mappings `from` to `to`, a page each and a page apart. */
static void map_apart(unsigned long from, unsigned long to, int populate)
{
        for (unsigned long i = from; i < to; i++)
                bench_map(PLACE_A + 2 * i * PAGE, PAGE, populate);
}

static void mappings(void)
{
        unsigned long before, warm = MAPPINGS / 100;

        bench_raise_map_count(MAPPINGS + warm + 1000);
        map_apart(0, warm, 0);
        before = free_bytes();
        map_apart(warm, warm + MAPPINGS, 0);
        say("mapping", "a mapping without pages", MAPPINGS, before - free_bytes());
        bench_unmap(PLACE_A, (warm + MAPPINGS) * 2 * PAGE);
}

static void touched_mappings(void)
{
        unsigned long before, tables, warm = TOUCHED / 100;

        map_apart(0, warm, 1);
        before = free_bytes();
        tables = table_bytes();
        map_apart(warm, warm + TOUCHED, 1);
        tables = table_bytes() - tables;
        say("mapping-touched", "a mapping with a page of its own, without page and page table",
            TOUCHED, before - free_bytes() - TOUCHED * PAGE - tables);
        bench_unmap(PLACE_A, (warm + TOUCHED) * 2 * PAGE);
}

static void pages(void)
{
        unsigned long before = free_bytes();

        bench_map(PLACE_A, PAGES * PAGE, 1);
        say("page", "a resident page among others, without the page", PAGES,
            before - free_bytes() - PAGES * PAGE);
        bench_unmap(PLACE_A, PAGES * PAGE);
}

static void sparse_pages(void)
{
        unsigned long before = free_bytes();
        char *place = mmap((void *)PLACE_A, SPARSE * 2 * MIB, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

        if (place == MAP_FAILED)
                bench_failed("mmap");
        for (unsigned long i = 0; i < SPARSE; i++)
                place[i * 2 * MIB] = 1;
        say("page-sparse", "a resident page alone in 2 MiB, without the page", SPARSE,
            before - free_bytes() - SPARSE * PAGE);
        bench_unmap(PLACE_A, SPARSE * 2 * MIB);
}

/* ------------------------------------------------------------------ processes and threads */

static int ready[2], wait_for[2];

/* Says that it is there, and waits for the end of all. */
static void stay(void)
{
        char byte = 0;

        if (write(ready[1], &byte, 1) != 1)
                bench_failed("write");
        while (read(wait_for[0], &byte, 1) > 0)
                ;
}

static void open_pipes(void)
{
        if (pipe(ready) != 0 || pipe(wait_for) != 0)
                bench_failed("pipe");
}

static void close_pipes(void)
{
        close(ready[0]);
        close(ready[1]);
        close(wait_for[0]);
}

static void await_ready(void)
{
        char byte;

        if (read(ready[0], &byte, 1) != 1)
                bench_failed("read");
}

static pid_t add_child(void)
{
        pid_t child = fork();

        if (child < 0)
                bench_failed("fork");
        if (child == 0) {
                close(wait_for[1]);
                stay();
                _exit(0);
        }
        await_ready();
        return child;
}

/* What it has copied, and what only it has left of its parent, is its own and not the kernel's. */
static unsigned long private_bytes(pid_t child)
{
        char path[40];

        snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)child);
        return (sum_of(path, "Private_Clean:") + sum_of(path, "Private_Dirty:")) * KIB;
}

static void processes(void)
{
        unsigned long before, after, own = 0, warm = CHILDREN / 10;
        pid_t children[CHILDREN];

        open_pipes();
        for (unsigned long i = 0; i < warm; i++)
                add_child();
        before = free_bytes();
        for (unsigned long i = 0; i < CHILDREN; i++)
                children[i] = add_child();
        after = free_bytes();
        for (unsigned long i = 0; i < CHILDREN; i++)
                own += private_bytes(children[i]);
        say("process", "a child of fork that waits, without its own pages", CHILDREN,
            before - after - own);
        close(wait_for[1]);
        while (wait(NULL) > 0)
                ;
        close_pipes();
}

static void *thread(void *unused)
{
        stay();
        return unused;
}

static pthread_t add_thread(unsigned long i)
{
        pthread_attr_t attributes;
        pthread_t id;

        if (pthread_attr_init(&attributes) != 0 ||
            pthread_attr_setstack(&attributes, (void *)(PLACE_A + i * STACK), STACK) != 0 ||
            pthread_create(&id, &attributes, thread, NULL) != 0)
                bench_failed("pthread_create");
        await_ready();
        return id;
}

/* Their stacks are there before the first look. */
static void threads(void)
{
        unsigned long before, warm = THREADS / 10;
        pthread_t ids[THREADS + THREADS / 10];

        open_pipes();
        bench_map(PLACE_A, (warm + THREADS) * STACK, 1);
        for (unsigned long i = 0; i < warm; i++)
                ids[i] = add_thread(i);
        before = free_bytes();
        for (unsigned long i = warm; i < warm + THREADS; i++)
                ids[i] = add_thread(i);
        say("thread", "a thread that waits, without its stack", THREADS, before - free_bytes());
        close(wait_for[1]);
        for (unsigned long i = 0; i < warm + THREADS; i++)
                pthread_join(ids[i], NULL);
        bench_unmap(PLACE_A, (warm + THREADS) * STACK);
        close_pipes();
}

/* ------------------------------------------------------------------ what the kernel says */

/* Linux's /proc/iomem names the parts of its image: "  01000000-01e00e40 : Kernel code". */
static void image(void)
{
        FILE *file = fopen("/proc/iomem", "r");
        unsigned long from, to;
        char line[256], part[32];

        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, " %lx-%lx : Kernel %31[a-z]", &from, &to, part) == 3 && to > from)
                        say(part, "of the kernel's image", 1, to - from + 1);
        if (file)
                fclose(file);
}

static void objects(void)
{
        FILE *file = fopen("/proc/slabinfo", "r");
        unsigned long active, all, bytes;
        char line[512], name[64];

        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "%63s %lu %lu %lu", name, &active, &all, &bytes) == 4)
                        printf("{\"slab\":\"%s\",\"bytes\":%lu}\n", name, bytes);
        if (file)
                fclose(file);
        fflush(stdout);
}

void bench_ram(void)
{
        say("ram", "MemTotal", 1, sum_of("/proc/meminfo", "MemTotal:") * KIB);
}

void bench_memory(void)
{
        image();
        objects();
        pages();
        sparse_pages();
        processes();
        threads();
        touched_mappings();
        mappings();
}
