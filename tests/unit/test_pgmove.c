/* SPDX-License-Identifier: MIT */
/* Moving page tables: at which level entries move, that all arrive, that no table is left over. */
#include "tests/unit/strip.h"

#include <stdlib.h>

#include "mm/fail_alloc.h"

#define RW    (PROT_READ | PROT_WRITE)
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* A mapping of `n` pages, each saying its number, at an address of the test's choice. */
static void map_numbered(struct mm *mm, u64 addr, u64 n)
{
        struct mmap_request req = {
                .addr = addr,
                .len = n * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(mm, &user_caller, &req), (s64)addr);
        for (u64 i = 0; i < n; i++)
                ASSERT_EQ(host_store(mm, &user_caller, addr + i * PAGE_SIZE, &i, 8).signo, 0);
}

static void expect_numbered(struct mm *mm, u64 addr, u64 n)
{
        for (u64 i = 0, value = ~0UL; i < n; i++) {
                ASSERT_EQ(host_load(mm, &user_caller, addr + i * PAGE_SIZE, &value, 8).signo, 0);
                ASSERT_EQ(value, i);
        }
}

#define MIB2  (2UL << 20)
#define FAR_A 0x100000000000UL
#define FAR_B 0x200000000000UL

static s64 move_fixed(struct mm *mm, u64 from, u64 pages, u64 to)
{
        return mm_mremap(mm, &user_caller, from, pages * PAGE_SIZE, pages * PAGE_SIZE, FIXED, to);
}

TEST(aligned_ranges_move_by_table)
{
        struct mm *mm = strip_empty();
        struct mm_stats before, after;

        map_numbered(mm, FAR_A, 1024);
        mm_stats(mm, &before);
        EXPECT_EQ(move_fixed(mm, FAR_A, 1024, FAR_B), (s64)FAR_B);
        mm_stats(mm, &after);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 0);
        EXPECT_EQ(after.pgtable_bytes, before.pgtable_bytes);
        expect_numbered(mm, FAR_B, 1024);
        strip_done(mm);
}

TEST(misaligned_ranges_move_page_by_page)
{
        struct mm *mm = strip_empty();

        map_numbered(mm, FAR_A, 1024);
        EXPECT_EQ(move_fixed(mm, FAR_A, 1024, FAR_B + PAGE_SIZE), (s64)(FAR_B + PAGE_SIZE));
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 0);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 1024);
        expect_numbered(mm, FAR_B + PAGE_SIZE, 1024);
        strip_done(mm);
}

TEST(equal_offsets_move_the_middle_by_table)
{
        struct mm *mm = strip_empty();

        map_numbered(mm, FAR_A, 1536);
        EXPECT_EQ(move_fixed(mm, FAR_A + PAGE_SIZE, 1534, FAR_B + PAGE_SIZE),
                  (s64)(FAR_B + PAGE_SIZE));
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 1022);
        EXPECT_EQ(touch(mm, FAR_A, false).signo, 0);
        EXPECT_EQ(touch(mm, FAR_A + 1535 * PAGE_SIZE, false).signo, 0);
        strip_done(mm);
}

TEST(a_mapping_alone_in_its_table_moves_with_it)
{
        struct mm *mm = strip_empty();
        u64 head = 16 * PAGE_SIZE;

        map_numbered(mm, FAR_A + MIB2 - head, 16 + 512);
        EXPECT_EQ(move_fixed(mm, FAR_A + MIB2 - head, 528, FAR_B + MIB2 - head),
                  (s64)(FAR_B + MIB2 - head));
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 0);
        expect_numbered(mm, FAR_B + MIB2 - head, 528);
        strip_done(mm);
}

TEST(a_neighbour_in_the_table_prevents_that)
{
        u64 head = 16 * PAGE_SIZE;

        for (unsigned beside_target = 0; beside_target < 2; beside_target++) {
                struct mm *mm = strip_empty();

                map_numbered(mm, FAR_A + MIB2 - head, 16 + 512);
                map_numbered(mm, beside_target ? FAR_B : FAR_A, 1);
                EXPECT_EQ(move_fixed(mm, FAR_A + MIB2 - head, 528, FAR_B + MIB2 - head),
                          (s64)(FAR_B + MIB2 - head));
                EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
                EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 16);
                expect_numbered(mm, FAR_B + MIB2 - head, 528);
                strip_done(mm);
        }
}

TEST(a_gibibyte_moves_by_one_entry)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = {
                .addr = FAR_A,
                .len = 1UL << 30,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
        };
        u64 value = 7;

        ASSERT_EQ(mm_mmap(mm, &user_caller, &req), (s64)FAR_A);
        for (u64 at = 0; at < 1UL << 30; at += 100UL << 20)
                ASSERT_EQ(host_store(mm, &user_caller, FAR_A + at, &value, 8).signo, 0);
        EXPECT_EQ(move_fixed(mm, FAR_A, 1UL << 18, FAR_B), (s64)FAR_B);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PUD), 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 0);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 0);
        for (u64 at = 0; at < 1UL << 30; at += 100UL << 20)
                EXPECT_EQ(peek_byte(mm, FAR_B + at), 7);
        strip_done(mm);
}

TEST(moves_over_an_occupied_target_find_their_tables)
{
        struct mm *mm = strip_empty();

        map_numbered(mm, FAR_A, 1024);
        map_numbered(mm, FAR_B, 1024);
        map_numbered(mm, FAR_B + 2 * MIB2, 1);
        EXPECT_EQ(move_fixed(mm, FAR_A, 1024, FAR_B), (s64)FAR_B);
        expect_numbered(mm, FAR_B, 1024);
        EXPECT_EQ(move_fixed(mm, FAR_B, 1024, FAR_B + 3 * MIB2 + 7 * PAGE_SIZE),
                  (s64)(FAR_B + 3 * MIB2 + 7 * PAGE_SIZE));
        EXPECT_EQ(move_fixed(mm, FAR_B + 3 * MIB2 + 7 * PAGE_SIZE, 1024, FAR_B + MIB2 - PAGE_SIZE),
                  (s64)(FAR_B + MIB2 - PAGE_SIZE));
        expect_numbered(mm, FAR_B + MIB2 - PAGE_SIZE, 1024);
        strip_done(mm);
}

/* One, or that one and all that follow. */
static void fail_every_table(bool forever)
{
        for (unsigned n = 1;; n++) {
                struct mm *mm = strip_empty();
                char *before, *after;
                s64 result;

                map_numbered(mm, FAR_A, 1200);
                before = strip_snapshot(mm);
                fail_alloc_nth(n, forever);
                result = move_fixed(mm, FAR_A + PAGE_SIZE, 1100, FAR_B);
                fail_alloc_nth(0, false);
                after = strip_snapshot(mm);
                if (result < 0)
                        EXPECT_STREQ(before, after);
                else
                        EXPECT_EQ(touch(mm, FAR_B + 1099 * PAGE_SIZE, false).signo, 0);
                free(before);
                free(after);
                strip_done(mm);
                if (result >= 0)
                        break;
                ASSERT_TRUE(n < 100);
        }
}

TEST(every_table_that_cannot_be_had_leaves_everything_as_it_was)
{
        fail_every_table(false);
        fail_every_table(true);
}
