/* SPDX-License-Identifier: MIT */
/*
 * Hugetlb memory: mappings of pages of 2 MiB that were set aside for them, MAP_HUGETLB. Unlike the
 * huge pages of huge.h, which a fault may find and a change may split, these are all or nothing:
 *
 *      pool            | b | b | b | b |      blocks of 512 pages: free, or in use
 *      reservation     promised to a mapping when it is made, so that its faults succeed
 *      entry           a leaf of a PMD table, never split, with no PTE table in store
 *
 * A block is one page in the counts: whoever takes or drops a reference on any of its pages does so
 * on the first (page_holder()). It is in the pool again when the last reference is gone. As
 * everywhere, each mapping is a reference, and mapcount counts the PMD entries. It is an object's
 * (PAGE_CACHED, `owner`) or a private mapping's.
 *
 * Every hugetlb mapping has a backing with an object, also a private one: which mappings came of
 * one another by fork() is what the object's set of VMAs tells. The object's pages are blocks, at
 * indexes that are multiples of 512.
 *
 * Reservations. A shared mapping's is the object's: a promise for each page of it, kept by the
 * fault that brings the page, ended with the object. A private mapping's (vma->reserve) is common
 * to all pieces of the VMA that mmap() made, and goes along with mremap(). A fork's child has none:
 * where it has to copy, it gets what is neither in use nor promised, or a bus error. If its parent
 * has to copy and there is nothing left, the child loses the page (vma->lost), not the parent.
 *
 * The counts are Linux's (Documentation/admin-guide/mm/hugetlbpage): `total` in all, `free` not in
 * use, `reserved` of these promised, `surplus` above what the pool should have: pages that came
 * from the page allocator when the pool had none left, nr_overcommit_hugepages at most, or that
 * were in use or promised when the pool was made smaller. They go when they can.
 *
 * Hugetlb memory is never resident (rss), never locked, never charged to the commit limit, and
 * never merges. Everything about it is aligned to 2 MiB, or is -EINVAL.
 *
 * Locks: the pool's lock guards all counts and reservations. Entries are as those of huge.h.
 */
#ifndef MM_HUGETLB_H
#define MM_HUGETLB_H

#include "mm/fault.h"
#include "mm/huge.h"
#include "mm/zap.h"

static inline bool vma_is_hugetlb(const struct vma *vma)
{
        return vma->flags & VM_HUGETLB;
}

/* ------------------------------------------------------------------ pool */

/*
 * A block with one reference, its contents undefined: the one that `reserve` (or NULL) has promised
 * for page `index`, or one that nobody was promised. NULL: there is none.
 */
struct hugetlb_reserve;
struct page *hugetlb_take(struct hugetlb_reserve *reserve, u64 index);

/* The last reference is gone. For page_put(). */
void hugetlb_release(struct page *head);

void hugetlb_boot(void);

/* ------------------------------------------------------------------ reservations */

/*
 * For `pages` (of 4 KiB, a multiple of 512) from page number `first` on, nothing promised yet. One
 * reference; NULL: no memory.
 */
struct hugetlb_reserve *hugetlb_reserve_create(u64 first, u64 pages);
struct hugetlb_reserve *hugetlb_reserve_get(struct hugetlb_reserve *reserve); /* NULL is allowed */
/* With the last reference all promises end. NULL is allowed. */
void hugetlb_reserve_put(struct hugetlb_reserve *reserve);

/* Promise all of them, or -ENOMEM. */
int hugetlb_reserve_all(struct hugetlb_reserve *reserve);

/* The promises for pages first .. last end, those that are left. NULL is allowed. */
void hugetlb_unreserve(struct hugetlb_reserve *reserve, u64 first, u64 last);

/* A block of hugetlb_take() that nobody else has seen is not needed: it goes back, and if it had
 * been promised it is again. */
void hugetlb_give_up(struct hugetlb_reserve *reserve, u64 index, struct page *head);

/* Drop the reference of an entry. If it was the last on a private page, the next fault has its
 * promise again, as long as there is no surplus. */
void hugetlb_put(struct hugetlb_reserve *reserve, u64 index, struct page *head);

/* ------------------------------------------------------------------ mappings */

/*
 * What a new mapping of `size` bytes maps: one reference, NULL if there is no memory. `reserve`
 * becomes its object's; NULL for a private one, and for one without promises.
 */
struct backing *hugetlb_backing_create(u64 size, struct hugetlb_reserve *reserve);

/* What a VMA has of a reservation: it gets the origin's, or gives up its own. Most have none. */
static inline void hugetlb_share(struct vma *vma, const struct vma *origin)
{
        if (origin->reserve)
                vma->reserve = hugetlb_reserve_get(origin->reserve);
        vma->lost = origin->lost;
}

static inline void hugetlb_forget(struct vma *vma)
{
        if (vma->reserve)
                hugetlb_reserve_put(vma->reserve);
        vma->reserve = NULL;
        vma->lost = false;
}

/* The object's block at page number `index`, with a reference. With `create` it is made. -ENXIO:
 * past the end; -ENOSPC: the pool is empty; -ENOMEM. Under the object's lock. */
int hugetlb_object_page(struct object *object, u64 index, bool create, struct page **out);

/* object_punch() for objects of blocks: whole ones go, parts are cleared. */
void hugetlb_object_punch(struct object *object, u64 start, u64 end);

/* ------------------------------------------------------------------ entries */

/* The entry that maps the address, which lies in a hugetlb VMA; NULL if there is none. */
pte_t *hugetlb_find(const struct mm *mm, u64 addr);

static inline struct page *hugetlb_head(pte_t entry)
{
        return pfn_to_page(pte_pfn(entry, PT_PMD));
}

/* The block is a private mapping's, not an object's. */
static inline bool hugetlb_is_private(const struct page *head)
{
        return !page_has_flags(head, PAGE_CACHED);
}

/* It is private, and of one mapping alone. */
bool hugetlb_is_alone(const struct page *head);

/* fault_once() for hugetlb memory. */
enum fault_result hugetlb_fault(const struct fault *fault);

/* A fork's child gets the parent's entry that the walk has come to. Neither may write after. Under
 * the locks of both. */
void hugetlb_copy_entry(struct mm *child, const struct pgwalk *walk, pte_t *to);

/* Clear an entry of a hugetlb VMA, and let its page go when every TLB has forgotten it. pte_lock.
 */
void hugetlb_clear(struct vma *vma, u64 addr, pte_t *pmd);

/* ------------------------------------------------------------------ debug builds */

/* The pool's counts are right: `used` blocks are in use. Nobody else is at work. */
void hugetlb_validate(u64 used);

#endif
