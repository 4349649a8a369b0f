/* SPDX-License-Identifier: MIT */
/* Soft-dirty pages: what sets and clears the bits of entries and the flag of VMAs. */
#include "arch/host/host.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/abi/procfs.h"
#include "mm/page_scan.h"
#include "mm/soft_dirty.h"
#include "tests/unit/handler.h"
#include "tests/unit/huge_fixture.h"

#define RW (PROT_READ | PROT_WRITE)

#define PAGEMAP_BIT (1ULL << 55)

static struct mm *dirty_strip(const char *text)
{
        mm_sysctl.soft_dirty = 1;
        return strip(text);
}

/* '1' for each page that counts as written. Valid until the next call. */
static const char *bits_at(struct mm *mm, u64 addr, unsigned n)
{
        static char text[64];
        u64 words[32];

        mm_pagemap(mm, addr, n, words, false);
        for (unsigned i = 0; i < n; i++)
                text[i] = words[i] & PAGEMAP_BIT ? '1' : '0';
        text[n] = 0;
        return text;
}

#define EXPECT_BITS(mm, page, text) EXPECT_STREQ(bits_at(mm, at_page(page), sizeof(text) - 1), text)

static bool is_new(struct mm *mm, unsigned page)
{
        return vma_at(mm, at_page(page))->flags & VM_SOFTDIRTY;
}

static s64 move(struct mm *mm, u64 from, u64 len, u64 to, u64 flags)
{
        return mm_mremap(mm, &user_caller, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED | flags,
                         to);
}

TEST(off_nothing_is_kept)
{
        struct mm *mm = strip("A-");

        EXPECT_FALSE(is_new(mm, 0));
        EXPECT_BITS(mm, 0, "00");
        mm_clear_soft_dirty(mm);
        EXPECT_TRUE(host_tlb_has(&mm->mmu, at_page(0)));
        write_pages(mm, 0, 2, 'b');
        EXPECT_BITS(mm, 0, "00");
        strip_done(mm);
}

TEST(new_mappings_are_dirty_until_they_are_cleared)
{
        struct mm *mm = dirty_strip("A--");

        EXPECT_TRUE(is_new(mm, 0));
        EXPECT_BITS(mm, 0, "1110");
        mm_clear_soft_dirty(mm);
        EXPECT_FALSE(is_new(mm, 0));
        EXPECT_BITS(mm, 0, "000");
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 0);
        EXPECT_BITS(mm, 0, "000");
        write_pages(mm, 0, 2, 'b');
        EXPECT_BITS(mm, 0, "110");
        EXPECT_FALSE(is_new(mm, 0));
        strip_done(mm);
}

/* A TLB that went on letting writes through would have them missed. */
TEST(clearing_flushes_and_takes_the_right_to_write)
{
        struct mm *mm = dirty_strip("AA");

        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        mm_clear_soft_dirty(mm);
        EXPECT_FALSE(host_tlb_has(&mm->mmu, at_page(0)));
        EXPECT_EQ(touch(mm, at_page(0), true).signo, 0);
        EXPECT_BITS(mm, 0, "10");
        strip_done(mm);
}

TEST(protection_that_comes_back_does_not_let_writes_through_unseen)
{
        struct mm *mm = dirty_strip("AA");

        mm_clear_soft_dirty(mm);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, RW), 0);
        EXPECT_BITS(mm, 0, "00");
        write_pages(mm, 0, 1, 'b');
        EXPECT_BITS(mm, 0, "10");
        strip_done(mm);
}

TEST(shared_memory_is_watched_too)
{
        struct mm *mm = dirty_strip("");
        struct mmap_request req = {
                .addr = at_page(0),
                .len = 3 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
        };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)at_page(0));
        write_pages(mm, 0, 2, 'a');
        mm_clear_soft_dirty(mm);
        EXPECT_EQ(peek_byte(mm, at_page(2)), 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'a');
        EXPECT_BITS(mm, 0, "000");
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), 3 * PAGE_SIZE, RW), 0);
        write_pages(mm, 1, 2, 'b');
        EXPECT_BITS(mm, 0, "011");
        strip_done(mm);
}

