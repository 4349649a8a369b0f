/* SPDX-License-Identifier: MIT */
/*
 * MADV_COLLAPSE: small pages are copied into a block, and a huge entry takes
 * the place of their table, which is kept for the time when it is split again.
 *
 * It is synchronous and insists: neither the mode in sysfs nor MADV_HUGEPAGE is
 * asked. What is not there (holes, the page of zeroes) becomes zeroes of the
 * block; only a table must be, and an anon_vma.
 *
 * Locks: mmap_lock for writing. The reverse map is locked while a walk could
 * miss a page that is between its old frame and its new one.
 */
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/rmap.h"
#include "mm/zap.h"

/* Somebody keeps a pointer to the page, and would go on with it. */
static bool is_held(const struct page *page)
{
        bool huge = page_has_flags(page, PAGE_HUGE);

        return atomic_get(&page->refcount) > atomic_get(&page->mapcount) + huge;
}

static bool maps_page(pte_t entry)
{
        return pte_is_leaf(entry, PT_PTE) && !pte_special(entry, PT_PTE);
}

/*
 * 0 if the small pages of the table can be collapsed. In memory that is
 * registered with userfaultfd what is missing stays so, and what is protected
 * too.
 */
static int check_table(const struct vma *vma, const pte_t *table)
{
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                pte_t entry = pte_read(&table[i]);

                if (pte_is_marker(entry))
                        return -EINVAL;
                if (!maps_page(entry) && vma->uffd)
                        return -EBUSY;
                if (!maps_page(entry))
                        continue;
                if (pte_uffd_wp(entry, PT_PTE))
                        return -EINVAL;
                if (is_held(pfn_to_page(pte_pfn(entry, PT_PTE))))
                        return -EAGAIN;
        }
        return 0;
}

/* The page that the entry maps goes into the block, and out of the table. No
 * TLB knows it. */
static void move_page(struct vma *vma, pte_t *pte, struct page *to)
{
        pte_t entry = pgtable_clear(pte, PT_PTE);
        struct page *from;

        if (!maps_page(entry)) {
                page_clear(page_to_virt(to));
                return;
        }
        from = pfn_to_page(pte_pfn(entry, PT_PTE));
        page_copy(page_to_virt(to), page_to_virt(from));
        zap_unaccount(vma->mm, vma, from, entry);
        page_put(from);
}

/* Under pte_lock and the locks of the reverse map. */
static void replace_table(struct vma *vma, u64 addr, pte_t *pmd, struct page *head)
{
        unsigned prot = vma_pte_prot(vma, true) | PTE_PROT_YOUNG | PTE_PROT_DIRTY;
        struct mm *mm = vma->mm;
        pte_t *table = pgtable_of(pgtable_clear(pmd, PT_PMD), PT_PTE);

        flush_range(mm, addr, addr + HUGE_SIZE, true);
        for (u64 i = 0; i < HUGE_PAGES; i++)
                move_page(vma, &table[i], head + i);
        pgtable_deposit(pmd, virt_to_page(table));
        pgtable_set(pmd, pte_leaf(page_to_pfn(head), prot, PT_PMD), PT_PMD);
        mm->nr_huge++;
        huge_account(vma, head, true);
        mmstat_add(mm, MMSTAT_HUGE_COLLAPSE, 1);
}

static int collapse_one(struct vma *vma, u64 addr)
{
        pte_t *pmd = pgwalk_find(vma->mm, addr, PT_PMD);
        pte_t entry = pmd ? pte_read(pmd) : pte_none();
        struct rmap_locks locks;
        struct page *head;
        int err;

        if (pte_is_leaf(entry, PT_PMD))
                return 0;
        err = pte_is_table(entry, PT_PMD) ? check_table(vma, pgtable_of(entry, PT_PTE)) : -EINVAL;
        if (err)
                return err;
        head = huge_alloc(vma, addr, false);
        if (!head)
                return -ENOMEM;
        huge_count(HUGE_COLLAPSE);
        rmap_lock(&locks, vma);
        spin_lock(&vma->mm->pte_lock);
        replace_table(vma, addr, pmd, head);
        spin_unlock(&vma->mm->pte_lock);
        rmap_unlock(&locks);
        return 0;
}

int huge_collapse(struct vma *vma, u64 start, u64 end)
{
        int result = 0;

        /* A range within one huge page: on Linux the whole ones in it are fewer than none. */
        if (huge_align_up(start) > huge_align_down(end))
                return -EINVAL;
        if (!huge_possible(vma) || !huge_has_room(vma) || !vma->anon)
                return -EINVAL;
        for (u64 addr = huge_align_up(start); addr + HUGE_SIZE <= end; addr += HUGE_SIZE) {
                int err = collapse_one(vma, addr);

                if (err)
                        result = err;
                if (err == -ENOMEM)
                        break;
        }
        return result;
}
