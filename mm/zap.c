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

/* Blocks are on the list by their second page: the first has huge_maps in its node's place. */
static void put_blocks(struct list *blocks)
{
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, blocks) {
                list_del(it);
                huge_release(list_entry(it, struct page, node) - 1);
        }
}

/* A table goes when the last of its entries has gone. */
static void put_tables(struct list *tables)
{
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, tables)
                page_free_blank(list_entry(it, struct page, node));
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
        page_put_all(&batch->pages);
        put_tables(&batch->tables);
        batch_empty(batch);
}

void zap_finish(struct zap_batch *batch)
{
        batch_flush(batch);
        lock_trace_remove(batch, RANK_NONE, "entries to flush");
}

/* ------------------------------------------------------------------ pages */

void zap_uncount(struct mm *mm, enum rss_kind kind, u64 nr)
{
        mm->hiwater_rss = max_u64(mm->hiwater_rss,
                                  mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM]);
        CHECK(mm->rss[kind] >= nr);
        mm->rss[kind] -= nr;
}

/* What unmapping it means to the page itself, and to its object. */
static inline void unmap_page(const struct vma *vma, struct page *page, pte_t entry)
{
        page_unmap(page, vma->flags & VM_LOCKED);
        if (page->kind == PAGE_OBJECT && pte_dirty(entry, PT_PTE))
                page_set_flags(page, PAGE_DIRTY);
}

