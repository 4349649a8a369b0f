/* SPDX-License-Identifier: MIT */
/* Huge pages: blocks, entries, splitting. huge.h says how it all fits together. */
#include "mm/huge.h"

#include "kernel/base/assert.h"
#include "kernel/sync/spinlock.h"
#include "mm/flush.h"

/* ------------------------------------------------------------------ blocks */

/* Blocks of programs that an entry maps. [A] */
static atomic_t nr_blocks;

static atomic_t events[HUGE_EVENTS]; /* [A] */

void huge_count(enum huge_event event)
{
        atomic_add(&events[event], 1);
}

void mm_huge_stats(struct mm_huge_stats *out)
{
        *out = (struct mm_huge_stats){
                .fault_alloc = (u64)atomic_get(&events[HUGE_FAULT]),
                .fault_fallback = (u64)atomic_get(&events[HUGE_FALLBACK]),
                .collapse_alloc = (u64)atomic_get(&events[HUGE_COLLAPSE]),
                .zero_alloc = (u64)atomic_get(&events[HUGE_ZERO]),
                .split = (u64)atomic_get(&events[HUGE_SPLIT]),
                .mapped = (u64)atomic_get(&nr_blocks),
        };
}

/* From here on the block holds its pages for the one entry that will map them. */
static void block_begin(struct page *head)
{
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_set_flags(&head[i], PAGE_HUGE);
        atomic_set(&head->huge_maps, 1);
}

struct page *huge_alloc(const struct vma *vma, u64 addr, bool zero)
{
        struct page *head = page_alloc(HUGE_ORDER, ALLOC_USER | (zero ? ALLOC_ZERO : 0));
        u64 index = vma_pgoff_at(vma, huge_align_down(addr));

        if (!head)
                return NULL;
        page_set_kind(head, PAGE_ANON);
        page_split(head, HUGE_ORDER);
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                head[i].owner = vma->anon;
                head[i].index = index + i;
        }
        block_begin(head);
        atomic_add(&nr_blocks, 1);
        return head;
}

void huge_set_locked(struct page *head, bool locked)
{
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_set_locked(head + i, locked);
}

void huge_account(struct vma *vma, struct page *head, bool mapped)
{
        struct mm *mm = vma->mm;

        if (is_huge_zero(head))
                return;
        if (mapped) {
                mm->rss[RSS_ANON] += HUGE_PAGES;
        } else {
                mm->hiwater_rss = max_u64(mm->hiwater_rss, mm->rss[RSS_ANON] + mm->rss[RSS_FILE] +
                                                                   mm->rss[RSS_SHMEM]);
                CHECK(mm->rss[RSS_ANON] >= HUGE_PAGES);
                mm->rss[RSS_ANON] -= HUGE_PAGES;
        }
        if (vma->flags & VM_LOCKED)
                huge_set_locked(head, mapped);
}

bool huge_is_alone(struct page *head)
{
        if (atomic_get(&head->huge_maps) > 1)
                return false;
        for (u64 i = 0; i < HUGE_PAGES; i++)
                if (atomic_get(&head[i].refcount) > 1)
                        return false;
        return true;
}

/* ------------------------------------------------------------------ zeroes */

static struct {
        struct spinlock lock; /* for the pointer, and the huge_maps that begin and end with it */
        struct page *head;
} zeroes = { SPINLOCK_INIT(RANK_LEAF, "huge zero page"), NULL };

/* One entry more for the block of zeroes if there is one. With `fresh`, that if there is none. */
static struct page *zeroes_get(struct page *fresh)
{
        struct page *head;

        spin_lock(&zeroes.lock);
        if (zeroes.head)
                huge_get(zeroes.head);
        else
                zeroes.head = fresh;
        head = zeroes.head;
        spin_unlock(&zeroes.lock);
        return head;
}

static void zeroes_free(struct page *head)
{
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_clear_flags(&head[i], PAGE_HUGE);
        page_free(head, HUGE_ORDER);
}

struct page *huge_zero_get(void)
{
        struct page *head = zeroes_get(NULL), *fresh;

        if (head)
                return head;
        fresh = page_alloc(HUGE_ORDER, ALLOC_USER | ALLOC_ZERO);
        if (!fresh)
                return NULL;
        huge_count(HUGE_ZERO);
        block_begin(fresh);
        head = zeroes_get(fresh);
        if (head != fresh)
                zeroes_free(fresh);
        return head;
}

static void zeroes_put(struct page *head)
{
        bool last;

        spin_lock(&zeroes.lock);
        last = atomic_add(&head->huge_maps, -1) == 0;
        if (last)
                zeroes.head = NULL;
        spin_unlock(&zeroes.lock);
        if (last)
                zeroes_free(head);
}

bool huge_unmap(struct page *head)
{
        if (atomic_add(&head->huge_maps, -1) > 0)
                return false;
        atomic_add(&nr_blocks, -1);
        return true;
}

void huge_release(struct page *head)
{
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_clear_flags(&head[i], PAGE_HUGE);
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_put(head + i);
}

