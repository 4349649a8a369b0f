/* SPDX-License-Identifier: MIT */
/*
 * mremap() at its edges: a page more or less of everything, each refusal just before and just
 * behind its border, and what a plan that is refused midway leaves.
 */
#include "tests/unit/fixture.h"

#define P       PAGE_SIZE
#define MAYMOVE MREMAP_MAYMOVE
#define FIXED   (MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP    (MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

static void map_at(struct mm *mm, u64 addr, u64 len)
{
        struct mmap_request req = map_request(0, 1, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        req.addr = addr;
        req.len = len;
        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)addr);
}

/* ------------------------------------------------------------------ the arguments */

TEST(lengths_are_rounded_up_to_pages)
{
        struct mm *mm = strip("AAAA");
        u64 a = at_page(0);

        EXPECT_EQ(mm_mremap(mm, &user_caller, a, 4 * P, 2 * P + 1, 0, 0), (s64)a);
        EXPECT_STRIP(mm, "AAA.");
        EXPECT_EQ(mm_mremap(mm, &user_caller, a, 2 * P + 1, 3 * P, 0, 0), (s64)a); /* equal */
        EXPECT_STRIP(mm, "AAA.");
        EXPECT_EQ(mm_mremap(mm, &user_caller, a, P + 1, P - 1, 0, 0), (s64)a);
        EXPECT_STRIP(mm, "A.A.");
        EXPECT_EQ(mm_mremap(mm, &user_caller, a, 1, 2, FIXED, at_page(5)), (s64)at_page(5));
        EXPECT_STRIP(mm, "..A..A");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(5), 5, P + 5, 0, 0), (s64)at_page(5));
        EXPECT_STRIP(mm, "..A..A-");
        strip_done(mm);
}

TEST(a_target_may_end_where_user_space_does)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 2 * P, FIXED, TASK_SIZE - P),
                  -EINVAL);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 2 * P, FIXED, TASK_SIZE), -EINVAL);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 2 * P, KEEP, TASK_SIZE - P),
                  -EINVAL);
        EXPECT_STRIP(mm, "AAAA");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 2 * P, FIXED, TASK_SIZE - 2 * P),
                  (s64)(TASK_SIZE - 2 * P));
        EXPECT_STRIP(mm, "..AA");
        EXPECT_EQ(peek_byte(mm, TASK_SIZE - 1 - P), 0);
        EXPECT_EQ(peek_byte(mm, TASK_SIZE - P), 'A');
        strip_done(mm);
}

TEST(equal_lengths_change_nothing_whatever_they_cover)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), TASK_SIZE, TASK_SIZE, 0, 0),
                  (s64)at_page(0));
        EXPECT_STRIP(mm, "A.");
        strip_done(mm);
}

TEST(growth_may_end_where_user_space_does)
{
        struct mm *mm = strip_empty();

        map_at(mm, TASK_SIZE - 3 * P, P);
        EXPECT_EQ(mm_mremap(mm, &user_caller, TASK_SIZE - 3 * P, P, 3 * P, 0, 0),
                  (s64)(TASK_SIZE - 3 * P));
        EXPECT_EQ(stats_of(mm).total_vm, 3);
        strip_done(mm);
}

TEST(a_tail_may_end_where_user_space_does)
{
        struct mm *mm = strip_empty();
        u64 top = TASK_SIZE - 2 * P;

        map_at(mm, top, 2 * P);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 3 * P, P, 0, 0), -EINVAL);
        EXPECT_EQ(stats_of(mm).total_vm, 2);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 2 * P, P, 0, 0), (s64)top);
        EXPECT_EQ(stats_of(mm).total_vm, 1);
        strip_done(mm);
}

/* ------------------------------------------------------------------ the mapping */

TEST(a_move_that_shrinks_stays_within_one_mapping)
{
        struct mm *mm = strip("AA..BB");

        EXPECT_EQ(remap(mm, 0, 6, 4, FIXED, 20), -EFAULT);
        EXPECT_EQ(remap(mm, 1, 3, 2, FIXED, 20), -EFAULT);
        EXPECT_STRIP(mm, "AA..BB");
        EXPECT_EQ(remap(mm, 0, 6, 2, FIXED, 20), 20); /* all else of the range is unmapped */
        EXPECT_STRIP(mm, "....................AA");
        strip_done(mm);
}

