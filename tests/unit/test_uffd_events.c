/* SPDX-License-Identifier: MIT */
/* userfaultfd: events about memory that changes, forks, and what mremap() does to registrations. */
#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "tests/unit/handler.h"

/* ------------------------------------------------------------------ events */

static s64 move_pages(struct mm *mm, unsigned from, unsigned n, unsigned to, u64 flags)
{
        return mm_mremap(mm, &root_caller, at_page(from), n * PAGE_SIZE, n * PAGE_SIZE,
                         MREMAP_MAYMOVE | MREMAP_FIXED | flags, at_page(to));
}

static void move_and_unmap(void *arg)
{
        EXPECT_EQ(move_pages(arg, 0, 2, 8, 0), at_page(8));
        EXPECT_EQ(mm_munmap(arg, &root_caller, at_page(8), 4 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_madvise(arg, &root_caller, at_page(2), PAGE_SIZE, MADV_DONTNEED), 0);
}

static void expect_event(unsigned i, u8 event, u64 a, u64 b, u64 c)
{
        EXPECT_EQ(handler.seen[i].event, event);
        EXPECT_EQ(handler.seen[i].words[0], a);
        EXPECT_EQ(handler.seen[i].words[1], b);
        EXPECT_EQ(handler.seen[i].words[2], c);
}

#define EVENTS (UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMOVE)

TEST(changes_are_told_in_order)
{
        struct mm *mm = strip("AAA.....--");
        struct uffd *u = context(mm, EVENTS);

        EXPECT_EQ(enlist(u, 0, 10, VM_UFFD_MISSING), 0);
        host_task_create("mover", move_and_unmap, mm);
        serve(mm, u, 5);
        host_run();
        expect_event(0, UFFD_EVENT_UNMAP, at_page(8), at_page(10), 0);
        expect_event(1, UFFD_EVENT_REMAP, at_page(0), at_page(8), 2 * PAGE_SIZE);
        expect_event(2, UFFD_EVENT_UNMAP, at_page(0), at_page(2), 0);
        expect_event(3, UFFD_EVENT_UNMAP, at_page(8), at_page(12), 0);
        expect_event(4, UFFD_EVENT_REMOVE, at_page(2), at_page(3), 0);
        EXPECT_EQ(atomic_get(&u->changing), 0);
        EXPECT_STRIP(mm, "..-.");
        uffd_release(u);
        strip_done(mm);
}

static void unmap_first(void *arg)
{
        EXPECT_EQ(mm_munmap(arg, &root_caller, at_page(0), PAGE_SIZE), 0);
}

static void fill_meanwhile(void *arg)
{
        struct uffd_msg msg;

        while (!uffd_has_message(arg))
                host_yield();
        EXPECT_EQ(fill(arg, UFFD_COPY, 1, 1, 'a'), -EAGAIN);
        EXPECT_EQ(uffd_writeprotect(arg, at_page(1), PAGE_SIZE, true), -EAGAIN);
        EXPECT_TRUE(next(arg, &msg));
        while (atomic_get(&((struct uffd *)arg)->changing))
                host_yield();
        EXPECT_EQ(fill(arg, UFFD_COPY, 1, 1, 'a'), PAGE_SIZE);
}

TEST(filling_waits_until_a_change_was_heard_of)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, EVENTS);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("unmapper", unmap_first, mm);
        host_task_create("filler", fill_meanwhile, u);
        host_run();
        EXPECT_STRIP(mm, ".a");
        uffd_release(u);
        strip_done(mm);
}

TEST(closing_lets_producers_go)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, EVENTS);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("unmapper", unmap_first, mm);
        host_task_create("closer", close_it, u);
        host_run();
        EXPECT_VMAS(mm, "1-2rw");
        strip_done(mm);
}

static struct {
        struct mm *parent, *child;
        struct uffd *child_context;
} forked;

static void fork_it(void *arg)
{
        forked.child = fork_of(arg);
}

static void receive_child(void *arg)
{
        struct uffd_event *event;
        struct uffd_msg msg;

        while (!uffd_has_message(arg))
                host_yield();
        EXPECT_EQ(uffd_next(arg, &msg, &event, no_thread_id), 1);
        EXPECT_EQ(msg.event, UFFD_EVENT_FORK);
        uffd_fork_read(arg, event, false); /* no descriptor to be had */
        EXPECT_EQ(uffd_next(arg, &msg, &event, no_thread_id), 1);
        forked.child_context = event->child;
        uffd_fork_read(arg, event, true);
}

TEST(a_child_has_a_context_of_its_own)
{
        struct mm *mm = strip("A-B-");
        struct uffd *u = context(mm, UFFD_FEATURE_EVENT_FORK);

        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_MISSING), 0);
        host_task_create("parent", fork_it, mm);
        host_task_create("handler", receive_child, u);
        host_run();
        EXPECT_FLAGS(forked.child, 3, "rd wr mr mw me um ac");
        EXPECT_EQ(fill(forked.child_context, UFFD_COPY, 1, 1, 'c'), PAGE_SIZE);
        EXPECT_STRIP(forked.child, "AcB-");
        EXPECT_STRIP(mm, "A-B-");
        uffd_release(forked.child_context);
        EXPECT_FLAGS(forked.child, 3, "rd wr mr mw me ac");
        mm_put(forked.child);
        uffd_release(u);
        strip_done(mm);
}

