/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: where a gap is that fits. The hole below a range is looked at together with the
 * range: a search goes down into a child if the largest gap under it, or the hole between it and
 * the child before, is long enough. At most two children of a level reach across a bound and can
 * disappoint, so the cost is that of a few lookups, and of one more for each hole that would fit
 * but for the headroom of the range above.
 *
 * Whoever maps and unmaps again and again asks for the highest gap again and again, and mostly
 * finds it where the one before was. That place is remembered, and of how long a gap it is known
 * that there is none above (struct vmtree_full). A search for as long a one begins there.
 *
 *      hi       above                              ranges, and holes of 1, but for the last
 *      |. # . # . #..........# . #
 *
 * A hole above it that a change makes, if it is long enough, raises `above`. Room at the very top,
 * above all ranges, is looked at each time.
 */
#include "mm/vmtree_node.h"

/* What a gap search looks for. */
struct gap_query {
        const struct vmtree *tree;
        u64 lo, hi, len;
        u64 at;  /* the answer */
        u64 top; /* downwards: start of the range above the hole that it is in */
};

/* Does the hole [from, to), cut to the bounds, hold the length? */
static bool hole_fits(const struct gap_query *q, u64 from, u64 to)
{
        from = max_u64(from, q->lo);
        to = min_u64(to, q->hi);
        return to > from && to - from >= q->len;
}

/* A gap that fits may lie under the child of slot `i`, or below it from `from` on. */
static bool slot_may_fit(const struct vmtree_node *node, unsigned i, u64 from,
                         const struct gap_query *q)
{
        return node->gap[i] >= q->len || hole_fits(q, from, node->start[i]);
}

/* Where the headroom of a range begins. */
static u64 slot_low(const struct vmtree_node *leaf, unsigned i)
{
        return leaf->start[i] > leaf->headroom[i] ? leaf->start[i] - leaf->headroom[i] : 0;
}

static void gap_visit(const struct gap_query *q, struct vmtree_node *node)
{
        if (node->level > 0)
                inner_visit(q->tree);
        else
                node_visit(q->tree, node);
}

/* ------------------------------------------------------------------ upwards */

static bool slot_up(const struct vmtree_node *leaf, unsigned i, u64 from, struct gap_query *q)
{
        q->at = max_u64(from, q->lo);
        return hole_fits(q, from, slot_low(leaf, i));
}

/* Lowest fit below the ranges under `node`, of which the first has a hole from `before` on. */
static bool gap_up(struct vmtree_node *node, u64 before, struct gap_query *q)
{
        gap_visit(q, node);
        for (unsigned i = 0; i < node->count; i++) {
                u64 from = i > 0 ? node->end[i - 1] : before;

                if (from >= q->hi)
                        return false;
                if (node->end[i] <= q->lo)
                        continue;
                if (node->level == 0
                            ? slot_up(node, i, from, q)
                            : slot_may_fit(node, i, from, q) && gap_up(node->child[i], from, q))
                        return true;
        }
        return false;
}

bool vmtree_gap_lowest(const struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct gap_query q = { .tree = tree, .lo = lo, .hi = hi, .len = len };
        struct vmtree_node *root = tree->root;
        u64 last = root ? root->end[root->count - 1] : 0;

        lookup_count(tree);
        if (root && gap_up(root, 0, &q)) {
                *at = q.at;
                return true;
        }
        *at = max_u64(last, lo);
        return hole_fits(&q, last, hi);
}

/* ------------------------------------------------------------------ downwards */

/* A hole that fits but for the headroom above it: the search goes on below all of the headroom. */
static bool slot_down(const struct vmtree_node *leaf, unsigned i, u64 from, struct gap_query *q)
{
        u64 low = slot_low(leaf, i);

        if (!hole_fits(q, from, leaf->start[i]))
                return false;
        if (leaf->headroom[i] > 0)
                q->hi = min_u64(q->hi, low);
        q->at = min_u64(leaf->start[i], q->hi) - q->len;
        q->top = leaf->start[i];
        return hole_fits(q, from, leaf->start[i]);
}

/* Highest fit, likewise, below slot `i` and those before it. */
static bool slots_down(struct vmtree_node *node, unsigned i, u64 before, struct gap_query *q);

static bool gap_down(struct vmtree_node *node, u64 before, struct gap_query *q)
{
        unsigned i = slot_ending_above(node, q->hi - 1); /* those behind it have no hole below hi */

        gap_visit(q, node);
        return slots_down(node, i < node->count ? i : i - 1, before, q);
}

static bool slots_down(struct vmtree_node *node, unsigned i, u64 before, struct gap_query *q)
{
        for (;; i--) {
                u64 from = i > 0 ? node->end[i - 1] : before;

                if (node->end[i] <= q->lo)
                        return false;
                if (from < q->hi && (node->level == 0 ? slot_down(node, i, from, q)
                                                      : slot_may_fit(node, i, from, q) &&
                                                                gap_down(node->child[i], from, q)))
                        return true;
                if (i == 0)
                        return false;
        }
}

/* The same in one leaf, where the search before this one ended: nothing above it is long enough. */
static bool gap_down_near(struct vmtree *tree, struct gap_query *q)
{
        const struct vmtree_full *full = &tree->full;
        struct vmtree_pos place;
        struct vmtree_node *leaf;

        if (full->len > q->len || full->hi != q->hi)
                return false;
        place = vmtree_place(tree, full->above);
        leaf = place.leaf;
        if (place.slot == leaf->count)
                place.slot--;
        return slots_down(leaf, place.slot, leaf->prev ? leaf->prev->end[leaf->prev->count - 1] : 0,
                          q);
}

bool vmtree_gap_highest(struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct gap_query q = { .tree = tree, .lo = lo, .hi = hi, .len = len };
        struct vmtree_node *root = tree->root;
        u64 last = root ? root->end[root->count - 1] : 0;

        lookup_count(tree);
        *at = hi - len;
        if (hole_fits(&q, last, hi))
                return true;
        if (!root || hi <= lo || !(gap_down_near(tree, &q) || gap_down(root, 0, &q)))
                return false;
        *at = q.at;
        /* If a hole was passed for its headroom, there is room above. At the same place as before,
         * what is known is worth more. */
        if (q.hi == hi &&
            (q.top != tree->full.above || len < tree->full.len || hi != tree->full.hi))
                tree->full = (struct vmtree_full){ .hi = hi, .above = q.top, .len = len };
        return true;
}
