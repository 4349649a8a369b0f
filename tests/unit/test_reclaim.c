/* SPDX-License-Identifier: MIT */
/*
 * MADV_COLD and MADV_PAGEOUT, and entries for pages that are elsewhere: nobody makes such an entry,
 * so the tests do, and see that whoever meets it carries it along.
 */
#include "kernel/base/abi/madvise.h"

#include "mm/object.h"
#include "tests/unit/handler.h"
#include "tests/unit/huge_fixture.h"

static int advise(struct mm *mm, unsigned page, unsigned n, int advice)
{
        return mm_madvise(mm, &user_caller, at_page(page), n * PAGE_SIZE, advice);
}

static struct mm_region_stats smaps_of(struct mm *mm, unsigned page, unsigned n)
{
        struct mm_region_stats stats;

        mm_region_stats(mm, at_page(page), at_page(page + n), &stats);
        return stats;
}

/* ------------------------------------------------------------------ advice */

TEST(cold_pages_count_as_not_referenced)
{
        struct mm *mm = strip("AA"), *child;

        EXPECT_EQ(smaps_of(mm, 0, 2).referenced, 2 * PAGE_SIZE);
        EXPECT_EQ(advise(mm, 0, 1, MADV_COLD), 0);
        EXPECT_EQ(smaps_of(mm, 0, 2).referenced, PAGE_SIZE);
        EXPECT_EQ(smaps_of(mm, 0, 2).private_dirty, 2 * PAGE_SIZE);
        EXPECT_STRIP(mm, "AA");
        write_pages(mm, 0, 2, 'B');
        child = fork_of(mm);
        EXPECT_EQ(advise(mm, 0, 2, MADV_COLD), 0); /* others have the pages, too */
        EXPECT_EQ(smaps_of(mm, 0, 2).referenced, 2 * PAGE_SIZE);
        mm_put(child);
        strip_done(mm);
}

TEST(pageout_and_willneed_keep_private_pages)
{
        struct mm *mm = strip("AA");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(advise(mm, 0, 2, MADV_PAGEOUT), 0);
        EXPECT_EQ(advise(mm, 0, 2, MADV_WILLNEED), 0);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        EXPECT_EQ(advise(mm, 0, 2, MADV_FREE), 0);
        write_pages(mm, 0, 1, 'B');
        EXPECT_EQ(advise(mm, 0, 2, MADV_PAGEOUT), 0); /* but those that may be lost */
        EXPECT_STRIP(mm, "B-");
        strip_done(mm);
}

TEST(pageout_unmaps_an_objects_pages_that_only_this_mapping_has)
{
        struct backing *file = file_create("abcd", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        map_file(mm, 8, 1, RW, MAP_SHARED, file, 0);
        map_file(mm, 12, 4, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 0, 4, 'P');
        write_pages(mm, 12, 2, 'C');
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'P');
        EXPECT_EQ(advise(mm, 0, 4, MADV_PAGEOUT), 0);
        EXPECT_EQ(smaps_of(mm, 0, 4).rss, PAGE_SIZE); /* the page that has two mappings */
        EXPECT_EQ(advise(mm, 12, 4, MADV_PAGEOUT), 0);
        EXPECT_EQ(smaps_of(mm, 12, 4).rss, 2 * PAGE_SIZE); /* the copies */
        for (unsigned i = 0; i < 4; i++) {
                EXPECT_TRUE(object_has_page(file->object, i));
                EXPECT_EQ(peek_byte(mm, at_page(i)), 'P');
        }
        backing_put(file);
        strip_done(mm);
}

TEST(pageout_loses_droppable_memory)
{
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_DROPPABLE, NULL, 0);
        write_pages(mm, 0, 2, 'A');
        EXPECT_EQ(advise(mm, 1, 1, MADV_PAGEOUT), 0);
        EXPECT_EQ(smaps_of(mm, 0, 2).rss, PAGE_SIZE);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ pages that are elsewhere */

#define ELSEWHERE 0x1234567

/* Where its entry is, there is `pages` of it from there on. The address's table exists. */
static void plant(struct mm *mm, u64 addr)
{
        pgtable_set(pgwalk_find(mm, addr, PT_PTE), pte_marker(PTE_MARKER_SWAP, ELSEWHERE), PT_PTE);
}

static bool is_planted(const struct mm *mm, u64 addr)
{
        const pte_t *pte = pgwalk_find(mm, addr, PT_PTE);

        return pte && pte_is_marker(pte_read(pte)) &&
               pte_marker_kind(pte_read(pte)) == PTE_MARKER_SWAP &&
               pte_marker_payload(pte_read(pte)) == ELSEWHERE;
}

