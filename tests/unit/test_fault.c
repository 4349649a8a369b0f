/* SPDX-License-Identifier: MIT */
/*
 * Page faults by kind of memory: which page comes, what is counted, which signal it is if none
 * does. Signals of anonymous memory are in test_mmap.c, copy on write after fork in test_fork.c.
 */
#include "tests/unit/fixture.h"

#include "arch/trap.h"
#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "mm/fault.h"
#include "mm/pgwalk.h"

/* ------------------------------------------------------------------ private files */

TEST(private_file_read_then_written_is_copied)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_PRIVATE, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_EQ(stats_of(mm).rss_file, 2); /* what the fault found around it, too */
        EXPECT_TRUE(!vma_at(mm, at_page(0))->anon);
        write_pages(mm, 0, 1, 'X');
        EXPECT_EQ(stats_of(mm).rss_file, 1);
        EXPECT_EQ(anon_pages_of(mm), 1);
        EXPECT_TRUE(vma_at(mm, at_page(0))->anon);
        map_file(mm, 8, 2, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(8)), 'a'); /* the file is as it was */
        backing_put(file);
        strip_done(mm);
}

TEST(private_file_written_first_is_copied_at_once)
{
        struct backing *file = file_create("abc", 0);
        struct mm *mm = strip_empty();
        u8 second;

        ASSERT_EQ(object_write(file->object, PAGE_SIZE + 1, "z", 1), 1);
        map_file(mm, 0, 3, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_STRIP(mm, "-X-"); /* a write brings in one page */
        EXPECT_EQ(stats_of(mm).rss_file, 0);
        EXPECT_EQ(host_load(mm, &user_caller, at_page(1) + 1, &second, 1).signo, 0);
        EXPECT_EQ(second, 'z');
        backing_put(file);
        strip_done(mm);
}

TEST(private_copies_go_with_truncation_and_stay_in_holes)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 1, 1, 'X');
        write_pages(mm, 3, 1, 'Y');
        EXPECT_EQ(object_punch(file->object, PAGE_SIZE, 2 * PAGE_SIZE), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'X');
        EXPECT_EQ(object_truncate(file->object, 2 * PAGE_SIZE), 0);
        EXPECT_EQ(touch(mm, at_page(3), false).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(3) + 9, true).addr, at_page(3) + 9);
        EXPECT_EQ(touch(mm, at_page(3), true).code, 2);
        EXPECT_EQ(object_truncate(file->object, 4 * PAGE_SIZE), 0);
        EXPECT_EQ(peek_byte(mm, at_page(3)), 0); /* the copy is gone for good */
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'X');
        backing_put(file);
        strip_done(mm);
}

TEST(private_dev_zero_is_anonymous)
{
        struct backing *zero = file_create("", BACKING_ZERO);
        struct mm *mm = strip_empty();

        object_put(zero->object); /* which a device does not have */
        zero->object = NULL;
        map_file(mm, 0, 2, RW, MAP_PRIVATE, zero, 16);
        write_pages(mm, 0, 1, 'X');
        EXPECT_STRIP(mm, "X-");
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), PAGE_SIZE, MADV_REMOVE), -EACCES);
        EXPECT_EQ(anon_pages_of(mm), 1);
        EXPECT_EQ(vma_at(mm, at_page(0))->pgoff, 16);
        backing_put(zero);
        strip_done(mm);
}

/* ------------------------------------------------------------------ shared files */

TEST(shared_file_pages_are_the_files)
{
        struct backing *file = file_create("ab", 0), *shm = file_create("c", BACKING_SHMEM);
        struct mm *mm = strip_empty();
        u8 byte;

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        map_file(mm, 4, 1, RW, MAP_SHARED, shm, 0);
        write_pages(mm, 0, 1, 'X');
        write_pages(mm, 4, 1, 'Y');
        EXPECT_EQ(object_read(file->object, 0, &byte, 1), 1);
        EXPECT_EQ(byte, 'X');
        EXPECT_EQ(stats_of(mm).rss_file, 1);
        EXPECT_EQ(stats_of(mm).rss_shmem, 1);
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(touch(mm, at_page(2), false).code, 1); /* outside the mapping */
        backing_put(file);
        backing_put(shm);
        strip_done(mm);
}

