/* SPDX-License-Identifier: MIT */
/* Reading and writing another address space, with and without force. */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"

#define FORCED (MM_ACCESS_WRITE | MM_ACCESS_FORCE)

static ssize_t put(struct mm *mm, unsigned page, char c, unsigned flags)
{
        return mm_access(mm, &root_caller, at_page(page), &c, 1, flags | MM_ACCESS_WRITE);
}

static ssize_t get(struct mm *mm, unsigned page, char *c, unsigned flags)
{
        return mm_access(mm, &root_caller, at_page(page), c, 1, flags);
}

TEST(access_faults_pages_in_as_the_program_would)
{
        struct mm *mm = strip("---");
        char c = 'x';

        EXPECT_EQ(get(mm, 0, &c, 0), 1);
        EXPECT_EQ(c, 0);
        EXPECT_STRIP(mm, "0--");
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(put(mm, 0, 'a', 0), 1); /* replaces the zero page */
        EXPECT_EQ(put(mm, 1, 'b', 0), 1);
        EXPECT_STRIP(mm, "ab-");
        EXPECT_EQ(mm_access(mm, &root_caller, at_page(9), &c, 0, 0), 0);
        strip_done(mm);
}

TEST(access_alone_copies_what_fork_left_shared_and_leaves_it_clean)
{
        struct mm *mm = strip("A");
        struct mm_region_stats stats = { 0 };
        struct mm *child;
        int err;
        char c;

        child = mm_fork(mm, &root_caller, &err);
        EXPECT(child != NULL);
        EXPECT_EQ(get(child, 0, &c, 0), 1);
        mm_region_stats(child, at_page(0), at_page(1), &stats);
        EXPECT_EQ(stats.shared_dirty, PAGE_SIZE);
        EXPECT_EQ(get(child, 0, &c, MM_ACCESS_ALONE), 1);
        EXPECT_EQ(c, 'A');
        stats = (struct mm_region_stats){ 0 };
        mm_region_stats(child, at_page(0), at_page(1), &stats);
        EXPECT_EQ(stats.private_clean, PAGE_SIZE);
        EXPECT_EQ(get(mm, 0, &c, MM_ACCESS_ALONE), 1); /* it is alone already: no copy */
        stats = (struct mm_region_stats){ 0 };
        mm_region_stats(mm, at_page(0), at_page(1), &stats);
        EXPECT_EQ(stats.private_dirty, PAGE_SIZE);
        mm_put(child);
        strip_done(mm);
}

/* The zero page is everybody's, and nobody writes to it: a copy would be for nothing. */
TEST(access_alone_leaves_the_zero_page)
{
        struct mm *mm = strip("--");
        char c = 'x';

        EXPECT_EQ(get(mm, 0, &c, 0), 1);
        EXPECT_EQ(get(mm, 0, &c, MM_ACCESS_ALONE), 1); /* mapped already */
        EXPECT_EQ(get(mm, 1, &c, MM_ACCESS_ALONE), 1); /* mapped by this */
        EXPECT_EQ(c, 0);
        EXPECT_STRIP(mm, "00");
        EXPECT_EQ(anon_pages_of(mm), 0);
        strip_done(mm);
}

TEST(access_without_force_needs_the_rights_of_the_program)
{
        struct mm *mm = strip("AC");
        char c;

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, PROT_NONE), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(get(mm, 0, &c, 0), -EFAULT);
        EXPECT_EQ(put(mm, 0, 'x', 0), -EFAULT);
        EXPECT_EQ(put(mm, 1, 'x', 0), -EFAULT);
        EXPECT_EQ(get(mm, 1, &c, 0), 1);
        EXPECT_EQ(c, 'C');
        strip_done(mm);
}

TEST(access_by_force_reads_and_writes_private_memory)
{
        struct mm *mm = strip("A-");
        char c;

        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, PROT_NONE), 0);
        EXPECT_EQ(get(mm, 0, &c, MM_ACCESS_FORCE), 1);
        EXPECT_EQ(c, 'A');
        EXPECT_EQ(put(mm, 0, 'x', MM_ACCESS_FORCE), 1);
        EXPECT_EQ(put(mm, 1, 'y', MM_ACCESS_FORCE), 1);
        EXPECT_STRIP(mm, "xy");
        EXPECT_EQ(touch(mm, at_page(1), false).code, 2); /* the program still may not */
        strip_done(mm);
}

TEST(access_by_force_never_writes_shared_memory)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(4, 1, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
        char c;

        map_file(mm, 0, 1, PROT_READ, MAP_SHARED, file, 0);
        map_file(mm, 2, 1, PROT_READ, MAP_PRIVATE, file, 1);
        req.writable = false;
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        EXPECT_EQ(put(mm, 0, 'x', MM_ACCESS_FORCE), -EFAULT);
        EXPECT_EQ(put(mm, 4, 'x', MM_ACCESS_FORCE), -EFAULT);
        EXPECT_EQ(put(mm, 2, 'x', MM_ACCESS_FORCE), 1);
        EXPECT_EQ(object_read(file->object, PAGE_SIZE, &c, 1), 1);
        EXPECT_EQ(c, 'b');
        EXPECT_EQ(get(mm, 2, &c, 0), 1);
        EXPECT_EQ(c, 'x');
        backing_put(file);
        strip_done(mm);
}

TEST(access_writes_shared_memory_in_place)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 1, RW);
        EXPECT_EQ(put(mm, 0, 's', 0), 1);
        EXPECT_EQ(stats_of(mm).rss_shmem, 1);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 's');
        strip_done(mm);
}

TEST(access_after_fork_copies_first)
{
        struct mm *parent = strip("A"), *child = fork_of(parent);

        EXPECT_EQ(put(child, 0, 'c', 0), 1);
        EXPECT_STRIP(parent, "A");
        EXPECT_STRIP(child, "c");
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

TEST(access_grows_stacks_and_stops_at_guard_pages)
{
        struct mm *mm = strip("--");

        map_pages(mm, 300, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(put(mm, 298, 'x', 0), 1);
        EXPECT_VMAS(mm, "0-2rw 298-301rw");
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(1), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(put(mm, 1, 'x', FORCED), -EFAULT);
        strip_done(mm);
}

/* As process_vm_readv() has it, whose pages are pinned: a debugger's access grows the stack. */
TEST(access_of_what_is_mapped_grows_no_stack)
{
        struct mm *mm = strip_empty();
        char byte;

        map_pages(mm, 4, 1, RW, MAP_GROWSDOWN);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(3), &byte, 1, MM_ACCESS_MAPPED), -EFAULT);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(4), &byte, 1, MM_ACCESS_MAPPED), 1);
        EXPECT_FALSE(vma_at(mm, at_page(3)));
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(3), &byte, 1, MM_ACCESS_FORCE), 1);
        EXPECT_TRUE(vma_at(mm, at_page(3)));
        strip_done(mm);
}

TEST(access_without_memory_is_efault)
{
        struct mm *mm = strip("-");

        fail_alloc_nth(1, true);
        EXPECT_EQ(put(mm, 0, 'x', 0), -EFAULT);
        fail_alloc_nth(0, false);
        EXPECT_STRIP(mm, "-");
        strip_done(mm);
}
