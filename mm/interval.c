/* SPDX-License-Identifier: MIT */
/* The interval tree: interval.h. Every function on a subtree returns what its root is afterwards.
 */
#include "mm/interval.h"

#include "kernel/base/assert.h"

static bool comes_before(const struct interval *a, const struct interval *b)
{
        return a->first < b->first || (a->first == b->first && a->ticket < b->ticket);
}

static unsigned height_of(const struct interval *node)
{
        return node ? node->height : 0;
}

/* What a node knows of its subtree, from its children. */
static void sum_up(struct interval *node)
{
        const struct interval *a = node->below[0], *b = node->below[1];

        node->height = 1 + max_u64(height_of(a), height_of(b));
        node->most = node->last;
        if (a)
                node->most = max_u64(node->most, a->most);
        if (b)
                node->most = max_u64(node->most, b->most);
}

/* ------------------------------------------------------------------ balance */

/*
 *         node                 up
 *        /    \               /  \
 *       x      up     ->   node   z        (side 1; side 0 is its mirror image)
 *             /  \         /  \
 *            y    z       x    y
 */
static struct interval *lift(struct interval *node, unsigned side)
{
        struct interval *up = node->below[side];

        node->below[side] = up->below[!side];
        up->below[!side] = node;
        sum_up(node);
        sum_up(up);
        return up;
}

/* A subtree whose two sides differ in height by two at most, made to differ by one at most. */
static struct interval *rebalance(struct interval *node)
{
        unsigned heights[2] = { height_of(node->below[0]), height_of(node->below[1]) };
        unsigned side = heights[1] > heights[0];
        struct interval *tall = node->below[side];

        sum_up(node);
        if (heights[side] - heights[!side] < 2)
                return node;
        /* What leans inwards would only change sides: make it lean outwards first. */
        if (height_of(tall->below[!side]) > height_of(tall->below[side]))
                node->below[side] = lift(tall, !side);
        return lift(node, side);
}

/* ------------------------------------------------------------------ insert, erase */

static struct interval *insert_below(struct interval *node, struct interval *new)
{
        unsigned side;

        if (!node)
                return new;
        side = comes_before(node, new);
        node->below[side] = insert_below(node->below[side], new);
        return rebalance(node);
}

void interval_insert(struct interval_tree *tree, struct interval *node)
{
        ASSERT(node->first <= node->last && node->height == 0);
        node->ticket = tree->tickets++;
        node->below[0] = node->below[1] = NULL;
        sum_up(node);
        tree->root = insert_below(tree->root, node);
}

/* Take the first node out of a subtree; it goes to *first. */
static struct interval *erase_first(struct interval *node, struct interval **first)
{
        if (!node->below[0]) {
                *first = node;
                return node->below[1];
        }
        node->below[0] = erase_first(node->below[0], first);
        return rebalance(node);
}

/* The subtree without its root: the node that comes next takes its place. */
static struct interval *erase_root(struct interval *node)
{
        struct interval *heir, *after;

        if (!node->below[1])
                return node->below[0];
        after = erase_first(node->below[1], &heir);
        heir->below[0] = node->below[0];
        heir->below[1] = after;
        return rebalance(heir);
}

static struct interval *erase_below(struct interval *node, struct interval *old)
{
        unsigned side;

        CHECK(node);
        if (node == old)
                return erase_root(node);
        side = comes_before(node, old);
        node->below[side] = erase_below(node->below[side], old);
        return rebalance(node);
}

void interval_erase(struct interval_tree *tree, struct interval *node)
{
        tree->root = erase_below(tree->root, node);
        node->height = 0;
}

void interval_extend(struct interval_tree *tree, struct interval *node, u64 last)
{
        struct interval *at = tree->root;

        ASSERT(last >= node->last);
        while (at != node) {
                CHECK(at);
                at->most = max_u64(at->most, last);
                at = at->below[comes_before(at, node)];
        }
        node->last = last;
        node->most = max_u64(node->most, last);
}

bool interval_contains(const struct interval_tree *tree, const struct interval *node)
{
        const struct interval *at = tree->root;

        while (at && at != node)
                at = at->below[comes_before(at, node)];
        return at;
}

/* ------------------------------------------------------------------ visit */

static bool visit_below(struct interval *node, u64 first, u64 last, interval_visitor *visit,
                        void *arg)
{
        if (!node || node->most < first)
                return true;
        if (!visit_below(node->below[0], first, last, visit, arg))
                return false;
        if (node->first > last)
                return true;
        if (node->last >= first && !visit(node, arg))
                return false;
        return visit_below(node->below[1], first, last, visit, arg);
}

bool interval_visit(const struct interval_tree *tree, u64 first, u64 last, interval_visitor *visit,
                    void *arg)
{
        return visit_below(tree->root, first, last, visit, arg);
}

/* ------------------------------------------------------------------ validate */

static u64 validate_below(const struct interval *node)
{
        unsigned heights[2];
        struct interval was;
        u64 nr = 1;

        if (!node)
                return 0;
        for (unsigned side = 0; side < 2; side++) {
                const struct interval *child = node->below[side];

                nr += validate_below(child);
                heights[side] = height_of(child);
                CHECK(!child || comes_before(child, node) == (side == 0));
        }
        CHECK(node->first <= node->last);
        CHECK(heights[0] <= heights[1] + 1 && heights[1] <= heights[0] + 1);
        was = *node;
        sum_up(&was);
        CHECK(was.most == node->most && was.height == node->height);
        return nr;
}

static bool check_order(struct interval *node, void *arg)
{
        struct interval **previous = arg;

        CHECK(!*previous || comes_before(*previous, node));
        *previous = node;
        return true;
}

u64 interval_validate(const struct interval_tree *tree)
{
        struct interval *previous = NULL;

        interval_visit(tree, 0, ~0ULL, check_order, &previous);
        return validate_below(tree->root);
}
