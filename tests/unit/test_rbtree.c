/* SPDX-License-Identifier: MIT */
/* The red-black tree that the VMA tree is measured against gives the answers that it gives. */
#include "tests/unit/test.h"

#include "mm/vmtree.h"
#include "tests/bench/rbtree.h"

#define POOL 600

struct pair {
        struct vmtree vm;
        struct rbtree rb;
        u64 seed, space;
        struct rb_range pool[POOL];
        bool used[POOL];
};

static void insert_at_random(struct pair *p)
{
        struct rb_range *r = &p->pool[test_random_below(&p->seed, POOL)];
        struct vmtree_range range = { .item = r };
        struct vmtree_pos pos;

        if (p->used[r - p->pool])
                return;
        range.start = test_random_below(&p->seed, p->space);
        range.end = range.start + 1 + test_random_below(&p->seed, 5);
        range.headroom = test_random_below(&p->seed, 8) ? 0 : test_random_below(&p->seed, 20);
        if (vmtree_find(&p->vm, range.start, &pos) && vmtree_at(&pos).start < range.end)
                return;
        EXPECT_EQ(vmtree_reserve(&p->vm, 1), 0);
        vmtree_insert(&p->vm, &range);
        r->start = range.start;
        r->end = range.end;
        r->headroom = range.headroom;
        rbtree_insert(&p->rb, r);
        p->used[r - p->pool] = true;
}

static void erase_at_random(struct pair *p)
{
        struct rb_range *r = rbtree_find(&p->rb, test_random_below(&p->seed, p->space));

        if (!r)
                return;
        vmtree_erase(&p->vm, r->start, r->end);
        rbtree_erase(&p->rb, r);
        p->used[r - p->pool] = false;
}

static void ask_at_random(struct pair *p)
{
        u64 addr = test_random_below(&p->seed, p->space), at_vm = 0, at_rb = 0;
        u64 hi = addr + test_random_below(&p->seed, p->space);
        u64 len = 1 + test_random_below(&p->seed, 12);
        struct vmtree_pos pos;
        bool found;

        EXPECT_TRUE(vmtree_find(&p->vm, addr, &pos) == rbtree_find(&p->rb, addr));
        found = vmtree_gap_lowest(&p->vm, addr, hi, len, &at_vm);
        EXPECT_EQ(found, rbtree_gap_lowest(&p->rb, addr, hi, len, &at_rb));
        EXPECT_TRUE(!found || at_vm == at_rb);
        found = vmtree_gap_highest(&p->vm, addr, hi, len, &at_vm);
        EXPECT_EQ(found, rbtree_gap_highest(&p->rb, addr, hi, len, &at_rb));
        EXPECT_TRUE(!found || at_vm == at_rb);
}

static void run(u64 space, u64 steps, u64 erase_weight)
{
        static struct pair p;

        memset(&p, 0, sizeof(p));
        p.seed = space;
        p.space = space;
        vmtree_init(&p.vm, NULL);
        for (u64 i = 0; i < steps; i++) {
                u64 dice = test_random_below(&p.seed, 100);

                if (dice < erase_weight)
                        erase_at_random(&p);
                else if (dice < 60)
                        insert_at_random(&p);
                else
                        ask_at_random(&p);
                if (i % 256 == 0)
                        rbtree_validate(&p.rb);
        }
        EXPECT_EQ(p.rb.count, p.vm.count);
        while (p.rb.root) {
                erase_at_random(&p);
                rbtree_validate(&p.rb);
        }
        vmtree_destroy(&p.vm);
}

TEST(both_trees_give_the_same_answers)
{
        run(50, test_operations / 20, 30);
        run(3000, test_operations / 10, 20);
        run(40000, test_operations / 20, 28);
}
