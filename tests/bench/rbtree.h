/* SPDX-License-Identifier: MIT */
/*
 * What the VMA tree is measured against: a red-black tree of ranges, each node of which knows the
 * largest gap under it. The classic of the field, written as tight as it goes: the range is part of
 * its node, neighbours are linked, nothing is allocated. Same questions and same answers as
 * mm/vmtree.h; a unit test asks both.
 *
 * The gap of a node is that below its range. So who inserts or erases a range changes the gap of
 * the one above too.
 */
#ifndef TESTS_BENCH_RBTREE_H
#define TESTS_BENCH_RBTREE_H

#include "kernel/base/types.h"

struct rb_range {
        u64 start, end, headroom;   /* as in struct vmtree_range */
        u64 gap;                    /* the largest of this range and all below it in the tree */
        struct rb_range *parent;    /* with RB_RED in the lowest bit */
        struct rb_range *child[2];  /* lower, higher addresses */
        struct rb_range *beside[2]; /* the range before, the range after */
};

struct rbtree {
        struct rb_range *root;
        u64 count;
};

/* The first range that ends above `addr`, or NULL. */
struct rb_range *rbtree_find(const struct rbtree *tree, u64 addr);

/* Add a range that overlaps none; start, end and headroom are filled in. */
void rbtree_insert(struct rbtree *tree, struct rb_range *range);
void rbtree_erase(struct rbtree *tree, struct rb_range *range);

/* As vmtree_gap_lowest() and vmtree_gap_highest(). */
bool rbtree_gap_lowest(const struct rbtree *tree, u64 lo, u64 hi, u64 len, u64 *at);
bool rbtree_gap_highest(const struct rbtree *tree, u64 lo, u64 hi, u64 len, u64 *at);

/* Panics if links, order, colours or gaps are not what they must be. */
void rbtree_validate(const struct rbtree *tree);

#endif
