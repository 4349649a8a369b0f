/* SPDX-License-Identifier: MIT */
/* Hugetlb memory: the pool, promises, faults, fork, moves, and what is refused. */
#include "kernel/base/errno.h"
#include "mm/fail_alloc.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"
#include "mm/page_scan.h"
#include "mm/uffd.h"
#include "tests/unit/huge_fixture.h"

#define H HUGE_SIZE

/* ------------------------------------------------------------------ common parts */

static s64 try_hugetlb(struct mm *mm, u64 at, u64 pages, u64 flags)
{
        struct mmap_request req = {
                .addr = BASE + at * H,
                .len = pages * H,
                .prot = RW,
                .flags = MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB | flags,
        };

        if (!(flags & MAP_TYPE))
                req.flags |= MAP_PRIVATE;
        return mm_mmap(mm, &root_caller, &req);
}

static void map_hugetlb(struct mm *mm, u64 at, u64 pages, u64 flags)
{
        ASSERT_EQ(try_hugetlb(mm, at, pages, flags), (s64)(BASE + at * H));
}

/* An address space with that mapping at BASE, and a pool of `pool` pages. */
static struct mm *hugetlb_mm(u64 pool, u64 pages, u64 flags)
{
        struct mm *mm = strip_empty();

        mm_hugetlb_resize(pool);
        map_hugetlb(mm, 0, pages, flags);
        return mm;
}

/* "total free reserved surplus". */
static const char *pool_now(void)
{
        static char text[64];
        struct mm_hugetlb_stats s;

        mm_hugetlb_stats(&s);
        snprintf(text, sizeof(text), "%lu %lu %lu %lu", (long)s.total, (long)s.free,
                 (long)s.reserved, (long)s.surplus);
        return text;
}

#define EXPECT_POOL(text) EXPECT_STREQ(pool_now(), text)

static void store(struct mm *mm, u64 at, char letter)
{
        ASSERT_EQ(host_store(mm, &user_caller, BASE + at * H, &letter, 1).signo, 0);
}

static int signal_of(struct mm *mm, u64 at, bool write)
{
        return touch(mm, BASE + at * H, write).signo;
}

static u8 letter(struct mm *mm, u64 at)
{
        return peek_byte(mm, BASE + at * H);
}

/* The end: nothing in use, nothing promised, all given back. */
static void hugetlb_done(struct mm *mm)
{
        struct memory_stats memory;

        strip_validate(mm);
        EXPECT_TRUE(mm_validate_system());
        mm_put(mm);
        EXPECT_TRUE(mm_validate_system());
        mm_hugetlb_resize(0);
        mm_sysctl.nr_overcommit_hugepages = 0;
        EXPECT_POOL("0 0 0 0");
        memory_stats(&memory);
        EXPECT_EQ(memory.hugetlb, 0);
}

/* ------------------------------------------------------------------ pool */

TEST(the_pool_takes_blocks_and_gives_them_back)
{
        struct memory_stats before, now;

        memory_stats(&before);
        mm_hugetlb_resize(3);
        EXPECT_POOL("3 3 0 0");
        memory_stats(&now);
        EXPECT_EQ(before.free - now.free, 3 * HUGE_PAGES);
        EXPECT_EQ(now.hugetlb, 3 * HUGE_PAGES);
        mm_hugetlb_resize(1);
        EXPECT_POOL("1 1 0 0");
        fail_alloc_nth(1, true);
        mm_hugetlb_resize(4);
        fail_alloc_nth(0, false);
        EXPECT_POOL("1 1 0 0");
        mm_hugetlb_resize(0);
        memory_stats(&now);
        EXPECT_EQ(before.free, now.free);
}

TEST(what_is_set_aside_cannot_be_committed)
{
        u64 before = mm_commit_limit();

        mm_hugetlb_resize(2);
        EXPECT_EQ(before - mm_commit_limit(), 2 * HUGE_PAGES * mm_sysctl.overcommit_ratio / 100);
        mm_hugetlb_resize(0);
}

