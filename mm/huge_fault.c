/* SPDX-License-Identifier: MIT */
/*
 * Faults that a huge page answers: fault.h's table for 2 MiB at a time.
 *
 *      entry is      read                        write
 *      none          the huge zero page          a zeroed block
 *      zeroes        -                           a zeroed block
 *      read-only     -                           the block itself if nobody else uses any of it;
 *                                                else it is split, and one page copied (cow.c)
 *      protected    -                           handed over; or, to be noted, it is split (uffd.h)
 *
 * Where no block is free, none becomes a matter of small pages, and zeroes are split into them.
 *
 * Locks: as for all faults (fault.h).
 */
#include "mm/huge.h"

#include "kernel/base/assert.h"
#include "mm/flush.h"
#include "mm/uffd.h"

/* ------------------------------------------------------------------ nothing is there */

/* The entry for a new page, all of it written to or zeroes. */
static pte_t new_entry(const struct fault *f, const struct page *head)
{
        unsigned prot = vma_pte_prot(f->vma, !is_huge_zero(head)) | PTE_PROT_YOUNG;

        prot |= is_huge_zero(head) ? PTE_PROT_SPECIAL : PTE_PROT_DIRTY;
        return pte_leaf(page_to_pfn(head), prot, PT_PMD);
}

/* A zeroed block for the fault; NULL if there is none to be had. */
static struct page *get_block(const struct fault *f)
{
        struct page *head = huge_alloc(f->vma, f->addr, true);

        huge_count(head ? HUGE_FAULT : HUGE_FALLBACK);
        return head;
}

/* The same, or the block of zeroes. */
static struct page *get_first_block(const struct fault *f)
{
        struct page *head;

        if (f->write || !mm_sysctl.thp_zero_page)
                return get_block(f);
        head = huge_zero_get();
        if (!head)
                huge_count(HUGE_FALLBACK);
        return head;
}

/* The entry gets the block, unless someone else was faster. */
static bool install(const struct fault *f, pte_t *pmd, struct page *head, struct pgtable_kit *kit)
{
        struct mm *mm = f->mm;
        bool done;

        spin_lock(&mm->table_lock);
        spin_lock(&mm->pte_lock);
        done = pte_is_none(pte_read(pmd));
        if (done) {
                huge_install(mm, pmd, new_entry(f, head), kit);
                huge_account(f->vma, head, true);
                mmstat_add(mm, MMSTAT_FAULT_HUGE, 1);
        }
        spin_unlock(&mm->pte_lock);
        spin_unlock(&mm->table_lock);
        return done;
}

/* FAULT_OK: small pages are to be tried. What Linux has done by then, a program may see: a VMA that
 * was only read has an anon_vma. */
static enum fault_result map_new(const struct fault *f, bool *mapped)
{
        struct pgtable_kit kit = { 0 };
        struct page *head;
        pte_t *pmd;

        *mapped = false;
        pmd = pgwalk_make(f->mm, f->addr, PT_PMD, NULL);
        if (!pmd || fault_anon_prepare(f->vma) || pgtable_reserve(&kit, 1)) {
                pgtable_release(&kit);
                return FAULT_OOM;
        }
        if (f->vma->flags & VM_UFFD_MISSING) {
                pgtable_release(&kit);
                return fault_hand_over(f, VM_UFFD_MISSING);
        }
        head = get_first_block(f);
        if (head) {
                *mapped = install(f, pmd, head, &kit);
                if (!*mapped)
                        huge_put(head);
        }
        pgtable_release(&kit);
        return head && !*mapped ? FAULT_AGAIN : FAULT_OK;
}

bool huge_fault_none(const struct fault *f, enum fault_result *result)
{
        bool mapped;

        if (!huge_wanted(f->vma) || !huge_fits(f->vma, f->addr))
                return false;
        *result = map_new(f, &mapped);
        return mapped || *result != FAULT_OK;
}

/* ------------------------------------------------------------------ something is there */

static bool is_same(pte_t *pmd, pte_t entry)
{
        pte_t now = pte_read(pmd);

        return pte_is_leaf(now, PT_PMD) && pte_pfn(now, PT_PMD) == pte_pfn(entry, PT_PMD) &&
               pte_writable(now, PT_PMD) == pte_writable(entry, PT_PMD) &&
               pte_uffd_wp(now, PT_PMD) == pte_uffd_wp(entry, PT_PMD);
}

