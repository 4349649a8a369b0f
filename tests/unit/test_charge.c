/* SPDX-License-Identifier: MIT */
/*
 * What is charged to the commit limit, and what is refused when it is strict (overcommit_memory 2).
 * A test is a sentence; every one ends with nothing committed (strip_done()).
 */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "mm/account.h"

#define MOVE      MREMAP_MAYMOVE
#define FIXED     (MREMAP_MAYMOVE | MREMAP_FIXED)
#define DONTUNMAP (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)

static s64 move(struct mm *mm, unsigned page, unsigned n, unsigned m, u64 flags, unsigned to)
{
        return mm_mremap(mm, &user_caller, at_page(page), n * PAGE_SIZE, m * PAGE_SIZE, flags,
                         at_page(to));
}

static s64 map(struct mm *mm, unsigned page, unsigned n, u64 prot, u64 flags)
{
        struct mmap_request req = map_request(page, n, prot, flags | MAP_FIXED, NULL, 0);

        if (!(flags & MAP_TYPE))
                req.flags |= MAP_PRIVATE;
        return mm_mmap(mm, &user_caller, &req);
}

/* A file whose pages are charged one by one, as those of a memfd are. */
static struct backing *memfd_of(unsigned pages)
{
        struct backing *file = file_create("", BACKING_SHMEM);

        object_put(file->object);
        file->object = object_create(pages * PAGE_SIZE, OBJECT_CHARGE_PAGES);
        CHECK(file->object);
        return file;
}

/* ------------------------------------------------------------------ private memory */

TEST(only_private_writable_reserved_memory_is_charged)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 2, PROT_NONE, 0);
        map_pages(mm, 2, 2, PROT_READ, 0);
        map_pages(mm, 4, 2, RX, 0);
        map_pages(mm, 6, 2, RW, MAP_NORESERVE);
        map_pages(mm, 300, 2, PROT_READ, MAP_GROWSDOWN);
        EXPECT_EQ(map(mm, 10, 2, RW, MAP_DROPPABLE), (s64)at_page(10));
        EXPECT_EQ(mm_committed(), 0);
        map_pages(mm, 12, 2, RW, 0);
        EXPECT_EQ(mm_committed(), 2);
        map_pages(mm, 14, 3, PROT_WRITE, 0);
        EXPECT_EQ(mm_committed(), 5);
        map_pages(mm, 600, 4, RW, MAP_GROWSDOWN);
        EXPECT_EQ(mm_committed(), 9);
        strip_done(mm);
}

TEST(noreserve_memory_is_not_charged_in_mode_1_either)
{
        struct mm *mm = strip_empty();

        mm_sysctl.overcommit_memory = 1;
        map_pages(mm, 0, 2, RW, MAP_NORESERVE);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, RW), 0);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

TEST(pages_that_are_unmapped_give_their_charge_back)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 8, RW, 0);
        EXPECT_EQ(unmap(mm, 3, 2), 0);
        EXPECT_EQ(mm_committed(), 6);
        EXPECT_EQ(unmap(mm, 0, 4), 0);
        EXPECT_EQ(mm_committed(), 3);
        map_pages(mm, 6, 2, PROT_READ, 0); /* over charged pages */
        EXPECT_EQ(mm_committed(), 1);
        map_pages(mm, 5, 3, RW, 0); /* over one charged and two that are not */
        EXPECT_EQ(mm_committed(), 3);
        strip_done(mm);
}

TEST(private_mapping_of_a_file_is_charged_for_good_if_it_can_be_written)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip_empty();
        u64 files = mm_committed(); /* the pages of the file itself */

        map_file(mm, 0, 4, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_EQ(mm_committed(), files);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(mm_committed(), files + 3);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_committed(), files + 3);
        map_file(mm, 10, 4, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_committed(), files + 3);
        backing_put(file);
        strip_done(mm);
}