TEST(a_mapping_is_promised_its_pages)
{
        struct mm *mm = hugetlb_mm(4, 3, 0);

        EXPECT_POOL("4 4 3 0");
        EXPECT_EQ(try_hugetlb(mm, 8, 2, 0), -ENOMEM);
        EXPECT_EQ(try_hugetlb(mm, 8, 2, MAP_SHARED), -ENOMEM);
        map_hugetlb(mm, 8, 1, MAP_SHARED);
        EXPECT_POOL("4 4 4 0");
        store(mm, 1, 'a');
        store(mm, 8, 's');
        EXPECT_POOL("4 2 2 0");
        EXPECT_EQ(stats_of(mm).hugetlb, 2 * HUGE_PAGES);
        EXPECT_EQ(stats_of(mm).rss_anon + stats_of(mm).rss_shmem, 0);
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, 2 * H), 0);
        EXPECT_POOL("4 3 1 0");
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + 8 * H, H), 0);
        EXPECT_POOL("4 4 1 0");
        hugetlb_done(mm);
}

TEST(nothing_is_promised_with_noreserve)
{
        struct mm *mm = hugetlb_mm(2, 8, MAP_NORESERVE);

        EXPECT_POOL("2 2 0 0");
        store(mm, 0, 'a');
        map_hugetlb(mm, 8, 1, 0);
        EXPECT_EQ(signal_of(mm, 1, true), SIGBUS);
        EXPECT_EQ(signal_of(mm, 1, false), SIGBUS);
        store(mm, 8, 'b');
        EXPECT_POOL("2 0 0 0");
        EXPECT_EQ(letter(mm, 0), 'a');
        hugetlb_done(mm);
}

TEST(promises_of_shared_memory_end_with_it)
{
        struct mm *mm = hugetlb_mm(4, 4, MAP_SHARED);

        store(mm, 0, 'a');
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, 2 * H), 0);
        EXPECT_POOL("4 3 3 0");
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + 2 * H, 2 * H), 0);
        EXPECT_POOL("4 4 0 0");
        hugetlb_done(mm);
}

TEST(a_refused_mapping_leaves_a_hole)
{
        struct mm *mm = hugetlb_mm(2, 2, 0);

        store(mm, 0, 'a');
        EXPECT_EQ(try_hugetlb(mm, 0, 3, 0), -ENOMEM);
        EXPECT_TRUE(!vma_find(mm, BASE));
        map_hugetlb(mm, 0, 2, 0);
        map_hugetlb(mm, 0, 2, 0); /* what the first gives back is enough */
        EXPECT_POOL("2 2 2 0");
        hugetlb_done(mm);
}

TEST(a_surplus_comes_and_goes)
{
        struct mm *mm = strip_empty();

        mm_hugetlb_resize(1);
        mm_sysctl.nr_overcommit_hugepages = 2;
        EXPECT_EQ(try_hugetlb(mm, 0, 4, 0), -ENOMEM);
        EXPECT_POOL("1 1 0 0");
        map_hugetlb(mm, 0, 3, 0);
        EXPECT_POOL("3 3 3 2");
        store(mm, 0, 'a');
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, MADV_DONTNEED), 0);
        EXPECT_POOL("2 2 2 1"); /* and its promise is gone */
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + H, H), 0);
        EXPECT_POOL("1 1 1 0");
        store(mm, 0, 'b');
        EXPECT_POOL("2 1 1 1");
        hugetlb_done(mm);
}

TEST(a_smaller_pool_keeps_what_it_owes)
{
        struct mm *mm = hugetlb_mm(5, 3, 0);

        store(mm, 0, 'a');
        mm_hugetlb_resize(1);
        EXPECT_POOL("3 2 2 2");
        mm_hugetlb_resize(2);
        EXPECT_POOL("3 2 2 1");
        mm_hugetlb_resize(4);
        EXPECT_POOL("4 3 2 0");
        mm_hugetlb_resize(0);
        EXPECT_POOL("3 2 2 3");
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, H), 0);
        EXPECT_POOL("2 2 2 2");
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + H, H), 0);
        EXPECT_POOL("1 1 1 1");
        hugetlb_done(mm);
}

