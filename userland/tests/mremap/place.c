/* SPDX-License-Identifier: MIT */
/*
 * Growing and shrinking where the mapping is, and growing to a place that the kernel chooses.
 */
#include "userland/tests/mremap/parts.h"

#include <stdio.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static void growing_in_place(void)
{
        scene_in_arena("grow in place");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(0, 4, 8, "", 0);
        show();
        remap(0, 8, 9, "M", 0);
        show();
        stamp(4, 5, 'B');
        remap(2, 7, 12, "", 0); /* only the tail is named */
        show();
        remap(13, 1, 1, "", 0);
        remap(13, 1, 3, "M", 0);
        show();

        scene_in_arena("grow in place: untouched, read-only, no access");
        map(0, 2, "rw-");
        remap(0, 2, 4, "", 0);
        map(8, 2, "r--");
        remap(8, 2, 4, "", 0);
        map(16, 2, "---");
        remap(16, 2, 4, "", 0);
        show();
        touch_step(at(3), ACCESS_WRITE);
        touch_step(at(4), ACCESS_WRITE);
        touch_step(at(11), ACCESS_WRITE);
        touch_step(at(11), ACCESS_READ);
        touch_step(at(19), ACCESS_READ);

        scene_in_arena("grow in place: a neighbour in the way");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        map(6, 2, "r--");
        remap(0, 4, 6, "", 0);
        show();
        remap(0, 6, 7, "", 0);
        remap(0, 4, 5, "", 0); /* its own next page is in the way */
        remap(0, 6, 6, "", 0);
        show();

        scene_in_arena("grow in place: closing a gap");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(4, 2, "rw-");
        remap(0, 2, 4, "", 0);
        show();
        map(8, 2, "rw-");
        stamp(8, 2, 'B');
        remap(0, 6, 8, "", 0);
        show();
}

static void shrinking(void)
{
        scene_in_arena("shrink");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        remap(0, 8, 5, "", 0);
        show();
        remap(0, 5, 4, "M", 0);
        show();
        touch_step(at(4), ACCESS_READ);
        remap(0, 4, 5, "", 0);
        show(); /* what comes back is zero */
        remap(1, 2, 1, "", 0);
        show(); /* a hole in the middle */
        remap(0, 5, 1, "", 0);
        show();

        scene_in_arena("shrink over several mappings and holes");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        map(4, 2, "r--");
        map(8, 4, "rw-");
        stamp(8, 4, 'B');
        remap(2, 8, 1, "", 0);
        show();
        remap(10, 6, 1, "M", 0);
        show();
        remap(0, 3, 3, "", 0);
        remap(0, 1, 1, "M", 0);
        show();
}

static void shrinking_and_growing_again(void)
{
        scene_in_arena("back and forth");
        map(0, 1, "rw-");
        stamp(0, 1, 'A');
        for (int round = 1; round <= 4; round++) {
                remap(0, round, round + 4, "", 0);
                stamp(round, 4, (char)('A' + round));
                show_pages();
                remap(0, round + 4, round + 1, "", 0);
                show_pages();
        }
        show();
}

void mremap_in_place(void)
{
        growing_in_place();
        shrinking();
        shrinking_and_growing_again();
}

/* A step: grows by moving; shows what is at the new place, tries to write all of it, unmaps it. */
static void move_away(long page, unsigned long pages, unsigned long new_pages)
{
        long moved = remap_raw(at(page), pages * PAGE, new_pages * PAGE, MAYMOVE, 0);

        step_text(place_name(moved), "mremap(+%ld, %lu, %lu, M)", page, pages, new_pages);
        if (moved < 0 && moved > -4096)
                return;
        show();
        show_pages_at("there", moved, new_pages);
        check(moved % (long)PAGE == 0, "page aligned");
        stamp_at(moved, new_pages, 'z');
        show_pages_at("there", moved, new_pages);
        step(raw_call(NR_munmap, moved, new_pages * PAGE), "munmap it");
}

void mremap_moving(void)
{
        scene_in_arena("grow by moving: a neighbour in the way");
        map(0, 4, "rw-");
        stamp(0, 2, 'A');
        stamp(2, 2, 'B');
        map(4, 2, "r--");
        move_away(0, 4, 8);

        scene_in_arena("grow by moving: the middle of a mapping");
        map(0, 6, "rw-");
        for (int i = 0; i < 6; i++)
                stamp(i, 1, (char)('A' + i));
        move_away(2, 2, 3);
        move_away(0, 1, 2);
        move_away(4, 1, 20);
        show();

        scene_in_arena("grow by moving: pages that were never touched");
        map(0, 6, "rw-");
        stamp(1, 1, 'A');
        stamp(4, 1, 'B');
        map(6, 1, "---");
        move_away(0, 6, 9);

        scene_in_arena("grow by moving: read-only");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        protect(0, 4, "r--");
        map(4, 1, "---");
        long moved = remap_raw(at(0), 4 * PAGE, 6 * PAGE, MAYMOVE, 0);
        step_text(place_name(moved), "mremap(+0, 4, 6, M)");
        show();
        show_pages_at("there", moved, 6);
        check(touch(moved + 5 * PAGE, ACCESS_WRITE).code == 2, "the new part is read-only too");
        step(raw_call(NR_munmap, moved, 6 * PAGE), "munmap it");

        scene_in_arena("grow by moving: two MiB and more");
        map(0, 1, "rw-");
        stamp(0, 1, 'A');
        map(1, 1, "---");
        moved = remap_raw(at(0), PAGE, 512 * PAGE, MAYMOVE, 0);
        step_text(place_name(moved), "mremap(+0, 1, 512, M)");
        check(moved % (2l << 20) == 0, "a multiple of 2 MiB lies on one");
        show_pages_at("there", moved, 4);
        stamp_at(moved + 511 * PAGE, 1, 'Z');
        show_pages_at("end", moved + 509 * PAGE, 3);
        step_text(place_name(remap_raw(moved, 512 * PAGE, 2 * PAGE, 0, 0)), "shrink it to 2");
        step_text(place_name(remap_raw(moved, 2 * PAGE, 2 * PAGE, MAYMOVE | FIXED, at(0))),
                  "bring it back");
        show();
}
