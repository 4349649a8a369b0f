/* SPDX-License-Identifier: MIT */
/* What grows downwards: the gap below it that stays free, and how far it grows. */
#include <sys/resource.h>

#include "userland/tests/addresses/addresses.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define A 0x600000000000UL

static void write_step_at(unsigned long addr, const char *what)
{
        struct touch touched = touch(addr, ACCESS_WRITE);

        if (touched.signo)
                step_text(code_name(touched.signo, touched.code), "%s: %s at %lx", what,
                          signal_name(touched.signo), touched.addr);
        else
                step_text("ok", "%s", what);
}

static void guard_gap(void)
{
        unsigned long a;

        clean_scene("a guard gap of 256 pages below what grows");
        a = map_at("a page that grows", 0, PAGE, ANON | GROWS);
        map_at("the next keeps its distance", 0, PAGE, ANON);
        map_at("and so does one that grows", 0, PAGE, ANON | GROWS);
        map_at("a hint 256 pages below, one page", a - 256 * PAGE, PAGE, ANON);
        map_at("a hint 257 pages below, one page", a - 257 * PAGE, PAGE, ANON);
        map_at("a hint right above", a + PAGE, PAGE, ANON);

        clean_scene("a guard gap: the hole that fits is net of it");
        map_at("at 200000000000", 0x200000000000UL, PAGE, ANON | GROWS);
        map_at("300 pages below its start", 0x200000000000UL - 300 * PAGE, PAGE, ANON | MAP_FIXED);
        map_at("fill up above", 0x200000001000UL, 0x7ffff7fff000UL - 0x200000001000UL,
               ANON | MAP_FIXED | MAP_NORESERVE);
        map_at("44 pages do not fit", 0, 44 * PAGE, ANON);
        map_at("43 pages do", 0, 43 * PAGE, ANON);

        clean_scene("a guard gap larger than the address");
        map_at("what grows at 20000", 0x20000, PAGE, ANON | MAP_FIXED | GROWS);
        map_at("a hint below", 0x10000, PAGE, ANON);
        unmap_step(0x20000, PAGE);
        map_at("a hint when it is gone", 0x10000, PAGE, ANON);
        unmap_step(0x10000, PAGE);
}

static void growth(void)
{
        clean_scene("growth: to the page that is touched");
        map_at("two pages", A, 2 * PAGE, ANON | MAP_FIXED | GROWS);
        map_at("a page 1000 pages below", A - 1000 * PAGE, PAGE, ANON | MAP_FIXED);
        write_step_at(A - 1, "the byte below");
        write_step_at(A - 500 * PAGE, "500 pages below");
        write_step_at(A - 743 * PAGE, "256 pages above the neighbour");
        write_step_at(A - 744 * PAGE, "255 pages above it");
        write_step_at(A - 998 * PAGE, "a page above it");
        map_at("what grew is taken", A - 743 * PAGE, PAGE, ANON | NOREPLACE);
        map_at("the page below is free", A - 744 * PAGE, PAGE, ANON | NOREPLACE);

        clean_scene("growth: neighbours that are no danger");
        map_at("a page", A, PAGE, ANON | MAP_FIXED | GROWS);
        address_step(raw_call(NR_mmap, A - 100 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0),
                     "no access, 100 pages below");
        write_step_at(A - 99 * PAGE, "up to it");
        write_step_at(A - 100 * PAGE, "the neighbour itself");
        map_at("a page", A + GIB, PAGE, ANON | MAP_FIXED | GROWS);
        map_at("one that grows 100 pages below", A + GIB - 100 * PAGE, PAGE,
               ANON | MAP_FIXED | GROWS);
        write_step_at(A + GIB - 99 * PAGE, "up to it");

        clean_scene("growth: after a move");
        map_at("a page", A, PAGE, ANON | MAP_FIXED | GROWS);
        write_step_at(A, "written");
        remap_to("moved", A, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, A + GIB);
        write_step_at(A + GIB - 10 * PAGE, "it grows there");
        write_step_at(A - PAGE, "and not here");

        clean_scene("growth: the lowest address");
        map_at("at 30000", 0x30000, PAGE, ANON | MAP_FIXED | GROWS);
        write_step_at(0x10000, "down to 10000");
        write_step_at(0xffff, "and no lower");
        unmap_step(0x10000, 33 * PAGE);
}

static void limit_child(void)
{
        struct rlimit limit = { 64 * PAGE, 64 * PAGE };

        map_at("a page", A, PAGE, ANON | MAP_FIXED | GROWS);
        step(raw_call(NR_prlimit64, 0, RLIMIT_STACK, &limit, 0), "a limit of 64 pages");
        write_step_at(A - 63 * PAGE, "64 pages in all");
        write_step_at(A - 64 * PAGE, "one more");
        map_at("a mapping is not limited", A + GIB, 100 * PAGE, ANON | MAP_FIXED | GROWS);
        write_step_at(A + GIB - PAGE, "but its growth is");
}

void stack_scenes(void)
{
        guard_gap();
        growth();
        clean_scene("growth: RLIMIT_STACK");
        in_child(limit_child, "the child");
}
