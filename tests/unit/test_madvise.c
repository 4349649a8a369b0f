/* SPDX-License-Identifier: MIT */
/* madvise(): arguments, holes, every advice on every kind of memory. */
#include "kernel/base/abi/madvise.h"

#include "mm/fail_alloc.h"
#include "tests/unit/fixture.h"

#define PLAIN "rd wr mr mw me ac"

static int advise(struct mm *mm, unsigned page, unsigned n, int advice)
{
        return mm_madvise(mm, &user_caller, at_page(page), n * PAGE_SIZE, advice);
}

static struct mm_region_stats smaps_of(struct mm *mm, unsigned page, unsigned n)
{
        struct mm_region_stats stats;

        mm_region_stats(mm, at_page(page), at_page(page + n), &stats);
        return stats;
}

/* ------------------------------------------------------------------ arguments */

TEST(madvise_checks_its_arguments)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(advise(mm, 0, 1, 5), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, -1), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_COLLAPSE + 1), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, 100), -EINVAL); /* hwpoison, which is not there */
        EXPECT_EQ(advise(mm, 0, 0, 5), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0) + 1, 0, MADV_NORMAL), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), ~0UL, MADV_NORMAL), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), ~0UL - PAGE_SIZE, MADV_NORMAL), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 0, MADV_DONTNEED), 0);
        EXPECT_EQ(advise(mm, 50, 0, MADV_DONTNEED), 0);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), 1, MADV_NORMAL), 0); /* a page */
        EXPECT_EQ(mm_madvise(mm, &user_caller, 1UL << 63, PAGE_SIZE, MADV_NORMAL), -ENOMEM);
        strip_done(mm);
}

TEST(madvise_passes_over_holes_and_says_so_in_the_end)
{
        struct mm *mm = strip("A.A..A");

        EXPECT_EQ(advise(mm, 0, 6, MADV_DONTFORK), -ENOMEM);
        for (unsigned page = 0; page < 6; page += page == 0 ? 2 : 3)
                EXPECT_FLAGS(mm, page, "rd wr mr mw me dc ac");
        EXPECT_EQ(advise(mm, 0, 6, MADV_DONTNEED), -ENOMEM);
        EXPECT_STRIP(mm, "-.-..-");
        EXPECT_EQ(advise(mm, 3, 2, MADV_DONTNEED), -ENOMEM);
        strip_done(mm);
}

TEST(madvise_ends_at_the_first_refusal)
{
        struct mm *mm = strip("AA.AA");

        map_shared_anon(mm, 5, 1, RW);
        map_pages(mm, 6, 1, RW, 0);
        EXPECT_EQ(advise(mm, 3, 4, MADV_WIPEONFORK), -EINVAL);
        EXPECT_FLAGS(mm, 3, "rd wr mr mw me ac wf");
        EXPECT_FLAGS(mm, 6, PLAIN);
        EXPECT_EQ(advise(mm, 0, 7, MADV_WIPEONFORK), -EINVAL); /* beats the hole's errno */
        strip_done(mm);
}

/* ------------------------------------------------------------------ flags */

TEST(advice_that_is_a_flag_splits_and_merges)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(advise(mm, 1, 2, MADV_DONTFORK), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_EQ(advise(mm, 0, 4, MADV_DOFORK), 0);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_FLAGS(mm, 0, PLAIN);
        strip_done(mm);
}

TEST(advice_that_is_a_flag_needs_room_for_mappings)
{
        struct mm *mm = strip("----");

        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(advise(mm, 1, 2, MADV_DONTFORK), -EAGAIN);
        EXPECT_FLAGS(mm, 1, PLAIN);
        EXPECT_EQ(advise(mm, 0, 4, MADV_DONTFORK), 0); /* no split */
        strip_done(mm);
}