TEST(moved_entries_are_dirty_and_moved_tables_as_they_were)
{
        struct mm *mm = dirty_strip("AA--");
        u64 at = 1UL << 32, to = 3UL << 32;

        EXPECT_EQ(peek_byte(mm, at_page(2)), 0);
        mm_clear_soft_dirty(mm);
        EXPECT_EQ(move(mm, at_page(1), 3 * PAGE_SIZE, at_page(8), 0), (s64)at_page(8));
        EXPECT_BITS(mm, 8, "110");
        EXPECT_FALSE(is_new(mm, 8));
        map_at(mm, at, HUGE_SIZE);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at, HUGE_SIZE, MADV_NOHUGEPAGE), 0);
        write_letters(mm, at, HUGE_SIZE, 'a');
        mm_clear_soft_dirty(mm);
        EXPECT_EQ(touch(mm, at, true).signo, 0);
        EXPECT_EQ(move(mm, at, HUGE_SIZE, to, 0), (s64)to);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PMD), 1);
        EXPECT_STREQ(bits_at(mm, to, 4), "1000");
        strip_done(mm);
}

TEST(guards_are_dirty_where_they_move)
{
        struct mm *mm = dirty_strip("AA");

        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), PAGE_SIZE, 102), 0);
        mm_clear_soft_dirty(mm);
        EXPECT_BITS(mm, 0, "00");
        EXPECT_EQ(move(mm, at_page(0), PAGE_SIZE, at_page(8), 0), (s64)at_page(8));
        EXPECT_BITS(mm, 8, "1");
        EXPECT_EQ(touch(mm, at_page(8), false).signo, 11);
        mm_clear_soft_dirty(mm);
        EXPECT_BITS(mm, 8, "0");
        EXPECT_EQ(touch(mm, at_page(8), false).signo, 11);
        strip_done(mm);
}

TEST(who_merges_decides)
{
        struct mm *mm = dirty_strip("--");

        mm_clear_soft_dirty(mm);
        map_pages(mm, 2, 2, RW, 0); /* a new one: all of it is new */
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_TRUE(is_new(mm, 0));
        mm_clear_soft_dirty(mm);
        map_pages(mm, 8, 2, RW, 0); /* moved next to a cleared one: cleared */
        EXPECT_EQ(move(mm, at_page(8), 2 * PAGE_SIZE, at_page(4), 0), (s64)at_page(4));
        EXPECT_VMAS(mm, "0-6rw");
        EXPECT_FALSE(is_new(mm, 0));
        map_pages(mm, 6, 1, PROT_READ, 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(6), PAGE_SIZE, RW), 0);
        EXPECT_VMAS(mm, "0-7rw"); /* as the one that was changed */
        EXPECT_TRUE(is_new(mm, 0));
        strip_done(mm);
}

TEST(a_child_inherits_bits_and_each_sets_its_own)
{
        struct mm *mm = dirty_strip("AAA"), *child;
        int err;

        mm_clear_soft_dirty(mm);
        write_pages(mm, 0, 1, 'b');
        child = mm_fork(mm, &user_caller, &err);
        EXPECT_TRUE(child != NULL);
        EXPECT_BITS(child, 0, "100");
        write_pages(child, 1, 1, 'c');
        write_pages(mm, 2, 1, 'd');
        EXPECT_BITS(child, 0, "110");
        EXPECT_BITS(mm, 0, "101");
        mm_put(child);
        strip_done(mm);
}

