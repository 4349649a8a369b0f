/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: registration and what it does to VMAs, faults that wait for a
 * handler, filling, write protection.
 */
#include "arch/trap.h"
#include "kernel/base/abi/madvise.h"
#include "mm/page_scan.h"
#include "tests/unit/handler.h"

/* ------------------------------------------------------------------
 * registration */

TEST(registering_splits_and_merges)
{
        struct mm *mm = strip("------");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 1, 2, VM_UFFD_MISSING), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-6rw");
        EXPECT_FLAGS(mm, 1, "rd wr mr mw me um ac");
        EXPECT_EQ(enlist(u, 3, 1, VM_UFFD_MISSING), 0);
        EXPECT_VMAS(mm, "0-1rw 1-4rw 4-6rw");
        EXPECT_EQ(enlist(u, 3, 1, VM_UFFD_MISSING | VM_UFFD_WP), 0);
        EXPECT_FLAGS(mm, 3, "rd wr mr mw me um uw ac");
        EXPECT_EQ(enlist(u, 3, 1, VM_UFFD_WP), 0); /* it has that */
        EXPECT_FLAGS(mm, 3, "rd wr mr mw me um uw ac");
        EXPECT_EQ(uffd_unregister(u, at_page(0), 6 * PAGE_SIZE), 0);
        EXPECT_VMAS(mm, "0-6rw");
        EXPECT_EQ(enlist(u, 2, 2, VM_UFFD_MISSING), 0);
        uffd_release(u);
        EXPECT_VMAS(mm, "0-6rw");
        strip_done(mm);
}

TEST(contexts_keep_apart)
{
        struct mm *mm = strip("----");
        struct uffd *u = context(mm, 0), *v = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(enlist(v, 1, 2, VM_UFFD_MISSING), -EBUSY);
        EXPECT_EQ(enlist(v, 2, 2, VM_UFFD_MISSING), 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(uffd_unregister(v, at_page(0), 4 * PAGE_SIZE), -EINVAL);
        uffd_release(v);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        uffd_release(u);
        EXPECT_VMAS(mm, "0-4rw");
        strip_done(mm);
}

TEST(registering_refuses_what_cannot_be_handled)
{
        struct mm *mm = strip("----");
        struct backing *file = file_create("ab", 0);
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 10, 2, VM_UFFD_MISSING), -EINVAL); /* nothing there */
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MINOR), -EINVAL);    /* no object */
        map_file(mm, 2, 2, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_MISSING), -EINVAL); /* not shared memory */
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        map_shared_anon(mm, 2, 2, RW);
        EXPECT_EQ(enlist(u, 2, 2, VM_UFFD_MINOR), 0);
        EXPECT_EQ(uffd_check_range(at_page(0) + 1, PAGE_SIZE), -EINVAL);
        EXPECT_EQ(uffd_check_range(at_page(0), 0), -EINVAL);
        EXPECT_EQ(uffd_check_range(at_page(0), TASK_SIZE), -EINVAL);
        EXPECT_EQ(uffd_check_range(0, PAGE_SIZE), 0);
        uffd_release(u);
        backing_put(file);
        strip_done(mm);
}

TEST(a_context_outlives_its_address_space)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, 0);

        EXPECT_FALSE(mm_is_shared(mm)); /* with a context, which is no user of it */
        mm_get(mm);
        EXPECT_TRUE(mm_is_shared(mm));
        mm_put(mm);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        strip_done(mm);
        EXPECT_EQ(fill(u, UFFD_COPY, 0, 1, 'a'), -ESRCH);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), -ENOMEM);
        uffd_release(u);
}

/* ------------------------------------------------------------------ filling */

