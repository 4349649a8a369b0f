/* SPDX-License-Identifier: MIT */
/* Where things go: layouts, hints, alignment. */
#include "tests/unit/fixture.h"

static struct mm *mm_with_stack(u64 rlimit, u64 seed, bool legacy)
{
        struct mm_layout layout = { .stack_rlimit = rlimit, .seed = seed, .legacy = legacy };
        struct mm *mm = mm_create(&layout);

        ASSERT_TRUE(mm);
        return mm;
}

static s64 first_place(u64 stack_rlimit)
{
        struct mm *mm = mm_with_stack(stack_rlimit, 0, false);
        struct mmap_request req = { .len = PAGE_SIZE,
                                    .prot = RW,
                                    .flags = MAP_PRIVATE | MAP_ANONYMOUS };
        s64 at = mm_mmap(mm, &user_caller, &req);

        strip_done(mm);
        return at;
}

TEST(places_begin_below_the_gap_for_the_stack)
{
        EXPECT_EQ(first_place(0), 0x7ffff7ffe000);
        EXPECT_EQ(first_place(8 * MIB), 0x7ffff7ffe000);
        EXPECT_EQ(first_place(64 * MIB), 0x7ffff7ffe000);
        EXPECT_EQ(first_place(1024 * MIB), 0x7fffbfefe000);
        EXPECT_EQ(first_place(MM_NO_LIMIT), 0x155555555000); /* a sixth of everything */
        EXPECT_EQ(first_place(TASK_SIZE), 0x155555555000);
}

TEST(program_is_placed_at_two_thirds)
{
        struct mm *mm = mm_with_stack(8 * MIB, 0, false);

        EXPECT_EQ(mm_pie_base(mm), 0x555555554000);
        strip_done(mm);
}

TEST(seeds_move_everything_and_are_repeatable)
{
        struct mm *a = mm_with_stack(8 * MIB, 7, false), *b = mm_with_stack(8 * MIB, 7, false);
        struct mm *c = mm_with_stack(8 * MIB, 8, false), *d = mm_with_stack(8 * MIB, 7, true);
        struct mm *fixed = mm_with_stack(8 * MIB, 0, false);

        EXPECT_EQ(a->mmap_base, b->mmap_base);
        EXPECT_EQ(a->stack_top, b->stack_top);
        EXPECT_EQ(mm_pie_base(a), mm_pie_base(b));
        EXPECT_NE(a->mmap_base, c->mmap_base);
        EXPECT_NE(a->stack_top, c->stack_top);
        EXPECT_NE(mm_pie_base(a), mm_pie_base(c));
        EXPECT_LT(a->mmap_base, fixed->mmap_base);
        EXPECT_EQ(a->mmap_bottom, fixed->mmap_bottom);
        EXPECT_LT(fixed->mmap_bottom, d->mmap_bottom);
        EXPECT_LT(fixed->pie_base, a->pie_base);
        EXPECT_EQ((a->mmap_base | a->stack_top | a->pie_base | d->mmap_bottom) & ~PAGE_MASK, 0);
        mm_put(a);
        mm_put(b);
        mm_put(c);
        mm_put(d);
        strip_done(fixed);
}

TEST(place_above_when_there_is_none_below)
{
        struct mm *mm = mm_with_stack(MM_NO_LIMIT, 0, false);
        struct mmap_request req = { .len = 0x150000000000,
                                    .prot = PROT_NONE,
                                    .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x5555400000);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x2aaaaac00000); /* upwards from a third */
        req.len = 0x7f0000000000;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -ENOMEM);
        strip_done(mm);
}

TEST(place_of_whole_huge_pages_is_plain_when_there_is_no_room_to_align)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = { .addr = 0x40000000,
                                    .len = 0x40000000 - HUGE - PAGE_SIZE,
                                    .prot = PROT_NONE,
                                    .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x40000000);
        req = (struct mmap_request){ .len = HUGE,
                                     .prot = RW,
                                     .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT };
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x80000000 - HUGE - PAGE_SIZE);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -ENOMEM);
        strip_done(mm);
}

TEST(place_bottom_up_is_aligned_upwards)
{
        struct mm *mm = mm_with_stack(8 * MIB, 0, true);
        struct mmap_request req = { .len = HUGE, .prot = RW, .flags = MAP_PRIVATE | MAP_ANONYMOUS };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x2aaaaac00000);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x2aaaaae00000);
        strip_done(mm);
}

TEST(hint_with_32_bits_must_lie_below_2_GiB)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = { .addr = 0x80000000 - PAGE_SIZE,
                                    .len = PAGE_SIZE,
                                    .prot = RW,
                                    .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x7ffff000);
        req.len = 2 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x40000000);
        req.addr = 0x100000000;
        req.len = PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x40002000);
        strip_done(mm);
}

TEST(hint_must_end_in_user_space)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = { .addr = TASK_SIZE - PAGE_SIZE,
                                    .len = PAGE_SIZE,
                                    .prot = RW,
                                    .flags = MAP_PRIVATE | MAP_ANONYMOUS };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)(TASK_SIZE - PAGE_SIZE));
        req.addr = TASK_SIZE;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x7ffff7ffe000);
        req.addr = 1UL << 63;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x7ffff7ffd000);
        strip_done(mm);
}
