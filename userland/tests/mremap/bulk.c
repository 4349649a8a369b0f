/* SPDX-License-Identifier: MIT */
/*
 * Many pages at once, at every alignment of the two ends to each other: what page tables can get
 * wrong. Only sums are printed.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define TABLE 512UL /* pages under one table */

/* How many of the pages hold the number that says which page of the source they were. */
static unsigned long count_right(unsigned long addr, unsigned long pages, unsigned long every)
{
        unsigned long right = 0;

        for (unsigned long i = 0; i < pages; i++)
                right += *(volatile unsigned long *)(addr + i * PAGE) == (i % every ? 0 : i + 1);
        return right;
}

static void number_pages(unsigned long addr, unsigned long pages, unsigned long every)
{
        for (unsigned long i = 0; i < pages; i += every)
                *(volatile unsigned long *)(addr + i * PAGE) = i + 1;
}

static void move_many(unsigned long from, unsigned long to, unsigned long pages,
                      unsigned long every, unsigned flags)
{
        long before, result;

        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        raw_call(NR_mmap, at(from), pages * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0);
        number_pages(at(from), pages, every);
        before = status_value("RssAnon");
        result = remap_raw(at(from), pages * PAGE, pages * PAGE, flags, at(to));
        step_text(place_name(result), "%lu pages from +%lu to +%lu, one in %lu written%s", pages,
                  from, to, every, flags & DONTUNMAP ? ", DONTUNMAP" : "");
        check(status_value("RssAnon") == before, "as many pages as before");
        step(count_right(at(to), pages, every), "pages that arrived");
        show_maps();
}

void mremap_bulk(void)
{
        static const unsigned long ends[][2] = { { 0, 4096 },    { 1, 4097 },
                                                 { 0, 4097 },    { 511, 4096 },
                                                 { 512, 4608 },  { 100, 4999 },
                                                 { 4096, 1024 }, { 4100, 4100 - 1300 } };

        scene_in_arena("bulk: moved at every alignment");
        for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                move_many(ends[i][0], ends[i][1], 2 * TABLE + 7, 1, MAYMOVE | FIXED);
        for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                move_many(ends[i][0], ends[i][1], 2 * TABLE, 7, MAYMOVE | FIXED | DONTUNMAP);

        scene_in_arena("bulk: grown step by step, moved each time");
        raw_call(NR_mmap, at(0), PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        for (unsigned long pages = 1, place = 0; pages <= 2048; pages *= 2) {
                unsigned long next = place ? 0 : 8192;

                number_pages(at(place), pages, 1);
                step_text(place_name(remap_raw(at(place), pages * PAGE, 2 * pages * PAGE,
                                               MAYMOVE | FIXED, at(next))),
                          "%lu to %lu pages", pages, 2 * pages);
                step(count_right(at(next), pages, 1), "pages that arrived");
                place = next;
        }
        show_maps();
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        check(status_value("RssAnon") < 1024, "all of it was given back");
}
