/* SPDX-License-Identifier: MIT */
/*
 * Calls that split a mapping, with room for so many mappings and no more. Far from the arena the
 * address space is filled with mappings once; each case takes or gives back as many as it needs.
 */
#include <stddef.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/rest_cases/parts.h"

#define RW      (PROT_READ | PROT_WRITE)
#define ANON    (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define FILLING 0x200000000UL /* every other page from here on is a mapping */

static long filled;

static long fill_one(void)
{
        long result = raw_call(NR_mmap, FILLING + 2 * filled * PAGE, PAGE, PROT_READ, ANON, -1, 0);

        if (result > 0)
                filled++;
        return result;
}

/* Fills up to one above the limit, which is as far as mmap goes, and makes room for n below it. */
static void leave_room(long n)
{
        while (fill_one() > 0)
                ;
        for (long i = 0; i <= n; i++)
                raw_call(NR_munmap, FILLING + 2 * --filled * PAGE, PAGE);
}

static void area(long page, unsigned long pages, int prot)
{
        raw_call(NR_mmap, at(page), pages * PAGE, prot, ANON, -1, 0);
}

static void mprotect_middle(void)
{
        area(0, 3, RW);
        leave_room(1);
        step(raw_call(NR_mprotect, at(1), PAGE, PROT_READ), "mprotect in the middle, room for one");
        show_maps();
}

static void shrink(void)
{
        area(0, 4, RW);
        leave_room(0);
        step_text(place_name(remap_raw(at(0), 2 * PAGE, PAGE, 0, 0)), "shrinking in the middle");
        step_text(place_name(remap_raw(at(0), 4 * PAGE, 3 * PAGE, 0, 0)), "shrinking at the end");
        show_maps();
}

static void others(void)
{
        area(0, 3, RW);
        leave_room(0);
        step(raw_call(NR_mlock, at(1), PAGE), "mlock in the middle");
        step(raw_call(NR_mlock, at(0), PAGE), "mlock at the start");
        step(raw_call(NR_madvise, at(1), PAGE, 10), "madvise in the middle");
        step(raw_call(NR_madvise, at(1), PAGE, 4), "advice that is no flag");
        step(raw_call(NR_munmap, at(1), PAGE), "munmap in the middle");
        step(raw_call(NR_mseal, at(1), PAGE, 0), "mseal in the middle");
        step(raw_call(NR_mprotect, at(0), 3 * PAGE, PROT_READ), "mprotect of all");
        show_maps();
}

static void over_its_like(void)
{
        area(0, 3, RW);
        stamp(0, 3, 'A');
        leave_room(0);
        step(raw_call(NR_mmap, at(1), PAGE, RW, ANON, -1, 0), "mmap over the middle of its like");
        show();
        step_text(place_name(raw_call(NR_mmap, at(2), PAGE, RW, ANON, -1, 0)), "over its end");
        show();
}

/* Parts with holes between them go onto one mapping, so that each costs a mapping more. */
static void several(void)
{
        for (long page = 0; page < 8; page += 2) {
                area(page, 1, RW);
                stamp(page, 1, (char)('A' + page));
        }
        area(20, 16, PROT_READ);
        leave_room(6);
        step_text(place_name(remap_raw(at(0), 8 * PAGE, 8 * PAGE, 3, at(22))), "a move of four");
        show();
}

void cases_at_the_limit(void)
{
        static const struct {
                const char *name;
                void (*run)(void);
        } cases[] = {
                { "merge.where.split_kept", mprotect_middle },
                { "mremap.shrink.map_count", shrink },
                { "map_count.split", others },
                { "mmap.fixed.like.limit", over_its_like },
                { "mremap.multi.map_count", several },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                scene_in_arena(cases[i].name);
                leave_room(40);
                cases[i].run();
        }
}
