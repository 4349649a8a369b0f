/* SPDX-License-Identifier: MIT */
/* userfaultfd and huge pages: protecting, scanning and moving them whole, and when they split. */
#include "mm/page_scan.h"
#include "tests/unit/handler.h"
#include "tests/unit/huge_fixture.h"

#define AWAY (BASE + GIB)

/* One huge page, written to, registered for write protection and protected. */
static struct mm *protected_mm(struct uffd **u, u64 features)
{
        struct mm *mm = huge_mm(1);

        write_letters(mm, BASE, HUGE_SIZE, 'a');
        *u = context(mm, features);
        EXPECT_EQ(uffd_register(*u, BASE, HUGE_SIZE, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(*u, BASE, HUGE_SIZE, true), 0);
        EXPECT_LOOK(mm, BASE, "H");
        strip_validate(mm);
        return mm;
}

static void done(struct mm *mm, struct uffd *u)
{
        strip_validate(mm);
        uffd_release(u);
        exit_mm(mm);
        EXPECT_EQ(huge_pages_mapped(), 0);
}

static bool is_marked(struct mm *mm, u64 addr)
{
        u64 word;

        mm_pagemap(mm, addr, 1, &word, false);
        return word >> 57 & 1;
}

/* ------------------------------------------------------------------ write protection */

TEST(a_huge_page_is_protected_and_unprotected_whole)
{
        struct uffd *u;
        struct mm *mm = protected_mm(&u, 0);
        u64 split = stat(mm, MMSTAT_HUGE_SPLIT);

        EXPECT_TRUE(is_marked(mm, BASE) && is_marked(mm, BASE + HUGE_SIZE - PAGE_SIZE));
        check_letters(mm, BASE, HUGE_SIZE, 'a'); /* reading is allowed */
        EXPECT_EQ(uffd_writeprotect(u, BASE, HUGE_SIZE, false), 0);
        EXPECT_FALSE(is_marked(mm, BASE));
        write_letters(mm, BASE, HUGE_SIZE, 'b');
        EXPECT_LOOK(mm, BASE, "H");
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), split);
        done(mm, u);
}

static void write_inside(void *arg)
{
        char letter = 'w';

        EXPECT_EQ(host_store(arg, &user_caller, BASE + 9 * PAGE_SIZE, &letter, 1).signo, 0);
}

/* Lets the write to page 9 happen: all of the huge page may be written then, or that page. */
static void allow(void *arg)
{
        struct uffd *u = handler.u;
        u64 len = *(u64 *)arg;

        while (!next(u, &handler.seen[0]))
                host_yield();
        EXPECT_LOOK(u->mm, BASE, "H"); /* the fault has changed nothing */
        EXPECT_EQ(uffd_writeprotect(u, len == HUGE_SIZE ? BASE : BASE + 9 * PAGE_SIZE, len, false),
                  0);
        uffd_wake(u, BASE, HUGE_SIZE);
}

TEST(writes_to_a_protected_huge_page_are_handed_over)
{
        static const struct {
                u64 len;
                const char *look;
        } rows[] = { { HUGE_SIZE, "H" }, { PAGE_SIZE, "s" } };

        for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
                struct uffd *u;
                struct mm *mm = protected_mm(&u, 0);
                u64 len = rows[i].len;

                handler.u = u;
                host_task_create("writer", write_inside, mm);
                host_task_create("handler", allow, &len);
                host_run();
                EXPECT_EQ(handler.seen[0].pagefault.flags,
                          UFFD_PAGEFAULT_FLAG_WP | UFFD_PAGEFAULT_FLAG_WRITE);
                EXPECT_EQ(handler.seen[0].pagefault.address, BASE + 9 * PAGE_SIZE);
                EXPECT_EQ(peek_byte(mm, BASE + 9 * PAGE_SIZE), 'w');
                EXPECT_LOOK(mm, BASE, rows[i].look);
                EXPECT_EQ(is_marked(mm, BASE + 8 * PAGE_SIZE), i == 1);
                EXPECT_FALSE(is_marked(mm, BASE + 9 * PAGE_SIZE));
                done(mm, u);
        }
}

static void poke_inside(void *arg)
{
        char letter = 'p';

        EXPECT_EQ(mm_access(arg, &root_caller, BASE + 9 * PAGE_SIZE, &letter, 1, MM_ACCESS_WRITE),
                  1);
}

TEST(the_kernel_may_not_write_past_the_protection_either)
{
        struct uffd *u;
        struct mm *mm = protected_mm(&u, 0);
        u64 len = HUGE_SIZE;

        handler.u = u;
        handler.seen[0].event = 0;
        host_task_create("writer", poke_inside, mm);
        host_task_create("handler", allow, &len);
        host_run();
        EXPECT_EQ(handler.seen[0].event, UFFD_EVENT_PAGEFAULT);
        EXPECT_EQ(peek_byte(mm, BASE + 9 * PAGE_SIZE), 'p');
        done(mm, u);
}

