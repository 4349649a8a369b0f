/* SPDX-License-Identifier: MIT */
/* Removing page-table entries: zap.h says in which order things are let go. */
#include "mm/zap.h"

#include "kernel/base/assert.h"
#include "kernel/sync/trace.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/pgwalk.h"

static void batch_empty(struct zap_batch *batch)
{
        batch->start = ~0ULL;
        batch->end = 0;
        batch->tables_start = ~0ULL;
        batch->tables_end = 0;
        batch->nr = 0;
        list_init(&batch->pages);
        list_init(&batch->blocks);
        list_init(&batch->tables);
}

/* For debug builds a batch is held like a lock: nobody returns to a program while one is open. */
void zap_begin(struct zap_batch *batch, struct mm *mm)
{
        batch->mm = mm;
        batch_empty(batch);
        lock_trace_add(batch, RANK_NONE, "entries to flush", false);
}

void zap_add_range(struct zap_batch *batch, u64 start, u64 end)
{
        batch->start = min_u64(batch->start, start);
        batch->end = max_u64(batch->end, end);
}

/* A table that is not, or never was, linked. */
static void uncount_table(struct zap_batch *batch, struct page *table)
{
        ASSERT(table->kind == PAGE_TABLE);
        CHECK(table->nr_used == 0);
        batch->mm->pgtable_bytes -= PAGE_SIZE;
        mmstat_add(batch->mm, MMSTAT_TABLES_FREED, 1);
        list_add_tail(&batch->tables, &table->node);
}

static void put_list(struct list *pages)
{
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, pages) {
                list_del(it);
                page_put(list_entry(it, struct page, node));
        }
}

/* Blocks are on the list by their second page: the first has huge_maps in its node's place. */
static void put_blocks(struct list *blocks)
{
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, blocks) {
                list_del(it);
                huge_release(list_entry(it, struct page, node) - 1);
        }
}

/* Flush, then let go of what the flush was for. */
static void batch_flush(struct zap_batch *batch)
{
        if (batch->start < batch->end)
                flush_range(batch->mm, batch->start, batch->end, false);
        if (batch->tables_start < batch->tables_end)
                flush_tables(batch->mm, batch->tables_start, batch->tables_end);
        for (unsigned i = 0; i < batch->nr; i++)
                page_put(batch->shared[i]);
        put_blocks(&batch->blocks);
        put_list(&batch->pages);
        put_list(&batch->tables);
        batch_empty(batch);
}

void zap_finish(struct zap_batch *batch)
{
        batch_flush(batch);
        lock_trace_remove(batch, RANK_NONE, "entries to flush");
}

/* ------------------------------------------------------------------ pages */

void zap_unaccount(struct mm *mm, struct vma *vma, struct page *page, pte_t entry)
{
        enum rss_kind kind = page->kind == PAGE_ANON ? RSS_ANON : vma_object_rss(vma);

        mm->hiwater_rss = max_u64(mm->hiwater_rss,
                                  mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM]);
        CHECK(mm->rss[kind] > 0);
        mm->rss[kind]--;
        page_unmap(page, vma->flags & VM_LOCKED);
        if (page->kind == PAGE_OBJECT && pte_dirty(entry, PT_PTE))
                page_set_flags(page, PAGE_DIRTY);
}

/*
 * What sort of thing a marker is: one of ZAP_*. A page that is elsewhere is contents. Poison goes
 * with the contents that it stands for, and so does the protection of private memory; that of an
 * object's page stays.
 */
static unsigned marker_kind(const struct vma *vma, pte_t entry)
{
        switch (pte_marker_kind(entry)) {
        case PTE_MARKER_POISON:
        case PTE_MARKER_SWAP: return ZAP_ANON;
        case PTE_MARKER_UFFD_WP: return vma_is_anon(vma) ? ZAP_ANON : ZAP_MARKERS;
        default: return ZAP_MARKERS;
        }
}

/* What sort of thing an entry holds. */
static unsigned kind_of(const struct vma *vma, const struct pgwalk *walk)
{
        if (pte_is_marker(walk->entry))
                return marker_kind(vma, walk->entry);
        if (pte_special(walk->entry, walk->level))
                return ZAP_ANON;
        return pgwalk_page(walk)->kind == PAGE_ANON ? ZAP_ANON : ZAP_OBJECT;
}

/*
 * Keep the page until the flush. If the entry's reference was the only one, nobody can find the
 * page to take another, and its list node is ours.
 */
static void batch_add(struct zap_batch *batch, struct page *page)
{
        if (atomic_get(&page->refcount) == 1) {
                list_add_tail(&batch->pages, &page->node);
                return;
        }
        batch->shared[batch->nr] = page;
        if (++batch->nr == ZAP_BATCH)
                batch_flush(batch);
}

/*
 * A whole huge entry goes, and the table that was meant for its split. The block is kept until the
 * flush if no other entry maps it. If one does, it could be freed by that one's end at any time
 * from here on: that flush cannot wait.
 */
static void zap_huge(struct zap_batch *batch, struct vma *vma, const struct pgwalk *walk)
{
        struct page *table, *head;
        pte_t old = huge_clear(batch->mm, walk->pte, &table);

        head = pfn_to_page(pte_pfn(old, PT_PMD));
        uncount_table(batch, table);
        huge_account(vma, head, false);
        if (is_huge_zero(head) || atomic_get(&head->huge_maps) > 1)
                flush_page(batch->mm, walk->addr);
        else
                zap_add_range(batch, walk->addr, walk->addr + walk->span);
        if (is_huge_zero(head))
                huge_put(head);
        else if (huge_unmap(head))
                list_add_tail(&batch->blocks, &head[1].node);
}

