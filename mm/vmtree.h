/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: disjoint ranges in order of address, each with an item of the caller's.
 *
 * A B+-tree. Leaves hold the ranges and are linked to their neighbours; an inner node holds, for
 * every child, what a search wants to know before it goes down:
 *
 *      end   where the last range under the child ends
 *      start where the first range under the child begins
 *      gap   the largest hole between two ranges under the child
 *
 *                          +----------------------------------+
 *              inner       | end 9        end 20              |
 *                          | low 2        low 12              |
 *                          | gap 3        gap 4               |
 *                          +--|-------------|-----------------+
 *                  +----------v---+     +---v--------------------+
 *      leaf        | [2,4)  [7,9) |<--->| [12,13) [17,18) [18,20)|
 *                  +--------------+     +------------------------+
 *
 * The hole between two children (here [9,12)) is kept nowhere: it is one child's `start` less
 * the `end` of the child before it. So a change to a leaf concerns its ancestors alone, never the
 * leaf beside it. A change tells them which hole it took away and which it made, and they look at
 * their other slots only if that was the largest, and go on only if it still matters.
 *
 * Headroom is a number of units that nobody may be given right below a range (the guard gap of a
 * stack). It ends at the next range below, however small the hole. A search for the highest gap
 * that comes to a hole that is long enough but for its headroom goes on below all that the headroom
 * would cover, whatever lies in it, because so does Linux. Lookup and neighbours know nothing of
 * headroom, and a range may be inserted into it.
 *
 * Insertion takes its nodes from a few that the tree has in reserve, where vmtree_reserve() saw to
 * it that there are enough, so it cannot fail; changing and erasing never need memory. What an
 * insertion leaves of the reserve is there for the next: most need no node at all. Addresses are
 * any u64 in which end > start holds.
 *
 * Costs: lookup, insertion, change, gap search O(log n); erasure O(log n) for every leaf touched;
 * next and previous O(1). A node is 512 bytes, eight cache lines, of which a search reads two.
 *
 * The tree remembers the few leaves that were used last (vmtree_find.c), and a search that one of
 * them answers stays there. A place that was found holds until the tree is
 * changed, and a range can be inserted, changed or erased there without another search. And the
 * tree remembers how far down from the top there is no room (vmtree_gap.c). `work` counts the nodes
 * come to otherwise: from the root down or from a leaf to the one beside it in searches, and up
 * again where a change makes summaries untrue.
 *
 * How many times faster it is than a red-black tree that keeps gaps (tests/bench/rbtree.h), as
 * `make bench-vmtree` found on a Xeon with gcc 12 and -O2:
 *
 *      ranges             10    1,000   60,000   1,000,000
 *      lookup           0.86     0.55     1.27        1.96
 *      lookup nearby    0.64     1.65     1.95        2.22   (16 about one place)
 *      lowest gap       0.46     0.85     1.60        2.11
 *      highest gap      0.49     0.89     1.37        1.71
 *      erase, insert    0.77     0.44     0.92        1.20
 *      iterate          0.33     1.18     7.15        7.50
 *      bytes a range   51/72    52/72    54/72       54/72
 *
 * So the red-black tree is quicker while all of it fits into the caches closest to the processor,
 * and pays for each node it comes to beyond them.
 *
 * Locks: none here. The mmap_lock of the address space guards its tree. Nodes that drop out are
 * freed at once; readers without the lock would need them kept for a grace period.
 * Not here: what a range means, which ranges merge (vma_merge.h).
 */
#ifndef MM_VMTREE_H
#define MM_VMTREE_H

#include "kernel/base/atomic.h"

/* How many searches there were, and how many nodes they and all changes came to. */
struct vmtree_work {
        atomic_t lookups, nodes;
};

#define VMTREE_RECENT 6 /* leaves that the tree remembers */

#define VMTREE_FAN 15 /* slots of a node: makes it 512 bytes, and one less than a power of two */

/* For the tree's own files, which explain it in vmtree_node.h, and the functions in place below. */
struct vmtree_node {
        struct vmtree_node *parent; /* NULL: the root; in reserve: the next spare node */
        struct vmtree_node *prev, *next;
        u16 level;
        u16 slot; /* of the parent that it is in */
        u32 count;
        u64 end[VMTREE_FAN]; /* ~0 in slots that are not in use */
        u64 start[VMTREE_FAN];
        union {
                u64 headroom[VMTREE_FAN];
                u64 gap[VMTREE_FAN];
        };
        union {
                void *item[VMTREE_FAN];
                struct vmtree_node *child[VMTREE_FAN];
        };
};

/*
 * What the last search for a highest gap has found out, and no change has made untrue since: of the
 * holes below ranges, those that begin below `hi` and whose range above starts above `above` are,
 * cut off at `hi`, all shorter than `len`.
 */
struct vmtree_full {
        u64 hi, above;
        u64 len; /* ~0: nothing is known */
};

struct vmtree {
        struct vmtree_node *root;                  /* NULL: empty */
        unsigned height;                           /* levels; 0: empty */
        u64 count;                                 /* ranges */
        struct vmtree_node *spare;                 /* in reserve, linked by their `parent` */
        unsigned nr_spare;                         /* how many */
        struct vmtree_work *work;                  /* counted there; NULL: not at all */
        struct vmtree_node *recent[VMTREE_RECENT]; /* leaves, that used last first; NULLs too */
        unsigned shape;                            /* another one after every change */
        struct vmtree_full full;
};

struct vmtree_range {
        u64 start, end; /* half open, not empty */
        u64 headroom;   /* same unit; larger than `start` means all the way down to 0 */
        void *item;     /* not NULL */
};

/*
 * A place in the tree: that of a range, or the one where a range would go. It holds until the tree
 * is changed; all zero it never does.
 */
