/* SPDX-License-Identifier: MIT */
/*
 * The radix tree behind page_tree.h. A node of level 0 holds pages, one of level n holds nodes of
 * level n - 1; the root is of level height - 1. Six bits of the index choose the slot at a level.
 *
 * Invariants: node->count is the number of its slots that are not NULL, and is never 0; the root
 * has more in it than the child in slot 0, or is of level 0.
 */
#include "mm/page_tree.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/slab.h"

#define NODE_BITS  6
#define NODE_SLOTS (1u << NODE_BITS)
#define MAX_HEIGHT 9 /* 54 bits: more than page offsets have */

struct page_tree_node {
        void *slots[NODE_SLOTS];
        unsigned count;
};

static struct slab_cache *node_cache;

void page_tree_boot(void)
{
        node_cache = slab_cache_create("page_tree_node", sizeof(struct page_tree_node), 8);
}

static unsigned slot_of(u64 index, unsigned level)
{
        return index >> (NODE_BITS * level) & (NODE_SLOTS - 1);
}

/* A tree of this height has a place for `index`. */
static bool height_holds(unsigned height, u64 index)
{
        return height > 0 && index >> (NODE_BITS * (height - 1)) < NODE_SLOTS;
}

/* The node of level 0 that has a slot for `index`; NULL if there is none. */
static const struct page_tree_node *node_find(const struct page_tree *tree, u64 index)
{
        const struct page_tree_node *node = tree->root;

        if (!height_holds(tree->height, index))
                return NULL;
        for (unsigned level = tree->height - 1; node && level > 0; level--)
                node = node->slots[slot_of(index, level)];
        return node;
}

struct page *page_tree_get(const struct page_tree *tree, u64 index)
{
        const struct page_tree_node *node = node_find(tree, index);

        return node ? node->slots[slot_of(index, 0)] : NULL;
}

void page_tree_get_range(const struct page_tree *tree, u64 first, unsigned nr, struct page **pages)
{
        const struct page_tree_node *node = node_find(tree, first);

        for (unsigned i = 0; i < nr; i++) {
                unsigned slot = slot_of(first + i, 0);

                if (slot == 0)
                        node = node_find(tree, first + i);
                pages[i] = node ? node->slots[slot] : NULL;
        }
}

/* The first slot >= `slot` that is in use; NODE_SLOTS if there is none. */
static unsigned node_next_slot(const struct page_tree_node *node, unsigned slot)
{
        while (slot < NODE_SLOTS && !node->slots[slot])
                slot++;
        return slot;
}

struct page *page_tree_next(const struct page_tree *tree, u64 *index)
{
        u64 at = *index;

        while (height_holds(tree->height, at)) {
                const struct page_tree_node *node = tree->root;
                unsigned level = tree->height - 1;

                for (;; level--) {
                        unsigned from = slot_of(at, level), slot = node_next_slot(node, from);
                        unsigned shift = NODE_BITS * level;

                        if (slot == NODE_SLOTS) {
                                /* Nothing more in this node: go on behind all it covers. */
                                at = ((at >> shift | (NODE_SLOTS - 1)) + 1) << shift;
                                break;
                        }
                        if (slot != from)
                                at = ((at >> shift) - from + slot) << shift;
                        if (level == 0) {
                                *index = at;
                                return node->slots[slot];
                        }
                        node = node->slots[slot];
                }
                if (at == 0)
                        break;
        }
        return NULL;
}

/* ------------------------------------------------------------------ insertion */

/* Nodes taken beforehand, so that linking them cannot fail. */
struct node_kit {
        unsigned nr;
        struct page_tree_node *nodes[2 * MAX_HEIGHT];
};

static struct page_tree_node *kit_take(struct node_kit *kit)
{
        CHECK(kit->nr > 0);
        return kit->nodes[--kit->nr];
}

static int kit_fill(struct node_kit *kit, unsigned nr)
{
        CHECK(nr <= 2 * MAX_HEIGHT);
        for (kit->nr = 0; kit->nr < nr; kit->nr++) {
                kit->nodes[kit->nr] = slab_zalloc(node_cache);
                if (!kit->nodes[kit->nr])
                        break;
        }
        if (kit->nr == nr)
                return 0;
        while (kit->nr > 0)
                slab_free(node_cache, kit_take(kit));
        return -ENOMEM;
}

/* Nodes that are missing on the way to `index` in a tree raised to `height`. */
static unsigned nodes_missing(const struct page_tree *tree, unsigned height, u64 index)
{
        const struct page_tree_node *node = tree->root;
        unsigned level;

        if (!node)
                return height;
        if (height > tree->height) /* new levels above, and a new branch unless index is below */
                return height - tree->height + height - 1;
        for (level = height - 1; level > 0; level--) {
                node = node->slots[slot_of(index, level)];
                if (!node)
                        return level;
        }
        return 0;
}

/* Put nodes above the root until the tree has `height` levels. */
static void tree_raise(struct page_tree *tree, unsigned height, struct node_kit *kit)
{
        if (!tree->root) {
                tree->root = kit_take(kit);
                tree->height = height;
        }
        while (tree->height < height) {
                struct page_tree_node *node = kit_take(kit);

                node->slots[0] = tree->root;
                node->count = 1;
                tree->root = node;
                tree->height++;
        }
}

int page_tree_insert(struct page_tree *tree, u64 index, struct page *page)
{
        unsigned height = tree->root ? tree->height : 1;
        struct page_tree_node *node;
        struct node_kit kit;
        int err;

        while (!height_holds(height, index))
                height++;
        CHECK(height <= MAX_HEIGHT);
        err = kit_fill(&kit, nodes_missing(tree, height, index));
        if (err)
                return err;
        tree_raise(tree, height, &kit);
        node = tree->root;
        for (unsigned level = height - 1; level > 0; level--) {
                void **slot = &node->slots[slot_of(index, level)];

                if (!*slot) {
                        *slot = kit_take(&kit);
                        node->count++;
                }
                node = *slot;
        }
        CHECK(!node->slots[slot_of(index, 0)]);
        node->slots[slot_of(index, 0)] = page;
        node->count++;
        tree->nr++;
        while (kit.nr > 0)
                slab_free(node_cache, kit_take(&kit));
        return 0;
}

/* ------------------------------------------------------------------ removal */

/* Take levels off the top that lead to slot 0 and nowhere else. */
static void tree_lower(struct page_tree *tree)
{
        while (tree->height > 1 && tree->root->count == 1 && tree->root->slots[0]) {
                struct page_tree_node *node = tree->root;

                tree->root = node->slots[0];
                tree->height--;
                slab_free(node_cache, node);
        }
}

struct page *page_tree_remove(struct page_tree *tree, u64 index)
{
        struct page_tree_node *path[MAX_HEIGHT];
        struct page_tree_node *node = tree->root;
        struct page *page;
        unsigned level;

        if (!node || !height_holds(tree->height, index))
                return NULL;
        for (level = tree->height - 1;; level--) {
                path[level] = node;
                if (level == 0)
                        break;
                node = node->slots[slot_of(index, level)];
                if (!node)
                        return NULL;
        }
        page = node->slots[slot_of(index, 0)];
        if (!page)
                return NULL;
        tree->nr--;
        for (level = 0; level < tree->height; level++) {
                path[level]->slots[slot_of(index, level)] = NULL;
                if (--path[level]->count > 0)
                        break;
                slab_free(node_cache, path[level]);
        }
        if (level == tree->height)
                page_tree_init(tree);
        else
                tree_lower(tree);
        return page;
}