TEST(protecting_a_part_splits)
{
        struct mm *mm = huge_mm(2);
        struct uffd *u = context(mm, 0);

        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        EXPECT_EQ(uffd_register(u, BASE, 2 * HUGE_SIZE, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, BASE + PAGE_SIZE, 2 * HUGE_SIZE - PAGE_SIZE, true), 0);
        EXPECT_LOOK(mm, BASE, "sH");
        EXPECT_FALSE(is_marked(mm, BASE));
        EXPECT_TRUE(is_marked(mm, BASE + PAGE_SIZE) && is_marked(mm, BASE + HUGE_SIZE));
        EXPECT_EQ(uffd_unregister(u, BASE, 2 * HUGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "sH");
        EXPECT_FALSE(is_marked(mm, BASE + PAGE_SIZE) || is_marked(mm, BASE + HUGE_SIZE));
        write_letters(mm, BASE, 2 * HUGE_SIZE, 'b');
        done(mm, u);
}

TEST(huge_zeroes_are_protected_too)
{
        struct mm *mm = huge_mm(1);
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
        char letter = 'z';

        EXPECT_EQ(peek_byte(mm, BASE), 0);
        EXPECT_LOOK(mm, BASE, "0");
        EXPECT_EQ(uffd_register(u, BASE, HUGE_SIZE, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, BASE, HUGE_SIZE, true), 0);
        EXPECT_LOOK(mm, BASE, "0");
        strip_validate(mm);
        EXPECT_EQ(host_store(mm, &user_caller, BASE, &letter, 1).signo, 0);
        EXPECT_LOOK(mm, BASE, "s"); /* so that one page alone is noted */
        EXPECT_FALSE(is_marked(mm, BASE));
        EXPECT_TRUE(is_marked(mm, BASE + PAGE_SIZE));
        done(mm, u);
}

TEST(protection_of_huge_pages_and_fork)
{
        struct uffd *u;
        struct mm *mm = protected_mm(&u, 0);
        struct mm *child = fork_of(mm);

        EXPECT_LOOK(child, BASE, "H");
        EXPECT_FALSE(is_marked(child, BASE));
        EXPECT_TRUE(is_marked(mm, BASE));
        strip_validate(child);
        write_letters(child, BASE, PAGE_SIZE, 'c');
        EXPECT_LOOK(mm, BASE, "H");
        exit_mm(child);
        done(mm, u);
}

TEST(protection_of_huge_pages_and_mremap)
{
        for (unsigned i = 0; i < 2; i++) {
                struct uffd *u;
                struct mm *mm = protected_mm(&u, i ? UFFD_FEATURE_EVENT_REMAP : 0);
                u64 moved = stat(mm, MMSTAT_MOVED_HUGE);

                if (i) {
                        handler.u = u;
                        serve(mm, u, 1);
                }
                EXPECT_EQ(mm_mremap(mm, &root_caller, BASE, HUGE_SIZE, HUGE_SIZE,
                                    MREMAP_MAYMOVE | MREMAP_FIXED, AWAY),
                          (s64)AWAY);
                EXPECT_LOOK(mm, AWAY, "H");
                EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), moved + 1);
                EXPECT_EQ(is_marked(mm, AWAY), i == 1);
                done(mm, u);
        }
}

/* ------------------------------------------------------------------ scans */

/* What is written in the `n` pages at BASE + `page`, protected as it is reported. */
static unsigned scan(struct mm *mm, unsigned page, unsigned n, u64 max, struct page_region *region)
{
        struct page_scan s = {
                .at = BASE + page * PAGE_SIZE,
                .end = BASE + (page + n) * PAGE_SIZE,
                .flags = PM_SCAN_WP_MATCHING,
                .all_of = PAGE_IS_WRITTEN,
                .shown = PAGE_IS_WRITTEN | PAGE_IS_HUGE,
                .max_pages = max,
                .regions = region,
                .nr_max = 1,
        };

        EXPECT_EQ(mm_scan_pages(mm, &s), 0);
        return s.nr ? (unsigned)bytes_to_pages(region->end - region->start) : 0;
}

