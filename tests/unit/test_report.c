/* SPDX-License-Identifier: MIT */
/* What /proc shows of pages: the sums of smaps, the words of pagemap; and the counters of mmstat.
 */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "mm/mmstat.h"
#include "mm/pgwalk.h"

#define P PAGE_SIZE

static struct mm_region_stats smaps_of(struct mm *mm, unsigned page, unsigned n)
{
        struct mm_region_stats stats;

        mm_region_stats(mm, at_page(page), at_page(page + n), &stats);
        return stats;
}

/* ------------------------------------------------------------------ smaps */

TEST(written_pages_are_private_dirty_and_anonymous)
{
        struct mm *mm = strip("AA--");
        struct mm_region_stats s;

        EXPECT_EQ(peek_byte(mm, at_page(2)), 0); /* the zero page is nobody's */
        s = smaps_of(mm, 0, 4);
        EXPECT_EQ(s.rss, 2 * P);
        EXPECT_EQ(s.pss, 2 * P);
        EXPECT_EQ(s.pss_dirty, 2 * P);
        EXPECT_EQ(s.pss_anon, 2 * P);
        EXPECT_EQ(s.private_dirty, 2 * P);
        EXPECT_EQ(s.private_clean + s.shared_clean + s.shared_dirty, 0);
        EXPECT_EQ(s.anonymous, 2 * P);
        EXPECT_EQ(s.referenced, 2 * P);
        EXPECT_EQ(s.lazyfree + s.locked + s.swap, 0);
        strip_done(mm);
}

TEST(a_page_written_by_way_of_the_kernel_is_dirty)
{
        struct mm *mm = strip("AB");

        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 2 * P, MADV_FREE), 0);
        EXPECT_EQ(smaps_of(mm, 0, 2).private_clean, 2 * P);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(1), "x", 1, MM_ACCESS_WRITE), 1);
        EXPECT_EQ(smaps_of(mm, 0, 2).private_clean, P);
        EXPECT_EQ(smaps_of(mm, 0, 2).private_dirty, P);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 2 * P, MADV_FREE), 0);
        EXPECT_EQ(smaps_of(mm, 0, 2).private_clean, 2 * P);
        strip_done(mm);
}

TEST(pages_of_two_programs_are_shared_and_count_half)
{
        struct mm *mm = strip("AAA"), *child = fork_of(mm);
        struct mm_region_stats s = smaps_of(mm, 0, 3);

        EXPECT_EQ(s.rss, 3 * P);
        EXPECT_EQ(s.pss, 3 * P / 2);
        EXPECT_EQ(s.shared_dirty, 3 * P);
        EXPECT_EQ(s.private_dirty, 0);
        write_pages(child, 0, 1, 'c');
        s = smaps_of(child, 0, 3);
        EXPECT_EQ(s.private_dirty, P);
        EXPECT_EQ(s.shared_dirty, 2 * P);
        EXPECT_EQ(s.pss, 2 * P);
        mm_put(child);
        EXPECT_EQ(smaps_of(mm, 0, 3).pss, 3 * P);
        strip_done(mm);
}

TEST(shares_are_summed_with_their_fractions)
{
        struct mm *mm = strip("AAA"), *one = fork_of(mm), *two = fork_of(mm);

        /* A third of a page is 1365 and a third bytes: with 12 bits behind the point the three of
         * them are a little less than a page. */
        EXPECT_EQ(smaps_of(mm, 0, 1).pss, 1365);
        EXPECT_EQ(smaps_of(mm, 0, 2).pss, 2730);
        EXPECT_EQ(smaps_of(mm, 0, 3).pss, 4095);
        mm_put(one);
        mm_put(two);
        strip_done(mm);
}

TEST(file_pages_are_clean_until_written)
{
        struct backing *file = file_create("....", 0), *shm = file_create("ab", BACKING_SHMEM);
        struct mm *mm = strip_empty();
        struct mm_region_stats s;

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        map_file(mm, 8, 2, RW, MAP_SHARED, shm, 0);
        for (unsigned i = 0; i < 4; i++)
                EXPECT_EQ(peek_byte(mm, at_page(i)), 0);
        s = smaps_of(mm, 0, 4);
        EXPECT_EQ(s.private_clean, 4 * P);
        EXPECT_EQ(s.pss_file, 4 * P);
        EXPECT_EQ(s.pss_dirty, 0);
        EXPECT_EQ(s.anonymous, 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(smaps_of(mm, 0, 4).private_dirty, P);
        /* The page stays dirty when the entry that wrote it is gone. */
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 4 * P, MADV_DONTNEED), 0);
        EXPECT_EQ(smaps_of(mm, 0, 4).rss, 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'X');
        EXPECT_EQ(smaps_of(mm, 0, 4).private_dirty, P);
        map_file(mm, 4, 1, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(4)), 0);
        EXPECT_EQ(smaps_of(mm, 0, 1).shared_clean, P);
        EXPECT_EQ(smaps_of(mm, 0, 1).pss, P / 2);
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'a');
        s = smaps_of(mm, 8, 2);
        EXPECT_EQ(s.pss_shmem, 2 * P);
        EXPECT_EQ(s.private_dirty, 2 * P); /* they were written as a file's */
        EXPECT_EQ(s.pss_file, 0);
        backing_put(file);
        backing_put(shm);
        strip_done(mm);
}

