/* SPDX-License-Identifier: MIT */
/*
 * Pages of objects: files, memfds and shared anonymous memory, mapped shared or private.
 *
 * A page found in the object may have left it (truncation) by the time it is mapped. Truncation
 * takes pages out of the object, clearing page->owner, before it removes mappings (rmap.h); so an
 * owner that is still right under pte_lock means that the new entry will be found and removed.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/fault.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"

#define FAULT_AROUND_PAGES 16
#define FAULT_AROUND_BYTES (FAULT_AROUND_PAGES * PAGE_SIZE)

/* The leaf, but for its frame, of a page of the object that is mapped alone. */
static inline pte_t lone_leaf(const struct fault *f)
{
        bool writable = (f->vma->flags & VM_SHARED) && !mm_sysctl.soft_dirty;

        if (f->write)
                return fault_leaf(f->vma, LEAF_WRITTEN);
        return pte_leaf(0, vma_pte_prot(f->vma, writable) | PTE_PROT_YOUNG, PT_PTE);
}

/* Map one page of the object if the entry is free; the entry takes the reference, or drops it. */
static bool map_page(const struct fault *f, pte_t *pte, struct page *page)
{
        bool done;

        ASSERT(!f->write || (f->vma->flags & VM_SHARED));
        spin_lock(&f->mm->pte_lock);
        done = fault_may_fill(pte_read(pte)) && object_owns_page(f->vma->backing->object, page);
        if (done) {
                fault_install_leaf(f, pte, page, lone_leaf(f));
                if (f->write) /* the object's page, whoever maps it */
                        page_set_flags(page, PAGE_DIRTY);
        }
        spin_unlock(&f->mm->pte_lock);
        if (!done)
                page_put(page);
        return done;
}

/* Read faults map what is around them, too. */
static bool looks_around(const struct fault *f)
{
        return !f->write && !(f->vma->backing->flags & BACKING_LONE) &&
               !(f->vma->flags & (VM_UFFD_WP | VM_UFFD_MINOR));
}

/* The 64 KiB from the aligned address below, or from the start of the VMA, to the end of the VMA
 * and the page table. */
static void around(const struct fault *f, u64 *start, u64 *end)
{
        *start = max_u64(f->addr & ~(FAULT_AROUND_BYTES - 1), f->vma->start);
        *end = min_u64(*start + FAULT_AROUND_BYTES, pgwalk_border(f->addr, f->vma->end, PT_PMD));
}

/* The entry, in its table that is linked now unless it was. */
static pte_t *entry_make(const struct fault *f, pte_t *pte, struct pgtable_kit *kit)
{
        return pte ? pte : pgwalk_make(f->mm, f->addr, PT_PTE, kit);
}

/*
 * Map the pages that there are where nothing is mapped: `found` of `pages` from `start` on, whose
 * entries begin at `table`. Of what cannot be mapped the reference is dropped.
 */
static void map_pages(const struct fault *f, pte_t *table, u64 start, struct page **pages, u64 nr,
                      u64 found)
{
        bool writable = (f->vma->flags & VM_SHARED) && !mm_sysctl.soft_dirty;
        unsigned prot = vma_pte_prot(f->vma, writable) | PTE_PROT_YOUNG;
        pte_t leaf = pte_leaf(0, prot, PT_PTE); /* but for the frame */
        const struct object *object = f->vma->backing->object;
        u64 mine = (f->addr - start) >> PAGE_SHIFT, filled = 0;
        bool locked = f->vma->flags & VM_LOCKED, asked = pages[mine];

        spin_lock(&f->mm->pte_lock);
        for (u64 i = 0; i < nr; i++) {
                struct page *page = pages[i];

                if (!page || !pte_is_none(pte_read(&table[i])) || !object_owns_page(object, page))
                        continue;
                page_map(page, locked);
                leaf = pte_leaf_beside(leaf, page_to_pfn(page), PT_PTE);
                pte_write(&table[i], leaf, PT_PTE);
                pages[i] = NULL;
                filled++;
        }
        pgtable_count(table, PT_PTE, (s64)filled);
        f->mm->rss[vma_object_rss(f->vma)] += filled;
        spin_unlock(&f->mm->pte_lock);
        asked = asked && !pages[mine];
        mmstat_add(f->mm, MMSTAT_FAULT_OBJECT, asked);
        mmstat_add(f->mm, MMSTAT_FAULT_AROUND, filled - asked);
        for (u64 i = 0; i < nr && filled < found; i++) {
                if (pages[i]) {
                        page_put(pages[i]);
                        filled++;
                }
        }
}

/*
 * A read fault first maps what the object has already around it, the page itself included. The
 * entry of the fault, or NULL where there is no table still; all that is near is in the same table.
 */
