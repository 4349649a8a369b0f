/* SPDX-License-Identifier: MIT */
/* mlock(), mlock2(), munlock(), mlockall(), munlockall(). */
#include "tests/unit/fixture.h"

#include <stdlib.h>

#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"

#define MCL_CURRENT 1
#define MCL_FUTURE  2
#define MCL_ONFAULT 4

#define PLAIN  "rd wr mr mw me ac"
#define LOCKED "rd wr mr mw me lo ac"

static int lock_pages(struct mm *mm, unsigned page, unsigned n)
{
        return mm_mlock(mm, &user_caller, at_page(page), n * PAGE_SIZE, false);
}

static int lock_on_fault(struct mm *mm, unsigned page, unsigned n)
{
        return mm_mlock(mm, &user_caller, at_page(page), n * PAGE_SIZE, true);
}

static int unlock_pages(struct mm *mm, unsigned page, unsigned n)
{
        return mm_munlock(mm, &user_caller, at_page(page), n * PAGE_SIZE);
}

/* ------------------------------------------------------------------ what it does */

TEST(mlock_splits_counts_and_faults_in)
{
        struct mm *mm = strip("------");

        EXPECT_EQ(lock_pages(mm, 2, 2), 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw 4-6rw");
        EXPECT_FLAGS(mm, 1, PLAIN);
        EXPECT_FLAGS(mm, 2, LOCKED);
        EXPECT_STRIP(mm, "--00--");
        EXPECT_EQ(locked_pages_of(mm), 2);
        EXPECT_EQ(anon_pages_of(mm), 2); /* for writing: pages of its own, not the zero page */
        strip_done(mm);
}

TEST(munlock_merges_again_and_keeps_the_pages)
{
        struct mm *mm = strip("------");

        EXPECT_EQ(lock_pages(mm, 2, 2), 0);
        EXPECT_EQ(unlock_pages(mm, 0, 6), 0);
        EXPECT_VMAS(mm, "0-6rw");
        EXPECT_FLAGS(mm, 2, PLAIN);
        EXPECT_STRIP(mm, "--00--");
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(mlock_takes_the_pages_that_the_bytes_touch)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(1) + 4095, 2, false), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_EQ(locked_pages_of(mm), 2);
        EXPECT_EQ(mm_munlock(mm, &user_caller, at_page(2) + 1, 1), 0);
        EXPECT_EQ(locked_pages_of(mm), 1);
        strip_done(mm);
}

TEST(mlock_of_no_bytes_does_nothing)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(lock_pages(mm, 0, 0), 0);
        EXPECT_EQ(lock_pages(mm, 30, 0), 0);                               /* in a hole, too */
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), ~0UL, false), 0); /* rounds to 0 */
        EXPECT_EQ(mm_munlock(mm, &user_caller, at_page(0), ~0UL), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_STRIP(mm, "--");
        strip_done(mm);
}

TEST(mlock_refuses_a_range_that_wraps)
{
        struct mm *mm = strip("--");
        u64 len = ~0UL - 2 * PAGE_SIZE;

        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(0), len, false), -EINVAL);
        EXPECT_EQ(mm_munlock(mm, &user_caller, at_page(0), len), -EINVAL);
        /* The limit is looked at first. */
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), len, false), -ENOMEM);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(mlock_before_a_hole_stays_but_is_not_faulted_in)
{
        struct mm *mm = strip("--.--");

        EXPECT_EQ(lock_pages(mm, 0, 5), -ENOMEM);
        EXPECT_FLAGS(mm, 0, LOCKED);
        EXPECT_FLAGS(mm, 3, PLAIN);
        EXPECT_EQ(locked_pages_of(mm), 2);
        EXPECT_STRIP(mm, "--.--");
        EXPECT_EQ(lock_pages(mm, 2, 3), -ENOMEM); /* begins in the hole: nothing */
        EXPECT_FLAGS(mm, 3, PLAIN);
        strip_done(mm);
}

TEST(munlock_before_a_hole_stays)
{
        struct mm *mm = strip("--.--");

        EXPECT_EQ(lock_pages(mm, 0, 2), 0);
        EXPECT_EQ(lock_pages(mm, 3, 2), 0);
        EXPECT_EQ(unlock_pages(mm, 0, 5), -ENOMEM);
        EXPECT_FLAGS(mm, 0, PLAIN);
        EXPECT_FLAGS(mm, 3, LOCKED);
        strip_done(mm);
}

TEST(mlock_of_a_hole_below_a_stack_does_not_grow_it)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 10, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(lock_pages(mm, 8, 3), -ENOMEM);
        EXPECT_VMAS(mm, "10-11rw");
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(mlock_again_counts_nothing_twice)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(lock_pages(mm, 0, 3), 0);
        EXPECT_EQ(lock_pages(mm, 1, 3), 0);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_EQ(locked_pages_of(mm), 4);
        strip_done(mm);
}

