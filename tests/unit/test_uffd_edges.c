/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: what random calls beside Linux have shown. Page tables that are there or not (VmPTE
 * shows them), markers in the way, mappings that lose their registration.
 */
#include "kernel/base/abi/madvise.h"
#include "mm/page_scan.h"
#include "mm/pgwalk.h"
#include "tests/unit/handler.h"

static u64 table_bytes(struct mm *mm)
{
        struct mm_stats stats;

        mm_stats(mm, &stats);
        return stats.pgtable_bytes;
}

TEST(faults_that_are_handed_over_make_no_table)
{
        struct mm *mm = strip_empty();
        struct uffd *u = context(mm, UFFD_FEATURE_SIGBUS);
        u64 before;

        map_shared_anon(mm, 0, 2, RW);
        map_pages(mm, 1024, 512, RW, 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(1024), HUGE, MADV_HUGEPAGE), 0);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(enlist(u, 1024, 512, VM_UFFD_MISSING), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, SIGBUS);
        before = table_bytes(mm); /* those above are there now */
        EXPECT_EQ(touch(mm, at_page(1), false).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(1030), true).signo, SIGBUS);
        EXPECT_EQ(touch(mm, at_page(1031), false).signo, SIGBUS);
        EXPECT_EQ(table_bytes(mm), before);
        uffd_release(u);
        strip_done(mm);
}

static int no_source(void *arg, u64 offset, void *page)
{
        (void)arg, (void)page;
        return offset < 2 * PAGE_SIZE ? 0 : -EFAULT;
}

TEST(a_copy_without_contents_has_made_its_tables)
{
        struct mm *mm = strip_empty();
        struct uffd *u = context(mm, 0);
        struct uffd_fill copy = {
                .kind = UFFD_COPY, .dst = at_page(510), .len = 4 * PAGE_SIZE, .source = no_source
        };
        u64 before = table_bytes(mm);

        map_pages(mm, 508, 8, RW, 0);
        EXPECT_EQ(enlist(u, 508, 8, VM_UFFD_MISSING), 0);
        EXPECT_EQ(uffd_fill(u, &copy), 2 * PAGE_SIZE);
        /* One for each of the levels above, and both of PTEs. */
        EXPECT_EQ(table_bytes(mm) - before, 4 * PAGE_SIZE);
        uffd_release(u);
        strip_done(mm);
}

TEST(pages_take_the_place_of_markers_and_values_do_not)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_UNPOPULATED);

        map_shared_anon(mm, 2, 2, RW);
        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_MISSING | VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 4 * PAGE_SIZE, true), 0);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 0, 1, 0), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_POISON, 0, 1, 0), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_COPY, 0, 1, 'c'), PAGE_SIZE);
        EXPECT_EQ(fill(u, UFFD_POISON, 2, 1, 0), -EEXIST);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 2, 1, 0), PAGE_SIZE);
        EXPECT_STRIP(mm, "c#0#");
        uffd_release(u);
        strip_done(mm);
}

TEST(private_dev_zero_has_no_page_to_be_filled)
{
        struct mm *mm = strip_empty();
        struct backing *zero = file_create("", BACKING_ZERO);
        struct uffd *u = context(mm, 0);

        map_file(mm, 0, 2, RW, MAP_PRIVATE, zero, 0);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_MISSING), 0);
        EXPECT_EQ(fill(u, UFFD_COPY, 0, 1, 'c'), -EFAULT);
        EXPECT_EQ(fill(u, UFFD_ZEROPAGE, 0, 1, 0), -EFAULT);
        EXPECT_EQ(fill(u, UFFD_POISON, 0, 1, 0), -EFAULT);
        EXPECT_STRIP(mm, "--");
        uffd_release(u);
        backing_put(zero);
        strip_done(mm);
}

/* ------------------------------------------------------------------ scans */

/* What a page is: its categories. */
static u64 categories(struct mm *mm, unsigned page, u64 flags)
{
        struct page_region found = { 0 };
        struct page_scan s = { .at = at_page(page),
                               .end = at_page(page + 1),
                               .flags = flags,
                               .shown = PM_SCAN_CATEGORIES,
                               .max_pages = ~0ULL,
                               .regions = &found,
                               .nr_max = 1 };

        EXPECT_EQ(mm_scan_pages(mm, &s), 0);
        return found.categories;
}

TEST(nothing_counts_as_written_where_protection_is_registered)
{
        struct mm *mm = strip("--");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 1, VM_UFFD_WP), 0);
        EXPECT_EQ(enlist(u, 1, 1, VM_UFFD_MISSING), 0);
        EXPECT_EQ(categories(mm, 0, 0), PAGE_IS_WRITTEN);
        EXPECT_EQ(categories(mm, 1, 0), 0);
        uffd_release(u);
        strip_done(mm);
}

