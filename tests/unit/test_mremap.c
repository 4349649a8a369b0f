/* SPDX-License-Identifier: MIT */
/* mremap(): every check in its order, every way to move, what a refusal leaves behind. */
#include "tests/unit/fixture.h"

#include "mm/fail_alloc.h"
#include "mm/mremap.h"

#define MAYMOVE MREMAP_MAYMOVE
#define FIXED   (MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP    (MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

/* ------------------------------------------------------------------ arguments */

TEST(arguments_are_refused_with_einval)
{
        struct mm *mm = strip("AAAA");
        char *before = strip_snapshot(mm), *after;
        u64 a = at_page(0), P = PAGE_SIZE, to = at_page(16);
        static const struct {
                u64 addr, old, new, flags, to; /* pages or bytes, added to the base in the loop */
        } rows[] = {
                { 0, 4096, 4096, 8, 0 },                     /* unknown flag */
                { 1, 4096, 4096, 0, 0 },                     /* misaligned */
                { 0, 4096, 0, 0, 0 },                        /* to nothing */
                { 0, 4096, TASK_SIZE + 1, MAYMOVE, 0 },      /* longer than user space */
                { 0, 4096, 4096, FIXED, 1 },                 /* misaligned target */
                { 0, 4096, 4096, FIXED, TASK_SIZE - 65536 }, /* target outside (added to it) */
                { 0, 4096, 4096, MREMAP_FIXED, 0 },          /* FIXED alone */
                { 0, 4096, 4096, MREMAP_DONTUNMAP, 0 },      /* DONTUNMAP alone */
                { 0, 4096, 8192, KEEP, 0 },                  /* DONTUNMAP with a new length */
                { 0, 8192, 8192, FIXED, (u64)-15 * 4096 },   /* overlaps its own upper page */
                { 0, 4096, 4096, KEEP, (u64)-16 * 4096 },    /* a hint on itself */
                { 0, ~0UL, 4 * 4096, 0, 0 },                 /* old length wraps to 0 */
        };

        (void)P;
        for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
                EXPECT_EQ(mm_mremap(mm, &user_caller, a + rows[i].addr, rows[i].old, rows[i].new,
                                    rows[i].flags, to + rows[i].to),
                          -EINVAL);
        after = strip_snapshot(mm);
        EXPECT_STREQ(before, after);
        free(before);
        free(after);
        strip_done(mm);
}

TEST(new_addr_is_ignored_without_fixed_or_dontunmap)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), PAGE_SIZE, PAGE_SIZE, 0, 12345),
                  (s64)at_page(0));
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), PAGE_SIZE, TASK_SIZE, MAYMOVE, ~0UL),
                  -ENOMEM);
        strip_done(mm);
}

TEST(einval_before_enomem_before_efault)
{
        struct mm *mm = strip("AA.BB");

        mm_sysctl.max_map_count = 7;
        EXPECT_EQ(remap(mm, 32, 1, 1, FIXED, 40), -ENOMEM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(32), 4096, 4096, FIXED, at_page(40) + 1),
                  -EINVAL);
        EXPECT_EQ(remap(mm, 32, 1, 1, MAYMOVE, 40), -EFAULT);
        mm_sysctl.max_map_count = 8;
        EXPECT_EQ(remap(mm, 32, 1, 1, FIXED, 40), -EFAULT);
        strip_done(mm);
}

TEST(no_mapping_at_addr_is_efault)
{
        struct mm *mm = strip(".A.");

        EXPECT_EQ(remap(mm, 0, 1, 1, 0, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 1, 2, MAYMOVE, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 2, 0, 1, MAYMOVE, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 2, 1, 1, FIXED, 8), -EFAULT);
        EXPECT_EQ(mm_mremap(mm, &user_caller, TASK_SIZE, 4096, 4096, 0, 0), -EFAULT);
        EXPECT_EQ(mm_mremap(mm, &user_caller, ~0xfffUL, 4096, 8192, MAYMOVE, 0), -EFAULT);
        strip_done(mm);
}

/* ------------------------------------------------------------------ in place */

