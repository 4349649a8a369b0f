/* SPDX-License-Identifier: MIT */
/* The limit on the number of mappings: each call at each distance from it, and random calls. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/system_limits/parts.h"

#define USUAL   65530
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define SHARED  (MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)
#define RW      (PROT_READ | PROT_WRITE)

/*
 * What every call finds: 0-6 and 10-16 writable and written, 20-26 shared, 30-32 that grows down,
 * 40-42 and 42-44 side by side.
 */
static void lay_out(void)
{
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        raw_call(NR_mmap, at(0), 6 * PAGE, RW, PRIVATE, -1, 0);
        raw_call(NR_mmap, at(10), 6 * PAGE, RW, PRIVATE, -1, 0);
        stamp(0, 6, 'A');
        stamp(10, 6, 'K');
        raw_call(NR_mmap, at(20), 6 * PAGE, RW, SHARED, -1, 0);
        raw_call(NR_mmap, at(30), 2 * PAGE, RW, PRIVATE | MAP_GROWSDOWN, -1, 0);
        raw_call(NR_mmap, at(40), 2 * PAGE, RW, PRIVATE, -1, 0);
        raw_call(NR_mmap, at(42), 2 * PAGE, PROT_READ, PRIVATE, -1, 0);
}

static long page_map(long page, long pages, int prot)
{
        return raw_call(NR_mmap, at(page), pages * PAGE, prot, PRIVATE, -1, 0);
}

static long page_move(long page, long pages, long new_pages, int flags, long target)
{
        return raw_call(NR_mremap, at(page), pages * PAGE, new_pages * PAGE, flags, at(target));
}

static long page_call(int nr, long page, long pages, long last)
{
        return raw_call(nr, at(page), pages * PAGE, last);
}

static long try_touch(long page)
{
        return touch(at(page), ACCESS_WRITE).signo;
}

static long try_brk(long pages)
{
        long now = raw_call(NR_brk, 0);

        return raw_call(NR_brk, now + pages * (long)PAGE) - now;
}

/* Which call a try makes. */
enum call {
        MMAP_APART,
        MMAP_BESIDE,
        MMAP_BETWEEN,
        MMAP_INSIDE,
        MMAP_INSIDE_ALIKE,
        MMAP_OVER,
        MMAP_ANYWHERE,
        MUNMAP_MIDDLE,
        MUNMAP_START,
        MUNMAP_END,
        MUNMAP_ALL,
        MUNMAP_TWO,
        MPROTECT_MIDDLE,
        MPROTECT_START,
        MPROTECT_END,
        MPROTECT_ALL,
        MPROTECT_TWO,
        MADVISE_MIDDLE,
        MADVISE_START,
        MADVISE_DONTNEED,
        MLOCK_MIDDLE,
        MLOCK_START,
        MLOCK_ALL,
        MSEAL_MIDDLE,
        MSEAL_END,
        SHRINK,
        SHRINK_MIDDLE,
        GROW,
        GROW_MOVING,
        GROW_TO,
        MOVE_ALL,
        MOVE_START,
        MOVE_MIDDLE,
        MOVE_INTO,
        MOVE_OVER,
        KEEP_ALL,
        KEEP_MIDDLE,
        KEEP_ANYWHERE,
        COPY,
        REMAP_PAGES,
        HEAP,
        GROWS_DOWN,
        CALLS
};

