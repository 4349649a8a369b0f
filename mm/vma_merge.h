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
 *   - they are registered with the same userfaultfd, or with none;
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
 * where R has what its origin has. A fork child (vma_is_fork_child) has a chain of several
 * anon_vmas, and a page in it may belong to any of them. It does not hand them on.
 *
 * With both neighbours alike to R, all three become one unless the neighbours have two different
 * anon_vmas; then R goes to the one before it.
 *
 * A VMA whose backing wants to know of its end (backing_ops.close) is never swallowed: a whole
 * middle of that kind joins nobody, and as the upper of two neighbours it stays as it is.
 *
 * A survivor without an anon_vma takes over that of R or of the other neighbour, and to be linked
 * to it takes one entry for its chain: never more, because whoever is handed on has a chain of one.
 * Planning only reads, and a merge is decided on the state it is committed to.
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
        struct uffd *uffd;       /* that R is to be registered with, or NULL */
        struct anon_name *name;  /* that R is to have, or NULL; not referenced */
        struct vma *middle;      /* the VMA that R is part of, or NULL: R is free */
        struct vma *origin;      /* the VMA that R's pages are in so far, which is the middle or the
                                    one they move out of; NULL: there are none */
        bool grows; /* R is growth of the VMA before it, whose pages stay where they are */

        /* where R begins in the tree; vma_merge_plan() looks it up unless it holds */
        struct vmtree_pos place;

        /* answered by vma_merge_plan() */
        struct vma *prev, *next; /* who R joins, or NULL */
};

/* Links that any merge may take from a kit; and how many this one takes, which is planned. */
#define VMA_MERGE_LINKS 1
unsigned vma_merge_links(const struct vma_merge *merge);

/* True if R joins a neighbour. R must be free, or lie within `middle`. */
bool vma_merge_plan(struct vma_merge *merge);

/*
 * Carry out what vma_merge_plan() found. Returns the VMA that contains R now. VMAs that were
 * swallowed are freed; totals (account.h) are the caller's.
 */
struct vma *vma_merge_commit(const struct vma_merge *merge, struct anon_kit *kit);

#endif
