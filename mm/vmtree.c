/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: making room, insertion, erasure. vmtree.h has the picture, vmtree_node.h the node;
 * lookups are in vmtree_find.c, gap searches in vmtree_gap.c, filling an empty tree in
 * vmtree_build.c.
 *
 * Invariants, checked by vmtree_validate():
 *   all leaves are at level 0, the root is at level height - 1; child->level == level - 1;
 *   every node but the root holds FILL_MIN to FAN slots, an inner root at least two;
 *   slots ascend and do not overlap, and end at ~0 where they are not in use; each inner slot
 *   equals the summary of its child, which knows which slot it is in;
 *   next and prev chain the leaves in order;
 *   tree->full is true.
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
        tree->shape = 1;
        tree->full.len = ~0ULL;
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
int vmtree_reserve_nodes(struct vmtree *tree, unsigned need)
{
        ASSERT(need <= 8 * (tree->height + 1));
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
        node->level = (u16)level;
        node->count = 0;
        for (unsigned i = 0; i < FAN; i++)
                node->end[i] = ~0ULL;
        return node;
}

/* ------------------------------------------------------------------ slots */

/* Bring the parent's slot for `child` up to date; false if it was already. */
static bool slot_refresh(struct vmtree_node *parent, struct vmtree_node *child)
{
        unsigned i = child->slot;
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

/* What a change did to the holes between the slots of a node: the largest that it took away, and
 * the largest that it made. 0: none. */
struct holes {
        u64 lost, made;
};

/* The largest gap under a child, which the parent knows to have been `before`. */
static inline u64 gap_after(const struct vmtree_node *child, u64 before, const struct holes *change)
{
        if (change->made >= before)
                return change->made;
        return change->lost < before ? before : node_gap(child);
}

/* The larger of the holes on both sides of a slot; of no use where there are no ancestors. */
static inline u64 largest_beside(const struct vmtree_node *node, unsigned i)
{
        return node->parent ? max_u64(hole_below(node, i), hole_above(node, i)) : 0;
}

/* Ranges of the node have changed, but none of its ancestors: tell those that have to know. */
static void tell_ancestors(struct vmtree *tree, struct vmtree_node *node, struct holes change)
{
        for (struct vmtree_node *parent; (parent = node->parent); node = parent) {
                unsigned i = node->slot;
                u64 end = node->end[node->count - 1], start = node->start[0];
                u64 before = parent->gap[i], gap = gap_after(node, before, &change);

                if (parent->end[i] == end && parent->start[i] == start && before == gap)
                        return;
                inner_visit(tree);
                change.lost =
                        max_u64(before, max_u64(hole_below(parent, i), hole_above(parent, i)));
                parent->end[i] = end;
                parent->start[i] = start;
                parent->gap[i] = gap;
                change.made = max_u64(gap, max_u64(hole_below(parent, i), hole_above(parent, i)));
        }
}

/* A range that starts at `start` has a hole below it, from `floor` on, that it did not have. */
static inline void hole_made(struct vmtree *tree, u64 floor, u64 start)
{
        if (start > tree->full.above && start - floor >= tree->full.len)
                tree->full.above = start;
}

/* The same of the range above slot `i`, if there is one. */
static inline void hole_made_above(struct vmtree *tree, const struct vmtree_node *leaf, unsigned i,
                                   u64 floor)
{
        if (i + 1 < leaf->count || leaf->next)
                hole_made(tree, floor, start_after(leaf, i));
}

/* The children from slot `from` on are in new ones. */
static void children_adopt(struct vmtree_node *parent, unsigned from, unsigned n)
{
        for (unsigned i = from; parent->level > 0 && i < from + n; i++) {
                parent->child[i]->parent = parent;
                parent->child[i]->slot = (u16)i;
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
        children_adopt(dst, to, n);
}

/* The last n are not in use any more. */
static inline void slots_drop(struct vmtree_node *node, unsigned n)
{
        for (; n > 0; n--)
                node->end[--node->count] = ~0ULL;
}

static inline void slot_move(struct vmtree_node *node, unsigned to, unsigned from)
{
        node->end[to] = node->end[from];
        node->start[to] = node->start[from];
        node->headroom[to] = node->headroom[from];
        node->item[to] = node->item[from];
}

/* Slot by slot: most often it is but a few, and less than four calls of memmove() take. */
static void slots_open(struct vmtree_node *node, unsigned at)
{
        for (unsigned i = node->count++; i > at; i--)
                slot_move(node, i, i - 1);
        children_adopt(node, at + 1, node->count - at - 1);
}

static void slots_close(struct vmtree_node *node, unsigned at, unsigned n)
{
        for (unsigned i = at + n; i < node->count; i++)
                slot_move(node, i - n, i);
        slots_drop(node, n);
        children_adopt(node, at, node->count - at);
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
        children_adopt(root, 0, 1);
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
        inner_visit(tree);

        right = node_take(tree, node->level);
        slots_copy(right, 0, node, half, FAN - half);
        right->count = FAN - half;
        slots_drop(node, FAN - half);
        if (node->level == 0)
                link_leaf_after(node, right);

        at = node->slot + 1;
        slots_open(parent, at);
        parent->child[at] = right;
        children_adopt(parent, at, 1);
        slot_refresh(parent, right);
        slot_refresh(parent, node); /* the two add up to what the ancestors know already */
        node_visit(tree, right);
        return right;
}

/* A leaf with a free slot for what goes to `place`, and which slot that is. */
static struct vmtree_node *leaf_with_room(struct vmtree *tree, const struct vmtree_pos *place,
                                          unsigned *slot)
{
        struct vmtree_node *leaf = place->leaf, *right;

        *slot = place->slot;
        if (!leaf) {
                tree->height = 1;
                return tree->root = node_take(tree, 0);
        }
        if (leaf->count < FAN)
                return leaf;
        right = split_node(tree, leaf);
        if (*slot <= leaf->count)
                return leaf;
        *slot -= leaf->count;
        return right;
}

void vmtree_insert_at(struct vmtree *tree, const struct vmtree_pos *place,
                      const struct vmtree_range *range)
{
        struct holes change = { 0 };
        struct vmtree_node *leaf;
        unsigned i;

        ASSERT(range->start < range->end && range->item);
        ASSERT(vmtree_pos_holds(tree, place));
        leaf = leaf_with_room(tree, place, &i);
        ASSERT(i == leaf->count || range->end <= leaf->start[i]);
        ASSERT(end_before(leaf, i) <= range->start);
        slots_open(leaf, i);
        slot_write(leaf, i, range);
        if (i + 1 == leaf->count && !leaf->next)
                hole_made(tree, end_before(leaf, i), range->start);
        if (leaf->parent) {
                if (i > 0 && i + 1 < leaf->count)
                        change.lost = leaf->start[i + 1] - leaf->end[i - 1];
                change.made = largest_beside(leaf, i);
                tell_ancestors(tree, leaf, change);
        }
        tree->count++;
        tree->shape++;
}

void vmtree_insert(struct vmtree *tree, const struct vmtree_range *range)
{
        struct vmtree_pos place = vmtree_place(tree, range->start);

        vmtree_insert_at(tree, &place, range);
}

void vmtree_set(struct vmtree *tree, struct vmtree_pos *pos, const struct vmtree_range *range)
{
        struct vmtree_node *leaf = pos->leaf;
        unsigned i = pos->slot;
        struct holes change;

        ASSERT(vmtree_pos_holds(tree, pos) && range->start < range->end && range->item);
        change.lost = largest_beside(leaf, i);
        if (range->start > leaf->start[i])
                hole_made(tree, end_before(leaf, i), range->start);
        if (range->end < leaf->end[i])
                hole_made_above(tree, leaf, i, range->end);
        slot_write(leaf, i, range);
        ASSERT(end_before(leaf, i) <= range->start && range->end <= start_after(leaf, i));
        change.made = largest_beside(leaf, i);
        tell_ancestors(tree, leaf, change);
        pos->shape = ++tree->shape;
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
                slots_close(parent, right->slot, 1);
                free_node(tree, right);
        } else if (left->count > right->count) {
                unsigned n = (left->count - right->count) / 2;

                slots_copy(right, n, right, 0, right->count);
                slots_copy(right, 0, left, left->count - n, n);
                slots_drop(left, n);
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
                unsigned i = node->slot;

                inner_visit(tree);
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

/* Of one leaf, `n` slots from `i` on. */
static void erase_slots(struct vmtree *tree, struct vmtree_node *leaf, unsigned i, unsigned n)
{
        struct holes change = { .lost = ~0ULL }; /* of many, whichever was the largest */
        u64 floor = end_before(leaf, i);

        if (n == 1)
                change.lost = largest_beside(leaf, i);
        hole_made_above(tree, leaf, i + n - 1, floor);
        if (i == 0 || i + n == leaf->count)
                neighbours_visit(tree, leaf, i == 0, i + n == leaf->count);
        slots_close(leaf, i, n);
        tree->count -= n;
        tree->shape++;
        if (leaf->count < FILL_MIN) {
                mend_upwards(tree, leaf);
        } else {
                change.made = i < leaf->count ? hole_below(leaf, i) : 0;
                tell_ancestors(tree, leaf, change);
        }
}

void vmtree_erase_at(struct vmtree *tree, const struct vmtree_pos *pos)
{
        ASSERT(vmtree_pos_holds(tree, pos) && pos->slot < pos->leaf->count);
        erase_slots(tree, pos->leaf, pos->slot, 1);
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
                erase_slots(tree, leaf, pos.slot, stop - pos.slot);
        }
}

void vmtree_replace(struct vmtree *tree, const struct vmtree_range *range)
{
        vmtree_erase(tree, range->start, range->end);
        vmtree_insert(tree, range);
}
