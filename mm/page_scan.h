/* SPDX-License-Identifier: MIT */
/*
 * Looking for pages by what they are: the walk behind PAGEMAP_SCAN (ioctl_pagemap_scan(2)).
 *
 * Every page of every VMA has categories, PAGE_IS_* of kernel/base/abi/procfs.h:
 *
 *      no page table            0
 *      nothing in the table     WRITTEN
 *      the page of zeroes       WRITTEN PRESENT PFNZERO
 *      private page             WRITTEN PRESENT
 *      in a huge page           the same and HUGE
 *      page of an object        WRITTEN PRESENT FILE
 *      guard marker             WRITTEN SWAPPED GUARD
 *      protection of nothing    SWAPPED
 *
 * WRITTEN is what userfaultfd has not write-protected. With PM_SCAN_WP_MATCHING pages are protected
 * when they are reported; that, and PM_SCAN_CHECK_WPASYNC, is for VMAs whose writes userfaultfd
 * notes by itself (UFFD_FEATURE_WP_ASYNC). Their pages are WPALLOWED besides.
 *
 * A page is reported if its categories, with those of `inverted` turned round, hold all of
 * `all_of` and, unless that is 0, one of `any_of`. Neighbours that look the same through `shown`
 * become one region; pages outside of VMAs and frames without struct page are no pages.
 *
 * A scan stops where the next page would be one too many or its region does not fit, and goes on
 * from there when called again. Locks: mmap_lock for reading, taken inside.
 */
#ifndef MM_PAGE_SCAN_H
#define MM_PAGE_SCAN_H

#include "kernel/base/abi/procfs.h"
#include "mm/mm.h"

struct page_scan {
        /* asked */
        u64 end;                             /* bytes, page aligned */
        u64 flags;                           /* PM_SCAN_* */
        u64 inverted, all_of, any_of, shown; /* PAGE_IS_* */
        u64 max_pages;
        struct page_region *regions;
        unsigned nr_max; /* regions that fit; 0: none are wanted, nothing is counted */

        /* both ways */
        u64 at;    /* begin here; then: where it stopped, `end` if it did not */
        u64 pages; /* reported so far */

        /* answered */
        unsigned nr; /* regions stored */
        bool stopped;
        bool apart; /* the next region does not continue the last */

        u64 vma_categories; /* of every page of the VMA at hand */
};

/* 0; -EPERM: PM_SCAN_CHECK_WPASYNC met a VMA that cannot do that; -ENOMEM. */
int mm_scan_pages(struct mm *mm, struct page_scan *scan);

#endif