static const char *const names[CALLS] = {
        [MMAP_APART] = "mmap apart",
        [MMAP_BESIDE] = "mmap that merges",
        [MMAP_BETWEEN] = "mmap beside, of another kind",
        [MMAP_INSIDE] = "mmap inside, of another kind",
        [MMAP_INSIDE_ALIKE] = "mmap inside, of the same kind",
        [MMAP_OVER] = "mmap over all of one",
        [MMAP_ANYWHERE] = "mmap anywhere",
        [MUNMAP_MIDDLE] = "munmap of the middle",
        [MUNMAP_START] = "munmap of the start",
        [MUNMAP_END] = "munmap of the end",
        [MUNMAP_ALL] = "munmap of all",
        [MUNMAP_TWO] = "munmap of parts of two",
        [MPROTECT_MIDDLE] = "mprotect of the middle",
        [MPROTECT_START] = "mprotect of the start",
        [MPROTECT_END] = "mprotect of the end",
        [MPROTECT_ALL] = "mprotect of all",
        [MPROTECT_TWO] = "mprotect of parts of two",
        [MADVISE_MIDDLE] = "madvise of the middle",
        [MADVISE_START] = "madvise of the start",
        [MADVISE_DONTNEED] = "madvise that splits nothing",
        [MLOCK_MIDDLE] = "mlock of the middle",
        [MLOCK_START] = "mlock of the start",
        [MLOCK_ALL] = "mlock of all",
        [MSEAL_MIDDLE] = "mseal of the middle",
        [MSEAL_END] = "mseal of the end",
        [SHRINK] = "mremap: shrink",
        [SHRINK_MIDDLE] = "mremap: shrink what lies inside",
        [GROW] = "mremap: grow in place",
        [GROW_MOVING] = "mremap: grow by moving",
        [GROW_TO] = "mremap: grow to a place",
        [MOVE_ALL] = "mremap: move all",
        [MOVE_START] = "mremap: move the start",
        [MOVE_MIDDLE] = "mremap: move the middle",
        [MOVE_INTO] = "mremap: move all into another",
        [MOVE_OVER] = "mremap: move all over another",
        [KEEP_ALL] = "mremap: DONTUNMAP of all",
        [KEEP_MIDDLE] = "mremap: DONTUNMAP of the middle",
        [KEEP_ANYWHERE] = "mremap: DONTUNMAP to anywhere",
        [COPY] = "mremap: a second mapping of shared memory",
        [REMAP_PAGES] = "remap_file_pages",
        [HEAP] = "brk",
        [GROWS_DOWN] = "a stack that grows",
};

