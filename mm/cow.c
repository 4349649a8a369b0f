/* SPDX-License-Identifier: MIT */
/*
 * Writes to pages that are mapped read-only although the VMA may be written: after fork, of the
 * zero page, of a private file mapping, after mprotect().
 *
 * A private page that nobody else holds is simply made writable. "Nobody else" means that the one
 * reference is this entry's: an entry of another process, or a reader in the kernel, holds one too.
 *
 * A page that is to be the VMA's own without being written (fault->alone) is copied alike.
 */
#include "kernel/base/assert.h"
#include "mm/fault.h"
#include "mm/flush.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"
#include "mm/zap.h"

/*
 * The page is this VMA's alone. If it comes from an ancestor, it need not be looked for among the
 * VMAs of that one's other descendants any more. Under pte_lock.
 */
static void take_over(const struct fault *f, struct page *page)
{
        page_clear_flags(page, PAGE_FORKED);
        __atomic_store_n(&page->owner, f->vma->anon, __ATOMIC_RELEASE);
}

static bool is_same(pte_t a, pte_t b)
{
        return pte_is_leaf(a, PT_PTE) && pte_pfn(a, PT_PTE) == pte_pfn(b, PT_PTE) &&
               pte_writable(a, PT_PTE) == pte_writable(b, PT_PTE) &&
               pte_uffd_wp(a, PT_PTE) == pte_uffd_wp(b, PT_PTE);
}

/* Give the entry all rights of its VMA; it stays where it is. Under pte_lock. */
static void upgrade_entry(const struct fault *f, pte_t *pte)
{
        pte_t entry = pte_read(pte);
        unsigned prot = vma_pte_prot(f->vma, true);

        entry = pte_set_prot(entry, prot, PT_PTE);
        pgtable_set(pte, pte_mkdirty(pte_mkyoung(entry, PT_PTE), PT_PTE), PT_PTE);
        flush_page(f->mm, f->addr);
}

/* Put the copy where the original was: to be written, or as clean as it is new. Under pte_lock. */
static void replace_entry(const struct fault *f, pte_t *pte, struct page *copy)
{
        unsigned prot = vma_pte_prot(f->vma, f->write) | PTE_PROT_YOUNG;
        pte_t old = pgtable_clear(pte, PT_PTE);

        /* Nobody may go on reading the old page once the new one can be written. */
        flush_page(f->mm, f->addr);
        if (!pte_special(old, PT_PTE))
                zap_unaccount(f->mm, f->vma, pfn_to_page(pte_pfn(old, PT_PTE)), old);
        fault_install(f, pte, copy, f->write ? prot | PTE_PROT_DIRTY : prot);
        if (pte_soft_dirty(old, PT_PTE))
                pgtable_set(pte, pte_mk_soft_dirty(pte_read(pte), PT_PTE), PT_PTE);
}

/* `old` is the page that `entry` maps, referenced, or NULL for the zero page and frames. */
static enum fault_result copy_page(const struct fault *f, pte_t *pte, pte_t entry, struct page *old)
{
        enum fault_result result = FAULT_AGAIN;
        struct page *copy;

        if (fault_anon_prepare(f->vma))
                return FAULT_OOM;
        copy = fault_anon_page(f->vma, f->addr, old);
        if (!copy)
                return FAULT_OOM;
        if (!old && vma_has_frames(f->vma))
                frame_copy(page_to_virt(copy), pte_pfn(entry, PT_PTE));
        spin_lock(&f->mm->pte_lock);
        if (is_same(pte_read(pte), entry)) {
                replace_entry(f, pte, copy);
                mmstat_add(f->mm, MMSTAT_FAULT_COPY, 1);
                copy = NULL;
                result = FAULT_OK;
        }
        spin_unlock(&f->mm->pte_lock);
        if (copy)
                page_put(copy);
        else if (old)
                page_put(old); /* the entry's */
        return result;
}

/* A write is noted by the protection that it ends. Then it may still have its copy to make. */
static enum fault_result unprotect(const struct fault *f, pte_t *pte)
{
        pte_t entry = pte_clear_uffd_wp(pte_read(pte), PT_PTE);

        if (f->vma->flags & VM_SHARED)
                entry = pte_mkdirty(pte_mkwrite(entry, PT_PTE), PT_PTE);
        pgtable_set(pte, entry, PT_PTE);
        flush_page(f->mm, f->addr);
        return FAULT_AGAIN;
}

bool fault_is_shared(pte_t entry)
{
        const struct page *page;

        if (!pte_is_leaf(entry, PT_PTE) || pte_special(entry, PT_PTE))
                return false;
        page = pfn_to_page(pte_pfn(entry, PT_PTE));
        return page->kind == PAGE_ANON && atomic_get(&page->refcount) > 1;
}

enum fault_result fault_write_protected(const struct fault *f, pte_t *pte, pte_t entry)
{
        struct page *old = NULL;
        enum fault_result result;

        spin_lock(&f->mm->pte_lock);
        if (!is_same(pte_read(pte), entry)) {
                spin_unlock(&f->mm->pte_lock);
                return FAULT_AGAIN;
        }
        if (f->write && pte_uffd_wp(entry, PT_PTE)) {
                result =
                        uffd_wp_is_async(f->vma) ? unprotect(f, pte) : uffd_handover(f, VM_UFFD_WP);
                spin_unlock(&f->mm->pte_lock);
                return result;
        }
        if (f->vma->flags & VM_SHARED) { /* its entries allow what it allows, but for this */
                ASSERT(mm_sysctl.soft_dirty);
                upgrade_entry(f, pte);
                spin_unlock(&f->mm->pte_lock);
                return FAULT_OK;
        }
        if (!pte_special(entry, PT_PTE))
                old = pfn_to_page(pte_pfn(entry, PT_PTE));
        if (old && old->kind == PAGE_ANON && atomic_get(&old->refcount) == 1) {
                take_over(f, old);
                if (f->write)
                        upgrade_entry(f, pte);
                mmstat_add(f->mm, MMSTAT_FAULT_REUSE, 1);
                spin_unlock(&f->mm->pte_lock);
                return FAULT_OK;
        }
        if (old)
                page_get(old);
        spin_unlock(&f->mm->pte_lock);
        result = copy_page(f, pte, entry, old);
        if (old)
                page_put(old);
        return result;
}
