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

#define FAN      15 /* slots of a node: makes it 512 bytes */
#define FILL_MIN 5

struct vmtree_node {
        struct vmtree_node *parent; /* NULL: the root; in reserve: the next spare node */
        struct vmtree_node *prev, *next;
        unsigned level;
        unsigned count;
        u64 end[FAN];
        u64 start[FAN];
        union {
                u64 headroom[FAN];
                u64 gap[FAN];
        };
        union {
                void *item[FAN];
                struct vmtree_node *child[FAN];
        };
};

_Static_assert(sizeof(struct vmtree_node) == 512, "a node is eight cache lines");

/*
 * The slot that answers for `addr`, the first that ends above it; one past the last slot of the
 * last leaf if there is none, nowhere if the tree is empty. In vmtree_find.c, as the next.
 */
struct vmtree_pos place_find(const struct vmtree *tree, u64 addr);

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

/* Largest gap between two ranges under the node. */
static inline u64 node_gap(const struct vmtree_node *node)
{
        u64 gap = 0;

        for (unsigned i = 1; i < node->count; i++)
                gap = max_u64(gap, node->start[i] - node->end[i - 1]);
        if (node->level == 0)
                return gap;
        for (unsigned i = 0; i < node->count; i++)
                gap = max_u64(gap, node->gap[i]);
        return gap;
}

#endif
