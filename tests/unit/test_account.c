/* SPDX-License-Identifier: MIT */
/* The commit limit, the classes of memory, limits, high-water marks; the life of an address space
 * and what others may read of it. */
#include "tests/unit/fixture.h"

#include "mm/account.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"

/* ------------------------------------------------------------------ accounts */

TEST(overcommit_guesses_refuses_never_or_keeps_a_limit)
{
        struct memory_stats memory;
        struct mm *mm = strip_empty();
        u64 ram;

        memory_stats(&memory);
        ram = memory.total;
        EXPECT_TRUE(commit_allows(mm, &user_caller, ram, 0));
        EXPECT_FALSE(commit_allows(mm, &user_caller, ram + 1, 0));
        mm_sysctl.overcommit_memory = 1;
        EXPECT_TRUE(commit_allows(mm, &user_caller, ~0UL >> 1, 0));
        mm_sysctl.overcommit_memory = 2;
        EXPECT_EQ(mm_commit_limit(), ram / 2); /* the ratio of 50 % */
        mm_sysctl.overcommit_kbytes = 400;
        EXPECT_EQ(mm_commit_limit(), 100);
        mm_sysctl.admin_reserve_kbytes = 80;
        EXPECT_TRUE(commit_allows(NULL, &root_caller, 99, 0));
        EXPECT_FALSE(commit_allows(NULL, &root_caller, 100, 0));
        EXPECT_TRUE(commit_allows(NULL, &user_caller, 79, 0)); /* less the administrator's */
        EXPECT_FALSE(commit_allows(NULL, &user_caller, 80, 0));
        EXPECT_FALSE(commit_allows(NULL, NULL, 80, 0));
        EXPECT_TRUE(commit_allows(NULL, NULL, 0, 0));
        mm_sysctl.admin_reserve_kbytes = 4000;
        EXPECT_FALSE(commit_allows(NULL, &user_caller, 1, 0)); /* all of it reserved */
        EXPECT_TRUE(commit_allows(NULL, &user_caller, 0, 0));  /* nothing is always there */
        strip_done(mm);
}

TEST(overcommit_reserve_of_a_program_is_a_32nd_of_it)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 992, PROT_READ, 0);
        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 400;
        mm_sysctl.admin_reserve_kbytes = 0;
        EXPECT_TRUE(commit_allows(mm, &user_caller, 68, 0));
        EXPECT_FALSE(commit_allows(mm, &user_caller, 69, 0));
        mm_sysctl.user_reserve_kbytes = 8;
        EXPECT_TRUE(commit_allows(mm, &user_caller, 97, 0));
        EXPECT_FALSE(commit_allows(mm, &user_caller, 98, 0));
        strip_done(mm);
}

TEST(noreserve_is_charged_all_the_same_in_mode_2)
{
        struct mm *mm = strip_empty();

        commit_leave(100);
        map_pages(mm, 0, 2, RW, MAP_NORESERVE);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        mm_sysctl.overcommit_memory = 0;
        map_pages(mm, 4, 2, RW, MAP_NORESERVE);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_FLAGS(mm, 4, "rd wr mr mw me nr");
        strip_done(mm);
}

TEST(data_limit_of_zero_is_none_below_a_hard_limit)
{
        struct mm *mm = strip("--");
        struct mm_caller who = with_data(0, 4);
        struct mmap_request req = map_request(8, 3, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        EXPECT_EQ(mm_mmap(mm, &who, &req), -ENOMEM);
        req.len = 2 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)req.addr);
        req = map_request(16, 3, RW, MAP_SHARED | MAP_FIXED, NULL, 0); /* shared: not data */
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)req.addr);
        req = map_request(24, 3, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, NULL, 0);
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)req.addr);
        strip_done(mm);
}

