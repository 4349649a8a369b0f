/* SPDX-License-Identifier: MIT */
/*
 * mprotect(): what it charges, which limits it meets, how far a call gets that fails, what it does
 * to pages that are there. The plain cases of splitting and merging are in test_fork.c.
 */
#include "mm/pgwalk.h"
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"

/* ------------------------------------------------------------------ arguments */

TEST(length_zero_beats_bad_bits_and_alignment_beats_it)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0) + 1, 0, 0x10), -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(30), 0, 0x10), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 0, PROT_GROWSDOWN | PROT_GROWSUP),
                  -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), ~0UL, RW), -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(30), PAGE_SIZE, 0x10), -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(30), PAGE_SIZE, RW), -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 1, PROT_READ), 0); /* a page */
        EXPECT_VMAS(mm, "0-1r-");
        strip_done(mm);
}

TEST(growsdown_takes_the_whole_stack)
{
        struct mm *mm = strip("--");

        map_pages(mm, 10, 4, RW, MAP_GROWSDOWN);
        EXPECT_EQ(protect(mm, 12, 1, PROT_READ | PROT_GROWSDOWN), 0);
        EXPECT_VMAS(mm, "0-2rw 10-13r- 13-14rw");
        EXPECT_EQ(protect(mm, 0, 1, PROT_READ | PROT_GROWSDOWN), -EINVAL);
        /* A range that begins in the hole below takes the stack it meets. */
        EXPECT_EQ(protect(mm, 8, 6, PROT_READ | PROT_GROWSDOWN), 0);
        EXPECT_VMAS(mm, "0-2rw 10-14r-");
        EXPECT_EQ(protect(mm, 4, 2, PROT_READ | PROT_GROWSDOWN), -ENOMEM);
        strip_done(mm);
}

/* ------------------------------------------------------------------ refusals */

TEST(what_the_file_does_not_allow_is_eacces_and_the_rest_before_it_is_done)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip("AA");
        struct mmap_request req = map_request(2, 2, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);

        req.writable = false;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        EXPECT_FLAGS(mm, 2, "rd mr me ms");
        EXPECT_EQ(protect(mm, 0, 4, RWX), -EACCES);
        EXPECT_FLAGS(mm, 0, "rd wr ex mr mw me ac");
        EXPECT_FLAGS(mm, 2, "rd mr me ms");
        EXPECT_EQ(protect(mm, 2, 2, RX), 0);
        backing_put(file);
        strip_done(mm);
}

TEST(sealed_memory_is_eperm_even_if_nothing_would_change)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(mm_mseal(mm, at_page(1), PAGE_SIZE, 0), 0);
        EXPECT_EQ(protect(mm, 1, 1, RW), -EPERM);
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), -EPERM);
        EXPECT_VMAS(mm, "0-1r- 1-2rw");
        strip_done(mm);
}

TEST(nothing_to_change_is_nothing_done)
{
        struct mm *mm = strip("AA");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(protect(mm, 0, 1, RW), 0);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

/* ------------------------------------------------------------------ charge */

TEST(private_memory_that_becomes_writable_is_charged)
{
        struct backing *file = file_create("ab", BACKING_SHMEM);
        struct mm *mm = strip_empty();
        u64 before = mm_committed();

        map_pages(mm, 0, 2, PROT_READ, 0);
        map_file(mm, 4, 2, PROT_READ, MAP_PRIVATE, file, 0);
        map_pages(mm, 8, 2, PROT_READ, MAP_NORESERVE);
        map_file(mm, 12, 2, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_committed(), before);
        EXPECT_EQ(protect(mm, 0, 2, RW), 0);
        EXPECT_EQ(mm_committed(), before + 2);
        EXPECT_EQ(protect(mm, 4, 2, RW), 0);
        EXPECT_EQ(mm_committed(), before + 4);
        EXPECT_EQ(protect(mm, 8, 2, RW), 0); /* never */
        EXPECT_EQ(protect(mm, 12, 2, RW), 0);
        EXPECT_EQ(mm_committed(), before + 4);
        /* A file's stays charged, written or not; anonymous memory untouched does not. */
        EXPECT_EQ(protect(mm, 4, 2, PROT_READ), 0);
        EXPECT_FLAGS(mm, 4, "rd mr mw me ac");
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), 0);
        EXPECT_FLAGS(mm, 0, "rd mr mw me");
        EXPECT_EQ(mm_committed(), before + 2);
        backing_put(file);
        strip_done(mm);
}

