/* SPDX-License-Identifier: MIT */
/*
 * Calls at random, the same on every kernel: as long as every address is the same, so are all that
 * follow. The transcript has a hash of the results now and then; with an argument, every call.
 */
#include <stdio.h>

#include "userland/tests/addresses/addresses.h"
#include "userland/tests/lib/transcript.h"

#define REGIONS  64
#define CALLS    600
#define INTERVAL 50

static struct region {
        unsigned long addr, pages;
} regions[REGIONS];
static unsigned nr_regions;
static unsigned long state, hash;
static int say_all;

static unsigned long below(unsigned long n)
{
        state = state * 6364136223846793005UL + 1442695040888963407UL;
        return (state >> 33) % n;
}

static long note(long result, const char *what, unsigned long addr, unsigned long pages)
{
        hash = (hash ^ (unsigned long)result) * 0x100000001b3UL;
        hash ^= hash >> 29;
        if (say_all)
                say("%s %lx, %lu pages: %lx", what, addr, pages, (unsigned long)result);
        return result;
}

static int is_error(long result)
{
        return result < 0 && result > -4096;
}

/* What is known of the regions need not be all true: later ones may have replaced parts. */
static void remember(long addr, unsigned long pages)
{
        unsigned i = nr_regions < REGIONS ? nr_regions++ : (unsigned)below(REGIONS);

        if (!is_error(addr))
                regions[i] = (struct region){ (unsigned long)addr, pages };
        else if (i == nr_regions - 1)
                nr_regions--;
}

static unsigned long some_pages(void)
{
        switch (below(4)) {
        case 0: return 512 * (1 + below(3));
        case 1: return 1 + below(1200);
        default: return 1 + below(40);
        }
}

/* An address at or near what is known. */
static unsigned long some_address(void)
{
        const struct region *r = nr_regions ? &regions[below(nr_regions)] : NULL;

        if (!r)
                return 0x300000000000UL;
        return r->addr + (r->pages + below(600) - 300) * PAGE;
}

static int some_flags(void)
{
        static const int flags[] = { ANON,
                                     ANON,
                                     ANON,
                                     ANON | MAP_NORESERVE,
                                     ANON | GROWS,
                                     ANON | MAP_STACK,
                                     ANON | LOW_2GIB,
                                     MAP_SHARED | MAP_ANONYMOUS };

        return flags[below(sizeof(flags) / sizeof(flags[0]))];
}

static void random_mmap(void)
{
        unsigned long pages = some_pages(), hint = 0;
        int flags = some_flags();

        if (below(3) == 0)
                hint = some_address() + below(2) * below(PAGE);
        if (hint && below(4) == 0) {
                hint &= ~(PAGE - 1);
                flags |= NOREPLACE;
        }
        remember(note(raw_call(NR_mmap, hint, pages * PAGE, RW, flags, -1, 0), "mmap", hint, pages),
                 pages);
}

static void random_munmap(void)
{
        struct region *r = &regions[below(nr_regions)];
        unsigned long first = below(2) ? below(r->pages) : 0;
        unsigned long pages = below(3) ? r->pages - first : 1 + below(r->pages - first);

        note(raw_call(NR_munmap, r->addr + first * PAGE, pages * PAGE), "munmap",
             r->addr + first * PAGE, pages);
        if (first == 0 && pages == r->pages)
                *r = regions[--nr_regions];
}

static void random_mremap(void)
{
        struct region *r = &regions[below(nr_regions)];
        unsigned long pages = r->pages, target = 0;
        int flags = MREMAP_MAYMOVE;
        long result;

        switch (below(4)) {
        case 0: pages = 1 + below(r->pages); break;
        case 1: flags |= 4 /* DONTUNMAP */, target = below(2) ? some_address() : 0; break;
        case 2:
                flags |= MREMAP_FIXED;
                target = 0x200000000000UL + below(1000) * 77 * PAGE;
                break;
        default: pages += some_pages(); break;
        }
        result = raw_call(NR_mremap, r->addr, r->pages * PAGE, pages * PAGE, flags, target);
        note(result, "mremap", r->addr, pages);
        if (is_error(result))
                return;
        if (flags & 4)
                remember(result, pages);
        else
                *r = (struct region){ (unsigned long)result, pages };
}

static void run(unsigned long seed)
{
        char title[64];

        snprintf(title, sizeof(title), "calls at random, seed %lu", seed);
        clean_scene(title);
        state = seed;
        hash = seed;
        nr_regions = 0;
        for (unsigned i = 1; i <= CALLS; i++) {
                unsigned long dice = below(10);

                if (dice < 5 || nr_regions == 0)
                        random_mmap();
                else if (dice < 7)
                        random_munmap();
                else
                        random_mremap();
                if (i % INTERVAL == 0)
                        say("%4u calls: %016lx", i, hash);
        }
}

void random_scenes(int verbose)
{
        say_all = verbose;
        for (unsigned long seed = 1; seed <= 6; seed++)
                run(seed);
        clean();
}