TEST(mlock_splits_no_more_than_the_limit_on_mappings_allows)
{
        struct mm *mm = strip("----");

        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(lock_pages(mm, 1, 2), -ENOMEM);
        EXPECT_VMAS(mm, "0-1rw 1-4rw"); /* the first split is not undone */
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ how pages come in */

TEST(mlock_of_read_only_memory_maps_the_zero_page)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 2, PROT_READ, 0);
        EXPECT_EQ(lock_pages(mm, 0, 2), 0);
        EXPECT_STRIP(mm, "00");
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(locked_pages_of(mm), 2);
        EXPECT_TRUE(!vma_at(mm, at_page(0))->anon);
        strip_done(mm);
}

TEST(locked_memory_that_becomes_writable_has_its_pages_at_once)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 4, PROT_READ, 0);
        EXPECT_EQ(lock_pages(mm, 0, 2), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 4 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(anon_pages_of(mm), 2); /* and not of the two that are not locked */
        EXPECT_STRIP(mm, "00--");
        strip_done(mm);
}

TEST(mlock_of_shared_memory_reads_it_in)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 2, RW);
        EXPECT_EQ(lock_pages(mm, 0, 2), 0);
        EXPECT_STRIP(mm, "00");
        EXPECT_EQ(stats_of(mm).rss_shmem, 2);
        strip_done(mm);
}

TEST(mlock_of_what_cannot_be_accessed_locks_it_and_is_enomem)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 2, PROT_NONE, 0);
        EXPECT_EQ(lock_pages(mm, 0, 2), -ENOMEM);
        EXPECT_FLAGS(mm, 0, "mr mw me lo");
        EXPECT_EQ(locked_pages_of(mm), 2);
        EXPECT_STRIP(mm, "--");
        strip_done(mm);
}

TEST(mlock_of_a_guard_page_locks_it_and_is_enomem)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(2), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(lock_pages(mm, 0, 4), -ENOMEM);
        EXPECT_STRIP(mm, "00#-");
        EXPECT_EQ(locked_pages_of(mm), 4);
        strip_done(mm);
}

TEST(mlock_without_memory_for_the_pages_is_eagain)
{
        struct mm *mm = strip("----");
        int err;

        EXPECT_EQ(lock_on_fault(mm, 0, 4), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0); /* tables and anon_vma are there */
        EXPECT_EQ(unlock_pages(mm, 0, 4), 0);
        fail_alloc_nth(2, true); /* the first is the VMA that the change may need */
        err = lock_pages(mm, 0, 4);
        fail_alloc_nth(0, false);
        EXPECT_EQ(err, -EAGAIN);
        EXPECT_FLAGS(mm, 0, LOCKED);
        strip_done(mm);
}

TEST(mlock_passes_over_special_and_droppable_memory_but_reads_it)
{
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_DROPPABLE, NULL, 0);
        map_pages(mm, 2, 2, RW, 0);
        make_special(mm, 2, VM_DONTEXPAND);
        EXPECT_EQ(lock_pages(mm, 0, 4), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me nr wf dd dp");
        EXPECT_FLAGS(mm, 2, "rd wr mr mw me de ac");
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_STRIP(mm, "0000");
        strip_done(mm);
}

TEST(droppable_memory_under_mcl_future_is_populated_but_not_locked)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_FUTURE), 0);
        map_file(mm, 0, 2, RW, MAP_DROPPABLE, NULL, 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me nr wf dd dp");
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_STRIP(mm, "00");
        strip_done(mm);
}

TEST(populating_goes_on_over_many_pages)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 600, RW, 0); /* more than are faulted in under one lock */
        EXPECT_EQ(lock_pages(mm, 0, 600), 0);
        EXPECT_EQ(anon_pages_of(mm), 600);
        strip_done(mm);
}

/* ------------------------------------------------------------------ on fault */

TEST(lock_on_fault_counts_but_faults_nothing_in)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(lock_on_fault(mm, 0, 4), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me lo lf ac");
        EXPECT_EQ(locked_pages_of(mm), 4);
        EXPECT_STRIP(mm, "----");
        strip_done(mm);
}

TEST(mlock_over_a_lock_on_fault_replaces_it)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(lock_on_fault(mm, 0, 4), 0);
        EXPECT_EQ(lock_pages(mm, 1, 2), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_FLAGS(mm, 1, LOCKED);
        EXPECT_STRIP(mm, "-00-");
        EXPECT_EQ(locked_pages_of(mm), 4);
        strip_done(mm);
}

/* ------------------------------------------------------------------ the limit */

