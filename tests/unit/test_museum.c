/* SPDX-License-Identifier: MIT */
/*
 * Tests that were written because a bug planted on purpose (tests/museum) was noticed by no other,
 * or only by tests at random. The page of the bug says what it is about.
 */
#include "tests/unit/fixture.h"

#include "mm/fault.h"
#include "mm/pgwalk.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* ------------------------------------------------------------------ mremap */

TEST(a_source_that_is_too_short_is_refused_before_the_target_goes)
{
        struct mm *mm = strip("AA........TTTT");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(remap(mm, 1, 2, 3, FIXED, 10), -EFAULT); /* grows */
        EXPECT_UNCHANGED(mm, before);
        EXPECT_EQ(remap(mm, 1, 4, 2, FIXED, 10), -EFAULT); /* shrinks */
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(lengths_count_in_whole_pages)
{
        struct mm *mm = strip("AA");
        u64 p = PAGE_SIZE;

        EXPECT_EQ(remap_bytes(mm, 0, p + 1, 4 * p, 0, 0), 0); /* two pages, which is all of it */
        EXPECT_STRIP(mm, "AA--");
        EXPECT_EQ(remap_bytes(mm, 0, 4 * p, 2 * p + 1, 0, 0), 0);
        EXPECT_STRIP(mm, "AA-.");
        EXPECT_EQ(remap_bytes(mm, 0, 2 * p + 5, 2 * p + 7, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........AA-");
        strip_done(mm);
}

TEST(growth_stays_where_there_is_room)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(remap(mm, 0, 1, 3, MREMAP_MAYMOVE, 0), 0);
        EXPECT_STRIP(mm, "A--");
        strip_done(mm);
}

TEST(growth_without_room_anywhere_is_refused)
{
        struct mm *mm = strip(".B"); /* not charged: the commit limit has no say */
        char *before = strip_snapshot(mm);

        EXPECT_EQ(remap(mm, 1, 1, TASK_SIZE / PAGE_SIZE, MREMAP_MAYMOVE, 0), -ENOMEM);
        EXPECT_EQ(remap(mm, 1, 1, TASK_SIZE / PAGE_SIZE - 1, MREMAP_MAYMOVE, 0), -ENOMEM);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(a_file_keeps_its_offset_when_it_moves)
{
        struct backing *file = file_create("abcdef", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, PROT_READ, MAP_PRIVATE, file, 2);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED, 10), 10); /* nobody has looked at it yet */
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'c');
        EXPECT_EQ(peek_byte(mm, at_page(13)), 'f');
        EXPECT_EQ(remap(mm, 11, 2, 2, FIXED, 20), 20); /* part of it */
        EXPECT_EQ(peek_byte(mm, at_page(20)), 'd');
        EXPECT_EQ(peek_byte(mm, at_page(21)), 'e');
        backing_put(file);
        strip_done(mm);
}

TEST(written_copies_of_a_file_move_along)
{
        struct backing *file = file_create("abc", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 3, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(remap(mm, 0, 3, 3, FIXED, 10), 10);
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(11)), 'X');
        EXPECT_EQ(peek_byte(mm, at_page(12)), 'c');
        backing_put(file);
        strip_done(mm);
}

TEST(shared_memory_stays_shared_when_it_moves)
{
        struct mm *parent = strip_empty(), *child;

        map_shared_anon(parent, 0, 2, RW);
        child = fork_of(parent);
        EXPECT_EQ(remap(parent, 0, 2, 2, FIXED, 10), 10);
        write_pages(parent, 10, 1, 'x');
        EXPECT_EQ(peek_byte(child, at_page(0)), 'x');
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ files */

TEST(mappings_of_two_files_stay_two)
{
        struct backing *one = file_create("abcd", 0), *two = file_create("wxyz", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, PROT_READ, MAP_PRIVATE, one, 0);
        map_file(mm, 2, 2, PROT_READ, MAP_PRIVATE, two, 2); /* their pages would run on */
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(2)), 'y');
        backing_put(one);
        backing_put(two);
        strip_done(mm);
}

