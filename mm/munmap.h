/* SPDX-License-Identifier: MIT */
/*
 * Removing a range of mappings: munmap() itself, and a step of mmap(MAP_FIXED), brk() and mremap().
 *
 *      before       |AAAAAAAA|..|BBB|....|CCCCCCCC|
 *      range              [-----------------)
 *      after        |AAAA|....................|CCC|        A and C are cut, B is gone
 *
 *      before       |AAAAAAAAAAAAAAAAAAAAAAAAAAAAA|
 *      after        |AAAA|....................|AAA|        the one case that makes a VMA
 *
 * A sealed VMA in the range refuses the whole of it (-EPERM), and so does a special one that would
 * have to be cut (-EINVAL). Linux notices that one VMA at a time,
 * when the first has been split at the start of the range already, and does not join it again; the
 * split can be seen in /proc/PID/maps. So a plan that ends with an errno may still have splits to
 * commit. A MAP_FIXED mapping that a limit refuses leaves both of them.
 *
 *      plan (reads) -> reserve (-ENOMEM only) -> commit (void) -> release (always)
 *
 * Locks: mmap_lock for writing throughout.
 */
#ifndef MM_MUNMAP_H
#define MM_MUNMAP_H

#include "mm/account.h"
#include "mm/vma_edit.h"

struct unmap {
        /* asked */
        struct mm *mm;
        u64 start, end; /* page aligned */
        bool moved;     /* what was in it is elsewhere now, and what it was promised, too */
        s64 earlier;    /* VMAs that earlier steps of the same call will have added */
        /* plan */
        struct vmtree_pos first;     /* the first VMA that it meets; until another step */
        bool empty;                  /* nothing is mapped there: nothing will be done */
        int err;                     /* -EPERM: sealed; -EINVAL: special; -ENOMEM: a VMA too many */
        bool split_start, split_end; /* only with `err`: all there is to do */
        unsigned new_vmas;           /* that commit makes, */
        unsigned links;              /* and the entries of chains that they need */
        unsigned events;             /* of userfaultfd, about VMAs below `told`; even with `err` */
        u64 told;
        s64 vma_change;               /* by how much the number of VMAs will change */
        struct account_credit credit; /* what it gives back */
};

/* Sets everything below `asked`. An empty range is allowed and does nothing. */
void unmap_plan(struct unmap *unmap);

/* The caller has a reason of its own not to go on, after a plan that found none. */
void unmap_plan_refusal(struct unmap *unmap, int err);

/* Adds what commit may take to `kit`, which may serve other steps as well. 0 or -ENOMEM. */
int unmap_reserve(const struct unmap *unmap, struct vma_kit *kit);

/*
 * Do it: clear page tables, cut and free VMAs, lower the totals, give the commit charge back. With
 * `err` set, only the splits that Linux leaves.
 */
void unmap_commit(const struct unmap *unmap, struct vma_kit *kit);

/* Nothing is mapped in the range any more, which lies in `hole`, from one VMA to the next: free the
 * page tables that served it alone. */
void unmap_tables(struct mm *mm, u64 start, u64 end, const struct address_range *hole);

/* All phases, for a caller that holds mmap_lock. -EPERM, -EINVAL, -ENOMEM. */
int unmap_range(struct mm *mm, u64 start, u64 end);

/* Everything goes, sealed or not, from an address space that has no user any more (exit.c). */
void unmap_all(struct mm *mm);

#endif
