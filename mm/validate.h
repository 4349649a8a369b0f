/* SPDX-License-Identifier: MIT */
/*
 * The parts of mm_validate(), one file a concept. Each recomputes what it checks from the VMAs and
 * the page tables themselves; a violation is a bug in mm/ and panics with what was violated.
 *
 *      validate_vmas.c     VMAs and their tree, totals
 *      validate_tables.c   page tables, their entries, the pages they map
 *      validate_rmap.c     the reverse map: anon_vmas and their chains, owners of pages, walks
 *      validate_system.c   what spans address spaces: who maps a page, what is committed
 *      validate.c          which of it is checked when
 *
 * Locks: mmap_lock for writing; the system is validated without.
 */
#ifndef MM_VALIDATE_H
#define MM_VALIDATE_H

#include "mm/pgwalk.h"
#include "mm/vma.h"

/* What a check has added up, to be compared with what struct mm says. */
struct tally {
        u64 total, data, exec, stack, locked; /* pages */
        u64 rss[RSS_KINDS];                   /* pages */
        u64 table_bytes, huge, hugetlb;       /* and huge entries, of either kind */
        const struct vma *vma;                /* where the walk is */
};

/* One VMA by itself, and that the tree knows it. */
void validate_vma(const struct mm *mm, const struct vma *vma);
/* The VMAs at and beside `addr`, and their order. */
void validate_vmas_near(const struct mm *mm, u64 addr);
/* All of them, and the totals. */
void validate_vmas(const struct mm *mm, struct tally *tally);

/*
 * `vma` contains [start, end), for which a call has tried to merge: no neighbour is left at either
 * end that it could be one with. Of other neighbours nothing can be said: where Linux does not try,
 * two that are alike stay two.
 */
void validate_merged(const struct vma *vma, u64 start, u64 end);

/* The tables that serve `addr`, from the root down, and all entries of the last. */
void validate_tables_near(const struct mm *mm, u64 addr);
/* All page tables and entries, and the counters of both. */
void validate_tables(const struct mm *mm, struct tally *tally);

/*
 * The sets that a VMA is in, by themselves, and the owner of a private page that is mapped in it at
 * `addr`. If these hold in every address space, every walk finds every entry.
 */
void validate_chain(const struct vma *vma);
void validate_owner(const struct vma *vma, u64 addr, const struct page *page);

/*
 * Walks: for each page of the address space, as many entries as its mapcount says, this one among
 * them; and what anon_vmas count. Nothing else may change any address space meanwhile.
 */
void validate_reverse(struct mm *mm);

#endif
