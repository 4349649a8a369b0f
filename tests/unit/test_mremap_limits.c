/* SPDX-License-Identifier: MIT */
/*
 * mremap(): limits, and the corners where a range meets the end of user space, the limit on
 * mappings, a lock, or itself. What a move does to page tables is in test_pgmove.c.
 */
#include "tests/unit/fixture.h"

#include "mm/fail_alloc.h"
#include "mm/mmstat.h"

#define MAYMOVE MREMAP_MAYMOVE
#define FIXED   (MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP    (MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

static void lock_pages(struct mm *mm, unsigned page, unsigned n, bool onfault)
{
        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(page), n * PAGE_SIZE, onfault), 0);
}

/* ------------------------------------------------------------------ locked memory */

TEST(locked_growth_keeps_to_the_limit_on_locks_before_any_other)
{
        struct mm *mm = strip("AA..CC");
        struct mm_caller who = with_memlock(3);
        char *before;

        lock_pages(mm, 0, 2, false);
        before = strip_snapshot(mm);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 4, 0, 0), -EAGAIN);
        who.rlimit_as = 0;
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 4, 0, 0), -EAGAIN);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 4, FIXED, 30), -EAGAIN);
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 3, 0, 0), -ENOMEM); /* that much may be locked */
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 2, FIXED, 20), 20); /* a move asks for nothing */
        EXPECT_EQ(remap_as(mm, &who, 20, 2, 2, FIXED, 0), 0);
        EXPECT_UNCHANGED(mm, before);
        who.caps = MM_CAP_IPC_LOCK;
        who.rlimit_as = MM_NO_LIMIT;
        EXPECT_EQ(remap_as(mm, &who, 0, 2, 4, 0, 0), 0);
        EXPECT_STRIP(mm, "AA00CC"); /* and is there at once */
        EXPECT_EQ(locked_pages_of(mm), 4);
        free(before);
        strip_done(mm);
}

TEST(locked_growth_by_moving_is_faulted_in)
{
        struct mm *mm = strip("AA.B");

        lock_pages(mm, 0, 2, false);
        EXPECT_EQ(remap(mm, 0, 2, 4, FIXED, 10), 10);
        EXPECT_STRIP(mm, "...B......AA00");
        EXPECT_EQ(locked_pages_of(mm), 4);
        strip_done(mm);
}

TEST(lock_on_fault_grows_without_faulting_in)
{
        struct mm *mm = strip("AA");

        lock_pages(mm, 0, 2, true);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_STRIP(mm, "AA--");
        EXPECT_EQ(remap(mm, 0, 4, 6, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........AA----");
        EXPECT_FLAGS(mm, 10, "rd wr mr mw me lo lf ac");
        EXPECT_EQ(locked_pages_of(mm), 6);
        strip_done(mm);
}

TEST(future_locks_do_not_concern_growth)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(mm_mlockall(mm, &user_caller, 2), 0);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_STRIP(mm, "AA--");
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(locked_growth_that_cannot_be_faulted_in_succeeds)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        lock_pages(mm, 0, 2, false);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0); /* past the end of the file */
        EXPECT_EQ(locked_pages_of(mm), 4);
        EXPECT_EQ(touch(mm, at_page(2), false).signo, SIGBUS);
        backing_put(file);
        strip_done(mm);
}

TEST(copies_of_locked_memory_leave_the_original_unlocked)
{
        struct mm *mm = strip("AAAA");

        lock_pages(mm, 0, 4, false);
        EXPECT_EQ(remap(mm, 1, 2, 2, FIXED | KEEP, 10), 10);
        EXPECT_STRIP(mm, "A--A......AA");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac"); /* all of it, not just the part */
        EXPECT_FLAGS(mm, 10, "rd wr mr mw me lo ac");
        EXPECT_EQ(locked_pages_of(mm), 2); /* where Linux goes on counting six */
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 12 * PAGE_SIZE), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

/* Untouched memory gets numbers that suit its new place, so the copy joins what it leaves. */
TEST(locked_copies_that_merge_with_themselves_are_counted_once)
{
        struct mm *mm = strip("----");

        lock_pages(mm, 0, 4, true);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED | KEEP, 4), 4);
        EXPECT_VMAS(mm, "0-8rw");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 8 * PAGE_SIZE), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ where one may go */

