/* SPDX-License-Identifier: MIT */
/*
 * The parts of mm_validate(), one file a concept. Each recomputes what it checks from the VMAs and
 * the page tables themselves; a violation is a bug in mm/ and panics with what was violated.
 *
 *      validate_vmas.c     VMAs and their tree, totals
 *      validate_tables.c   page tables, their entries, the pages they map
 *      validate.c          which of it is checked when
 *
 * Locks: mmap_lock for writing.
 */
#ifndef MM_VALIDATE_H
#define MM_VALIDATE_H

#include "mm/pgwalk.h"
#include "mm/vma.h"

/* What a check has added up, to be compared with what struct mm says. */
struct tally {
        u64 total, data, exec, stack, locked; /* pages */
        u64 rss[RSS_KINDS];                   /* pages */
        u64 table_bytes;
};

/* One VMA by itself, and that the tree knows it. */
void validate_vma(const struct mm *mm, const struct vma *vma);
/* All of them, and the totals. */
void validate_vmas(const struct mm *mm, struct tally *tally);

/* All page tables and entries, and the counters of both. */
void validate_tables(const struct mm *mm, struct tally *tally);

#endif
