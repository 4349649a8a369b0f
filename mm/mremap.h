/* SPDX-License-Identifier: MIT */
/*
 * mremap: move, grow, shrink or duplicate mappings.
 *
 *   check -> lock -> { plan -> reserve -> commit -> release } per VMA -> unlock -> populate
 *                       |        |         ` cannot fail
 *                       |        ` -ENOMEM only
 *                       ` every other errno
 *
 * What a call does follows from its flags and lengths:
 *
 *      flags            lengths   what happens                                       phases of
 *      none, MAYMOVE    equal     nothing                                            plan_at()
 *                       smaller   the tail is unmapped                               plan_at()
 *                       larger    the VMA grows where it is (mremap_grow.c); with
 *                                 move to where it has room
 *      FIXED            equal     each VMA of the range moves, one after the other   plan_to()
 *                       other     one VMA is cut or grown and moves                  plan_to()
 *      DONTUNMAP        equal     the pages move, the VMA stays behind, empty        plan_to()
 *      old_len 0        any       a shared mapping is mapped a second time           either
 *
 * (FIXED and DONTUNMAP need MAYMOVE, and may be combined.)
 *
 * One VMA is the unit of atomicity. A multi-VMA move visits VMAs in ascending order and stops at
 * the first error; what moved before stays moved, as on Linux. One that does not move together with
 * others (BACKING_APART) is such an error, unless it is all that the range has left to offer. Holes
 * keep their places:
 *
 *        source   |--A--|..gap..|--B--|            |.......gap.......|
 *        target   |--A'-|  kept |--B'-|      what lies under a gap stays
 *
 * Within one VMA too Linux refuses some calls when part of the work is done. That work can be seen,
 * so the plan is a list of steps that ends with an errno or with success, and commit does the
 * steps:
 *
 *      step                       refusals that end the plan here
 *      1 unmap the target         a sealed VMA; no room for a split; the source was in the target
 *      2 unmap the source's tail  the same; a tail that leaves user space; no room for a copy
 *                                 (address space, data); a target too low for the caller
 *      3 grow, or move            too many VMAs, a special mapping that would be cut, the commit
 *                                 charge: before anything is done
 *
 * Charges are decided in the plan: what steps 1 and 2 give back is counted as given.
 * Running out of memory, in reserve, undoes everything, for nothing was done.
 *
 * A VMA that moves whole, to where nothing is and no neighbour joins it, goes there itself: it gets
 * another place in the tree, and with DONTUNMAP an empty one gets the old place. In every other
 * case there is a VMA more at the destination, or a longer one, and the source's is unmapped, or
 * stays.
 *
 * A userfaultfd that wants to hear of moves keeps its registration at the destination. Its messages
 * come in the order: the target is unmapped, the move, the tail, the source.
 *
 * Two things Linux 6.18 gets wrong are right here: a DONTUNMAP of locked memory takes the pages of
 * the source off locked_vm along with its flag, and a move that shrinks is not charged twice.
 *
 * Locks: mmap_lock is held for writing from plan to release.
 * Not here: how page tables move (pgmove.h), which neighbours merge (vma_merge.h).
 */
#ifndef MM_MREMAP_H
#define MM_MREMAP_H

#include "mm/munmap.h"
#include "mm/pgmove.h"

/* What was asked; const after the check. For a multi-VMA move: what is asked of one VMA. */
struct mremap_request {
        struct mm *mm;
        const struct mm_caller *who;
        u64 addr;     /* source start, page aligned */
        u64 old_len;  /* bytes, page multiple; 0 duplicates a shared mapping */
        u64 new_len;  /* bytes, page multiple, not 0 */
        u64 new_addr; /* FIXED: target; DONTUNMAP alone: a hint */
        u64 flags;    /* MREMAP_* */
};

/* What will happen; const once made. */
struct remap_plan {
        struct unmap target; /* step 1; start == end: none */
        struct unmap tail;   /* step 2; likewise */
        bool moves;          /* step 3: its pages go elsewhere */
        bool relocates;      /* ... and it with them, whole and as it is */
        struct vma *vma;     /* the one at addr, until step 1 or 2 has changed it: neither does if
                              * it relocates */
        struct vmtree_pos place; /* if it relocates: where to in the tree */
        u64 to;                  /* where; the result of the call */
        u64 len;                 /* bytes that move: old_len less the tail */
        u64 charge;              /* pages to commit for step 3 */
        u64 credit;              /* pages of it that steps 1 and 2 give back */
        struct pgmove pages;
        unsigned source_events;        /* of userfaultfd, for the source that goes */
        int err;                       /* how it ends after the steps */
        struct address_range populate; /* locked memory that is new */
};

/* The place of a VMA that grows where it is, and what is above it, or NULL. */
struct remap_growth {
        struct vmtree_pos place;
        struct vma *above;
};

/* What commit consumes; what is left of it goes back in release. */
struct remap_kit {
        struct vma_kit vmas;
        struct pgtable_kit tables;
        u64 charged;             /* pages */
        struct list *told_first; /* in mm->uffd_events: what comes before the move itself */
};

/* The arguments by themselves. Rounds the lengths. 0, -EINVAL. */
int mremap_check(struct mremap_request *req);

/*
 * What the VMA that contains req->addr, or NULL, allows: 0, -EFAULT (none, or not all of the
 * range), -EPERM (sealed), -EINVAL, -EAGAIN (lock limit), -ENOMEM (other limits). Without any
 * effect, but that the lengths are rounded to what hugetlb memory is made of.
 */
int mremap_check_vma(struct mremap_request *req, const struct vma *vma);

/*
 * For a request on `vma` that mremap_check_vma() has passed: it is for growth where the VMA is, and
 * there is room up to where it wants to end. A stack above does not get its guard gap.
 */
bool mremap_grows_here(const struct mremap_request *req, const struct vma *vma,
                       struct remap_growth *growth);
/* Then this is the rest of the call, and what follows is for all others. 0 or -ENOMEM, and then
 * nothing has happened. */
int mremap_grow(const struct mremap_request *req, struct vma *vma, struct remap_growth *growth,
                struct address_range *populate);

/* For a request on `vma` that mremap_check_vma() has passed. Only reads; twice gives the same. */
void mremap_plan(const struct mremap_request *req, struct vma *vma, struct remap_plan *plan);

/* What the copy of `vma` at the destination is to be. */
struct vma_merge mremap_copy(const struct mremap_request *req, struct vma *vma, u64 to);

/* Everything the plan may consume, taken now so that commit cannot fail. 0 or -ENOMEM. */
int mremap_reserve(const struct mremap_request *req, const struct remap_plan *plan,
                   struct remap_kit *kit);

void mremap_commit(const struct mremap_request *req, const struct remap_plan *plan,
                   struct remap_kit *kit);

void mremap_release(struct remap_kit *kit);

#endif