TEST(read_advice_replaces_each_other)
{
        struct mm *mm = strip("-");

        EXPECT_EQ(advise(mm, 0, 1, MADV_SEQUENTIAL), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me sr ac");
        EXPECT_EQ(advise(mm, 0, 1, MADV_RANDOM), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me rr ac");
        EXPECT_EQ(advise(mm, 0, 1, MADV_SEQUENTIAL), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_NORMAL), 0);
        EXPECT_FLAGS(mm, 0, PLAIN);
        strip_done(mm);
}

TEST(huge_page_advice_replaces_each_other)
{
        struct mm *mm = strip("-");

        EXPECT_EQ(advise(mm, 0, 1, MADV_HUGEPAGE), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac hg");
        EXPECT_EQ(advise(mm, 0, 1, MADV_NOHUGEPAGE), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac nh");
        EXPECT_EQ(advise(mm, 0, 1, MADV_HUGEPAGE), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac hg");
        strip_done(mm);
}

TEST(dump_fork_and_merge_advice_set_their_flags)
{
        struct mm *mm = strip("-");

        EXPECT_EQ(advise(mm, 0, 1, MADV_DONTDUMP), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_WIPEONFORK), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_MERGEABLE), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac wf dd mg");
        EXPECT_EQ(advise(mm, 0, 1, MADV_DODUMP), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_KEEPONFORK), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_UNMERGEABLE), 0);
        EXPECT_FLAGS(mm, 0, PLAIN);
        strip_done(mm);
}

TEST(shared_memory_is_never_mergeable)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 1, RW);
        EXPECT_EQ(advise(mm, 0, 1, MADV_MERGEABLE), 0);
        EXPECT_FLAGS(mm, 0, "rd wr sh mr mw me ms");
        strip_done(mm);
}

TEST(special_memory_refuses_some_flags)
{
        struct mm *mm = strip("-");

        make_special(mm, 0, VM_IO | VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY);
        EXPECT_EQ(advise(mm, 0, 1, MADV_DOFORK), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_DODUMP), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_HUGEPAGE), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_NOHUGEPAGE), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_GUARD_INSTALL), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_GUARD_REMOVE), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_MERGEABLE), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_RANDOM), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me io rr dc de ac dd nh");
        strip_done(mm);
}

TEST(memory_that_may_not_grow_may_be_forked_again)
{
        struct mm *mm = strip("-");

        make_special(mm, 0, VM_DONTEXPAND | VM_DONTCOPY);
        EXPECT_EQ(advise(mm, 0, 1, MADV_DOFORK), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me de ac");
        strip_done(mm);
}

TEST(wipe_on_fork_is_for_private_anonymous_memory)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 1, RW, MAP_PRIVATE, file, 0);
        map_shared_anon(mm, 1, 1, RW);
        map_file(mm, 2, 1, RW, MAP_DROPPABLE, NULL, 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_WIPEONFORK), -EINVAL);
        EXPECT_EQ(advise(mm, 1, 1, MADV_WIPEONFORK), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_KEEPONFORK), 0);
        EXPECT_EQ(advise(mm, 2, 1, MADV_KEEPONFORK), -EINVAL); /* droppable */
        EXPECT_EQ(advise(mm, 2, 1, MADV_DODUMP), -EINVAL);
        backing_put(file);
        strip_done(mm);
}

TEST(fork_leaves_out_and_wipes_as_advised)
{
        struct mm *parent = strip("ACE"), *child;

        EXPECT_EQ(advise(parent, 0, 1, MADV_DONTFORK), 0);
        EXPECT_EQ(advise(parent, 2, 1, MADV_WIPEONFORK), 0);
        child = fork_of(parent);
        EXPECT_STRIP(child, ".C-");
        EXPECT_STRIP(parent, "ACE");
        EXPECT_FLAGS(child, 2, "rd wr mr mw me ac wf");
        EXPECT_EQ(stats_of(child).total_vm, 2);
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ dropping pages */

TEST(dontneed_drops_pages_that_come_back_as_zeroes)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(advise(mm, 1, 2, MADV_DONTNEED), 0);
        EXPECT_STRIP(mm, "A--A");
        EXPECT_EQ(anon_pages_of(mm), 2);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(dontneed_of_private_file_memory_shows_the_file_again)
{
        struct backing *file = file_create("abcd", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(advise(mm, 0, 4, MADV_DONTNEED), 0);
        EXPECT_STRIP(mm, "----");
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'b');
        backing_put(file);
        strip_done(mm);
}

TEST(dontneed_of_shared_memory_only_unmaps)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 2, RW);
        write_pages(mm, 0, 2, 's');
        EXPECT_EQ(advise(mm, 0, 2, MADV_DONTNEED), 0);
        EXPECT_STRIP(mm, "--");
        EXPECT_EQ(stats_of(mm).rss_shmem, 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 's');
        strip_done(mm);
}

