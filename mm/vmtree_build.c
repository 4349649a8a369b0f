/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree: filling an empty one with ranges that come in order, as fork() has them.
 *
 * Nodes are filled one after the other, to the last slot. Of each level the one that is being
 * filled is known; when it is full, the next one is made beside it, and only then is what its
 * parent says about it put down: once for each node, and nothing is ever moved.
 *
 *      level 1        [ A B C . . ]          last[1]
 *                       | | |
 *      level 0       [full][full][x y . .]   last[0]
 *
 * At the end the last node of a level may hold fewer than FILL_MIN slots. It gets some from the
 * one on its left, from the root down, so that its parent has one on its left.
 */
#include "kernel/base/assert.h"
#include "mm/vmtree_node.h"

void vmtree_build_begin(struct vmtree_build *build, struct vmtree *tree)
{
        ASSERT(!tree->root);
        *build = (struct vmtree_build){ .tree = tree };
}

/* What `parent` says about its last child. */
static void sum_up_last(struct vmtree_node *parent)
{
        unsigned i = parent->count - 1;
        const struct vmtree_node *child = parent->child[i];

        parent->start[i] = child->start[0];
        parent->end[i] = child->end[child->count - 1];
        parent->gap[i] = node_gap(child);
}

static void add_child(struct vmtree_node *parent, struct vmtree_node *child)
{
        child->parent = parent;
        child->slot = (u16)parent->count;
        parent->child[parent->count++] = child;
}

/* The first node of a level: the root, above what was it. */
static void start_level(struct vmtree_build *build, unsigned level)
{
        struct vmtree *tree = build->tree;
        struct vmtree_node *root = node_take(tree, level);

        CHECK(level < VMTREE_LEVELS);
        if (tree->root)
                add_child(root, tree->root);
        tree->root = build->last[level] = root;
        tree->height = level + 1;
}

/* The last node of a level is full, and there is to be one beside it. */
static void go_on(struct vmtree_build *build, unsigned level)
{
        struct vmtree_node *full = build->last[level], *next = node_take(build->tree, level);

        if (!full->parent)
                start_level(build, level + 1);
        sum_up_last(full->parent);
        if (full->parent->count == FAN)
                go_on(build, level + 1);
        add_child(build->last[level + 1], next);
        build->last[level] = next;
        if (level == 0) {
                full->next = next;
                next->prev = full;
        }
}

void vmtree_build_add(struct vmtree_build *build, const struct vmtree_range *range)
{
        struct vmtree_node *leaf;
        unsigned i;

        if (!build->last[0])
                start_level(build, 0);
        else if (build->last[0]->count == FAN)
                go_on(build, 0);
        leaf = build->last[0];
        i = leaf->count++;
        ASSERT(range->start < range->end && range->item);
        ASSERT(i == 0 || leaf->end[i - 1] <= range->start);
        leaf->start[i] = range->start;
        leaf->end[i] = range->end;
        leaf->headroom[i] = range->headroom;
        leaf->item[i] = range->item;
        build->tree->count++;
}

void vmtree_build_end(struct vmtree_build *build)
{
        struct vmtree *tree = build->tree;

        for (unsigned level = 1; level < tree->height; level++)
                sum_up_last(build->last[level]);
        for (unsigned level = tree->height; level-- > 1;) {
                struct vmtree_node *parent = build->last[level], *last = build->last[level - 1];

                if (last->count < FILL_MIN)
                        even_out(tree, parent->child[parent->count - 2], last);
        }
}