static pte_t *map_around(const struct fault *f, pte_t *pte, struct pgtable_kit *kit)
{
        struct page *pages[FAULT_AROUND_PAGES];
        u64 start, end, nr, found;

        around(f, &start, &end);
        nr = (end - start) >> PAGE_SHIFT;
        found = object_fault_pages(f->vma->backing->object, vma_pgoff_at(f->vma, start), nr, pages);
        if (!found)
                return pte;
        pte = entry_make(f, pte, kit);
        map_pages(f, pte - ((f->addr - start) >> PAGE_SHIFT), start, pages, nr, found);
        return pte;
}

/* The object's page for the fault, with a reference; NULL: a hole, which is not to be filled. */
static int look_up(const struct fault *f, bool create, struct page **page)
{
        return object_fault_page(f->vma->backing->object, vma_pgoff_at(f->vma, f->addr), create,
                                 page);
}

/* Why the fault is userfaultfd's: a VM_UFFD_*, or 0. */
static u64 reason_to_ask(const struct fault *f)
{
        struct page *page;
        bool there;

        if (!(f->vma->flags & (VM_UFFD_MISSING | VM_UFFD_MINOR)) || look_up(f, false, &page))
                return 0;
        there = page != NULL;
        if (there)
                page_put(page);
        return f->vma->flags & (there ? VM_UFFD_MINOR : VM_UFFD_MISSING);
}

/*
 * The object's page for the fault, with a reference. Who writes to a private mapping gets an
 * anon_vma even where the object ends, as on Linux.
 */
static enum fault_result get_page(const struct fault *f, struct page **page)
{
        bool copies = f->write && !(f->vma->flags & VM_SHARED);
        int err = copies ? fault_anon_prepare(f->vma) : 0;

        if (!err)
                err = look_up(f, true, page);
        if (err)
                return err == -ENOMEM ? FAULT_OOM : FAULT_BUS;
        return FAULT_OK;
}

/* A write to a private mapping of a page that was not mapped: the copy is made at once. */
static enum fault_result map_copy(const struct fault *f, pte_t *pte, struct page *page)
{
        unsigned prot = vma_pte_prot(f->vma, true) | PTE_PROT_YOUNG | PTE_PROT_DIRTY;
        struct object *object = f->vma->backing->object;
        enum fault_result result = FAULT_AGAIN;
        struct page *copy = fault_anon_page(f->vma, f->addr, page);

        if (!copy) {
                page_put(page);
                return FAULT_OOM;
        }
        spin_lock(&f->mm->pte_lock);
        if (fault_may_fill(pte_read(pte)) && object_owns_page(object, page)) {
                fault_install(f, pte, copy, prot);
                mmstat_add(f->mm, MMSTAT_FAULT_COPY, 1);
                copy = NULL;
                result = FAULT_OK;
        }
        spin_unlock(&f->mm->pte_lock);
        if (copy)
                page_put(copy);
        page_put(page);
        return result;
}

static enum fault_result map_object(const struct fault *f, pte_t *pte, struct pgtable_kit *kit)
{
        enum fault_result result;
        struct page *page;
        u64 reason;

        if (looks_around(f)) {
                pte = map_around(f, pte, kit);
                if (pte && pte_is_leaf(pte_read(pte), PT_PTE))
                        return FAULT_OK;
        }
        reason = reason_to_ask(f);
        if (reason)
                return fault_hand_over(f, reason);
        result = get_page(f, &page);
        if (result != FAULT_OK)
                return result;
        pte = entry_make(f, pte, kit);
        if (f->write && !(f->vma->flags & VM_SHARED))
                return map_copy(f, pte, page);
        if (!map_page(f, pte, page))
                return FAULT_AGAIN;
        mmstat_add(f->mm, MMSTAT_FAULT_OBJECT, 1);
        return FAULT_OK;
}

/* The table that the fault may have to link; those above it are linked now. 0 or -ENOMEM. */
static int reserve_table(const struct fault *f, struct pgtable_kit *kit)
{
        if (!pgwalk_make(f->mm, f->addr, PT_PMD, NULL))
                return -ENOMEM;
        return pgtable_reserve(kit, 1);
}

static __attribute__((noinline)) enum fault_result fault_without_table(const struct fault *f)
{
        struct pgtable_kit kit = { 0 };
        enum fault_result result = FAULT_OOM;

        if (reserve_table(f, &kit) == 0)
                result = map_object(f, NULL, &kit);
        pgtable_release(&kit);
        return result;
}

/*
 * Where the object has no page, which is a bus error, the page table is not linked. It is there
 * already, so that nothing has happened to the object if there is no memory.
 */
enum fault_result fault_object(const struct fault *f, pte_t *pte)
{
        return pte ? map_object(f, pte, NULL) : fault_without_table(f);
}