/* A protected page of an object's mapping is dropped, and its protection is not. */
static bool leaves_protection(const struct vma *vma, pte_t entry, unsigned what)
{
        return !(what & ZAP_MARKERS) && !vma_is_anon(vma) && pte_uffd_wp(entry, PT_PTE);
}

/* The same in hugetlb memory, where no part of an entry can go. There are few: nothing is held
 * back. */
static void zap_hugetlb(struct zap_batch *batch, struct vma *vma, u64 start, u64 end, unsigned what)
{
        struct pgwalk walk = pgwalk_begin(batch->mm, start, end);

        spin_lock(&batch->mm->pte_lock);
        while (pgwalk_next(&walk)) {
                struct page *head = hugetlb_head(walk.entry);

                CHECK(walk.level == PT_PMD && walk.span == HUGE_SIZE);
                if (!(what & (hugetlb_is_private(head) ? ZAP_ANON : ZAP_OBJECT)))
                        continue;
                hugetlb_clear(vma, walk.addr, walk.pte);
        }
        spin_unlock(&batch->mm->pte_lock);
}

void zap_vma(struct zap_batch *batch, struct vma *vma, u64 start, u64 end, unsigned what)
{
        struct mm *mm = batch->mm;
        struct pgwalk walk = pgwalk_begin(mm, start, end);
        struct page *page;

        ASSERT(vma->start <= start && start <= end && end <= vma->end);
        if (vma_is_hugetlb(vma)) {
                zap_hugetlb(batch, vma, start, end, what);
                return;
        }
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (!(kind_of(vma, &walk) & what) || huge_split_part(mm, &walk))
                        continue;
                if (walk.level == PT_PMD) {
                        zap_huge(batch, vma, &walk);
                        continue;
                }
                /* Clear first: the accessed and dirty bits count up to this moment. */
                walk.entry = pgtable_clear(walk.pte, PT_PTE);
                if (!pte_is_leaf(walk.entry, PT_PTE))
                        continue;
                if (leaves_protection(vma, walk.entry, what))
                        pgtable_set(walk.pte, pte_marker(PTE_MARKER_UFFD_WP, 0), PT_PTE);
                zap_add_range(batch, walk.addr, walk.addr + PAGE_SIZE);
                if (pte_special(walk.entry, PT_PTE))
                        continue;
                page = pfn_to_page(pte_pfn(walk.entry, PT_PTE));
                zap_unaccount(mm, vma, page, walk.entry);
                batch_add(batch, page);
        }
        spin_unlock(&mm->pte_lock);
}

/* ------------------------------------------------------------------ tables */

void zap_add_table(struct zap_batch *batch, struct page *table, u64 start, u64 end)
{
        batch->tables_start = min_u64(batch->tables_start, start);
        batch->tables_end = max_u64(batch->tables_end, end);
        uncount_table(batch, table);
}

/* Unlink the table that an entry of `level` points to. A walk of the reverse map may be looking for
 * it, without mmap_lock: under pte_lock it finds it or does not. */
static void unlink_table(struct zap_batch *batch, pte_t *ptr, unsigned level, u64 base)
{
        pte_t entry;

        spin_lock(&batch->mm->pte_lock);
        entry = pgtable_clear(ptr, level);
        spin_unlock(&batch->mm->pte_lock);
        zap_add_table(batch, pfn_to_page(pte_pfn(entry, level)), base,
                      base + (1UL << pt_shift(level)));
}

/* What zap_tables() looks at: a table of `level` whose entries from `start` to `end` matter. */
static void prune(struct zap_batch *batch, pte_t *table, unsigned level, u64 start, u64 end,
                  u64 floor, u64 ceiling)
{
        u64 span = 1UL << pt_shift(level);

        for (u64 addr = start, next; addr < end; addr = next) {
                pte_t *ptr = &table[pt_index(addr, level)];
                u64 base = addr & ~(span - 1);

                next = pgwalk_border(addr, end, level);
                if (!pte_is_table(pte_read(ptr), level))
                        continue;
                if (level - 1 > PT_PTE)
                        prune(batch, pgtable_of(pte_read(ptr), level - 1), level - 1, addr, next,
                              floor, ceiling);
                if (base >= floor && base + span <= ceiling)
                        unlink_table(batch, ptr, level, base);
        }
}

void zap_tables(struct zap_batch *batch, u64 start, u64 end, u64 floor, u64 ceiling)
{
        prune(batch, pfn_to_virt(batch->mm->mmu.root), PT_TOP, start, end, floor, ceiling);
}

void zap_empty_tables(struct zap_batch *batch, u64 start, u64 end)
{
        u64 span = 1UL << pt_shift(PT_PMD);

        for (u64 addr = (start + span - 1) & ~(span - 1); addr + span <= end; addr += span) {
                pte_t *ptr = pgwalk_find(batch->mm, addr, PT_PMD);

                if (!ptr || !pte_is_table(pte_read(ptr), PT_PMD))
                        continue;
                if (pfn_to_page(pte_pfn(pte_read(ptr), PT_PMD))->nr_used == 0)
                        unlink_table(batch, ptr, PT_PMD, addr);
        }
}