TEST(untouched_memory_that_loses_its_charge_merges_with_what_has_none)
{
        struct mm *mm = strip("--.AA");

        map_pages(mm, 2, 1, PROT_READ, 0);
        map_pages(mm, 5, 2, PROT_READ, 0);
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), 0);
        EXPECT_EQ(protect(mm, 3, 2, PROT_READ), 0);
        EXPECT_VMAS(mm, "0-3r- 3-5r- 5-7r-");
        EXPECT_FLAGS(mm, 3, "rd mr mw me ac");
        strip_done(mm);
}

TEST(refused_by_the_commit_limit_nothing_is_charged_or_changed)
{
        struct mm *mm = strip_empty();
        char *before;

        map_pages(mm, 0, 4, PROT_READ, 0);
        before = strip_snapshot(mm);
        commit_leave(3);
        EXPECT_EQ(protect(mm, 0, 4, RW), -ENOMEM);
        EXPECT_UNCHANGED(mm, before);
        EXPECT_EQ(protect(mm, 1, 3, RW), 0);
        EXPECT_EQ(mm_committed(), 3);
        free(before);
        strip_done(mm);
}

/* ------------------------------------------------------------------ limits */

TEST(data_limit_counts_what_becomes_writable)
{
        struct mm *mm = strip("--");
        struct mm_caller who = with_data(5, 100), none = with_data(0, 100);

        map_pages(mm, 4, 8, PROT_READ, 0);
        EXPECT_EQ(mm_mprotect(mm, &who, at_page(4), 4 * PAGE_SIZE, RW), -ENOMEM);
        EXPECT_EQ(mm_mprotect(mm, &who, at_page(4), 3 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(stats_of(mm).data_vm, 5);
        EXPECT_EQ(mm_mprotect(mm, &who, at_page(8), PAGE_SIZE, RX), 0); /* not data */
        /* Limit 0 below a hard limit is no limit. */
        EXPECT_EQ(mm_mprotect(mm, &none, at_page(9), PAGE_SIZE, RW), 0);
        strip_done(mm);
}

TEST(limits_that_are_exceeded_already_do_not_matter)
{
        struct mm *mm = strip("--------");
        struct mm_caller who = with_data(2, 2), small = with_as(2);

        map_pages(mm, 10, 2, PROT_READ, 0);
        EXPECT_EQ(mm_mprotect(mm, &who, at_page(0), PAGE_SIZE, RWX), 0); /* was data before */
        EXPECT_EQ(mm_mprotect(mm, &small, at_page(10), PAGE_SIZE, RW), 0);
        strip_done(mm);
}

TEST(totals_follow_the_rights)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(stats_of(mm).data_vm, 4);
        EXPECT_EQ(protect(mm, 0, 1, PROT_READ), 0);
        EXPECT_EQ(stats_of(mm).data_vm, 3);
        EXPECT_EQ(protect(mm, 0, 1, RX), 0);
        EXPECT_EQ(stats_of(mm).exec_vm, 1);
        EXPECT_EQ(protect(mm, 0, 1, RWX), 0);
        EXPECT_EQ(stats_of(mm).exec_vm, 0);
        EXPECT_EQ(stats_of(mm).data_vm, 4);
        EXPECT_EQ(stats_of(mm).total_vm, 4);
        strip_done(mm);
}

TEST(limit_on_mappings_stops_a_split)
{
        struct mm *mm = strip("AAAA");

        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(protect(mm, 1, 1, PROT_READ), -ENOMEM);
        EXPECT_EQ(protect(mm, 0, 1, PROT_READ), -ENOMEM);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_EQ(protect(mm, 0, 4, PROT_READ), 0);
        strip_done(mm);
}

TEST(charge_is_given_back_if_the_second_split_is_refused)
{
        struct mm *mm = strip_empty();

        map_pages(mm, 0, 4, PROT_READ, 0);
        mm_sysctl.max_map_count = 2;
        EXPECT_EQ(protect(mm, 1, 2, RW), -ENOMEM);
        EXPECT_VMAS(mm, "0-1r- 1-4r-");
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
}

/* ------------------------------------------------------------------ pages */

TEST(rights_of_present_pages_follow_at_once)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(protect(mm, 0, 2, PROT_NONE), 0);
        EXPECT_EQ(touch(mm, at_page(0), false).code, 2);
        EXPECT_STRIP(mm, "AA");
        EXPECT_EQ(protect(mm, 0, 2, PROT_READ), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'A');
        EXPECT_EQ(touch(mm, at_page(1), true).code, 2);
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(0)).code, 2);
        EXPECT_EQ(protect(mm, 0, 2, RX), 0);
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(0)).signo, 0);
        EXPECT_EQ(protect(mm, 0, 2, PROT_WRITE), 0); /* which can be read */
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        strip_done(mm);
}

