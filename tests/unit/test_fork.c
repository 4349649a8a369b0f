/* SPDX-License-Identifier: MIT */
/* fork, copy on write, mprotect(), access from outside. */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"

static u64 anon_pages(struct mm *mm)
{
        struct mm_stats stats;

        mm_stats(mm, &stats);
        return stats.rss_anon;
}

/* ------------------------------------------------------------------ fork */

TEST(fork_shares_pages_until_one_side_writes)
{
        struct mm *parent = strip("AAA"), *child = fork_of(parent);
        struct memory_stats before, after;

        memory_stats(&before);
        write_pages(child, 1, 1, 'c');
        memory_stats(&after);
        EXPECT_STRIP(parent, "AAA");
        EXPECT_STRIP(child, "AcA");
        EXPECT_EQ(after.anon, before.anon + 1);
        write_pages(parent, 1, 1, 'p'); /* alone with its page again: no copy */
        memory_stats(&before);
        EXPECT_EQ(after.anon, before.anon);
        EXPECT_STRIP(parent, "ApA");
        EXPECT_STRIP(child, "AcA");
        EXPECT_EQ(anon_pages(child), 3);
        strip_validate(child);
        mm_put(child);
        write_pages(parent, 0, 1, 'q');
        EXPECT_STRIP(parent, "qpA");
        strip_done(parent);
}

/* Everything that entries can hold, in two tables, goes with the child and stays the parent's. */
TEST(exit_leaves_what_others_have_as_it_was)
{
        struct backing *file = file_create(".", 0);
        struct mm *parent = strip("AA--AA"), *child;
        u64 border = HUGE_SIZE / PAGE_SIZE;
        struct mm_region_stats region;
        struct memory_stats before, after;

        map_pages(parent, border - 2, 4, RW, 0); /* on both sides of a border of tables */
        write_pages(parent, border - 1, 2, 'B');
        map_file(parent, 8, 1, RW, MAP_SHARED, file, 0);
        touch(parent, at_page(8), false);
        memory_stats(&before);
        child = fork_of(parent);
        write_pages(child, 0, 1, 'c');
        touch(child, at_page(8), false);
        touch(child, at_page(8), true); /* no fault: only the entry knows */
        map_pages(child, 20, 2, RW, MAP_LOCKED);
        EXPECT_EQ(mm_mlock(child, &user_caller, at_page(border - 2), 4 * PAGE_SIZE, 0), 0);
        EXPECT_EQ(mm_madvise(child, &user_caller, at_page(1), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        mm_put(child);
        memory_stats(&after);
        EXPECT_EQ(after.anon, before.anon);
        EXPECT_EQ(after.locked, before.locked);
        EXPECT_EQ(after.mapped, before.mapped);
        EXPECT_EQ(after.free, before.free);
        mm_region_stats(parent, at_page(8), at_page(9), &region);
        EXPECT_EQ(region.private_dirty, PAGE_SIZE);
        backing_put(file);
        strip_done(parent);
}

TEST(fork_child_does_not_merge_what_it_inherited)
{
        struct mm *parent = strip("AA"), *child = fork_of(parent);

        map_pages(child, 2, 2, RW, 0);
        EXPECT_VMAS(child, "0-2rw 2-4rw");
        map_pages(child, 4, 2, RW, 0);
        EXPECT_VMAS(child, "0-2rw 2-6rw");
        map_pages(parent, 2, 2, RW, 0);
        EXPECT_VMAS(parent, "0-4rw");
        /* Its own halves do merge again. */
        EXPECT_EQ(protect(child, 1, 1, PROT_READ), 0);
        EXPECT_EQ(protect(child, 1, 1, RW), 0);
        EXPECT_VMAS(child, "0-2rw 2-6rw");
        mm_put(child);
        strip_done(parent);
}

/* Pages of one's own beside pages that are shared, in each order. */
TEST(moved_entries_keep_their_own_rights)
{
        for (unsigned own = 0; own < 4; own++) {
                struct mm *parent = strip("AAAA"), *child;
                int err;

                child = mm_fork(parent, &user_caller, &err);
                ASSERT_TRUE(child);
                write_pages(child, own, 1, 'c');
                EXPECT_EQ(mm_mremap(child, &user_caller, at_page(0), 4 * PAGE_SIZE, 4 * PAGE_SIZE,
                                    MREMAP_MAYMOVE | MREMAP_FIXED, at_page(8)),
                          (s64)at_page(8));
                write_pages(child, 8, 4, 'd');
                EXPECT_STRIP(parent, "AAAA");
                strip_validate(child);
                mm_put(child);
                strip_done(parent);
        }
}

TEST(fork_child_grows_into_untouched_memory)
{
        struct mm *parent = strip("AA"), *child = fork_of(parent);

        map_pages(child, 4, 2, RW, 0);
        EXPECT_EQ(mm_mremap(child, &user_caller, at_page(0), 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0),
                  at_page(0));
        EXPECT_VMAS(child, "0-6rw");
        mm_put(child);
        strip_done(parent);
}

TEST(fork_charges_what_is_charged)
{
        struct mm *parent = strip("AA.BB"), *child;
        struct mm_caller who = user_caller;
        int err;

        EXPECT_EQ(mm_committed(), 2);
        child = fork_of(parent);
        EXPECT_EQ(mm_committed(), 4);
        mm_put(child);
        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 4;
        EXPECT_TRUE(!mm_fork(parent, &who, &err));
        EXPECT_EQ(err, -ENOMEM);
        EXPECT_EQ(mm_committed(), 2);
        strip_done(parent);
}

TEST(fork_shares_shared_memory)
{
        struct mm *parent = strip_empty(), *child;
        struct mmap_request req = {
                .addr = at_page(0),
                .len = 2 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(parent, &user_caller, &req), (s64)at_page(0));
        write_pages(parent, 0, 1, 's');
        child = fork_of(parent);
        write_pages(child, 0, 1, 't');
        EXPECT_EQ(peek_byte(parent, at_page(0)), 't');
        write_pages(child, 1, 1, 'u');
        mm_put(child);
        EXPECT_EQ(peek_byte(parent, at_page(1)), 'u');
        strip_done(parent);
}

TEST(fork_fails_whole_at_every_allocation)
{
        for (unsigned n = 1;; n++) {
                struct mm *parent = strip("AA.BB--"), *child;
                int err;

                fail_alloc_nth(n, false);
                child = mm_fork(parent, &user_caller, &err);
                fail_alloc_nth(0, false);
                EXPECT_STRIP(parent, "AA.BB--");
                write_pages(parent, 0, 1, 'x');
                if (child)
                        mm_put(child);
                strip_done(parent);
                if (child)
                        break;
                EXPECT_EQ(err, -ENOMEM);
                ASSERT_TRUE(n < 100);
        }
}

/* ------------------------------------------------------------------ mprotect */

TEST(mprotect_splits_and_merges_back)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(protect(mm, 1, 2, PROT_READ), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3r- 3-4rw");
        EXPECT_EQ(touch(mm, at_page(1), true).code, 2);
        EXPECT_EQ(protect(mm, 1, 2, RW), 0);
        EXPECT_VMAS(mm, "0-4rw");
        write_pages(mm, 1, 1, 'x');
        EXPECT_STRIP(mm, "AxAA");
        strip_done(mm);
}

TEST(mprotect_keeps_the_part_before_a_hole)
{
        struct mm *mm = strip("AA.BB");

        EXPECT_EQ(protect(mm, 1, 3, PROT_READ), -ENOMEM);
        EXPECT_VMAS(mm, "0-1rw 1-2r- 3-5rw");
        EXPECT_EQ(protect(mm, 2, 2, PROT_READ), -ENOMEM);
        strip_done(mm);
}

TEST(mprotect_checks_its_arguments_in_order)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0) + 1, 0, 0), -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 0, 0x10), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), ~0xfffUL, 0x10), -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, 0x10), -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, 8), 0);
        EXPECT_EQ(protect(mm, 0, 1, PROT_GROWSDOWN | PROT_GROWSUP), -EINVAL);
        EXPECT_EQ(protect(mm, 0, 1, PROT_GROWSDOWN), -EINVAL);
        EXPECT_EQ(protect(mm, 0, 1, PROT_GROWSUP), -EINVAL);
        strip_done(mm);
}

