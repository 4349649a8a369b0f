/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: UFFDIO_MOVE, private pages from one place of an address space to another, without a
 * copy. A page moves if it is the source's alone: nobody else maps or holds it, and no fork has
 * shared it since it was last written. It belongs to the destination's anon_vma from then on.
 *
 * A huge page moves as one where both places are aligned and nothing is at the destination, not
 * even a table; else it is split.
 *
 * Locks: mmap_lock for writing, because a huge entry goes otherwise than by a split. The page's
 * owner and number change under the lock of the source's family, so that no walk of the reverse map
 * finds the one new and the other old.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

struct move {
        struct uffd *uffd;
        u64 dst, src, len;
        bool holes;
        struct vma *to, *from;
};

static bool is_movable(const struct vma *vma)
{
        return vma_is_anon(vma) && !(vma->flags & (VM_PFNMAP | VM_IO | VM_MIXEDMAP));
}

static int find_vmas(struct move *m)
{
        u64 alike = VM_ACCESS_FLAGS | VM_LOCKED | VM_PKEY;

        m->to = vma_at(m->uffd->mm, m->dst);
        if (!m->to)
                return -ENOENT;
        if (!(m->to->flags & VM_SHARED) && fault_anon_prepare(m->to))
                return -ENOMEM;
        m->from = vma_at(m->uffd->mm, m->src);
        if (!m->from)
                return -ENOENT;
        if (atomic_get(&m->uffd->changing))
                return -EAGAIN;
        if (m->len > m->from->end - m->src || m->len > m->to->end - m->dst)
                return -EINVAL;
        if (((m->from->flags ^ m->to->flags) & alike) || !(m->from->flags & VM_WRITE))
                return -EINVAL;
        if (m->to->uffd != m->uffd || !is_movable(m->from) || !is_movable(m->to))
                return -EINVAL;
        return 0;
}

/* ------------------------------------------------------------------ one page */

/* Under pte_lock and the family's lock. */
static int move_page(const struct move *m, u64 offset, pte_t *from, pte_t *to)
{
        struct page *page = pfn_to_page(pte_pfn(pte_read(from), PT_PTE));
        unsigned prot = vma_pte_prot(m->to, true) | PTE_PROT_YOUNG;
        pte_t entry;

        if (page->kind != PAGE_ANON || atomic_get(&page->refcount) > 1 ||
            (page_has_flags(page, PAGE_FORKED)))
                return -EBUSY;
        entry = pgtable_clear(from, PT_PTE);
        flush_page(m->uffd->mm, m->src + offset);
        __atomic_store_n(&page->owner, m->to->anon, __ATOMIC_RELEASE);
        page->index = vma_pgoff_at(m->to, m->dst + offset);
        if (pte_dirty(entry, PT_PTE))
                prot |= PTE_PROT_DIRTY;
        entry = soft_dirty_moved(pte_leaf(page_to_pfn(page), prot, PT_PTE), PT_PTE);
        pgtable_set(to, entry, PT_PTE);
        return 0;
}

static void move_zero_page(const struct move *m, u64 offset, pte_t *from, pte_t *to)
{
        unsigned prot = vma_pte_prot(m->to, false) | PTE_PROT_SPECIAL | PTE_PROT_YOUNG;

        pgtable_clear(from, PT_PTE);
        flush_page(m->uffd->mm, m->src + offset);
        pgtable_set(to, pte_leaf(page_to_pfn(zero_page), prot, PT_PTE), PT_PTE);
}

/* Under pte_lock and the family's lock. */
static int move_entry(const struct move *m, u64 offset, pte_t *from, pte_t *to)
{
        pte_t entry = pte_read(from);

        if (!pte_is_none(pte_read(to)))
                return -EEXIST;
        if (pte_is_none(entry))
                return m->holes ? 0 : -ENOENT;
        if (pte_is_marker(entry))
                return -EFAULT;
        if (!pte_special(entry, PT_PTE))
                return move_page(m, offset, from, to);
        move_zero_page(m, offset, from, to);
        return 0;
}

/* ------------------------------------------------------------------ a huge page */

/* It is one entry at the source and can be one at the destination. */
static bool fits_huge(const struct move *m, u64 offset)
{
        return huge_is_aligned((m->src + offset) | (m->dst + offset)) &&
               m->len - offset >= HUGE_SIZE;
}

/* Some of it is not the source's alone, or was not always. The block of zeroes is nobody's. */
static bool is_forked(struct page *head)
{
        return !is_huge_zero(head) &&
               (atomic_get(&head->huge_maps) > 1 || page_has_flags(head, PAGE_FORKED));
}