TEST(shared_file_holes_are_filled_and_charged)
{
        struct backing *file = file_create("..", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_EQ(mm_committed(), 1);
        EXPECT_EQ(object_pages(file->object), 1);
        commit_leave(0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, MM_FAULT_OOM);
        mm_sysctl.overcommit_memory = 0;
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        backing_put(file);
        strip_done(mm);
}

TEST(read_faults_map_what_the_file_has_within_64_KiB)
{
        struct backing *file = file_create("abcd.fghijklmnopqrstuvwxyz", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 2, 24, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'i');
        EXPECT_STRIP(mm, "..abcd-fghijklmnop--------");
        EXPECT_EQ(stats_of(mm).rss_shmem, 15);
        EXPECT_FALSE(object_has_page(file->object, 4)); /* a hole is not filled for that */
        EXPECT_EQ(peek_byte(mm, at_page(17)), 'p');
        EXPECT_EQ(peek_byte(mm, at_page(20)), 's');
        EXPECT_STRIP(mm, "..abcd-fghijklmnopqrstuvwx");
        backing_put(file);
        strip_done(mm);
}

TEST(write_faults_of_shared_memory_map_one_page)
{
        struct backing *file = file_create("abcd", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        write_pages(mm, 2, 1, 'X');
        EXPECT_STRIP(mm, "--X-");
        /* Reading later maps the rest around what is there. */
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_STRIP(mm, "abXd");
        backing_put(file);
        strip_done(mm);
}

TEST(pages_past_the_end_of_a_file_are_bus_errors)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 3, RW, MAP_SHARED, file, 0);
        map_file(mm, 4, 3, RW, MAP_PRIVATE, file, 0);
        EXPECT_EQ(touch(mm, at_page(2) + 3, false).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(2) + 3, false).code, 2);
        EXPECT_EQ(touch(mm, at_page(2) + 3, false).addr, at_page(2) + 3);
        EXPECT_EQ(touch(mm, at_page(6), true).signo, SIGBUS);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'b');
        EXPECT_EQ(object_truncate(file->object, PAGE_SIZE + 1), 0); /* the rest of a page stays */
        EXPECT_EQ(peek_byte(mm, at_page(1) + 100), 0);
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ anonymous memory */

TEST(zero_page_is_replaced_by_the_first_write)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(peek_byte(mm, at_page(0)), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        write_pages(mm, 0, 1, 'X');
        EXPECT_STRIP(mm, "X0");
        EXPECT_EQ(anon_pages_of(mm), 1);
        EXPECT_EQ(stats_of(mm).hiwater_rss, 1);
        strip_done(mm);
}

TEST(write_takes_a_page_over_when_nobody_else_has_it)
{
        struct mm *mm = strip("A"), *child = fork_of(mm);
        struct memory_stats before, after;

        mm_put(child);
        memory_stats(&before);
        write_pages(mm, 0, 1, 'X');
        memory_stats(&after);
        EXPECT_EQ(before.anon, after.anon);
        EXPECT_STRIP(mm, "X");
        strip_done(mm);
}

TEST(faults_without_memory_end_the_program_and_change_nothing)
{
        for (unsigned n = 1;; n++) {
                struct backing *file = file_create("a", 0);
                struct mm *mm = strip("A-"), *child;
                int signo[4];

                map_file(mm, 4, 1, RW, MAP_PRIVATE, file, 0);
                map_file(mm, 700, 1, RW, MAP_SHARED, file, 0);
                child = fork_of(mm);
                for (unsigned i = 0; i < 4; i++) {
                        static const unsigned pages[] = { 0, 1, 4, 700 };

                        fail_alloc_nth(n, false);
                        signo[i] = touch(child, at_page(pages[i]), true).signo;
                        fail_alloc_nth(0, false);
                        EXPECT_TRUE(signo[i] == 0 || signo[i] == MM_FAULT_OOM);
                        strip_validate(child);
                }
                EXPECT_STRIP(mm, "A-");
                mm_put(child);
                backing_put(file);
                strip_done(mm);
                if (!signo[0] && !signo[1] && !signo[2] && !signo[3])
                        break;
                ASSERT_TRUE(n < 20);
        }
}

/* What is asked of every fault first, knowing nothing of the caller. */
TEST(plain_faults_are_resolved_and_others_left_alone)
{
        struct mm *mm = strip_empty();
        struct mm_stats before;

        map_pages(mm, 0, 2, RW, 0);
        map_pages(mm, 4, 1, PROT_READ, 0);
        map_pages(mm, 8, 1, RW, MAP_GROWSDOWN);
        EXPECT_TRUE(mm_fault_plain(mm, at_page(0), FAULT_WRITE | FAULT_USER));
        EXPECT_TRUE(mm_fault_plain(mm, at_page(1) + 9, FAULT_USER));
        EXPECT_TRUE(mm_fault_plain(mm, at_page(1), FAULT_WRITE | FAULT_PRESENT));
        EXPECT_EQ(anon_pages_of(mm), 2);
        before = stats_of(mm);
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(4), FAULT_WRITE | FAULT_USER));
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(3), FAULT_USER));     /* nothing is mapped */
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(8) - 1, FAULT_USER)); /* a stack would grow */
        EXPECT_TRUE(!mm_fault_plain(mm, TASK_SIZE, FAULT_USER));
        EXPECT_EQ(memcmp(&before, &(struct mm_stats[]){ stats_of(mm) }, sizeof(before)), 0);
        fail_alloc_nth(1, true);
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(8), FAULT_WRITE | FAULT_USER));
        fail_alloc_nth(0, false);
        EXPECT_EQ(memcmp(&before, &(struct mm_stats[]){ stats_of(mm) }, sizeof(before)), 0);
        strip_done(mm);
}