TEST(fills_put_pages_where_none_are)
{
        struct mm *mm = strip("--A---");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(fill(u, UFFD_COPY, 0, 1, 'a'), -ENOENT); /* not registered */
        EXPECT_EQ(enlist(u, 0, 6, VM_UFFD_MISSING), 0);
        EXPECT_EQ(fill(u, UFFD_COPY, 0, 3, 'a'), 2 * (s64)PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_COPY, 2, 1, 'a'), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 3, 1, 0), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_POISON, 4, 1, 0), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_POISON, 4, 1, 0), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_CONTINUE, 5, 1, 0), -EINVAL);
        EXPECT_EQ(fill(u, UFFD_COPY, 5, 2, 0), -ENOENT); /* past the end */
        EXPECT_STRIP(mm, "abA0#-");
        EXPECT_EQ(touch(mm, at_page(4), false).signo, SIGBUS);
        EXPECT_EQ(fill(u, UFFD_COPY, 4, 1, 'e'), PAGE_SIZE);
        EXPECT_STRIP(mm, "abA0e-");
        uffd_release(u);
        strip_done(mm);
}

static unsigned pages_left;

static bool has_had_enough(void)
{
        return pages_left == 0 || pages_left-- == 0;
}

TEST(fills_end_when_they_are_to_stop)
{
        struct mm *mm = strip("----");
        struct uffd *u = context(mm, 0);
        struct uffd_fill fill = { .kind = UFFD_ZEROPAGE, .len = 4 * PAGE_SIZE };

        fill.dst = at_page(0);
        fill.stop = has_had_enough;
        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_MISSING), 0);
        pages_left = 0;
        EXPECT_EQ(uffd_fill(u, &fill), -EINTR);
        pages_left = 3;
        EXPECT_EQ(uffd_fill(u, &fill), 3 * PAGE_SIZE);
        EXPECT_STRIP(mm, "000-");
        uffd_release(u);
        strip_done(mm);
}

TEST(fills_of_shared_memory_are_the_objects)
{
        struct mm *mm = strip_empty();
        struct backing *file = file_create("..c.", BACKING_SHMEM);
        struct uffd *u = context(mm, 0);

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        map_file(mm, 4, 4, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_MISSING | VM_UFFD_MINOR), 0);
        EXPECT_EQ(fill(u, UFFD_COPY, 0, 1, 'a'), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 1, 1, 0), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_COPY, 2, 1, 'x'), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_CONTINUE, 2, 2, 0), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_CONTINUE, 3, 1, 0), -EFAULT);
        EXPECT_STRIP(mm, "a0c-----");
        EXPECT_EQ(peek_byte(mm, at_page(4)), 'a');
        object_truncate(file->object, 2 * PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_COPY, 3, 1, 'd'), -EFAULT);
        uffd_release(u);
        backing_put(file);
        strip_done(mm);
}

TEST(moves_pages_that_are_nobody_elses)
{
        struct mm *mm = strip("AA-A....----");
        struct uffd *u = context(mm, 0);
        struct mm *child;

        EXPECT_EQ(uffd_move(u, at_page(8), at_page(0), PAGE_SIZE, false), -EINVAL);
        EXPECT_EQ(enlist(u, 8, 4, VM_UFFD_MISSING), 0);
        EXPECT_EQ(uffd_move(u, at_page(8), at_page(0), 4 * PAGE_SIZE, false), 2 * (s64)PAGE_SIZE);
        EXPECT_STRIP(mm, "---A....AA--");
        strip_validate(mm);
        EXPECT_EQ(uffd_move(u, at_page(8), at_page(3), PAGE_SIZE, false), -EEXIST);
        EXPECT_EQ(uffd_move(u, at_page(10), at_page(2), 2 * PAGE_SIZE, true), 2 * (s64)PAGE_SIZE);
        EXPECT_STRIP(mm, "----....AA-A");
        write_pages(mm, 0, 1, 'B');
        child = fork_of(mm);
        EXPECT_EQ(uffd_move(u, at_page(10), at_page(0), PAGE_SIZE, false), -EBUSY);
        mm_put(child);
        EXPECT_EQ(uffd_move(u, at_page(10), at_page(0), PAGE_SIZE, false), -EBUSY);
        write_pages(mm, 0, 1, 'C');
        EXPECT_EQ(uffd_move(u, at_page(10), at_page(0), PAGE_SIZE, false), PAGE_SIZE);
        EXPECT_STRIP(mm, "----....AACA");
        uffd_release(u);
        strip_done(mm);
}

