/* SPDX-License-Identifier: MIT */
/*
 * The end of an address space that nobody uses any more: all of its mappings go at once.
 *
 * This is munmap() of everything, with what makes that dear left out: nothing is refused, cut or
 * counted beforehand, nobody is told, and the tree of VMAs is not kept in order while it shrinks,
 * but freed as it is. No processor runs in it, nor ever will: one flush at the beginning makes all
 * forget it, and from there on pages and tables may go as they come.
 *
 * The tables are gone through once, from the root down, and the VMAs beside them. In a table there
 * is something only where VMAs are, and it goes when it has been gone through. A VMA goes when the
 * walk comes past its end; before that, a walk of the reverse map may come for what is left of it.
 *
 * Locks: mmap_lock for writing, which nobody else can be waiting for. pte_lock, for the walks of
 * the reverse map.
 */
#include "kernel/base/assert.h"
#include "mm/account.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/munmap.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/zap.h"

struct ending {
        struct mm *mm;
        struct zap_batch batch;
        struct vmtree_pos pos;
        struct vma *vma; /* the first that is still there; the tree is not asked again */
        u64 pages;       /* of those that went */
        u64 locked;      /* of these, of locked ones */
        u64 charged;     /* of these, to the commit limit */
};

/* ------------------------------------------------------------------ VMAs */

/* The VMA in hand; the tree still says that it is there. */
static void drop_vma(struct ending *end)
{
        struct vma *vma = end->vma;
        u64 pages = vma_pages(vma);

        end->vma = vmtree_next(&end->pos);
        end->pages += pages;
        if (vma->flags & VM_LOCKED)
                end->locked += pages;
        if (vma->flags & VM_ACCOUNT)
                end->charged += pages;
        if (vma->reserve)
                hugetlb_unreserve(vma->reserve, vma->pgoff, vma->pgoff + pages);
        if (vma->anon || vma_object(vma))
                rmap_remove(vma);
        vma_free(vma);
}

/* ------------------------------------------------------------------ pages */

/* What a PTE table, or a part of it, held besides private pages. */
struct others {
        u64 none, pageless, object;
};

static void drop_object_page(struct page *page, pte_t entry, bool locked)
{
        page_unmap(page, locked);
        if (page->kind == PAGE_OBJECT && pte_dirty(entry, PT_PTE))
                page_set_flags(page, PAGE_DIRTY);
        page_put(page);
}

/* If nobody else holds the page, nobody can find it any more: it waits for those beside it. */
static inline void drop_anon_page(struct ending *end, struct page *page, bool locked)
{
        page_unmap_anon(page);
        if (locked)
                page_set_locked(page, false);
        if (__builtin_expect(atomic_get(&page->refcount) > 1, 1))
                page_put_anon(page);
        else
                list_add_tail(&end->batch.pages, &page->node);
}

/*
 * `nr` entries of a PTE table, all of them of the VMA in hand. There may be very many, and most of
 * them private pages that another address space maps as well, the other side of a fork: so a page
 * is made known to nobody, and counted by what else there is.
 */
static struct others drop_entries(struct ending *end, pte_t *pte, u64 nr)
{
        bool locked = end->vma->flags & VM_LOCKED;
        struct others others = { 0 };

        for (pte_t *at = pte; at < pte + nr; at++) {
                pte_t entry = pte_read(at);
                struct page *page;

                if (pte_is_none(entry)) {
                        u64 i = (u64)(at - pte), next = pgtable_scan(pte, i + 1, nr);

                        others.none += next - i;
                        at = pte + next - 1;
                        continue;
                }
                pte_write(at, pte_none(), PT_PTE);
                if (!pte_is_leaf(entry, PT_PTE) || pte_special(entry, PT_PTE)) {
                        others.pageless++;
                        continue;
                }
                page = pfn_to_page(pte_pfn(entry, PT_PTE));
                if (__builtin_expect(page->kind == PAGE_ANON, 1)) {
                        drop_anon_page(end, page, locked);
                } else {
                        drop_object_page(page, entry, locked);
                        others.object++;
                }
        }
        return others;
}

static __attribute__((noinline)) void drop_run(struct ending *end, pte_t *pte, u64 nr)
{
        struct others others;

        spin_lock(&end->mm->pte_lock);
        others = drop_entries(end, pte, nr);
        nr -= others.none;
        pgtable_count(pte, PT_PTE, -(s64)nr);
        zap_uncount(end->mm, RSS_ANON, nr - others.pageless - others.object);
        if (others.object)
                zap_uncount(end->mm, vma_object_rss(end->vma), others.object);
        spin_unlock(&end->mm->pte_lock);
}

/* ------------------------------------------------------------------ tables */

static void drop_table(struct ending *end, pte_t *table, enum pt_level level, u64 base);

/* The entry, of an upper table, for what begins at `base`. */
static void drop_upper(struct ending *end, pte_t *ptr, enum pt_level level, u64 base)
{
        pte_t entry = pte_read(ptr);

        if (pte_is_table(entry, level)) {
                drop_table(end, pgtable_of(entry, level - 1), level - 1, base);
                zap_unlink_table(&end->batch, ptr, level, base);
        } else {
                zap_vma(&end->batch, end->vma, base, base + (1UL << pt_shift(level)), ZAP_ALL);
        }
}

/* What there is of the VMA in hand from entry `i` on, before `stop`. */
static u64 drop_part(struct ending *end, pte_t *table, enum pt_level level, u64 base, u64 i,
                     u64 stop)
{
        if (level == PT_PTE) {
                drop_run(end, &table[i], stop - i);
                return stop;
        }
        i = pgtable_scan(table, i, stop);
        if (i == stop)
                return stop;
        drop_upper(end, &table[i], level, base + (i << pt_shift(level)));
        return i + 1;
}

/*
 * A table that serves addresses from `base` on, and the VMAs that end in it. One that goes on
 * behind it stays in hand.
 */
static void drop_table(struct ending *end, pte_t *table, enum pt_level level, u64 base)
{
        u64 limit = base + ((u64)PT_ENTRIES << pt_shift(level)), i = 0;

        while (end->vma && end->vma->start < limit) {
                u64 stop = PT_ENTRIES;

                if (end->vma->start > base)
                        i = max_u64(i, pt_index(end->vma->start, level));
                if (end->vma->end < limit)
                        stop = pt_index(end->vma->end - 1, level) + 1;
                if (i < stop)
                        i = drop_part(end, table, level, base, i, stop);
                else if (end->vma->end <= limit)
                        drop_vma(end);
                else
                        return;
        }
}

/* Of all the VMAs together. */
static void settle_accounts(struct ending *end)
{
        struct mm *mm = end->mm;

        CHECK(mm->total_vm == end->pages && mm->locked_vm == end->locked);
        mm->total_vm = mm->data_vm = mm->exec_vm = mm->stack_vm = mm->locked_vm = 0;
        commit_uncharge(end->charged);
}

void unmap_all(struct mm *mm)
{
        struct ending end = { .mm = mm };

        ASSERT(rwsem_is_writer(&mm->mmap_lock));
        flush_all(mm);
        zap_begin(&end.batch, mm);
        end.vma = vmtree_find(&mm->tree, 0, &end.pos);
        drop_table(&end, pfn_to_virt(mm->mmu.root), PT_TOP, 0);
        vmtree_destroy(&mm->tree);
        zap_finish(&end.batch);
        settle_accounts(&end);
}
