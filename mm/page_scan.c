/* SPDX-License-Identifier: MIT */
/* Looking for pages by what they are. page_scan.h says what is found. */
#include "mm/page_scan.h"

#include "kernel/base/errno.h"
#include "mm/fault.h"
#include "mm/pgwalk.h"

/* ------------------------------------------------------------------ what a page is */

static u64 entry_categories(pte_t entry)
{
        if (pte_is_none(entry))
                return PAGE_IS_WRITTEN;
        if (pte_is_marker(entry))
                return PAGE_IS_WRITTEN | PAGE_IS_SWAPPED |
                       (pte_marker_kind(entry) == PTE_MARKER_GUARD ? PAGE_IS_GUARD : 0);
        if (pte_special(entry, PT_PTE))
                return PAGE_IS_WRITTEN | PAGE_IS_PRESENT |
                       (pte_pfn(entry, PT_PTE) == page_to_pfn(zero_page) ? PAGE_IS_PFNZERO : 0);
        return PAGE_IS_WRITTEN | PAGE_IS_PRESENT |
               (pfn_to_page(pte_pfn(entry, PT_PTE))->kind == PAGE_OBJECT ? PAGE_IS_FILE : 0);
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

        if (last && last->end == start && last->categories == categories) {
                last->end = end;
                return true;
        }
        if (s->nr == s->nr_max)
                return false;
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

static u64 huge_categories(pte_t entry)
{
        return PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_HUGE |
               (pte_special(entry, PT_PMD) ? PAGE_IS_PFNZERO : 0);
}

/*
 * How far there is no PTE table from `addr` on, with the categories of what is there instead;
 * `addr` itself if there is one, then in *table.
 */
static u64 find_table(const struct mm *mm, u64 addr, u64 end, pte_t **table, u64 *categories)
{
        for (unsigned level = PT_TOP; level > PT_PTE; level--) {
                const pte_t *ptr = pgwalk_find(mm, addr, level);
                pte_t entry = pte_read(ptr);

                *categories = pte_is_leaf(entry, level) ? huge_categories(entry) : 0;
                if (!pte_is_table(entry, level))
                        return pgwalk_border(addr, end, level);
                *table = level == PT_PMD ? pgtable_of(entry, PT_PTE) : NULL;
        }
        return addr;
}

static bool scan_table(struct page_scan *s, const pte_t *table, u64 start, u64 end)
{
        for (u64 addr = start; addr < end; addr += PAGE_SIZE) {
                pte_t entry = pte_read(&table[pt_index(addr, PT_PTE)]);

                if (!report(s, entry_categories(entry), addr, addr + PAGE_SIZE))
                        return false;
        }
        return true;
}

static bool scan_range(struct page_scan *s, struct mm *mm, u64 start, u64 end)
{
        for (u64 addr = start, next; addr < end; addr = next) {
                pte_t *table = NULL;
                u64 categories;
                bool more;

                next = find_table(mm, addr, end, &table, &categories);
                if (next > addr) {
                        more = report(s, categories, addr, next);
                } else {
                        next = pgwalk_border(addr, end, PT_PMD);
                        spin_lock(&mm->pte_lock);
                        more = scan_table(s, table, addr, next);
                        spin_unlock(&mm->pte_lock);
                }
                if (!more)
                        return false;
        }
        return true;
}

/* None can be write-protected: asking for those, or to protect what is found, passes it over. */
static bool is_passed_over(const struct page_scan *s, const struct vma *vma)
{
        return (s->flags & PM_SCAN_WP_MATCHING) || (vma->flags & VM_PFNMAP) ||
               (s->all_of & PAGE_IS_WPALLOWED & ~s->inverted);
}

int mm_scan_pages(struct mm *mm, struct page_scan *s)
{
        int err = 0;

        s->nr = 0;
        s->stopped = false;
        rwsem_read_lock(&mm->mmap_lock);
        for (struct vma *vma = vma_meeting(mm, s->at, s->end); vma && vma->start < s->end;
             vma = vma_next(vma)) {
                u64 start = max_u64(vma->start, s->at), end = min_u64(vma->end, s->end);

                if (s->flags & PM_SCAN_CHECK_WPASYNC) {
                        err = -EPERM;
                        break;
                }
                if (!is_passed_over(s, vma) && !scan_range(s, mm, start, end))
                        break;
        }
        rwsem_read_unlock(&mm->mmap_lock);
        if (!s->stopped)
                s->at = s->end;
        return err;
}