TEST(dontneed_frees_tables_that_become_empty)
{
        struct mm *mm = strip_empty();
        u64 one;

        map_pages(mm, 0, 4 * 512, RW, 0);
        write_pages(mm, 0, 1, 'x');
        one = stats_of(mm).pgtable_bytes;
        for (unsigned i = 1; i < 4; i++)
                write_pages(mm, i * 512, 1, 'x');
        EXPECT_EQ(stats_of(mm).pgtable_bytes, one + 3 * PAGE_SIZE);
        EXPECT_EQ(advise(mm, 1, 4 * 512 - 1, MADV_DONTNEED), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, one);
        strip_done(mm);
}

TEST(locked_memory_is_dropped_only_by_the_advice_for_it)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, false), 0);
        EXPECT_EQ(advise(mm, 0, 2, MADV_DONTNEED), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 2, MADV_FREE), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 2, MADV_COLD), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 2, MADV_PAGEOUT), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 2, MADV_GUARD_INSTALL), -EINVAL);
        EXPECT_STRIP(mm, "AA");
        EXPECT_EQ(advise(mm, 0, 2, MADV_DONTNEED_LOCKED), 0);
        EXPECT_STRIP(mm, "--");
        EXPECT_EQ(locked_pages_of(mm), 2);
        strip_done(mm);
}

/* ------------------------------------------------------------------ MADV_FREE */

TEST(free_keeps_the_contents_as_clean_pages)
{
        struct mm *mm = strip("AA");

        EXPECT_EQ(smaps_of(mm, 0, 2).private_dirty, 2 * PAGE_SIZE);
        EXPECT_EQ(advise(mm, 0, 2, MADV_FREE), 0);
        EXPECT_STRIP(mm, "AA");
        EXPECT_EQ(smaps_of(mm, 0, 2).private_clean, 2 * PAGE_SIZE);
        EXPECT_EQ(smaps_of(mm, 0, 2).lazyfree, 2 * PAGE_SIZE);
        EXPECT_EQ(smaps_of(mm, 0, 2).referenced, 0);
        EXPECT_EQ(anon_pages_of(mm), 2);
        write_pages(mm, 1, 1, 'B'); /* a write takes it back */
        EXPECT_EQ(smaps_of(mm, 0, 2).lazyfree, PAGE_SIZE);
        strip_done(mm);
}

TEST(free_is_for_private_anonymous_memory)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 1, RW, MAP_PRIVATE, file, 0);
        map_shared_anon(mm, 1, 1, RW);
        EXPECT_EQ(advise(mm, 0, 1, MADV_FREE), -EINVAL);
        EXPECT_EQ(advise(mm, 1, 1, MADV_FREE), -EINVAL);
        backing_put(file);
        strip_done(mm);
}

TEST(free_cleans_the_entries_of_the_caller_alone)
{
        struct mm *mm = strip("AA--"), *child;

        EXPECT_EQ(peek_byte(mm, at_page(2)), 0); /* the zero page */
        EXPECT_EQ(advise(mm, 3, 1, MADV_GUARD_INSTALL), 0);
        child = fork_of(mm);
        write_pages(mm, 0, 1, 'X'); /* a copy: its own */
        EXPECT_EQ(advise(mm, 0, 4, MADV_FREE), 0);
        EXPECT_STRIP(mm, "XA0#");
        EXPECT_EQ(smaps_of(mm, 0, 4).private_clean, PAGE_SIZE);
        EXPECT_EQ(smaps_of(mm, 0, 4).shared_clean, PAGE_SIZE);
        EXPECT_EQ(smaps_of(child, 0, 4).shared_dirty, PAGE_SIZE);
        EXPECT_EQ(smaps_of(child, 0, 4).lazyfree, 0);
        mm_put(child);
        strip_done(mm);
}

/* A write through /proc/PID/mem makes the page dirty, not an entry. */
TEST(free_leaves_a_dirty_page_that_others_map)
{
        struct mm *mm = strip("A"), *child;

        EXPECT_EQ(mm_access(mm, &user_caller, at_page(0), &(char){ 'B' }, 1, MM_ACCESS_WRITE), 1);
        child = fork_of(mm);
        EXPECT_EQ(advise(mm, 0, 1, MADV_FREE), 0);
        EXPECT_EQ(smaps_of(mm, 0, 1).shared_dirty, PAGE_SIZE);
        mm_put(child);
        EXPECT_EQ(advise(mm, 0, 1, MADV_FREE), 0);
        EXPECT_EQ(smaps_of(mm, 0, 1).private_clean, PAGE_SIZE);
        strip_done(mm);
}

