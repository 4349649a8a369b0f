/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree (mm/vmtree.h) and a red-black tree (rbtree.h) side by side: the same ranges, the
 * same questions, one after the other in short turns, so that whatever else the machine does meets
 * both. What is printed is the median of the turns, for the ratio that of the turns' ratios.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/base/assert.h"
#include "mm/slab.h"
#include "mm/vmtree.h"
#include "tests/bench/rbtree.h"

#define TURNS_MAX 101
#define QUESTIONS 8192 /* of one kind in one turn */
#define NEARBY    16   /* lookups about one place before the next, as a call makes them */

/* ------------------------------------------------------------------ what mm/ wants of a kernel */

_Noreturn void panic(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        fputc('\n', stderr);
        abort();
}

/* Nodes come from a list of free ones as quickly as from anywhere. */
struct slab_cache {
        size_t size, align;
        void *free;
        u64 bytes; /* in use */
};

static struct slab_cache node_cache;

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align)
{
        (void)name;
        node_cache.size = size;
        node_cache.align = align;
        return &node_cache;
}

void *slab_alloc(struct slab_cache *cache)
{
        void *p = cache->free;

        cache->bytes += cache->size;
        if (p)
                cache->free = *(void **)p;
        else
                p = aligned_alloc(cache->align, cache->size);
        return p;
}

void slab_free(struct slab_cache *cache, void *p)
{
        *(void **)p = cache->free;
        cache->free = p;
        cache->bytes -= cache->size;
}

/* ------------------------------------------------------------------ the ranges */

struct bench {
        u64 n, space; /* ranges; addresses are below it */
        struct vmtree vm;
        struct rbtree rb;
        struct rb_range *ranges; /* in the order in which they were added */
        u64 seed;
        u64 addrs[QUESTIONS], lens[QUESTIONS];
        struct rb_range *picks[QUESTIONS];
        u64 sum; /* of all answers, so that none is left out */
};

static u64 random_below(u64 *seed, u64 n)
{
        *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return (*seed >> 31) % n;
}

static void vm_insert(struct bench *b, const struct rb_range *r)
{
        struct vmtree_range range = { r->start, r->end, r->headroom, (void *)r };

        CHECK(vmtree_reserve(&b->vm, 1) == 0);
        vmtree_insert(&b->vm, &range);
}

/*
 * Ranges of 1 to 16 pages, half of them with a hole below; of the holes most are small, and one in
 * 2^k is about 2^k pages. They are added in any order.
 */
static void bench_fill(struct bench *b)
{
        b->ranges = calloc(b->n, sizeof(*b->ranges));
        CHECK(b->ranges);
        for (u64 i = 0; i < b->n; i++) {
                u64 hole = random_below(&b->seed, 2), k = random_below(&b->seed, 1UL << 20);

                for (; hole && k % 2; k /= 2)
                        hole *= 2;
                b->ranges[i].start = b->space + hole;
                b->space = b->ranges[i].end = b->ranges[i].start + 1 + random_below(&b->seed, 16);
        }
        for (u64 i = b->n; i > 1; i--) {
                u64 k = random_below(&b->seed, i);
                struct rb_range swap = b->ranges[i - 1];

                b->ranges[i - 1] = b->ranges[k];
                b->ranges[k] = swap;
        }
        vmtree_init(&b->vm, NULL);
        for (u64 i = 0; i < b->n; i++) {
                vm_insert(b, &b->ranges[i]);
                rbtree_insert(&b->rb, &b->ranges[i]);
        }
}

static void draw_questions(struct bench *b)
{
        for (unsigned i = 0; i < QUESTIONS; i++) {
                b->addrs[i] = random_below(&b->seed, b->space);
                b->lens[i] = 1UL << random_below(&b->seed, 10);
                b->picks[i] = &b->ranges[random_below(&b->seed, b->n)];
        }
}

/* ------------------------------------------------------------------ the questions */

/* One turn of one tree; returns how many questions it was. */
typedef u64 (*turn_fn)(struct bench *b);

static u64 vm_lookup(struct bench *b)
{
        struct vmtree_pos pos;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += (u64)vmtree_find(&b->vm, b->addrs[i], &pos);
        return QUESTIONS;
}

static u64 rb_lookup(struct bench *b)
{
        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += (u64)rbtree_find(&b->rb, b->addrs[i]);
        return QUESTIONS;
}

static u64 vm_lookup_near(struct bench *b)
{
        struct vmtree_pos pos;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += (u64)vmtree_find(&b->vm, b->addrs[i / NEARBY] + i % NEARBY, &pos);
        return QUESTIONS;
}

static u64 rb_lookup_near(struct bench *b)
{
        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += (u64)rbtree_find(&b->rb, b->addrs[i / NEARBY] + i % NEARBY);
        return QUESTIONS;
}

static u64 vm_lowest(struct bench *b)
{
        u64 at;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += vmtree_gap_lowest(&b->vm, b->addrs[i], ~0ULL, b->lens[i], &at) ? at : 0;
        return QUESTIONS;
}

static u64 rb_lowest(struct bench *b)
{
        u64 at;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += rbtree_gap_lowest(&b->rb, b->addrs[i], ~0ULL, b->lens[i], &at) ? at : 0;
        return QUESTIONS;
}

static u64 vm_highest(struct bench *b)
{
        u64 at;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += vmtree_gap_highest(&b->vm, 0, b->addrs[i], b->lens[i], &at) ? at : 0;
        return QUESTIONS;
}

