/* SPDX-License-Identifier: MIT */
/*
 * mremap with MREMAP_FIXED and equal lengths over several mappings and holes, and of shared memory.
 */
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static void letters(long page, int count, char first)
{
        for (int i = 0; i < count; i++)
                stamp(page + i, 1, (char)(first + i));
}

static void three_mappings(const char *title)
{
        scene_in_arena(title);
        map(0, 2, "rw-");
        letters(0, 2, 'A');
        map(2, 2, "rw-");
        letters(2, 2, 'C');
        protect(2, 2, "r--");
        map(6, 2, "rw-");
        letters(6, 2, 'E');
}

static void several(void)
{
        three_mappings("several mappings and a hole");
        remap(0, 8, 8, "MF", 20);
        show();
        remap(20, 8, 8, "MF", 0);
        show();

        three_mappings("from the middle of one to the middle of another");
        remap(1, 6, 6, "MF", 20);
        show();

        three_mappings("what lies under a hole stays");
        map(20, 12, "rw-");
        letters(20, 12, 'a');
        remap(0, 8, 8, "MF", 22);
        show();

        three_mappings("a hole at the beginning");
        remap(4, 4, 4, "MF", 20);
        remap(-1, 4, 4, "MF", 20);
        show();

        three_mappings("a hole at the end");
        remap(6, 8, 8, "MF", 20);
        show();

        three_mappings("DONTUNMAP over all of it");
        remap(0, 8, 8, "MFD", 20);
        show();
        remap(0, 8, 8, "MD", 40); /* to a hint it must be one mapping */

        three_mappings("a change of length must be within one");
        remap(0, 4, 5, "MF", 20);
        remap(0, 8, 1, "MF", 20);
        show();

        three_mappings("overlap counts the holes too");
        remap(0, 8, 8, "MF", 4);
        remap(0, 8, 8, "MF", 8);
        show();
}

static void shared(void)
{
        scene_in_arena("shared memory: length 0 makes a second mapping");
        map_with(0, 4, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        letters(0, 4, 'A');
        remap(0, 0, 4, "MF", 10);
        show();
        stamp(11, 1, 'x');
        show_pages();
        remap(2, 0, 2, "MF", 20);
        show();
        remap(0, 0, 1, "", 0);
        remap(0, 0, 0, "M", 0);
        remap(10, 4, 4, "MF", 30);
        show();
        unmap(0, 4);
        show();

        scene_in_arena("shared memory: moved, and DONTUNMAP");
        map_with(0, 4, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        letters(0, 4, 'A');
        remap(0, 4, 4, "MF", 10);
        show();
        remap(10, 4, 4, "MFD", 20);
        show();
        stamp(10, 1, 'z'); /* both show the same pages */
        show_pages();
        remap(20, 4, 6, "MF", 30);
        show_maps();
        touch_step(at(33), ACCESS_READ);
        touch_step(at(34), ACCESS_READ);
}

int main(void)
{
        several();
        shared();
        return 0;
}
