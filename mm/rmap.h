/* SPDX-License-Identifier: MIT */
/*
 * The reverse map: from a page to every page-table entry that maps it.
 *
 *                        knows its VMAs through         found in VMA v at
 *      page of an object  the object's rmap_set         v->start + (index - v->pgoff) pages
 *      private page       its owner's set: anon_vma.h   the same
 *
 * Both are interval trees over the page numbers of VMAs, and a VMA is in both if it is a private
 * mapping of an object: its pages are the object's until they are written. It is in them from
 * vma_link() to vma_unlink().
 *
 * A walk sees each entry once, whatever happens to VMAs at the same time. That is because whoever
 * takes a VMA apart, joins it to another or moves its entries holds both locks for writing until
 * all is in place again (rmap_lock()). A page is unmapped only by those who hold the address
 * space's pte_lock, and that is all a visitor has to fear, or to make use of.
 *
 * Mappings that begin at the same page number are visited in the order in which they were made.
 * fork() copies entries without these locks: a walk must come to the parent first, or an entry
 * that it has not seen yet may be copied to where it has been.
 *
 * Locks: set->lock (RANK_OBJ_RMAP), then the lock of a family of anon_vmas (RANK_ANON_ROOT), then
 * page tables. Taken under mmap_lock, and under the object's page lock; but rmap_zap() must be
 * called after the pages have left the object: a fault checks, under the page-table lock, that a
 * page still belongs to the object, so either the fault sees that it does not, or rmap_zap() sees
 * the new entry.
 */
#ifndef MM_RMAP_H
#define MM_RMAP_H

#include "arch/pgtable.h"
#include "kernel/sync/rwsem.h"
#include "mm/anon_vma.h"
#include "mm/interval.h"

/* Who maps an object. */
struct rmap_set {
        struct rwsem lock;
        struct interval_tree vmas; /* vma->object_pages */
        u64 shared_writable;       /* VMAs with VM_MAYWRITE that are shared */
        bool deny_writable;        /* no new ones of these: F_SEAL_WRITE, F_SEAL_FUTURE_WRITE */
};

void rmap_init(struct rmap_set *set);

/* ------------------------------------------------------------------ changing VMAs */

/*
 * Both locks of a VMA, for writing. A function that takes what the caller has already does not take
 * it again, so pieces of a change can be put together under one hold.
 */
struct rmap_locks {
        struct rmap_set *set;    /* NULL: not taken here */
        struct anon_vma *family; /* its root, referenced; the same */
};

void rmap_lock(struct rmap_locks *locks, const struct vma *vma);
void rmap_unlock(struct rmap_locks *locks);

/* Into the set of the object, if there is one. The sets of anon_vmas are anon_vma.h's. */
void rmap_add(struct vma *vma);
/* Out of all sets. */
void rmap_remove(struct vma *vma);

/* Around a change of a VMA's bounds or page numbers. */
void rmap_change_begin(struct vma *vma, struct rmap_locks *locks);
void rmap_change_end(struct vma *vma, struct rmap_locks *locks);
/* Its upper bound goes up to `end`, and nothing else changes. */
void rmap_extend(struct vma *vma, u64 end);

/* ------------------------------------------------------------------ walking */

/* One mapping of a page. Under the lock of the set and the pte_lock of vma->mm. */
struct rmap_place {
        struct vma *vma;
        u64 addr;
        pte_t *pte;
        enum pt_level level; /* PT_PMD: a huge entry, of which the page is a part */
};

/* False ends the walk. It may clear the entry, a huge one after huge_split(); it may not sleep. */
typedef bool rmap_visitor(const struct rmap_place *place, void *arg);

/*
 * Every entry that maps `page`, private or an object's, which the caller holds; of an object's
 * page, the object too. False if the visitor ended it.
 */
bool rmap_walk(struct page *page, rmap_visitor *visit, void *arg);

/*
 * Remove every mapping of the object's pages first .. last (inclusive; ~0 is the end) in every
 * address space, flushing TLBs before pages are dropped. With `private_too`, also the private
 * copies at these offsets: truncation takes them along, hole punching does not.
 */
void rmap_zap(struct rmap_set *set, u64 first, u64 last, bool private_too);

#endif