/* ------------------------------------------------------------------ faults */

static void read_page_0(void *arg)
{
        EXPECT_EQ(peek_byte(arg, at_page(0) + 5), 'h');
}

static void write_page_1(void *arg)
{
        write_pages(arg, 1, 1, 'w');
}

TEST(missing_pages_come_from_the_handler)
{
        struct mm *mm = strip("---");
        struct uffd *u = context(mm, UFFD_FEATURE_EXACT_ADDRESS | UFFD_FEATURE_THREAD_ID);

        EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_MISSING), 0);
        host_task_create("reader", read_page_0, mm);
        host_task_create("writer", write_page_1, mm);
        serve(mm, u, 2);
        host_run();
        EXPECT_EQ(handler.seen[0].pagefault.address, at_page(0) + 5);
        EXPECT_EQ(handler.seen[0].pagefault.flags, 0);
        EXPECT_EQ(handler.seen[0].pagefault.ptid, 7);
        EXPECT_EQ(handler.seen[1].pagefault.address, at_page(1));
        EXPECT_EQ(handler.seen[1].pagefault.flags, UFFD_PAGEFAULT_FLAG_WRITE);
        EXPECT_STRIP(mm, "hw-");
        uffd_release(u);
        strip_done(mm);
}

static void populate_all(void *arg)
{
        EXPECT_EQ(mm_madvise(arg, &root_caller, at_page(0), 3 * PAGE_SIZE, MADV_POPULATE_WRITE), 0);
}

static void access_all(void *arg)
{
        char text[3 * PAGE_SIZE];

        EXPECT_EQ(mm_access(arg, &root_caller, at_page(0), text, sizeof(text), 0), sizeof(text));
        EXPECT_EQ(text[2 * PAGE_SIZE], 'h');
}

TEST(the_kernel_waits_for_the_handler_too)
{
        for (unsigned i = 0; i < 2; i++) {
                struct mm *mm = strip("---");
                struct uffd *u = context(mm, 0);

                EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_MISSING), 0);
                host_task_create("kernel", i ? access_all : populate_all, mm);
                serve(mm, u, 3);
                host_run();
                EXPECT_STRIP(mm, "hhh");
                uffd_release(u);
                strip_done(mm);
        }
}

static void write_shared(void *arg)
{
        write_pages(arg, 0, 3, 'w');
}

TEST(missing_and_minor_faults_of_shared_memory)
{
        struct mm *mm = strip_empty();
        struct backing *file = file_create("a..", BACKING_SHMEM);
        struct uffd *u = context(mm, 0);

        map_file(mm, 0, 3, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_MISSING | VM_UFFD_MINOR), 0);
        host_task_create("writer", write_shared, mm);
        serve(mm, u, 3);
        host_run();
        EXPECT_EQ(handler.seen[0].pagefault.flags,
                  UFFD_PAGEFAULT_FLAG_MINOR | UFFD_PAGEFAULT_FLAG_WRITE);
        EXPECT_EQ(handler.seen[1].pagefault.flags, UFFD_PAGEFAULT_FLAG_WRITE);
        EXPECT_STRIP(mm, "www");
        uffd_release(u);
        backing_put(file);
        strip_done(mm);
}

TEST(faults_that_may_not_be_handed_over_are_bus_errors)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, UFFD_FEATURE_SIGBUS);
        u8 byte;

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(touch(mm, at_page(0) + 3, true).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(0) + 3, true).addr, at_page(0) + 3);
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(0), &byte, 1, 0), -EFAULT);
        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(0), PAGE_SIZE, false), -ENOMEM);
        EXPECT_FALSE(uffd_has_message(u));
        uffd_release(u);
        u = uffd_create(mm, UFFD_USER_MODE_ONLY);
        uffd_set_features(u, 0);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(0), &byte, 1, 0), -EFAULT);
        uffd_release(u);
        strip_done(mm);
}

