/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: lookup and neighbours.
 *
 * One call on an address space looks up the same few places again and again: what it moves, where
 * to, and what lies beside them. So the tree remembers the leaves that it came to last, and a
 * lookup that one of them answers does not go down from the root. A leaf answers for all addresses
 * from the end of the leaf before it up to its own end:
 *
 *         before          leaf
 *      ...[18,20)   [31,32) [34,40)   [51,...
 *                |----------------|          answered by `leaf`
 *                |-----------|               ... here only if `before` is remembered too
 *
 * Remembering a leaf is one store, and whatever it holds is read anew each time; the only thing
 * that makes it forget is a leaf that is freed. So readers may do it side by side.
 */
#include "mm/vmtree_node.h"

/* ------------------------------------------------------------------ remembered leaves */

/* Where among the remembered leaves it is; their number if it is not. */
static unsigned index_of(const struct vmtree *tree, const struct vmtree_node *leaf)
{
        unsigned i = 0;

        while (i < VMTREE_RECENT && __atomic_load_n(&tree->recent[i], __ATOMIC_RELAXED) != leaf)
                i++;
        return i;
}

/*
 * Put a leaf first, in front of those that were before it. The tree may be const: what is counted
 * and remembered is none of what readers may not change.
 */
static void put_first(const struct vmtree *const_tree, struct vmtree_node *leaf, unsigned was)
{
        struct vmtree *tree = (struct vmtree *)const_tree;

        if (was == 0)
                return; /* readers on many processors may share the line as long as none stores */
        for (unsigned i = min_u64(was, VMTREE_RECENT - 1); i > 0; i--)
                __atomic_store_n(&tree->recent[i],
                                 __atomic_load_n(&tree->recent[i - 1], __ATOMIC_RELAXED),
                                 __ATOMIC_RELAXED);
        __atomic_store_n(&tree->recent[0], leaf, __ATOMIC_RELAXED);
}

void node_visit(const struct vmtree *tree, struct vmtree_node *node)
{
        unsigned i = VMTREE_RECENT;

        if (node->level == 0) {
                i = index_of(tree, node);
                put_first(tree, node, i);
        }
        if (i == VMTREE_RECENT && tree->work)
                atomic_add(&tree->work->nodes, 1);
}

void neighbours_visit(const struct vmtree *tree, const struct vmtree_node *leaf, bool before,
                      bool after)
{
        if (before && leaf->prev)
                node_visit(tree, leaf->prev);
        if (after && leaf->next)
                node_visit(tree, leaf->next);
}

void leaf_forget(struct vmtree *tree, const struct vmtree_node *leaf)
{
        for (unsigned i = 0; i < VMTREE_RECENT; i++) {
                if (tree->recent[i] == leaf)
                        tree->recent[i] = NULL;
        }
}

static bool answers(const struct vmtree *tree, const struct vmtree_node *leaf, u64 addr)
{
        const struct vmtree_node *prev = leaf->prev;

        if (leaf->next && addr >= leaf->end[leaf->count - 1])
                return false;
        if (!prev || addr >= leaf->start[0])
                return true;
        return index_of(tree, prev) < VMTREE_RECENT && addr >= prev->end[prev->count - 1];
}

/* The leaf used last, if the address lies in or between its ranges, as it does most often. */
static inline struct vmtree_node *leaf_last(const struct vmtree *tree, u64 addr)
{
        struct vmtree_node *last = __atomic_load_n(&tree->recent[0], __ATOMIC_RELAXED);

        return last && last->start[0] <= addr && addr < last->end[last->count - 1] ? last : NULL;
}

static struct vmtree_node *leaf_recall(const struct vmtree *tree, u64 addr)
{
        for (unsigned i = 0; i < VMTREE_RECENT; i++) {
                struct vmtree_node *leaf = __atomic_load_n(&tree->recent[i], __ATOMIC_RELAXED);

                if (leaf && answers(tree, leaf, addr)) {
                        put_first(tree, leaf, i);
                        return leaf;
                }
        }
        return NULL;
}

/* ------------------------------------------------------------------ lookup */

/* The leaf that answers for `addr`, from the root; the last one if `addr` lies beyond all. */
static struct vmtree_node *leaf_search(const struct vmtree *tree, u64 addr)
{
        struct vmtree_node *node = tree->root;

        while (node->level > 0) {
                unsigned i = slot_ending_above(node, addr);

                inner_visit(tree);
                node = node->child[i < node->count ? i : node->count - 1];
        }
        node_visit(tree, node);
        neighbours_visit(tree, node, addr < node->start[0], addr >= node->start[node->count - 1]);
        return node;
}

static inline struct vmtree_pos place_in(const struct vmtree *tree, struct vmtree_node *leaf,
                                         u64 addr)
{
        return (struct vmtree_pos){ leaf, slot_ending_above(leaf, addr), tree->shape };
}

/* Where the leaf used last does not answer. */
static __attribute__((noinline)) struct vmtree_pos place_search(const struct vmtree *tree, u64 addr)
{
        struct vmtree_node *leaf = leaf_recall(tree, addr);

        lookup_count(tree);
        if (!tree->root)
                return (struct vmtree_pos){ NULL, 0, tree->shape };
        return place_in(tree, leaf ? leaf : leaf_search(tree, addr), addr);
}

struct vmtree_pos vmtree_place(const struct vmtree *tree, u64 addr)
{
        struct vmtree_node *leaf = leaf_last(tree, addr);

        if (!leaf)
                return place_search(tree, addr);
        lookup_count(tree);
        return place_in(tree, leaf, addr);
}

static __attribute__((noinline)) void *find_by_search(const struct vmtree *tree, u64 addr,
                                                      struct vmtree_pos *pos)
{
        *pos = place_search(tree, addr);
        if (pos->leaf && pos->slot < pos->leaf->count)
                return pos->leaf->item[pos->slot];
        *pos = (struct vmtree_pos){ 0 };
        return NULL;
}

void *vmtree_find(const struct vmtree *tree, u64 addr, struct vmtree_pos *pos)
{
        struct vmtree_node *leaf = leaf_last(tree, addr);

        if (!leaf)
                return find_by_search(tree, addr, pos);
        lookup_count(tree);
        *pos = place_in(tree, leaf, addr);
        return leaf->item[pos->slot];
}

static __attribute__((noinline)) void *get_by_search(const struct vmtree *tree, u64 addr)
{
        struct vmtree_pos pos;
        void *item = find_by_search(tree, addr, &pos);

        return item && pos.leaf->start[pos.slot] <= addr ? item : NULL;
}

void *vmtree_get(const struct vmtree *tree, u64 addr)
{
        const struct vmtree_node *leaf = leaf_last(tree, addr);
        unsigned i;

        if (!leaf)
                return get_by_search(tree, addr);
        lookup_count(tree);
        i = slot_ending_above(leaf, addr);
        return leaf->start[i] <= addr ? leaf->item[i] : NULL;
}

void *vmtree_find_below(const struct vmtree *tree, u64 addr, struct vmtree_pos *pos)
{
        *pos = vmtree_place(tree, addr);
        if (!pos->leaf)
                return NULL;
        if (pos->slot < pos->leaf->count && pos->leaf->start[pos->slot] < addr)
                return pos->leaf->item[pos->slot];
        neighbours_visit(tree, pos->leaf, pos->slot == 0, false);
        return vmtree_prev(pos);
}

bool vmtree_is_apart(const struct vmtree_pos *pos)
{
        const struct vmtree_node *leaf = pos->leaf;
        unsigned i = pos->slot;

        return end_before(leaf, i) < leaf->start[i] && leaf->end[i] < start_after(leaf, i);
}

struct vmtree_range vmtree_at(const struct vmtree_pos *pos)
{
        const struct vmtree_node *leaf = pos->leaf;
        unsigned i = pos->slot;

        return (struct vmtree_range){ leaf->start[i], leaf->end[i], leaf->headroom[i],
                                      leaf->item[i] };
}