TEST(classes_of_memory)
{
        struct mm *mm = strip_empty();
        struct mm_stats s;

        map_pages(mm, 0, 1, RX, 0);
        map_pages(mm, 2, 2, RWX, 0);
        map_pages(mm, 5, 3, PROT_READ, MAP_GROWSDOWN);
        map_pages(mm, 300, 4, PROT_READ, 0);
        map_shared_anon(mm, 310, 5, RW);
        map_pages(mm, 320, 6, PROT_EXEC | PROT_READ, MAP_GROWSDOWN);
        s = stats_of(mm);
        EXPECT_EQ(s.exec_vm, 1);
        EXPECT_EQ(s.data_vm, 2);
        EXPECT_EQ(s.stack_vm, 9);
        EXPECT_EQ(s.total_vm, 21);
        EXPECT_EQ(s.map_count, 6);
        strip_done(mm);
}

TEST(high_water_marks_stay)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), 3 * PAGE_SIZE), 0);
        EXPECT_EQ(stats_of(mm).total_vm, 1);
        EXPECT_EQ(stats_of(mm).hiwater_vm, 4);
        EXPECT_EQ(stats_of(mm).hiwater_rss, 4);
        EXPECT_EQ(anon_pages_of(mm), 1);
        map_pages(mm, 10, 9, RW, 0);
        EXPECT_EQ(stats_of(mm).hiwater_vm, 10);
        strip_done(mm);
}

/* ------------------------------------------------------------------ life */

TEST(address_space_lives_while_it_is_referred_to)
{
        struct mm *mm = strip("A");

        mm_get(mm);
        mm_put(mm);
        EXPECT_STRIP(mm, "A");
        strip_done(mm);
}

TEST(address_spaces_are_told_apart_by_a_number)
{
        struct mm *mm = strip_empty(), *child = fork_of(mm);

        EXPECT_NE(mm_id(mm), mm_id(child));
        EXPECT_NE(mm_id(mm), 0);
        mm_put(child);
        strip_done(mm);
}

TEST(address_space_needs_memory)
{
        struct mm_layout layout = { .stack_rlimit = 8 * MIB };

        for (unsigned n = 1;; n++) {
                struct mm *mm;

                fail_alloc_nth(n, false);
                mm = mm_create(&layout);
                fail_alloc_nth(0, false);
                if (mm) {
                        EXPECT_LT(1, n);
                        mm_put(mm);
                        break;
                }
                ASSERT_TRUE(n < 10);
        }
}

TEST(image_is_kept_and_handed_on)
{
        struct mm *mm = strip_empty(), *child;
        struct mm_image image = { .start_code = 1, .end_code = 2, .start_brk = at_page(3) }, out;

        mm_set_image(mm, &image);
        child = fork_of(mm);
        mm_get_image(child, &out);
        EXPECT_EQ(memcmp(&image, &out, sizeof(out)), 0);
        EXPECT_EQ(mm_brk(child, &user_caller, 0), at_page(3));
        mm_put(child);
        strip_done(mm);
}

TEST(regions_tell_what_is_mapped)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip("A");
        struct mm_image image = { .start_brk = at_page(60), .start_stack = at_page(21) };
        struct mm_region region;

        map_file(mm, 2, 2, PROT_READ, MAP_PRIVATE, file, 1);
        map_shared_anon(mm, 6, 1, RW);
        map_pages(mm, 20, 2, RW, MAP_GROWSDOWN);
        mm_set_image(mm, &image);
        ASSERT_TRUE(mm_next_region(mm, 0, &region));
        EXPECT_EQ(region.start, at_page(0));
        EXPECT_EQ(region.end, at_page(1));
        EXPECT_EQ(region.offset, 0); /* of anonymous memory, whatever its page number */
        EXPECT_TRUE(!region.backing && !region.special);
        ASSERT_TRUE(mm_next_region(mm, at_page(1), &region));
        EXPECT_EQ(region.offset, PAGE_SIZE);
        EXPECT_TRUE(region.backing == file && !region.special);
        backing_put(region.backing);
        ASSERT_TRUE(mm_next_region(mm, at_page(4), &region));
        EXPECT_STREQ(region.special, "/dev/zero (deleted)");
        backing_put(region.backing);
        ASSERT_TRUE(mm_next_region(mm, at_page(7), &region));
        EXPECT_STREQ(region.special, "[stack]");
        EXPECT_FALSE(mm_next_region(mm, at_page(22), &region));
        backing_put(file);
        strip_done(mm);
}