void huge_put(struct page *head)
{
        if (is_huge_zero(head))
                zeroes_put(head);
        else if (huge_unmap(head))
                huge_release(head);
}

/* ------------------------------------------------------------------ entries */

pte_t *huge_find(const struct mm *mm, u64 addr)
{
        pte_t *pmd = mm->nr_huge ? pgwalk_find(mm, addr, PT_PMD) : NULL;

        return pmd && pte_is_leaf(pte_read(pmd), PT_PMD) ? pmd : NULL;
}

void huge_install(struct mm *mm, pte_t *pmd, pte_t entry, struct pgtable_kit *kit)
{
        CHECK(pte_is_none(pte_read(pmd)));
        pgtable_deposit(pmd, pgtable_take(mm, kit));
        pgtable_set(pmd, entry, PT_PMD);
        mm->nr_huge++;
}

pte_t huge_clear(struct mm *mm, pte_t *pmd, struct page **table)
{
        pte_t old = pgtable_clear(pmd, PT_PMD);

        CHECK(pte_is_leaf(old, PT_PMD) && mm->nr_huge > 0);
        mm->nr_huge--;
        *table = pgtable_withdraw(pmd);
        return old;
}

/* ------------------------------------------------------------------ splitting */

/* What the huge entry maps, in small: PTEs for a table that nobody sees yet. As on Linux, pages
 * that were ever written to become soft-dirty by it, and zeroes never are. */
static void fill_table(struct page *table, pte_t entry)
{
        pte_t *ptes = page_to_virt(table);
        pfn_t pfn = pte_pfn(entry, PT_PMD);
        bool zero = pte_special(entry, PT_PMD);

        for (u64 i = 0; i < HUGE_PAGES; i++) {
                struct page *page = zero ? zero_page : pfn_to_page(pfn + i);

                pte_t pte = pte_leaf_below(entry, page_to_pfn(page), PT_PMD);

                if (pte_dirty(pte, PT_PTE))
                        pte = pte_mkdirty(pte, PT_PTE);
                pgtable_set(&ptes[i], zero ? pte_clear_soft_dirty(pte, PT_PTE) : pte, PT_PTE);
                if (zero)
                        continue;
                page_get(page);
                page_map(page, false); /* locked pages stay as often locked as they were */
        }
}

/*
 * The entry keeps being a leaf until it is a table: a fault that looked at it without a lock would
 * take none for an invitation to link a table of its own. Meanwhile the machine cannot use it, and
 * every TLB forgets it, as none may know one address by a huge and by a small translation.
 */
void huge_split(struct mm *mm, u64 addr, pte_t *pmd)
{
        pte_t entry = pte_read(pmd);
        struct page *table;

        entry = pte_exchange(pmd, pte_set_prot(entry, 0, PT_PMD), PT_PMD);
        flush_page(mm, huge_align_down(addr));
        table = pgtable_withdraw(pmd);
        fill_table(table, entry);
        pgtable_set(pmd, pte_table(page_to_pfn(table), PT_PMD), PT_PMD);
        mm->nr_huge--;
        huge_put(pfn_to_page(pte_pfn(entry, PT_PMD)));
        mmstat_add(mm, MMSTAT_HUGE_SPLIT, 1);
        huge_count(HUGE_SPLIT);
}

void huge_split_at(struct mm *mm, u64 addr)
{
        pte_t *pmd;

        if (mm->nr_huge == 0 || addr == huge_align_down(addr))
                return;
        spin_lock(&mm->pte_lock);
        pmd = huge_find(mm, addr);
        if (pmd)
                huge_split(mm, addr, pmd);
        spin_unlock(&mm->pte_lock);
}

void huge_split_range(struct mm *mm, u64 start, u64 end)
{
        struct pgwalk walk = pgwalk_begin(mm, start, end);

        if (mm->nr_huge == 0)
                return;
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk))
                if (walk.level == PT_PMD)
                        huge_split(mm, walk.addr, walk.pte);
        spin_unlock(&mm->pte_lock);
}

bool huge_split_part(struct mm *mm, struct pgwalk *walk)
{
        if (walk->level == PT_PTE || walk->span == HUGE_SIZE)
                return false;
        huge_split(mm, walk->addr, walk->pte);
        walk->next = walk->addr;
        return true;
}

/* ------------------------------------------------------------------ when */

bool huge_possible(const struct vma *vma)
{
        return vma_is_anon(vma) && !(vma->flags & (VM_NOHUGEPAGE | VM_SPECIAL)) &&
               vma->mm->thp_disable != MM_THP_DISABLE;
}

bool huge_wanted(const struct vma *vma)
{
        bool advised = vma->flags & VM_HUGEPAGE;

        if (mm_sysctl.thp_enabled == THP_NEVER ||
            (mm_sysctl.thp_enabled == THP_MADVISE && !advised))
                return false;
        return huge_possible(vma) && (advised || vma->mm->thp_disable == MM_THP_ENABLE);
}