TEST(parts_of_a_file_merge_only_where_their_pages_run_on)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 1, 1, PROT_READ, MAP_PRIVATE, file, 3);
        map_file(mm, 0, 1, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_VMAS(mm, "0-1r- 1-2r-");
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'd');
        map_file(mm, 0, 1, PROT_READ, MAP_PRIVATE, file, 2);
        EXPECT_VMAS(mm, "0-2r-");
        backing_put(file);
        strip_done(mm);
}

TEST(both_halves_of_a_split_show_their_part_of_the_file)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, PROT_NONE), 0);
        EXPECT_EQ(peek_byte(mm, at_page(2)), 'c');
        EXPECT_EQ(peek_byte(mm, at_page(3)), 'd');
        backing_put(file);
        strip_done(mm);
}

TEST(what_was_written_is_dirty_after_unmapping)
{
        struct backing *file = file_create(".", 0);
        struct mm *mm = strip_empty();
        struct mm_region_stats stats;

        map_file(mm, 0, 1, RW, MAP_SHARED, file, 0);
        touch(mm, at_page(0), false);
        mm_region_stats(mm, at_page(0), at_page(1), &stats);
        EXPECT_EQ(stats.private_clean, PAGE_SIZE);
        touch(mm, at_page(0), true); /* no fault: only the entry knows */
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0);
        map_file(mm, 0, 1, RW, MAP_SHARED, file, 0);
        touch(mm, at_page(0), false);
        mm_region_stats(mm, at_page(0), at_page(1), &stats);
        EXPECT_EQ(stats.private_dirty, PAGE_SIZE);
        backing_put(file);
        strip_done(mm);
}

TEST(bytes_that_were_cut_off_are_zero_when_the_file_grows)
{
        struct backing *file = file_create("", 0);
        struct object *object = file->object;
        char bytes[6];

        ASSERT_EQ(object_write(object, 0, "abcdef", 6), 6);
        ASSERT_EQ(object_truncate(object, 3), 0);
        ASSERT_EQ(object_truncate(object, 6), 0);
        ASSERT_EQ(object_read(object, 0, bytes, 6), 6);
        EXPECT_TRUE(memcmp(bytes, "abc\0\0\0", 6) == 0);
        backing_put(file);
}

/* ------------------------------------------------------------------ pages */

TEST(the_zero_page_is_counted_nowhere)
{
        struct mm *parent = strip("A-"), *child;
        s64 before = atomic_get(&zero_page->refcount);

        touch(parent, at_page(1), false);
        child = fork_of(parent);
        EXPECT_TRUE(is_mapped(child, 1));
        EXPECT_EQ(atomic_get(&zero_page->refcount), before);
        EXPECT_EQ(atomic_get(&zero_page->mapcount), 0);
        EXPECT_EQ(mm_munmap(child, &user_caller, at_page(1), PAGE_SIZE), 0);
        EXPECT_EQ(atomic_get(&zero_page->refcount), before);
        mm_put(child);
        strip_done(parent);
        EXPECT_EQ(atomic_get(&zero_page->refcount), before);
}

/* A reference that is no entry of a page table: somebody copies the page, or has spliced it. */
TEST(a_page_that_a_reader_holds_is_copied_before_it_is_written)
{
        struct mm *mm = strip("A");
        struct page *held;

        mm_put(fork_of(mm)); /* leaves the entry read-only, and the page mapped once */
        held = pfn_to_page(pte_pfn(pte_read(pgwalk_find(mm, at_page(0), PT_PTE)), PT_PTE));
        page_get(held);
        write_pages(mm, 0, 1, 'b');
        EXPECT_STRIP(mm, "b");
        EXPECT_EQ(*(const char *)page_to_virt(held), 'A');
        page_put(held);
        strip_done(mm);
}

TEST(new_memory_is_zero_whatever_was_there)
{
        struct mm *mm = strip_empty();

        /* Single pages come out of a store: only after some rounds the same ones again. */
        for (unsigned round = 0; round < 16; round++) {
                map_pages(mm, 0, 16, RW, 0);
                for (unsigned i = 0; i < 16; i++) {
                        touch(mm, at_page(i), true);
                        EXPECT_EQ(peek_byte(mm, at_page(i) + 100), 0);
                        EXPECT_EQ(host_store(mm, &user_caller, at_page(i) + 100, "secret", 6).signo,
                                  0);
                }
                EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 16 * PAGE_SIZE), 0);
        }
        strip_done(mm);
}