/* ------------------------------------------------------------------ mappings */

TEST(hugetlb_memory_goes_where_huge_pages_do)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = {
                .len = 1,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
        };
        s64 first, second;

        mm_hugetlb_resize(8);
        first = mm_mmap(mm, &root_caller, &req);
        second = mm_mmap(mm, &root_caller, &req);
        EXPECT_TRUE(first > 0 && huge_is_aligned((u64)first));
        EXPECT_EQ(second, first - (s64)H); /* rounded, and no gap between */
        req.addr = BASE + 5;
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), (s64)(BASE + H));
        req.flags |= 30UL << MAP_HUGE_SHIFT;
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), -ENOMEM);
        req.flags |= MAP_FIXED;
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), -EINVAL);
        req.len = ~0UL;
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), -EINVAL);
        hugetlb_done(mm);
}

TEST(nothing_cuts_a_page_of_hugetlb_memory)
{
        struct mm *mm = hugetlb_mm(4, 4, 0);
        u64 at = BASE + H + PAGE_SIZE;

        store(mm, 1, 'a');
        EXPECT_EQ(mm_munmap(mm, &root_caller, at, PAGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, at, PAGE_SIZE, PROT_READ), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at, PAGE_SIZE, MADV_DONTFORK), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE + H, PAGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_EQ(stats_of(mm).map_count, 1);
        /* The lower split is made before the upper one is refused, as on Linux. */
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + H, PAGE_SIZE), -EINVAL);
        EXPECT_EQ(stats_of(mm).map_count, 2);
        EXPECT_EQ(letter(mm, 1), 'a');
        hugetlb_done(mm);
}

TEST(what_hugetlb_memory_refuses)
{
        static const int refused[] = { MADV_FREE,     MADV_COLD,          MADV_PAGEOUT,
                                       MADV_COLLAPSE, MADV_GUARD_INSTALL, MADV_WIPEONFORK };
        struct mm *mm = hugetlb_mm(2, 2, 0);
        struct uffd *uffd = uffd_create(mm, 0);

        store(mm, 0, 'a');
        for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
                EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, refused[i]), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, MADV_REMOVE), -EACCES);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, MADV_DONTDUMP), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, MADV_DODUMP), 0);
        EXPECT_TRUE(uffd_set_features(uffd, 0));
        EXPECT_EQ(uffd_register(uffd, BASE, H, VM_UFFD_MISSING), -EINVAL);
        uffd_release(uffd);
        EXPECT_EQ(mm_mlock(mm, &root_caller, BASE, 2 * H, false), 0);
        EXPECT_EQ(locked_pages_of(mm), 0);
        EXPECT_POOL("2 0 0 0"); /* but it has faulted */
        hugetlb_done(mm);
}

TEST(what_proc_shows_of_hugetlb_memory)
{
        struct mm *mm = hugetlb_mm(4, 2, 0);
        struct mm_region_stats stats;
        u64 words[2];
        u8 vec[2];
        u64 done;

        map_hugetlb(mm, 2, 2, MAP_SHARED);
        store(mm, 1, 'a');
        store(mm, 2, 's');
        mm_region_stats(mm, BASE, BASE + 4 * H, &stats);
        EXPECT_EQ(stats.private_hugetlb, 2 * H);
        EXPECT_EQ(stats.rss + stats.shared_hugetlb + stats.anon_huge, 0);
        mm_pagemap(mm, BASE + H + 5 * PAGE_SIZE, 1, words, false);
        EXPECT_EQ(words[0], 1ULL << 63 | 1ULL << 56);
        mm_pagemap(mm, BASE + 2 * H, 1, words, false);
        EXPECT_EQ(words[0], 1ULL << 63 | 1ULL << 61 | 1ULL << 56);
        mm_pagemap(mm, BASE + H, 2, words, true);
        EXPECT_EQ(words[1], words[0] + 1);
        EXPECT_EQ(mm_mincore(mm, BASE + H - PAGE_SIZE, 2, vec, &done), 0);
        EXPECT_TRUE(!vec[0] && vec[1]);
        mm_clear_references(mm, true, true);
        strip_validate(mm);
        hugetlb_done(mm);
}

