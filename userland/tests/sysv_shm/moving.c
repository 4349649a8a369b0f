/* SPDX-License-Identifier: MIT */
/* mremap, munmap, mmap, mseal and remap_file_pages on attached segments, and detaching after. */
#include "userland/tests/sysv_shm/shm.h"

#include <sys/mman.h>

#include "userland/tests/lib/fault.h"

/* A segment of 6 pages at page 0, each with a letter; removed as soon as it is attached. */
static int attached(const char *title)
{
        int id = segment(6);

        scene_in_arena(title);
        attach(id, 0, 0);
        for (int i = 0; i < 6; i++)
                stamp(i, 1, (char)('a' + i));
        return id;
}

static void done(int id)
{
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        show_attached(id);
        step(raw_call(NR_shmctl, id, RMID, 0), "IPC_RMID");
}

static void move_whole(void)
{
        int id = attached("moved whole");

        remap(0, 6, 6, "MF", 20);
        show();
        show_attached(id);
        detach(0);
        detach(20);
        show();
        done(id);
}

static void move_tail(void)
{
        int id = attached("a tail moved away");

        remap(4, 2, 2, "MF", 20);
        show();
        show_attached(id);
        show_mapping(20);
        detach(20);
        detach(16); /* where the whole would begin */
        show_maps();
        detach(0);
        show_maps();
        done(id);
}

static void move_middle(void)
{
        int id = attached("a middle moved away and back");

        remap(2, 2, 2, "MF", 20);
        show();
        show_attached(id);
        remap(20, 2, 2, "MF", 2);
        show();
        show_attached(id);
        detach(0);
        show_maps();
        done(id);
}

static void move_within_reach(void)
{
        int id = attached("a piece moved within the segment's reach");

        unmap(0, 2);
        remap(4, 1, 1, "MF", 0);
        show();
        detach(0); /* pages 2, 3, 5 lie right, page 4 does not */
        show();
        done(id);
}

static void duplicate(void)
{
        int id = attached("a duplicate");

        remap(1, 0, 3, "M", 0);
        remap(1, 0, 3, "MF", 20);
        show();
        show_attached(id);
        remap(0, 0, 8, "MF", 30);
        show_maps();
        touch_step(at(35), ACCESS_READ);
        touch_step(at(36), ACCESS_READ);
        detach(30);
        show_maps();
        detach(19);
        show_maps();
        show_attached(id);
        done(id);
}

static void stay_behind(void)
{
        int id = attached("DONTUNMAP");

        remap(0, 6, 6, "MFD", 20);
        show();
        show_attached(id);
        stamp(0, 1, 'z');
        show_pages_at("there", at(20), 1);
        remap(2, 2, 2, "MFD", 40);
        show_maps();
        show_attached(id);
        detach(38);
        detach(20);
        show_maps();
        done(id);
}

static void growth(void)
{
        int id = attached("growth");

        remap(0, 6, 8, "", 0);
        show_maps();
        show_attached(id);
        touch_step(at(6), ACCESS_READ);
        touch_step(at(6), ACCESS_WRITE);
        detach(0);
        show_maps();
        show_attached(id);
        done(id);

        id = attached("growth that moves");
        map(6, 1, "rw-");
        remap(0, 6, 6, "M", 0);
        step(remap_raw(at(0), 6 * PAGE, 7 * PAGE, 0, 0), "without MAYMOVE");
        check(remap_raw(at(0), 6 * PAGE, 7 * PAGE, 1, 0) > 0, "with MAYMOVE");
        show_maps();
        show_attached(id);
        raw_call(NR_shmctl, id, RMID, 0);

        id = attached("growth over a hole between two pieces");
        unmap(2, 2);
        remap(0, 2, 4, "", 0);
        show();
        show_attached(id);
        done(id);
}

static void shrinking(void)
{
        int id = attached("shrinking");

        remap(0, 6, 2, "", 0);
        show();
        remap(0, 2, 1, "MF", 20);
        show();
        show_attached(id);
        detach(20);
        show_attached(id);
        done(id);
}

static void move_with_others(void)
{
        int id = attached("one of several that move");

        map(-1, 1, "rw-");
        map(6, 1, "rw-");
        remap(-1, 8, 8, "MF", 20);
        show();
        remap(0, 7, 7, "MF", 30);
        unmap(6, 1);
        remap(0, 7, 7, "MF", 30); /* a hole behind it is too much as well */
        remap(0, 6, 6, "MF", 30);
        show();
        raw_call(NR_munmap, at(-1), PAGE);
        done(id);

        id = attached("two pieces of one");
        protect(2, 2, "r--");
        remap(0, 6, 6, "MF", 20);
        remap(0, 3, 3, "MF", 20);
        remap(0, 2, 2, "MF", 20);
        show();
        show_attached(id);
        done(id);
}

static void replaced(void)
{
        int id = attached("replaced in part");

        map(2, 2, "rw-");
        show();
        show_attached(id);
        attach(id, 2, 0);
        attach(id, 2, REMAP);
        show();
        show_attached(id);
        detach(0);
        show_maps();
        detach(2);
        show_maps();
        done(id);
}

static void windows(void)
{
        int id = attached("remap_file_pages");

        step(raw_call(NR_remap_file_pages, at(0), PAGE, 0, 3, 0), "page 3 over page 0");
        show();
        show_attached(id);
        step(raw_call(NR_remap_file_pages, at(4), PAGE, 0, 6, 0), "past the end over page 4");
        show_maps();
        show_attached(id);
        detach(0);
        show_maps();
        show_attached(id);
        done(id);
}

static void seal_child(void)
{
        int id = attached("sealed");

        step(raw_call(NR_mseal, at(2), PAGE, 0), "mseal");
        show_maps();
        show_attached(id);
        remap(2, 1, 1, "MF", 20);
        unmap(2, 1);
        attach(id, 0, REMAP);
        detach(0); /* what is sealed stays */
        show_maps();
        show_attached(id);
        step(raw_call(NR_shmctl, id, RMID, 0), "IPC_RMID");
}

static void advice(void)
{
        static const int advices[] = { 0,  1,  2,  3,  4,  8,  10, 11, 12, 13,  14, 15,
                                       16, 17, 18, 19, 20, 21, 22, 23, 24, 102, 103 };
        int id = attached("advice");

        for (unsigned i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
                step(raw_call(NR_madvise, at(0), 6 * PAGE, advices[i]), "madvise %d", advices[i]);
        show_mapping(0);
        show_pages();
        show_attached(id);
        step(raw_call(NR_msync, at(0), 6 * PAGE, 4), "msync");
        done(id);
}

void moving(void)
{
        move_whole();
        move_tail();
        move_middle();
        move_within_reach();
        duplicate();
        stay_behind();
        growth();
        shrinking();
        move_with_others();
        replaced();
        windows();
        in_child(seal_child, "a child with a sealed piece");
        advice();
}