TEST(a_huge_page_is_dirty_as_a_whole)
{
        struct mm *mm;

        mm_sysctl.soft_dirty = 1;
        mm = huge_mm(2);
        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        mm_clear_soft_dirty(mm);
        EXPECT_LOOK(mm, BASE, "HH");
        EXPECT_STREQ(bits_at(mm, BASE + 500 * PAGE_SIZE, 20), "00000000000000000000");
        EXPECT_EQ(touch(mm, BASE + 5, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "HH");
        EXPECT_STREQ(bits_at(mm, BASE + 500 * PAGE_SIZE, 20), "11111111111100000000");
        /* Splitting makes dirty what the machine has for dirty. */
        EXPECT_EQ(mm_mprotect(mm, &user_caller, BASE + HUGE_SIZE - PAGE_SIZE, 2 * PAGE_SIZE,
                              PROT_READ),
                  0);
        EXPECT_LOOK(mm, BASE, "ss");
        EXPECT_STREQ(bits_at(mm, BASE + 500 * PAGE_SIZE, 20), "11111111111111111111");
        strip_done(mm);
}

TEST(a_huge_page_that_moves_is_dirty)
{
        u64 to = BASE + 64 * HUGE_SIZE;
        struct mm *mm;

        mm_sysctl.soft_dirty = 1;
        mm = huge_mm(1);
        write_letters(mm, BASE, HUGE_SIZE, 'a');
        mm_clear_soft_dirty(mm);
        EXPECT_EQ(move(mm, BASE, HUGE_SIZE, to, MREMAP_DONTUNMAP), (s64)to);
        EXPECT_LOOK(mm, to, "H");
        EXPECT_STREQ(bits_at(mm, to, 3), "111");
        EXPECT_STREQ(bits_at(mm, BASE, 3), "000");
        strip_done(mm);
}

TEST(a_huge_page_that_userfaultfd_moves_is_dirty)
{
        u64 to = BASE + 64 * HUGE_SIZE;
        struct uffd *u;
        struct mm *mm;

        mm_sysctl.soft_dirty = 1;
        mm = huge_mm(1);
        write_letters(mm, BASE, HUGE_SIZE, 'a');
        map_at(mm, to, HUGE_SIZE);
        mm_clear_soft_dirty(mm);
        u = context(mm, 0);
        EXPECT_EQ(uffd_register(u, to, HUGE_SIZE, VM_UFFD_MISSING), 0);
        EXPECT_EQ(uffd_move(u, to, BASE, HUGE_SIZE, false), HUGE_SIZE);
        EXPECT_LOOK(mm, to, "H");
        EXPECT_STREQ(bits_at(mm, to, 3), "111");
        strip_validate(mm);
        uffd_release(u);
        strip_done(mm);
}

TEST(hugetlb_memory_is_dirty_while_it_is_new)
{
        struct mmap_request req = {
                .addr = BASE,
                .len = HUGE_SIZE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB,
        };
        struct mm *mm = dirty_strip("A");

        mm_hugetlb_resize(1);
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), (s64)BASE);
        write_letters(mm, BASE, PAGE_SIZE, 'a');
        EXPECT_STREQ(bits_at(mm, BASE, 2), "11");
        mm_clear_soft_dirty(mm);
        write_letters(mm, BASE, PAGE_SIZE, 'b');
        EXPECT_STREQ(bits_at(mm, BASE, 2), "00"); /* entries are left alone */
        strip_done(mm);
        mm_hugetlb_resize(0);
}

TEST(who_writes_from_elsewhere_is_noticed)
{
        struct mm *mm = dirty_strip("AA");
        char c = 'x';

        mm_clear_soft_dirty(mm);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(0), &c, 1, MM_ACCESS_WRITE), 1);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(1), &c, 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE),
                  1);
        EXPECT_BITS(mm, 0, "11");
        strip_done(mm);
}

TEST(a_scan_finds_dirty_pages)
{
        struct mm *mm = dirty_strip("AAA");
        struct page_region regions[4];
        struct page_scan scan = {
                .at = at_page(0),
                .end = at_page(3),
                .all_of = PAGE_IS_SOFT_DIRTY,
                .shown = PAGE_IS_SOFT_DIRTY | PAGE_IS_PRESENT,
                .max_pages = ~0UL,
                .regions = regions,
                .nr_max = 4,
        };

        mm_clear_soft_dirty(mm);
        write_pages(mm, 1, 1, 'b');
        EXPECT_EQ(mm_scan_pages(mm, &scan), 0);
        EXPECT_EQ(scan.nr, 1);
        EXPECT_EQ(regions[0].start, at_page(1));
        EXPECT_EQ(regions[0].end, at_page(2));
        EXPECT_EQ(regions[0].categories, PAGE_IS_SOFT_DIRTY | PAGE_IS_PRESENT);
        strip_done(mm);
}