TEST(mlock_with_limit_zero_is_eperm_even_for_nothing)
{
        struct mm *mm = strip("--");
        struct mm_caller who = with_memlock(0), root = who;

        EXPECT_EQ(mm_mlock(mm, &who, at_page(0), 0, false), -EPERM);
        EXPECT_EQ(mm_mlock(mm, &who, at_page(0), PAGE_SIZE, false), -EPERM);
        root.caps = MM_CAP_IPC_LOCK;
        EXPECT_EQ(mm_mlock(mm, &root, at_page(0), PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_munlock(mm, &who, at_page(0), PAGE_SIZE), 0); /* always allowed */
        strip_done(mm);
}

TEST(mlock_over_the_limit_is_enomem_and_counts_only_what_is_new)
{
        struct mm *mm = strip("------");
        struct mm_caller who = with_memlock(4);

        EXPECT_EQ(mm_mlock(mm, &who, at_page(0), 5 * PAGE_SIZE, false), -ENOMEM);
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_EQ(mm_mlock(mm, &who, at_page(0), 3 * PAGE_SIZE, false), 0);
        /* Three of these are locked already. */
        EXPECT_EQ(mm_mlock(mm, &who, at_page(0), 4 * PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_mlock(mm, &who, at_page(4), PAGE_SIZE, false), -ENOMEM);
        EXPECT_EQ(locked_pages_of(mm), 4);
        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(4), PAGE_SIZE, false), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ mlockall */

TEST(mlockall_checks_its_flags_before_the_privilege)
{
        struct mm *mm = strip("--");
        struct mm_caller who = with_memlock(0);

        EXPECT_EQ(mm_mlockall(mm, &who, 0), -EINVAL);
        EXPECT_EQ(mm_mlockall(mm, &who, MCL_ONFAULT), -EINVAL);
        EXPECT_EQ(mm_mlockall(mm, &who, 8 | MCL_CURRENT), -EINVAL);
        EXPECT_EQ(mm_mlockall(mm, &who, MCL_CURRENT), -EPERM);
        EXPECT_EQ(mm_mlockall(mm, &who, MCL_FUTURE), -EPERM);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(mlockall_current_locks_everything_whatever_cannot_be_had)
{
        struct mm *mm = strip("--..--");

        map_pages(mm, 3, 1, PROT_NONE, 0);
        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_CURRENT), 0);
        EXPECT_STRIP(mm, "00.-00");
        EXPECT_EQ(locked_pages_of(mm), 5);
        map_pages(mm, 8, 1, RW, 0); /* what comes later is not locked */
        EXPECT_FLAGS(mm, 8, PLAIN);
        EXPECT_EQ(mm_munlockall(mm), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_FLAGS(mm, 0, PLAIN);
        strip_done(mm);
}

TEST(mlockall_current_over_the_limit_is_enomem)
{
        struct mm *mm = strip("------");
        struct mm_caller who = with_memlock(5);

        EXPECT_EQ(mm_mlockall(mm, &who, MCL_CURRENT | MCL_FUTURE), -ENOMEM);
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_EQ(mm->def_flags, 0);
        EXPECT_EQ(mm_mlockall(mm, &who, MCL_FUTURE), 0); /* asks nothing of what there is */
        EXPECT_EQ(mm_munlockall(mm), 0);
        who.rlimit_memlock += PAGE_SIZE;
        EXPECT_EQ(mm_mlockall(mm, &who, MCL_CURRENT), 0);
        EXPECT_EQ(locked_pages_of(mm), 6);
        strip_done(mm);
}

TEST(mlockall_future_locks_what_comes)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_FUTURE), 0);
        EXPECT_FLAGS(mm, 0, PLAIN);
        map_pages(mm, 4, 2, RW, 0);
        EXPECT_FLAGS(mm, 4, LOCKED);
        EXPECT_STRIP(mm, "--..00");
        /* A call without MCL_FUTURE ends it. */
        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_CURRENT), 0);
        map_pages(mm, 8, 2, RW, 0);
        EXPECT_FLAGS(mm, 8, PLAIN);
        strip_done(mm);
}

TEST(mlockall_future_on_fault_faults_nothing_in)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT), 0);
        map_pages(mm, 4, 2, RW, 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me lo lf ac");
        EXPECT_FLAGS(mm, 4, "rd wr mr mw me lo lf ac");
        EXPECT_STRIP(mm, "--..--");
        EXPECT_EQ(locked_pages_of(mm), 4);
        EXPECT_EQ(mm_munlockall(mm), 0);
        map_pages(mm, 8, 2, RW, 0);
        EXPECT_FLAGS(mm, 8, PLAIN);
        strip_done(mm);
}

