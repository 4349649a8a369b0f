/* SPDX-License-Identifier: MIT */
/*
 * Faults in hugetlb memory: fault.h's table for pages that cannot be small.
 *
 *                entry is      read                         write
 *      shared    none          the object's block, which is made if there is none
 *      private   none          the object's, read-only      a copy of the object's
 *                none, and nothing in the object            a block of zeroes
 *                read-only     -                            a copy, or the block itself if nobody
 *                                                           else maps it
 *
 * Where no block is to be had: a bus error. But who has promises keeps them: a block that a child
 * shares with him is taken away from the child.
 *
 * The object's lock is held throughout: of two faults for one page the second must not find the
 * pool empty because the first has the last block in its hands.
 */
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"

static u64 index_of(const struct fault *f)
{
        return vma_pgoff_at(f->vma, huge_align_down(f->addr));
}

static struct object *object_of(const struct fault *f)
{
        return f->vma->backing->object;
}

/* ------------------------------------------------------------------ nothing is there */

static pte_t new_entry(const struct fault *f, const struct page *head, bool writable)
{
        unsigned prot = vma_pte_prot(f->vma, writable) | PTE_PROT_YOUNG;

        if (f->write)
                prot |= PTE_PROT_DIRTY;
        return pte_leaf(page_to_pfn(head), prot, PT_PMD);
}

/* The entry gets the block and its reference, unless someone else was faster or the object has lost
 * it. `owner`: what the block is of. */
static bool install(const struct fault *f, pte_t *pmd, struct page *head,
                    const struct object *owner)
{
        struct mm *mm = f->mm;
        bool done;

        spin_lock(&mm->table_lock);
        spin_lock(&mm->pte_lock);
        done = pte_is_none(pte_read(pmd)) &&
               __atomic_load_n(&head->owner, __ATOMIC_ACQUIRE) == owner;
        if (done) {
                bool writable = owner ? f->vma->flags & VM_SHARED : f->write;

                pgtable_set(pmd, new_entry(f, head, writable), PT_PMD);
                page_map(head, false);
                page_clear_flags(head, PAGE_PROMISED);
                mm->nr_hugetlb++;
                mmstat_add(mm, MMSTAT_FAULT_HUGE, 1);
        }
        spin_unlock(&mm->pte_lock);
        spin_unlock(&mm->table_lock);
        return done;
}

/* The object's block; it stays the object's if it cannot be mapped. */
static enum fault_result map_object_page(const struct fault *f, pte_t *pmd, struct page *head)
{
        if (install(f, pmd, head, object_of(f)))
                return FAULT_OK;
        page_put(head);
        return FAULT_AGAIN;
}

static void copy_block(struct page *to, struct page *from)
{
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                if (from)
                        memcpy(page_to_virt(to + i), page_to_virt(from + i), PAGE_SIZE);
                else
                        page_clear(page_to_virt(to + i));
        }
}

/* A block of the mapping's own: a copy of `from`, or zeroes. */
static enum fault_result map_private_page(const struct fault *f, pte_t *pmd, struct page *from)
{
        struct page *head = hugetlb_take(f->vma->reserve, index_of(f));

        if (!head)
                return FAULT_BUS;
        copy_block(head, from);
        if (install(f, pmd, head, NULL))
                return FAULT_OK;
        hugetlb_give_up(f->vma->reserve, index_of(f), head);
        return FAULT_AGAIN;
}

static enum fault_result fault_missing(const struct fault *f, pte_t *pmd)
{
        bool shared = f->vma->flags & VM_MAYSHARE;
        enum fault_result result;
        struct page *head;
        int err;

        if (__atomic_load_n(&f->vma->lost, __ATOMIC_RELAXED))
                return FAULT_BUS;
        err = hugetlb_object_page(object_of(f), index_of(f), shared, &head);
        if (err)
                return err == -ENOMEM ? FAULT_OOM : FAULT_BUS;
        if (!head || (!shared && (f->write || f->alone))) {
                result = map_private_page(f, pmd, head);
                if (head)
                        page_put(head);
                return result;
        }
        return map_object_page(f, pmd, head);
}

/* ------------------------------------------------------------------ something is there */

static bool is_same(pte_t *pmd, pte_t entry)
{
        pte_t now = pte_read(pmd);

        return pte_is_leaf(now, PT_PMD) && pte_pfn(now, PT_PMD) == pte_pfn(entry, PT_PMD) &&
               pte_writable(now, PT_PMD) == pte_writable(entry, PT_PMD);
}

/* The entry is right, but for rights that the VMA has. pte_lock. */
static void upgrade(const struct fault *f, pte_t *pmd, bool writable)
{
        pte_t entry = pte_mkyoung(pte_read(pmd), PT_PMD);

        if (writable && f->write)
                entry = pte_set_prot(entry, vma_pte_prot(f->vma, true), PT_PMD);
        if (f->write)
                entry = pte_mkdirty(entry, PT_PMD);
        pgtable_set(pmd, entry, PT_PMD);
        flush_page(f->mm, huge_align_down(f->addr));
        mmstat_add(f->mm, writable ? MMSTAT_FAULT_REUSE : MMSTAT_FAULT_SPURIOUS, 1);
}