TEST(a_thread_at_its_end_does_not_wait)
{
        struct mm *mm = strip("-A");
        struct uffd *u = context(mm, 0);
        struct mm_caller who = user_caller;

        who.leaving = true;
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING | VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(1), PAGE_SIZE, true), 0);
        for (unsigned i = 0; i < 2; i++)
                EXPECT_EQ(mm_fault(mm, &who, at_page(i), FAULT_WRITE).signo, SIGBUS);
        EXPECT_FALSE(uffd_has_message(u));
        uffd_release(u);
        strip_done(mm);
}

static void read_zero(void *arg)
{
        EXPECT_EQ(peek_byte(arg, at_page(0)), 0);
}

TEST(closing_wakes_who_waits)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("reader", read_zero, mm);
        host_task_create("closer", close_it, u);
        host_run();
        EXPECT_VMAS(mm, "0-2rw");
        strip_done(mm);
}

static void be_killed(void *arg)
{
        host_task_signal(park_self(), true);
        EXPECT_EQ(touch(arg, at_page(0), true).signo, MM_FAULT_SIGNAL);
        host_task_signal(park_self(), false);
}

TEST(a_signal_ends_the_wait)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("victim", be_killed, mm);
        host_run();
        EXPECT_FALSE(uffd_has_message(u));
        uffd_release(u);
        strip_done(mm);
}

/* ------------------------------------------------------------------ write
 * protection */

TEST(writes_to_protected_pages_are_handed_over)
{
        struct mm *mm = strip("AAA-");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 4 * PAGE_SIZE, true), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'A');
        write_pages(mm, 3, 1, 'N'); /* nothing was there to be protected */
        host_task_create("writer", write_page_1, mm);
        serve(mm, u, 1);
        host_run();
        EXPECT_EQ(handler.seen[0].pagefault.flags,
                  UFFD_PAGEFAULT_FLAG_WP | UFFD_PAGEFAULT_FLAG_WRITE);
        EXPECT_STRIP(mm, "AwAN");
        strip_validate(mm);
        uffd_release(u);
        write_pages(mm, 0, 1, 'x');
        strip_done(mm);
}

TEST(protection_of_nothing_is_a_marker)
{
        struct mm *mm = strip("----");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_UNPOPULATED);

        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 4 * PAGE_SIZE, true), 0);
        EXPECT_STRIP(mm, "####");
        EXPECT_EQ(peek_byte(mm, at_page(0)), 0);
        EXPECT_STRIP(mm, "0###");
        host_task_create("writer", write_page_1, mm);
        serve(mm, u, 1);
        host_run();
        EXPECT_EQ(handler.seen[0].pagefault.flags,
                  UFFD_PAGEFAULT_FLAG_WP | UFFD_PAGEFAULT_FLAG_WRITE);
        EXPECT_STRIP(mm, "0w##");
        EXPECT_EQ(uffd_unregister(u, at_page(0), 4 * PAGE_SIZE), 0);
        EXPECT_STRIP(mm, "0w--");
        uffd_release(u);
        strip_done(mm);
}

TEST(asynchronous_protection_notes_writes)
{
        struct mm *mm = strip("AA-");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
        u64 words[3];

        map_shared_anon(mm, 3, 1, RW);
        write_pages(mm, 3, 1, 's');
        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 4 * PAGE_SIZE, true), 0);
        write_pages(mm, 1, 3, 'w');
        EXPECT_STRIP(mm, "Awww");
        mm_pagemap(mm, at_page(0), 3, words, false);
        EXPECT_EQ(words[0] >> 57 & 1, 1);
        EXPECT_EQ(words[1] >> 57 & 1, 0);
        uffd_release(u);
        strip_done(mm);
}

