/* SPDX-License-Identifier: MIT */
/*
 * When a moved or grown mapping becomes one with its neighbours: always when neither was ever
 * written, and after that only at the place, or with the pages, that it was written at.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static void untouched(void)
{
        scene_in_arena("merging: never written");
        map(0, 8, "rw-");
        remap(0, 2, 2, "MF", 8);
        show_maps();
        remap(2, 2, 2, "MF", 6); /* into its own middle */
        show_maps();
        map(20, 2, "rw-");
        remap(8, 2, 2, "MF", 18);
        remap(6, 2, 2, "MF", 22);
        show_maps();
        remap(19, 1, 1, "MF", 24);
        show_maps();
        remap(24, 1, 1, "MF", 19);
        show_maps();

        scene_in_arena("merging: read but never written");
        map(0, 4, "rw-");
        show_pages();
        remap(0, 2, 2, "MF", 4);
        show();
}

static void written(void)
{
        scene_in_arena("merging: written");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        remap(0, 2, 2, "MF", 8);
        show();
        remap(2, 2, 2, "MF", 6);
        show();
        remap(8, 2, 2, "MF", 0); /* home again */
        remap(6, 2, 2, "MF", 2);
        show();

        scene_in_arena("merging: out and home, piece by piece");
        map(0, 6, "rw-");
        stamp(0, 6, 'A');
        remap(1, 1, 1, "MF", 11);
        remap(3, 2, 2, "MF", 13);
        show();
        remap(13, 2, 2, "MF", 3);
        show_maps();
        remap(11, 1, 1, "MF", 1);
        show();

        scene_in_arena("merging: written beside never written");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(10, 2, "rw-");
        remap(10, 2, 2, "MF", 2); /* joins the written one */
        show();
        map(20, 2, "rw-");
        map(30, 2, "rw-");
        stamp(30, 2, 'B');
        remap(30, 2, 2, "MF", 22); /* the written one does not join */
        show();

        scene_in_arena("merging: two that were written apart");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(10, 2, "rw-");
        stamp(10, 2, 'B');
        remap(10, 2, 2, "MF", 2);
        show();
        map(4, 2, "rw-");
        show();
}

static void flags_differ(void)
{
        scene_in_arena("merging: permissions decide");
        map(0, 2, "rw-");
        map(2, 2, "r--");
        map(10, 2, "r--");
        map(14, 2, "rw-");
        remap(10, 2, 2, "MF", 4);
        show_maps();
        remap(14, 2, 2, "MF", 6);
        show_maps();
        protect(2, 4, "rw-");
        show_maps();

        scene_in_arena("merging: MAP_NORESERVE decides");
        map_with(0, 2, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE);
        map(10, 2, "rw-");
        remap(10, 2, 2, "MF", 2);
        show_maps();
        map_with(20, 2, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE);
        remap(0, 2, 2, "MF", 22);
        show_maps();
}

static void split_and_back(void)
{
        scene_in_arena("merging: split by mprotect, moved, joined again");
        map(0, 6, "rw-");
        stamp(0, 6, 'A');
        protect(2, 2, "r--");
        show_maps();
        remap(2, 2, 2, "MF", 12);
        protect(12, 2, "rw-");
        remap(12, 2, 2, "MF", 2);
        show();

        scene_in_arena("merging: the ends written, the middle read-only");
        map(0, 3, "rw-");
        protect(1, 1, "r--");
        stamp(0, 1, 'A');
        stamp(2, 1, 'C');
        protect(1, 1, "rw-");
        show();

        scene_in_arena("merging: growth closes a gap between two written ones");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(4, 2, "rw-");
        stamp(4, 2, 'B');
        remap(0, 2, 4, "", 0);
        show();
        map(8, 2, "rw-");
        remap(4, 2, 4, "", 0);
        show();
}

static void left_behind(void)
{
        scene_in_arena("merging: what DONTUNMAP left behind");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(0, 4, 4, "MFD", 10);
        map(4, 2, "rw-"); /* the source is as good as new */
        show();
        remap(10, 4, 4, "MFD", 20);
        map(14, 2, "rw-"); /* but one that had moved before remembers where it was written */
        show_maps();
        remap(10, 4, 4, "MF", 30);
        map(34, 1, "rw-"); /* until it is moved, unwritten */
        show_maps();

        scene_in_arena("merging: DONTUNMAP of a part, and back");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        remap(1, 2, 2, "MFD", 11);
        stamp(1, 1, 'B');
        show();
        remap(11, 2, 2, "MF", 1);
        show();
}

void mremap_merging(void)
{
        untouched();
        written();
        flags_differ();
        split_and_back();
        left_behind();
}