static bool is_nothing(const struct mm *mm, u64 addr)
{
        const pte_t *pte = pgwalk_find(mm, addr, PT_PTE);

        return !pte || pte_is_none(pte_read(pte));
}

/* Page 1 of "A--" is elsewhere. */
static struct mm *planted(void)
{
        struct mm *mm = strip("AAA");

        EXPECT_EQ(advise(mm, 1, 1, MADV_DONTNEED), 0);
        plant(mm, at_page(1));
        strip_validate(mm);
        return mm;
}

TEST(an_entry_for_a_page_elsewhere_moves_page_by_page)
{
        struct mm *mm = planted();

        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, 3 * PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(9)),
                  at_page(9));
        EXPECT_TRUE(is_planted(mm, at_page(10)));
        EXPECT_TRUE(is_nothing(mm, at_page(1)));
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(9), 3 * PAGE_SIZE, 3 * PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, at_page(20)),
                  at_page(20));
        EXPECT_TRUE(is_planted(mm, at_page(21)));
        EXPECT_TRUE(is_nothing(mm, at_page(10)));
        strip_done(mm);
}

TEST(an_entry_for_a_page_elsewhere_moves_with_its_table)
{
        struct mm *mm = strip_empty();

        map_at(mm, BASE, HUGE_SIZE);
        EXPECT_EQ(mm_madvise(mm, &user_caller, BASE, HUGE_SIZE, MADV_NOHUGEPAGE), 0);
        write_letters(mm, BASE, 2 * PAGE_SIZE, 'a');
        plant(mm, BASE + 5 * PAGE_SIZE);
        EXPECT_EQ(mm_mremap(mm, &user_caller, BASE, HUGE_SIZE, HUGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, BASE + GIB),
                  BASE + GIB);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PMD), 1);
        EXPECT_TRUE(is_planted(mm, BASE + GIB + 5 * PAGE_SIZE));
        strip_done(mm);
}

TEST(an_entry_for_a_page_elsewhere_is_in_the_child_too)
{
        struct mm *mm = planted(), *child = fork_of(mm);

        EXPECT_TRUE(is_planted(mm, at_page(1)));
        EXPECT_TRUE(is_planted(child, at_page(1)));
        mm_put(child);
        strip_done(mm);
}

TEST(an_entry_for_a_page_elsewhere_outlives_what_changes_no_contents)
{
        struct mm *mm = planted();

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(advise(mm, 0, 3, MADV_COLD), 0);
        EXPECT_EQ(advise(mm, 0, 3, MADV_PAGEOUT), 0);
        EXPECT_EQ(advise(mm, 0, 3, MADV_GUARD_REMOVE), 0);
        mm_clear_references(mm, true, true);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2), PAGE_SIZE), 0);
        EXPECT_TRUE(is_planted(mm, at_page(1)));
        strip_done(mm);
}

TEST(an_entry_for_a_page_elsewhere_goes_with_the_contents)
{
        struct mm *mm = planted();

        EXPECT_EQ(advise(mm, 0, 3, MADV_DONTNEED), 0);
        EXPECT_TRUE(is_nothing(mm, at_page(1)));
        plant(mm, at_page(1));
        EXPECT_EQ(advise(mm, 1, 1, MADV_GUARD_INSTALL), 0);
        EXPECT_FALSE(is_planted(mm, at_page(1)));
        EXPECT_EQ(advise(mm, 1, 1, MADV_GUARD_REMOVE), 0);
        plant(mm, at_page(1));
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), PAGE_SIZE), 0);
        EXPECT_TRUE(is_nothing(mm, at_page(1)));
        strip_done(mm); /* and no table is left that counts it */
}

TEST(an_entry_for_a_page_elsewhere_is_not_filled_over)
{
        struct mm *mm = planted();
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_MISSING | VM_UFFD_WP), 0);
        EXPECT_EQ(fill(u, UFFD_COPY, 1, 1, 'X'), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 1, 1, 0), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_POISON, 1, 1, 0), -EEXIST);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 3 * PAGE_SIZE, true), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 3 * PAGE_SIZE, false), 0);
        EXPECT_TRUE(is_planted(mm, at_page(1)));
        uffd_release(u);
        EXPECT_TRUE(is_planted(mm, at_page(1)));
        strip_done(mm);
}