static bool mmap_allows(const struct mm_caller *who, u64 target)
{
        struct mm *mm = strip("A");
        struct mmap_request req = map_request(0, 1, RW, MAP_PRIVATE | MAP_FIXED_NOREPLACE, NULL, 0);
        s64 at;

        req.addr = target;
        at = mm_mmap(mm, who, &req);
        strip_done(mm);
        return at >= 0 && at == (s64)target;
}

static bool mremap_allows(const struct mm_caller *who, u64 target)
{
        struct mm *mm = strip("A");
        s64 at = mm_mremap(mm, who, at_page(0), PAGE_SIZE, PAGE_SIZE, FIXED, target);

        strip_done(mm);
        return at >= 0 && at == (s64)target;
}

TEST(mremap_may_go_where_mmap_may)
{
        u64 low = mm_sysctl.mmap_min_addr;
        const u64 borders[] = { 0, low, 1UL << 32, TASK_SIZE, 1UL << 47, 1UL << 63, ~PAGE_MASK };
        const s64 beside[] = { -2 * (s64)PAGE_SIZE, -(s64)PAGE_SIZE, -1, 0, 1, (s64)PAGE_SIZE };
        const struct mm_caller *callers[] = { &user_caller, &root_caller };

        for (unsigned i = 0; i < ARRAY_SIZE(borders) * ARRAY_SIZE(beside) * 2; i++) {
                const struct mm_caller *who = callers[i % 2];
                u64 target = borders[i / 2 / ARRAY_SIZE(beside)] +
                             (u64)beside[i / 2 % ARRAY_SIZE(beside)];

                if (mmap_allows(who, target) != mremap_allows(who, target))
                        test_fail(__FILE__, __LINE__, false, "%s: %#lx", i % 2 ? "root" : "user",
                                  (long)target);
        }
}

/* ------------------------------------------------------------------ the number of mappings */

/* `n` mappings of one page each, every other page from page 20 on. */
static void islands(struct mm *mm, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                map_pages(mm, 20 + 2 * i, 1, RW, 0);
}

TEST(five_formulas_bound_the_number_of_mappings)
{
        struct mm *mm = strip("AA.B");
        struct mmap_request req = map_request(8, 1, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        mm_sysctl.max_map_count = 12;
        islands(mm, 5);                                    /* 7 in all */
        EXPECT_EQ(remap(mm, 0, 1, 1, FIXED, 60), -ENOMEM); /* 7 + 2 >= 12 - 3 */
        EXPECT_EQ(remap(mm, 8, 1, 1, FIXED, 60), -ENOMEM); /* unmapped or not */
        EXPECT_EQ(remap(mm, 0, 2, 4, MAYMOVE, 0), 0x7ffff7ffb000);
        EXPECT_EQ(mm_munmap(mm, &user_caller, 0x7ffff7ffb000, 4 * PAGE_SIZE), 0);
        islands(mm, 8);                         /* 9 in all, with B */
        EXPECT_EQ(remap(mm, 3, 1, 2, 0, 0), 3); /* in place: any number */
        map_pages(mm, 5, 1, RW, 0);
        EXPECT_EQ(remap(mm, 3, 2, 3, MAYMOVE, 0), -ENOMEM); /* 10 >= 12 - 3 */
        islands(mm, 11);                                    /* 13: one more than the limit */
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -ENOMEM);
        EXPECT_EQ(stats_of(mm).map_count, 13);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(3), PAGE_SIZE, PROT_READ), -ENOMEM);
        strip_done(mm);
}

/* Each part cuts the mapping that it lands in, so there are more and more of them. */
TEST(move_of_several_stops_where_there_are_too_many_mappings)
{
        struct mm *mm = strip("A.B.C.D.............EEEEEEEEE");

        mm_sysctl.max_map_count = 11;
        EXPECT_EQ(remap(mm, 0, 7, 7, FIXED, 21), -ENOMEM);
        EXPECT_STRIP(mm, "....C.D.............EAEBE.EEE");
        EXPECT_EQ(stats_of(mm).map_count, 8);
        strip_done(mm);
}

