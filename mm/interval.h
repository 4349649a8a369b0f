/* SPDX-License-Identifier: MIT */
/*
 * A set of intervals that says which of them contain a number: the VMAs that map page 7.
 *
 * A balanced binary tree (AVL) in order of where the intervals begin. Each node also knows the
 * greatest end in its subtree, so that a search passes by whole subtrees that end too early, and it
 * stops going right where intervals begin too late:
 *
 *                        [4,9] most 12
 *                       /             \
 *              [1,3] most 5          [6,6] most 12         which contain 5?
 *                 \                     \                    [1,3] most 5: look below
 *                [2,5]                  [8,12]               [2,5] and [4,9] do; 6 is too far right
 *
 * The nodes are members of what they stand for, so inserting takes no memory and cannot fail.
 * Intervals may overlap and be equal. Those that begin at the same number are in the order in which
 * they were inserted: fork() relies on it (rmap.h).
 *
 * Costs: insertion and erasure O(log n); a search O(log n + hits) where the hits lie side by side,
 * as copies of one mapping do, and never more than O(log n) for each hit.
 *
 * Locks: none here.
 */
#ifndef MM_INTERVAL_H
#define MM_INTERVAL_H

#include "kernel/base/types.h"

struct interval {
        u64 first, last; /* both belong to it; set before insertion; see interval_extend() */

        struct interval *below[2]; /* those that come before, those that come after */
        u64 most;                  /* the greatest `last` in this subtree */
        u64 ticket;                /* when it was inserted */
        unsigned height;           /* of this subtree; 0: in no tree */
};

struct interval_tree {
        struct interval *root; /* NULL: empty. All zero is an empty tree */
        u64 tickets;           /* insertions so far */
};

/* first <= last; in no tree. */
void interval_insert(struct interval_tree *tree, struct interval *node);
/* It is in this tree. */
void interval_erase(struct interval_tree *tree, struct interval *node);
/* It is in this tree, stays in its place there, and ends at `last` from now on, not earlier than
 * before. */
void interval_extend(struct interval_tree *tree, struct interval *node, u64 last);

/*
 * Every interval that meets [first, last], in order. The visitor may not change the tree; false
 * ends the search, and is what the search then returns.
 */
typedef bool interval_visitor(struct interval *node, void *arg);
bool interval_visit(const struct interval_tree *tree, u64 first, u64 last, interval_visitor *visit,
                    void *arg);

bool interval_contains(const struct interval_tree *tree, const struct interval *node);

/* Panics if order, balance or a node's `most` is not what it must be. The number of nodes. */
u64 interval_validate(const struct interval_tree *tree);

#endif