TEST(equal_length_is_a_no_op_for_any_old_length)
{
        struct mm *mm = strip("AA..BB");

        EXPECT_EQ(remap(mm, 0, 2, 2, 0, 0), 0);
        EXPECT_EQ(remap(mm, 1, 60, 60, 0, 0), 1);
        EXPECT_STRIP(mm, "AA..BB");
        strip_done(mm);
}

TEST(shrink_unmaps_the_tail_over_anything)
{
        struct mm *mm = strip("AAAA.BB.C");

        EXPECT_EQ(remap(mm, 0, 7, 2, 0, 0), 0);
        EXPECT_STRIP(mm, "AA......C");
        EXPECT_EQ(remap(mm, 0, 1UL << 40, 1, 0, 0), -EINVAL);
        EXPECT_STRIP(mm, "AA......C");
        strip_done(mm);
}

TEST(shrink_in_the_middle_splits)
{
        struct mm *mm = strip("AAAAAA");

        EXPECT_EQ(remap(mm, 1, 3, 1, MAYMOVE, 0), 1);
        EXPECT_STRIP(mm, "AA..AA");
        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(remap(mm, 4, 2, 1, 0, 0), 4); /* to the end of its VMA: no split */
        EXPECT_STRIP(mm, "AA..A.");
        strip_done(mm);
}

TEST(grow_in_place_takes_free_room)
{
        struct mm *mm = strip("AA..B");

        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_STRIP(mm, "AA--B");
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(remap(mm, 0, 4, 5, 0, 0), -ENOMEM);
        EXPECT_EQ(remap(mm, 0, 1, 2, 0, 0), -ENOMEM);
        strip_done(mm);
}

TEST(grow_in_place_closes_a_gap_and_merges)
{
        struct mm *mm = strip("AA..--");

        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_VMAS(mm, "0-6rw");
        strip_done(mm);
        mm = strip("AA..AA");
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_VMAS(mm, "0-4rw 4-6rw");
        strip_done(mm);
}

TEST(grow_in_place_ignores_a_guard_gap)
{
        struct mm *mm = strip("AA");

        map_pages(mm, 6, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(remap(mm, 0, 2, 6, 0, 0), 0);
        EXPECT_EQ(remap(mm, 6, 1, 3, 0, 0), 6);
        EXPECT_VMAS(mm, "0-6rw 6-9rw");
        strip_done(mm);
}

TEST(growth_across_the_end_of_a_mapping_is_efault)
{
        struct mm *mm = strip("AABB");

        EXPECT_EQ(remap(mm, 0, 3, 5, 0, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 3, 5, MAYMOVE, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 3, 5, FIXED, 10), -EFAULT);
        EXPECT_STRIP(mm, "AABB");
        strip_done(mm);
}

TEST(growth_keeps_to_the_limits)
{
        struct mm *mm = strip("AA");
        struct mm_caller who = user_caller;

        who.rlimit_as = 3 * PAGE_SIZE;
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 4, 0, 0), -ENOMEM);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 3, 0, 0), 0);
        who = user_caller;
        who.rlimit_data = 3 * PAGE_SIZE;
        EXPECT_EQ(remap_as(mm, &who, 0, 3, 4, MAYMOVE, 0), -ENOMEM);
        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 4;
        EXPECT_EQ(remap(mm, 0, 3, 4, MAYMOVE, 0), -ENOMEM);
        EXPECT_VMAS(mm, "0-3rw");
        EXPECT_EQ(mm_committed(), 3);
        strip_done(mm);
}

/* ------------------------------------------------------------------ moving */