TEST(a_scan_knows_hugetlb_memory)
{
        struct page_region regions[8];
        struct mm *mm = hugetlb_mm(2, 2, 0);
        struct page_scan scan = {
                .at = BASE,
                .end = BASE + 2 * H,
                .shown = ~0ULL,
                .max_pages = ~0ULL,
                .regions = regions,
                .nr_max = 8,
        };

        ASSERT_EQ(mm_scan_pages(mm, &scan), 0);
        EXPECT_EQ(scan.nr, 1);
        EXPECT_EQ(regions[0].categories, 0);
        store(mm, 1, 'a');
        scan.at = BASE;
        scan.pages = 0;
        ASSERT_EQ(mm_scan_pages(mm, &scan), 0);
        EXPECT_EQ(scan.nr, 2);
        EXPECT_EQ(regions[0].categories, PAGE_IS_HUGE);
        EXPECT_EQ(regions[1].categories, PAGE_IS_HUGE | PAGE_IS_PRESENT | PAGE_IS_WRITTEN);
        hugetlb_done(mm);
}

TEST(another_process_reads_and_writes_it)
{
        struct mm *mm = hugetlb_mm(3, 3, 0), *child;
        char c = 'x';

        EXPECT_EQ(mm_access(mm, &root_caller, BASE + 7, &c, 1, MM_ACCESS_WRITE), 1);
        EXPECT_EQ(peek_byte(mm, BASE + 7), 'x');
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, H, PROT_READ), 0);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE, &c, 1, MM_ACCESS_WRITE), -EFAULT);
        child = fork_of(mm);
        /* A debugger's write makes a copy first. */
        EXPECT_EQ(mm_access(child, &root_caller, BASE, &c, 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE),
                  -EFAULT); /* all others are promised to the parent */
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + 2 * H, H), 0);
        EXPECT_EQ(mm_access(child, &root_caller, BASE, &c, 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE),
                  1);
        EXPECT_EQ(letter(child, 0), 'x');
        EXPECT_EQ(letter(mm, 0), 0);
        exit_mm(child);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE + 7, &c, 1, MM_ACCESS_ALONE), 1);
        hugetlb_done(mm);
}

TEST(a_hole_in_shared_hugetlb_memory)
{
        struct mm *mm = hugetlb_mm(4, 4, MAP_SHARED);

        for (u64 i = 0; i < 4; i++)
                store(mm, i, (char)('a' + i));
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE + H, H, MADV_REMOVE), 0);
        EXPECT_POOL("4 1 0 0");
        /* Parts are cleared, and stay. */
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE + 2 * H + PAGE_SIZE, H, MADV_REMOVE), 0);
        EXPECT_POOL("4 1 0 0");
        EXPECT_EQ(letter(mm, 0), 'a');
        EXPECT_EQ(letter(mm, 2), 'c');
        EXPECT_EQ(letter(mm, 3), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE + 2 * H, PAGE_SIZE, MADV_REMOVE), 0);
        EXPECT_EQ(letter(mm, 2), 0);
        EXPECT_EQ(letter(mm, 1), 0);
        hugetlb_done(mm);
}

/* ------------------------------------------------------------------ fork */

