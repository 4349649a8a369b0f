/* SPDX-License-Identifier: MIT */
/*
 * What random calls beside Linux 6.18 have shown (tests/diff): page tables and anon_vmas that are
 * there, or not, without a page in sight; places of /dev/zero; a hole that reaches further.
 */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "kernel/base/errno.h"
#include "mm/page.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

static u64 tables_of(struct mm *mm)
{
        return stats_of(mm).pgtable_bytes / PAGE_SIZE;
}

TEST(move_makes_a_table_wherever_the_source_has_one)
{
        struct mm *mm = strip("--.A");

        EXPECT_EQ(tables_of(mm), 3);
        EXPECT_EQ(
                mm_mremap(mm, &user_caller, at_page(0), PAGE_SIZE, PAGE_SIZE, FIXED, at_page(4096)),
                (s64)at_page(4096));
        EXPECT_EQ(tables_of(mm), 4);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(4096), PAGE_SIZE), 0);
        EXPECT_EQ(tables_of(mm), 3);
        strip_done(mm);
}

/* The first half of the source moves into a table that its second half had been without. */
TEST(move_makes_the_table_that_its_own_source_is_found_to_have)
{
        struct mm *mm = strip_empty();
        u64 pages = 9, from = 1024 - 8, to = 1536 - 8;

        map_pages(mm, (unsigned)from, (unsigned)pages, RW, MAP_PRIVATE);
        EXPECT_EQ(touch(mm, at_page(from + 1), true).signo, 0);
        EXPECT_EQ(tables_of(mm), 3);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(from), pages * PAGE_SIZE, pages * PAGE_SIZE,
                            FIXED, at_page(to)),
                  (s64)at_page(to));
        EXPECT_EQ(tables_of(mm), 4);
        strip_done(mm);
}

TEST(bus_error_makes_no_table)
{
        struct backing *file = file_create("", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 1, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(touch(mm, at_page(0), false).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, SIGBUS);
        EXPECT_EQ(tables_of(mm), 2);
        backing_put(file);
        strip_done(mm);
}

TEST(bus_error_where_pages_are_around_maps_those)
{
        struct backing *file = file_create("a", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(touch(mm, at_page(1), false).signo, SIGBUS);
        EXPECT_TRUE(is_mapped(mm, 0));
        EXPECT_EQ(tables_of(mm), 3);
        backing_put(file);
        strip_done(mm);
}

TEST(bus_error_of_a_private_write_leaves_an_anon_vma)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 1, RW, MAP_PRIVATE, file, 1);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, SIGBUS);
        EXPECT_TRUE(vma_at(mm, at_page(0))->anon);
        backing_put(file);
        strip_done(mm);
}

TEST(fork_copies_tables_without_entries)
{
        struct mm *mm = strip("AA"), *child;

        write_pages(mm, 0, 2, 'A');
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_EQ(tables_of(mm), 3);
        child = fork_of(mm);
        EXPECT_EQ(tables_of(child), 3);
        mm_put(child);
        strip_done(mm);
}

TEST(stack_that_may_not_grow_has_an_anon_vma)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 4096, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(touch(mm, at_page(1024), true).signo, SIGSEGV); /* 12 MiB below: a limit */
        EXPECT_TRUE(vma_at(mm, at_page(4096))->anon);
        strip_done(mm);
}

/* What counts is each mapping by itself, not their sum. */
TEST(fork_charges_mapping_by_mapping)
{
        struct mm *mm = strip_empty(), *child;
        struct memory_stats stats;
        unsigned pages;
        int err = 0;

        memory_stats(&stats);
        pages = (unsigned)stats.total / 4 * 3;
        map_pages(mm, 0, pages, RW, 0);
        map_pages(mm, pages + 1, pages, RW, 0);
        child = mm_fork(mm, &user_caller, &err);
        EXPECT_TRUE(child);
        mm_put(child);
        map_pages(mm, pages, 1, RW, 0); /* which makes one of the two */
        EXPECT_EQ(mm_map_count(mm), 1);
        EXPECT_FALSE(mm_fork(mm, &user_caller, &err));
        EXPECT_EQ(err, -ENOMEM);
        strip_done(mm);
}

/* It charges nothing, but must be allowed to. */
TEST(stack_without_a_charge_grows_as_far_as_one_with)
{
        for (unsigned write = 0; write < 2; write++) {
                struct mm *mm = strip_empty();
                u64 before;

                map_pages(mm, 32, 1, write ? RW : PROT_READ, MAP_GROWSDOWN);
                before = mm_committed();
                commit_leave(4);
                EXPECT_EQ(touch(mm, at_page(27), false).signo, SIGSEGV);
                EXPECT_EQ(touch(mm, at_page(28), false).signo, 0);
                EXPECT_EQ(mm_committed() - before, write ? 4 : 0);
                mm_sysctl.overcommit_memory = 0;
                strip_done(mm);
        }
}

TEST(private_dev_zero_is_placed_as_huge_pages_would_lie)
{
        struct backing *zero = file_create("", BACKING_ZERO | BACKING_APART);
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(0, 512, RW, MAP_PRIVATE, zero, 0);

        object_put(zero->object); /* which a device does not have */
        zero->object = NULL;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)at_page(0)); /* the hint, with room */
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), HUGE), 0);
        map_pages(mm, 1000, 1, RW, 0);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x7ffff7c00000); /* too little to align in */
        req = map_request(0, 1, RW, MAP_PRIVATE, zero, 0);
        req.offset = ~0UL & ~(PAGE_SIZE - 1);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EOVERFLOW);
        req.offset -= PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)at_page(0));
        backing_put(zero);
        strip_done(mm);
}

TEST(hole_that_ends_in_the_first_page_unmaps_what_is_behind)
{
        struct backing *file = file_create("abc", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 3, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_TRUE(is_mapped(mm, 2));
        EXPECT_EQ(object_punch(file->object, 100, 200), 0);
        EXPECT_TRUE(is_mapped(mm, 0));
        EXPECT_FALSE(is_mapped(mm, 1) || is_mapped(mm, 2));
        EXPECT_EQ(peek_byte(mm, at_page(2)), 'c');
        EXPECT_EQ(object_punch(file->object, PAGE_SIZE + 100, PAGE_SIZE + 200), 0);
        EXPECT_TRUE(is_mapped(mm, 0) && is_mapped(mm, 2));
        backing_put(file);
        strip_done(mm);
}
