/* SPDX-License-Identifier: MIT */
/*
 * The reverse map of an object: which VMAs map it, so that truncation and hole punching find every
 * page-table entry that has to go.
 *
 * struct object embeds a rmap_set. A VMA is in the set from vma_link() to vma_unlink(), private
 * mappings too. A page mapped at index i is found in VMA v at the address
 *
 *      v->start + (i - v->pgoff) * PAGE_SIZE
 *
 * Locks: set->lock guards the list and the counters (RANK_OBJ_RMAP). It is taken under mmap_lock,
 * and under the object's page lock, but rmap_zap() must be called after the pages have left the
 * object: a fault checks, under the page-table lock, that a page still belongs to the object, so
 * either the fault sees that it does not, or rmap_zap() sees the new entry.
 */
#ifndef MM_RMAP_H
#define MM_RMAP_H

#include "kernel/base/list.h"
#include "kernel/base/types.h"
#include "kernel/sync/rwsem.h"

struct vma;

struct rmap_set {
        struct rwsem lock;
        struct list vmas;    /* vma->object_node */
        u64 shared_writable; /* VMAs with VM_MAYWRITE that are shared */
        bool deny_writable;  /* no new ones of these: F_SEAL_WRITE */
};

void rmap_init(struct rmap_set *set);

/* vma_link() and vma_unlink() call these; they do nothing for a VMA without an object. */
void rmap_add(struct vma *vma);
void rmap_remove(struct vma *vma);

/* Around a change of a VMA's bounds, so that rmap_zap() sees them as they were or as they are. */
void rmap_change_begin(struct vma *vma);
void rmap_change_end(struct vma *vma);

/*
 * Remove every mapping of the object's pages first .. last (inclusive; ~0 is the end) in every
 * address space, flushing TLBs before pages are dropped. With `private_too`, also the private
 * copies at these offsets: truncation takes them along, hole punching does not.
 */
void rmap_zap(struct rmap_set *set, u64 first, u64 last, bool private_too);

#endif