TEST(mapping_over_the_middle_of_its_like_needs_a_mapping_more_for_a_moment)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(1, 1, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        map_pages(mm, 0, 3, RW, 0);
        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -ENOMEM);
        EXPECT_EQ(stats_of(mm).map_count, 1);
        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), at_page(1));
        EXPECT_EQ(stats_of(mm).map_count, 1);
        strip_done(mm);
}

TEST(shrinking_in_the_middle_needs_a_mapping_more)
{
        struct mm *mm = strip("AAAAAA");

        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(remap(mm, 0, 4, 2, 0, 0), -ENOMEM);
        EXPECT_STRIP(mm, "AAAAAA");
        EXPECT_EQ(remap(mm, 0, 6, 2, 0, 0), 0);
        EXPECT_STRIP(mm, "AA....");
        strip_done(mm);
}

/* ------------------------------------------------------------------ the end of user space */

static s64 map_top(struct mm *mm, unsigned pages)
{
        struct mmap_request req = map_request(0, pages, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        req.addr = TASK_SIZE - pages * PAGE_SIZE;
        return mm_mmap(mm, &user_caller, &req);
}

TEST(tail_past_the_end_of_user_space_is_einval)
{
        struct mm *mm = strip_empty();
        u64 top = (u64)map_top(mm, 2), P = PAGE_SIZE;

        ASSERT_EQ(top, TASK_SIZE - 2 * P);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 4 * P, P, 0, 0), -EINVAL);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 8 * P, 4 * P, 0, 0), -EINVAL);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 1UL << 63, P, 0, 0), -EINVAL);
        EXPECT_EQ(stats_of(mm).total_vm, 2);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 2 * P, P, 0, 0), (s64)top);
        EXPECT_EQ(stats_of(mm).total_vm, 1);
        strip_done(mm);
}

TEST(growth_past_the_end_of_user_space_moves)
{
        struct mm *mm = strip_empty();
        u64 top = (u64)map_top(mm, 1), P = PAGE_SIZE;

        EXPECT_EQ(mm_mremap(mm, &user_caller, top, P, 2 * P, 0, 0), -ENOMEM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, top, P, 2 * P, MAYMOVE, 0), 0x7ffff7ffd000);
        EXPECT_EQ(mm_mremap(mm, &user_caller, 0x7ffff7ffd000, 2 * P, TASK_SIZE, MAYMOVE, 0),
                  -ENOMEM);
        strip_done(mm);
}

/* ------------------------------------------------------------------ corners */

TEST(fixed_shrink_with_a_tail_past_user_space_has_lost_its_target)
{
        struct mm *mm = strip("AA");
        u64 top = (u64)map_top(mm, 2), P = PAGE_SIZE;

        EXPECT_EQ(mm_mremap(mm, &user_caller, top, 4 * P, P, FIXED, at_page(0)), -EINVAL);
        EXPECT_STRIP(mm, ".A");
        EXPECT_EQ(stats_of(mm).total_vm, 3);
        strip_done(mm);
}

TEST(what_never_merges_grows_in_place_all_the_same)
{
        struct mm *mm = strip("--..CC");

        make_special(mm, 0, VM_MIXEDMAP);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_VMAS(mm, "0-4rw 4-6rw");
        EXPECT_EQ(mm_committed(), 6);
        strip_done(mm);
}

TEST(table_is_not_taken_along_where_the_destination_will_be)
{
        struct mm *mm = strip_empty();
        unsigned from = 10 * 512 + 16, n = 2 * 512, to = from - n;
        unsigned base = ((ARENA >> PAGE_SHIFT) & 511) ? 512 - ((ARENA >> PAGE_SHIFT) & 511) : 0;
        u64 ptes, pmds;

        /* The destination ends where the source begins: it has the 16 pages below the source. */
        map_pages(mm, base + from, n, RW, 0);
        write_pages(mm, base + from, 1, 'a');
        write_pages(mm, base + from + n - 1, 1, 'z');
        ptes = mmstat_get(mm, MMSTAT_MOVED_PTE);
        pmds = mmstat_get(mm, MMSTAT_MOVED_PMD);
        EXPECT_EQ(remap(mm, base + from, n, n, FIXED, base + to), base + to);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE) - ptes, 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD) - pmds, 0);
        EXPECT_EQ(peek_byte(mm, at_page(base + to)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(base + to + n - 1)), 'z');
        strip_done(mm);
}