TEST(heap_and_stack_are_charged_exactly_what_they_grow)
{
        struct mm *mm = strip_empty();
        struct mm_image image = { .start_brk = at_page(0) };

        mm_set_image(mm, &image);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(5) + 1), at_page(5) + 1);
        EXPECT_EQ(mm_committed(), 6);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(2)), at_page(2));
        EXPECT_EQ(mm_committed(), 2);
        map_pages(mm, 1000, 2, RW, MAP_GROWSDOWN);
        EXPECT_EQ(touch(mm, at_page(993), true).signo, 0);
        EXPECT_EQ(mm_committed(), 2 + 9);
        map_pages(mm, 2000, 2, PROT_READ, MAP_GROWSDOWN);
        EXPECT_EQ(touch(mm, at_page(1990), false).signo, 0);
        EXPECT_EQ(mm_committed(), 2 + 9); /* what cannot be written is not */
        strip_done(mm);
}

TEST(a_child_is_charged_for_what_it_inherits_and_no_more)
{
        struct mm *mm = strip("AABB--"), *child; /* B is NORESERVE */
        u64 parents = mm_committed();

        EXPECT_EQ(parents, 4);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(4), PAGE_SIZE, MADV_DONTFORK), 0);
        map_shared_anon(mm, 20, 4, RW);
        EXPECT_EQ(mm_committed(), parents + 4);
        child = fork_of(mm);
        EXPECT_EQ(mm_committed(), parents + 4 + 3);
        EXPECT_EQ(stats_of(child).total_vm, stats_of(mm).total_vm - 1);
        EXPECT_EQ(stats_of(child).data_vm, stats_of(mm).data_vm - 1);
        EXPECT_EQ(stats_of(child).hiwater_vm, stats_of(child).total_vm);
        mm_put(mm);
        EXPECT_EQ(mm_committed(), 4 + 3);
        strip_done(child);
}

/* ------------------------------------------------------------------ mremap */

TEST(a_move_charges_nothing_and_growth_what_it_adds)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(move(mm, 0, 4, 4, FIXED, 10), (s64)at_page(10));
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(move(mm, 11, 2, 2, FIXED, 20), (s64)at_page(20)); /* both ends stay charged */
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(move(mm, 20, 2, 7, 0, 0), (s64)at_page(20));
        EXPECT_EQ(mm_committed(), 9);
        EXPECT_EQ(move(mm, 20, 7, 9, FIXED, 40), (s64)at_page(40));
        EXPECT_EQ(mm_committed(), 11);
        EXPECT_EQ(move(mm, 40, 9, 2, 0, 0), (s64)at_page(40));
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(a_move_over_charged_memory_gives_that_charge_back)
{
        struct mm *mm = strip("AAAA....AAAAAA");

        EXPECT_EQ(mm_committed(), 10);
        EXPECT_EQ(move(mm, 0, 4, 4, FIXED, 9), (s64)at_page(9));
        EXPECT_EQ(mm_committed(), 6);
        strip_done(mm);
}