/* Each of the two flags by itself: drivers set one without the other. */
TEST(frames_and_fixed_lengths_neither_grow_nor_stay_behind)
{
        static const u64 kinds[] = { VM_PFNMAP, VM_DONTEXPAND };

        for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
                struct mm *mm = strip("--");

                make_special(mm, 0, kinds[i]);
                EXPECT_EQ(remap(mm, 0, 2, 3, 0, 0), -EFAULT);
                EXPECT_EQ(remap(mm, 0, 2, 3, FIXED, 20), -EFAULT);
                EXPECT_EQ(remap(mm, 0, 2, 2, KEEP, 20), -EINVAL);
                EXPECT_EQ(remap(mm, 0, 2, 2, KEEP | FIXED, 20), -EINVAL);
                EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 20), 20);
                EXPECT_VMAS(mm, "20-22rw");
                strip_done(mm);
        }
}

TEST(a_copy_near_the_limit_on_mappings_is_refused)
{
        struct mm *mm = strip("A.C.E.A.C.E.A");

        mm_sysctl.max_map_count = 12;
        EXPECT_EQ(remap(mm, 0, 1, 1, KEEP, 20), -ENOMEM); /* 7 + 2 >= 12 - 3 */
        mm_sysctl.max_map_count = 13;
        EXPECT_EQ(remap(mm, 0, 1, 1, KEEP, 20), 20);
        strip_done(mm);
}

TEST(copies_credit_the_data_they_replace)
{
        struct mm *mm = strip("AA..BB");
        struct mm_caller who = with_data(4, 4);

        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP | FIXED, 20), -ENOMEM);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP | FIXED, 5), -ENOMEM); /* half of it */
        EXPECT_STRIP(mm, "AA..B");
        write_pages(mm, 4, 1, 'B');
        map_pages(mm, 5, 1, RW, 0);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, KEEP | FIXED, 4), 4);
        EXPECT_STRIP(mm, "--..AA");
        strip_done(mm);
}

/* ------------------------------------------------------------------ refused midway */

TEST(a_sealed_target_refuses_the_move)
{
        struct mm *mm = strip("AA..B.");

        ASSERT_EQ(mm_mseal(mm, at_page(4), P, 0), 0);
        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 3), -EPERM);
        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED, 4), -EPERM);
        EXPECT_EQ(remap(mm, 0, 2, 2, FIXED | KEEP, 4), -EPERM);
        EXPECT_STRIP(mm, "AA..B.");
        strip_done(mm);
}

/* The reason is the seal, though the original is in the target as well. */
TEST(a_duplicate_over_itself_and_a_seal_is_refused_for_the_seal)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 1, RW);
        map_shared_anon(mm, 1, 1, RW);
        ASSERT_EQ(mm_mseal(mm, at_page(1), P, 0), 0);
        EXPECT_EQ(remap(mm, 0, 0, 2, FIXED, 0), -EPERM);
        EXPECT_VMAS(mm, "0-1rw 1-2rw");
        strip_done(mm);
}

TEST(a_sealed_tail_refuses_the_move)
{
        struct mm *mm = strip("AABB..C");

        ASSERT_EQ(mm_mseal(mm, at_page(2), 2 * P, 0), 0);
        EXPECT_EQ(remap(mm, 0, 4, 2, FIXED, 6), -EPERM);
        EXPECT_STRIP(mm, "AABB..."); /* the target was unmapped before */
        EXPECT_EQ(remap(mm, 0, 4, 2, 0, 0), -EPERM);
        EXPECT_STRIP(mm, "AABB...");
        strip_done(mm);
}

TEST(a_duplicate_of_the_middle_leaves_the_original_whole)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 3, RW);
        write_pages(mm, 0, 3, 'S');
        write_pages(mm, 1, 1, 'T');
        EXPECT_EQ(remap(mm, 1, 0, 1, FIXED, 10), 10);
        EXPECT_VMAS(mm, "0-3rw 10-11rw");
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'T');
        EXPECT_EQ(stats_of(mm).total_vm, 4);
        strip_done(mm);
}

/* Too low an address comes before any other refusal of the move itself. */
TEST(a_low_target_is_eperm_before_the_commit_limit)
{
        struct mm *mm = strip("AA");

        commit_leave(1);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 8 * P, FIXED, 0), -EPERM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * P, 8 * P, FIXED, at_page(20)),
                  -ENOMEM);
        EXPECT_STRIP(mm, "AA");
        strip_done(mm);
}

TEST(a_move_to_address_0_takes_all_mappings_along)
{
        struct mm *mm = strip("A.C");

        EXPECT_EQ(mm_mremap(mm, &root_caller, at_page(0), 3 * P, 3 * P, FIXED, 0), 0);
        EXPECT_STRIP(mm, "...");
        EXPECT_EQ(peek_byte(mm, 0), 'A');
        EXPECT_EQ(peek_byte(mm, 2 * P), 'C');
        EXPECT_EQ(mm_mremap(mm, &root_caller, 0, 3 * P, 3 * P, FIXED, at_page(0)), (s64)at_page(0));
        EXPECT_STRIP(mm, "A.C");
        strip_done(mm);
}

