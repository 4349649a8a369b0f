/* SPDX-License-Identifier: MIT */
/*
 * Moving page-table entries from one place of an address space to another, at any level.
 *
 * An entry of level L may point to a table that maps 512 entries below it. Where both addresses are
 * aligned to what such an entry spans and all of the span moves, the entry itself is moved: one
 * store relocates 2 MiB (a PTE table under its PMD entry) or 1 GiB (a PMD table under its PUD
 * entry), and no page is touched.
 *
 *      PMD entries   ... | a | b | c | ...   ->   ... | - | - | - | ... | a | b | c | ...
 *                          |   |   |                                      |   |   |
 *      PTE tables          A   B   C                                      A   B   C     the same
 * pages
 *
 * Otherwise the entries below are moved one by one into a table at the destination. It is the same
 * function, called with the level; the largest that fits is taken for each part of the range:
 *
 *      from  |..|========|========|...|      the ends: PTE by PTE
 *      to    |..|========|========|...|      the middle: whole tables (equal offsets within 2 MiB)
 *
 * Aligning down: if the range begins inside a table in which nothing lies before it, at neither
 * address, then it may as well begin where the table does. So the first part moves as a whole too.
 *
 * mm_sysctl.move_level limits the level. It changes nothing but how much work is done, and how many
 * tables there are meanwhile: a range moved entry by entry needs its tables twice.
 *
 * A huge entry (huge.h) is moved by one store in the same way, whatever the limit below, with the
 * table deposited for it. Where the offsets differ, or the range ends within it, it is split first:
 * the deposit becomes the source's table, and the small entries move.
 *
 * With `unprotects` every small entry is visited, so none moves as part of a table.
 *
 * Else what an entry holds is not looked at: pages, the zero page, markers move as they are. The
 * tables of the destination are empty, because nothing is mapped there yet. Old addresses are
 * flushed before the locks on their entries are dropped: from then on a page could be unmapped and
 * freed at its new address, and nobody would flush the old one. One flush serves all that moves in
 * one turn of the locks: a whole range, if it moves by table.
 *
 * plan counts the tables that commit may have to link (no more, sometimes less); commit takes them
 * from a kit and cannot fail.
 *
 * Locks: mmap_lock for writing; table_lock and pte_lock are taken inside. The caller holds the
 * reverse-map locks of the VMA at the destination (rmap_lock), so that nobody who looks for a
 * page's entries misses one that is on its way.
 */
#ifndef MM_PGMOVE_H
#define MM_PGMOVE_H

#include "mm/pgwalk.h"
#include "mm/vma.h"

struct pgmove {
        /* asked */
        struct mm *mm;
        u64 from, to, len;            /* bytes, page multiples; the ranges do not overlap */
        u64 to_len;                   /* of the mapping at the destination; at least len */
        struct address_range gone[2]; /* what will be unmapped between plan and commit */
        bool hugetlb;                 /* its entries move whole and have no table in store */
        bool unprotects;              /* userfaultfd's write protection is lost on the way */
        /* plan */
        unsigned top;    /* highest level whose entries move */
        u64 lead;        /* bytes by which the move begins earlier: aligned down */
        unsigned tables; /* tables to reserve */
};

void pgmove_plan(struct pgmove *move);
void pgmove_commit(const struct pgmove *move, struct pgtable_kit *kit);

#endif