/* Linux 6.18 charges the trimmed pages a second time here and never gives them back. */
TEST(a_move_that_shrinks_leaves_no_charge_behind)
{
        struct mm *mm = strip("AAAAAAAAAA");

        EXPECT_EQ(move(mm, 0, 10, 4, FIXED, 20), (s64)at_page(20));
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(unmap(mm, 20, 4), 0);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

/* Nor can that charge be refused, as it can there. */
TEST(a_move_that_shrinks_needs_no_charge)
{
        struct mm *mm = strip("AAAAAAAAAA");

        commit_leave(0);
        EXPECT_EQ(move(mm, 0, 10, 4, FIXED, 20), (s64)at_page(20));
        strip_done(mm);
}

TEST(what_dontunmap_leaves_is_charged_like_what_it_makes)
{
        struct mm *mm = strip("AAAABBBB");

        EXPECT_EQ(move(mm, 0, 4, 4, DONTUNMAP, 20), (s64)at_page(20));
        EXPECT_EQ(mm_committed(), 8);
        EXPECT_EQ(move(mm, 4, 4, 4, DONTUNMAP, 30), (s64)at_page(30)); /* NORESERVE */
        EXPECT_EQ(mm_committed(), 8);
        map_shared_anon(mm, 40, 3, RW);
        EXPECT_EQ(move(mm, 40, 3, 3, DONTUNMAP, 50), (s64)at_page(50));
        EXPECT_EQ(mm_committed(), 11);
        /* By its flag, not by its rights: written memory that cannot be written any more. */
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(20), 4 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(move(mm, 20, 4, 4, DONTUNMAP, 60), (s64)at_page(60));
        EXPECT_EQ(mm_committed(), 15);
        EXPECT_EQ(unmap(mm, 0, 70), 0);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

/* Linux 6.18 keeps the source's pages on VmLck for ever. */
TEST(what_dontunmap_leaves_is_off_the_locked_pages)
{
        struct mm *mm = strip("AAAAAAAA");

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), 8 * PAGE_SIZE, false), 0);
        EXPECT_EQ(move(mm, 0, 8, 8, DONTUNMAP, 20), (s64)at_page(20));
        EXPECT_EQ(locked_pages_of(mm), 8);
        EXPECT_EQ(move(mm, 22, 3, 3, DONTUNMAP, 40), (s64)at_page(40)); /* a part unlocks all */
        EXPECT_EQ(locked_pages_of(mm), 3);
        EXPECT_EQ(unmap(mm, 0, 60), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(a_move_does_not_raise_the_peak_and_a_copy_does)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(move(mm, 0, 4, 4, FIXED, 10), (s64)at_page(10));
        EXPECT_EQ(move(mm, 10, 4, 6, FIXED, 20), (s64)at_page(20));
        EXPECT_EQ(stats_of(mm).hiwater_vm, 6);
        EXPECT_EQ(move(mm, 20, 6, 6, DONTUNMAP, 30), (s64)at_page(30));
        EXPECT_EQ(unmap(mm, 20, 6), 0);
        EXPECT_EQ(stats_of(mm).hiwater_vm, 12);
        EXPECT_EQ(stats_of(mm).hiwater_rss, 4);
        strip_done(mm);
}

/* ------------------------------------------------------------------ objects */

TEST(shared_anonymous_memory_is_charged_whole_until_its_last_mapping_goes)
{
        struct mm *mm = strip_empty(), *child;

        map_shared_anon(mm, 0, 8, PROT_READ);
        EXPECT_EQ(mm_committed(), 8);
        EXPECT_EQ(unmap(mm, 2, 2), 0);
        EXPECT_EQ(move(mm, 4, 4, 2, 0, 0), (s64)at_page(4));
        EXPECT_EQ(move(mm, 4, 2, 2, DONTUNMAP, 20), (s64)at_page(20));
        EXPECT_EQ(move(mm, 0, 0, 2, FIXED, 30), (s64)at_page(30));
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        child = fork_of(mm);
        EXPECT_EQ(mm_committed(), 8);
        EXPECT_EQ(unmap(mm, 0, 40), 0);
        EXPECT_EQ(mm_committed(), 8); /* the child has it still */
        EXPECT_EQ(unmap(child, 0, 32), 0);
        EXPECT_EQ(mm_committed(), 0);
        mm_put(child);
        strip_done(mm);
}

TEST(shared_memory_that_may_not_be_charged_leaves_a_hole)
{
        struct mm *mm = strip("A-------");

        commit_leave(3);
        EXPECT_EQ(map(mm, 2, 4, RW, MAP_SHARED), -ENOMEM);
        EXPECT_VMAS(mm, "0-2rw 6-8rw");
        EXPECT_EQ(mm_committed(), 4);
        EXPECT_EQ(map(mm, 1, 4, RW, MAP_PRIVATE | MAP_FIXED), (s64)at_page(1));
        EXPECT_EQ(map(mm, 6, 20, RW, MAP_PRIVATE | MAP_FIXED), -ENOMEM); /* which leaves none */
        EXPECT_VMAS(mm, "0-5rw 6-8rw");
        EXPECT_STRIP(mm, "A----.--");
        strip_done(mm);
}

TEST(shared_noreserve_memory_is_charged_page_by_page)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(map(mm, 0, 8, RW, MAP_SHARED | MAP_NORESERVE), (s64)at_page(0));
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(touch(mm, at_page(1), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(5), false).signo, 0);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_EQ(touch(mm, at_page(1), true).signo, 0);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_EQ(unmap(mm, 1, 1), 0); /* the page stays in the object */
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(5), PAGE_SIZE, MADV_REMOVE), 0);
        EXPECT_EQ(mm_committed(), 1);
        EXPECT_EQ(unmap(mm, 0, 8), 0);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

