/* SPDX-License-Identifier: MIT */
/* A VMA tree that is filled in order, beside one into which the same ranges were inserted. */
#include "tests/unit/test.h"

#include "kernel/base/errno.h"
#include "mm/fail_alloc.h"
#include "mm/vmtree.h"

/* The i-th range: of no regular size, with a hole of no regular size above it. */
static struct vmtree_range range_number(u64 i)
{
        u64 start = i * 100 + i % 7;

        return (struct vmtree_range){ .start = start,
                                      .end = start + 20 + i % 70,
                                      .headroom = i % 11 ? 0 : 30,
                                      .item = (void *)(i + 1) };
}

static void build(struct vmtree *tree, u64 nr)
{
        struct vmtree_build builder;

        vmtree_init(tree, NULL);
        vmtree_build_begin(&builder, tree);
        for (u64 i = 0; i < nr; i++) {
                struct vmtree_range range = range_number(i);

                CHECK(vmtree_reserve(tree, 1) == 0);
                vmtree_build_add(&builder, &range);
        }
        vmtree_build_end(&builder);
        vmtree_validate(tree);
        EXPECT_EQ(tree->count, nr);
}

/* Every range is found, from below, by its neighbours and by the holes beside it. */
static void expect_ranges(const struct vmtree *tree, u64 nr)
{
        struct vmtree_pos pos;
        u64 at;

        for (u64 i = 0; i < nr; i++) {
                struct vmtree_range range = range_number(i), got;

                EXPECT_EQ((u64)vmtree_find(tree, range.start, &pos), i + 1);
                got = vmtree_at(&pos);
                EXPECT_TRUE(got.start == range.start && got.end == range.end);
                EXPECT_EQ(got.headroom, range.headroom);
                EXPECT_EQ((u64)vmtree_next(&pos), i + 1 < nr ? i + 2 : 0);
                if ((i + 1) % 11 == 0)
                        continue; /* the hole above may lie in the next one's headroom */
                EXPECT_TRUE(vmtree_gap_lowest(tree, range.start, ~0ULL, 1, &at));
                EXPECT_EQ(at, range.end);
        }
}

TEST(a_tree_of_any_size_can_be_built)
{
        struct vmtree tree;

        for (u64 nr = 0; nr < 700; nr++) {
                build(&tree, nr);
                if (nr % 50 == 0)
                        expect_ranges(&tree, nr);
                vmtree_destroy(&tree);
        }
        build(&tree, 15 * 15 * 15 * 2 + 1); /* one more than fills two subtrees of three levels */
        expect_ranges(&tree, 15 * 15 * 15 * 2 + 1);
        vmtree_destroy(&tree);
}

TEST(a_tree_that_was_built_can_be_changed)
{
        struct vmtree tree;

        build(&tree, 500);
        for (u64 i = 0; i < 500; i += 2) {
                struct vmtree_range range = range_number(i);

                vmtree_erase(&tree, range.start, range.end);
                vmtree_validate(&tree);
        }
        for (u64 i = 500; i-- > 0;) {
                struct vmtree_range range = range_number(i);

                if (i % 2)
                        continue;
                CHECK(vmtree_reserve(&tree, 1) == 0);
                vmtree_insert(&tree, &range);
                vmtree_validate(&tree);
        }
        expect_ranges(&tree, 500);
        vmtree_destroy(&tree);
}

/* As fork() does: what was built until there is no memory is a tree. */
TEST(a_tree_half_built_is_a_tree)
{
        struct vmtree tree;
        struct vmtree_build builder;
        u64 nr = 0;

        vmtree_init(&tree, NULL);
        vmtree_build_begin(&builder, &tree);
        fail_alloc_nth(6, true);
        while (vmtree_reserve(&tree, 1) == 0) {
                struct vmtree_range range = range_number(nr++);

                vmtree_build_add(&builder, &range);
        }
        fail_alloc_nth(0, false);
        vmtree_build_end(&builder);
        vmtree_validate(&tree);
        EXPECT_TRUE(nr > 15);
        expect_ranges(&tree, nr);
        vmtree_destroy(&tree);
}
