/* SPDX-License-Identifier: MIT */
/*
 * mmap and munmap of private anonymous memory: where it goes, what is refused, what becomes one
 * mapping and what is cut in two.
 *
 * Addresses that the kernel chooses are compared with each other, in units that are too large for
 * the small gaps between what a kernel maps by itself, and no multiple of 2 MiB, which would be
 * aligned.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL
#define UNIT      (257 * PAGE)
#define TWO_MIB   (2UL << 20)
#define ANON      (MAP_PRIVATE | MAP_ANONYMOUS)
#define NOREPLACE 0x100000
#define LOW_2GIB  0x40
#define LOW_FROM  0x40000000UL
#define MAP_DROP  8
#define MAP_GROWS 0x100

static unsigned long map_anywhere(unsigned long length)
{
        return raw_call(NR_mmap, 0, length, PROT_READ | PROT_WRITE, ANON, -1, 0);
}

static void unmap_at(unsigned long addr, unsigned long length)
{
        step(raw_call(NR_munmap, addr, length), "munmap it");
}

static void chosen_addresses(void)
{
        unsigned long a, b, c, d;

        scene("chosen addresses: from the top down");
        a = map_anywhere(UNIT);
        b = map_anywhere(UNIT);
        c = map_anywhere(UNIT);
        check(b == a - UNIT && c == b - UNIT, "each directly below the one before");
        unmap_at(b, UNIT);
        check(map_anywhere(UNIT) == b, "a hole of the right size is taken");
        unmap_at(b, UNIT);
        d = map_anywhere(UNIT / 2);
        check(d == a - (UNIT / 2 + PAGE - 1) / PAGE * PAGE, "a smaller one lies at the hole's top");
        unmap_at(d, UNIT / 2);
        d = map_anywhere(UNIT + PAGE);
        check(d == c - UNIT - PAGE, "a larger one lies below all");
        unmap_at(d, UNIT + PAGE);
        unmap_at(a, UNIT);
        d = map_anywhere(UNIT + PAGE);
        check(d == a - PAGE, "two holes that touch are one");
        unmap_at(d, UNIT + PAGE);
        unmap_at(c, UNIT);

        scene("chosen addresses: multiples of 2 MiB");
        a = map_anywhere(UNIT);
        b = map_anywhere(TWO_MIB);
        check(b % TWO_MIB == 0 && b < a, "2 MiB lie on 2 MiB");
        c = map_anywhere(TWO_MIB);
        check(c == b - TWO_MIB, "and so do the next");
        d = map_anywhere(TWO_MIB + PAGE);
        check(d == c - TWO_MIB - PAGE, "a page more is not aligned");
        unmap_at(d, TWO_MIB + PAGE);
        d = raw_call(NR_mmap, b, TWO_MIB, PROT_READ | PROT_WRITE, ANON, -1, 0);
        check(d == c - TWO_MIB, "with a hint that is taken it is as any other");
        unmap_at(d, TWO_MIB);
        d = map_anywhere(6 * TWO_MIB);
        check(d % TWO_MIB == 0 && d < c, "12 MiB lie on 2 MiB");
        unmap_at(d, 6 * TWO_MIB);
        unmap_at(b, TWO_MIB);
        unmap_at(c, TWO_MIB);
        unmap_at(a, UNIT);
}

static void hint(const char *what, unsigned long addr, unsigned long length)
{
        unsigned long got = raw_call(NR_mmap, addr, length, PROT_READ | PROT_WRITE, ANON, -1, 0);

        step_text(place_name((long)got), "hint %s", what);
        if (got < ARENA || got >= ARENA_END)
                raw_call(NR_munmap, got, length);
}

static void hints(void)
{
        scene_in_arena("hints");
        hint("to free memory", at(10), 2 * PAGE);
        hint("to free memory, not aligned", at(20) + 100, 2 * PAGE);
        hint("to the last byte of a page", at(31) - 1, PAGE);
        show_maps();
        hint("to what is mapped", at(10), PAGE);
        hint("into what is mapped", at(11), 2 * PAGE);
        hint("that runs into what is mapped", at(8), 3 * PAGE);
        hint("that ends where a mapping begins", at(8), 2 * PAGE);
        hint("that begins where a mapping ends", at(12), PAGE);
        show_maps();
        hint("too high", TASK_SIZE, PAGE);
        hint("in the kernel", 0xffff800000000000UL, PAGE);
        hint("that reaches past the end", TASK_SIZE - PAGE, 2 * PAGE);
        check(raw_call(NR_mmap, 1, PAGE, 3, ANON, -1, 0) != 0, "a hint below a page is none");
}

static void low_addresses(void)
{
        long first, second;

        scene("MAP_32BIT");
        first = raw_call(NR_mmap, 0, 4 * PAGE, 3, ANON | LOW_2GIB, -1, 0);
        step(first - (long)LOW_FROM, "the first, from 1 GiB");
        second = raw_call(NR_mmap, 0, 4 * PAGE, 3, ANON | LOW_2GIB, -1, 0);
        step(second - (long)LOW_FROM, "the second");
        step(raw_call(NR_munmap, first, 4 * PAGE), "munmap the first");
        first = raw_call(NR_mmap, 0, 5 * PAGE, 3, ANON | LOW_2GIB, -1, 0);
        step(first - (long)LOW_FROM, "one that does not fit into the hole");
        raw_call(NR_munmap, LOW_FROM, 64 * PAGE);
        step(raw_call(NR_mmap, 0, 2UL << 30, 3, ANON | LOW_2GIB, -1, 0), "2 GiB");
}

static void try(const char *what, unsigned long addr, unsigned long length, int prot, int flags,
                int fd, unsigned long offset)
{
        long got = raw_call(NR_mmap, addr, length, prot, flags, fd, offset);

        step_text(place_name(got), "%s", what);
}

static void refused(void)
{
        const int rw = PROT_READ | PROT_WRITE;

        scene_in_arena("refused");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        try("length 0", 0, 0, rw, ANON, -1, 0);
        try("length 0, FIXED", at(0), 0, rw, ANON | MAP_FIXED, -1, 0);
        try("length ~0", 0, ~0UL, rw, ANON, -1, 0);
        try("length of all user space and a page", 0, TASK_SIZE + PAGE, rw, ANON, -1, 0);
        try("length of all user space", 0, TASK_SIZE, rw, ANON, -1, 0);
        try("offset not aligned", 0, PAGE, rw, ANON, -1, 1);
        try("offset not aligned, length 0", 0, 0, rw, ANON, -1, 1);
        try("no type", at(0), PAGE, rw, MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        try("type 4", at(0), PAGE, rw, MAP_ANONYMOUS | MAP_FIXED | 4, -1, 0);
        try("type 15", at(0), PAGE, rw, MAP_ANONYMOUS | MAP_FIXED | 15, -1, 0);
        try("shared and private", at(0), PAGE, rw, MAP_ANONYMOUS | MAP_FIXED | 3, -1, 0);
        try("no descriptor", at(0), PAGE, rw, MAP_PRIVATE | MAP_FIXED, -1, 0);
        try("descriptor 1000", at(0), PAGE, rw, MAP_PRIVATE | MAP_FIXED, 1000, 0);
        try("descriptor is a pipe", at(0), PAGE, rw, MAP_PRIVATE | MAP_FIXED, 1, 0);
        try("no descriptor, length 0", at(0), 0, rw, MAP_PRIVATE | MAP_FIXED, -1, 0);
        try("FIXED not aligned", at(0) + 1, PAGE, rw, ANON | MAP_FIXED, -1, 0);
        try("FIXED at the end of user space", TASK_SIZE, PAGE, rw, ANON | MAP_FIXED, -1, 0);
        try("FIXED across the end", TASK_SIZE - PAGE, 2 * PAGE, rw, ANON | MAP_FIXED, -1, 0);
        try("FIXED in the kernel", 0xffffffff80000000UL, PAGE, rw, ANON | MAP_FIXED, -1, 0);
        try("FIXED not canonical", 0x800000000000UL, PAGE, rw, ANON | MAP_FIXED, -1, 0);
        try("NOREPLACE onto a mapping", at(0), PAGE, rw, ANON | NOREPLACE, -1, 0);
        try("NOREPLACE across its end", at(1), 2 * PAGE, rw, ANON | NOREPLACE, -1, 0);
        try("NOREPLACE and FIXED", at(0), PAGE, rw, ANON | NOREPLACE | MAP_FIXED, -1, 0);
        try("NOREPLACE not aligned", at(8) + 1, PAGE, rw, ANON | NOREPLACE, -1, 0);
        try("NOREPLACE onto nothing", at(8), PAGE, rw, ANON | NOREPLACE, -1, 0);
        try("descriptor is ignored", at(9), PAGE, rw, ANON | MAP_FIXED, 1000, 0);
        try("unknown protection bits", at(10), PAGE, 0xf0 | rw, ANON | MAP_FIXED, -1, 0);
        try("offset is no matter", at(11), PAGE, rw, ANON | MAP_FIXED, -1, 0x7fffffff000);
        try("GROWSDOWN and shared", at(0), PAGE, rw, MAP_ANONYMOUS | MAP_SHARED | MAP_GROWS, -1, 0);
        show();
}

static void unmapping(void)
{
        scene_in_arena("munmap");
        map(0, 10, "rw-");
        for (int i = 0; i < 10; i++)
                stamp(i, 1, (char)('A' + i));
        unmap(4, 2);
        show();
        unmap(4, 2);
        unmap(3, 4);
        show();
        unmap(9, 1);
        unmap(0, 1);
        show();
        step(raw_call(NR_munmap, at(1), 100), "100 bytes");
        show();
        step(raw_call(NR_munmap, at(2) + 1, PAGE), "not aligned");
        step(raw_call(NR_munmap, at(2), 0), "length 0");
        step(raw_call(NR_munmap, at(2), ~0UL), "length ~0");
        step(raw_call(NR_munmap, at(2), TASK_SIZE), "past the end of user space");
        step(raw_call(NR_munmap, TASK_SIZE, PAGE), "at the end of user space");
        step(raw_call(NR_munmap, TASK_SIZE + PAGE, PAGE), "behind it");
        step(raw_call(NR_munmap, 0xffffffff80000000UL, PAGE), "in the kernel");
        step(raw_call(NR_munmap, ~0UL, PAGE), "at ~0");
        step(raw_call(NR_munmap, 0, PAGE), "at 0");
        show();
        unmap(-5, 200);
        show();
}

static void becoming_one(void)
{
        scene_in_arena("becoming one");
        map(0, 2, "rw-");
        map(2, 2, "rw-");
        map(6, 2, "rw-");
        show_maps();
        map(4, 2, "rw-");
        show_maps();
        map(8, 2, "r--");
        map(10, 2, "rw-");
        show_maps();
        map(8, 2, "rw-");
        show_maps();
        stamp(0, 12, 'A');
        map(12, 2, "rw-"); /* a new one joins what was written */
        map(4, 2, "rw-");  /* and replaces its middle */
        show();

        scene_in_arena("becoming one: two written apart");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(4, 2, "rw-");
        stamp(4, 2, 'B');
        map(2, 2, "rw-");
        show();
        map(6, 2, "rw-");
        show_maps();

        scene_in_arena("becoming one: flags that differ");
        map(0, 1, "rw-");
        map_with(1, 1, "rw-", ANON | MAP_FIXED | MAP_NORESERVE);
        map_with(2, 1, "rw-", ANON | MAP_FIXED | MAP_NORESERVE);
        map_with(3, 1, "rw-", ANON | MAP_FIXED | MAP_GROWS);
        map_with(4, 1, "rw-", ANON | MAP_FIXED | MAP_STACK);
        map_with(5, 1, "rw-", ANON | MAP_FIXED | MAP_STACK);
        map_with(6, 1, "rw-", ANON | MAP_FIXED | MAP_POPULATE);
        map_with(7, 1, "rw-", ANON | MAP_FIXED);
        map_with(8, 1, "rw-", MAP_ANONYMOUS | MAP_FIXED | MAP_DROP);
        map_with(9, 1, "---", ANON | MAP_FIXED);
        map_with(10, 1, "---", ANON | MAP_FIXED | MAP_NORESERVE);
        show_maps();
}

static void replacing(void)
{
        scene_in_arena("replacing with FIXED");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        map(2, 2, "r--");
        show();
        map(1, 4, "---");
        show();
        map(0, 8, "rw-");
        show();
        stamp(0, 8, 'B');
        try("refused: the old one stays", at(2), ~0UL, 3, ANON | MAP_FIXED, -1, 0);
        try("refused: no type", at(2), PAGE, 3, MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        show();
        map(6, 6, "rw-");
        show();
        touch_step(at(12), ACCESS_READ);
}

static void fresh_memory(void)
{
        unsigned long dirty = 0;

        scene_in_arena("fresh memory is zero, whatever was there");
        for (int round = 0; round < 8; round++) {
                raw_call(NR_mmap, at(0), 256 * PAGE, 3, ANON | MAP_FIXED, -1, 0);
                for (long i = 0; i < 256; i++) {
                        dirty += page_letter(at(i)) != '0';
                        stamp(i, 1, 'X');
                }
                raw_call(NR_munmap, at(0), 256 * PAGE);
        }
        step((long)dirty, "pages that were not");
}

int main(void)
{
        chosen_addresses();
        hints();
        low_addresses();
        refused();
        unmapping();
        becoming_one();
        replacing();
        fresh_memory();
        return 0;
}
