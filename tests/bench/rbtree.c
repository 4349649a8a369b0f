/* SPDX-License-Identifier: MIT */
/*
 * A red-black tree with gaps: rbtree.h.
 *
 * Invariants: the root is black, a red node's children are black, and every way down from the root
 * passes the same number of black nodes. A node's gap is the largest of its own and its children's.
 */
#include "tests/bench/rbtree.h"

#include "kernel/base/assert.h"

#define RB_RED 1UL

/* ------------------------------------------------------------------ colours and gaps */

static struct rb_range *parent_of(const struct rb_range *n)
{
        return (struct rb_range *)((unsigned long)n->parent & ~RB_RED);
}

static bool is_red(const struct rb_range *n)
{
        return n && ((unsigned long)n->parent & RB_RED);
}

static void set_parent(struct rb_range *n, struct rb_range *parent)
{
        n->parent =
                (struct rb_range *)((unsigned long)parent | ((unsigned long)n->parent & RB_RED));
}

static void set_red(struct rb_range *n, bool red)
{
        n->parent = (struct rb_range *)((unsigned long)parent_of(n) | (red ? RB_RED : 0));
}

static u64 low_of(const struct rb_range *n)
{
        return n->start > n->headroom ? n->start - n->headroom : 0;
}

static u64 end_before(const struct rb_range *n)
{
        return n->beside[0] ? n->beside[0]->end : 0;
}

static u64 gap_of(const struct rb_range *n)
{
        u64 gap = n->start - end_before(n);

        for (unsigned side = 0; side < 2; side++) {
                if (n->child[side])
                        gap = max_u64(gap, n->child[side]->gap);
        }
        return gap;
}

/* Bring the gaps from `n` to the root up to date, as far as they change. */
static void mend_gaps(struct rb_range *n)
{
        for (; n; n = parent_of(n)) {
                u64 gap = gap_of(n);

                if (gap == n->gap)
                        return;
                n->gap = gap;
        }
}

/* ------------------------------------------------------------------ shape */

/* `by` (or nothing) takes the place of `n` under its parent. */
static void replace(struct rbtree *tree, struct rb_range *n, struct rb_range *by)
{
        struct rb_range *parent = parent_of(n);

        if (!parent)
                tree->root = by;
        else
                parent->child[parent->child[1] == n] = by;
        if (by)
                set_parent(by, parent);
}

/* The child on the other side comes up, and `n` goes down to `side`. */
static void rotate(struct rbtree *tree, struct rb_range *n, unsigned side)
{
        struct rb_range *up = n->child[!side], *middle = up->child[side];

        replace(tree, n, up);
        n->child[!side] = middle;
        if (middle)
                set_parent(middle, n);
        up->child[side] = n;
        set_parent(n, up);
        n->gap = gap_of(n);
        up->gap = gap_of(up);
}

/* ------------------------------------------------------------------ insertion */

/* `n` is red, and so may its parent be. */
static void mend_red(struct rbtree *tree, struct rb_range *n)
{
        struct rb_range *parent, *top, *uncle;

        while (is_red(parent = parent_of(n))) {
                unsigned side;

                top = parent_of(parent);
                side = top->child[1] == parent;
                uncle = top->child[!side];
                if (is_red(uncle)) {
                        set_red(parent, false);
                        set_red(uncle, false);
                        set_red(top, true);
                        n = top;
                        continue;
                }
                if (parent->child[!side] == n) {
                        rotate(tree, parent, side);
                        parent = n;
                }
                set_red(parent, false);
                set_red(top, true);
                rotate(tree, top, !side);
                break;
        }
        set_red(tree->root, false);
}

/* Between its neighbours; the last node on the way down is one of them. */
static void link_beside(struct rb_range *n, struct rb_range *parent, unsigned side)
{
        n->beside[!side] = parent;
        n->beside[side] = parent ? parent->beside[side] : NULL;
        for (unsigned i = 0; i < 2; i++) {
                if (n->beside[i])
                        n->beside[i]->beside[!i] = n;
        }
}

void rbtree_insert(struct rbtree *tree, struct rb_range *n)
{
        struct rb_range *parent = NULL, *at = tree->root;
        unsigned side = 0;

        while (at) {
                parent = at;
                side = n->start >= at->end;
                at = at->child[side];
        }
        n->child[0] = n->child[1] = NULL;
        n->parent = NULL;
        set_red(n, true);
        set_parent(n, parent);
        if (parent)
                parent->child[side] = n;
        else
                tree->root = n;
        link_beside(n, parent, side);
        n->gap = gap_of(n);
        mend_gaps(parent);
        mend_gaps(n->beside[1]);
        mend_red(tree, n);
        tree->count++;
}

/* ------------------------------------------------------------------ erasure */

/* The ways through `n`, which may be NULL, under `parent` lack a black node. */
static void mend_black(struct rbtree *tree, struct rb_range *n, struct rb_range *parent)
{
        while (n != tree->root && !is_red(n)) {
                unsigned side = parent->child[1] == n;
                struct rb_range *brother = parent->child[!side];

                if (is_red(brother)) {
                        set_red(brother, false);
                        set_red(parent, true);
                        rotate(tree, parent, side);
                        brother = parent->child[!side];
                }
                if (!is_red(brother->child[0]) && !is_red(brother->child[1])) {
                        set_red(brother, true);
                        n = parent;
                        parent = parent_of(n);
                        continue;
                }
                if (!is_red(brother->child[!side])) {
                        set_red(brother->child[side], false);
                        set_red(brother, true);
                        rotate(tree, brother, !side);
                        brother = parent->child[!side];
                }
                set_red(brother, is_red(parent));
                set_red(parent, false);
                set_red(brother->child[!side], false);
                rotate(tree, parent, side);
                return;
        }
        if (n)
                set_red(n, false);
}

