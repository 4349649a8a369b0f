/* SPDX-License-Identifier: MIT */
/*
 * Merging, splitting and the kit they draw on, rule by rule (mm/vma_merge.h, mm/vma_edit.h): who
 * joins whom, what the survivor keeps, what is counted, and what a limit on mappings refuses.
 */
#include "kernel/base/abi/madvise.h"
#include "mm/vma_edit.h"
#include "tests/unit/fixture.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* ------------------------------------------------------------------ who joins whom */

/* Both were written before they met; from then on they are two, whatever happens to their flags. */
TEST(memory_of_two_histories_stays_two)
{
        struct mm *mm = strip("A.A");

        map_pages(mm, 1, 1, RW, 0);
        EXPECT_VMAS(mm, "0-2rw 2-3rw");
        EXPECT_EQ(protect(mm, 2, 1, PROT_READ), 0);
        EXPECT_EQ(protect(mm, 2, 1, RW), 0);
        EXPECT_VMAS(mm, "0-2rw 2-3rw");
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), 0);
        EXPECT_EQ(protect(mm, 0, 2, RW), 0);
        EXPECT_VMAS(mm, "0-2rw 2-3rw");
        EXPECT_STRIP(mm, "A-A");
        strip_done(mm);
}

/* Page numbers that run on do not make neighbours. */
TEST(pieces_of_one_mapping_do_not_merge_over_a_hole)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(remap(mm, 1, 1, 1, FIXED, 5), 5);
        EXPECT_EQ(remap(mm, 5, 1, 1, FIXED, 3), 3); /* what it was behind is below */
        EXPECT_VMAS(mm, "0-1rw 3-4rw");
        EXPECT_EQ(remap(mm, 3, 1, 1, FIXED, 1), 1);
        EXPECT_VMAS(mm, "0-2rw");
        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 20), 20);
        EXPECT_EQ(remap(mm, 20, 1, 1, FIXED, 15), 15);
        EXPECT_EQ(remap(mm, 15, 1, 1, FIXED, 18), 18); /* what it was before is above */
        EXPECT_VMAS(mm, "18-19rw 21-22rw");
        EXPECT_EQ(remap(mm, 18, 1, 1, FIXED, 20), 20);
        EXPECT_VMAS(mm, "20-22rw");
        strip_done(mm);
}

/* The one below has no history yet, the one above has: it gets that of the one above. */
TEST(untouched_memory_between_untouched_and_written_joins_both)
{
        struct mm *mm = strip("--.A......-");

        EXPECT_EQ(remap(mm, 0, 2, 3, 0, 0), 0); /* by growth */
        EXPECT_VMAS(mm, "0-4rw 10-11rw");
        EXPECT_STRIP(mm, "---A......-");
        write_pages(mm, 0, 3, 'B');
        EXPECT_STRIP(mm, "BBBA......-");
        strip_done(mm);

        mm = strip("--.A......-");
        map_pages(mm, 2, 1, RW, 0); /* by a new mapping */
        EXPECT_VMAS(mm, "0-4rw 10-11rw");
        write_pages(mm, 0, 3, 'B');
        strip_done(mm);

        mm = strip("--.A......-");
        EXPECT_EQ(remap(mm, 10, 1, 1, FIXED, 2), 2); /* by a move */
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_STRIP(mm, "---A");
        write_pages(mm, 0, 3, 'B');
        strip_done(mm);
}