TEST(a_memfd_is_charged_page_by_page_and_its_private_mapping_besides)
{
        struct backing *file = memfd_of(8);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 8, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(touch(mm, at_page(3), true).signo, 0);
        EXPECT_EQ(object_allocate(file->object, 0, 2 * PAGE_SIZE, true), 0);
        EXPECT_EQ(mm_committed(), 3);
        map_file(mm, 20, 8, RW, MAP_PRIVATE, file, 0);
        EXPECT_EQ(mm_committed(), 11);
        EXPECT_EQ(touch(mm, at_page(23), true).signo, 0); /* its copy is charged already */
        EXPECT_EQ(mm_committed(), 11);
        EXPECT_EQ(touch(mm, at_page(24), true).signo, 0); /* and a hole is filled first */
        EXPECT_EQ(mm_committed(), 12);
        EXPECT_EQ(object_truncate(file->object, PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 9);
        EXPECT_EQ(unmap(mm, 0, 30), 0);
        EXPECT_EQ(mm_committed(), 1); /* until the file goes */
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ the strict mode */

TEST(strict_mode_refuses_whatever_adds_charge_and_changes_nothing)
{
        struct mm *mm = strip("AAAAA.---");
        char *before;

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(6), 3 * PAGE_SIZE, PROT_READ), 0);
        before = strip_snapshot(mm);
        commit_leave(2);
        EXPECT_EQ(map(mm, 20, 3, RW, 0), -ENOMEM);
        EXPECT_EQ(map(mm, 20, 3, RW, MAP_NORESERVE), -ENOMEM);
        EXPECT_EQ(map(mm, 20, 3, PROT_READ, MAP_SHARED), -ENOMEM);
        EXPECT_EQ(map(mm, 20, 3, RW, MAP_SHARED | MAP_NORESERVE), -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(6), 3 * PAGE_SIZE, RW), -ENOMEM);
        EXPECT_EQ(move(mm, 0, 5, 10, MOVE, 0), -ENOMEM);
        EXPECT_EQ(move(mm, 0, 5, 5, DONTUNMAP, 30), -ENOMEM);
        EXPECT_EQ(move(mm, 0, 5, 8, FIXED, 30), -ENOMEM);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        EXPECT_EQ(map(mm, 20, 3, PROT_READ, 0), (s64)at_page(20));
        EXPECT_EQ(map(mm, 24, 2, RW, 0), (s64)at_page(24)); /* what is left can be had */
        EXPECT_EQ(map(mm, 28, 1, RW, 0), -ENOMEM);
        EXPECT_EQ(move(mm, 0, 5, 5, FIXED, 30), (s64)at_page(30)); /* a move adds nothing */
        EXPECT_EQ(map(mm, 30, 5, RW, 0), (s64)at_page(30));        /* nor does replacing */
        strip_done(mm);
}

TEST(strict_mode_refuses_growth_in_place_heap_and_stack)
{
        struct mm *mm = strip("AAAA");
        struct mm_image image = { .start_brk = at_page(40) };

        mm_set_image(mm, &image);
        map_pages(mm, 1000, 2, RW, MAP_GROWSDOWN);
        commit_leave(2);
        EXPECT_EQ(move(mm, 0, 4, 7, MOVE, 0), -ENOMEM);
        EXPECT_EQ(move(mm, 0, 4, 6, MOVE, 0), (s64)at_page(0));
        EXPECT_EQ(unmap(mm, 4, 2), 0);
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(43)), at_page(40));
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(42)), at_page(42));
        EXPECT_EQ(mm_brk(mm, &user_caller, at_page(40)), at_page(40));
        EXPECT_EQ(touch(mm, at_page(997), true).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, at_page(998), true).signo, 0);
        strip_done(mm);
}

TEST(strict_mode_refuses_a_fork_that_cannot_be_charged_whole)
{
        struct mm *mm = strip("AA..AA"), *child;
        int err;

        commit_leave(3);
        EXPECT_TRUE(!mm_fork(mm, &user_caller, &err));
        EXPECT_EQ(err, -ENOMEM);
        EXPECT_EQ(mm_committed(), 4);
        commit_leave(4);
        child = mm_fork(mm, &user_caller, &err);
        ASSERT_TRUE(child);
        EXPECT_EQ(mm_committed(), 8);
        mm_put(child);
        strip_done(mm);
}

