/* SPDX-License-Identifier: MIT */
/*
 * Which neighbours become one VMA, and making them one.
 *
 * A range R is about to get flags, backing and pgoff: a new mapping, memory that moves in, or part
 * of a VMA ("middle") whose flags change. R joins the VMA before it, the VMA after it, or both:
 *
 *      new range            P P P r r r N N N      ->  P P P P P P P P P    both
 *                           P P P r r r            ->  P P P P P P          with prev
 *                                 r r r N N N      ->        N N N N N N    with next
 *
 *      part of a middle     P P P M M M N N N      ->  P P P P P P P P P    both, R is all of M
 *      (R is upper case)    P P P M M m            ->  P P P P P m          with prev
 *                                 m M M N N N      ->        m N N N N N    with next
 *                                 m M m            ->  no neighbour touches: no merge
 *
 * Two VMAs are alike if all of this holds:
 *   - none is special (VM_SPECIAL), and their flags are equal but for sticky ones;
 *   - they refer to the same backing object, or to none;
 *   - the page numbers run on from the lower to the upper;
 *   - their anon_vmas allow it:
 *
 *        of R         of the neighbour     merge?
 *        none         none                 yes
 *        the same     the same             yes
 *        one          another              no
 *        one          none                 unless R is a fork child's and does not grow it in place
 *        none         one                  unless the neighbour is a fork child
 *
 * A fork child's VMA holds pages of its ancestors too; were its anon_vma handed to a VMA that never
 * met those ancestors, a page would have more owners than its anon_vma knows of.
 *
 * With both neighbours alike to R, all three become one unless the neighbours have two different
 * anon_vmas; then R goes to the one before it.
 *
 * A VMA whose backing wants to know of its end (backing_ops.close) is never swallowed: a whole
 * middle of that kind joins nobody, and as the upper of two neighbours it stays as it is.
 *
 * No merge needs memory. So planning one only reads, and committing it cannot fail; a merge is
 * decided on the state it is committed to.
 *
 * Locks: mmap_lock for writing. Not here: splitting, what to do where nothing merges (vma_edit.h).
 */
#ifndef MM_VMA_MERGE_H
#define MM_VMA_MERGE_H

#include "mm/vma.h"

struct vma_merge {
        /* asked */
        struct mm *mm;
        u64 start, end;          /* R */
        u64 flags;               /* what R is to have */
        u64 pgoff;               /* of R's first page */
        struct backing *backing; /* not referenced */
        struct anon_vma *anon; /* of R's pages: the middle's, or the one moved in; not referenced */
        struct vma *middle;    /* the VMA that R is part of, or NULL: R is free */
        bool grows; /* R is growth of the VMA before it, whose pages stay where they are */

        /* answered by vma_merge_plan() */
        struct vma *prev, *next; /* who R joins, or NULL */
};

/* True if R joins a neighbour. R must be free, or lie within `middle`. */
bool vma_merge_plan(struct vma_merge *merge);

/*
 * Carry out what vma_merge_plan() found. Returns the VMA that contains R now. VMAs that were
 * swallowed are freed; totals (account.h) are the caller's.
 */
struct vma *vma_merge_commit(const struct vma_merge *merge);

#endif