void zap_unaccount(struct mm *mm, struct vma *vma, struct page *page, pte_t entry)
{
        zap_uncount(mm, page->kind == PAGE_ANON ? RSS_ANON : vma_object_rss(vma), 1);
        unmap_page(vma, page, entry);
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

/*
 * Keep the page until the flush. If the entry's reference was the only one, nobody can find the
 * page to take another, and its list node is ours. True: there is no room for another one that
 * somebody shares, and the flush is due.
 */
static inline bool batch_add(struct zap_batch *batch, struct page *page)
{
        if (atomic_get(&page->refcount) == 1) {
                list_add_tail(&batch->pages, &page->node);
                return false;
        }
        batch->shared[batch->nr] = page;
        return ++batch->nr == ZAP_BATCH;
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

/* What has been done to one PTE table, or to what of it the walk has come to: counted, and put on
 * the batch's range, when all of it is done. */
struct zap_run {
        u64 first, end;   /* of leaves; bytes */
        u64 cleared;      /* entries that are none now */
        u64 anon, object; /* pages unmapped */
};

static inline void run_reaches(struct zap_run *run, u64 addr)
{
        if (run->first > addr)
                run->first = addr;
        run->end = addr + PAGE_SIZE;
}

/* An entry without a page of its own: a marker, or the page of zeroes. */
static void zap_pageless(struct zap_run *run, const struct vma *vma, pte_t *pte, u64 addr,
                         unsigned what)
{
        bool leaf = pte_is_leaf(pte_read(pte), PT_PTE);

        if (!(what & (leaf ? ZAP_ANON : marker_kind(vma, pte_read(pte)))))
                return;
        pte_clear(pte, PT_PTE);
        run->cleared++;
        if (leaf)
                run_reaches(run, addr);
}

/* A protected page of an object's mapping is dropped, and its protection is not. */
static void leave_protection(struct zap_run *run, pte_t *pte)
{
        pte_write(pte, pte_marker(PTE_MARKER_UFFD_WP, 0), PT_PTE);
        run->cleared--;
}

static void run_finish(struct zap_batch *batch, const struct vma *vma, const struct zap_run *run,
                       pte_t *table)
{
        pgtable_count(table, PT_PTE, -(s64)run->cleared);
        if (run->first < run->end)
                zap_add_range(batch, run->first, run->end);
        if (run->anon)
                zap_uncount(batch->mm, RSS_ANON, run->anon);
        if (run->object)
                zap_uncount(batch->mm, vma_object_rss(vma), run->object);
}

static void zap_run(struct zap_batch *batch, struct vma *vma, const struct pgwalk *walk,
                    unsigned what)
{
        bool protects = !(what & ZAP_MARKERS) && !vma_is_anon(vma);
        struct zap_run run = { .first = ~0ULL };
        u64 nr = walk->span >> PAGE_SHIFT;

        for (u64 i = 0; i < nr; i++) {
                u64 addr = walk->addr + (i << PAGE_SHIFT);
                pte_t *pte = &walk->pte[i], entry = pte_read(pte);
                struct page *page;

                if (pte_is_none(entry)) {
                        i = pgtable_scan(walk->pte, i + 1, nr) - 1;
                        continue;
                }
                if (!pte_is_leaf(entry, PT_PTE) || pte_special(entry, PT_PTE)) {
                        zap_pageless(&run, vma, pte, addr, what);
                        continue;
                }
                page = pfn_to_page(pte_pfn(entry, PT_PTE));
                if (!(what & (page->kind == PAGE_ANON ? ZAP_ANON : ZAP_OBJECT)))
                        continue;
                /* Clear first: the accessed and dirty bits count up to this moment. */
                entry = pte_clear(pte, PT_PTE);
                run.cleared++;
                if (protects && pte_uffd_wp(entry, PT_PTE))
                        leave_protection(&run, pte);
                run_reaches(&run, addr);
                if (page->kind == PAGE_ANON)
                        run.anon++;
                else
                        run.object++;
                unmap_page(vma, page, entry);
                if (batch_add(batch, page)) {
                        zap_add_range(batch, run.first, run.end);
                        batch_flush(batch);
                        run.first = ~0ULL;
                }
        }
        run_finish(batch, vma, &run, walk->pte);
}

/* What sort of thing the huge entry that the walk has come to holds. */
static unsigned kind_of_huge(const struct pgwalk *walk)
{
        if (pte_special(walk->entry, PT_PMD))
                return ZAP_ANON;
        return pgwalk_page(walk)->kind == PAGE_ANON ? ZAP_ANON : ZAP_OBJECT;
}

void zap_vma(struct zap_batch *batch, struct vma *vma, u64 start, u64 end, unsigned what)
{
        struct mm *mm = batch->mm;
        struct pgwalk walk = pgwalk_begin(mm, start, end);

        ASSERT(vma->start <= start && start <= end && end <= vma->end);
        if (vma_is_hugetlb(vma)) {
                zap_hugetlb(batch, vma, start, end, what);
                return;
        }
        spin_lock(&mm->pte_lock);
        while (pgwalk_next_run(&walk)) {
                if (walk.level == PT_PTE)
                        zap_run(batch, vma, &walk, what);
                else if ((kind_of_huge(&walk) & what) && !huge_split_part(mm, &walk))
                        zap_huge(batch, vma, &walk);
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

/* A walk of the reverse map may be looking for the table, without mmap_lock: under pte_lock it
 * finds it or does not. */
void zap_unlink_table(struct zap_batch *batch, pte_t *ptr, enum pt_level level, u64 base)
{
        pte_t entry;

        spin_lock(&batch->mm->pte_lock);
        entry = pgtable_clear(ptr, level);
        spin_unlock(&batch->mm->pte_lock);
        zap_add_table(batch, pfn_to_page(pte_pfn(entry, level)), base,
                      base + (1UL << pt_shift(level)));
}

/*
 * What zap_tables() looks at: a table of `level` whose entries from `start` to `end` matter. Most
 * tables of upper levels are all but empty, so it ends with the last entry that there is.
 */
static void prune(struct zap_batch *batch, pte_t *table, unsigned level, u64 start, u64 end,
                  u64 floor, u64 ceiling)
{
        u64 span = 1UL << pt_shift(level), base = start & ~(span * PT_ENTRIES - 1);
        u64 i = pt_index(start, level), stop = pt_index(end - 1, level) + 1;
        unsigned left = virt_to_page(table)->nr_used;

        for (; left > 0 && (i = pgtable_scan(table, i, stop)) < stop; i++, left--) {
                u64 from = base + i * span;
                pte_t entry = pte_read(&table[i]);

                if (!pte_is_table(entry, level))
                        continue;
                if (level - 1 > PT_PTE)
                        prune(batch, pgtable_of(entry, level - 1), level - 1, max_u64(from, start),
                              min_u64(from + span, end), floor, ceiling);
                if (from >= floor && from + span <= ceiling)
                        zap_unlink_table(batch, &table[i], level, from);
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
                        zap_unlink_table(batch, ptr, PT_PMD, addr);
        }
}
