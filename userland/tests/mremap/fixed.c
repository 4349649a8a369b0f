/* SPDX-License-Identifier: MIT */
/*
 * MREMAP_FIXED on one mapping: moved whole and in part, onto holes and onto other mappings, growing
 * and shrinking on the way.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static void letters(long page, int count, char first)
{
        for (int i = 0; i < count; i++)
                stamp(page + i, 1, (char)(first + i));
}

static void same_length(void)
{
        scene_in_arena("FIXED: the same length");
        map(0, 6, "rw-");
        letters(0, 6, 'A');
        remap(0, 6, 6, "MF", 20);
        show();
        touch_step(at(0), ACCESS_READ);
        remap(20, 6, 6, "MF", 14); /* touching is not overlapping */
        show();
        remap(14, 6, 6, "MF", 8);
        remap(8, 6, 6, "MF", 14);
        show();
        remap(15, 2, 2, "MF", 0); /* out of the middle */
        show();
        remap(19, 1, 1, "MF", 2);
        show();

        scene_in_arena("FIXED: onto other mappings");
        map(0, 4, "rw-");
        letters(0, 4, 'A');
        map(8, 8, "r--");
        remap(0, 2, 2, "MF", 10);
        show();
        map(20, 2, "rw-");
        letters(20, 2, 'X');
        map(24, 2, "---");
        remap(2, 2, 2, "MF", 21); /* half onto a mapping, half onto a hole */
        show();
        remap(21, 2, 2, "MF", 24);
        show();
        remap(24, 2, 2, "MF", 7); /* half before, half onto */
        show();
}

static void other_lengths(void)
{
        scene_in_arena("FIXED: growing");
        map(0, 4, "rw-");
        letters(0, 4, 'A');
        map(20, 8, "rw-");
        letters(20, 8, 'a');
        remap(0, 4, 6, "MF", 21);
        show();
        remap(22, 2, 3, "MF", 40);
        show();
        remap(40, 3, 4, "MF", 36); /* just below itself */
        show();
        remap(36, 4, 5, "MF", 40);
        show();

        scene_in_arena("FIXED: shrinking");
        map(0, 8, "rw-");
        letters(0, 8, 'A');
        map(20, 8, "rw-");
        letters(20, 8, 'a');
        remap(0, 8, 4, "MF", 22);
        show();
        remap(20, 8, 1, "MF", 0); /* the tail is in other mappings */
        show();
        map(10, 2, "rw-");
        letters(10, 2, 'P');
        remap(10, 9, 2, "MF", 4); /* and behind it lies a hole */
        show();
        remap(4, 2, 1, "MF", 6);
        show();
}

static void odd_lengths(void)
{
        scene_in_arena("FIXED: lengths that are no multiple of a page");
        map(0, 4, "rw-");
        letters(0, 4, 'A');
        step_text(place_name(remap_raw(at(0), 3 * PAGE + 1, 3 * PAGE + 5, 3, at(8))),
                  "4 pages, both rounded");
        show();
        step_text(place_name(remap_raw(at(8), 1, 1, 3, at(0))), "1 byte is a page");
        show();
        step_text(place_name(remap_raw(at(9), PAGE + 1, 1, 3, at(1))), "2 pages to 1");
        show();
        step_text(place_name(remap_raw(at(11), 1, PAGE + 1, 3, at(2))), "1 page to 2");
        show();
}

static void permissions_travel(void)
{
        scene_in_arena("FIXED: permissions travel");
        map(0, 6, "rw-");
        letters(0, 6, 'A');
        protect(2, 2, "r--");
        protect(4, 2, "---");
        remap(2, 2, 2, "MF", 12);
        remap(4, 2, 2, "MF", 16);
        show();
        touch_step(at(12), ACCESS_WRITE);
        touch_step(at(13) + 7, ACCESS_READ);
        touch_step(at(16), ACCESS_READ);
        protect(16, 2, "rw-");
        show();
        remap(12, 2, 3, "MF", 2);
        show();
        touch_step(at(4), ACCESS_WRITE);
        protect(2, 3, "rw-");
        show();

        scene_in_arena("FIXED: code runs where it was moved to");
        map(0, 1, "rwx");
        *(volatile unsigned char *)at(0) = 0xc3;
        touch_step(at(0), ACCESS_EXEC);
        protect(0, 1, "r-x");
        remap(0, 1, 1, "MF", 5);
        touch_step(at(5), ACCESS_EXEC);
        touch_step(at(0), ACCESS_EXEC);
        touch_step(at(5), ACCESS_WRITE);
        show_maps();
}

static void failed_target(void)
{
        scene_in_arena("FIXED: what a failure leaves");
        map(0, 4, "rw-");
        letters(0, 4, 'A');
        map(16, 6, "rw-");
        letters(16, 6, 'a');
        remap(0, 6, 8, "MF", 16); /* longer than the mapping: nothing happens */
        show();
        remap(4, 2, 2, "MF", 16); /* a hole */
        show();
        remap(4, 2, 3, "MF", 16);
        show();
        remap(0, 0, 2, "MF", 16);
        show();
}

void mremap_fixed(void)
{
        same_length();
        other_lengths();
        odd_lengths();
        permissions_travel();
        failed_target();
}
