/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: making room, insertion, erasure. vmtree.h has the picture, vmtree_node.h the node;
 * lookups are in vmtree_find.c, gap searches in vmtree_gap.c, filling an empty tree in
 * vmtree_build.c.
 *
 * Invariants, checked by vmtree_validate():
 *   all leaves are at level 0, the root is at level height - 1; child->level == level - 1;
 *   every node but the root holds FILL_MIN to FAN slots, an inner root at least two;
 *   slots ascend and do not overlap; each inner slot equals the summary of its child;
 *   next and prev chain the leaves in order.
 */
#include "mm/vmtree.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/slab.h"
#include "mm/vmtree_node.h"

/* A node that drops out is kept in reserve if there are fewer: it may soon be needed again. */
#define SPARES_KEPT 4

static struct slab_cache *node_cache;

void vmtree_boot(void)
{
        node_cache = slab_cache_create("vmtree_node", sizeof(struct vmtree_node), 64);
}

void vmtree_init(struct vmtree *tree, struct vmtree_work *work)
{
        tree->work = work;
        tree->spare = NULL;
        tree->nr_spare = 0;
        tree->root = NULL;
        tree->height = 0;
        tree->count = 0;
        for (unsigned i = 0; i < VMTREE_RECENT; i++)
                tree->recent[i] = NULL;
}

/* ------------------------------------------------------------------ nodes in reserve */

static void spare_add(struct vmtree *tree, struct vmtree_node *node)
{
        node->parent = tree->spare;
        tree->spare = node;
        tree->nr_spare++;
}

static struct vmtree_node *spare_take(struct vmtree *tree)
{
        struct vmtree_node *node = tree->spare;

        CHECK(node);
        tree->spare = node->parent;
        tree->nr_spare--;
        return node;
}

void vmtree_trim(struct vmtree *tree)
{
        while (tree->spare)
                slab_free(node_cache, spare_take(tree));
}

static void node_destroy(struct vmtree_node *node)
{
        if (node->level > 0) {
                for (unsigned i = 0; i < node->count; i++)
                        node_destroy(node->child[i]);
        }
        slab_free(node_cache, node);
}

void vmtree_destroy(struct vmtree *tree)
{
        if (tree->root)
                node_destroy(tree->root);
        vmtree_trim(tree);
        vmtree_init(tree, tree->work);
}

/*
 * One insertion splits at most a node on every level and adds a root. Later ones find half-empty
 * nodes where earlier ones split, and a root with two slots, so the same number serves each.
 */
int vmtree_reserve(struct vmtree *tree, unsigned insertions)
{
        unsigned need = insertions * (tree->height + 1);

        ASSERT(insertions <= 8);
        while (tree->nr_spare < need) {
                struct vmtree_node *node = slab_alloc(node_cache);

                if (!node) {
                        vmtree_trim(tree);
                        return -ENOMEM;
                }
                spare_add(tree, node);
        }
        return 0;
}

struct vmtree_node *node_take(struct vmtree *tree, unsigned level)
{
        struct vmtree_node *node = spare_take(tree);

        node->parent = node->prev = node->next = NULL;
        node->level = level;
        node->count = 0;
        return node;
}

/* ------------------------------------------------------------------ slots */

static unsigned slot_of_child(const struct vmtree_node *parent, const struct vmtree_node *child)
{
        unsigned i = 0;

        while (parent->child[i] != child)
                i++;
        return i;
}

/* Bring the parent's slot for `child` up to date; false if it was already. */
static bool slot_refresh(struct vmtree_node *parent, struct vmtree_node *child)
{
        unsigned i = slot_of_child(parent, child);
        u64 end = child->end[child->count - 1];
        u64 start = child->start[0];
        u64 gap = node_gap(child);

        if (parent->end[i] == end && parent->start[i] == start && parent->gap[i] == gap)
                return false;
        parent->end[i] = end;
        parent->start[i] = start;
        parent->gap[i] = gap;
        return true;
}

static void refresh_ancestors(struct vmtree *tree, struct vmtree_node *node)
{
        while (node->parent && slot_refresh(node->parent, node)) {
                node = node->parent;
                node_visit(tree, node);
        }
}

