/* SPDX-License-Identifier: MIT */
/* brk() and remap_file_pages(): what they refuse, and what they leave. */
#include "tests/unit/fixture.h"

#include "mm/fail_alloc.h"

#define MCL_FUTURE 2

/* An address space whose heap begins at page 0 of the arena. */
static struct mm *heap(void)
{
        struct mm_image image = { .start_brk = at_page(0),
                                  .start_data = 0x1000,
                                  .end_data = 0x3000 };
        struct mm *mm = strip_empty();

        mm_set_image(mm, &image);
        return mm;
}

/* Sets the break to a page; returns the page where it is then. */
static s64 set_brk(struct mm *mm, unsigned page)
{
        return ((s64)mm_brk(mm, &user_caller, at_page(page)) - (s64)ARENA) >> PAGE_SHIFT;
}

/* ------------------------------------------------------------------ brk */

TEST(heap_is_private_writable_and_charged)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 3), 3);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        EXPECT_EQ(mm_committed(), 3);
        EXPECT_EQ(stats_of(mm).data_vm, 3);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(3) - 5), at_page(3) - 5); /* same page */
        EXPECT_VMAS(mm, "0-3rw");
        EXPECT_EQ(set_brk(mm, 0), 0);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

TEST(break_stays_for_what_lies_below_its_start)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 2), 2);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(0) - 1), at_page(2));
        EXPECT_EQ(mm_brk(mm, &user_caller, 0), at_page(2));
        strip_done(mm);
}

TEST(heap_grows_with_the_program_data_up_to_its_limit)
{
        struct mm *mm = heap();
        struct mm_caller who = with_data(5, 5); /* two pages of which are the program's */

        EXPECT_EQ(mm_brk(mm, &who, at_page(3) + 1), at_page(0));
        EXPECT_EQ(mm_brk(mm, &who, at_page(3)), at_page(3));
        EXPECT_VMAS(mm, "0-3rw");
        strip_done(mm);
}

TEST(heap_keeps_to_the_other_limits)
{
        struct mm *mm = heap();
        struct mm_caller small = with_as(3);

        EXPECT_EQ(mm_brk(mm, &small, at_page(4)), at_page(0));
        EXPECT_EQ(mm_brk(mm, &small, at_page(3)), at_page(3));
        commit_leave(1);
        EXPECT_EQ(set_brk(mm, 5), 3);
        EXPECT_EQ(set_brk(mm, 4), 4);
        mm_sysctl.overcommit_memory = 0;
        mm_sysctl.max_map_count = 0;
        EXPECT_EQ(set_brk(mm, 5), 4);
        EXPECT_EQ(mm_brk(mm, &user_caller, TASK_SIZE + 1), at_page(4));
        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(set_brk(mm, 5), 5);
        EXPECT_EQ(mm_committed(), 5);
        strip_done(mm);
}

TEST(heap_ends_below_the_end_of_user_space)
{
        struct mm_image image = { .start_brk = TASK_SIZE - PAGE_SIZE };
        struct mm *mm = strip_empty();

        mm_set_image(mm, &image);
        EXPECT_EQ(mm_brk(mm, &root_caller, TASK_SIZE), TASK_SIZE);
        EXPECT_EQ(mm_brk(mm, &root_caller, TASK_SIZE + PAGE_SIZE), TASK_SIZE);
        EXPECT_EQ(mm_brk(mm, &root_caller, ~PAGE_SIZE), TASK_SIZE);
        EXPECT_EQ(stats_of(mm).total_vm, 1);
        strip_done(mm);
}

TEST(heap_keeps_the_guard_gap_of_a_stack)
{
        struct mm *mm = heap();

        map_pages(mm, 300, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(set_brk(mm, 44), 0); /* 256 pages of gap and one more */
        EXPECT_EQ(set_brk(mm, 43), 43);
        strip_done(mm);
}

TEST(heap_that_was_moved_away_begins_anew)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 4), 4);
        write_pages(mm, 0, 4, 'h');
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(2), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(20)),
                  (s64)at_page(20));
        EXPECT_EQ(set_brk(mm, 6), 6);
        EXPECT_STRIP(mm, "hh..--");
        EXPECT_VMAS(mm, "0-2rw 4-6rw 20-22rw");
        strip_done(mm);
}