/* A write to zeroes: a block instead. False: there is none, or the entry has changed. */
static bool replace_zeroes(const struct fault *f, pte_t *pmd, pte_t entry)
{
        struct page *head = get_block(f);
        struct page *zeroes = pfn_to_page(pte_pfn(entry, PT_PMD));
        bool done;

        if (!head)
                return false;
        spin_lock(&f->mm->pte_lock);
        done = is_same(pmd, entry);
        if (done) {
                /* Nobody may go on reading zeroes once the new page can be written. */
                pte_write(pmd, pte_set_prot(entry, 0, PT_PMD), PT_PMD);
                flush_page(f->mm, f->addr);
                pgtable_set(pmd, new_entry(f, head), PT_PMD);
                huge_account(f->vma, head, true);
                mmstat_add(f->mm, MMSTAT_FAULT_HUGE, 1);
        }
        spin_unlock(&f->mm->pte_lock);
        huge_put(done ? zeroes : head);
        return done;
}

/* All of the block is this VMA's alone: see cow.c. */
static void take_over(const struct fault *f, struct page *head)
{
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                page_clear_flags(&head[i], PAGE_FORKED);
                __atomic_store_n(&head[i].owner, f->vma->anon, __ATOMIC_RELEASE);
        }
}

static void upgrade(const struct fault *f, pte_t *pmd)
{
        pte_t entry = pte_set_prot(pte_read(pmd), vma_pte_prot(f->vma, true), PT_PMD);

        pgtable_set(pmd, pte_mkdirty(pte_mkyoung(entry, PT_PMD), PT_PMD), PT_PMD);
        flush_page(f->mm, f->addr);
}

/* The page is not to be shared any more: it is made the VMA's own, or it is split. */
static enum fault_result make_own(const struct fault *f, pte_t *pmd, pte_t entry)
{
        enum fault_result result = FAULT_AGAIN;
        struct page *head = pfn_to_page(pte_pfn(entry, PT_PMD));

        if (is_huge_zero(head) && replace_zeroes(f, pmd, entry))
                return FAULT_OK;
        spin_lock(&f->mm->pte_lock);
        if (!is_same(pmd, entry)) {
                spin_unlock(&f->mm->pte_lock);
                return FAULT_AGAIN;
        }
        if (!is_huge_zero(head) && huge_is_alone(head)) {
                take_over(f, head);
                if (f->write)
                        upgrade(f, pmd);
                mmstat_add(f->mm, MMSTAT_FAULT_REUSE, 1);
                result = FAULT_OK;
        } else {
                huge_split(f->mm, f->addr, pmd);
        }
        spin_unlock(&f->mm->pte_lock);
        return result;
}

/* A write to a block that userfaultfd has protected: told, or noted page by page. */
static enum fault_result fault_protected(const struct fault *f, pte_t *pmd, pte_t entry)
{
        enum fault_result result = FAULT_AGAIN;

        spin_lock(&f->mm->pte_lock);
        if (is_same(pmd, entry)) {
                if (uffd_wp_is_async(f->vma))
                        huge_split(f->mm, f->addr, pmd);
                else
                        result = uffd_handover(f, VM_UFFD_WP);
        }
        spin_unlock(&f->mm->pte_lock);
        return result;
}

/* The entry allows what faulted: see fault_spurious(). */
static enum fault_result nothing_to_do(const struct fault *f, pte_t *pmd, pte_t entry)
{
        spin_lock(&f->mm->pte_lock);
        if (is_same(pmd, entry)) {
                pte_t now = pte_mkyoung(pte_read(pmd), PT_PMD);

                if (f->write)
                        now = pte_mkdirty(now, PT_PMD);
                pgtable_set(pmd, now, PT_PMD);
                flush_page(f->mm, f->addr);
                mmstat_add(f->mm, MMSTAT_FAULT_SPURIOUS, 1);
        }
        spin_unlock(&f->mm->pte_lock);
        return FAULT_OK;
}

enum fault_result huge_fault_present(const struct fault *f, pte_t *pmd)
{
        pte_t entry = pte_read(pmd);

        if (!pte_is_leaf(entry, PT_PMD))
                return FAULT_AGAIN;
        if (f->write && pte_uffd_wp(entry, PT_PMD))
                return fault_protected(f, pmd, entry);
        if (f->write && !pte_writable(entry, PT_PMD))
                return make_own(f, pmd, entry);
        if (f->alone && !pte_special(entry, PT_PMD) &&
            !huge_is_alone(pfn_to_page(pte_pfn(entry, PT_PMD))))
                return make_own(f, pmd, entry);
        return nothing_to_do(f, pmd, entry);
}
