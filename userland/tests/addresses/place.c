/* SPDX-License-Identifier: MIT */
/* Where mappings go: top-down, hints, multiples of 2 MiB, MAP_32BIT, what a full space leaves. */
#include <stdio.h>

#include "userland/tests/addresses/addresses.h"
#include "userland/tests/lib/transcript.h"

static void top_down(void)
{
        unsigned long a, b, c;

        clean_scene("top-down: the highest gap below the base that fits");
        a = map_at("a page", 0, PAGE, ANON);
        b = map_at("three pages", 0, 3 * PAGE, ANON);
        c = map_at("a page", 0, PAGE, ANON);
        unmap_step(b, 3 * PAGE);
        map_at("four pages do not fit into the hole", 0, 4 * PAGE, ANON);
        map_at("two pages lie at its top", 0, 2 * PAGE, ANON);
        map_at("one fills it", 0, PAGE, ANON);
        unmap_step(a, PAGE);
        map_at("shared memory goes to the hole at the top", 0, PAGE, MAP_SHARED | MAP_ANONYMOUS);
        map_at("a length is rounded up", 0, PAGE + 1, ANON);
        unmap_step(c, PAGE);
        map_at("no access needs a place too", 0, PAGE, ANON | MAP_NORESERVE);

        clean_scene("top-down: holes that touch are one");
        a = map_at("two pages", 0, 2 * PAGE, ANON);
        map_at("two shared pages below", 0, 2 * PAGE, MAP_SHARED | MAP_ANONYMOUS);
        map_at("two pages below", 0, 2 * PAGE, ANON);
        unmap_step(a - 2 * PAGE, 2 * PAGE);
        unmap_step(a, 2 * PAGE);
        map_at("four pages", 0, 4 * PAGE, ANON);
}

static void bottom_up(void)
{
        const unsigned long low = 0x40000000;
        unsigned long base;

        clean_scene("bottom-up from a third of user space, when there is no room below the base");
        base = (unsigned long)map_at("the base", 0, PAGE, ANON) + PAGE;
        clean();
        address_step(raw_call(NR_mmap, low, base - low, PROT_NONE, ANON | MAP_FIXED, -1, 0),
                     "all from 1 GiB to the base");
        address_step(raw_call(NR_mmap, 0x10000, 0x300000, PROT_NONE, ANON | MAP_FIXED, -1, 0),
                     "and below the program");
        address_step(
                raw_call(NR_mmap, 0x800000, low - 0x800000, PROT_NONE, ANON | MAP_FIXED, -1, 0),
                "and above its heap");
        map_at("64 MiB and a page go above the base", 0, 32 * MIB2 + PAGE, ANON);
        map_at("2 MiB go to a multiple of 2 MiB there", 0, MIB2, ANON);
        map_at("a page goes to the lowest place", 0, PAGE, ANON);
        map_at("a GiB goes nowhere", 0, GIB, ANON);
        raw_call(NR_munmap, 0x10000, 0x300000);
        raw_call(NR_munmap, 0x800000, low - 0x800000);
}