TEST(heap_does_not_extend_a_piece_unlike_it)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 2), 2);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(set_brk(mm, 4), 4);
        EXPECT_VMAS(mm, "0-2r- 2-4rw");
        strip_done(mm);
}

TEST(heap_of_a_program_whose_data_touch_it_is_a_mapping_of_its_own)
{
        struct mm_image image = { .start_brk = at_page(2) };
        struct mm *mm = strip("--");

        mm_set_image(mm, &image);
        EXPECT_EQ(set_brk(mm, 4), 4);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(set_brk(mm, 6), 6);
        EXPECT_VMAS(mm, "0-2rw 2-6rw");
        strip_done(mm);
}

TEST(shrinking_needs_something_to_unmap)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 6), 6);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2), 2 * PAGE_SIZE), 0);
        EXPECT_EQ(set_brk(mm, 3), 3); /* a hole within is passed over */
        EXPECT_VMAS(mm, "0-2rw");
        EXPECT_EQ(set_brk(mm, 2), 3); /* nothing but a hole */
        strip_done(mm);
}

TEST(sealed_heap_does_not_shrink)
{
        struct mm *mm = heap();

        EXPECT_EQ(set_brk(mm, 4), 4);
        EXPECT_EQ(mm_mseal(mm, at_page(2), PAGE_SIZE, 0), 0);
        EXPECT_EQ(set_brk(mm, 1), 4);
        EXPECT_EQ(set_brk(mm, 3), 3);
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-3rw"); /* the refused one has split its start */
        strip_done(mm);
}

TEST(locked_heap_is_there_at_once_and_counts)
{
        struct mm *mm = heap();
        struct mm_caller who = with_memlock(3);

        EXPECT_EQ(mm_mlockall(mm, &who, MCL_FUTURE), 0);
        EXPECT_EQ(mm_brk(mm, &who, at_page(4)), at_page(0));
        EXPECT_EQ(mm_brk(mm, &who, at_page(3)), at_page(3));
        EXPECT_STRIP(mm, "000.");
        EXPECT_EQ(locked_pages_of(mm), 3);
        strip_done(mm);
}

TEST(break_stays_at_every_failed_allocation)
{
        for (unsigned n = 1;; n++) {
                struct mm *mm = heap();
                s64 result;

                fail_alloc_nth(n, false);
                result = set_brk(mm, 4);
                fail_alloc_nth(0, false);
                EXPECT_EQ(mm_committed(), (u64)result);
                EXPECT_VMAS(mm, result ? "0-4rw" : "");
                strip_done(mm);
                if (result)
                        break;
                ASSERT_TRUE(n < 20);
        }
}

TEST(parts_of_the_heap_are_named_heap)
{
        struct mm *mm = heap();
        struct mm_region region;

        EXPECT_EQ(set_brk(mm, 4), 4);
        map_pages(mm, 8, 1, RW, 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        for (unsigned page = 0; page < 3; page++) {
                ASSERT_TRUE(mm_next_region(mm, at_page(page), &region));
                EXPECT_STREQ(region.special, "[heap]");
        }
        ASSERT_TRUE(mm_next_region(mm, at_page(4), &region));
        EXPECT_EQ(region.start, at_page(8));
        EXPECT_TRUE(!region.special);
        EXPECT_FALSE(mm_next_region(mm, at_page(9), &region));
        strip_done(mm);
}

/* ------------------------------------------------------------------ remap_file_pages */

static int remap_pages(struct mm *mm, unsigned page, unsigned n, u64 pgoff)
{
        return mm_remap_file_pages(mm, &user_caller, at_page(page), n * PAGE_SIZE, 0, pgoff, 0);
}

TEST(window_shows_another_part_of_the_file)
{
        struct backing *file = file_create("abcdef", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(remap_pages(mm, 1, 2, 4), 0);
        EXPECT_STRIP(mm, "-ef-"); /* faulted in at once */
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_EQ(remap_pages(mm, 1, 2, 1), 0); /* back again: one mapping */
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_EQ(peek_byte(mm, at_page(2)), 'c');
        backing_put(file);
        strip_done(mm);
}

TEST(window_that_need_not_be_there_at_once)
{
        struct backing *file = file_create("abcd", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, 0, 2,
                                      MAP_NONBLOCK),
                  0);
        EXPECT_STRIP(mm, "--");
        EXPECT_FLAGS(mm, 0, "rd sh mr mw me ms");
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'd');
        backing_put(file);
        strip_done(mm);
}

