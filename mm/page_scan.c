/* SPDX-License-Identifier: MIT */
/* Looking for pages by what they are. page_scan.h says what is found. */
#include "mm/page_scan.h"

#include "kernel/base/errno.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

/* ------------------------------------------------------------------ what a page is */

static u64 entry_categories(pte_t entry)
{
        u64 written;

        if (pte_is_none(entry))
                return PAGE_IS_WRITTEN;
        if (pte_is_marker(entry))
                return PAGE_IS_SWAPPED | (uffd_is_protected(entry) ? 0 : PAGE_IS_WRITTEN) |
                       (pte_marker_kind(entry) == PTE_MARKER_GUARD ? PAGE_IS_GUARD : 0);
        written = uffd_is_protected(entry) ? 0 : PAGE_IS_WRITTEN;
        if (pte_special(entry, PT_PTE))
                return written | PAGE_IS_PRESENT |
                       (pte_pfn(entry, PT_PTE) == page_to_pfn(zero_page) ? PAGE_IS_PFNZERO : 0);
        return written | PAGE_IS_PRESENT |
               (pfn_to_page(pte_pfn(entry, PT_PTE))->kind == PAGE_OBJECT ? PAGE_IS_FILE : 0);
}

static u64 soft_dirty_category(const struct vma *vma, pte_t entry, enum pt_level level)
{
        return soft_dirty_is(vma, entry, level) ? PAGE_IS_SOFT_DIRTY : 0;
}

static bool is_wanted(const struct page_scan *s, u64 categories)
{
        categories ^= s->inverted;
        return (categories & s->all_of) == s->all_of && (!s->any_of || (categories & s->any_of));
}

/* ------------------------------------------------------------------ reporting */

/* As part of the last region, or as a new one; false: there is no room. */
static bool store_region(struct page_scan *s, u64 categories, u64 start, u64 end)
{
        struct page_region *last = s->nr ? &s->regions[s->nr - 1] : NULL;

        if (last && !s->apart && last->end == start && last->categories == categories) {
                last->end = end;
                return true;
        }
        if (s->nr == s->nr_max)
                return false;
        s->apart = false;
        s->regions[s->nr++] = (struct page_region){ start, end, categories };
        return true;
}

/* [start, end) is alike. False: the scan ends here, s->at says where. */
static bool report(struct page_scan *s, u64 categories, u64 start, u64 end)
{
        u64 left = s->max_pages - s->pages, pages = bytes_to_pages(end - start);

        if (!is_wanted(s, categories) || s->nr_max == 0)
                return true;
        s->stopped = pages > left;
        pages = min_u64(pages, left);
        if (pages &&
            !store_region(s, categories & s->shown, start, start + (pages << PAGE_SHIFT))) {
                s->stopped = true;
                pages = 0;
        }
        s->pages += pages;
        s->at = start + (pages << PAGE_SHIFT);
        return !s->stopped;
}

/* ------------------------------------------------------------------ walking */

static u64 huge_categories(const struct vma *vma, pte_t entry)
{
        return soft_dirty_category(vma, entry, PT_PMD) |
               (pte_uffd_wp(entry, PT_PMD) ? 0 : PAGE_IS_WRITTEN) | PAGE_IS_PRESENT | PAGE_IS_HUGE |
               (pte_special(entry, PT_PMD) ? PAGE_IS_PFNZERO : 0);
}

/* Of hugetlb memory: also where nothing is, if there is a table for it. */
static u64 hugetlb_categories(const struct mm *mm, u64 addr)
{
        const pte_t *pmd = pgwalk_find(mm, addr, PT_PMD);
        pte_t entry = pmd ? pte_read(pmd) : pte_none();

        if (!pte_is_leaf(entry, PT_PMD))
                return pmd ? PAGE_IS_HUGE : 0;
        return PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_HUGE |
               (hugetlb_is_private(hugetlb_head(entry)) ? 0 : PAGE_IS_FILE);
}

/*
 * How far there is no PTE table from `addr` on, with the categories of what is there instead;
 * `addr` itself if there is one, then in *table.
 */
static u64 find_table(const struct vma *vma, u64 addr, u64 end, pte_t **table, u64 *categories)
{
        for (unsigned level = PT_TOP; level > PT_PTE; level--) {
                const pte_t *ptr = pgwalk_find(vma->mm, addr, level);
                pte_t entry = pte_read(ptr);

                *categories = pte_is_leaf(entry, level) ? huge_categories(vma, entry) : 0;
                if (!pte_is_table(entry, level))
                        return pgwalk_border(addr, end, level);
                *table = level == PT_PMD ? pgtable_of(entry, PT_PTE) : NULL;
        }
        return addr;
}

/* Reported so far is everything that is wanted up to `end`. */
static bool is_reported(const struct page_scan *s, u64 end)
{
        return s->at >= end;
}

/* One entry. True: it has been protected. */
static bool scan_entry(struct page_scan *s, const struct vma *vma, pte_t *pte, u64 addr)
{
        u64 categories = s->vma_categories | entry_categories(pte_read(pte)) |
                         soft_dirty_category(vma, pte_read(pte), PT_PTE);
        bool protect = s->flags & PM_SCAN_WP_MATCHING;

        /* Without a place for regions nothing is asked about the page. */
        if (s->nr_max) {
                report(s, categories, addr, addr + PAGE_SIZE);
                protect = protect && is_wanted(s, categories) && is_reported(s, addr + PAGE_SIZE);
        }
        if (!protect || !(categories & PAGE_IS_WRITTEN))
                return false;
        uffd_protect_entry(vma, pte);
        return true;
}

