/* SPDX-License-Identifier: MIT */
/*
 * A node of the VMA tree, for the files of vmtree.h alone.
 *
 * One kind of node serves leaves and inner nodes: a row of slots that are moved about alike. What
 * a slot says differs in name only, which is what the unions are for:
 *
 *               leaf: one range            inner: everything under one child
 *      end      its end                    end of the last range
 *      start    its start                  start of the first range
 *      headroom its headroom        gap    largest gap between two of the ranges
 *      item     the caller's        child  the node
 */
#ifndef MM_VMTREE_NODE_H
#define MM_VMTREE_NODE_H

#include "mm/vmtree.h"

#define FAN      VMTREE_FAN
#define FILL_MIN 5

_Static_assert(sizeof(struct vmtree_node) == 512, "a node is eight cache lines");

/* First slot that ends above `addr`; count if none. Four comparisons, whatever the node holds. */
static inline unsigned slot_ending_above(const struct vmtree_node *node, u64 addr)
{
        unsigned i = 0;

#pragma GCC unroll 4
        for (unsigned half = (FAN + 1) / 2; half > 0; half /= 2)
                i += node->end[i + half - 1] <= addr ? half : 0;
        return i < node->count ? i : node->count; /* only ~0 lies beyond a slot not in use */
}

/* A search begins. */
static inline void lookup_count(const struct vmtree *tree)
{
        if (tree->work)
                atomic_add(&tree->work->lookups, 1);
}

/*
 * Note that a node is come to: count it, unless it is a leaf that the tree remembers; if it is
 * another leaf, remember it in place of the one not used for longest.
 */
void node_visit(const struct vmtree *tree, struct vmtree_node *node);

/* A node that is no leaf is come to. */
static inline void inner_visit(const struct vmtree *tree)
{
        if (tree->work)
                atomic_add(&tree->work->nodes, 1);
}

/* The same for the leaves beside `leaf`, for they are likely to be asked for next. */
void neighbours_visit(const struct vmtree *tree, const struct vmtree_node *leaf, bool before,
                      bool after);

/* An empty node that is in no tree, from the reserve. What its slots hold is nobody's business. In
 * vmtree.c, as the next. */
struct vmtree_node *node_take(struct vmtree *tree, unsigned level);

/*
 * Two neighbours under one parent, one of them too empty: all into the left one if it fits, else
 * shared out evenly. The parent's slots are up to date after.
 */
void even_out(struct vmtree *tree, struct vmtree_node *left, struct vmtree_node *right);

/* The leaf is about to be freed. */
void leaf_forget(struct vmtree *tree, const struct vmtree_node *leaf);

/* The hole below slot `i` of the node, and above it: 0 for those that lie between two nodes. */
static inline u64 hole_below(const struct vmtree_node *node, unsigned i)
{
        return i > 0 ? node->start[i] - node->end[i - 1] : 0;
}

static inline u64 hole_above(const struct vmtree_node *node, unsigned i)
{
        return i + 1 < node->count ? node->start[i + 1] - node->end[i] : 0;
}

/* Where the range below that of slot `i` ends, and where the one above starts, in whatever leaf. */
static inline u64 end_before(const struct vmtree_node *leaf, unsigned i)
{
        if (i > 0)
                return leaf->end[i - 1];
        return leaf->prev ? leaf->prev->end[leaf->prev->count - 1] : 0;
}

/* ~0: there is none. */
static inline u64 start_after(const struct vmtree_node *leaf, unsigned i)
{
        if (i + 1 < leaf->count)
                return leaf->start[i + 1];
        return leaf->next ? leaf->next->start[0] : ~0ULL;
}

/* Largest gap between two ranges under the node. The loops are unrolled: whatever fills or leaves
 * the largest of all holes, as new mappings do, comes to them for each ancestor. */
static inline u64 node_gap(const struct vmtree_node *node)
{
        u64 gap = 0;

#pragma GCC unroll 4
        for (unsigned i = 1; i < node->count; i++)
                gap = max_u64(gap, node->start[i] - node->end[i - 1]);
        if (node->level == 0)
                return gap;
#pragma GCC unroll 4
        for (unsigned i = 0; i < node->count; i++)
                gap = max_u64(gap, node->gap[i]);
        return gap;
}

#endif
