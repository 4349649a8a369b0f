/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: where a gap is that fits. A search goes down into a child only if the child's
 * largest gap is long enough and the child meets the bounds. At most two children of a level reach
 * across a bound and can disappoint, so the cost is that of a few lookups.
 */
#include "mm/vmtree_node.h"

/* What a gap search looks for. */
struct gap_query {
        const struct vmtree *tree;
        u64 lo, hi, len;
        u64 at; /* the answer */
};

/* Does the hole [from, to), cut to the bounds, hold the length? */
static bool hole_fits(const struct gap_query *q, u64 from, u64 to)
{
        from = max_u64(from, q->lo);
        to = min_u64(to, q->hi);
        return to > from && to - from >= q->len;
}

/* Is it worth going down into the slot? */
static bool slot_may_fit(const struct vmtree_node *node, unsigned i, const struct gap_query *q)
{
        return node->level > 0 && node->gap[i] >= q->len && node->end[i] > q->lo &&
               node->low[i] < q->hi;
}

/* Lowest fit between ranges under `node`, and in the hole below it, which begins at `before`. */
static bool gap_up(struct vmtree_node *node, u64 before, struct gap_query *q)
{
        node_visit(q->tree, node);
        for (unsigned i = 0; i < node->count; i++) {
                if (hole_fits(q, before, slot_low(node, i))) {
                        q->at = max_u64(before, q->lo);
                        return true;
                }
                if (slot_may_fit(node, i, q) && gap_up(node->child[i], before, q))
                        return true;
                before = node->end[i];
                if (before >= q->hi)
                        return false;
        }
        return false;
}

bool vmtree_gap_lowest(const struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct gap_query q = { .tree = tree, .lo = lo, .hi = hi, .len = len };
        struct vmtree_node *root = tree->root;
        u64 last = root ? root->end[root->count - 1] : 0;
        bool found = root && gap_up(root, 0, &q);

        lookup_count(tree);
        if (found) {
                *at = q.at;
                return true;
        }
        *at = max_u64(last, lo);
        return hole_fits(&q, last, hi);
}

/* Highest fit between ranges under `node`, and in the hole above it, which ends at `after`. */
static bool gap_down(struct vmtree_node *node, u64 after, struct gap_query *q)
{
        node_visit(q->tree, node);
        for (unsigned i = node->count; i-- > 0;) {
                if (hole_fits(q, node->end[i], after)) {
                        q->at = min_u64(after, q->hi) - q->len;
                        return true;
                }
                if (node->end[i] <= q->lo)
                        return false;
                if (slot_may_fit(node, i, q) && gap_down(node->child[i], after, q))
                        return true;
                after = slot_low(node, i);
        }
        return false;
}

bool vmtree_gap_highest(const struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct gap_query q = { .tree = tree, .lo = lo, .hi = hi, .len = len };
        struct vmtree_node *root = tree->root;
        u64 first = root ? slot_low(root, 0) : hi;
        bool found = root && gap_down(root, hi, &q);

        lookup_count(tree);
        if (found) {
                *at = q.at;
                return true;
        }
        *at = min_u64(first, hi) - len;
        return hole_fits(&q, 0, first);
}