/* What one table serves. */
static void scan_table(struct page_scan *s, const struct vma *vma, pte_t *pte, u64 start, u64 end)
{
        struct mm *mm = vma->mm;
        bool changed = false;

        spin_lock(&mm->pte_lock);
        for (u64 addr = start; addr < end && !s->stopped; addr += PAGE_SIZE)
                changed |= scan_entry(s, vma, pte++, addr);
        if (changed)
                flush_range(mm, start, end, false);
        spin_unlock(&mm->pte_lock);
}

/* What is reported of a huge page is to be protected, and is not all of it. */
static bool is_cut(const struct page_scan *s, u64 categories, u64 start, u64 end)
{
        u64 left = s->nr_max ? s->max_pages - s->pages : HUGE_PAGES;

        categories |= s->vma_categories;
        return (s->flags & PM_SCAN_WP_MATCHING) && (categories & PAGE_IS_HUGE) &&
               (categories & PAGE_IS_WRITTEN) && is_wanted(s, categories) && left > 0 &&
               min_u64(bytes_to_pages(end - start), left) < HUGE_PAGES;
}

/*
 * What was reported last ends before the huge page if that would not have continued it: as on
 * Linux, which has begun a new region by the time it splits.
 */
static void split_for_scan(struct page_scan *s, struct vma *vma, u64 categories, u64 start, u64 end)
{
        const struct page_region *last = s->nr ? &s->regions[s->nr - 1] : NULL;

        if (last && last->end == start && last->categories != (categories & s->shown))
                s->apart = true;
        huge_split_range(vma->mm, start, end);
}

/* There is no table from start to end. 0, or -ENOMEM for the markers that are asked for. */
static int scan_whole(struct page_scan *s, struct vma *vma, u64 categories, u64 start, u64 end)
{
        categories |= s->vma_categories;
        if ((vma->flags & VM_UFFD_WP) &&
            !(categories & PAGE_IS_HUGE)) /* nothing there is protected */
                categories |= PAGE_IS_WRITTEN;
        if (!is_wanted(s, categories))
                return 0;
        report(s, categories, start, end);
        if (!(s->flags & PM_SCAN_WP_MATCHING) || !(categories & PAGE_IS_WRITTEN))
                return 0;
        return uffd_wp_range(vma, start, s->nr_max ? min_u64(s->at, end) : end, true);
}

static int scan_range(struct page_scan *s, struct vma *vma, u64 start, u64 end)
{
        int err = 0;

        for (u64 addr = start, next; !err && !s->stopped && addr < end; addr = next) {
                pte_t *table = NULL;
                u64 categories;

                next = find_table(vma, addr, end, &table, &categories);
                if (vma_is_hugetlb(vma))
                        categories = hugetlb_categories(vma->mm, addr);
                if (next > addr && is_cut(s, categories, addr, next)) {
                        split_for_scan(s, vma, categories | s->vma_categories, addr, next);
                        next = addr;
                } else if (next > addr) {
                        err = scan_whole(s, vma, categories, addr, next);
                } else {
                        next = pgwalk_border(addr, end, PT_PMD);
                        scan_table(s, vma, &table[pt_index(addr, PT_PTE)], addr, next);
                }
        }
        return err;
}

/* Writes to it can be watched for. */
static bool is_watchable(const struct vma *vma)
{
        return uffd_wp_is_async(vma) && uffd_wp_uses_markers(vma);
}

/* 1: look at it; 0: pass it over; -EPERM. */
static int look_at(struct page_scan *s, const struct vma *vma)
{
        u64 required = s->all_of & PAGE_IS_WPALLOWED;
        bool watchable = is_watchable(vma);

        if (!watchable && (s->flags & PM_SCAN_CHECK_WPASYNC))
                return -EPERM;
        if (!watchable && (s->flags & PM_SCAN_WP_MATCHING))
                return 0;
        s->vma_categories =
                (watchable ? PAGE_IS_WPALLOWED : 0) | soft_dirty_category(vma, pte_none(), PT_PTE);
        return !(vma->flags & VM_PFNMAP) &&
               ((s->vma_categories ^ s->inverted) & required) == required;
}

int mm_scan_pages(struct mm *mm, struct page_scan *s)
{
        int err = 0;

        s->nr = 0;
        s->stopped = false;
        s->apart = false;
        rwsem_read_lock(&mm->mmap_lock);
        for (struct vma *vma = vma_meeting(mm, s->at, s->end);
             vma && vma->start < s->end && err >= 0 && !s->stopped; vma = vma_next(vma)) {
                err = look_at(s, vma);
                if (err > 0)
                        err = scan_range(s, vma, max_u64(vma->start, s->at),
                                         min_u64(vma->end, s->end));
        }
        rwsem_read_unlock(&mm->mmap_lock);
        if (!s->stopped)
                s->at = s->end;
        return err < 0 ? err : 0;
}
