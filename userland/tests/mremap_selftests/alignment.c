/* SPDX-License-Identifier: MIT */
/*
 * Moves between every two alignments, of lengths below, at and above those of page tables. Source
 * and target are multiples of their alignment and of nothing larger. Pages at the edges of the
 * range and of every table in it, and some that are chosen at random, are written; afterwards they
 * must be at the target, the others read zero, the source be gone, and the neighbours of the target
 * be as before.
 */
#include "userland/tests/mremap_selftests/parts.h"

#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define SOURCE 0x10000000000UL /* multiples of 512 GiB, so of everything */
#define TARGET 0x18000000000UL

#define TABLE (2 * MIB)

static const unsigned long alignments[] = {
        4 * KIB, 8 * KIB, 64 * KIB, MIB, 2 * MIB, 4 * MIB, GIB
};
static const unsigned long lengths[] = { 4 * KIB, 8 * KIB,          MIB, 2 * MIB - 4 * KIB, 2 * MIB,
                                         4 * MIB, 5 * MIB + 4 * KIB };

/* Longer moves: whole tables of tables, and what comes close. */
static const struct {
        unsigned long source, target, length;
} longer[] = {
        { GIB, GIB, GIB },
        { GIB, GIB, GIB + 2 * MIB },
        { GIB, GIB, 2 * GIB },
        { 2 * MIB, 2 * MIB, GIB },
        { 2 * MIB, 4 * MIB, GIB },
        { GIB, 2 * MIB, GIB },
        { 2 * MIB, GIB, GIB },
        { 4 * KIB, 4 * KIB, GIB },
        { 4 * KIB, 8 * KIB, 64 * MIB + 4 * KIB },
        { GIB - 2 * MIB, GIB - 2 * MIB, GIB + 4 * MIB },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

unsigned alignment_count(void)
{
        return COUNT(alignments) * COUNT(alignments) * COUNT(lengths) + COUNT(longer);
}

/* A number that is well spread and the same in every run. */
static unsigned long mix(unsigned long x)
{
        x ^= x >> 31;
        x *= 0x9e3779b97f4a7c15UL;
        x ^= x >> 29;
        return x;
}

/* Whether the page at this offset of the range is one that is written. */
static int is_written(unsigned long offset, unsigned long length, unsigned long source)
{
        unsigned long in_table = (source + offset) % TABLE;

        if (offset < 2 * PAGE || offset + 2 * PAGE >= length)
                return 1;
        if (length > 64 * MIB && mix(offset / TABLE) % 16)
                return 0;
        return in_table < PAGE || in_table >= TABLE - PAGE || mix(offset + 1) % 32 == 0;
}

static unsigned long content(unsigned long offset)
{
        return mix(offset + 0x5eed) | 1;
}

static long map_at(unsigned long addr, unsigned long length)
{
        return raw_call(NR_mmap, addr, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
}

static void write_pages(unsigned long addr, unsigned long length)
{
        for (unsigned long i = 0; i < length; i += PAGE)
                if (is_written(i, length, addr))
                        *(volatile unsigned long *)(addr + i) = content(i);
}

/* Looks at the pages that were written and, in short ranges, at all others. */
static int is_right(unsigned long addr, unsigned long length, unsigned long source)
{
        for (unsigned long i = 0; i < length; i += PAGE) {
                int written = is_written(i, length, source);

                if (!written && length > 4 * MIB)
                        continue;
                if (*(volatile unsigned long *)(addr + i) != (written ? content(i) : 0))
                        return 0;
        }
        return 1;
}

static int is_gone(unsigned long addr, unsigned long length)
{
        unsigned char vec;

        return raw_call(NR_mincore, addr, PAGE, &vec) == -12 &&
               raw_call(NR_mincore, addr + length - PAGE, PAGE, &vec) == -12;
}

static void move_test(unsigned long source_align, unsigned long target_align, unsigned long length)
{
        unsigned long source = SOURCE + source_align, target = TARGET + target_align;
        volatile unsigned long *below = (unsigned long *)(target - PAGE);
        volatile unsigned long *above = (unsigned long *)(target + length);
        int holds = map_at(source, length) > 0 && map_at(target - PAGE, PAGE) > 0 &&
                    map_at(target + length, PAGE) > 0;

        if (holds) {
                write_pages(source, length);
                *below = *above = 0x600d;
                holds = remap_raw(source, length, length, 3, target) == (long)target &&
                        is_right(target, length, source) && is_gone(source, length) &&
                        *below == 0x600d && *above == 0x600d;
        }
        report(holds, "%lu KiB from a multiple of %lu KiB to one of %lu KiB", length / KIB,
               source_align / KIB, target_align / KIB);
        raw_call(NR_munmap, source, length);
        raw_call(NR_munmap, target - PAGE, length + 2 * PAGE);
}

void alignment_tests(void)
{
        for (unsigned i = 0; i < COUNT(lengths); i++)
                for (unsigned s = 0; s < COUNT(alignments); s++)
                        for (unsigned t = 0; t < COUNT(alignments); t++)
                                move_test(alignments[s], alignments[t], lengths[i]);
        for (unsigned i = 0; i < COUNT(longer); i++)
                move_test(longer[i].source, longer[i].target, longer[i].length);
}