/* Copy n slots; the rows may be of one node and may overlap. */
static void slots_copy(struct vmtree_node *dst, unsigned to, struct vmtree_node *src, unsigned from,
                       unsigned n)
{
        memmove(&dst->end[to], &src->end[from], n * sizeof(u64));
        memmove(&dst->start[to], &src->start[from], n * sizeof(u64));
        memmove(&dst->headroom[to], &src->headroom[from], n * sizeof(u64));
        memmove(&dst->item[to], &src->item[from], n * sizeof(void *));
        if (dst->level > 0) {
                for (unsigned i = to; i < to + n; i++)
                        dst->child[i]->parent = dst;
        }
}

static void slots_open(struct vmtree_node *node, unsigned at)
{
        slots_copy(node, at + 1, node, at, node->count - at);
        node->count++;
}

static void slots_close(struct vmtree_node *node, unsigned at, unsigned n)
{
        slots_copy(node, at, node, at + n, node->count - at - n);
        node->count -= n;
}

static void slot_write(struct vmtree_node *leaf, unsigned i, const struct vmtree_range *range)
{
        leaf->start[i] = range->start;
        leaf->end[i] = range->end;
        leaf->headroom[i] = range->headroom;
        leaf->item[i] = range->item;
}

/* ------------------------------------------------------------------ insertion */

static void link_leaf_after(struct vmtree_node *left, struct vmtree_node *right)
{
        right->prev = left;
        right->next = left->next;
        if (left->next)
                left->next->prev = right;
        left->next = right;
}

static void unlink_leaf(struct vmtree_node *leaf)
{
        if (leaf->prev)
                leaf->prev->next = leaf->next;
        if (leaf->next)
                leaf->next->prev = leaf->prev;
}

/* A root above the present one, with it as its only child for a moment. */
static void grow_root(struct vmtree *tree)
{
        struct vmtree_node *old = tree->root;
        struct vmtree_node *root = node_take(tree, old->level + 1);

        root->child[0] = old;
        root->count = 1;
        old->parent = root;
        tree->root = root;
        tree->height++;
        slot_refresh(root, old);
}

/*
 * Split a full node in two, making room above first where there is none. The upper half moves to
 * the new node on the right, which is returned.
 */
static struct vmtree_node *split_node(struct vmtree *tree, struct vmtree_node *node)
{
        struct vmtree_node *right, *parent;
        unsigned half = FAN / 2 + 1, at;

        if (!node->parent)
                grow_root(tree);
        else if (node->parent->count == FAN)
                split_node(tree, node->parent);
        parent = node->parent;
        node_visit(tree, parent);

        right = node_take(tree, node->level);
        slots_copy(right, 0, node, half, FAN - half);
        right->count = FAN - half;
        node->count = half;
        if (node->level == 0)
                link_leaf_after(node, right);

        at = slot_of_child(parent, node) + 1;
        slots_open(parent, at);
        parent->child[at] = right;
        right->parent = parent;
        slot_refresh(parent, right);
        slot_refresh(parent, node); /* the two add up to what the ancestors know already */
        node_visit(tree, right);
        return right;
}

void vmtree_insert(struct vmtree *tree, const struct vmtree_range *range)
{
        struct vmtree_pos place;
        struct vmtree_node *leaf;
        unsigned i;

        ASSERT(range->start < range->end && range->item);
        place = place_find(tree, range->start);
        if (!place.leaf) {
                place.leaf = tree->root = node_take(tree, 0);
                tree->height = 1;
        }
        leaf = place.leaf;
        i = place.slot;
        if (leaf->count == FAN) {
                struct vmtree_node *right = split_node(tree, leaf);

                if (i > leaf->count) {
                        i -= leaf->count;
                        leaf = right;
                }
        }
        ASSERT(i == leaf->count || range->end <= leaf->start[i]);
        slots_open(leaf, i);
        slot_write(leaf, i, range);
        refresh_ancestors(tree, leaf);
        tree->count++;
}