/* ------------------------------------------------------------------ places */

/* What lies at the hint stays; the copy goes elsewhere. */
TEST(a_hint_for_a_copy_replaces_nothing)
{
        struct mm *mm = strip("AA..B");
        s64 at = mm_mremap(mm, &user_caller, at_page(0), 2 * P, 2 * P, KEEP, at_page(4));

        EXPECT_EQ(at, 0x7ffff7ffd000);
        EXPECT_STRIP(mm, "--..B");
        EXPECT_EQ(peek_byte(mm, (u64)at), 'A');
        strip_done(mm);
}

TEST(a_copy_that_fits_nowhere_is_enomem)
{
        struct mm *mm = strip_empty();
        struct mmap_request req =
                map_request(0, 1, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, NULL, 0);
        s64 at[2];

        req.addr = 0;
        req.len = 45UL << 40;
        for (unsigned i = 0; i < 2; i++) {
                at[i] = mm_mmap(mm, &user_caller, &req);
                ASSERT_TRUE(at[i] > 0);
        }
        EXPECT_EQ(mm_mremap(mm, &user_caller, (u64)at[0], req.len, req.len, KEEP, 0), -ENOMEM);
        EXPECT_EQ(stats_of(mm).total_vm, 2 * req.len / P);
        strip_done(mm);
}

/* Anonymous memory of whole huge pages is aligned by address, wherever it began. */
TEST(growth_to_whole_huge_pages_is_aligned_from_any_page)
{
        struct mm *mm = strip(".A.C");
        s64 at = mm_mremap(mm, &user_caller, at_page(1), P, HUGE, MAYMOVE, 0);

        ASSERT_TRUE(at > 0);
        EXPECT_EQ((u64)at % HUGE, 0);
        EXPECT_EQ(peek_byte(mm, (u64)at), 'A');
        strip_done(mm);
}

/* Private /dev/zero goes where its offset asks for; a private file has no wish. */
TEST(files_are_aligned_if_they_are_zeroes)
{
        for (unsigned zero = 0; zero < 2; zero++) {
                struct backing *file = file_create("a", zero ? BACKING_ZERO : 0);
                struct mm *mm = strip(".....C");
                s64 at;

                map_file(mm, 1, 4, RW, MAP_PRIVATE, file, 3);
                at = mm_mremap(mm, &user_caller, at_page(1), 4 * P, 2 * HUGE, MAYMOVE, 0);
                ASSERT_TRUE(at > 0);
                if (zero)
                        EXPECT_EQ((u64)at % HUGE, 3 * P);
                else
                        EXPECT_EQ((u64)at, 0x7ffff7fff000 - 2 * HUGE);
                backing_put(file);
                strip_done(mm);
        }
}

/* Mappings that grow down keep the place below them free from whatever has no address of its own.
 */
TEST(no_place_is_found_in_the_gap_below_a_stack)
{
        struct mm *mm = strip_empty();
        u64 stack = 0x7ffff7fff000 - 300 * P;
        struct mmap_request req = map_request(0, 1, RW, MAP_PRIVATE, NULL, 0);
        s64 at;

        map_at(mm, stack + P, 299 * P); /* nothing is free above it */
        req.addr = stack;
        req.flags |= MAP_FIXED | MAP_GROWSDOWN;
        ASSERT_EQ(mm_mmap(mm, &user_caller, &req), (s64)stack);
        req = map_request(0, 1, RW, MAP_PRIVATE, NULL, 0);
        req.addr = 0;
        at = mm_mmap(mm, &user_caller, &req);
        EXPECT_EQ(at, (s64)(stack - STACK_GUARD_GAP - P));
        strip_done(mm);
}

/* ------------------------------------------------------------------ locked memory */

/* Faulted in is what is new, and nothing beside it. */
TEST(growth_of_locked_memory_touches_no_neighbour)
{
        struct mm *mm = strip("AA..--");

        ASSERT_EQ(mm_mlock(mm, &root_caller, at_page(0), 2 * P, false), 0);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_STRIP(mm, "AA00--");
        strip_done(mm);

        mm = strip("AA........--....--");
        ASSERT_EQ(mm_mlock(mm, &root_caller, at_page(0), 2 * P, false), 0);
        EXPECT_EQ(remap(mm, 0, 2, 4, FIXED, 12), 12);
        EXPECT_STRIP(mm, "..........--AA00--");
        strip_done(mm);
}