/* What is there from page 0 on, up to `n` pages, written or not; protected as
 * it is reported. */
static unsigned scan(struct mm *mm, unsigned n, u64 flags, struct page_region *regions)
{
        struct page_scan s = {
                .at = at_page(0),
                .end = at_page(n),
                .flags = flags,
                .all_of = PAGE_IS_WRITTEN,
                .shown = PAGE_IS_WRITTEN,
                .max_pages = n,
                .regions = regions,
                .nr_max = 4,
        };

        EXPECT_EQ(mm_scan_pages(mm, &s), 0);
        return s.nr;
}

TEST(a_scan_finds_what_was_written_since_the_last)
{
        struct mm *mm = strip("AA----");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
        struct page_region found[4];

        EXPECT_EQ(enlist(u, 0, 6, VM_UFFD_WP), 0);
        EXPECT_EQ(scan(mm, 6, PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC, found), 1);
        EXPECT_EQ(found[0].end, at_page(6));
        EXPECT_STRIP(mm, "AA####");
        EXPECT_EQ(scan(mm, 6, PM_SCAN_WP_MATCHING, found), 0);
        write_pages(mm, 1, 2, 'w');
        EXPECT_EQ(scan(mm, 6, PM_SCAN_WP_MATCHING, found), 1);
        EXPECT_EQ(found[0].start, at_page(1));
        EXPECT_EQ(found[0].end, at_page(3));
        EXPECT_EQ(scan(mm, 6, 0, found), 0);
        strip_validate(mm);
        uffd_release(u);
        strip_done(mm);
}

TEST(huge_pages_are_not_made_of_what_is_missing_or_protected)
{
        struct mm *mm = strip_empty();
        struct uffd *u = context(mm, 0);

        map_pages(mm, 0, 512, RW, 0);
        write_pages(mm, 0, 511, 'w');
        EXPECT_EQ(enlist(u, 0, 512, VM_UFFD_WP), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), HUGE, MADV_COLLAPSE), -EBUSY);
        write_pages(mm, 511, 1, 'w');
        EXPECT_EQ(uffd_writeprotect(u, at_page(7), PAGE_SIZE, true), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), HUGE, MADV_COLLAPSE), -EINVAL);
        EXPECT_EQ(uffd_writeprotect(u, at_page(7), PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), HUGE, MADV_COLLAPSE), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(7), PAGE_SIZE, true), 0); /* it is split */
        strip_validate(mm);
        uffd_release(u);
        strip_done(mm);
}

TEST(protection_of_shared_pages_outlives_them)
{
        struct mm *mm = strip_empty();
        struct backing *file = file_create("abc", BACKING_SHMEM);
        struct uffd *u = context(mm, 0);

        map_file(mm, 0, 3, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 3 * PAGE_SIZE, true), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), 3 * PAGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_STRIP(mm, "###");
        object_punch(file->object, 0, PAGE_SIZE);
        EXPECT_STRIP(mm, "###");
        EXPECT_EQ(peek_byte(mm, at_page(2)), 'c');
        strip_validate(mm);
        uffd_release(u);
        EXPECT_STRIP(mm, "--c");
        write_pages(mm, 2, 1, 'z');
        backing_put(file);
        strip_done(mm);
}

TEST(protection_and_fork)
{
        struct mm *mm = strip("AA--");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_UNPOPULATED);
        struct mm *child;

        map_shared_anon(mm, 4, 2, RW);
        write_pages(mm, 4, 2, 's');
        EXPECT_EQ(enlist(u, 0, 6, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 6 * PAGE_SIZE, true), 0);
        child = fork_of(mm);
        strip_validate(child);
        EXPECT_STRIP(child, "AA----");
        write_pages(child, 0, 6, 'c');
        EXPECT_STRIP(mm, "AA##cc");
        mm_put(child);
        uffd_release(u);
        strip_done(mm);
}
