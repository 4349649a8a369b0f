/* SPDX-License-Identifier: MIT */
/* mmap(), munmap(), brk(), faults: what they give, refuse and leave behind. */
#include "tests/unit/strip.h"

#include <stdlib.h>

#include "mm/account.h"
#include "mm/fail_alloc.h"
#include "mm/layout.h"

#define SIGBUS  7
#define SIGSEGV 11

static s64 map_any(struct mm *mm, u64 len, u64 flags)
{
        struct mmap_request req = {
                .len = len,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | flags,
        };

        return mm_mmap(mm, &user_caller, &req);
}

static s64 map_at(struct mm *mm, u64 addr, u64 len, u64 flags)
{
        struct mmap_request req = {
                .addr = addr,
                .len = len,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | flags,
        };

        return mm_mmap(mm, &user_caller, &req);
}

/* ------------------------------------------------------------------ faults */

TEST(read_of_new_memory_maps_the_zero_page)
{
        struct mm *mm = strip("--");
        struct mm_stats stats;

        EXPECT_EQ(peek_byte(mm, at_page(0)), 0);
        EXPECT_STRIP(mm, "0-");
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon, 0);
        EXPECT_TRUE(!vma_at(mm, at_page(0))->anon);
        write_pages(mm, 0, 1, 'x');
        EXPECT_STRIP(mm, "x-");
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon, 1);
        strip_done(mm);
}

TEST(fault_outside_any_mapping_is_maperr_at_the_exact_byte)
{
        struct mm *mm = strip("--.-");
        struct mm_fault fault = touch(mm, at_page(2) + 5, false);

        EXPECT_EQ(fault.signo, SIGSEGV);
        EXPECT_EQ(fault.code, 1);
        EXPECT_EQ(fault.addr, at_page(2) + 5);
        fault = mm_fault(mm, &user_caller, TASK_SIZE, 0);
        EXPECT_EQ(fault.signo, SIGSEGV);
        EXPECT_EQ(fault.code, 1);
        strip_done(mm);
}

TEST(fault_against_protection_is_accerr)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 1, PROT_READ, 0);
        map_pages(mm, 2, 1, PROT_NONE, 0);
        EXPECT_EQ(touch(mm, at_page(0), false).signo, 0);
        EXPECT_EQ(touch(mm, at_page(0), true).code, 2);
        EXPECT_EQ(touch(mm, at_page(2), false).code, 2);
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(0)).code, 2);
        strip_done(mm);
}

/* ------------------------------------------------------------------ merging */

TEST(mappings_side_by_side_merge)
{
        struct mm *mm = strip("--");

        map_pages(mm, 2, 2, PROT_READ | PROT_WRITE, 0);
        EXPECT_VMAS(mm, "0-4rw");
        map_pages(mm, 6, 2, PROT_READ | PROT_WRITE, 0);
        map_pages(mm, 4, 2, PROT_READ | PROT_WRITE, 0);
        EXPECT_VMAS(mm, "0-8rw");
        strip_done(mm);
}

TEST(gap_between_two_faulted_islands_joins_the_lower)
{
        struct mm *mm = strip("AA..AA");

        map_pages(mm, 2, 2, PROT_READ | PROT_WRITE, 0);
        EXPECT_VMAS(mm, "0-4rw 4-6rw");
        strip_done(mm);
}

TEST(map_stack_and_noreserve_do_not_merge_with_plain)
{
        struct mm *mm = strip("--");

        map_pages(mm, 2, 2, PROT_READ | PROT_WRITE, MAP_STACK);
        map_pages(mm, 4, 2, PROT_READ | PROT_WRITE, MAP_NORESERVE);
        EXPECT_VMAS(mm, "0-2rw 2-4rw 4-6rw");
        strip_done(mm);
}

/* ------------------------------------------------------------------ munmap */

TEST(munmap_of_the_middle_splits)
{
        struct mm *mm = strip("AAAAAA");

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2), 2 * PAGE_SIZE), 0);
        EXPECT_STRIP(mm, "AA..AA");
        EXPECT_VMAS(mm, "0-2rw 4-6rw");
        EXPECT_EQ(touch(mm, at_page(2), false).code, 1);
        strip_done(mm);
}