static void hints(void)
{
        const unsigned long a = 0x600000000000UL;

        clean_scene("hints: taken if free");
        map_at("16 pages", a, 16 * PAGE, ANON);
        map_at("to the page above", a + 16 * PAGE, PAGE, ANON);
        map_at("to the page below", a - PAGE, PAGE, ANON);
        map_at("rounded down to a page", a + 0x20fff, PAGE, ANON);
        map_at("an occupied one is as none", a, PAGE, ANON);
        map_at("its last page is occupied", a - 3 * PAGE, 3 * PAGE, ANON);
        map_at("it ends where a mapping begins", a - 3 * PAGE, 2 * PAGE, ANON);
        map_at("2 MiB with an occupied hint are not aligned", a, MIB2, ANON);
        map_at("2 MiB with a free hint lie there", a + MIB2 + PAGE, MIB2, ANON);
        map_at("2 MiB without a hint are aligned", 0, MIB2, ANON);

        clean_scene("hints: low and high ones");
        map_at("1 is none", 1, PAGE, ANON);
        map_at("fff is none", 0xfff, PAGE, ANON);
        map_at("2 MiB at fff are aligned", 0xfff, MIB2, ANON);
        map_at("1000 becomes 10000", 0x1000, PAGE, ANON);
        map_at("which is taken then", 0xf000, PAGE, ANON);
        map_at("11000 is free", 0x11000, PAGE, ANON);
        unmap_step(0x10000, 2 * PAGE);
        map_at("the last page", TASK_SIZE - PAGE, PAGE, ANON);
        map_at("across the end", TASK_SIZE - PAGE, 2 * PAGE, ANON);
        map_at("the end", TASK_SIZE, PAGE, ANON);
        map_at("the page behind it", TASK_SIZE + PAGE, PAGE, ANON);
        map_at("not canonical", 0x800000000000UL, PAGE, ANON);
        map_at("far above 47 bits", 0x10000000000000UL, PAGE, ANON);
        map_at("the kernel's", 0xffff800000000000UL, PAGE, ANON);
        map_at("~0", ~0UL, PAGE, ANON);
        map_at("all of user space", 0, TASK_SIZE, ANON | MAP_NORESERVE);
        map_at("more than that", 0x10000, TASK_SIZE + PAGE, ANON | MAP_NORESERVE);

        clean_scene("hints: FIXED and NOREPLACE");
        map_at("FIXED takes its place", a, 4 * PAGE, ANON | MAP_FIXED);
        map_at("NOREPLACE takes a free one", a + 4 * PAGE, PAGE, ANON | NOREPLACE);
        map_at("NOREPLACE refuses", a + 3 * PAGE, PAGE, ANON | NOREPLACE);
        map_at("NOREPLACE refuses what overlaps by a page", a - PAGE, 2 * PAGE, ANON | NOREPLACE);
        map_at("NOREPLACE that is not aligned", a + 1, PAGE, ANON | NOREPLACE);
        map_at("FIXED at 1000", 0x1000, PAGE, ANON | MAP_FIXED);
        map_at("FIXED ignores a guard gap", a - 100 * PAGE, PAGE, ANON | MAP_FIXED | GROWS);
        map_at("directly below it", a - 101 * PAGE, PAGE, ANON | MAP_FIXED);
        unmap_step(0x1000, PAGE);
}

static void aligned(void)
{
        int fd = (int)raw_call(NR_memfd_create, "f", 0);

        clean_scene("multiples of 2 MiB");
        raw_call(NR_ftruncate, fd, 4 * MIB2);
        map_at("2 MiB", 0, MIB2, ANON);
        map_at("2 MiB again", 0, MIB2, ANON);
        map_at("a page fits above", 0, PAGE, ANON);
        map_at("6 MiB", 0, 3 * MIB2, ANON);
        map_at("2 MiB and a page", 0, MIB2 + PAGE, ANON);
        map_at("2 MiB less a page", 0, MIB2 - PAGE, ANON);
        map_at("2 MiB, no reserve", 0, MIB2, ANON | MAP_NORESERVE);
        map_at("2 MiB, for a stack", 0, MIB2, ANON | MAP_STACK);
        map_at("2 MiB that grow", 0, MIB2, ANON | GROWS);
        map_at("2 MiB, droppable", 0, MIB2, DROP | MAP_ANONYMOUS);
        map_at("2 MiB shared", 0, MIB2, MAP_SHARED | MAP_ANONYMOUS);
        map_file("2 MiB of a memfd", fd, MIB2, MAP_SHARED, 0);
        map_file("2 MiB of a memfd, private", fd, MIB2, MAP_PRIVATE, 0);
        raw_call(NR_close, fd);
        fd = (int)raw_call(NR_open, "/dev/zero", 2);
        map_file("2 MiB of /dev/zero, private", fd, MIB2, MAP_PRIVATE, 0);
        map_file("2 MiB of /dev/zero, with an offset", fd, MIB2, MAP_PRIVATE, 3 * PAGE);
        map_file("2 MiB of /dev/zero, shared", fd, MIB2, MAP_SHARED, 0);
        raw_call(NR_close, fd);
        map_at("1 GiB", 0, GIB, ANON | MAP_NORESERVE);

        clean_scene("multiples of 2 MiB: the place found was one");
        map_at("so much that the next place is one", 0, MIB2 - PAGE, ANON);
        map_at("2 MiB", 0, MIB2, ANON);
        map_at("2 MiB again", 0, MIB2, ANON);
}