TEST(guard_markers_stay_guard_markers)
{
        struct mm *mm = strip("A--");

        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(1), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(protect(mm, 0, 3, PROT_READ), 0);
        EXPECT_STRIP(mm, "A#-");
        EXPECT_EQ(touch(mm, at_page(1), false).code, 1);
        EXPECT_EQ(protect(mm, 0, 3, PROT_NONE), 0);
        EXPECT_EQ(touch(mm, at_page(1), false).code, 2); /* the mapping is asked first */
        strip_done(mm);
}

TEST(shared_pages_become_writable_without_a_copy)
{
        struct mm *mm = strip_empty();
        u64 faults;

        map_shared_anon(mm, 0, 1, RW);
        write_pages(mm, 0, 1, 's');
        EXPECT_EQ(protect(mm, 0, 1, PROT_READ), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).code, 2);
        EXPECT_EQ(protect(mm, 0, 1, RW), 0);
        faults = host_page_faults;
        write_pages(mm, 0, 1, 't');
        EXPECT_EQ(host_page_faults, faults); /* the entry was made writable at once */
        EXPECT_EQ(stats_of(mm).rss_shmem, 1);
        EXPECT_EQ(anon_pages_of(mm), 0);
        strip_done(mm);
}

/* What the processor has noted in it is what the file is written back by. */
TEST(rights_change_and_the_rest_of_the_entry_stays)
{
        struct backing *file = file_create("f", 0);
        struct mm *mm = strip_empty();
        pte_t *pte;

        map_file(mm, 0, 1, RW, MAP_SHARED, file, 0);
        write_pages(mm, 0, 1, 'x');
        pte = pgwalk_find(mm, at_page(0), PT_PTE);
        EXPECT(pte_dirty(pte_read(pte), PT_PTE) && pte_young(pte_read(pte), PT_PTE));
        EXPECT_EQ(protect(mm, 0, 1, PROT_READ), 0);
        EXPECT(pte_dirty(pte_read(pte), PT_PTE) && pte_young(pte_read(pte), PT_PTE));
        EXPECT_EQ(protect(mm, 0, 1, RW), 0);
        EXPECT(pte_dirty(pte_read(pte), PT_PTE) && pte_young(pte_read(pte), PT_PTE));
        backing_put(file);
        strip_done(mm);
}

TEST(private_pages_become_writable_by_a_fault)
{
        struct mm *parent = strip("A"), *child = fork_of(parent);

        EXPECT_EQ(protect(child, 0, 1, PROT_READ), 0);
        EXPECT_EQ(protect(child, 0, 1, RW), 0);
        write_pages(child, 0, 1, 'c');
        EXPECT_STRIP(parent, "A");
        EXPECT_STRIP(child, "c");
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ execute only */

TEST(exec_only_takes_a_key_where_there_are_keys)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(protect(mm, 0, 1, PROT_EXEC), 0);
        EXPECT_EQ(vma_at(mm, at_page(0))->flags & VM_PKEY, 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        host_set_keys(true, HOST_KEY_RIGHTS);
        EXPECT_EQ(protect(mm, 1, 1, PROT_EXEC), 0);
        EXPECT_VMAS(mm, "0-1-- 1-2--"); /* with the key and without do not merge */
        EXPECT_EQ(touch(mm, at_page(1), false).code, 4);
        EXPECT_EQ(touch(mm, at_page(1), true).code, 4);
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(1)).signo, 0);
        EXPECT_EQ(protect(mm, 1, 1, PROT_READ), 0); /* gives the key back */
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'A');
        strip_done(mm);
}

TEST(exec_only_mappings_deny_before_there_is_a_page)
{
        struct mm *mm = strip_empty();

        host_set_keys(true, HOST_KEY_RIGHTS);
        map_pages(mm, 0, 1, PROT_EXEC, 0);
        EXPECT_EQ(touch(mm, at_page(0), false).code, 4);
        EXPECT_STRIP(mm, "-");
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(0)).signo, 0);
        EXPECT_STRIP(mm, "0");
        EXPECT_EQ(touch(mm, at_page(0), false).code, 4);
        map_pages(mm, 1, 1, PROT_EXEC, MAP_POPULATE);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(1), PAGE_SIZE, false), -ENOMEM);
        EXPECT_STRIP(mm, "0-");
        strip_done(mm);
}