TEST(munmap_goes_over_holes_and_several_mappings)
{
        struct mm *mm = strip("AA.BB..CC");

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), 7 * PAGE_SIZE), 0);
        EXPECT_STRIP(mm, "A.......C");
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(2), PAGE_SIZE), 0);
        strip_done(mm);
}

TEST(munmap_refuses_bad_arguments)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0) + 1, PAGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 0), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, TASK_SIZE, PAGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, 0, ~0UL), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), 1), 0);
        EXPECT_STRIP(mm, "A.");
        strip_done(mm);
}

TEST(munmap_frees_the_tables_between_what_is_left)
{
        struct mm *mm = strip_empty();
        struct mm_stats stats;

        map_pages(mm, 0, 4 * 512, PROT_READ | PROT_WRITE, 0);
        for (unsigned i = 0; i < 4; i++)
                write_pages(mm, i * 512, 1, 'x');
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.pgtable_bytes, (4 + 1 + 1) * PAGE_SIZE);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), (3 * 512 - 1) * PAGE_SIZE), 0);
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.pgtable_bytes, (2 + 1 + 1) * PAGE_SIZE);
        strip_done(mm);
}

TEST(munmap_in_the_middle_at_the_limit_of_mappings_is_enomem)
{
        struct mm *mm = strip("AAAA.BB");
        char *before = strip_snapshot(mm), *after;

        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), PAGE_SIZE), -ENOMEM);
        after = strip_snapshot(mm);
        EXPECT_STREQ(before, after);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(3), 3 * PAGE_SIZE), 0);
        EXPECT_STRIP(mm, "AAA...B");
        free(before);
        free(after);
        strip_done(mm);
}

/* ------------------------------------------------------------------ MAP_FIXED */

TEST(map_fixed_replaces_and_rejoins)
{
        struct mm *mm = strip("AAAA");

        map_pages(mm, 1, 2, PROT_READ | PROT_WRITE, 0);
        EXPECT_STRIP(mm, "A--A");
        EXPECT_VMAS(mm, "0-4rw");
        strip_done(mm);
}

TEST(map_fixed_refused_for_a_limit_keeps_what_was_there_but_splits_it)
{
        struct mm *mm = strip("AAAA");
        struct mm_caller tight = user_caller;
        struct mmap_request req = {
                .addr = at_page(2),
                .len = 8 * PAGE_SIZE,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        tight.rlimit_as = 9 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &tight, &req), -ENOMEM);
        EXPECT_STRIP(mm, "AAAA......");
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(mm_committed(), 4);
        tight.rlimit_as = 10 * PAGE_SIZE; /* 4 + 8 less the 2 replaced */
        EXPECT_EQ(mm_mmap(mm, &tight, &req), (s64)at_page(2));
        strip_done(mm);
}

TEST(map_fixed_noreplace_refuses_overlap)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(map_at(mm, at_page(1), 2 * PAGE_SIZE, MAP_FIXED_NOREPLACE), -EEXIST);
        EXPECT_EQ(map_at(mm, at_page(2), PAGE_SIZE, MAP_FIXED_NOREPLACE), (s64)at_page(2));
        EXPECT_EQ(map_at(mm, at_page(2) + 1, PAGE_SIZE, MAP_FIXED_NOREPLACE), -EINVAL);
        strip_done(mm);
}

TEST(map_fixed_low_needs_a_capability)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(map_at(mm, 0, PAGE_SIZE, MAP_FIXED), -EPERM);
        EXPECT_EQ(map_at(mm, 4096, PAGE_SIZE, MAP_FIXED), 4096);
        EXPECT_EQ(map_at(mm, TASK_SIZE, PAGE_SIZE, MAP_FIXED), -ENOMEM);
        EXPECT_EQ(map_at(mm, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, MAP_FIXED),
                  (s64)(TASK_SIZE - PAGE_SIZE));
        strip_done(mm);
}

/* ------------------------------------------------------------------ places */

TEST(place_is_top_down_below_the_stack_gap)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(map_any(mm, PAGE_SIZE, 0), 0x7ffff7ffe000);
        EXPECT_EQ(map_any(mm, PAGE_SIZE, 0), 0x7ffff7ffd000);
        strip_done(mm);
}

