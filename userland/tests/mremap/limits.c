/* SPDX-License-Identifier: MIT */
/*
 * mremap under limits on address space, data and locked memory. Every scene runs in a child, which
 * takes a limit relative to what it uses, and for some gives up its privileges.
 */
#include "userland/tests/mremap/parts.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define SYS_LIMIT_DATA    2
#define SYS_LIMIT_MEMLOCK 8
#define SYS_LIMIT_AS      9

/* The soft limit; raising the hard one may need a privilege that is not there. */
static void limit(int resource, unsigned long bytes)
{
        unsigned long pair[2];

        raw_call(NR_getrlimit, resource, pair);
        pair[0] = bytes;
        check(raw_call(NR_setrlimit, resource, pair) == 0, "set the limit");
}

/* The limit is what is in use now and so many pages more. */
static void limit_size(unsigned long pages)
{
        limit(SYS_LIMIT_AS, status_value("VmSize") * 1024 + pages * PAGE);
}

static void limit_data(unsigned long pages)
{
        limit(SYS_LIMIT_DATA, status_value("VmData") * 1024 + pages * PAGE);
}

static void two_mappings(void)
{
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        map(16, 8, "rw-");
        stamp(16, 8, 'B');
}

static void address_space_in_place(void)
{
        two_mappings();
        limit_size(3);
        remap(0, 4, 8, "", 0);
        remap(0, 4, 8, "M", 0);
        remap(0, 4, 7, "", 0);
        remap(0, 7, 8, "", 0);
        remap(0, 7, 5, "", 0);
        remap(0, 5, 7, "", 0);
        show();
}

static void address_space_moving(void)
{
        two_mappings();
        limit_size(0);
        remap(0, 4, 4, "MF", 32); /* a move needs nothing */
        remap(32, 4, 5, "MF", 0);
        show();
        remap(32, 4, 5, "MF", 16); /* no credit for what is replaced, and it is kept */
        show();
        remap(32, 4, 3, "MF", 0);
        show();
        remap(0, 3, 4, "", 0);
        remap(0, 4, 4, "MD", 40);
        show();
        remap(0, 4, 4, "MFD", 18); /* here the target is gone before the limit is seen */
        show();
        remap(0, 4, 4, "MFD", 40); /* and makes room for this */
        show();
}

static void data_limit(void)
{
        two_mappings();
        map(40, 2, "r--");
        limit_data(2);
        remap(0, 4, 7, "", 0);
        remap(0, 4, 6, "", 0);
        remap(0, 6, 7, "M", 0);
        remap(40, 2, 9, "", 0); /* what cannot be written is not data */
        remap(0, 6, 6, "MFD", 60);
        remap(0, 6, 6, "MF", 60);
        show();
}

static void lock_limit(void)
{
        two_mappings();
        limit(SYS_LIMIT_MEMLOCK, 6 * PAGE);
        raw_call(NR_setresuid, 65534, 65534, 65534);
        step(raw_call(NR_mlock, at(0), 4 * PAGE), "mlock(+0, 4)");
        remap(0, 4, 7, "", 0);
        remap(0, 4, 7, "M", 0);
        remap(0, 4, 6, "", 0);
        remap(0, 6, 6, "MF", 32);
        show();
        remap(32, 6, 7, "MF", 16);
        show();
        step(status_value("VmLck") / 4, "locked pages");
        remap(32, 6, 5, "", 0);
        step(status_value("VmLck") / 4, "locked pages");
        remap(16, 8, 9, "", 0); /* one that is not locked may grow */
}

static void lock_limit_before_size(void)
{
        two_mappings();
        step(raw_call(NR_mlock, at(0), 4 * PAGE), "mlock(+0, 4)");
        limit(SYS_LIMIT_MEMLOCK, 4 * PAGE);
        limit_size(0);
        remap(0, 4, 5, "", 0); /* privileged: only the size is in the way */
        raw_call(NR_setresuid, 65534, 65534, 65534);
        remap(0, 4, 5, "", 0);
        remap(0, 4, 5, "M", 0);
        remap(0, 4, 5, "MF", 16);
        show();
}

static void without_privilege(void)
{
        two_mappings();
        raw_call(NR_setresuid, 65534, 65534, 65534);
        step_text(place_name(remap_raw(at(16), 8 * PAGE, 8 * PAGE, MAYMOVE | FIXED, 0)),
                  "move to address 0");
        show();
        step(remap_raw(at(16), 8 * PAGE, 8 * PAGE, MAYMOVE | FIXED, PAGE), "move to address 4096");
        show();
        step_text(place_name(remap_raw(PAGE, 8 * PAGE, 8 * PAGE, MAYMOVE | FIXED, at(40))),
                  "and back");
        show();
}

static void with_privilege(void)
{
        two_mappings();
        step_text(place_name(remap_raw(at(0), 4 * PAGE, 4 * PAGE, MAYMOVE | FIXED, 0)),
                  "move to address 0");
        show();
        step_text(place_name(remap_raw(0, 4 * PAGE, 4 * PAGE, MAYMOVE | FIXED, at(0))), "and back");
        show();
}

void mremap_limits(void)
{
        scene_in_arena("limits: address space, in place");
        in_child(address_space_in_place, "child");
        scene_in_arena("limits: address space, moving");
        in_child(address_space_moving, "child");
        scene_in_arena("limits: data");
        in_child(data_limit, "child");
        scene_in_arena("limits: locked memory");
        in_child(lock_limit, "child");
        scene_in_arena("limits: locked memory comes before address space");
        in_child(lock_limit_before_size, "child");
        scene_in_arena("limits: address 0, without privilege");
        in_child(without_privilege, "child");
        scene_in_arena("limits: address 0, with privilege");
        in_child(with_privilege, "child");
}