TEST(fork_shares_and_writes_copy)
{
        struct mm *mm = hugetlb_mm(4, 2, 0), *child;
        struct mm_region_stats stats;

        store(mm, 0, 'a');
        store(mm, 1, 'b');
        child = fork_of(mm);
        mm_region_stats(mm, BASE, BASE + 2 * H, &stats);
        EXPECT_EQ(stats.shared_hugetlb, 2 * H);
        store(child, 0, 'c');
        EXPECT_POOL("4 1 0 0");
        EXPECT_EQ(letter(mm, 0), 'a');
        EXPECT_EQ(letter(child, 0), 'c');
        store(mm, 1, 'd');
        EXPECT_POOL("4 0 0 0");
        EXPECT_EQ(letter(child, 1), 'b');
        store(mm, 0, 'e'); /* alone again: no copy */
        EXPECT_POOL("4 0 0 0");
        strip_validate(mm);
        EXPECT_TRUE(mm_validate_system());
        exit_mm(child);
        EXPECT_POOL("4 2 0 0");
        hugetlb_done(mm);
}

TEST(a_child_has_no_promises)
{
        struct mm *mm = hugetlb_mm(3, 3, 0), *child;

        store(mm, 0, 'a');
        child = fork_of(mm);
        EXPECT_EQ(signal_of(child, 0, true), SIGBUS);
        EXPECT_EQ(signal_of(child, 1, false), SIGBUS);
        EXPECT_EQ(letter(child, 0), 'a');
        exit_mm(child);
        store(mm, 1, 'b');
        store(mm, 2, 'c');
        EXPECT_POOL("3 0 0 0");
        hugetlb_done(mm);
}

TEST(the_parent_takes_what_it_was_promised_from_the_child)
{
        struct mm *mm = hugetlb_mm(2, 2, 0), *child;

        store(mm, 0, 'a');
        store(mm, 1, 'b');
        child = fork_of(mm);
        ASSERT_EQ(mm_mremap(child, &root_caller, BASE, H, H, MREMAP_MAYMOVE | MREMAP_FIXED,
                            BASE + 8 * H),
                  (s64)(BASE + 8 * H)); /* it is found wherever it is */
        store(mm, 0, 'c');
        EXPECT_EQ(letter(mm, 0), 'c');
        EXPECT_EQ(signal_of(child, 8, false), SIGBUS);
        EXPECT_EQ(letter(child, 1), 'b');
        EXPECT_POOL("2 0 0 0");
        exit_mm(child);
        hugetlb_done(mm);
}

TEST(shared_hugetlb_memory_is_shared_with_a_child)
{
        struct mm *mm = hugetlb_mm(2, 2, MAP_SHARED), *child;

        store(mm, 0, 'a');
        child = fork_of(mm);
        EXPECT_EQ(stats_of(child).hugetlb, 0);
        EXPECT_EQ(letter(child, 0), 'a');
        store(child, 1, 'b');
        EXPECT_EQ(letter(mm, 1), 'b');
        EXPECT_POOL("2 0 0 0");
        exit_mm(child);
        hugetlb_done(mm);
}

TEST(dontneed_renews_the_promise_of_a_page_that_is_free)
{
        struct mm *mm = hugetlb_mm(3, 2, 0), *child;

        store(mm, 0, 'a');
        store(mm, 1, 'b');
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, 2 * H, MADV_DONTNEED), 0);
        EXPECT_POOL("3 3 2 0");
        store(mm, 0, 'c');
        child = fork_of(mm);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, H, MADV_DONTNEED), 0);
        EXPECT_POOL("3 2 1 0"); /* the child has it still */
        store(mm, 0, 'd');
        EXPECT_EQ(letter(child, 0), 'c');
        exit_mm(child);
        hugetlb_done(mm);
}

/* ------------------------------------------------------------------ mremap */

static s64 move(struct mm *mm, u64 from, u64 pages, u64 to)
{
        return mm_mremap(mm, &root_caller, BASE + from * H, pages * H, pages * H,
                         MREMAP_MAYMOVE | MREMAP_FIXED, BASE + to * H);
}

TEST(a_move_takes_entries_and_promises_along)
{
        struct mm *mm = hugetlb_mm(4, 4, 0);
        u64 tables = 0;

        store(mm, 1, 'a');
        tables = stats_of(mm).pgtable_bytes;
        EXPECT_EQ(move(mm, 0, 4, 8), (s64)(BASE + 8 * H));
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 1);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, tables);
        EXPECT_POOL("4 3 3 0");
        /* A part: what is left keeps its own. */
        EXPECT_EQ(move(mm, 10, 1, 20), (s64)(BASE + 20 * H));
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE + 8 * H, 4 * H), 0);
        EXPECT_POOL("4 4 1 0");
        store(mm, 20, 'b');
        EXPECT_POOL("4 3 0 0");
        hugetlb_done(mm);
}

