/* SPDX-License-Identifier: MIT */
/*
 * mremap of locked memory: what is counted, and what is there at once. The count after DONTUNMAP of
 * a locked mapping is not printed: Linux loses track of it there.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define ONFAULT 1

static void locked_pages(void)
{
        step(status_value("VmLck") / 4, "locked pages");
}

/* A step: which pages of the arena are there, as mincore says. */
static void resident(long page, unsigned long pages)
{
        unsigned char vec[64];
        char text[65];
        long result = raw_call(NR_mincore, at(page), pages * PAGE, vec);

        for (unsigned long i = 0; i < pages; i++)
                text[i] = vec[i] & 1 ? '1' : '0';
        text[pages] = 0;
        step_text(result == 0 ? text : errno_name(result), "mincore(+%ld, %lu)", page, pages);
}

static void lock(long page, unsigned long pages)
{
        step(raw_call(NR_mlock, at(page), pages * PAGE), "mlock(+%ld, %lu)", page, pages);
}

static void lock_on_fault(long page, unsigned long pages)
{
        step(raw_call(NR_mlock2, at(page), pages * PAGE, ONFAULT), "mlock2(+%ld, %lu, ONFAULT)",
             page, pages);
}

void mremap_locked(void)
{
        scene_in_arena("locked: growth in place is there at once");
        map(0, 2, "rw-");
        lock(0, 2);
        resident(0, 2);
        remap(0, 2, 4, "", 0);
        resident(0, 4);
        locked_pages();
        remap(0, 4, 1, "", 0);
        locked_pages();
        show();

        scene_in_arena("locked: moved, grown and shrunk on the way");
        map(0, 4, "rw-");
        lock(0, 4);
        stamp(0, 4, 'A');
        remap(0, 4, 6, "MF", 20);
        resident(20, 6);
        locked_pages();
        remap(20, 6, 3, "MF", 0);
        resident(0, 3);
        locked_pages();
        show();
        remap(1, 1, 1, "MF", 10); /* part of it */
        locked_pages();
        show();
        step(raw_call(NR_munlock, at(0), 3 * PAGE), "munlock over the hole");
        locked_pages();
        unmap(0, 16);
        locked_pages();

        scene_in_arena("locked: on fault");
        map(0, 4, "rw-");
        lock_on_fault(0, 4);
        resident(0, 4);
        stamp(1, 1, 'A');
        remap(0, 4, 6, "", 0);
        resident(0, 6);
        locked_pages();
        remap(0, 6, 8, "MF", 20);
        resident(20, 8);
        locked_pages();
        show();
        unmap(20, 8);
        locked_pages();

        scene_in_arena("locked: the neighbour is not");
        map(0, 4, "rw-");
        map(20, 2, "rw-");
        lock(20, 2);
        remap(20, 2, 2, "MF", 4);
        show();
        step(raw_call(NR_munlock, at(4), 2 * PAGE), "munlock(+4, 2)");
        locked_pages();
        show_maps();

        scene_in_arena("locked: DONTUNMAP leaves the source unlocked");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        lock(0, 4);
        remap(0, 4, 4, "MFD", 10);
        resident(0, 4);
        resident(10, 4);
        show();
        map(4, 2, "rw-"); /* joins the source, so that is not locked */
        show_maps();
}
