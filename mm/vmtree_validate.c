/* SPDX-License-Identifier: MIT */
/* The VMA tree: is it what it claims to be? */
#include "kernel/base/assert.h"
#include "mm/vmtree_node.h"

/* What the walk over the tree has met so far. */
struct validation {
        const struct vmtree_full *full;
        const struct vmtree_node *leaf; /* the last one */
        u64 end;                        /* of the last range */
        u64 count;
};

/* There is a hole from where the last range ended up to `start`. */
static void validate_full(const struct validation *v, u64 start)
{
        u64 ceiling = min_u64(start, v->full->hi);

        if (v->full->len != ~0ULL && start > v->full->above && ceiling > v->end)
                CHECK(ceiling - v->end < v->full->len);
}

static void validate_leaf(const struct vmtree_node *leaf, struct validation *v)
{
        CHECK(leaf->prev == v->leaf);
        CHECK(!v->leaf || v->leaf->next == leaf);
        for (unsigned i = 0; i < leaf->count; i++) {
                CHECK(leaf->item[i]);
                CHECK(leaf->start[i] < leaf->end[i]);
                CHECK(leaf->start[i] >= v->end);
                validate_full(v, leaf->start[i]);
                v->end = leaf->end[i];
                v->count++;
        }
        v->leaf = leaf;
}

static void validate_node(const struct vmtree_node *node, struct validation *v)
{
        CHECK(node->count <= FAN);
        CHECK(node->count >= (node->parent ? FILL_MIN : node->level > 0 ? 2 : 1));
        for (unsigned i = node->count; i < FAN; i++)
                CHECK(node->end[i] == ~0ULL);
        if (node->level == 0) {
                validate_leaf(node, v);
                return;
        }
        for (unsigned i = 0; i < node->count; i++) {
                const struct vmtree_node *child = node->child[i];

                CHECK(child->parent == node && child->slot == i);
                CHECK(child->level == node->level - 1);
                validate_node(child, v);
                CHECK(node->end[i] == child->end[child->count - 1]);
                CHECK(node->start[i] == child->start[0]);
                CHECK(node->gap[i] == node_gap(child));
        }
}

void vmtree_validate(const struct vmtree *tree)
{
        struct validation v = { .full = &tree->full };

        if (tree->root) {
                CHECK(!tree->root->parent && tree->root->level == tree->height - 1);
                validate_node(tree->root, &v);
                CHECK(!v.leaf->next);
        } else {
                CHECK(tree->height == 0);
        }
        CHECK(v.count == tree->count);
}
