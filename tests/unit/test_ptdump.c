/* SPDX-License-Identifier: MIT */
/* Page tables as text. */
#include "kernel/base/abi/madvise.h"
#include "mm/ptdump.h"
#include "tests/unit/fixture.h"

#define HOLE_COLUMNS "                               "

/* All of the tables from `addr` on. Valid until the next call. */
static const char *dump_from(struct mm *mm, u64 addr)
{
        static char text[8192];
        struct ptdump_run run;
        size_t at = 0;

        text[0] = 0;
        for (; mm_next_ptdump_run(mm, addr, &run); addr = run.end) {
                EXPECT_EQ(run.start, addr);
                ASSERT_TRUE(run.end > run.start && at + PTDUMP_LINE < sizeof(text));
                at += ptdump_line(&run, text + at);
        }
        EXPECT_EQ(addr, ptdump_end());
        return text;
}

/* The run at a page of the arena, as pages and attributes. Valid until the next call. */
static const char *words_at(struct mm *mm, unsigned page)
{
        static char words[PTDUMP_LINE];
        char line[PTDUMP_LINE];
        struct ptdump_run run;

        ASSERT_TRUE(mm_next_ptdump_run(mm, at_page(page), &run));
        ptdump_line(&run, line);
        snprintf(words, sizeof(words), "%u-%u:%s", (unsigned)((run.start - ARENA) >> PAGE_SHIFT),
                 (unsigned)((run.end - ARENA) >> PAGE_SHIFT), line + 51);
        return words;
}

TEST(empty_address_space_is_one_hole)
{
        struct mm *mm = strip_empty();

        EXPECT_STREQ(dump_from(mm, 0),
                     "0x0000000000000000-0x0000800000000000         128T" HOLE_COLUMNS "pgd\n");
        strip_done(mm);
}

TEST(runs_and_holes_of_every_level)
{
        struct mm *mm = strip("AA.B");

        EXPECT_STREQ(dump_from(mm, 0),
                     "0x0000000000000000-0x0000000010000000         256M" HOLE_COLUMNS "pmd\n"
                     "0x0000000010000000-0x0000000010002000           8K"
                     " USR RW                     NX pte\n"
                     "0x0000000010002000-0x0000000010003000           4K" HOLE_COLUMNS "pte\n"
                     "0x0000000010003000-0x0000000010004000           4K"
                     " USR RW                     NX pte\n"
                     "0x0000000010004000-0x0000000010200000        2032K" HOLE_COLUMNS "pte\n"
                     "0x0000000010200000-0x0000000040000000         766M" HOLE_COLUMNS "pmd\n"
                     "0x0000000040000000-0x0000008000000000         511G" HOLE_COLUMNS "pud\n"
                     "0x0000008000000000-0x0000800000000000      130560G" HOLE_COLUMNS "pgd\n");
        strip_done(mm);
}

TEST(run_goes_on_in_the_next_table)
{
        struct mm *mm = strip_empty();
        u64 start = ARENA + HUGE - 3 * PAGE_SIZE, end = ARENA + 2 * HUGE + 2 * PAGE_SIZE;
        struct mmap_request req = {
                .addr = start,
                .len = end - start,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE,
        };
        struct ptdump_run run;

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)start);
        for (u64 addr = start; addr < end; addr += PAGE_SIZE)
                ASSERT_EQ(touch(mm, addr, true).signo, 0);
        ASSERT_TRUE(mm_next_ptdump_run(mm, start, &run));
        EXPECT_EQ(run.end, end);
        /* In the middle, as a reader goes on after a read that ended there. */
        ASSERT_TRUE(mm_next_ptdump_run(mm, ARENA + HUGE + PAGE_SIZE, &run));
        EXPECT_EQ(run.start, ARENA + HUGE + PAGE_SIZE);
        EXPECT_EQ(run.end, end);
        EXPECT_EQ(run.level, PT_PTE);
        EXPECT_FALSE(mm_next_ptdump_run(mm, ptdump_end(), &run));
        strip_done(mm);
}

