/* SPDX-License-Identifier: MIT */
/*
 * What spans address spaces:
 *
 *   frames   each page of a program is mapped by as many entries of all page tables together as its
 *            mapcount says; who else holds a private page is nobody; no other frame is mapped; so
 *            many pages of objects are mapped as memory_stats() says; and the same of entries of
 *            locked VMAs, of huge entries and their blocks, and of hugetlb ones and the pool
 *   charge   what is committed is what VMAs and objects were charged
 *
 * Entries are counted in the struct pages themselves (nr_used, which these kinds do not use), so no
 * memory is needed.
 *
 * It can only be done when nothing is going on: a thread that sleeps in the middle of a call holds
 * the mmap_lock of an address space, or an object's set of mappings.
 *
 * Locks: those of the two lists, for all of it, so that nobody comes or goes.
 */
#include "mm/buddy.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"
#include "mm/validate.h"

#include "kernel/base/assert.h"

static bool is_quiet(void)
{
        struct list *it;

        list_for_each (it, &mm_list.all)
                if (rwsem_is_locked(&list_entry(it, struct mm, node)->mmap_lock))
                        return false;
        list_for_each (it, &object_list.all)
                if (rwsem_is_locked(&list_entry(it, struct object, node)->rmap.lock))
                        return false;
        return true;
}

/* ------------------------------------------------------------------ frames */

static void count_entries(const struct mm *mm)
{
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);

        while (pgwalk_next(&walk)) {
                struct page *page;

                if (!pte_is_leaf(walk.entry, walk.level) || pte_special(walk.entry, walk.level))
                        continue;
                page = pgwalk_page(&walk);
                if (walk.level == PT_PMD && page->kind != PAGE_HUGETLB)
                        continue;
                if (walk.level == PT_PTE)
                        CHECK(page->kind == PAGE_ANON || page->kind == PAGE_OBJECT);
                page->nr_used++;
        }
}

/* Add `n`, 1 or -1, to huge_maps for each huge entry: between the two it is what is too much. */
static void add_huge_maps(const struct mm *mm, s64 n)
{
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);

        while (mm->nr_huge && pgwalk_next(&walk))
                if (walk.level == PT_PMD && pgwalk_page(&walk)->kind != PAGE_HUGETLB)
                        atomic_add(&huge_head(pgwalk_page(&walk))->huge_maps, n);
}

/* Add `n`, 1 or -1, to the lockcount of each page for each entry of a locked VMA. How many pages
 * had none before; of use when adding. */
static u64 add_locks(const struct mm *mm, struct vma *vma, s64 n)
{
        struct pgwalk walk = pgwalk_begin(mm, vma->start, vma->end);
        u64 pages = 0;

        while (pgwalk_next(&walk)) {
                if (!pte_is_leaf(walk.entry, walk.level) || pte_special(walk.entry, walk.level))
                        continue;
                for (u64 i = 0; i < bytes_to_pages(walk.span); i++)
                        pages += atomic_add(&pgwalk_page(&walk)[i].lockcount, n) == 1;
        }
        return pages;
}

/* The same for all address spaces. */
static u64 add_all_locks(s64 n)
{
        struct list *it;
        u64 pages = 0;

        list_for_each (it, &mm_list.all) {
                struct mm *mm = list_entry(it, struct mm, node);
                struct vmtree_pos pos;

                mm->tree.work = NULL;
                for (struct vma *v = vmtree_find(&mm->tree, 0, &pos); v; v = vmtree_next(&pos))
                        if (v->flags & VM_LOCKED)
                                pages += add_locks(mm, v, n);
                mm->tree.work = &mm->tree_work;
        }
        return pages;
}

/* The first page of a hugetlb block stands for all. *blocks counts those in use. */
static void check_hugetlb(struct page *page, u64 *blocks)
{
        s64 mapped = atomic_get(&page->mapcount), refs = atomic_get(&page->refcount);

        CHECK(mapped == page->nr_used);
        page->nr_used = 0;
        if (page_holder(page) != page) {
                CHECK(mapped == 0 && refs == 0);
                return;
        }
        CHECK(refs >= mapped + (page->owner != NULL));
        *blocks += refs > 0;
}

/* True for a page of an object that is mapped. */
static bool check_frame(struct page *page, u64 *blocks)
{
        s64 mapped = atomic_get(&page->mapcount);
        bool huge = page->kind > PAGE_FREE && (page_has_flags(page, PAGE_HUGE));

        if (huge)
                CHECK(atomic_get(&huge_head(page)->huge_maps) == 0);

        if (page->kind > PAGE_FREE)
                CHECK(atomic_get(&page->lockcount) == 0);
        if (page->kind == PAGE_HUGETLB) {
                check_hugetlb(page, blocks);
                return false;
        }
        if (page->kind != PAGE_ANON && page->kind != PAGE_OBJECT) {
                CHECK(mapped == 0);
                return false;
        }
        CHECK(mapped == page->nr_used);
        page->nr_used = 0;
        if (page->kind == PAGE_ANON)
                CHECK(mapped + huge > 0 && atomic_get(&page->refcount) == mapped + huge);
        else /* readers hold pages of objects while they copy, and may sleep */
                CHECK(atomic_get(&page->refcount) >= mapped + (page->owner != NULL));
        return page->kind == PAGE_OBJECT && mapped > 0;
}

static void validate_frames(void)
{
        struct memory_stats stats;
        struct list *it;
        u64 mapped = 0, blocks = 0;

        list_for_each (it, &mm_list.all) {
                count_entries(list_entry(it, struct mm, node));
                add_huge_maps(list_entry(it, struct mm, node), -1);
        }
        add_all_locks(-1); /* what is left then is too much */
        for (pfn_t block = 0; block < page_frames(); block += BLOCK_PAGES)
                for (pfn_t i = 0; page_block_is_ready(block) && i < BLOCK_PAGES; i++)
                        mapped += check_frame(pfn_to_page(block + i), &blocks);
        memory_stats(&stats);
        CHECK(mapped == stats.mapped);
        hugetlb_validate(blocks);
        CHECK(add_all_locks(1) == stats.locked);
        list_for_each (it, &mm_list.all)
                add_huge_maps(list_entry(it, struct mm, node), 1);
}

/* ------------------------------------------------------------------ charge */

static u64 charge_of_mm(struct mm *mm)
{
        struct vmtree_pos pos;
        u64 pages = 0;

        for (struct vma *vma = vmtree_find(&mm->tree, 0, &pos); vma; vma = vmtree_next(&pos))
                if (vma->flags & VM_ACCOUNT)
                        pages += vma_pages(vma);
        return pages;
}

static void validate_charge(void)
{
        struct list *it;
        u64 pages = 0;

        list_for_each (it, &mm_list.all) {
                struct mm *mm = list_entry(it, struct mm, node);

                mm->tree.work = NULL;
                pages += charge_of_mm(mm);
                mm->tree.work = &mm->tree_work;
        }
        list_for_each (it, &object_list.all) {
                const struct object *object = list_entry(it, struct object, node);

                CHECK(atomic_get(&object->page_charge) >= 0);
                pages += object->charged + (u64)atomic_get(&object->page_charge);
        }
        CHECK(pages == mm_committed());
}

bool mm_validate_system(void)
{
        bool quiet;

        spin_lock(&mm_list.lock);
        spin_lock_nested(&object_list.lock);
        quiet = is_quiet();
        if (quiet) {
                validate_frames();
                validate_charge();
        }
        spin_unlock(&object_list.lock);
        spin_unlock(&mm_list.lock);
        return quiet;
}
