/* SPDX-License-Identifier: MIT */
/*
 * MREMAP_DONTUNMAP: the pages go, the mapping stays and reads zero.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static void whole(void)
{
        scene_in_arena("DONTUNMAP: a whole mapping to a target");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(0, 4, 4, "MFD", 10);
        show();
        stamp(0, 2, 'B'); /* the source can be filled anew */
        show();
        remap(0, 4, 4, "MFD", 20);
        show();
        remap(20, 4, 4, "MFD", 10); /* onto what was moved before */
        show();

        scene_in_arena("DONTUNMAP: to a hint");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(0, 4, 4, "MD", 10);
        show();
        remap(10, 4, 4, "MD", 14); /* directly behind */
        show();
        remap(14, 4, 4, "MD", 18);
        stamp(18, 4, 'C');
        show();
        long moved = remap_raw(at(18), 4 * PAGE, 4 * PAGE, MAYMOVE | DONTUNMAP, at(1));
        step_text(place_name(moved), "a hint that is taken by another mapping");
        show();
        show_pages_at("there", moved, 4);
        step(raw_call(NR_munmap, moved, 4 * PAGE), "munmap it");
        moved = remap_raw(at(0), PAGE, PAGE, MAYMOVE | DONTUNMAP, 0);
        step_text(place_name(moved), "no hint");
        show_pages_at("there", moved, 1);
        step(raw_call(NR_munmap, moved, PAGE), "munmap it");
}

static void parts(void)
{
        scene_in_arena("DONTUNMAP: part of a mapping");
        map(0, 8, "rw-");
        for (int i = 0; i < 8; i++)
                stamp(i, 1, (char)('A' + i));
        remap(2, 3, 3, "MFD", 20);
        show();
        stamp(3, 1, 'x');
        remap(20, 3, 3, "MF", 2); /* and back over what was written since */
        show();
        remap(0, 1, 1, "MFD", 9);
        remap(7, 1, 1, "MFD", 10);
        show();
        remap(0, 8, 8, "MFD", 30);
        show();

        scene_in_arena("DONTUNMAP: pages that were never touched");
        map(0, 4, "rw-");
        remap(0, 4, 4, "MFD", 10);
        show();
        stamp(11, 1, 'A');
        remap(10, 4, 4, "MFD", 20);
        show();
        remap(0, 4, 4, "MFD", 4); /* directly behind: one mapping of eight pages */
        show();
}

static void source_afterwards(void)
{
        scene_in_arena("DONTUNMAP: the source afterwards");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(0, 4, 4, "MFD", 10);
        touch_step(at(0) + 100, ACCESS_READ);
        touch_step(at(1) + 200, ACCESS_WRITE);
        check(*(volatile char *)(at(1) + 200) == 1, "the write is seen");
        check(*(volatile char *)(at(1) + 201) == 0, "beside it is zero");
        show();
        protect(0, 4, "r--");
        remap(10, 4, 4, "MFD", 20);
        show();
        remap(0, 4, 4, "MFD", 30); /* a read-only source */
        show();
        touch_step(at(30), ACCESS_WRITE);
        unmap(0, 4);
        unmap(10, 4);
        show();
        remap(20, 4, 6, "", 0);
        show();
}

static void refused(void)
{
        scene_in_arena("DONTUNMAP: refused, nothing is lost");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        map(10, 4, "rw-");
        stamp(10, 4, 'B');
        remap(0, 4, 3, "MFD", 10);
        remap(0, 4, 5, "MFD", 10);
        remap(0, 4, 4, "FD", 10);
        remap(0, 4, 4, "D", 10);
        remap(0, 4, 4, "MFD", 2);
        remap(0, 0, 4, "MFD", 10);
        remap(0, 0, 0, "MFD", 10);
        remap(2, 4, 4, "MD", 20); /* past the end of the mapping */
        remap(5, 1, 1, "MFD", 10);
        show();
}

void mremap_dontunmap(void)
{
        whole();
        parts();
        source_afterwards();
        refused();
}
