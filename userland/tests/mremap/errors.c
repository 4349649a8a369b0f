/* SPDX-License-Identifier: MIT */
/*
 * The errors of mremap: first those of the arguments alone, then those of the mapping found, each
 * also together with the ones that come later, so that their order shows.
 */
#include "userland/tests/mremap/parts.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL
#define HOLE      (ARENA + 64 * PAGE)

static void try(const char *what, unsigned long addr, unsigned long old_len, unsigned long new_len,
                unsigned flags, unsigned long target)
{
        step_text(place_name(remap_raw(addr, old_len, new_len, flags, target)), "%s", what);
}

static void lay_out(const char *title)
{
        scene_in_arena(title);
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        map(16, 4, "rw-");
        stamp(16, 4, 'B');
}

static void flag_errors(void)
{
        const unsigned long a = at(0), len = 4 * PAGE;

        try("unknown flag 8", a, len, len, 8, 0);
        try("unknown flag 8 with MAYMOVE", a, len, len, 8 | MAYMOVE, 0);
        try("unknown flag 1 << 30", a, len, len, 1u << 30, 0);
        try("every flag bit", a, len, len, ~0u, at(32));
        try("FIXED without MAYMOVE", a, len, len, FIXED, at(32));
        try("DONTUNMAP without MAYMOVE", a, len, len, DONTUNMAP, at(32));
        try("FIXED and DONTUNMAP without MAYMOVE", a, len, len, FIXED | DONTUNMAP, at(32));
        try("FIXED without MAYMOVE, hole", HOLE, len, len, FIXED, at(32));
}

static void address_errors(void)
{
        const unsigned long a = at(0), len = 4 * PAGE;

        try("address off by 1", a + 1, len, len, MAYMOVE, 0);
        try("address off by 2048", a + 2048, len, len, 0, 0);
        try("address off by 1, hole", HOLE + 1, len, len, 0, 0);
        try("address ~0", ~0UL, len, len, 0, 0);
        try("address 1, length 0", 1, 0, 0, 0, 0);
        try("new length 0", a, len, 0, 0, 0);
        try("new length 0, MAYMOVE", a, len, 0, MAYMOVE, 0);
        try("new length 0, hole", HOLE, len, 0, 0, 0);
        try("new length ~0 (rounds to 0)", a, len, ~0UL, MAYMOVE, 0);
        try("new length a page short of wrapping", a, len, 0UL - PAGE, MAYMOVE, 0);
        try("new length one page past the end of user space", a, len, TASK_SIZE + PAGE, MAYMOVE, 0);
        try("new length past user space, hole", HOLE, len, TASK_SIZE + PAGE, 0, 0);
        try("new length of all user space", a, len, TASK_SIZE, MAYMOVE, 0);
        try("new length of all user space in place", a, len, TASK_SIZE, 0, 0);
        try("new length of all user space, hole", HOLE, len, TASK_SIZE, 0, 0);
        show();
}

static void target_errors(void)
{
        const unsigned long a = at(0), len = 4 * PAGE;
        const unsigned both = MAYMOVE | FIXED;

        try("target off by 1", a, len, len, both, at(32) + 1);
        try("target off by 1, hole", HOLE, len, len, both, at(32) + 1);
        try("target one page too high", a, len, len, both, TASK_SIZE - len + PAGE);
        try("target at the end of user space", a, len, len, both, TASK_SIZE);
        try("target in the kernel", a, len, len, both, 0xffffffff80000000UL);
        try("target ~0", a, len, len, both, ~0UL);
        try("target not canonical", a, len, len, both, 0x800000000000UL);
        try("hint off by 1", a, len, len, MAYMOVE | DONTUNMAP, at(32) + 1);
        try("hint too high", a, len, len, MAYMOVE | DONTUNMAP, TASK_SIZE);
        try("hint off by 1, no MAYMOVE", a, len, len, DONTUNMAP, at(32) + 1);
        try("target ~0 without FIXED is ignored", a, len, len, MAYMOVE, ~0UL);
        try("target off by 1 without FIXED is ignored", a, len, 2 * PAGE, 0, 1);
        show();
}

