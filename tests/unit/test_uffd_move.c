/* SPDX-License-Identifier: MIT */
/* UFFDIO_MOVE where there is something else than pages; what fdinfo counts; small refusals. */
#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "mm/pgwalk.h"
#include "tests/unit/handler.h"

static s64 move(struct uffd *u, unsigned to, unsigned from, unsigned n, bool holes)
{
        return uffd_move(u, at_page(to), at_page(from), n * PAGE_SIZE, holes);
}

TEST(the_page_of_zeroes_moves_as_such)
{
        struct mm *mm = strip("--....--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 6, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(touch(mm, at_page(0), false).signo, 0);
        EXPECT_EQ(move(u, 6, 0, 1, false), PAGE_SIZE);
        EXPECT_STRIP(mm, "--....0-");
        EXPECT_FALSE(host_tlb_has(&mm->mmu, at_page(0)));
        strip_validate(mm);
        write_pages(mm, 6, 1, 'w');
        EXPECT_STRIP(mm, "--....w-");
        uffd_release(u);
        strip_done(mm);
}

TEST(markers_do_not_move)
{
        struct mm *mm = strip("A-....--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 6, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(1), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(move(u, 6, 0, 2, false), PAGE_SIZE); /* as far as it can */
        EXPECT_EQ(move(u, 7, 1, 1, false), -EFAULT);
        EXPECT_STRIP(mm, "-#....A-");
        uffd_release(u);
        strip_done(mm);
}

TEST(holes_move_where_there_are_no_tables)
{
        struct mm *mm = strip("--....--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 6, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(move(u, 6, 0, 2, false), -ENOENT);
        EXPECT_EQ(move(u, 6, 0, 2, true), 2 * (s64)PAGE_SIZE);
        EXPECT_STRIP(mm, "--....--");
        EXPECT_EQ(move(u, 20, 0, 1, true), -ENOENT); /* nothing is mapped there */
        EXPECT_EQ(move(u, 6, 20, 1, true), -ENOENT);
        uffd_release(u);
        strip_done(mm);
}

TEST(nothing_moves_when_the_address_space_has_ended)
{
        struct mm *mm = strip("A...--");
        struct uffd *u = context(mm, 0);

        strip_done(mm);
        EXPECT_EQ(move(u, 4, 0, 1, false), -ESRCH);
        uffd_release(u);
}

/* ------------------------------------------------------------------ counts */

static void read_first(void *arg)
{
        EXPECT_EQ(peek_byte(arg, at_page(0)), 0);
}

static void read_second(void *arg)
{
        EXPECT_EQ(peek_byte(arg, at_page(1)), 0);
}

static void expect_counts(struct uffd *u, u64 unread, u64 all)
{
        u64 pending, total;

        uffd_counts(u, &pending, &total);
        EXPECT_EQ(pending, unread);
        EXPECT_EQ(total, all);
}

static void count_and_close(void *arg)
{
        struct uffd_msg msg;
        u64 pending, total = 0;

        while (total < 2) {
                host_yield();
                uffd_counts(arg, &pending, &total);
        }
        expect_counts(arg, 2, 2);
        EXPECT_TRUE(next(arg, &msg));
        expect_counts(arg, 1, 2);
        EXPECT_TRUE(next(arg, &msg));
        expect_counts(arg, 0, 2);
        uffd_release(arg);
}

TEST(faults_that_wait_are_counted)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        expect_counts(u, 0, 0);
        host_task_create("first", read_first, mm);
        host_task_create("second", read_second, mm);
        host_task_create("counter", count_and_close, u);
        host_run();
        EXPECT_STRIP(mm, "00");
        strip_done(mm);
}

TEST(no_context_without_memory)
{
        struct mm *mm = strip("-");

        fail_alloc_nth(1, true);
        EXPECT_TRUE(uffd_create(mm, 0) == NULL);
        fail_alloc_nth(0, false);
        strip_done(mm);
}

/* Nobody swaps; the entry is put in by hand. */
TEST(what_is_swapped_out_is_not_protected)
{
        struct mm *mm = strip("A-");
        struct uffd *u = context(mm, 0);
        u64 word;

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_WP), 0);
        pgtable_set(pgwalk_find(mm, at_page(1), PT_PTE), pte_marker(PTE_MARKER_SWAP, 3), PT_PTE);
        mm_pagemap(mm, at_page(1), 1, &word, false);
        EXPECT_EQ(word >> 57 & 1, 0);
        uffd_release(u);
        strip_done(mm);
}