TEST(locked_is_the_share_of_locked_mappings)
{
        struct mm *mm = strip("AAAA"), *child;

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(1), 2 * P, false), 0);
        EXPECT_EQ(smaps_of(mm, 0, 4).locked, 2 * P);
        child = fork_of(mm);
        EXPECT_EQ(smaps_of(mm, 0, 4).locked, P);
        EXPECT_EQ(smaps_of(child, 0, 4).locked, 0);
        mm_put(child);
        strip_done(mm);
}

TEST(sums_end_with_the_range_that_is_asked_for)
{
        struct mm *mm = strip("AAAA.CC");

        EXPECT_EQ(smaps_of(mm, 1, 2).rss, 2 * P);
        EXPECT_EQ(smaps_of(mm, 3, 3).rss, 2 * P);
        EXPECT_EQ(smaps_of(mm, 4, 1).rss, 0);
        EXPECT_EQ(smaps_of(mm, 10, 5).rss, 0);
        strip_done(mm);
}

TEST(sums_of_one_mapping_and_of_all)
{
        struct mm *mm = strip("AA.B"), *empty = strip_empty();
        struct mm_region region;
        struct mm_region_stats s;
        u64 start, end;

        map_pages(mm, 8, 2, RW, 0);
        ASSERT_TRUE(mm_next_region_stats(mm, at_page(1), &region, &s));
        EXPECT_EQ(region.start, at_page(0));
        EXPECT_EQ(s.rss, 2 * P);
        ASSERT_TRUE(mm_next_region_stats(mm, at_page(2), &region, &s));
        EXPECT_EQ(region.start, at_page(3));
        EXPECT_EQ(s.rss, P);
        EXPECT_EQ(s.pss, P);
        EXPECT_FALSE(mm_next_region_stats(mm, at_page(10), &region, &s));
        mm_all_regions(mm, &start, &end, &s);
        EXPECT_EQ(start, at_page(0));
        EXPECT_EQ(end, at_page(10));
        EXPECT_EQ(s.rss, 3 * P);
        mm_all_regions(empty, &start, &end, &s);
        EXPECT_TRUE(start == 0 && end == 0 && s.rss == 0);
        mm_put(empty);
        strip_done(mm);
}

TEST(references_are_cleared_by_kind_of_mapping)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip("A--");

        map_file(mm, 8, 1, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(2), P, MADV_GUARD_INSTALL), 0);
        mm_clear_references(mm, true, false);
        EXPECT_EQ(smaps_of(mm, 0, 3).referenced, P);
        EXPECT_EQ(smaps_of(mm, 8, 1).referenced, 0);
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'a'); /* used again */
        mm_clear_references(mm, false, true);
        EXPECT_EQ(smaps_of(mm, 0, 3).referenced, 0);
        EXPECT_EQ(smaps_of(mm, 8, 1).referenced, P);
        EXPECT_EQ(smaps_of(mm, 0, 3).private_dirty, P); /* which is another matter */
        EXPECT_STRIP(mm, "A0#");
        backing_put(file);
        strip_done(mm);
}

struct regions_seen {
        u64 starts[8];
        unsigned nr, most;
};

static bool see_region(void *arg, const struct mm_region *region)
{
        struct regions_seen *seen = arg;

        seen->starts[seen->nr++] = region->start;
        return seen->nr < seen->most;
}

TEST(a_walk_tells_regions_in_order_until_it_is_ended)
{
        struct mm *mm = strip("AA.B.CC"), *empty = strip_empty();
        struct regions_seen all = { .most = 8 }, two = { .most = 2 }, none = { .most = 8 };

        mm_walk_regions(mm, 0, see_region, &all);
        EXPECT_EQ(all.nr, 3);
        EXPECT_TRUE(all.starts[0] == at_page(0) && all.starts[1] == at_page(3) &&
                    all.starts[2] == at_page(5));
        mm_walk_regions(mm, at_page(1), see_region, &two); /* what contains the address counts */
        EXPECT_EQ(two.nr, 2);
        EXPECT_EQ(two.starts[0], at_page(0));
        mm_walk_regions(mm, at_page(7), see_region, &none);
        mm_walk_regions(empty, 0, see_region, &none);
        EXPECT_EQ(none.nr, 0);
        mm_put(empty);
        strip_done(mm);
}