/* ------------------------------------------------------------------ MADV_REMOVE */

TEST(remove_punches_a_hole_into_the_object)
{
        struct backing *file = file_create("abcd", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_SHARED, file, 0);
        map_file(mm, 8, 4, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 10, 1, 'P');
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 4 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(advise(mm, 1, 2, MADV_REMOVE), 0); /* also through a read-only mapping */
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_EQ(peek_byte(mm, at_page(9)), 0);
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'P'); /* a private copy stays */
        EXPECT_FALSE(object_has_page(file->object, 2));
        EXPECT_EQ(object_size(file->object), 4 * PAGE_SIZE);
        backing_put(file);
        strip_done(mm);
}

TEST(remove_needs_a_shared_mapping_that_may_be_written)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip("A");
        struct mmap_request req = map_request(4, 1, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);

        map_file(mm, 2, 1, RW, MAP_PRIVATE, file, 0);
        req.writable = false;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        map_file(mm, 6, 1, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(6), PAGE_SIZE, false), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_REMOVE), -EINVAL);
        EXPECT_EQ(advise(mm, 2, 1, MADV_REMOVE), -EACCES);
        EXPECT_EQ(advise(mm, 4, 1, MADV_REMOVE), -EACCES);
        EXPECT_EQ(advise(mm, 6, 1, MADV_REMOVE), -EINVAL);
        EXPECT_TRUE(object_has_page(file->object, 0));
        backing_put(file);
        strip_done(mm);
}

TEST(remove_ends_where_files_end)
{
        static const struct {
                u64 offset; /* bytes */
                int result;
        } cases[] = {
                { 0x7fffffffffffe000UL, 0 },
                { 0x7ffffffffffff000UL, -EFBIG },
                { 0x8000000000000000UL, -EINVAL },
                { 0xffffffffffffe000UL, -EINVAL },
        };
        struct backing *zero = file_create("", BACKING_ZERO);
        struct mm *mm = strip_empty();

        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
                struct mmap_request req = map_request(0, 1, RW, MAP_SHARED | MAP_FIXED, zero, 0);

                req.offset = cases[i].offset;
                EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
                EXPECT_EQ(advise(mm, 0, 1, MADV_REMOVE), cases[i].result);
        }
        backing_put(zero);
        strip_done(mm);
}

/* ------------------------------------------------------------------ populating */

TEST(populate_read_and_write_fault_in)
{
        struct mm *mm = strip("----");

        EXPECT_EQ(advise(mm, 0, 2, MADV_POPULATE_READ), 0);
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(advise(mm, 1, 3, MADV_POPULATE_WRITE), 0);
        EXPECT_STRIP(mm, "0000");
        EXPECT_EQ(anon_pages_of(mm), 3);
        EXPECT_EQ(locked_pages_of(mm), 0);
        strip_done(mm);
}

TEST(populate_says_what_stopped_it)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip("--.-");

        map_pages(mm, 4, 1, PROT_NONE, 0);
        map_pages(mm, 5, 1, PROT_READ, 0);
        map_file(mm, 8, 2, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(advise(mm, 0, 4, MADV_POPULATE_READ), -ENOMEM);
        EXPECT_STRIP(mm, "00.-");
        EXPECT_EQ(advise(mm, 2, 1, MADV_POPULATE_READ), -ENOMEM);
        EXPECT_EQ(advise(mm, 4, 1, MADV_POPULATE_READ), -EINVAL);
        EXPECT_EQ(advise(mm, 5, 1, MADV_POPULATE_WRITE), -EINVAL);
        EXPECT_EQ(advise(mm, 8, 2, MADV_POPULATE_READ), -EFAULT); /* past the end of the file */
        EXPECT_EQ(advise(mm, 3, 1, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(advise(mm, 3, 1, MADV_POPULATE_READ), -EFAULT);
        backing_put(file);
        strip_done(mm);
}

TEST(populate_refuses_special_memory)
{
        struct mm *mm = strip("--");

        make_special(mm, 0, VM_IO);
        EXPECT_EQ(advise(mm, 0, 1, MADV_POPULATE_READ), -EINVAL);
        EXPECT_EQ(advise(mm, 0, 1, MADV_POPULATE_WRITE), -EINVAL);
        EXPECT_STRIP(mm, "--");
        strip_done(mm);
}

TEST(populate_without_memory_is_enomem)
{
        struct mm *mm = strip("--");

        fail_alloc_nth(1, true);
        EXPECT_EQ(advise(mm, 0, 2, MADV_POPULATE_WRITE), -ENOMEM);
        fail_alloc_nth(0, false);
        EXPECT_STRIP(mm, "--");
        strip_done(mm);
}

/* ------------------------------------------------------------------ guard pages */

TEST(guard_pages_replace_what_was_there)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(advise(mm, 1, 2, MADV_GUARD_INSTALL), 0);
        EXPECT_STRIP(mm, "A##A");
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me gu ac");
        EXPECT_EQ(anon_pages_of(mm), 2);
        EXPECT_EQ(touch(mm, at_page(1) + 7, false).code, 1);
        EXPECT_EQ(touch(mm, at_page(1) + 7, false).addr, at_page(1) + 7);
        EXPECT_EQ(advise(mm, 0, 2, MADV_GUARD_REMOVE), 0);
        EXPECT_STRIP(mm, "A-#A");
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me gu ac"); /* for good */
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        strip_done(mm);
}

TEST(guard_pages_give_memory_its_identity)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(advise(mm, 0, 1, MADV_GUARD_INSTALL), 0);
        EXPECT_TRUE(vma_at(mm, at_page(0))->anon);
        strip_done(mm);
}

