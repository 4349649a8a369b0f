/* SPDX-License-Identifier: MIT */
/*
 * mremap with a child that shares the pages: each side moves its own mappings, and nobody sees what
 * the other writes.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static void child_moves(void)
{
        remap(0, 4, 4, "MF", 20);
        show();
        stamp(21, 1, 'X');
        show();
        touch_step(at(0), ACCESS_READ);
}

static void child_grows_and_shrinks(void)
{
        remap(0, 4, 6, "", 0);
        stamp(5, 1, 'Y');
        remap(0, 6, 2, "", 0);
        show();
        remap(0, 2, 5, "MF", 30);
        stamp(30, 1, 'Z');
        show();
}

static void child_keeps_source(void)
{
        remap(0, 4, 4, "MFD", 20);
        show();
        stamp(0, 1, 'X');
        stamp(20, 1, 'Y');
        show();
}

static void child_looks(void)
{
        show();
}

static void child_writes_moved(void)
{
        show();
        stamp(20, 2, 'C');
        show();
        remap(20, 4, 4, "MF", 0);
        show();
}

static void grandchild(void)
{
        remap(0, 2, 2, "MF", 40);
        stamp(40, 1, 'G');
        show();
}

static void child_with_child(void)
{
        stamp(1, 1, 'c');
        in_child(grandchild, "grandchild");
        show();
}

static void start(const char *title)
{
        scene_in_arena(title);
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
}

void mremap_forked(void)
{
        start("fork: the child moves");
        in_child(child_moves, "child");
        show();

        start("fork: the child grows and shrinks");
        in_child(child_grows_and_shrinks, "child");
        show();
        stamp(0, 4, 'B');
        show();

        start("fork: the child uses DONTUNMAP");
        in_child(child_keeps_source, "child");
        show();

        start("fork: after a move");
        remap(0, 4, 4, "MF", 20);
        in_child(child_writes_moved, "child");
        show();

        start("fork: after DONTUNMAP");
        remap(0, 4, 4, "MFD", 20);
        in_child(child_looks, "child");
        stamp(0, 1, 'B');
        in_child(child_looks, "child");
        show();

        start("fork: a grandchild");
        in_child(child_with_child, "child");
        show();
        remap(0, 4, 8, "", 0); /* the parent is as it was */
        remap(0, 8, 8, "MF", 20);
        show();
}