struct vmtree_pos {
        struct vmtree_node *leaf; /* NULL: nowhere; or, where a range would go, an empty tree */
        unsigned slot;
        unsigned shape; /* of the tree when it was found */
};

static inline bool vmtree_pos_holds(const struct vmtree *tree, const struct vmtree_pos *pos)
{
        return pos->shape == tree->shape;
}

/* Makes the cache that nodes come from. Once, at boot. */
void vmtree_boot(void);

/* `work` may be NULL. */
void vmtree_init(struct vmtree *tree, struct vmtree_work *work);
/* Frees every node; the items are the caller's. */
void vmtree_destroy(struct vmtree *tree);

/*
 * Make sure that the tree as it is has enough nodes in reserve for `insertions` (at most 8),
 * whatever is changed or erased between. 0 or -ENOMEM, and then it has none.
 */
static inline int vmtree_reserve(struct vmtree *tree, unsigned insertions);
/* So that there are `need` nodes. */
int vmtree_reserve_nodes(struct vmtree *tree, unsigned need);
/* Give the reserve back. */
void vmtree_trim(struct vmtree *tree);

/* The first range that ends above `addr` (it may contain it); NULL and an empty pos if none. */
void *vmtree_find(const struct vmtree *tree, u64 addr, struct vmtree_pos *pos);
/* The range that contains `addr`; NULL if none. */
void *vmtree_get(const struct vmtree *tree, u64 addr);
/* The last range that starts below `addr`. */
void *vmtree_find_below(const struct vmtree *tree, u64 addr, struct vmtree_pos *pos);

/*
 * Where a range from `addr` on would go, if none is in its way: the place of the first range that
 * ends above `addr`, or behind the last one.
 */
struct vmtree_pos vmtree_place(const struct vmtree *tree, u64 addr);

/* Go to the neighbour and return its item; NULL and an empty pos past the end. */
static inline void *vmtree_next(struct vmtree_pos *pos)
{
        if (++pos->slot >= pos->leaf->count) {
                pos->leaf = pos->leaf->next;
                pos->slot = 0;
        }
        return pos->leaf ? pos->leaf->item[pos->slot] : NULL;
}

static inline void *vmtree_prev(struct vmtree_pos *pos)
{
        if (pos->slot > 0) {
                pos->slot--;
        } else {
                pos->leaf = pos->leaf->prev;
                pos->slot = pos->leaf ? pos->leaf->count - 1 : 0;
        }
        return pos->leaf ? pos->leaf->item[pos->slot] : NULL;
}

/* What is on both sides of such a place, below it and at or above it; NULL if nothing is. */
static inline void *vmtree_below(const struct vmtree_pos *place)
{
        struct vmtree_pos below = *place;

        return place->leaf ? vmtree_prev(&below) : NULL;
}

static inline void *vmtree_above(const struct vmtree_pos *place)
{
        return place->leaf && place->slot < place->leaf->count ? place->leaf->item[place->slot]
                                                               : NULL;
}

/* No other range touches the one at `pos`. */
bool vmtree_is_apart(const struct vmtree_pos *pos);

/* What is at a valid place. */
struct vmtree_range vmtree_at(const struct vmtree_pos *pos);

/* Add a range that overlaps none. There are nodes for it: vmtree_reserve(). */
void vmtree_insert(struct vmtree *tree, const struct vmtree_range *range);
/* The same where it has its place, which holds (vmtree_place()). */
void vmtree_insert_at(struct vmtree *tree, const struct vmtree_pos *place,
                      const struct vmtree_range *range);

/*
 * An empty tree is filled with ranges that come in order, each above those before:
 *
 *      vmtree_build_begin(&build, tree);
 *      while (there are more && vmtree_reserve(tree, 1) == 0)
 *              vmtree_build_add(&build, &range);
 *      vmtree_build_end(&build);
 *
 * It costs a fraction of as many insertions, and leaves full nodes. In between the tree is not to
 * be looked at.
 */
#define VMTREE_LEVELS 16 /* more than a tree of 2^52 ranges has */

struct vmtree_build {
        struct vmtree *tree;
        struct vmtree_node *last[VMTREE_LEVELS]; /* the one of each level that is being filled */
};

void vmtree_build_begin(struct vmtree_build *build, struct vmtree *tree);
void vmtree_build_add(struct vmtree_build *build, const struct vmtree_range *range);
void vmtree_build_end(struct vmtree_build *build);

/* Change bounds, headroom or item of the range at `pos`, which goes on to hold. Its order among the
 * others stays. */
void vmtree_set(struct vmtree *tree, struct vmtree_pos *pos, const struct vmtree_range *range);

/* Remove every range that lies within [start, end); none may reach across a bound. */
void vmtree_erase(struct vmtree *tree, u64 start, u64 end);
/* Remove the one at a place that holds. */
void vmtree_erase_at(struct vmtree *tree, const struct vmtree_pos *pos);

/* One range in place of all that lie within it; none may reach across a bound. */
void vmtree_replace(struct vmtree *tree, const struct vmtree_range *range);

/*
 * The lowest (highest) `at` with lo <= at, at + len <= hi, such that [at, at + len) meets no range
 * and no range's headroom (see above). False if there is none. len > 0.
 */
bool vmtree_gap_lowest(const struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at);
bool vmtree_gap_highest(struct vmtree *tree, u64 lo, u64 hi, u64 len, u64 *at);

/* Panics if a node's links, order, fill or summary are not what they must be. */
void vmtree_validate(const struct vmtree *tree);

static inline int vmtree_reserve(struct vmtree *tree, unsigned insertions)
{
        unsigned need = insertions * (tree->height + 1);

        return tree->nr_spare < need ? vmtree_reserve_nodes(tree, need) : 0;
}

#endif
