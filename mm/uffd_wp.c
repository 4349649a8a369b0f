/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: write protection. A protected page's entry has a bit (pte_uffd_wp) and is not
 * writable; where nothing is mapped, a marker says that what comes is to be protected. Private
 * memory has markers only if UFFD_FEATURE_WP_UNPOPULATED was asked for. A huge page is protected as
 * a whole by its one entry.
 */
#include "kernel/base/errno.h"
#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

/* What is left of a marker without protection. */
static pte_t bare_marker(pte_t entry)
{
        switch (pte_marker_kind(entry)) {
        case PTE_MARKER_UFFD_WP: return pte_none();
        case PTE_MARKER_GUARD:
        case PTE_MARKER_POISON: return pte_marker(pte_marker_kind(entry), 0);
        default: return entry;
        }
}

pte_t uffd_unprotected(const struct vma *vma, pte_t entry)
{
        bool shared = (vma->flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE);

        if (pte_is_marker(entry))
                return bare_marker(entry);
        if (!pte_is_leaf(entry, PT_PTE) || !pte_uffd_wp(entry, PT_PTE))
                return entry;
        entry = pte_clear_uffd_wp(entry, PT_PTE);
        /* Whether a private page may be written at once, the fault knows. */
        return shared && !soft_dirty_waits(vma, entry, PT_PTE) ? pte_mkwrite(entry, PT_PTE) : entry;
}

static pte_t protected(const struct vma *vma, pte_t entry)
{
        if (pte_is_none(entry))
                return uffd_wp_uses_markers(vma) ? pte_marker(PTE_MARKER_UFFD_WP, 0) : entry;
        return pte_is_leaf(entry, PT_PTE) ? pte_mk_uffd_wp(entry, PT_PTE) : entry;
}

/* Taken out first, so that no accessed or dirty bit set meanwhile is lost. */
static void change_entry(const struct vma *vma, pte_t *pte, bool protect)
{
        pte_t entry = pgtable_clear(pte, PT_PTE);

        if (protect)
                entry = protected(vma, entry);
        else if (!pte_is_marker(entry) || pte_marker_kind(entry) == PTE_MARKER_UFFD_WP)
                entry = uffd_unprotected(vma, entry);
        if (!pte_is_none(entry))
                pgtable_set(pte, entry, PT_PTE);
}

void uffd_protect_entry(const struct vma *vma, pte_t *pte)
{
        pte_t entry = pte_read(pte);

        if (pte_is_marker(entry) && pte_marker_kind(entry) != PTE_MARKER_SWAP)
                pgtable_set(pte, pte_marker(pte_marker_kind(entry), UFFD_MARKED), PT_PTE);
        else
                change_entry(vma, pte, true);
}

/*
 * The same for a huge page, if all of it is meant; else it is split, and a matter of its PTEs. It
 * stays a leaf, which only the machine cannot use while its bits are looked at: see huge_split().
 */
static bool change_huge(struct vma *vma, u64 start, u64 end, bool protect)
{
        struct mm *mm = vma->mm;
        pte_t *pmd = huge_find(mm, start), entry;

        if (!pmd)
                return false;
        if (end - start < HUGE_SIZE) {
                huge_split(mm, start, pmd);
                return false;
        }
        entry = pte_exchange(pmd, pte_set_prot(pte_read(pmd), 0, PT_PMD), PT_PMD);
        entry = protect ? pte_mk_uffd_wp(entry, PT_PMD) : pte_clear_uffd_wp(entry, PT_PMD);
        pgtable_set(pmd, entry, PT_PMD);
        flush_page(mm, start);
        return true;
}

/* [start, end) is served by one table, which there may not be, or mapped by a huge page. */
static int change_table(struct vma *vma, u64 start, u64 end, bool protect)
{
        struct mm *mm = vma->mm;
        bool done;
        pte_t *pte;

        spin_lock(&mm->pte_lock);
        done = change_huge(vma, start, end, protect);
        spin_unlock(&mm->pte_lock);
        if (done)
                return 0;
        if (protect && uffd_wp_uses_markers(vma))
                pte = pgwalk_make(mm, start, PT_PTE, NULL);
        else
                pte = pgwalk_find(mm, start, PT_PTE);
        if (!pte && !(protect && uffd_wp_uses_markers(vma)))
                return 0;
        if (!pte) /* or a fault was faster, with a huge page */
                return huge_find(mm, start) ? change_table(vma, start, end, protect) : -ENOMEM;
        spin_lock(&mm->pte_lock);
        for (u64 addr = start; addr < end; addr += PAGE_SIZE)
                change_entry(vma, pte++, protect);
        flush_range(mm, start, end, false);
        spin_unlock(&mm->pte_lock);
        return 0;
}

int uffd_wp_range(struct vma *vma, u64 start, u64 end, bool protect)
{
        int err = 0;

        for (u64 addr = start, next; !err && addr < end; addr = next) {
                next = pgwalk_border(addr, end, PT_PMD);
                err = change_table(vma, addr, next, protect);
        }
        return err;
}

static int change_range(struct uffd *u, u64 start, u64 end, bool protect)
{
        struct vma *vma = vma_meeting(u->mm, start, end);
        int err = vma ? 0 : -ENOENT;

        if (atomic_get(&u->changing))
                return -EAGAIN;
        for (; !err && vma && vma->start < end; vma = vma_next(vma)) {
                if (!(vma->flags & VM_UFFD_WP))
                        return -ENOENT;
                err = uffd_wp_range(vma, max_u64(vma->start, start), min_u64(vma->end, end),
                                    protect);
        }
        return err;
}

int uffd_writeprotect(struct uffd *u, u64 start, u64 len, bool protect)
{
        int err;

        if (!mm_try_get(u->mm))
                return -ESRCH;
        rwsem_read_lock(&u->mm->mmap_lock);
        err = change_range(u, start, start + len, protect);
        rwsem_read_unlock(&u->mm->mmap_lock);
        mm_put(u->mm);
        return err;
}