TEST(mappings_under_mlockall_future_keep_to_the_limit)
{
        struct mm *mm = strip_empty();
        struct mm_caller who = with_memlock(3);
        struct mmap_request req = map_request(0, 4, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        EXPECT_EQ(mm_mlockall(mm, &who, MCL_FUTURE), 0);
        EXPECT_EQ(mm_mmap(mm, &who, &req), -EAGAIN);
        req.len = 3 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)req.addr);
        strip_done(mm);
}

TEST(fork_hands_on_no_locks)
{
        struct mm *parent = strip("AA--"), *child;

        EXPECT_EQ(mm_mlockall(parent, &user_caller, MCL_CURRENT | MCL_FUTURE), 0);
        child = fork_of(parent);
        EXPECT_EQ(locked_pages_of(parent), 4);
        EXPECT_EQ(locked_pages_of(child), 0);
        EXPECT_FLAGS(child, 0, PLAIN);
        map_pages(child, 8, 1, RW, 0);
        EXPECT_FLAGS(child, 8, PLAIN);
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ MAP_LOCKED */

TEST(map_locked_counts_and_faults_in)
{
        struct mm *mm = strip_empty();
        struct mm_caller none = with_memlock(0), some = with_memlock(1);
        struct mmap_request req =
                map_request(0, 2, RW, MAP_PRIVATE | MAP_FIXED | MAP_LOCKED, NULL, 0);

        EXPECT_EQ(mm_mmap(mm, &none, &req), -EPERM);
        EXPECT_EQ(mm_mmap(mm, &some, &req), -EAGAIN);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        EXPECT_FLAGS(mm, 0, LOCKED);
        EXPECT_STRIP(mm, "00");
        req.addr = at_page(4);
        req.flags |= MAP_NONBLOCK; /* does not keep a locked mapping from being faulted in */
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        EXPECT_STRIP(mm, "00..00");
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 6 * PAGE_SIZE), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ pages of the machine */

/* Pages that an entry of some locked mapping maps. */
static u64 pages_locked(void)
{
        struct memory_stats stats;

        memory_stats(&stats);
        return stats.locked;
}

TEST(locked_pages_count_when_they_are_there)
{
        struct mm *mm = strip("AA----");

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), 6 * PAGE_SIZE, true), 0);
        EXPECT_EQ(pages_locked(), 2);
        write_pages(mm, 2, 1, 'x');
        EXPECT_EQ(pages_locked(), 3);
        touch(mm, at_page(3), false);
        EXPECT_EQ(pages_locked(), 3); /* the page of zeroes is nobody's */
        EXPECT_EQ(unlock_pages(mm, 1, 1), 0);
        EXPECT_EQ(pages_locked(), 2);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0);
        EXPECT_EQ(pages_locked(), 1);
        strip_validate(mm);
        EXPECT_EQ(mm_munlockall(mm), 0);
        EXPECT_EQ(pages_locked(), 0);
        EXPECT_EQ(mm_mlockall(mm, &user_caller, MCL_CURRENT), 0);
        EXPECT_EQ(pages_locked(), 5); /* populated, the page of zeroes replaced */
        strip_done(mm);
        EXPECT_EQ(pages_locked(), 0);
}

TEST(page_locked_by_two_mappings_counts_once)
{
        struct backing *file = file_create("abc", 0);
        struct mm *mm = strip_empty(), *child;

        map_file(mm, 0, 3, RW, MAP_SHARED, file, 0);
        map_file(mm, 4, 3, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(lock_pages(mm, 0, 3), 0);
        EXPECT_EQ(lock_pages(mm, 4, 2), 0);
        EXPECT_EQ(pages_locked(), 3);
        child = fork_of(mm);
        EXPECT_EQ(pages_locked(), 3);
        EXPECT_EQ(mm_munlockall(mm), 0);
        EXPECT_EQ(pages_locked(), 0);
        EXPECT_EQ(lock_pages(child, 4, 2), 0);
        EXPECT_EQ(lock_pages(mm, 0, 3), 0);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 7 * PAGE_SIZE), 0);
        EXPECT_EQ(pages_locked(), 2);
        strip_validate(mm);
        mm_put(child);
        EXPECT_EQ(pages_locked(), 0);
        backing_put(file);
        strip_done(mm);
}

/* Locked pages that move stay locked; all of the mapping that DONTUNMAP leaves behind is not. */
TEST(moved_pages_stay_locked)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(lock_pages(mm, 0, 4), 0);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(1), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, at_page(8)),
                  (s64)at_page(8));
        EXPECT_EQ(pages_locked(), 2);
        EXPECT_FLAGS(mm, 0, PLAIN);
        strip_validate(mm);
        write_pages(mm, 1, 1, 'x');
        EXPECT_EQ(pages_locked(), 2);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(8), 2 * PAGE_SIZE, 4 * PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(16)),
                  (s64)at_page(16));
        EXPECT_EQ(pages_locked(), 4);
        strip_done(mm);
}