TEST(maymove_moves_when_there_is_no_room)
{
        struct mm *mm = strip("AAB");
        s64 to = remap(mm, 0, 2, 4, MAYMOVE, 0);

        EXPECT_EQ(to, 0x7ffff7ffb000);
        EXPECT_STRIP(mm, "..B");
        EXPECT_EQ(peek_byte(mm, (u64)to), 'A');
        EXPECT_EQ(peek_byte(mm, (u64)to + 3 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(growth_by_moving_to_whole_huge_pages_is_aligned)
{
        struct mm *mm = strip("AB");

        EXPECT_EQ(remap(mm, 0, 1, 512, MAYMOVE, 0), 0x7ffff7c00000);
        strip_done(mm);
}

TEST(fixed_moves_and_replaces)
{
        struct mm *mm = strip("AABB..");

        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 3), 3);
        EXPECT_STRIP(mm, "..BAA.");
        EXPECT_EQ(mm_committed(), 2);
        strip_done(mm);
}

TEST(fixed_moves_the_middle_page)
{
        struct mm *mm = strip("AAA...");

        EXPECT_EQ(remap(mm, 1, 1, 1, FIXED, 4), 4);
        EXPECT_STRIP(mm, "A.A.A.");
        EXPECT_VMAS(mm, "0-1rw 2-3rw 4-5rw");
        EXPECT_EQ(remap(mm, 4, 1, 1, FIXED, 1), 1);
        EXPECT_VMAS(mm, "0-3rw");
        EXPECT_STRIP(mm, "AAA...");
        strip_done(mm);
}

TEST(fixed_grows_into_its_new_place)
{
        struct mm *mm = strip("AAB..CCCC");

        EXPECT_EQ(remap(mm, 0, 2, 3, FIXED, 4), 4);
        EXPECT_STRIP(mm, "..B.AA-CC");
        strip_done(mm);
}

TEST(fixed_shrinks_on_the_way)
{
        struct mm *mm = strip("AAAB..CC");

        EXPECT_EQ(remap(mm, 0, 3, 2, FIXED, 5), 5);
        EXPECT_STRIP(mm, "...B.AAC");
        EXPECT_EQ(mm_committed(), 3);
        strip_done(mm);
        mm = strip("AAABB.CC"); /* the rest of the range may be anything */
        EXPECT_EQ(remap(mm, 0, 5, 2, FIXED, 5), 5);
        EXPECT_STRIP(mm, ".....AAC");
        strip_done(mm);
}

TEST(untouched_pages_stay_untouched)
{
        struct mm *mm = strip("------");

        write_pages(mm, 1, 1, 'x');
        write_pages(mm, 4, 1, 'y');
        EXPECT_EQ(remap(mm, 0, 6, 6, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........-x--y-");
        strip_done(mm);
}

TEST(fixed_low_needs_a_capability_and_destroys_first)
{
        struct mm *mm = strip("AAA");
        struct mmap_request low = {
                .len = PAGE_SIZE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &low), 0);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, PAGE_SIZE, FIXED, 0),
                  -EPERM);
        EXPECT_STRIP(mm, "A..");
        EXPECT_TRUE(!vma_at(mm, 0));
        EXPECT_EQ(mm_mremap(mm, &root_caller, at_page(0), PAGE_SIZE, PAGE_SIZE, FIXED, 0), 0);
        EXPECT_EQ(peek_byte(mm, 0), 'A');
        strip_done(mm);
}

TEST(source_and_target_in_one_mapping)
{
        struct mm *mm = strip("AAAAAAAA");

        EXPECT_EQ(remap(mm, 6, 2, 2, FIXED, 1), 1);
        EXPECT_STRIP(mm, "AAAAAA..");
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-6rw");
        strip_done(mm);
        mm = strip("--------");
        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 4), 4); /* joins both parts of its own VMA again */
        EXPECT_VMAS(mm, "2-8rw");
        strip_done(mm);
}

TEST(old_address_is_gone_after_a_move)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 8), 8);
        EXPECT_EQ(touch(mm, at_page(0), false).code, 1);
        EXPECT_EQ(touch(mm, at_page(1), true).code, 1);
        strip_done(mm);
}

/* ------------------------------------------------------------------ merging */

TEST(untouched_memory_merges_where_it_arrives)
{
        struct mm *mm = strip("--------");

        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 8), 8);
        EXPECT_VMAS(mm, "2-10rw");
        strip_done(mm);
}

TEST(touched_memory_merges_only_where_it_came_from)
{
        struct mm *mm = strip("AAAA..--");

        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 8), 8);
        EXPECT_VMAS(mm, "2-4rw 6-8rw 8-10rw");
        EXPECT_EQ(remap(mm, 8, 2, 2, FIXED, 0), 0);
        EXPECT_VMAS(mm, "0-4rw 6-8rw");
        strip_done(mm);
}