TEST(a_file_mapping_that_grows_joins_the_rest_of_its_file)
{
        struct backing *file = file_create("abcdef", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        map_file(mm, 3, 2, RW, MAP_SHARED, file, 3);
        map_file(mm, 6, 1, RW, MAP_SHARED, file, 4); /* another part of it */
        EXPECT_EQ(remap(mm, 0, 2, 3, 0, 0), 0);
        EXPECT_VMAS(mm, "0-5rw 6-7rw");
        EXPECT_EQ(remap(mm, 0, 5, 6, 0, 0), 0);
        EXPECT_VMAS(mm, "0-6rw 6-7rw");
        EXPECT_EQ(peek_byte(mm, at_page(5)), 'f');
        backing_put(file);
        strip_done(mm);
}

/* The middle of what a fork child has may have pages of its own and of its parent. */
TEST(pieces_of_a_fork_child_have_all_its_links)
{
        struct mm *mm = strip("AAAAA"), *child = fork_of(mm), *grandchild;

        write_pages(child, 0, 5, 'B');
        grandchild = fork_of(child);
        write_pages(grandchild, 1, 1, 'C');
        EXPECT_EQ(remap(grandchild, 1, 3, 3, FIXED, 20), 20);
        EXPECT_VMAS(grandchild, "0-1rw 4-5rw 20-23rw");
        EXPECT_STRIP(grandchild, "B...B...............CBB");
        write_pages(grandchild, 21, 1, 'D');
        EXPECT_STRIP(child, "BBBBB");
        mm_put(mm);
        mm_put(child);
        strip_done(grandchild);
}

/* ------------------------------------------------------------------ what the survivor keeps */

static void guard(struct mm *mm, unsigned page)
{
        ASSERT_EQ(mm_madvise(mm, &root_caller, at_page(page), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
}

TEST(guards_of_any_part_are_known_to_the_whole)
{
        struct mm *mm = strip("AAA");

        ASSERT_EQ(protect(mm, 2, 1, PROT_READ), 0);
        guard(mm, 2);
        EXPECT_EQ(protect(mm, 2, 1, RW), 0); /* the part that joins */
        EXPECT_VMAS(mm, "0-3rw");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me gu ac");
        strip_done(mm);

        mm = strip("-.-");
        guard(mm, 2);
        map_pages(mm, 1, 1, RW, 0); /* the one above, of three */
        EXPECT_VMAS(mm, "0-3rw");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me gu ac");
        EXPECT_EQ(touch(mm, at_page(2), false).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, at_page(1), false).signo, 0);
        strip_done(mm);

        mm = strip("-.-");
        guard(mm, 0);
        map_pages(mm, 1, 1, RW, 0); /* the one below */
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me gu ac");
        strip_done(mm);

        mm = strip("-.-");
        map_pages(mm, 1, 1, RW, 0); /* none */
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        strip_done(mm);
}

/* ------------------------------------------------------------------ counters */

static u64 splits(struct mm *mm)
{
        return mmstat_get(mm, MMSTAT_VMA_SPLITS);
}

static u64 merges(struct mm *mm)
{
        return mmstat_get(mm, MMSTAT_VMA_MERGES);
}

TEST(splits_and_merges_are_counted_one_by_one)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 9, RW, 0);
        EXPECT_EQ(splits(mm), 0);
        EXPECT_EQ(merges(mm), 0);
        EXPECT_EQ(protect(mm, 3, 3, PROT_READ), 0);
        EXPECT_EQ(splits(mm), 2);
        EXPECT_EQ(protect(mm, 3, 1, RW), 0); /* joins the one below */
        EXPECT_EQ(merges(mm), 1);
        EXPECT_EQ(protect(mm, 5, 1, RW), 0); /* joins the one above */
        EXPECT_EQ(merges(mm), 2);
        EXPECT_EQ(protect(mm, 4, 1, RW), 0); /* joins both */
        EXPECT_EQ(merges(mm), 4);
        EXPECT_EQ(splits(mm), 2);
        EXPECT_VMAS(mm, "0-9rw");
        map_pages(mm, 9, 1, RW, 0); /* a border that is never made */
        EXPECT_EQ(merges(mm), 5);
        EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(4), PAGE_SIZE), 0);
        EXPECT_EQ(splits(mm), 3);
        EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(8), 2 * PAGE_SIZE), 0);
        EXPECT_EQ(splits(mm), 3);
        strip_done(mm);
}

/* ------------------------------------------------------------------ the limit on mappings */

TEST(a_change_that_merges_needs_no_mapping_more)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 3, RW, 0);
        map_pages(mm, 3, 3, PROT_READ, 0);
        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(protect(mm, 3, 1, RW), 0);
        EXPECT_VMAS(mm, "0-4rw 4-6r-");
        mm_sysctl.max_map_count = 1; /* even above the limit */
        EXPECT_EQ(protect(mm, 3, 1, PROT_READ), 0);
        EXPECT_VMAS(mm, "0-3rw 3-6r-");
        strip_done(mm);
}

TEST(a_change_in_the_middle_needs_two_mappings_more)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 9, RW, 0);
        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(protect(mm, 3, 3, PROT_READ), -ENOMEM);
        EXPECT_VMAS(mm, "0-9rw");
        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(protect(mm, 3, 3, PROT_READ), -ENOMEM);
        EXPECT_VMAS(mm, "0-3rw 3-9rw"); /* the first split stays */
        mm_sysctl.max_map_count = 3;
        EXPECT_EQ(protect(mm, 3, 3, PROT_READ), 0);
        EXPECT_VMAS(mm, "0-3rw 3-6r- 6-9rw");
        strip_done(mm);
}

/* A plan is made anew, whatever one before it has found. */
TEST(a_change_can_be_planned_again)
{
        struct mm *mm = strip_empty();
        struct vma_change change = { .start = at_page(1), .end = at_page(3) };

        map_pages(mm, 0, 4, RW, 0);
        mm_lock(mm);
        change.vma = vma_at(mm, at_page(0));
        change.flags = change.vma->flags & ~VM_WRITE;
        mm_sysctl.max_map_count = 2;
        vma_change_plan(&change);
        EXPECT_EQ(change.err, -ENOMEM);
        EXPECT_TRUE(change.split_start);
        mm_sysctl.max_map_count = 3;
        change.start = at_page(0);
        vma_change_plan(&change);
        EXPECT_EQ(change.err, 0);
        EXPECT_FALSE(change.split_start);
        EXPECT_TRUE(change.split_end);
        mm_unlock(mm, at_page(0));
        strip_done(mm);
}

/* ------------------------------------------------------------------ the kit */

static unsigned spares(const struct vma_kit *kit)
{
        unsigned n = 0;

        for (const struct vma *vma = kit->spare; vma; vma = vma->next_spare)
                n++;
        return n;
}

/* What a second step adds comes on top of what the first has taken, tree nodes included. */
TEST(a_kit_that_is_filled_twice_serves_both)
{
        struct mm *mm = strip("A");
        struct vma_kit kit = { 0 };
        unsigned each;

        mm_lock(mm);
        each = mm->tree.height + 1;
        EXPECT_EQ(vma_kit_reserve(mm, &kit, 2, 1), 0);
        EXPECT_EQ(spares(&kit), 2);
        EXPECT_EQ(mm->tree.nr_spare, 2 * each);
        EXPECT_EQ(vma_kit_reserve(mm, &kit, 3, 0), 0);
        EXPECT_EQ(spares(&kit), 5);
        EXPECT_EQ(mm->tree.nr_spare, 5 * each);
        vma_kit_release(&kit);
        EXPECT_EQ(spares(&kit), 0);
        mm_unlock(mm, at_page(0));
        strip_done(mm);
}