static u64 rb_highest(struct bench *b)
{
        u64 at;

        for (unsigned i = 0; i < QUESTIONS; i++)
                b->sum += rbtree_gap_highest(&b->rb, 0, b->addrs[i], b->lens[i], &at) ? at : 0;
        return QUESTIONS;
}

static u64 vm_replace(struct bench *b)
{
        for (unsigned i = 0; i < QUESTIONS; i++) {
                vmtree_erase(&b->vm, b->picks[i]->start, b->picks[i]->end);
                vm_insert(b, b->picks[i]);
        }
        return QUESTIONS;
}

static u64 rb_replace(struct bench *b)
{
        for (unsigned i = 0; i < QUESTIONS; i++) {
                rbtree_erase(&b->rb, b->picks[i]);
                rbtree_insert(&b->rb, b->picks[i]);
        }
        return QUESTIONS;
}

/* All of them, from the first; again and again if there are few. */
static u64 vm_iterate(struct bench *b)
{
        u64 seen = 0;

        while (seen < QUESTIONS) {
                struct vmtree_pos pos;

                for (void *item = vmtree_find(&b->vm, 0, &pos); item; item = vmtree_next(&pos)) {
                        b->sum += vmtree_at(&pos).end;
                        seen++;
                }
        }
        return seen;
}

static u64 rb_iterate(struct bench *b)
{
        u64 seen = 0;

        while (seen < QUESTIONS) {
                for (struct rb_range *r = rbtree_find(&b->rb, 0); r; r = r->beside[1]) {
                        b->sum += r->end;
                        seen++;
                }
        }
        return seen;
}

static const struct {
        const char *name;
        turn_fn vm, rb;
} kinds[] = {
        { "lookup", vm_lookup, rb_lookup },
        { "lookup nearby", vm_lookup_near, rb_lookup_near },
        { "lowest gap", vm_lowest, rb_lowest },
        { "highest gap", vm_highest, rb_highest },
        { "erase, insert", vm_replace, rb_replace },
        { "iterate", vm_iterate, rb_iterate },
};

/* ------------------------------------------------------------------ measuring */

/* ns a question */
static double take_turn(struct bench *b, turn_fn turn)
{
        struct timespec begin, end;
        u64 n;

        clock_gettime(CLOCK_MONOTONIC, &begin);
        n = turn(b);
        clock_gettime(CLOCK_MONOTONIC, &end);
        return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
               (double)n;
}

static int compare_doubles(const void *a, const void *b)
{
        double d = *(const double *)a - *(const double *)b;

        return (d > 0) - (d < 0);
}

static double median(double *v, unsigned n)
{
        qsort(v, n, sizeof(*v), compare_doubles);
        return v[n / 2];
}

static void measure(struct bench *b, unsigned kind, unsigned turns)
{
        double vm[TURNS_MAX], rb[TURNS_MAX], ratio[TURNS_MAX];

        for (unsigned i = 0; i < turns; i++) {
                u64 sum = b->sum, answers;

                draw_questions(b);
                vm[i] = take_turn(b, kinds[kind].vm);
                answers = b->sum - sum;
                sum = b->sum;
                rb[i] = take_turn(b, kinds[kind].rb);
                CHECK(b->sum - sum == answers);
                ratio[i] = rb[i] / vm[i];
        }
        printf("%9llu  %-14s %9.1f %9.1f %7.2f\n", (unsigned long long)b->n, kinds[kind].name,
               median(vm, turns), median(rb, turns), median(ratio, turns));
        fflush(stdout);
}

static void measure_size(u64 n, unsigned turns)
{
        static struct bench b;
        double vm_bytes;

        memset(&b, 0, sizeof(b));
        b.n = n;
        b.seed = n;
        bench_fill(&b);
        vm_bytes = (double)node_cache.bytes / (double)n;
        for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
                measure(&b, kind, turns);
        printf("%9llu  %-14s %9.1f %9.1f %7.2f\n", (unsigned long long)n, "bytes a range", vm_bytes,
               (double)sizeof(struct rb_range), (double)sizeof(struct rb_range) / vm_bytes);
        vmtree_destroy(&b.vm);
        free(b.ranges);
}

static void usage(FILE *to)
{
        fputs("usage: bench-vmtree [--turns N] [RANGES...]\n"
              "\n"
              "Compares the VMA tree with a red-black tree that keeps gaps, each with so many\n"
              "RANGES (10, 1000, 60000 and 1000000). Prints nanoseconds a question and how many\n"
              "times faster (or, less than 1, slower) the VMA tree is; for memory, the same.\n"
              "\n"
              "  --turns N  turns that each tree has with each kind of question (15, at most 101)\n",
              to);
}

int main(int argc, char **argv)
{
        static char *all[] = { "10", "1000", "60000", "1000000" };
        char **sizes = argv + 1;
        unsigned turns = 15;

        if (sizes[0] && strcmp(sizes[0], "--turns") == 0 && sizes[1]) {
                turns = (unsigned)strtoul(sizes[1], NULL, 0);
                sizes += 2;
        }
        if (turns == 0 || turns > TURNS_MAX || (sizes[0] && sizes[0][0] == '-')) {
                bool help = sizes[0] && strcmp(sizes[0], "--help") == 0;

                usage(help ? stdout : stderr);
                return help ? 0 : 2;
        }
        vmtree_boot();
        printf("%9s  %-14s %9s %9s %7s\n", "ranges", "", "VMA tree", "red-black", "ratio");
        for (unsigned i = 0; i < (sizes[0] ? (unsigned)(argv + argc - sizes) : 4); i++)
                measure_size(strtoull((sizes[0] ? sizes : all)[i], NULL, 0), turns);
        return 0;
}