struct theft {
        const struct vma *vma; /* whose the block is to be alone */
        u64 index;
};

/* A mapping that was inherited loses the block, and will not get another in its place. */
static bool take_from(struct interval *pages, void *arg)
{
        struct vma *vma = container_of(pages, struct vma, object_pages);
        const struct theft *theft = arg;
        struct zap_batch batch;
        u64 addr;

        if (vma == theft->vma || (vma->flags & VM_MAYSHARE) || vma->reserve)
                return true;
        addr = vma->start + ((theft->index - vma->pgoff) << PAGE_SHIFT);
        __atomic_store_n(&vma->lost, true, __ATOMIC_RELAXED);
        zap_begin(&batch, vma->mm);
        zap_vma(&batch, vma, addr, addr + HUGE_SIZE, ZAP_ANON);
        zap_finish(&batch);
        return true;
}

static void take_from_all(const struct fault *f)
{
        struct theft theft = { .vma = f->vma, .index = index_of(f) };
        struct rmap_set *set = &object_of(f)->rmap;

        rwsem_read_lock(&set->lock);
        interval_visit(&set->vmas, theft.index, theft.index, take_from, &theft);
        rwsem_read_unlock(&set->lock);
}

/* The copy takes the place of what it is a copy of. */
static enum fault_result replace(const struct fault *f, pte_t *pmd, pte_t entry, struct page *copy)
{
        struct page *old = hugetlb_head(entry);
        bool done;

        spin_lock(&f->mm->pte_lock);
        done = is_same(pmd, entry);
        if (done) {
                /* Nobody may go on reading the old one once the new one can be written. */
                pte_write(pmd, pte_set_prot(entry, 0, PT_PMD), PT_PMD);
                flush_page(f->mm, huge_align_down(f->addr));
                pgtable_set(pmd, new_entry(f, copy, true), PT_PMD);
                page_map(copy, false);
                page_clear_flags(copy, PAGE_PROMISED);
                page_unmap(old, false);
                mmstat_add(f->mm, MMSTAT_FAULT_COPY, 1);
        }
        spin_unlock(&f->mm->pte_lock);
        if (done)
                page_put(old); /* the entry's */
        else
                hugetlb_give_up(f->vma->reserve, index_of(f), copy);
        return done ? FAULT_OK : FAULT_AGAIN;
}

/*
 * A copy of a block that others have, too, which the caller holds. Where it is a private one, the
 * promise has been kept by it: the copy is beyond what was promised.
 */
static enum fault_result copy_shared(const struct fault *f, pte_t *pmd, pte_t entry)
{
        struct page *old = hugetlb_head(entry), *copy;
        bool has_promises = f->vma->reserve && hugetlb_is_private(old);

        copy = hugetlb_take(has_promises ? NULL : f->vma->reserve, index_of(f));
        if (copy) {
                copy_block(copy, old);
                return replace(f, pmd, entry, copy);
        }
        if (!has_promises)
                return FAULT_BUS;
        take_from_all(f);
        return FAULT_AGAIN;
}

/* Private memory is written to, or to be the VMA's own. */
static enum fault_result make_own(const struct fault *f, pte_t *pmd, pte_t entry)
{
        struct page *head = hugetlb_head(entry);
        enum fault_result result = FAULT_OK;
        bool same, alone;

        spin_lock(&f->mm->pte_lock);
        same = is_same(pmd, entry);
        alone = same && hugetlb_is_alone(head);
        if (alone)
                upgrade(f, pmd, true);
        else if (same)
                page_get(head);
        spin_unlock(&f->mm->pte_lock);
        if (!same)
                return FAULT_AGAIN;
        if (!alone) {
                result = copy_shared(f, pmd, entry);
                page_put(head);
        }
        return result;
}

static enum fault_result fault_present(const struct fault *f, pte_t *pmd, pte_t entry)
{
        bool denied = f->write && !pte_writable(entry, PT_PMD);
        bool shared = f->vma->flags & VM_MAYSHARE;
        enum fault_result result = FAULT_AGAIN;

        if (!shared && (denied || (f->alone && !hugetlb_is_alone(hugetlb_head(entry)))))
                return make_own(f, pmd, entry);
        spin_lock(&f->mm->pte_lock);
        if (is_same(pmd, entry)) {
                upgrade(f, pmd, denied);
                result = FAULT_OK;
        }
        spin_unlock(&f->mm->pte_lock);
        return result;
}

enum fault_result hugetlb_fault(const struct fault *f)
{
        pte_t *pmd = pgwalk_make(f->mm, f->addr, PT_PMD, NULL), entry;
        enum fault_result result;

        if (!pmd)
                return FAULT_OOM;
        mutex_lock(&object_of(f)->lock);
        spin_lock(&f->mm->pte_lock);
        entry = pte_read(pmd);
        spin_unlock(&f->mm->pte_lock);
        result = pte_is_none(entry) ? fault_missing(f, pmd) : fault_present(f, pmd, entry);
        mutex_unlock(&object_of(f)->lock);
        return result;
}