TEST(a_child_whose_fork_nobody_reads_is_unregistered)
{
        struct mm *mm = strip("A-");
        struct uffd *u = context(mm, UFFD_FEATURE_EVENT_FORK);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("parent", fork_it, mm);
        host_task_create("closer", close_it, u);
        host_run();
        EXPECT_FLAGS(forked.child, 1, "rd wr mr mw me ac");
        mm_put(forked.child);
        strip_done(mm);
}

/* ------------------------------------------------------------------ mremap */

TEST(moves_without_events_lose_the_registration)
{
        struct mm *mm = strip("AAA");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_UNPOPULATED);

        map_shared_anon(mm, 3, 2, RW);
        write_pages(mm, 3, 1, 's');
        EXPECT_EQ(enlist(u, 0, 5, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 5 * PAGE_SIZE, true), 0);
        EXPECT_EQ(move_pages(mm, 0, 2, 10, 0), at_page(10));
        EXPECT_EQ(move_pages(mm, 2, 1, 12, MREMAP_DONTUNMAP), at_page(12));
        EXPECT_EQ(move_pages(mm, 3, 2, 14, 0), at_page(14));
        EXPECT_FLAGS(mm, 10, "rd wr mr mw me ac");
        EXPECT_FLAGS(mm, 2, "rd wr mr mw me uw ac");
        EXPECT_STRIP(mm, "..-.......AAA.s-");
        strip_validate(mm);
        write_pages(mm, 10, 3, 'w');
        write_pages(mm, 14, 2, 'w');
        uffd_release(u);
        strip_done(mm);
}

static void dontunmap(void *arg)
{
        EXPECT_EQ(move_pages(arg, 0, 3, 10, MREMAP_DONTUNMAP), at_page(10));
}

TEST(moves_with_events_keep_the_registration)
{
        struct mm *mm = strip("A--");
        struct uffd *u = context(mm, EVENTS | UFFD_FEATURE_WP_UNPOPULATED);

        EXPECT_EQ(enlist(u, 0, 3, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 2 * PAGE_SIZE, true), 0);
        host_task_create("mover", dontunmap, mm);
        serve(mm, u, 1);
        host_run();
        expect_event(0, UFFD_EVENT_REMAP, at_page(0), at_page(10), 3 * PAGE_SIZE);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me uw ac");
        EXPECT_FLAGS(mm, 10, "rd wr mr mw me uw ac");
        EXPECT_STRIP(mm, "---.......A#-");
        uffd_release(u);
        strip_done(mm);
}

static u64 moved_to;

static void dontunmap_anywhere(void *arg)
{
        s64 result = mm_mremap(arg, &root_caller, at_page(0), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                               MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);

        EXPECT_TRUE(result > 0);
        moved_to = (u64)result;
}

TEST(the_handler_hears_where_the_kernel_has_put_it)
{
        struct mm *mm = strip("AA");
        struct uffd *u = context(mm, EVENTS);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        host_task_create("mover", dontunmap_anywhere, mm);
        serve(mm, u, 1);
        host_run();
        expect_event(0, UFFD_EVENT_REMAP, at_page(0), moved_to, 2 * PAGE_SIZE);
        EXPECT_EQ(peek_byte(mm, moved_to + PAGE_SIZE), 'A');
        EXPECT_STRIP(mm, "--");
        uffd_release(u);
        strip_done(mm);
}

TEST(a_move_without_memory_leaves_nothing_to_be_told)
{
        for (unsigned n = 1;; n++) {
                struct mm *mm = strip("AA");
                struct uffd *u = context(mm, UFFD_FEATURE_EVENT_REMAP);
                s64 result;

                EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
                /* The call that succeeds would wait for a reader. */
                host_task_signal(park_self(), true);
                fail_alloc_nth(n, false);
                result = move_pages(mm, 0, 2, 8, 0);
                fail_alloc_nth(0, false);
                host_task_signal(park_self(), false);
                EXPECT_EQ(atomic_get(&u->changing), 0);
                EXPECT_EQ(fill(u, UFFD_COPY, result < 0 ? 0 : 8, 1, 'c'), -EEXIST);
                EXPECT_STRIP(mm, result < 0 ? "AA" : "........AA");
                uffd_release(u);
                strip_done(mm);
                if (result > 0)
                        break;
                ASSERT_TRUE(n < 100);
        }
}

TEST(a_range_of_several_mappings_moves_without_registered_ones)
{
        struct mm *mm = strip("A.A.");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 2, 1, VM_UFFD_MISSING), 0);
        EXPECT_EQ(move_pages(mm, 0, 3, 10, 0), -EFAULT);
        EXPECT_STRIP(mm, "..A.......A");
        EXPECT_EQ(move_pages(mm, 2, 2, 10, 0), -EFAULT); /* a hole behind it */
        EXPECT_EQ(move_pages(mm, 2, 1, 10, 0), at_page(10));
        uffd_release(u);
        strip_done(mm);
}