TEST(window_stays_locked)
{
        struct backing *file = file_create("abcd", BACKING_SHMEM);
        struct mm *mm = strip_empty();
        struct mm_caller none = with_memlock(0);

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_remap_file_pages(mm, &none, at_page(0), PAGE_SIZE, 0, 2, 0), -EPERM);
        EXPECT_EQ(remap_pages(mm, 0, 2, 2), 0);
        EXPECT_FLAGS(mm, 0, "rd wr sh mr mw me ms lo");
        EXPECT_EQ(locked_pages_of(mm), 2);
        backing_put(file);
        strip_done(mm);
}

TEST(window_may_span_mappings_that_touch_and_are_alike)
{
        struct backing *file = file_create("abcdef", BACKING_SHMEM);
        struct backing *other = file_create("ABCDEF", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 4);
        map_file(mm, 2, 2, RW, MAP_SHARED, file, 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(remap_pages(mm, 0, 4, 1), 0);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_STRIP(mm, "bcde");
        EXPECT_EQ(remap_pages(mm, 3, 2, 0), -EINVAL); /* the end is not mapped */
        map_file(mm, 4, 1, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(remap_pages(mm, 3, 2, 0), -EINVAL); /* other rights */
        map_file(mm, 4, 1, RW, MAP_SHARED, other, 0);
        EXPECT_EQ(remap_pages(mm, 3, 2, 0), -EINVAL); /* another file */
        map_file(mm, 6, 1, RW, MAP_SHARED, other, 0);
        EXPECT_EQ(remap_pages(mm, 4, 3, 0), -EINVAL); /* a hole */
        EXPECT_STRIP(mm, "bcde");
        backing_put(file);
        backing_put(other);
        strip_done(mm);
}

TEST(window_must_be_of_shared_memory)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip("A");
        struct mmap_request req = map_request(4, 1, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);

        map_file(mm, 2, 1, RW, MAP_PRIVATE, file, 0);
        req.writable = false; /* shared, but not to be written */
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        map_shared_anon(mm, 6, 2, RW);
        write_pages(mm, 6, 2, 's');
        EXPECT_EQ(remap_pages(mm, 0, 1, 0), -EINVAL);
        EXPECT_EQ(remap_pages(mm, 2, 1, 0), -EINVAL);
        EXPECT_EQ(remap_pages(mm, 4, 1, 0), -EINVAL);
        EXPECT_EQ(remap_pages(mm, 1, 1, 0), -EINVAL);
        EXPECT_EQ(remap_pages(mm, 6, 1, 1), 0);
        EXPECT_EQ(stats_of(mm).total_vm, 5);
        backing_put(file);
        strip_done(mm);
}

TEST(window_has_sane_arguments)
{
        struct mm *mm = strip_empty();
        u64 addr = at_page(0);

        map_shared_anon(mm, 0, 2, RW);
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, addr, PAGE_SIZE, PROT_READ, 0, 0), -EINVAL);
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, addr, 100, 0, 0, 0), -EINVAL);
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, addr, -PAGE_SIZE, 0, 0, 0), -EINVAL);
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, addr, PAGE_SIZE, 0, ~0UL, 0), -EINVAL);
        /* Address and length are rounded down. */
        EXPECT_EQ(mm_remap_file_pages(mm, &user_caller, addr + 5, PAGE_SIZE + 5, 0, 1, 0), 0);
        EXPECT_VMAS(mm, "0-1rw 1-2rw");
        strip_done(mm);
}