/* The VMA of one fault is what the next one looks at first, for as long as there is one. */
TEST(plain_faults_follow_what_becomes_of_a_mapping)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 4, RW, 0);
        EXPECT_TRUE(mm_fault_plain(mm, at_page(0), FAULT_WRITE | FAULT_USER));
        EXPECT_EQ(unmap(mm, 0, 4), 0);
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(0), FAULT_USER));
        map_pages(mm, 0, 4, RW, 0);
        EXPECT_TRUE(mm_fault_plain(mm, at_page(3), FAULT_WRITE | FAULT_USER));
        EXPECT_EQ(protect(mm, 2, 2, PROT_READ), 0); /* cut in two */
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(2), FAULT_WRITE | FAULT_USER));
        EXPECT_TRUE(mm_fault_plain(mm, at_page(1), FAULT_WRITE | FAULT_USER));
        EXPECT_EQ(protect(mm, 2, 2, RW), 0); /* and joined: one of the two is gone */
        EXPECT_TRUE(mm_fault_plain(mm, at_page(2), FAULT_WRITE | FAULT_USER));
        EXPECT_EQ(remap(mm, 0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, 8), 8);
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(0), FAULT_USER));
        EXPECT_TRUE(mm_fault_plain(mm, at_page(8), FAULT_USER));
        EXPECT_EQ(unmap(mm, 9, 3), 0);
        EXPECT_TRUE(!mm_fault_plain(mm, at_page(9), FAULT_USER));
        strip_done(mm);
}

TEST(fault_of_an_entry_that_allows_it_changes_nothing)
{
        struct mm *mm = strip("A");
        pte_t before = pte_read(pgwalk_find(mm, at_page(0), PT_PTE));
        struct mm_fault fault = mm_fault(mm, &user_caller, at_page(0), 0);

        EXPECT_EQ(fault.signo, 0);
        EXPECT_EQ(pte_read(pgwalk_find(mm, at_page(0), PT_PTE)).v, before.v);
        EXPECT_EQ(anon_pages_of(mm), 1);
        strip_done(mm);
}

TEST(poison_is_a_bus_error)
{
        struct mm *mm = strip("A-");
        pte_t *pte = pgwalk_find(mm, at_page(1), PT_PTE);

        mm_lock(mm);
        pgtable_set(pte, pte_marker(PTE_MARKER_POISON, 0), PT_PTE);
        mm_unlock(mm, at_page(1));
        EXPECT_EQ(touch(mm, at_page(1) + 4, false).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(1) + 4, true).code, 2);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, MADV_POPULATE_READ),
                  -EHWPOISON);
        strip_done(mm);
}

/* ------------------------------------------------------------------ stacks */

static bool grows(struct mm *mm, const struct mm_caller *who, unsigned page)
{
        u8 byte = 1;
        struct mm_fault fault = host_store(mm, who, at_page(page), &byte, 1);

        EXPECT_TRUE(fault.signo == 0 || (fault.signo == SIGSEGV && fault.code == 1));
        return fault.signo == 0;
}

TEST(stack_growth_is_counted_and_charged)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 20, 2, RW, MAP_GROWSDOWN);
        EXPECT_EQ(mm_committed(), 2);
        EXPECT_TRUE(grows(mm, &user_caller, 10));
        EXPECT_EQ(mm_committed(), 12);
        EXPECT_EQ(stats_of(mm).stack_vm, 12);
        EXPECT_EQ(stats_of(mm).total_vm, 12);
        EXPECT_EQ(vma_at(mm, at_page(10))->pgoff, at_page(10) >> PAGE_SHIFT);
        EXPECT_TRUE(vma_at(mm, at_page(10))->anon);
        strip_done(mm);
}

TEST(stack_growth_keeps_to_every_limit)
{
        struct mm *mm = strip_empty();
        struct mm_caller small = with_as(12), locker = with_memlock(16);

        map_pages(mm, 20, 2, RW, MAP_GROWSDOWN);
        EXPECT_FALSE(grows(mm, &small, 9));
        EXPECT_TRUE(grows(mm, &small, 10));
        commit_leave(3);
        EXPECT_FALSE(grows(mm, &user_caller, 6));
        EXPECT_TRUE(grows(mm, &user_caller, 7));
        mm_sysctl.overcommit_memory = 0;
        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(7), 15 * PAGE_SIZE, false), 0);
        EXPECT_FALSE(grows(mm, &locker, 5));
        EXPECT_TRUE(grows(mm, &locker, 6));
        EXPECT_EQ(locked_pages_of(mm), 16);
        strip_done(mm);
}