TEST(fork_child_merges_with_its_own_half_only)
{
        struct mm *parent = strip("AAAA"), *child;
        int err;

        child = mm_fork(parent, &user_caller, &err);
        ASSERT_TRUE(child);
        EXPECT_EQ(remap(child, 2, 2, 2, FIXED, 8), 8);
        EXPECT_EQ(remap(child, 8, 2, 2, FIXED, 2), 2);
        EXPECT_VMAS(child, "0-4rw");
        EXPECT_EQ(remap(child, 2, 2, 2, FIXED, 8), 8);
        map_pages(child, 0, 2, RW, 0);
        EXPECT_EQ(remap(child, 8, 2, 2, FIXED, 2), 2);
        EXPECT_VMAS(child, "0-2rw 2-4rw");
        EXPECT_STRIP(child, "--AA");
        EXPECT_STRIP(parent, "AAAA");
        mm_put(child);
        strip_done(parent);
}

TEST(moved_copy_on_write_pages_stay_private)
{
        struct mm *parent = strip("AAAA"), *child;
        int err;

        child = mm_fork(parent, &user_caller, &err);
        ASSERT_TRUE(child);
        write_pages(child, 1, 1, 'c');
        EXPECT_EQ(remap(child, 0, 4, 4, FIXED, 8), 8);
        write_pages(parent, 0, 4, 'p');
        EXPECT_STRIP(child, "........AcAA");
        write_pages(child, 8, 4, 'd');
        EXPECT_STRIP(parent, "pppp");
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ several VMAs */

TEST(move_leaves_what_lies_under_a_gap)
{
        struct mm *mm = strip("AA..BB....CCCCCC");

        EXPECT_EQ(remap(mm, 0, 6, 6, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........AACCBB");
        strip_done(mm);
}

TEST(move_may_end_in_a_gap_but_not_begin_in_one)
{
        struct mm *mm = strip(".AB...");

        EXPECT_EQ(remap(mm, 0, 6, 6, FIXED, 10), -EFAULT);
        EXPECT_EQ(remap(mm, 1, 5, 5, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........AB....");
        strip_done(mm);
}

TEST(move_cuts_its_first_and_last_mapping)
{
        struct mm *mm = strip("AABBAA");

        EXPECT_EQ(remap(mm, 1, 4, 4, FIXED, 10), 10);
        EXPECT_STRIP(mm, "A....A....ABBA");
        strip_done(mm);
}

TEST(resize_never_covers_several_mappings)
{
        struct mm *mm = strip("AABB");

        EXPECT_EQ(remap(mm, 0, 4, 5, FIXED, 10), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 4, 4, KEEP, 10), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED | KEEP, 10), 10);
        EXPECT_STRIP(mm, "----......AABB");
        strip_done(mm);
}

/* ------------------------------------------------------------------ DONTUNMAP */

TEST(dontunmap_leaves_an_empty_mapping)
{
        struct mm *mm = strip("AAA");
        struct mm_stats stats;

        EXPECT_EQ(remap(mm, 0, 3, 3, KEEP | FIXED, 8), 8);
        EXPECT_STRIP(mm, "---.....AAA");
        EXPECT_EQ(mm_committed(), 6);
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon, 3);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 0);
        map_pages(mm, 3, 1, RW, 0); /* the old place is as good as new */
        EXPECT_VMAS(mm, "0-4rw 8-11rw");
        strip_done(mm);
}

TEST(dontunmap_of_a_part_does_not_split)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(remap(mm, 1, 2, 2, KEEP | FIXED, 8), 8);
        EXPECT_STRIP(mm, "A--A....AA");
        EXPECT_VMAS(mm, "0-4rw 8-10rw");
        strip_done(mm);
}

TEST(dontunmap_takes_a_hint)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(remap(mm, 0, 2, 2, KEEP, 8), 8);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(8), PAGE_SIZE, PAGE_SIZE, KEEP, 0x1000),
                  0x1000);
        EXPECT_EQ(remap(mm, 9, 1, 1, KEEP, 0), 0x7ffff7ffe000); /* occupied */
        strip_done(mm);
}