TEST(a_scan_protects_huge_pages_whole_or_splits_them)
{
        static const struct {
                unsigned page, n;
                u64 max;
                unsigned found;
                bool huge;
        } rows[] = {
                { 0, 512, 512, 512, true },
                { 0, 512, 5, 5, false },
                { 7, 20, 512, 20, false },
        };

        for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mm *mm = huge_mm(1);
                struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
                struct page_region region;

                write_letters(mm, BASE, HUGE_SIZE, 'a');
                EXPECT_EQ(uffd_register(u, BASE, HUGE_SIZE, VM_UFFD_WP), 0);
                EXPECT_EQ(scan(mm, rows[i].page, rows[i].n, rows[i].max, &region), rows[i].found);
                EXPECT_EQ(region.categories == (PAGE_IS_WRITTEN | PAGE_IS_HUGE), rows[i].huge);
                EXPECT_LOOK(mm, BASE, rows[i].huge ? "H" : "s");
                EXPECT_TRUE(is_marked(mm, region.start) && is_marked(mm, region.end - PAGE_SIZE));
                EXPECT_EQ(is_marked(mm, BASE + HUGE_SIZE - PAGE_SIZE), rows[i].huge);
                EXPECT_EQ(scan(mm, rows[i].page, rows[i].found, 512, &region), 0);
                write_inside(mm);
                EXPECT_LOOK(mm, BASE, "s");
                if (rows[i].huge)
                        EXPECT_EQ(scan(mm, 0, 512, 512, &region), 1);
                done(mm, u);
        }
}

TEST(a_scan_that_splits_begins_a_region)
{
        struct mm *mm = huge_mm(2);
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
        struct page_region regions[4];
        struct page_scan s = {
                .at = BASE + 100 * PAGE_SIZE,
                .end = BASE + 700 * PAGE_SIZE,
                .flags = PM_SCAN_WP_MATCHING,
                .shown = PAGE_IS_WRITTEN | PAGE_IS_HUGE,
                .max_pages = ~0ULL,
                .regions = regions,
                .nr_max = 4,
        };

        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        EXPECT_EQ(uffd_register(u, BASE, 2 * HUGE_SIZE, VM_UFFD_WP), 0);
        EXPECT_EQ(mm_scan_pages(mm, &s), 0);
        EXPECT_EQ(s.nr, 2);
        EXPECT_EQ(regions[0].end, BASE + HUGE_SIZE);
        EXPECT_EQ(regions[1].start, BASE + HUGE_SIZE);
        EXPECT_EQ(regions[0].categories, regions[1].categories);
        EXPECT_LOOK(mm, BASE, "ss");
        done(mm, u);
}

/* ------------------------------------------------------------------ UFFDIO_MOVE */

/* A huge page at BASE, written to, and empty memory at AWAY, registered. */
static struct mm *movable_mm(struct uffd **u)
{
        struct mm *mm = huge_mm(1);

        map_at(mm, AWAY, 2 * HUGE_SIZE);
        write_letters(mm, BASE, HUGE_SIZE, 'a');
        *u = context(mm, 0);
        EXPECT_EQ(uffd_register(*u, AWAY, 2 * HUGE_SIZE, VM_UFFD_MISSING), 0);
        return mm;
}

TEST(a_huge_page_moves_whole)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u);
        u64 split = stat(mm, MMSTAT_HUGE_SPLIT), tables = mm->pgtable_bytes;

        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), HUGE_SIZE);
        EXPECT_LOOK(mm, BASE, ".");
        EXPECT_LOOK(mm, AWAY, "H");
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), split);
        EXPECT_EQ(mm->pgtable_bytes, tables + PAGE_SIZE); /* a PMD table; the one in store moves */
        check_letters(mm, AWAY, HUGE_SIZE, 'a');
        strip_validate(mm);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), -EEXIST);
        EXPECT_EQ(uffd_move(u, AWAY + HUGE_SIZE, BASE, HUGE_SIZE, false), -ENOENT);
        write_letters(mm, BASE, HUGE_SIZE, 'n');
        check_letters(mm, AWAY, HUGE_SIZE, 'a');
        done(mm, u);
}

TEST(a_huge_page_that_does_not_fit_moves_split)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u);

        EXPECT_EQ(uffd_move(u, AWAY + PAGE_SIZE, BASE, HUGE_SIZE, false), HUGE_SIZE);
        EXPECT_LOOK(mm, BASE, "s");
        EXPECT_LOOK(mm, AWAY, "ss");
        check_letters(mm, AWAY + PAGE_SIZE, HUGE_SIZE, 'a');
        done(mm, u);
}

TEST(a_huge_page_moves_split_to_where_something_is)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u);

        EXPECT_EQ(uffd_move(u, AWAY + 3 * PAGE_SIZE, BASE + 3 * PAGE_SIZE, PAGE_SIZE, false),
                  PAGE_SIZE);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), 3 * PAGE_SIZE);
        EXPECT_LOOK(mm, AWAY, "s");
        check_letters(mm, AWAY, 4 * PAGE_SIZE, 'a');
        done(mm, u);
}