TEST(a_scan_protects_guards_and_poison)
{
        struct mm *mm = strip("A---"), *child;
        struct uffd *u = context(mm, UFFD_FEATURE_WP_ASYNC);
        u64 word;

        EXPECT_EQ(enlist(u, 0, 4, VM_UFFD_WP), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(1), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(fill(u, UFFD_POISON, 2, 1, 0), PAGE_SIZE);
        for (unsigned page = 1; page < 3; page++) {
                u64 kind = page == 1 ? PAGE_IS_GUARD : 0;

                kind |= PAGE_IS_SWAPPED | PAGE_IS_WPALLOWED;
                EXPECT_EQ(categories(mm, page, PM_SCAN_WP_MATCHING), kind | PAGE_IS_WRITTEN);
                EXPECT_EQ(categories(mm, page, 0), kind);
                mm_pagemap(mm, at_page(page), 1, &word, false);
                EXPECT_TRUE(word >> 57 & 1);
                /* Neither is anything that a write could end. */
                EXPECT_EQ(uffd_writeprotect(u, at_page(page), PAGE_SIZE, false), 0);
                EXPECT_EQ(categories(mm, page, 0), kind);
        }
        EXPECT_EQ(touch(mm, at_page(1), false).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, at_page(2), false).signo, SIGBUS);
        child = fork_of(mm);
        mm_pagemap(child, at_page(1), 1, &word, false);
        EXPECT_FALSE(word >> 57 & 1);
        EXPECT_EQ(touch(child, at_page(1), false).signo, SIGSEGV);
        mm_put(child);
        uffd_release(u);
        strip_done(mm);
}

/* ------------------------------------------------------------------ lost registrations */

TEST(a_neighbour_that_loses_its_registration_is_not_protected)
{
        struct mm *mm = strip("--......--");
        struct uffd *u = context(mm, UFFD_FEATURE_WP_UNPOPULATED);

        EXPECT_EQ(enlist(u, 0, 10, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(8), PAGE_SIZE, true), 0);
        /* It merges with what is there, and all of that is registered no longer. */
        EXPECT_EQ(mm_mremap(mm, &root_caller, at_page(1), PAGE_SIZE, PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(10)),
                  at_page(10));
        EXPECT_VMAS(mm, "0-1rw 8-11rw");
        EXPECT_STRIP(mm, "-.......---");
        strip_validate(mm);
        write_pages(mm, 8, 3, 'w');
        uffd_release(u);
        strip_done(mm);
}

TEST(guards_take_the_place_of_protection)
{
        struct mm *mm = strip_empty();
        struct uffd *u = context(mm, 0);

        map_shared_anon(mm, 0, 2, RW);
        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), 2 * PAGE_SIZE, true), 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_EQ(touch(mm, at_page(0), true).signo, SIGSEGV);
        uffd_release(u);
        strip_done(mm);
}

/* ------------------------------------------------------------------ validators */

static void context_without_flags(void *arg)
{
        vma_at(arg, at_page(0))->flags &= ~VM_UFFD_ANY;
        strip_validate(arg);
}

static void flags_without_context(void *arg)
{
        vma_at(arg, at_page(0))->uffd = NULL;
        strip_validate(arg);
}

static void registered_for_something_else(void *arg)
{
        struct vma *vma = vma_at(arg, at_page(0));

        vma->flags = (vma->flags & ~VM_UFFD_WP) | VM_UFFD_MISSING;
        strip_validate(arg);
}

static void protected_and_writable(void *arg)
{
        pte_t *pte = pgwalk_find(arg, at_page(0), PT_PTE);

        pgtable_set(pte, pte_mkwrite(pte_read(pte), PT_PTE), PT_PTE);
        strip_validate(arg);
}

static void context_of_another(void *arg)
{
        vma_at(arg, at_page(0))->uffd = context(strip("A"), 0);
        strip_validate(arg);
}

TEST(validators_know_userfaultfd)
{
        struct mm *mm = strip("A-");
        struct uffd *u = context(mm, 0);

        EXPECT_EQ(enlist(u, 0, 2, VM_UFFD_WP), 0);
        EXPECT_EQ(uffd_writeprotect(u, at_page(0), PAGE_SIZE, true), 0);
        EXPECT_PANIC(context_without_flags, mm, "uffd");
        EXPECT_PANIC(flags_without_context, mm, "uffd");
        EXPECT_PANIC(context_of_another, mm, "uffd->mm");
        EXPECT_PANIC(registered_for_something_else, mm, "pte_uffd_wp");
        EXPECT_PANIC(protected_and_writable, mm, "pte_uffd_wp");
        uffd_release(u);
        strip_done(mm);
}