static void give_to(const struct vma *vma, struct page *head, u64 addr)
{
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                __atomic_store_n(&head[i].owner, vma->anon, __ATOMIC_RELEASE);
                head[i].index = vma_pgoff_at(vma, addr) + i;
        }
}

/* Both locks of the tables, and the family's. */
static int move_huge_entry(const struct move *m, u64 offset, pte_t *from, pte_t *to)
{
        struct page *head = pfn_to_page(pte_pfn(pte_read(from), PT_PMD));
        bool zero = is_huge_zero(head);
        unsigned prot = vma_pte_prot(m->to, !zero) | PTE_PROT_YOUNG;

        if (!zero && (is_forked(head) || !huge_is_alone(head)))
                return -EBUSY;
        pgtable_clear(from, PT_PMD);
        flush_page(m->uffd->mm, m->src + offset);
        if (!zero)
                give_to(m->to, head, m->dst + offset);
        prot |= zero ? PTE_PROT_SPECIAL : PTE_PROT_DIRTY;
        pgtable_set(to, pte_leaf(page_to_pfn(head), prot, PT_PMD), PT_PMD);
        pgtable_deposit(to, pgtable_withdraw(from));
        mmstat_add(m->uffd->mm, MMSTAT_MOVED_HUGE, 1);
        return 0;
}

static int move_huge(const struct move *m, u64 offset, pte_t *from, pte_t *to)
{
        struct mm *mm = m->uffd->mm;
        struct rmap_locks locks;
        int err;

        rmap_lock(&locks, m->from);
        spin_lock(&mm->table_lock);
        spin_lock(&mm->pte_lock);
        err = move_huge_entry(m, offset, from, to);
        spin_unlock(&mm->pte_lock);
        spin_unlock(&mm->table_lock);
        rmap_unlock(&locks);
        return err;
}

/* ------------------------------------------------------------------ either */

static int move_small_at(const struct move *m, u64 offset)
{
        struct mm *mm = m->uffd->mm;
        pte_t *from = pgwalk_find(mm, m->src + offset, PT_PTE), *to;
        struct rmap_locks locks;
        int err;

        if (!from && !m->holes)
                return -ENOENT;
        if (!from)
                from = pgwalk_make(mm, m->src + offset, PT_PTE, NULL);
        to = pgwalk_make(mm, m->dst + offset, PT_PTE, NULL);
        if (!from || !to)
                return -ENOMEM;
        rmap_lock(&locks, m->from);
        spin_lock(&mm->pte_lock);
        err = move_entry(m, offset, from, to);
        spin_unlock(&mm->pte_lock);
        rmap_unlock(&locks);
        return err;
}

/* What is at `offset`; *len: how much that is. */
static int move_at(const struct move *m, u64 offset, u64 *len)
{
        struct mm *mm = m->uffd->mm;
        pte_t *from = huge_find(mm, m->src + offset), *to;

        *len = PAGE_SIZE;
        if (!m->holes && !pgwalk_find(mm, m->src + offset, PT_PMD))
                return -ENOENT;
        if (huge_find(mm, m->dst + offset))
                return -EEXIST;
        if (!from)
                return move_small_at(m, offset);
        to = pgwalk_make(mm, m->dst + offset, PT_PMD, NULL);
        if (!to)
                return -ENOMEM;
        if (fits_huge(m, offset) && pte_is_none(pte_read(to))) {
                *len = HUGE_SIZE;
                return move_huge(m, offset, from, to);
        }
        if (is_forked(pfn_to_page(pte_pfn(pte_read(from), PT_PMD))))
                return -EBUSY;
        huge_split_range(mm, m->src + offset, m->src + offset + PAGE_SIZE);
        return move_small_at(m, offset);
}

/* ------------------------------------------------------------------ the call */

s64 uffd_move(struct uffd *u, u64 dst, u64 src, u64 len, bool holes)
{
        struct move m = { .uffd = u, .dst = dst, .src = src, .len = len, .holes = holes };
        u64 done = 0, step;
        int err;

        if (!mm_try_get(u->mm))
                return -ESRCH;
        mm_lock(u->mm);
        err = find_vmas(&m);
        for (; !err && done < len; done += err ? 0 : step)
                err = move_at(&m, done, &step);
        mm_unlock(u->mm, dst);
        mm_put(u->mm);
        return done ? (s64)done : err;
}