void vmtree_set(struct vmtree *tree, const struct vmtree_pos *pos, const struct vmtree_range *range)
{
        struct vmtree_pos prev = *pos, next = *pos;

        ASSERT(tree->root && range->start < range->end && range->item);
        ASSERT(!vmtree_prev(&prev) || vmtree_at(&prev).end <= range->start);
        ASSERT(!vmtree_next(&next) || range->end <= vmtree_at(&next).start);
        slot_write(pos->leaf, pos->slot, range);
        refresh_ancestors(tree, pos->leaf);
}

/* ------------------------------------------------------------------ erasure */

static void free_node(struct vmtree *tree, struct vmtree_node *node)
{
        if (node->level == 0) {
                unlink_leaf(node);
                leaf_forget(tree, node);
        }
        if (tree->nr_spare < SPARES_KEPT)
                spare_add(tree, node);
        else
                slab_free(node_cache, node);
}

/* The root has lost slots: an inner root with one child gives way to it, an empty leaf goes. */
static void shrink_root(struct vmtree *tree)
{
        struct vmtree_node *root = tree->root;

        while (root->level > 0 && root->count == 1) {
                tree->root = root->child[0];
                tree->root->parent = NULL;
                tree->height--;
                free_node(tree, root);
                root = tree->root;
        }
        if (root->count == 0) {
                tree->root = NULL;
                tree->height = 0;
                free_node(tree, root);
        }
}

void even_out(struct vmtree *tree, struct vmtree_node *left, struct vmtree_node *right)
{
        struct vmtree_node *parent = left->parent;
        unsigned sum = left->count + right->count;

        node_visit(tree, left);
        node_visit(tree, right);
        if (sum <= FAN) {
                slots_copy(left, left->count, right, 0, right->count);
                left->count = sum;
                slots_close(parent, slot_of_child(parent, right), 1);
                free_node(tree, right);
        } else if (left->count > right->count) {
                unsigned n = (left->count - right->count) / 2;

                slots_copy(right, n, right, 0, right->count);
                slots_copy(right, 0, left, left->count - n, n);
                left->count -= n;
                right->count += n;
                slot_refresh(parent, right);
        } else {
                unsigned n = (right->count - left->count) / 2;

                slots_copy(left, left->count, right, 0, n);
                left->count += n;
                slots_close(right, 0, n);
                slot_refresh(parent, right);
        }
        slot_refresh(parent, left);
}

/* Slots of `node` are gone: restore fill and summaries from here to the root. */
static void mend_upwards(struct vmtree *tree, struct vmtree_node *node)
{
        struct vmtree_node *parent;

        for (; (parent = node->parent); node = parent) {
                unsigned i = slot_of_child(parent, node);

                node_visit(tree, parent);
                if (node->count == 0) {
                        slots_close(parent, i, 1);
                        free_node(tree, node);
                } else if (node->count >= FILL_MIN) {
                        if (!slot_refresh(parent, node))
                                return;
                } else if (i > 0) {
                        even_out(tree, parent->child[i - 1], node);
                } else {
                        even_out(tree, node, parent->child[1]);
                }
        }
        shrink_root(tree);
}

void vmtree_erase(struct vmtree *tree, u64 start, u64 end)
{
        struct vmtree_pos pos;
        bool more = true;

        while (more && vmtree_find(tree, start, &pos) && pos.leaf->start[pos.slot] < end) {
                struct vmtree_node *leaf = pos.leaf;
                unsigned stop = pos.slot;

                ASSERT(leaf->start[pos.slot] >= start);
                while (stop < leaf->count && leaf->start[stop] < end) {
                        ASSERT(leaf->end[stop] <= end);
                        stop++;
                }
                more = stop == leaf->count;
                neighbours_visit(tree, leaf, pos.slot == 0, stop == leaf->count);
                slots_close(leaf, pos.slot, stop - pos.slot);
                tree->count -= stop - pos.slot;
                mend_upwards(tree, leaf);
        }
}

void vmtree_replace(struct vmtree *tree, const struct vmtree_range *range)
{
        vmtree_erase(tree, range->start, range->end);
        vmtree_insert(tree, range);
}