TEST(guard_pages_outlive_dropping_protecting_and_fork)
{
        struct mm *mm = strip("----"), *child;

        EXPECT_EQ(advise(mm, 1, 2, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(advise(mm, 0, 4, MADV_DONTNEED), 0);
        EXPECT_EQ(advise(mm, 0, 4, MADV_FREE), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 4 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 4 * PAGE_SIZE, RW), 0);
        EXPECT_STRIP(mm, "-##-");
        child = fork_of(mm);
        EXPECT_STRIP(child, "-##-");
        mm_put(child);
        map_pages(mm, 1, 1, RW, 0); /* unmapping ends them */
        EXPECT_STRIP(mm, "--#-");
        strip_done(mm);
}

TEST(guard_pages_in_file_and_shared_memory)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, PROT_READ, MAP_SHARED, file, 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'b');
        EXPECT_EQ(advise(mm, 1, 1, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(touch(mm, at_page(1), false).code, 1);
        EXPECT_EQ(stats_of(mm).rss_file, 1);
        EXPECT_TRUE(object_has_page(file->object, 1));
        EXPECT_EQ(advise(mm, 1, 1, MADV_GUARD_REMOVE), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'b');
        backing_put(file);
        strip_done(mm);
}

TEST(guard_removal_may_be_done_on_locked_memory)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(advise(mm, 0, 1, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, true), 0);
        EXPECT_EQ(advise(mm, 0, 2, MADV_GUARD_REMOVE), 0);
        EXPECT_STRIP(mm, "--");
        strip_done(mm);
}

/* ------------------------------------------------------------------ seals */

TEST(seals_refuse_what_loses_read_only_contents)
{
        static const int destructive[] = { MADV_FREE,         MADV_DONTNEED, MADV_DONTNEED_LOCKED,
                                           MADV_REMOVE,       MADV_DONTFORK, MADV_WIPEONFORK,
                                           MADV_GUARD_INSTALL };
        struct mm *mm = strip("A-");

        map_pages(mm, 1, 1, PROT_READ, 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mseal(mm, at_page(0), 2 * PAGE_SIZE, 0), 0);
        for (unsigned i = 0; i < ARRAY_SIZE(destructive); i++)
                EXPECT_EQ(advise(mm, 0, 2, destructive[i]), -EPERM);
        EXPECT_STRIP(mm, "A-");
        EXPECT_EQ(advise(mm, 0, 1, MADV_RANDOM), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_DONTDUMP), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_GUARD_REMOVE), 0);
        strip_done(mm);
}

TEST(seals_allow_what_a_write_could_do_as_well)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip("A");

        map_file(mm, 4, 1, PROT_READ, MAP_PRIVATE, file, 0);
        EXPECT_EQ(mm_mseal(mm, at_page(0), PAGE_SIZE, 0), 0);
        EXPECT_EQ(mm_mseal(mm, at_page(4), PAGE_SIZE, 0), 0);
        EXPECT_EQ(advise(mm, 0, 1, MADV_DONTNEED), 0);
        EXPECT_STRIP(mm, "-");
        EXPECT_EQ(advise(mm, 4, 1, MADV_DONTNEED), 0); /* the file keeps it */
        backing_put(file);
        strip_done(mm);
}