/* Take the next range out of its place and put it in the place of `n`. What is to be mended... */
struct wound {
        struct rb_range *n, *parent; /* ... here, ... */
        bool was_red;                /* ... if the node that went was black */
};

static struct wound put_next_in_place(struct rbtree *tree, struct rb_range *n)
{
        struct rb_range *next = n->beside[1];
        struct wound wound = { next->child[1], next, is_red(next) };

        if (parent_of(next) != n) {
                wound.parent = parent_of(next);
                replace(tree, next, next->child[1]);
                next->child[1] = n->child[1];
                set_parent(next->child[1], next);
        }
        next->child[0] = n->child[0];
        set_parent(next->child[0], next);
        replace(tree, n, next);
        set_red(next, is_red(n));
        next->gap = n->gap; /* what is known above; mend_gaps() compares with it */
        return wound;
}

void rbtree_erase(struct rbtree *tree, struct rb_range *n)
{
        struct rb_range *prev = n->beside[0], *next = n->beside[1];
        struct wound wound = { n->child[0] ? n->child[0] : n->child[1], parent_of(n), is_red(n) };

        if (n->child[0] && n->child[1])
                wound = put_next_in_place(tree, n);
        else
                replace(tree, n, wound.n);
        if (prev)
                prev->beside[1] = next;
        if (next)
                next->beside[0] = prev;
        mend_gaps(wound.parent);
        mend_gaps(next);
        if (!wound.was_red)
                mend_black(tree, wound.n, wound.parent);
        tree->count--;
}

/* ------------------------------------------------------------------ questions */

struct rb_range *rbtree_find(const struct rbtree *tree, u64 addr)
{
        struct rb_range *n = tree->root, *found = NULL;

        while (n) {
                if (n->end > addr) {
                        found = n;
                        if (n->start <= addr)
                                break;
                        n = n->child[0];
                } else {
                        n = n->child[1];
                }
        }
        return found;
}

struct rb_query {
        u64 lo, hi, len, at;
};

/* The hole [from, to), cut to the bounds, holds the length. */
static bool hole_fits(const struct rb_query *q, u64 from, u64 to)
{
        from = max_u64(from, q->lo);
        to = min_u64(to, q->hi);
        return to > from && to - from >= q->len;
}

static bool gap_up(const struct rb_range *n, struct rb_query *q)
{
        if (!n || n->gap < q->len)
                return false;
        if (n->start > q->lo && gap_up(n->child[0], q))
                return true;
        if (hole_fits(q, end_before(n), low_of(n))) {
                q->at = max_u64(end_before(n), q->lo);
                return true;
        }
        return n->end < q->hi && gap_up(n->child[1], q);
}

static bool gap_down(const struct rb_range *n, struct rb_query *q)
{
        if (!n || n->gap < q->len)
                return false;
        if (n->end < q->hi && gap_down(n->child[1], q))
                return true;
        if (hole_fits(q, end_before(n), n->start)) {
                if (n->headroom > 0)
                        q->hi = min_u64(q->hi, low_of(n));
                q->at = min_u64(n->start, q->hi) - q->len;
                if (hole_fits(q, end_before(n), n->start))
                        return true;
        }
        return n->start > q->lo && gap_down(n->child[0], q);
}

static u64 end_of_all(const struct rbtree *tree)
{
        const struct rb_range *n = tree->root;

        while (n && n->child[1])
                n = n->child[1];
        return n ? n->end : 0;
}

bool rbtree_gap_lowest(const struct rbtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct rb_query q = { .lo = lo, .hi = hi, .len = len };
        u64 end;

        if (gap_up(tree->root, &q)) {
                *at = q.at;
                return true;
        }
        end = end_of_all(tree);
        *at = max_u64(end, lo);
        return hole_fits(&q, end, hi);
}

bool rbtree_gap_highest(const struct rbtree *tree, u64 lo, u64 hi, u64 len, u64 *at)
{
        struct rb_query q = { .lo = lo, .hi = hi, .len = len };
        bool above = hole_fits(&q, end_of_all(tree), hi);

        *at = hi - len;
        if (above)
                return true;
        if (!gap_down(tree->root, &q))
                return false;
        *at = q.at;
        return true;
}

/* ------------------------------------------------------------------ validation */

/* Black nodes on every way down from `n`. */
static unsigned validate_node(const struct rb_range *n, const struct rb_range **last)
{
        unsigned black[2] = { 0 };

        CHECK(n->start < n->end && n->gap == gap_of(n));
        for (unsigned side = 0; side < 2; side++) {
                const struct rb_range *child = n->child[side];

                CHECK(!child || parent_of(child) == n);
                CHECK(!is_red(n) || !is_red(child));
                if (child)
                        black[side] = validate_node(child, last);
                if (side == 0) {
                        CHECK(n->beside[0] == *last);
                        CHECK(!*last || ((*last)->beside[1] == n && (*last)->end <= n->start));
                        *last = n;
                }
        }
        CHECK(black[0] == black[1]);
        return black[0] + !is_red(n);
}

void rbtree_validate(const struct rbtree *tree)
{
        const struct rb_range *last = NULL;

        if (!tree->root)
                return;
        CHECK(!is_red(tree->root) && !parent_of(tree->root));
        validate_node(tree->root, &last);
        CHECK(!last->beside[1]);
}
