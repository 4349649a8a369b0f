/* SPDX-License-Identifier: MIT */
/*
 * struct object, for mm/ only.
 *
 * How a fault and a truncation meet. A fault gets a page from the object, and some time later maps
 * it (or a private copy of it). A truncation takes pages out of the object, and then has rmap_zap()
 * remove every entry in their range. So that no entry is left behind, the fault asks
 * object_owns_page() under the page-table lock, just before it installs its entry: either the page
 * has left the object already and the fault starts again, or the entry is in place before
 * rmap_zap() comes to look for it.
 */
#ifndef MM_OBJECT_IMPL_H
#define MM_OBJECT_IMPL_H

#include "kernel/base/refcount.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/page_tree.h"
#include "mm/rmap.h"

struct object {
        struct list node; /* on the list of all: its lock */
        struct refcount ref;
        unsigned flags;             /* [I] OBJECT_* */
        struct object_quota *quota; /* [I] or NULL */
        struct mutex lock;          /* RANK_OBJECT */
        struct page_tree pages;     /* under lock */
        u64 size;                   /* bytes; written under lock */
        u64 charged;                /* pages charged at creation, for all of its life; under lock */
        atomic_t page_charge;       /* pages charged one by one (OBJECT_CHARGE_PAGES) */
        struct rmap_set rmap;       /* its own lock */
        struct hugetlb_reserve *reserve; /* [I] OBJECT_HUGETLB: what its pages are promised */
};

/* Every object there is. */
struct object_list {
        struct spinlock lock;
        struct list all; /* object->node */
};
extern struct object_list object_list;

/* `page`, which the caller holds, is a page of the object still. */
static inline bool object_owns_page(const struct object *object, const struct page *page)
{
        return __atomic_load_n(&page->owner, __ATOMIC_ACQUIRE) == object;
}

/*
 * object_get_page() for a fault: -ENXIO if the page lies past the end. The size is looked at under
 * the same lock, so no page comes to be behind the back of a truncation. Without `create`, a page
 * that was set aside and never written is none.
 */
int object_fault_page(struct object *object, u64 index, bool create, struct page **out);

/*
 * The same without `create` for the pages at first .. first + nr - 1, under one lock: each with a
 * reference, NULL where there is none. How many there are.
 */
unsigned object_fault_pages(struct object *object, u64 first, unsigned nr, struct page **pages);

/*
 * `page`, which nobody else knows, becomes the object's at `index`, with a reference of its own. 0,
 * -EEXIST, -EFAULT (past the end), -ENOMEM.
 */
int object_add_page(struct object *object, u64 index, struct page *page);

/* The caller has charged `pages` to the commit limit; the object gives them back when it dies. */
void object_adopt_charge(struct object *object, u64 pages);

void object_boot(void);

#endif