static void overlap_errors(void)
{
        const unsigned long len = 4 * PAGE;
        const unsigned both = MAYMOVE | FIXED;

        try("target is the source", at(0), len, len, both, at(0));
        try("target one page above the source", at(0), len, len, both, at(1));
        try("target's last page is the source's first", at(16), len, len, both, at(13));
        try("target's first page is the source's last", at(16), len, len, both, at(19));
        try("source inside the target", at(17), PAGE, len, both, at(16));
        try("target inside the source", at(16), len, PAGE, both, at(17));
        try("overlap in a hole", HOLE, len, len, both, HOLE);
        try("hint is the source", at(0), len, len, MAYMOVE | DONTUNMAP, at(0));
        try("hint overlaps the source", at(0), len, len, MAYMOVE | DONTUNMAP, at(2));
        try("hint below reaches the source", at(16), len, len, MAYMOVE | DONTUNMAP, at(13));
        try("lengths differ, DONTUNMAP", at(0), len, 2 * len, MAYMOVE | DONTUNMAP, 0);
        try("lengths differ, DONTUNMAP and FIXED", at(0), 2 * PAGE, PAGE, both | DONTUNMAP, at(32));
        try("lengths differ, DONTUNMAP, hole", HOLE, len, PAGE, MAYMOVE | DONTUNMAP, 0);
        try("old length 0, DONTUNMAP", at(0), 0, len, MAYMOVE | DONTUNMAP, at(32));
        try("old length 0, target is the source's page before", at(0), 0, 2 * PAGE, both, at(-1));
        show();
}

void mremap_arguments(void)
{
        lay_out("arguments: flags");
        flag_errors();
        lay_out("arguments: addresses and lengths");
        address_errors();
        lay_out("arguments: the target");
        target_errors();
        lay_out("arguments: overlap");
        overlap_errors();
}

static void span_errors(void)
{
        const unsigned long page = PAGE;
        const unsigned both = MAYMOVE | FIXED;

        try("hole, same length", HOLE, page, page, 0, 0);
        try("hole, grow", HOLE, page, 2 * page, MAYMOVE, 0);
        try("hole, shrink", HOLE, 2 * page, page, MAYMOVE, 0);
        try("hole, old length 0", HOLE, 0, page, MAYMOVE, 0);
        try("hole, to a target", HOLE, page, page, both, at(32));
        try("hole, to a target, growing", HOLE, page, 2 * page, both, at(32));
        try("hole, DONTUNMAP", HOLE, page, page, MAYMOVE | DONTUNMAP, 0);
        try("page behind the mapping", at(4), page, page, 0, 0);
        try("address 0", 0, page, page, 0, 0);
        try("end of user space", TASK_SIZE, page, page, 0, 0);
        try("kernel text", 0xffffffff80100000UL, page, page, 0, 0);
        try("direct map", 0xffff800000000000UL, page, 2 * page, MAYMOVE, 0);
        try("grow across the end of the mapping", at(0), 5 * page, 6 * page, MAYMOVE, 0);
        try("grow across the end in place", at(0), 5 * page, 6 * page, 0, 0);
        try("grow with a huge old length", at(0), 1UL << 40, (1UL << 40) + page, MAYMOVE, 0);
        try("move across the end, DONTUNMAP", at(0), 5 * page, 5 * page, MAYMOVE | DONTUNMAP, 0);
        try("grow across the end to a target", at(0), 5 * page, 6 * page, both, at(32));
        try("shrink to more than is there, to a target", at(0), 8 * page, 6 * page, both, at(32));
        try("old length 0, private", at(0), 0, page, MAYMOVE, 0);
        try("old length 0, private, in place", at(0), 0, page, 0, 0);
        try("old length 0, private, to a target", at(0), 0, page, both, at(32));
        try("old length ~0 (rounds to 0), private", at(0), ~0UL, page, 0, 0);
        show();
}

static void without_checks(void)
{
        const unsigned long page = PAGE;

        try("same length, far past the mapping's end", at(0), 80 * page, 80 * page, 0, 0);
        try("same length, past the end of user space", at(0), TASK_SIZE, TASK_SIZE, 0, 0);
        try("same length, unrounded", at(0), page + 1, page + 5, 0, 0);
        try("shrink by less than a page", at(0), page + 5, page + 1, 0, 0);
        try("shrink over both mappings and the hole", at(1), 19 * page, page, 0, 0);
        show();
        try("shrink reaching out of user space", at(0), TASK_SIZE, page, 0, 0);
        show();
}

void mremap_mapping_errors(void)
{
        lay_out("the mapping: what is refused");
        span_errors();
        lay_out("the mapping: what is not checked");
        without_checks();
}