TEST(place_of_whole_huge_pages_is_aligned)
{
        struct mm *mm = strip_empty();

        ASSERT_EQ(map_at(mm, 0x7ffff7dce000, 0x7ffff7fff000 - 0x7ffff7dce000, MAP_FIXED),
                  0x7ffff7dce000);
        EXPECT_EQ(map_any(mm, 2UL << 20, 0), 0x7ffff7a00000);
        EXPECT_EQ(map_any(mm, 2UL << 20, 0), 0x7ffff7800000);
        EXPECT_EQ(map_any(mm, (2UL << 20) + PAGE_SIZE, 0), 0x7ffff75ff000);
        EXPECT_EQ(map_any(mm, 6UL << 20, 0), 0x7ffff6e00000);
        EXPECT_EQ(map_any(mm, 1UL << 30, MAP_NORESERVE), 0x7fffb6e00000);
        strip_done(mm);
}

TEST(place_in_the_low_two_gigabytes)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(map_any(mm, 2UL << 20, MAP_32BIT), 0x40200000);
        EXPECT_EQ(map_any(mm, PAGE_SIZE, MAP_32BIT), 0x40000000);
        EXPECT_EQ(map_at(mm, 0x20000000, PAGE_SIZE, MAP_32BIT), 0x20000000);
        strip_done(mm);
}

TEST(place_hint_is_rounded_raised_or_ignored)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(map_at(mm, 0x1001, PAGE_SIZE, 0), 0x10000);
        EXPECT_EQ(map_at(mm, at_page(4) + 7, PAGE_SIZE, 0), (s64)at_page(4));
        EXPECT_EQ(map_at(mm, at_page(0), PAGE_SIZE, 0), 0x7ffff7ffe000);
        EXPECT_EQ(map_at(mm, at_page(0), 2UL << 20, 0), 0x7ffff7ffe000 - (2L << 20));
        EXPECT_EQ(map_any(mm, TASK_SIZE, 0), -ENOMEM);
        EXPECT_EQ(map_any(mm, ~0UL, 0), -ENOMEM);
        EXPECT_EQ(map_any(mm, 0, 0), -EINVAL);
        strip_done(mm);
}

TEST(place_of_the_legacy_layout_is_bottom_up)
{
        struct mm_layout layout = { .stack_rlimit = 8UL << 20, .legacy = true };
        struct mm *mm = mm_create(&layout);

        EXPECT_EQ(map_any(mm, PAGE_SIZE, 0), 0x2aaaaaaab000);
        EXPECT_EQ(map_any(mm, PAGE_SIZE, 0), 0x2aaaaaaac000);
        strip_done(mm);
}

TEST(place_hint_keeps_off_a_stack)
{
        struct mm *mm = strip_empty();
        u64 stack = ARENA + 1024 * PAGE_SIZE;

        ASSERT_EQ(map_at(mm, stack, PAGE_SIZE, MAP_FIXED | MAP_GROWSDOWN), (s64)stack);
        EXPECT_EQ(map_at(mm, stack - 257 * PAGE_SIZE, PAGE_SIZE, 0),
                  (s64)(stack - 257 * PAGE_SIZE));
        EXPECT_NE(map_at(mm, stack - 256 * PAGE_SIZE, PAGE_SIZE, 0),
                  (s64)(stack - 256 * PAGE_SIZE));
        strip_done(mm);
}

/* ------------------------------------------------------------------ stacks */

TEST(stack_grows_to_the_page_that_is_touched)
{
        struct mm *mm = strip_empty();

        ASSERT_EQ(map_at(mm, at_page(40), PAGE_SIZE, MAP_FIXED | MAP_GROWSDOWN), (s64)at_page(40));
        EXPECT_EQ(touch(mm, at_page(30) + 9, true).signo, 0);
        EXPECT_VMAS(mm, "30-41rw");
        strip_done(mm);
}

TEST(stack_keeps_its_guard_gap)
{
        struct mm *mm = strip_empty();
        u64 stack = at_page(600);

        ASSERT_EQ(map_at(mm, stack, PAGE_SIZE, MAP_FIXED | MAP_GROWSDOWN), (s64)stack);
        map_pages(mm, 0, 1, PROT_READ, 0);
        EXPECT_EQ(touch(mm, at_page(256), true).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, at_page(257), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(256), true).signo, SIGSEGV);
        strip_done(mm);
}