static long make(enum call call)
{
        switch (call) {
        case MMAP_APART: return page_map(60, 1, RW);
        case MMAP_BESIDE: return page_map(6, 1, RW);
        case MMAP_BETWEEN: return page_map(6, 1, PROT_READ);
        case MMAP_INSIDE: return page_map(2, 2, PROT_READ);
        case MMAP_INSIDE_ALIKE: return page_map(2, 2, RW);
        case MMAP_OVER: return page_map(0, 6, PROT_READ);
        case MMAP_ANYWHERE:
                return raw_call(NR_mmap, 0, PAGE, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        case MUNMAP_MIDDLE: return page_call(NR_munmap, 2, 2, 0);
        case MUNMAP_START: return page_call(NR_munmap, 0, 2, 0);
        case MUNMAP_END: return page_call(NR_munmap, 4, 2, 0);
        case MUNMAP_ALL: return page_call(NR_munmap, 0, 6, 0);
        case MUNMAP_TWO: return page_call(NR_munmap, 41, 2, 0);
        case MPROTECT_MIDDLE: return page_call(NR_mprotect, 2, 2, PROT_READ);
        case MPROTECT_START: return page_call(NR_mprotect, 0, 2, PROT_READ);
        case MPROTECT_END: return page_call(NR_mprotect, 4, 2, PROT_READ);
        case MPROTECT_ALL: return page_call(NR_mprotect, 0, 6, PROT_READ);
        case MPROTECT_TWO: return page_call(NR_mprotect, 41, 2, PROT_NONE);
        case MADVISE_MIDDLE: return page_call(NR_madvise, 2, 2, MADV_DONTFORK);
        case MADVISE_START: return page_call(NR_madvise, 0, 2, MADV_DONTFORK);
        case MADVISE_DONTNEED: return page_call(NR_madvise, 2, 2, MADV_DONTNEED);
        case MLOCK_MIDDLE: return page_call(NR_mlock, 2, 2, 0);
        case MLOCK_START: return page_call(NR_mlock, 0, 2, 0);
        case MLOCK_ALL: return page_call(NR_mlock, 0, 6, 0);
        case MSEAL_MIDDLE: return page_call(NR_mseal, 2, 2, 0);
        case MSEAL_END: return page_call(NR_mseal, 4, 2, 0);
        case SHRINK: return page_move(0, 6, 4, 0, 0);
        case SHRINK_MIDDLE: return page_move(1, 3, 1, 0, 0);
        case GROW: return page_move(0, 6, 8, 0, 0);
        case GROW_MOVING: return page_move(40, 2, 3, 1, 0);
        case GROW_TO: return page_move(0, 6, 8, 3, 60);
        case MOVE_ALL: return page_move(0, 6, 6, 3, 60);
        case MOVE_START: return page_move(0, 2, 2, 3, 60);
        case MOVE_MIDDLE: return page_move(2, 2, 2, 3, 60);
        case MOVE_INTO: return page_move(40, 2, 2, 3, 12);
        case MOVE_OVER: return page_move(0, 6, 6, 3, 10);
        case KEEP_ALL: return page_move(0, 6, 6, 7, 60);
        case KEEP_MIDDLE: return page_move(2, 2, 2, 7, 60);
        case KEEP_ANYWHERE: return page_move(0, 6, 6, 5, 0);
        case COPY: return page_move(22, 0, 2, 3, 60);
        case REMAP_PAGES: return raw_call(NR_remap_file_pages, at(22), PAGE, 0, 0, 0);
        case HEAP: return try_brk(4);
        default: return try_touch(29);
        }
}

static enum call trying;
static long below;

/* In a child, which may leave anything behind. Its mappings are the parent's. */
static void try(void)
{
        long result;

        lay_out();
        if (trying == HEAP)
                raw_call(NR_brk, (raw_call(NR_brk, 0) + PAGE - 1) & ~(PAGE - 1));
        set_number("max_map_count", count_mappings() + below);
        result = make(trying);
        set_number("max_map_count", USUAL);
        step_text(place_name(result), "%ld below the limit", below);
        show_maps();
}

void limits_count(void)
{
        for (trying = 0; trying < CALLS; trying++) {
                scene(names[trying]);
                for (below = 8; below >= -1; below--)
                        in_child(try, "try");
        }
}

/* ------------------------------------------------------------------ random calls */

static unsigned long state;

static unsigned long draw(unsigned long n)
{
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (state * 2685821657736338717UL >> 16) % n;
}

static int is_mapped(long page)
{
        unsigned char vector;

        return raw_call(NR_mincore, at(page), PAGE, &vector) == 0;
}

/*
 * Short calls on few pages, none of which is ever touched. A move takes one page that is there:
 * many mappings move together, and the limit comes before a hole, since 6.17; and what merges once
 * it has been touched has changed, too.
 */
static void random_call(void)
{
        long page = (long)draw(24), pages = 1 + (long)draw(5), other = (long)draw(24);
        long prots[] = { RW, RW, PROT_READ, PROT_NONE }, prot = prots[draw(4)];
        long flags[] = { 1, 3, 3, 7, 0 }, flag = flags[draw(5)];

        switch (draw(7)) {
        case 0:
        case 1:
                step_text(place_name(page_map(page, pages, prot)), "mmap(+%ld, %ld, %ld)", page,
                          pages, prot);
                break;
        case 2: step(page_call(NR_munmap, page, pages, 0), "munmap(+%ld, %ld)", page, pages); break;
        case 3:
                step(page_call(NR_mprotect, page, pages, prot), "mprotect(+%ld, %ld, %ld)", page,
                     pages, prot);
                break;
        case 4:
                step(page_call(NR_madvise, page, pages, draw(2) ? MADV_DONTFORK : MADV_DOFORK),
                     "madvise(+%ld, %ld)", page, pages);
                break;
        case 5:
                step(page_call(draw(2) ? NR_mlock2 : NR_munlock, page, pages, MLOCK_ONFAULT),
                     "mlock2 or munlock(+%ld, %ld)", page, pages);
                break;
        default:
                if (page != other && is_mapped(page))
                        step_text(place_name(page_move(page, 1, 1, (int)flag, other)),
                                  "mremap(+%ld, 1, 1, %ld, +%ld)", page, flag, other);
                break;
        }
}

static void random_calls(void)
{
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        for (int i = 0; i < 160; i++) {
                if (i % 8 == 0)
                        set_number("max_map_count", count_mappings() + (long)draw(9) - 1);
                random_call();
                show_maps();
        }
        set_number("max_map_count", USUAL);
}

void limits_random(void)
{
        for (unsigned long seed = 1; seed <= 3; seed++) {
                char title[64];

                snprintf(title, sizeof(title), "random calls near the limit, seed %lu", seed);
                scene(title);
                state = seed * 0x9e3779b97f4a7c15UL;
                in_child(random_calls, "calls");
        }
}