TEST(attributes_have_their_columns)
{
        struct mm *mm = strip("AAAAAAA");

        EXPECT_EQ(mm_mprotect(mm, &root_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, at_page(2), PAGE_SIZE, RX), 0);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, at_page(3), PAGE_SIZE, PROT_NONE), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(4), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(5), PAGE_SIZE), 0);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, at_page(6), PAGE_SIZE, RWX), 0);
        EXPECT_EQ(touch(mm, at_page(6), true).signo, 0);
        EXPECT_STREQ(words_at(mm, 0), "0-1:USR RW                     NX pte\n");
        EXPECT_STREQ(words_at(mm, 1), "1-2:USR ro                     NX pte\n");
        EXPECT_STREQ(words_at(mm, 2), "2-3:USR ro                     x  pte\n");
        EXPECT_STREQ(words_at(mm, 3), "3-4:                              pte\n");
        EXPECT_STREQ(words_at(mm, 4), "4-5:                              pte\n");
        EXPECT_STREQ(words_at(mm, 5), "5-6:                              pte\n");
        EXPECT_STREQ(words_at(mm, 6), "6-7:USR RW                     x  pte\n");
        strip_done(mm);
}

/* Bits that are not shown do not break a run. */
TEST(accessed_and_dirty_break_no_run)
{
        struct mm *mm = strip("AAAA");

        mm_clear_references(mm, true, true);
        peek_byte(mm, at_page(2));
        EXPECT_STREQ(words_at(mm, 0), "0-4:USR RW                     NX pte\n");
        strip_done(mm);
}

TEST(line_of_large_and_uncached_leaves)
{
        struct ptdump_run run = {
                .start = 0x40000000,
                .end = 0x40600000,
                .attributes =
                        PTDUMP_PRESENT | PTDUMP_USER | PTDUMP_WRITE | PTDUMP_NOCACHE | PTDUMP_LARGE,
                .level = PT_PMD,
        };
        char line[PTDUMP_LINE];

        EXPECT_EQ(ptdump_line(&run, line), strlen(line));
        EXPECT_STREQ(line, "0x0000000040000000-0x0000000040600000           6M"
                           " USR RW PWT PCD PSE         NX pmd\n");
        run.attributes = PTDUMP_PRESENT | PTDUMP_USER | PTDUMP_EXEC;
        run.level = PT_PUD;
        run.end = run.start + 1025 * (1UL << 30);
        ptdump_line(&run, line);
        EXPECT_STREQ(line, "0x0000000040000000-0x0000010080000000        1025G"
                           " USR ro                     x  pud\n");
        run.attributes = PTDUMP_MARKER;
        run.end = run.start + (1UL << 40);
        ptdump_line(&run, line);
        EXPECT_STREQ(line,
                     "0x0000000040000000-0x0000010040000000           1T" HOLE_COLUMNS "pud\n");
}

/* A table that moves takes its lines along, and the place it left is a hole of the level above. */
TEST(moved_table_shows_at_its_new_place)
{
        struct mm *mm = strip_empty();
        u64 from = 0x100000000UL, to = 0x140000000UL;
        struct mmap_request req = {
                .addr = from,
                .len = HUGE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)from);
        for (u64 addr = from; addr < from + HUGE; addr += PAGE_SIZE)
                ASSERT_EQ(touch(mm, addr, true).signo, 0);
        ASSERT_EQ(mm_mremap(mm, &root_caller, from, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to),
                  (s64)to);
        EXPECT_STREQ(dump_from(mm, 0),
                     "0x0000000000000000-0x0000000140000000           5G" HOLE_COLUMNS "pud\n"
                     "0x0000000140000000-0x0000000140200000           2M"
                     " USR RW                     NX pte\n"
                     "0x0000000140200000-0x0000000180000000        1022M" HOLE_COLUMNS "pmd\n"
                     "0x0000000180000000-0x0000008000000000         506G" HOLE_COLUMNS "pud\n"
                     "0x0000008000000000-0x0000800000000000      130560G" HOLE_COLUMNS "pgd\n");
        strip_done(mm);
}

TEST_BARE(five_levels_have_a_p4d)
{
        struct ptdump_run run = { .end = 1UL << 39, .level = PT_P4D };
        char line[PTDUMP_LINE];

        ptdump_line(&run, line);
        EXPECT_STREQ(line,
                     "0x0000000000000000-0x0000008000000000         512G" HOLE_COLUMNS "pgd\n");
        host_set_levels(5);
        ptdump_line(&run, line);
        EXPECT_STREQ(line,
                     "0x0000000000000000-0x0000008000000000         512G" HOLE_COLUMNS "p4d\n");
        EXPECT_EQ(ptdump_end(), 1UL << 56);
}