static void low_2gib(void)
{
        const int low = ANON | LOW_2GIB;

        clean_scene("MAP_32BIT");
        map_at("a page", 0, PAGE, low);
        map_at("a page", 0, PAGE, low);
        map_at("2 MiB", 0, MIB2, low);
        map_at("2 MiB again", 0, MIB2, low);
        map_at("2 MiB and a page", 0, MIB2 + PAGE, low);
        map_at("a hint below 1 GiB", 0x20000000, PAGE, low);
        map_at("an occupied hint", 0x40000000, PAGE, low);
        map_at("a hint at the last page", 0x7ffff000, PAGE, low);
        map_at("a hint across 2 GiB", 0x7fffe000, 3 * PAGE, low);
        map_at("a hint at 2 GiB", 0x80000000, PAGE, low);
        map_at("a hint far above", 0x600000000000UL, PAGE, low);
        map_at("a low hint is raised", 0x1000, PAGE, low);
        map_at("all of it", 0, GIB, low | MAP_NORESERVE);
        map_at("most of it", 0, GIB - 32 * MIB2, low | MAP_NORESERVE);
        map_at("and no more 32 MiB", 0, 16 * MIB2, low);
        map_at("shared", 0, PAGE, MAP_SHARED | MAP_ANONYMOUS | LOW_2GIB);
        remap_to("it is not remembered by mremap", 0x40000000, PAGE, 2 * MIB2 + PAGE,
                 MREMAP_MAYMOVE, 0);
        raw_call(NR_munmap, 0x10000, PAGE);
        raw_call(NR_munmap, 0x20000000, PAGE);
}

static void moving(void)
{
        const int keep = MREMAP_MAYMOVE | 4;
        unsigned long a, b;

        clean_scene("mremap: growth by moving");
        a = map_at("a page", 0, PAGE, ANON);
        map_at("a shared page below", 0, PAGE, MAP_SHARED | MAP_ANONYMOUS);
        b = map_at("a page", 0, PAGE, ANON);
        b = remap_to("to two pages", b, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0);
        b = remap_to("to 2 MiB", b, 2 * PAGE, MIB2, MREMAP_MAYMOVE, 0);
        b = remap_to("to 2 MiB and a page: in place, if there is room", b, MIB2, MIB2 + PAGE,
                     MREMAP_MAYMOVE, 0);
        remap_to("the first to 4 MiB", a, PAGE, 2 * MIB2, MREMAP_MAYMOVE, 0);

        clean_scene("mremap: DONTUNMAP");
        a = map_at("2 MiB", 0, MIB2, ANON);
        remap_to("no hint: aligned", a, MIB2, MIB2, keep, 0);
        remap_to("a hint that is free", a, MIB2, MIB2, keep, 0x500000001000UL);
        remap_to("a hint that is not", a, MIB2, MIB2, keep, 0x500000001000UL);
        remap_to("a low hint is not raised", a, PAGE, PAGE, keep, 0x1000);
        remap_to("a hint that is not aligned", a, PAGE, PAGE, keep, 0x500000000001UL);
        *(volatile char *)a = 1;
        a = remap_to("written, away from its place", a, MIB2, MIB2, MREMAP_MAYMOVE | MREMAP_FIXED,
                     0x400000003000UL);
        remap_to("with odd page numbers: aligned all the same", a, MIB2, MIB2, keep, 0);
        unmap_step(0x1000, PAGE);

        clean_scene("mremap: shared memory is not aligned");
        a = map_at("2 MiB shared", 0, MIB2, MAP_SHARED | MAP_ANONYMOUS);
        remap_to("DONTUNMAP", a, MIB2, MIB2, keep, 0);
        remap_to("a duplicate", a, 0, MIB2, MREMAP_MAYMOVE, 0);
        remap_to("a duplicate of 4 MiB", a, 0, 2 * MIB2, MREMAP_MAYMOVE, 0);
}

void place_scenes(void)
{
        top_down();
        bottom_up();
        hints();
        aligned();
        low_2gib();
        moving();
}