TEST(a_move_does_not_depend_on_the_level)
{
        struct mm *mm = hugetlb_mm(2, 2, 0);

        mm_sysctl.move_level = PT_PTE;
        store(mm, 0, 'a');
        store(mm, 1, 'b');
        EXPECT_EQ(move(mm, 0, 2, 9), (s64)(BASE + 9 * H));
        mm_sysctl.move_level = PT_PUD;
        EXPECT_EQ(letter(mm, 9), 'a');
        EXPECT_EQ(letter(mm, 10), 'b');
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 2);
        hugetlb_done(mm);
}

TEST(a_table_of_hugetlb_entries_moves_whole)
{
        struct mm *mm = hugetlb_mm(2, 512, MAP_NORESERVE);

        store(mm, 0, 'a');
        store(mm, 511, 'b');
        EXPECT_EQ(move(mm, 0, 512, 1024), (s64)(BASE + 1024 * H));
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 0);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE + PT_PUD), 1);
        EXPECT_EQ(letter(mm, 1024), 'a');
        EXPECT_EQ(letter(mm, 1535), 'b');
        hugetlb_done(mm);
}

TEST(mremap_rounds_lengths_and_never_grows_hugetlb_memory)
{
        struct mm *mm = hugetlb_mm(4, 4, 0);
        static const struct {
                u64 addr, old_len, new_len, flags, to;
                s64 result;
        } rows[] = {
                { BASE, 1, H, 0, 0, BASE },
                { BASE, H, 2 * H, 0, 0, -EINVAL },
                { BASE, H, H + 1, MREMAP_MAYMOVE, 0, -EINVAL },
                { BASE, H, H, 0, PAGE_SIZE, -EINVAL },
                { BASE + PAGE_SIZE, H, H, 0, 0, -EINVAL },
                { BASE, H, H, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 9 * H + PAGE_SIZE, -EINVAL },
                { BASE, H, H, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0, -EINVAL },
                { BASE, 0, H, MREMAP_MAYMOVE, 0, -EINVAL },
                { BASE + 3 * H, 2 * H, H + 1, 0, 0, BASE + 3 * H },
                { BASE, 4 * H, 3 * H - 1, 0, 0, BASE },
                { BASE, 3 * H, 2 * H + PAGE_SIZE, 0, 0, BASE },
        };

        store(mm, 3, 'a');
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                EXPECT_EQ(mm_mremap(mm, &root_caller, rows[i].addr, rows[i].old_len,
                                    rows[i].new_len, rows[i].flags, rows[i].to),
                          rows[i].result);
        EXPECT_POOL("4 4 3 0");
        hugetlb_done(mm);
}

TEST(hugetlb_memory_beside_huge_and_small_pages)
{
        struct mm *mm = hugetlb_mm(2, 2, 0);

        map_at(mm, BASE + 2 * H, 2 * H);
        write_letters(mm, BASE + 2 * H, 2 * H, 'a');
        store(mm, 0, 'x');
        store(mm, 1, 'y');
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE + 3 * H, PAGE_SIZE, PROT_READ), 0);
        EXPECT_LOOK(mm, BASE + 2 * H, "Hs");
        ASSERT_EQ(mm_mremap(mm, &root_caller, BASE + H, 2 * H, 2 * H, MREMAP_MAYMOVE | MREMAP_FIXED,
                            BASE + 9 * H),
                  (s64)(BASE + 9 * H));
        EXPECT_EQ(letter(mm, 9), 'y');
        check_letters(mm, BASE + 10 * H, H, 'a');
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, 16 * H), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 0);
        EXPECT_POOL("2 2 0 0");
        hugetlb_done(mm);
}
