/* SPDX-License-Identifier: MIT */
/*
 * A sparse array of pages, indexed by page offset: a radix tree with 64-way nodes, no higher than
 * its largest index needs. Lookup, insertion and removal take O(log64 index); empty nodes are freed
 * at once, so an empty tree holds no memory.
 *
 * Locks: none of its own; the object's lock guards its tree.
 */
#ifndef MM_PAGE_TREE_H
#define MM_PAGE_TREE_H

#include "kernel/base/types.h"

struct page;
struct page_tree_node;

struct page_tree {
        struct page_tree_node *root; /* NULL: empty */
        unsigned height;             /* levels of nodes; 64^height indexes have a place */
        u64 nr;                      /* pages in it */
};

/* Makes the cache that nodes come from. Once, at boot. */
void page_tree_boot(void);

static inline void page_tree_init(struct page_tree *tree)
{
        *tree = (struct page_tree){ 0 };
}

/* NULL if there is none at `index`. */
struct page *page_tree_get(const struct page_tree *tree, u64 index);

/* The pages at first .. first + nr - 1, one descent for all that lie in one node; NULL where there
 * is none. */
void page_tree_get_range(const struct page_tree *tree, u64 first, unsigned nr, struct page **pages);

/* The page at the lowest index >= *index, which is stored there; NULL if there is none. */
struct page *page_tree_next(const struct page_tree *tree, u64 *index);

/* The index must be vacant. 0, or -ENOMEM and nothing has changed. */
int page_tree_insert(struct page_tree *tree, u64 index, struct page *page);

/* Take out the page at `index`; NULL if there is none. */
struct page *page_tree_remove(struct page_tree *tree, u64 index);

#endif