TEST(a_huge_page_that_was_shared_does_not_move)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u);
        struct mm *child = fork_of(mm);

        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), -EBUSY);
        EXPECT_EQ(uffd_move(u, AWAY + PAGE_SIZE, BASE, HUGE_SIZE, false), -EBUSY);
        EXPECT_LOOK(mm, BASE, "H");
        exit_mm(child);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), -EBUSY);
        write_letters(mm, BASE, PAGE_SIZE, 'a'); /* it is the parent's own again */
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), HUGE_SIZE);
        EXPECT_LOOK(mm, AWAY, "H");
        done(mm, u);
}

TEST(a_huge_page_that_is_held_does_not_move)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u);
        struct page *page = mm_access_page(mm, &root_caller, BASE + 7 * PAGE_SIZE, 0);

        EXPECT_TRUE(page != NULL);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), -EBUSY);
        EXPECT_LOOK(mm, BASE, "H");
        page_put(page);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), HUGE_SIZE);
        done(mm, u);
}

TEST(huge_zeroes_move_whole)
{
        struct mm *mm = huge_mm(1);
        struct uffd *u = context(mm, 0);

        map_at(mm, AWAY, HUGE_SIZE);
        EXPECT_EQ(peek_byte(mm, BASE), 0);
        EXPECT_EQ(uffd_register(u, AWAY, HUGE_SIZE, VM_UFFD_MISSING), 0);
        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), HUGE_SIZE);
        EXPECT_LOOK(mm, BASE, ".");
        EXPECT_LOOK(mm, AWAY, "0");
        write_letters(mm, AWAY, PAGE_SIZE, 'w');
        EXPECT_LOOK(mm, AWAY, "H");
        done(mm, u);
}

TEST(a_moved_huge_page_is_found_at_its_new_place)
{
        struct uffd *u;
        struct mm *mm = movable_mm(&u), *child;

        EXPECT_EQ(uffd_move(u, AWAY, BASE, HUGE_SIZE, false), HUGE_SIZE);
        child = fork_of(mm); /* by way of the new owner */
        strip_validate(child);
        check_letters(child, AWAY, HUGE_SIZE, 'a');
        EXPECT_EQ(mm_munmap(mm, &root_caller, AWAY, HUGE_SIZE), 0);
        strip_validate(child);
        exit_mm(child);
        done(mm, u);
}

/* ------------------------------------------------------------------ other markers */

static struct {
        struct mm *mm;
        struct uffd *u;
} forked;

static void fork_it(void *arg)
{
        forked.mm = fork_of(arg);
}

static void receive_child(void *arg)
{
        struct uffd_event *event;
        struct uffd_msg msg;

        while (!uffd_next(arg, &msg, &event, no_thread_id))
                host_yield();
        forked.u = event->child;
        uffd_fork_read(arg, event, true);
}

TEST(a_scan_protects_guards_and_poison_until_they_move_or_fork)
{
        struct mm *mm = strip("----"), *child;
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_EVENT_FORK);
        struct page_scan s = {
                .at = at_page(0), .end = at_page(4), .flags = PM_SCAN_WP_MATCHING, .max_pages = 4
        };

        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_WP), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(fill(u, UFFD_POISON, 1, 1, 0), PAGE_SIZE);
        EXPECT_FALSE(is_marked(mm, at_page(0)) || is_marked(mm, at_page(1)));
        EXPECT_EQ(mm_scan_pages(mm, &s), 0);
        for (unsigned i = 0; i < 4; i++)
                EXPECT_TRUE(is_marked(mm, at_page(i)));
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 4 * PAGE_SIZE, false), 0);
        for (unsigned i = 0; i < 4; i++)
                EXPECT_EQ(is_marked(mm, at_page(i)), i < 2);
        host_task_create("parent", fork_it, mm);
        host_task_create("handler", receive_child, u);
        host_run();
        child = forked.mm;
        EXPECT_FALSE(is_marked(child, at_page(0)) || is_marked(child, at_page(1)));
        EXPECT_EQ(touch(child, at_page(0), false).signo, SIGSEGV);
        EXPECT_EQ(touch(child, at_page(1), false).signo, SIGBUS);
        uffd_release(forked.u);
        mm_put(child);
        EXPECT_EQ(remap(mm, 0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, 10), 10);
        EXPECT_FALSE(is_marked(mm, at_page(10)) || is_marked(mm, at_page(11)));
        EXPECT_EQ(touch(mm, at_page(10), false).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, at_page(11), false).signo, SIGBUS);
        uffd_release(u);
        strip_done(mm);
}