TEST(dontunmap_beside_itself_merges_if_untouched)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(remap(mm, 0, 2, 2, KEEP | FIXED, 2), 2);
        EXPECT_VMAS(mm, "0-4rw");
        strip_done(mm);
        mm = strip("AA");
        EXPECT_EQ(remap(mm, 0, 2, 2, KEEP | FIXED, 2), 2);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_STRIP(mm, "--AA");
        strip_done(mm);
}

TEST(dontunmap_credits_the_target_it_replaces)
{
        struct mm *mm = strip("AA..BB");
        struct mm_caller who = user_caller;

        who.rlimit_as = 4 * PAGE_SIZE;
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP, 8), -ENOMEM);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP | FIXED, 4), 4);
        EXPECT_STRIP(mm, "--..AA");
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP | FIXED, 8), -ENOMEM);
        strip_done(mm);
}

TEST(dontunmap_refused_for_a_limit_has_destroyed_its_target)
{
        struct mm *mm = strip("AAAA..B");
        struct mm_caller who = user_caller;

        who.rlimit_as = 5 * PAGE_SIZE;
        EXPECT_EQ(remap_as(mm, &who, 0, 4, 4, KEEP | FIXED, 6), -ENOMEM);
        EXPECT_STRIP(mm, "AAAA...");
        strip_done(mm);
}

TEST(fixed_growth_refused_by_the_commit_limit_has_destroyed_its_target)
{
        struct mm *mm = strip("A...CC");

        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 4;
        EXPECT_EQ(remap(mm, 0, 1, 2, FIXED, 4), -ENOMEM);
        EXPECT_STRIP(mm, "A.....");
        strip_done(mm);
}

/* ------------------------------------------------------------------ out of memory */

static const struct scenario {
        const char *strip;
        unsigned page, old, new, to;
        u64 flags;
} scenarios[] = {
        { "AAAA", 0, 4, 4, 8, FIXED },
        { "AAAA....BBBB", 0, 4, 4, 8, FIXED },
        { "AAAA", 1, 2, 2, 8, FIXED },
        { "AAAABB", 0, 4, 6, 0, MAYMOVE },
        { "AAAA..BBBB", 0, 4, 3, 7, FIXED },
        { "AAAA", 0, 4, 4, 8, KEEP | FIXED },
        { "AAAAAAAA", 6, 2, 2, 1, FIXED },
        { "AAAA", 0, 4, 8, 0, 0 },
        { "AAAAAAAA", 2, 4, 2, 0, 0 },
        { "AAAA......CCCCCC", 0, 2, 4, 11, FIXED },
        { "AAAAAA....CCCCCC", 1, 4, 2, 11, FIXED },
};

TEST(every_failed_allocation_leaves_everything_as_it_was)
{
        for (unsigned i = 0; i < ARRAY_SIZE(scenarios); i++) {
                const struct scenario *s = &scenarios[i];

                for (unsigned n = 1;; n++) {
                        struct mm *mm = strip(s->strip);
                        char *before = strip_snapshot(mm), *after;
                        s64 result;

                        fail_alloc_nth(n, false);
                        result = remap(mm, s->page, s->old, s->new, s->flags, s->to);
                        fail_alloc_nth(0, false);
                        after = strip_snapshot(mm);
                        if (result < 0) {
                                EXPECT_EQ(result, -ENOMEM);
                                EXPECT_STREQ(before, after);
                        }
                        free(before);
                        free(after);
                        strip_done(mm);
                        if (result >= 0)
                                break;
                        ASSERT_TRUE(n < 100);
                }
        }
}

TEST(planning_twice_gives_the_same_plan)
{
        struct mm *mm = strip("AAAA..BBBB");
        struct mremap_request req = {
                .mm = mm,
                .who = &user_caller,
                .addr = at_page(0),
                .old_len = 4 * PAGE_SIZE,
                .new_len = 3 * PAGE_SIZE,
                .new_addr = at_page(7),
                .flags = FIXED,
        };
        struct remap_plan a, b;

        memset(&a, 0, sizeof(a));
        memset(&b, 0, sizeof(b));
        mremap_plan(&req, vma_at(mm, req.addr), &a);
        mremap_plan(&req, vma_at(mm, req.addr), &b);
        EXPECT_EQ(memcmp(&a, &b, sizeof(a)), 0);
        strip_done(mm);
}