TEST(strict_mode_refuses_pages_of_a_memfd)
{
        struct backing *file = memfd_of(8);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 8, RW, MAP_SHARED, file, 0);
        commit_leave(2);
        EXPECT_EQ(object_allocate(file->object, 0, 3 * PAGE_SIZE, true), -ENOMEM);
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(1), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(2), true).signo, MM_FAULT_OOM);
        EXPECT_EQ(mm_committed(), 2);
        backing_put(file);
        strip_done(mm);
}

TEST(strict_mode_credits_what_a_target_gives_back)
{
        struct mm *mm = strip("AAAA....AAAA");

        commit_leave(0);
        EXPECT_EQ(move(mm, 0, 4, 8, FIXED, 8), (s64)at_page(8)); /* four more, four less */
        EXPECT_EQ(mm_committed(), 8);
        EXPECT_EQ(move(mm, 8, 8, 9, FIXED, 20), -ENOMEM);
        EXPECT_EQ(mm_committed(), 8);
        strip_done(mm);
}

/* ------------------------------------------------------------------ page tables */

TEST(page_tables_are_counted_but_for_the_root)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 1024, RW, 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 0);
        write_pages(mm, 0, 1, 'x');
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 3 * PAGE_SIZE);
        write_pages(mm, 511, 2, 'x'); /* the next PTE table */
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 4 * PAGE_SIZE);
        EXPECT_EQ(move(mm, 512, 512, 512, DONTUNMAP, 4096), (s64)at_page(4096));
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 4 * PAGE_SIZE); /* the table went along */
        EXPECT_EQ(move(mm, 0, 512, 512, DONTUNMAP, 8193), (s64)at_page(8193));
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 6 * PAGE_SIZE); /* pages went, to two new ones */
        EXPECT_EQ(unmap(mm, 0, 10000), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ limits */

TEST(address_space_limit_counts_pages_and_spares_moves)
{
        struct mm *mm = strip("AAAA");
        struct mm_caller who = with_as(6);
        struct mmap_request req = map_request(20, 3, PROT_NONE, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        EXPECT_EQ(mm_mmap(mm, &who, &req), -ENOMEM); /* whatever its rights */
        req.len = 2 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)at_page(20));
        EXPECT_EQ(mm_mmap(mm, &who, &req), (s64)at_page(20)); /* it replaces as many */
        EXPECT_EQ(mm_mremap(mm, &who, at_page(0), 4 * PAGE_SIZE, 4 * PAGE_SIZE, FIXED, at_page(30)),
                  (s64)at_page(30));
        EXPECT_EQ(mm_mremap(mm, &who, at_page(30), 4 * PAGE_SIZE, 5 * PAGE_SIZE, MOVE, 0), -ENOMEM);
        EXPECT_EQ(mm_mremap(mm, &who, at_page(30), 4 * PAGE_SIZE, 4 * PAGE_SIZE, DONTUNMAP,
                            at_page(50)),
                  -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &who, at_page(20), PAGE_SIZE, RW), 0);
        strip_done(mm);
}

TEST(stack_growth_keeps_to_the_address_space_and_lock_limits)
{
        struct mm *mm = strip_empty();
        struct mm_caller who = with_as(4);
        u8 byte = 1;

        map_pages(mm, 1000, 2, RW, MAP_GROWSDOWN);
        EXPECT_EQ(host_store(mm, &who, at_page(997), &byte, 1).signo, SIGSEGV);
        EXPECT_EQ(host_store(mm, &who, at_page(998), &byte, 1).signo, 0);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(998), 4 * PAGE_SIZE, true), 0);
        who = with_memlock(5);
        EXPECT_EQ(host_store(mm, &who, at_page(996), &byte, 1).signo, SIGSEGV);
        EXPECT_EQ(host_store(mm, &who, at_page(997), &byte, 1).signo, 0);
        EXPECT_EQ(locked_pages_of(mm), 5);
        strip_done(mm);
}