TEST(room_for_a_huge_page_is_seen_where_one_was_asked_for)
{
        struct mm *mm = strip_empty();
        struct mm_region_stats s;
        struct mm_region region;
        unsigned n = 512;

        ASSERT_EQ(ARENA % HUGE, 0);
        map_pages(mm, 1, 2 * n - 1, RW, 0); /* one whole 2 MiB, the second */
        ASSERT_TRUE(mm_next_region_stats(mm, 0, &region, &s));
        EXPECT_FALSE(s.wants_huge);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(1), (2 * n - 1) * P, MADV_HUGEPAGE), 0);
        ASSERT_TRUE(mm_next_region_stats(mm, 0, &region, &s));
        EXPECT_TRUE(s.wants_huge);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2 * n - 1), P), 0);
        ASSERT_TRUE(mm_next_region_stats(mm, 0, &region, &s));
        EXPECT_FALSE(s.wants_huge);
        strip_done(mm);
}

/* ------------------------------------------------------------------ pagemap */

/* The flags of pages' words: bits 55 to 63. */
static u64 bits_of(struct mm *mm, unsigned page)
{
        u64 word;

        mm_pagemap(mm, at_page(page), 1, &word, false);
        EXPECT_EQ(word & ((1UL << 55) - 1), 0);
        return word >> 55;
}

TEST(pagemap_says_what_an_entry_is)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip("A---"), *child;
        pte_t *pte;

        map_file(mm, 8, 1, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(2), P, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(bits_of(mm, 0), 0x102);
        EXPECT_EQ(bits_of(mm, 1), 0x100); /* the zero page */
        EXPECT_EQ(bits_of(mm, 2), 0x88);
        EXPECT_EQ(bits_of(mm, 3), 0);
        EXPECT_EQ(bits_of(mm, 8), 0x142);
        EXPECT_EQ(bits_of(mm, 20), 0);
        child = fork_of(mm);
        EXPECT_EQ(bits_of(mm, 0), 0x100); /* mapped twice */
        mm_put(child);
        EXPECT_EQ(bits_of(mm, 0), 0x102);
        pte = pgwalk_find(mm, at_page(3), PT_PTE);
        mm_lock(mm);
        pgtable_set(pte, pte_marker(PTE_MARKER_POISON, 0), PT_PTE);
        mm_unlock(mm, 0);
        EXPECT_EQ(bits_of(mm, 3), 0x80);
        backing_put(file);
        strip_done(mm);
}

TEST(pagemap_shows_frames_to_who_may_see_them)
{
        struct mm *mm = strip("AB-D");
        u64 words[4];

        mm_pagemap(mm, at_page(0), 4, words, true);
        for (unsigned i = 0; i < 4; i++) {
                pte_t entry = pte_read(pgwalk_find(mm, at_page(i), PT_PTE));
                pfn_t frame = pte_is_none(entry) ? 0 : pte_pfn(entry, PT_PTE);

                EXPECT_EQ(words[i] & ((1UL << 55) - 1), frame);
                EXPECT_EQ(words[i] >> 55, i == 2 ? 0 : 0x102);
        }
        strip_done(mm);
}

/* ------------------------------------------------------------------ mmstat */

TEST(counters_have_names_of_their_own)
{
        for (unsigned i = 0; i < MMSTAT_COUNT; i++) {
                ASSERT_TRUE(mmstat_name(i) && mmstat_name(i)[0]);
                for (unsigned k = 0; k < i; k++)
                        EXPECT_NE(strcmp(mmstat_name(i), mmstat_name(k)), 0);
        }
}

TEST(counters_count_faults_by_kind)
{
        struct mm *mm = strip("--"), *child;
        struct backing *file = file_create("abc", 0);
        u64 zero = mmstat_get(mm, MMSTAT_FAULT_ZERO), anon = mmstat_get(mm, MMSTAT_FAULT_ANON);

        map_file(mm, 4, 3, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 0);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_ZERO), zero + 1);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_ANON), anon + 1);
        write_pages(mm, 0, 1, 'X');
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_COPY), 1);
        EXPECT_EQ(peek_byte(mm, at_page(5)), 'b');
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_OBJECT), 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_AROUND), 2);
        child = fork_of(mm);
        mm_put(child);
        write_pages(mm, 0, 1, 'Y');
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_REUSE), 1);
        EXPECT_EQ(touch(mm, at_page(20), true).signo, SIGSEGV);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_FAULT_SIGNAL), 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_VMA_COUNT), 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_TREE_HEIGHT), 1);
        EXPECT_LT(0, mmstat_get(mm, MMSTAT_TREE_LOOKUPS));
        backing_put(file);
        strip_done(mm);
}

TEST(counters_count_what_the_tree_is_asked)
{
        struct mm *mm = strip_empty();
        u64 lookups, nodes;

        for (unsigned i = 0; i < 500; i++)
                map_pages(mm, 2 * i, 1, RW, 0);
        lookups = mmstat_get(mm, MMSTAT_TREE_LOOKUPS);
        nodes = mmstat_get(mm, MMSTAT_TREE_NODES);
        for (unsigned i = 0; i < 500; i++)
                EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2 * i), P), 0);
        /* Once each: what was found is not looked for again. */
        EXPECT_EQ(lookups + 500, mmstat_get(mm, MMSTAT_TREE_LOOKUPS));
        EXPECT_LT(nodes, mmstat_get(mm, MMSTAT_TREE_NODES));
        strip_done(mm);
}