TEST(stack_keeps_to_its_limit)
{
        struct mm *mm = strip_empty();
        struct mm_caller who = user_caller;
        u8 byte = 1;

        ASSERT_EQ(map_at(mm, at_page(40), PAGE_SIZE, MAP_FIXED | MAP_GROWSDOWN), (s64)at_page(40));
        who.rlimit_stack = 4 * PAGE_SIZE;
        EXPECT_EQ(host_store(mm, &who, at_page(36), &byte, 1).signo, SIGSEGV);
        EXPECT_EQ(host_store(mm, &who, at_page(37), &byte, 1).signo, 0);
        EXPECT_VMAS(mm, "37-41rw");
        strip_done(mm);
}

/* ------------------------------------------------------------------ brk */

static void set_heap(struct mm *mm, u64 brk)
{
        struct mm_image image = { .start_brk = brk };

        mm_set_image(mm, &image);
}

TEST(brk_grows_and_shrinks)
{
        struct mm *mm = strip_empty();

        set_heap(mm, at_page(0) + 100);
        EXPECT_EQ(mm_brk(mm, &user_caller, 0), at_page(0) + 100);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(0) + 200), at_page(0) + 200);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(4) + 1), at_page(4) + 1);
        EXPECT_VMAS(mm, "1-5rw");
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(6)), at_page(6));
        EXPECT_VMAS(mm, "1-6rw");
        write_pages(mm, 1, 5, 'h');
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(2)), at_page(2));
        EXPECT_STRIP(mm, ".h....");
        EXPECT_EQ(mm_brk(mm, &user_caller, ~0UL), at_page(2));
        strip_done(mm);
}

TEST(brk_leaves_a_page_below_the_next_mapping)
{
        struct mm *mm = strip_empty();

        set_heap(mm, at_page(0));
        map_pages(mm, 5, 1, PROT_READ, 0);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(5)), at_page(0));
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(4)), at_page(4));
        strip_done(mm);
}

TEST(brk_does_not_join_what_lies_above)
{
        struct mm *mm = strip_empty();

        set_heap(mm, at_page(0));
        map_pages(mm, 3, 1, PROT_READ | PROT_WRITE, 0);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(2)), at_page(2));
        EXPECT_VMAS(mm, "0-2rw 3-4rw");
        strip_done(mm);
}

/* ------------------------------------------------------------------ shared memory */

TEST(shared_mappings_have_objects_of_their_own)
{
        struct mm *mm = strip_empty();
        struct mm_stats stats;

        for (unsigned i = 0; i < 2; i++) {
                struct mmap_request req = {
                        .addr = at_page(i * 2),
                        .len = 2 * PAGE_SIZE,
                        .prot = PROT_READ | PROT_WRITE,
                        .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
                };

                EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        }
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(mm_committed(), 4);
        write_pages(mm, 0, 2, 's');
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_shmem, 2);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 2);
        strip_done(mm);
}

/* ------------------------------------------------------------------ out of memory */

static int do_mmap_fixed(struct mm *mm)
{
        return (int)map_at(mm, at_page(2), 2 * PAGE_SIZE, MAP_FIXED) >> 31;
}

static int do_munmap(struct mm *mm)
{
        return mm_munmap(mm, &user_caller, at_page(2), PAGE_SIZE);
}

static int do_mmap_shared(struct mm *mm)
{
        struct mmap_request req = {
                .addr = at_page(1),
                .len = 2 * PAGE_SIZE,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
        };
        s64 at = mm_mmap(mm, &user_caller, &req);

        return at < 0 ? (int)at : 0;
}

/* The n-th allocation fails, for every n until none does: then nothing may have changed. */
static void fail_each_allocation(int (*call)(struct mm *mm))
{
        for (unsigned n = 1;; n++) {
                struct mm *mm = strip("AAAA.BB");
                char *before = strip_snapshot(mm), *after;
                int err;

                fail_alloc_nth(n, false);
                err = call(mm);
                fail_alloc_nth(0, false);
                after = strip_snapshot(mm);
                if (err)
                        EXPECT_STREQ(before, after);
                free(before);
                free(after);
                strip_done(mm);
                if (!err)
                        break;
                ASSERT_TRUE(n < 100);
        }
}

TEST(calls_survive_every_failed_allocation)
{
        fail_each_allocation(do_mmap_fixed);
        fail_each_allocation(do_munmap);
        fail_each_allocation(do_mmap_shared);
}