TEST(mprotect_of_untouched_memory_gives_the_charge_back)
{
        struct mm *mm = strip("--.AA");

        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), 0);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_EQ(protect(mm, 3, 2, PROT_READ), 0);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_EQ(protect(mm, 0, 2, RW), 0);
        EXPECT_EQ(protect(mm, 3, 2, RW), 0);
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(mprotect_splits_its_start_even_if_the_limit_forbids_its_end)
{
        struct mm *mm = strip("AAAA");

        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(protect(mm, 1, 2, PROT_READ), -ENOMEM);
        EXPECT_VMAS(mm, "0-1rw 1-4rw");
        strip_done(mm);
}

TEST(mprotect_between_neighbours_of_different_origin)
{
        struct mm *mm = strip("---");

        EXPECT_EQ(protect(mm, 1, 1, PROT_READ), 0);
        write_pages(mm, 0, 1, 'a');
        write_pages(mm, 2, 1, 'b');
        EXPECT_EQ(protect(mm, 1, 1, RW), 0);
        EXPECT_VMAS(mm, "0-2rw 2-3rw");
        strip_done(mm);
}

TEST(pieces_that_differ_in_rights_share_their_origin)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(protect(mm, 1, 1, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
        write_pages(mm, 0, 2, 'a');
        EXPECT_EQ(protect(mm, 1, 1, RW), 0);
        EXPECT_VMAS(mm, "0-2rw");
        strip_done(mm);
}

/* ------------------------------------------------------------------ access from outside */

TEST(access_goes_across_pages_and_stops_at_holes)
{
        struct mm *mm = strip("AB.");
        char buf[4] = "wxyz";

        EXPECT_EQ(mm_access(mm, &root_caller, at_page(1) - 2, buf, 4, MM_ACCESS_WRITE), 4);
        EXPECT_EQ(peek_byte(mm, at_page(1) - 1), 'x');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'y');
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(2) - 1, buf, 4, 0), 1);
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(2), buf, 4, 0), -EFAULT);
        EXPECT_EQ(mm_access(mm, &root_caller, TASK_SIZE, buf, 4, 0), -EFAULT);
        EXPECT_EQ(mm_access(mm, &root_caller, ~0UL, buf, 4, 0), -EFAULT);
        strip_done(mm);
}

TEST(access_by_force_copies_a_read_only_page)
{
        struct mm *parent = strip("A"), *child = fork_of(parent);

        EXPECT_EQ(protect(child, 0, 1, PROT_READ), 0);
        EXPECT_EQ(mm_access(child, &root_caller, at_page(0), "f", 1, MM_ACCESS_WRITE), -EFAULT);
        EXPECT_EQ(mm_access(child, &root_caller, at_page(0), "f", 1,
                            MM_ACCESS_WRITE | MM_ACCESS_FORCE),
                  1);
        EXPECT_STRIP(child, "f");
        EXPECT_STRIP(parent, "A");
        EXPECT_EQ(touch(child, at_page(0), true).code, 2);
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}