/* A debugger's write to memory that the program may only read, and has read. */
TEST(a_forced_write_leaves_the_page_of_the_file_alone)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();
        char byte = 'x';

        map_file(mm, 0, 1, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(0), &byte, 1,
                            MM_ACCESS_WRITE | MM_ACCESS_FORCE),
                  1);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'x');
        ASSERT_EQ(object_read(file->object, 0, &byte, 1), 1);
        EXPECT_EQ(byte, 'a');
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ ranges, limits */

TEST(the_heap_ends_with_user_space)
{
        struct mm_image image = { .start_brk = TASK_SIZE - 4 * PAGE_SIZE };
        struct mm *mm = strip_empty();

        mm_set_image(mm, &image);
        EXPECT_EQ(mm_brk(mm, &user_caller, TASK_SIZE + PAGE_SIZE), image.start_brk);
        EXPECT_EQ(mm_brk(mm, &user_caller, TASK_SIZE - PAGE_SIZE), TASK_SIZE - PAGE_SIZE);
        EXPECT_EQ(mm_brk(mm, &user_caller, TASK_SIZE + PAGE_SIZE), TASK_SIZE - PAGE_SIZE);
        strip_done(mm);
}

TEST(a_length_that_wraps_is_refused)
{
        struct mm *mm = strip("AA");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), -PAGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), -at_page(0)), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 1 - at_page(0)), -EINVAL);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(noreplace_looks_at_every_page)
{
        struct mm *mm = strip(".A.");
        struct mmap_request req = map_request(0, 3, RW, MAP_PRIVATE | MAP_FIXED_NOREPLACE, NULL, 0);

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EEXIST);
        EXPECT_STRIP(mm, ".A.");
        strip_done(mm);
}

TEST(a_seal_anywhere_in_the_range_protects_all_of_it)
{
        struct mm *mm = strip("AABBCC");
        char *before;
        struct mmap_request req = map_request(0, 6, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        ASSERT_EQ(mm_mseal(mm, at_page(2), 2 * PAGE_SIZE, 0), 0);
        before = strip_snapshot(mm);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 6 * PAGE_SIZE), -EPERM);
        EXPECT_UNCHANGED(mm, before);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EPERM);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(toggling_protection_charges_nothing)
{
        struct mm *mm = strip("AA");
        u64 before = mm_committed();

        for (unsigned i = 0; i < 3; i++) {
                EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, PROT_READ), 0);
                EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, RW), 0);
        }
        EXPECT_EQ(mm_committed(), before);
        strip_done(mm);
}

/* ------------------------------------------------------------------ tables, tree */

TEST(a_table_goes_with_its_last_mapping_and_not_before)
{
        struct mm *mm = strip("A.B.C");
        u64 all = stats_of(mm).pgtable_bytes;

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0); /* nothing below */
        EXPECT_STRIP(mm, "..B.C");
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(4), PAGE_SIZE), 0); /* nothing above */
        EXPECT_STRIP(mm, "..B..");
        EXPECT_EQ(stats_of(mm).pgtable_bytes, all);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2), PAGE_SIZE), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 0);
        strip_done(mm);
}

/* The tree has several levels, and the gap opens in the middle of a leaf. */
TEST(a_gap_in_the_middle_is_found_from_the_root)
{
        struct mm *mm = strip_empty();
        unsigned total = 400;
        u64 at = 0;

        for (unsigned i = 0; i < total; i++) /* no two neighbours merge */
                map_pages(mm, i, 1, i % 2 ? PROT_READ : RW, 0);
        for (unsigned i = 1; i < total; i++) {
                EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(i), PAGE_SIZE), 0);
                EXPECT_TRUE(
                        vmtree_gap_lowest(&mm->tree, at_page(0), at_page(total), PAGE_SIZE, &at));
                EXPECT_EQ(at, at_page(i));
                map_pages(mm, i, 1, i % 2 ? PROT_READ : RW, 0);
                EXPECT_FALSE(
                        vmtree_gap_lowest(&mm->tree, at_page(0), at_page(total), PAGE_SIZE, &at));
        }
        strip_done(mm);
}