TEST(stack_that_cannot_be_written_grows_without_charge)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 20, 1, PROT_READ, MAP_GROWSDOWN);
        EXPECT_EQ(touch(mm, at_page(16), false).signo, 0);
        EXPECT_VMAS(mm, "16-21r-");
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(stats_of(mm).stack_vm, 5);
        EXPECT_EQ(touch(mm, at_page(12), true).code, 2); /* it has grown, and may not be written */
        strip_done(mm);
}

TEST(stack_growth_stops_at_the_lowest_address)
{
        struct mm *mm = strip_empty();
        struct mmap_request req =
                map_request(0, 1, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, NULL, 0);

        req.addr = 0x11000;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x11000);
        EXPECT_EQ(touch(mm, 0xffff, true).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, 0x10000, true).signo, 0);
        strip_done(mm);
}

TEST(stack_growth_needs_page_numbers_below)
{
        struct mm *mm = strip_empty();
        struct mmap_request req =
                map_request(0, 1, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, NULL, 0);

        req.addr = 0x20000; /* page 32, a number that it keeps because it is written to */
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), 0x20000);
        EXPECT_EQ(touch(mm, 0x20000, true).signo, 0);
        EXPECT_EQ(mm_mremap(mm, &user_caller, 0x20000, PAGE_SIZE, PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(40)),
                  (s64)at_page(40));
        EXPECT_FALSE(grows(mm, &user_caller, 7));
        EXPECT_TRUE(grows(mm, &user_caller, 8));
        EXPECT_EQ(vma_at(mm, at_page(8))->pgoff, 0);
        strip_done(mm);
}

TEST(stack_growth_may_touch_what_cannot_be_accessed_and_other_stacks)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 2, PROT_NONE, 0);
        map_pages(mm, 10, 1, RW, MAP_GROWSDOWN);
        EXPECT_TRUE(grows(mm, &user_caller, 2));
        EXPECT_VMAS(mm, "0-2-- 2-11rw");
        map_pages(mm, 20, 1, RW, MAP_GROWSDOWN);
        EXPECT_TRUE(grows(mm, &user_caller, 12));
        EXPECT_VMAS(mm, "0-2-- 2-11rw 12-21rw");
        EXPECT_EQ(touch(mm, at_page(1), true).code, 2); /* inside what cannot be accessed */
        strip_done(mm);
}

TEST(locked_stack_counts_its_growth_and_faults_in_what_is_touched)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 20, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(20), PAGE_SIZE, false), 0);
        EXPECT_TRUE(grows(mm, &user_caller, 16));
        EXPECT_EQ(locked_pages_of(mm), 5);
        EXPECT_STRIP(mm, "................\1---0");
        strip_done(mm);
}

TEST(stack_grows_whole_or_not_at_all_without_memory)
{
        for (unsigned n = 1;; n++) {
                struct mm *mm = strip_empty();
                int signo;

                map_pages(mm, 20, 1, RW, MAP_GROWSDOWN);
                fail_alloc_nth(n, false);
                signo = touch(mm, at_page(10), true).signo;
                fail_alloc_nth(0, false);
                EXPECT_EQ(mm_committed(), stats_of(mm).total_vm);
                strip_done(mm);
                if (!signo)
                        break;
                ASSERT_TRUE(n < 20);
        }
}

TEST(initial_stack_is_where_the_layout_says)
{
        struct mm *mm = strip_empty();
        struct mm_region region;

        EXPECT_EQ(mm_map_stack(mm, &user_caller, 33 * PAGE_SIZE, false),
                  (s64)(TASK_SIZE - 33 * PAGE_SIZE));
        ASSERT_TRUE(mm_next_region(mm, 0, &region));
        EXPECT_EQ(region.end, TASK_SIZE);
        EXPECT_EQ(region.flags & (VM_GROWSDOWN | VM_EXEC), VM_GROWSDOWN);
        EXPECT_EQ(touch(mm, region.start - 1, true).signo, 0);
        EXPECT_EQ(mm_munmap(mm, &user_caller, 0, TASK_SIZE), 0);
        EXPECT_EQ(mm_map_stack(mm, &user_caller, PAGE_SIZE, true), (s64)(TASK_SIZE - PAGE_SIZE));
        ASSERT_TRUE(mm_next_region(mm, 0, &region));
        EXPECT_TRUE(region.flags & VM_EXEC);
        strip_done(mm);
}
