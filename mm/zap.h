/* SPDX-License-Identifier: MIT */
/*
 * Removing page-table entries, and what they mapped.
 *
 * The one rule: a page or a table goes back to the allocator only after every TLB has forgotten it.
 * A zap_batch collects what was taken out of the page tables and the range it was taken from;
 * zap_finish() flushes once and then lets everything go. Private memory needs one flush, however
 * large; pages that somebody else holds too (an object, a fork's other side) cannot be chained to
 * the batch, and one that is full of them is flushed in between.
 *
 *      struct zap_batch batch;
 *
 *      zap_begin(&batch, mm);
 *      zap_vma(&batch, vma, start, end);          entries of one VMA
 *      zap_tables(&batch, start, end, floor, ceiling);
 *      zap_finish(&batch);
 *
 * Locks: mmap_lock, for writing if tables go. pte_lock is taken inside.
 */
#ifndef MM_ZAP_H
#define MM_ZAP_H

#include "arch/pgtable.h"
#include "mm/vma.h"

#define ZAP_BATCH 64 /* pages held back until the flush that others hold too */

struct zap_batch {
        struct mm *mm;
        u64 start, end;               /* to be flushed; empty: start == ~0 */
        u64 tables_start, tables_end; /* served by the tables below; empty: the same */
        struct list tables;           /* pages of page tables */
        struct list pages;            /* that nobody else holds: any number */
        struct list blocks;           /* of huge pages that no huge entry maps any more: the same */
        unsigned nr;
        struct page *shared[ZAP_BATCH];
};

/* What zap_vma_parts() removes. */
#define ZAP_ANON    0x1u /* private pages, the zero page, poison */
#define ZAP_OBJECT  0x2u /* pages of the object */
#define ZAP_MARKERS 0x4u /* markers of guards, of write protection */
#define ZAP_ALL     (ZAP_ANON | ZAP_OBJECT | ZAP_MARKERS)

void zap_begin(struct zap_batch *batch, struct mm *mm);

/* Clear the entries of [start, end), which lies within `vma`: a huge one as a whole, or split. */
void zap_vma(struct zap_batch *batch, struct vma *vma, u64 start, u64 end, unsigned what);

/*
 * Unlink the tables that served [start, end), whose entries are none by now. No VMA is left between
 * `floor` and `ceiling` (bytes; the end of the VMA below, the start of the one above), so a table
 * goes if all it could map lies between them.
 */
void zap_tables(struct zap_batch *batch, u64 start, u64 end, u64 floor, u64 ceiling);

/* Unlink the PTE tables all of whose 2 MiB lie in [start, end), if they are empty. */
void zap_empty_tables(struct zap_batch *batch, u64 start, u64 end);

/* Unlink the table that the entry `ptr` of `level`, for addresses from `base` on, points to: none
 * of its entries is left. */
void zap_unlink_table(struct zap_batch *batch, pte_t *ptr, enum pt_level level, u64 base);

/* One table that is no longer linked, to be freed after the flush of [start, end). */
void zap_add_table(struct zap_batch *batch, struct page *table, u64 start, u64 end);

/* [start, end) has to be flushed, whatever else happens. */
void zap_add_range(struct zap_batch *batch, u64 start, u64 end);

void zap_finish(struct zap_batch *batch);

/* `nr` pages fewer are resident. Under pte_lock. */
void zap_uncount(struct mm *mm, enum rss_kind kind, u64 nr);

/* Drop the mapping of one page that a PTE held: counters of the address space, of the page. The
 * reference stays with the caller. Under pte_lock. */
void zap_unaccount(struct mm *mm, struct vma *vma, struct page *page, pte_t entry);

#endif
