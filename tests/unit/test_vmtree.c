/* SPDX-License-Identifier: MIT */
/*
 * The VMA tree against a sorted array that does everything the slow and obvious way. The random
 * test makes a million operations (--operations says another number) over a space small enough that
 * neighbours touch all the time.
 */
#include "tests/unit/test.h"

#include "mm/vmtree.h"

#define MODEL_MAX 1024

/* ------------------------------------------------------------------ the model */

struct model {
        unsigned n;
        struct vmtree_range r[MODEL_MAX];
};

/* Index of the first range that ends above addr. */
static unsigned model_find(const struct model *m, u64 addr)
{
        unsigned lo = 0, hi = m->n;

        while (lo < hi) {
                unsigned mid = (lo + hi) / 2;

                if (m->r[mid].end > addr)
                        hi = mid;
                else
                        lo = mid + 1;
        }
        return lo;
}

static void model_insert(struct model *m, const struct vmtree_range *range)
{
        unsigned at = model_find(m, range->start);

        for (unsigned i = m->n++; i > at; i--)
                m->r[i] = m->r[i - 1];
        m->r[at] = *range;
}

static void model_erase(struct model *m, unsigned from, unsigned to)
{
        for (unsigned i = to; i < m->n; i++)
                m->r[from + i - to] = m->r[i];
        m->n -= to - from;
}

static bool model_fits(u64 from, u64 to, u64 lo, u64 hi, u64 len)
{
        from = max_u64(from, lo);
        to = min_u64(to, hi);
        return from < to && to - from >= len;
}

/* Where range i begins, and its headroom; beyond the last (i == n) there is no end. */
static void model_begin(const struct model *m, unsigned i, u64 *start, u64 *low)
{
        *start = *low = ~0ULL;
        if (i == m->n)
                return;
        *start = m->r[i].start;
        *low = m->r[i].start - min_u64(m->r[i].headroom, m->r[i].start);
}

static bool model_gap(const struct model *m, bool lowest, u64 lo, u64 hi, u64 len, u64 *at)
{
        for (unsigned k = 0; k <= m->n; k++) {
                unsigned i = lowest ? k : m->n - k;
                u64 from = i > 0 ? m->r[i - 1].end : 0, start, low;

                model_begin(m, i, &start, &low);
                if (!model_fits(from, start, lo, hi, len))
                        continue;
                if (!lowest && low < start)
                        hi = min_u64(hi, low);
                if (!model_fits(from, low, lo, hi, len))
                        continue;
                *at = lowest ? max_u64(from, lo) : min_u64(low, hi) - len;
                return true;
        }
        return false;
}

/* ------------------------------------------------------------------ helpers */

static u64 random_state;

static u64 random_below(u64 n)
{
        random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (random_state >> 33) % n;
}

static void insert(struct vmtree *tree, u64 start, u64 end, u64 headroom)
{
        struct vmtree_range range = { start, end, headroom, (void *)(start + 1) };

        EXPECT_EQ(vmtree_reserve(tree, 1), 0);
        vmtree_insert(tree, &range);
}

/* ------------------------------------------------------------------ small cases */

TEST(empty_tree_has_no_range_and_one_gap)
{
        struct vmtree tree;
        struct vmtree_pos pos;
        u64 at;

        vmtree_init(&tree, NULL);
        EXPECT_TRUE(!vmtree_find(&tree, 0, &pos));
        EXPECT_TRUE(!vmtree_find_below(&tree, ~0ULL, &pos));
        EXPECT_TRUE(vmtree_gap_lowest(&tree, 5, 10, 5, &at));
        EXPECT_EQ(at, 5);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 5, 10, 2, &at));
        EXPECT_EQ(at, 8);
        EXPECT_TRUE(!vmtree_gap_lowest(&tree, 5, 10, 6, &at));
        EXPECT_TRUE(!vmtree_gap_highest(&tree, 10, 5, 1, &at));
        vmtree_validate(&tree);
}

TEST(find_gives_the_first_range_that_ends_above)
{
        struct vmtree tree;
        struct vmtree_pos pos;

        vmtree_init(&tree, NULL);
        insert(&tree, 10, 20, 0);
        insert(&tree, 20, 30, 0);
        EXPECT_EQ((u64)vmtree_find(&tree, 0, &pos), 11);
        EXPECT_EQ((u64)vmtree_find(&tree, 19, &pos), 11);
        EXPECT_EQ((u64)vmtree_find(&tree, 20, &pos), 21);
        EXPECT_TRUE(!vmtree_find(&tree, 30, &pos));
        EXPECT_EQ((u64)vmtree_find_below(&tree, 11, &pos), 11);
        EXPECT_TRUE(!vmtree_find_below(&tree, 10, &pos));
        EXPECT_EQ((u64)vmtree_find_below(&tree, ~0ULL, &pos), 21);
        vmtree_destroy(&tree);
}

TEST(headroom_shrinks_the_gap_below_but_not_the_gap_above)
{
        struct vmtree tree;
        u64 at;

        vmtree_init(&tree, NULL);
        insert(&tree, 1000, 1010, 256);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 1000, 10, &at));
        EXPECT_EQ(at, 1000 - 256 - 10);
        EXPECT_TRUE(vmtree_gap_lowest(&tree, 900, 2000, 10, &at));
        EXPECT_EQ(at, 1010);
        insert(&tree, 900, 910, 0); /* into the headroom */
        EXPECT_TRUE(!vmtree_gap_lowest(&tree, 901, 1010, 1, &at));
        vmtree_validate(&tree);
        vmtree_destroy(&tree);
}

TEST(headroom_counts_below_smaller_holes_if_its_own_would_do)
{
        struct vmtree tree;
        u64 at;

        vmtree_init(&tree, NULL);
        insert(&tree, 1000, 1010, 256);
        insert(&tree, 900, 980, 0); /* leaves 20 below the headroom's owner */
        insert(&tree, 700, 850, 0); /* and 50 below that */
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 1010, 21, &at));
        EXPECT_EQ(at, 900 - 21);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 1010, 20, &at));
        EXPECT_EQ(at, 700 - 20); /* 1000 - 256 lies in the last range */
        EXPECT_TRUE(vmtree_gap_lowest(&tree, 800, 1010, 20, &at));
        EXPECT_EQ(at, 850);
        vmtree_destroy(&tree);
}

TEST(headroom_larger_than_the_start_reaches_zero)
{
        struct vmtree tree;
        u64 at;

        vmtree_init(&tree, NULL);
        insert(&tree, 100, 110, 256);
        EXPECT_TRUE(!vmtree_gap_lowest(&tree, 0, 110, 1, &at));
        vmtree_destroy(&tree);
}

TEST(a_place_has_what_is_below_and_above)
{
        struct vmtree_range range = { 30, 40, 0, (void *)31 };
        struct vmtree tree;
        struct vmtree_pos place;

        vmtree_init(&tree, NULL);
        place = vmtree_place(&tree, 30);
        EXPECT_TRUE(vmtree_pos_holds(&tree, &place));
        EXPECT_TRUE(!vmtree_below(&place) && !vmtree_above(&place));
        insert(&tree, 10, 20, 0);
        EXPECT_TRUE(!vmtree_pos_holds(&tree, &place));
        place = vmtree_place(&tree, 30);
        EXPECT_EQ((u64)vmtree_below(&place), 11);
        EXPECT_TRUE(!vmtree_above(&place));
        EXPECT_EQ(vmtree_reserve(&tree, 1), 0);
        vmtree_insert_at(&tree, &place, &range);
        place = vmtree_place(&tree, 5);
        EXPECT_TRUE(!vmtree_below(&place));
        EXPECT_EQ((u64)vmtree_above(&place), 11);
        place = vmtree_place(&tree, 20);
        EXPECT_EQ((u64)vmtree_below(&place), 11);
        EXPECT_EQ((u64)vmtree_above(&place), 31);
        vmtree_validate(&tree);
        vmtree_destroy(&tree);
}

/* Pages of which every second one is mapped, in a tree of several levels. */
static u64 highest(struct vmtree *tree, u64 len)
{
        u64 at = 0;

        EXPECT_TRUE(vmtree_gap_highest(tree, 10, 20000, len, &at));
        vmtree_validate(tree);
        return at;
}

TEST(the_next_search_for_a_gap_begins_where_the_last_one_ended)
{
        struct vmtree_work work = { 0 };
        struct vmtree tree;

        vmtree_init(&tree, &work);
        for (u64 i = 10001; i <= 20000; i += 2)
                insert(&tree, i, i + 1, 0);
        EXPECT_EQ(highest(&tree, 2), 9999);
        atomic_set(&work.nodes, 0);
        EXPECT_EQ(highest(&tree, 2), 9999);
        insert(&tree, 9999, 10001, 0);
        EXPECT_EQ(highest(&tree, 3), 9996);
        EXPECT_LE(atomic_get(&work.nodes), 2 * tree.height);
        EXPECT_EQ(highest(&tree, 1), 19998); /* shorter: from the top again */
        EXPECT_EQ(highest(&tree, 2), 9997);
        vmtree_erase(&tree, 15001, 15002); /* makes room above */
        EXPECT_EQ(highest(&tree, 4), 9995);
        EXPECT_EQ(highest(&tree, 3), 15000);
        vmtree_erase(&tree, 19999, 20000); /* and there, with nothing above it */
        EXPECT_EQ(highest(&tree, 2), 19998);
        insert(&tree, 20010, 20011, 0);
        EXPECT_EQ(highest(&tree, 2), 19998);
        EXPECT_EQ(highest(&tree, 3), 15000);
        vmtree_destroy(&tree);
}

TEST(a_range_that_shrinks_makes_room_above_the_last_gap)
{
        struct vmtree_range range = { 17, 18, 0, (void *)7 };
        struct vmtree tree;
        struct vmtree_pos pos;
        u64 at;

        vmtree_init(&tree, NULL);
        insert(&tree, 10, 15, 0);
        insert(&tree, 16, 20, 0);
        insert(&tree, 20, 30, 0);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 30, 2, &at));
        EXPECT_EQ(at, 8);
        vmtree_find(&tree, 16, &pos);
        vmtree_set(&tree, &pos, &range);
        vmtree_validate(&tree);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 30, 2, &at));
        EXPECT_EQ(at, 18);
        range.end = 19;
        vmtree_set(&tree, &pos, &range);
        EXPECT_TRUE(vmtree_gap_highest(&tree, 0, 30, 2, &at));
        EXPECT_EQ(at, 15);
        vmtree_validate(&tree);
        vmtree_destroy(&tree);
}

TEST(replace_takes_the_place_of_several)
{
        struct vmtree_range range = { 100, 200, 0, (void *)7 };
        struct vmtree tree;
        struct vmtree_pos pos;

        vmtree_init(&tree, NULL);
        for (u64 a = 0; a < 3000; a += 10)
                insert(&tree, a, a + 10, 0);
        EXPECT_EQ(vmtree_reserve(&tree, 1), 0);
        vmtree_replace(&tree, &range);
        vmtree_validate(&tree);
        EXPECT_EQ(tree.count, 291);
        EXPECT_EQ((u64)vmtree_find(&tree, 150, &pos), 7);
        EXPECT_EQ((u64)vmtree_next(&pos), 201);
        vmtree_destroy(&tree);
}

/* ------------------------------------------------------------------ at random */

struct pair {
        struct vmtree tree;
        struct model model;
        u64 space; /* addresses are below it */
        u64 next;  /* number of the next item */
};

static void step_insert(struct pair *p)
{
        struct vmtree_range range = { .start = random_below(p->space), .item = (void *)p->next };
        unsigned at = model_find(&p->model, range.start);

        range.end = range.start + 1 + random_below(6);
        range.headroom = random_below(8) ? 0 : random_below(20);
        if (p->model.n == MODEL_MAX || (at < p->model.n && p->model.r[at].start < range.end))
                return;
        p->next++;
        EXPECT_EQ(vmtree_reserve(&p->tree, 1), 0);
        vmtree_insert(&p->tree, &range);
        model_insert(&p->model, &range);
}

/* Erase `n` ranges from the one at or above a random address. */
static void step_erase(struct pair *p, unsigned n)
{
        unsigned from = model_find(&p->model, random_below(p->space)), to = from + n;

        if (to > p->model.n)
                to = p->model.n;
        if (from == to)
                return;
        if (n == 1) {
                struct vmtree_pos pos = vmtree_place(&p->tree, p->model.r[from].start);

                vmtree_erase_at(&p->tree, &pos);
                EXPECT_TRUE(!vmtree_pos_holds(&p->tree, &pos));
        } else {
                vmtree_erase(&p->tree, p->model.r[from].start, p->model.r[to - 1].end);
        }
        model_erase(&p->model, from, to);
}

/* Move the bounds of one range as far as its neighbours allow. */
static void step_set(struct pair *p)
{
        unsigned i = model_find(&p->model, random_below(p->space));
        struct vmtree_range *r = &p->model.r[i];
        struct vmtree_pos pos;
        u64 lo, hi;

        if (i == p->model.n)
                return;
        lo = i > 0 ? r[-1].end : 0;
        hi = i + 1 < p->model.n ? r[1].start : p->space + 8;
        EXPECT_TRUE(vmtree_find(&p->tree, r->start, &pos) == r->item);
        r->start = lo + random_below(min_u64(hi - lo, 9));
        r->end = r->start + 1 + random_below(min_u64(hi - r->start, 9));
        r->headroom = random_below(4) ? 0 : random_below(20);
        vmtree_set(&p->tree, &pos, r);
}

static void step_find(struct pair *p)
{
        u64 addr = random_below(p->space + 10);
        unsigned i = model_find(&p->model, addr);
        struct vmtree_pos pos;
        void *item = vmtree_find(&p->tree, addr, &pos);

        EXPECT_TRUE(item == (i < p->model.n ? p->model.r[i].item : NULL));
        if (item) {
                void *after = vmtree_next(&pos);

                EXPECT_TRUE(after == (i + 1 < p->model.n ? p->model.r[i + 1].item : NULL));
        }
        while (i > 0 && (i == p->model.n || p->model.r[i].start >= addr))
                i--;
        item = vmtree_find_below(&p->tree, addr, &pos);
        EXPECT_TRUE(item ==
                    (i < p->model.n && p->model.r[i].start < addr ? p->model.r[i].item : NULL));
}

static void step_gap(struct pair *p)
{
        u64 lo = random_below(p->space), hi = lo + random_below(p->space), len, at, model_at;
        bool lowest = random_below(2);

        if (random_below(2)) { /* as mmap() asks: always up to the same address */
                lo = random_below(10);
                hi = p->space - p->space / 8;
        }
        len = 1 + (random_below(4) ? random_below(12) : random_below(p->space));
        EXPECT_EQ(lowest ? vmtree_gap_lowest(&p->tree, lo, hi, len, &at)
                         : vmtree_gap_highest(&p->tree, lo, hi, len, &at),
                  model_gap(&p->model, lowest, lo, hi, len, &model_at));
        if (model_gap(&p->model, lowest, lo, hi, len, &model_at))
                EXPECT_EQ(at, model_at);
}

static void compare_all(const struct pair *p)
{
        struct vmtree_pos pos;
        unsigned i = 0;

        vmtree_validate(&p->tree);
        for (void *item = vmtree_find(&p->tree, 0, &pos); item; item = vmtree_next(&pos), i++) {
                struct vmtree_range range = vmtree_at(&pos);

                EXPECT_TRUE(i < p->model.n && range.item == p->model.r[i].item);
                EXPECT_TRUE(range.start == p->model.r[i].start && range.end == p->model.r[i].end);
        }
        EXPECT_EQ(i, p->model.n);
}

static void run_random(u64 space, u64 steps, unsigned erase_weight)
{
        static struct pair p;

        vmtree_init(&p.tree, NULL);
        p.model.n = 0;
        p.space = space;
        p.next = 1;
        for (u64 i = 0; i < steps; i++) {
                u64 dice = random_below(100);

                if (dice < 30)
                        step_insert(&p);
                else if (dice < 30 + erase_weight)
                        step_erase(&p, random_below(200) ? 1 : random_below(60));
                else if (dice < 70)
                        step_set(&p);
                else if (dice < 90)
                        step_find(&p);
                else
                        step_gap(&p);
                if (i % 1024 == 0)
                        compare_all(&p);
        }
        compare_all(&p);
        vmtree_destroy(&p.tree);
}

TEST(random_operations_agree_with_a_sorted_array)
{
        u64 tenth = test_operations / 10;

        random_state = 42;
        run_random(60, tenth, 20);        /* one or two leaves: splits and merges of the root */
        run_random(3000, 5 * tenth, 10);  /* three levels */
        run_random(400, 2 * tenth, 25);   /* mostly empty */
        run_random(20000, 2 * tenth, 10); /* sparse */
}

TEST(ascending_and_descending_fill_and_drain)
{
        struct vmtree tree;

        vmtree_init(&tree, NULL);
        for (u64 a = 0; a < 2000; a++)
                insert(&tree, a * 2, a * 2 + 1, 0);
        vmtree_validate(&tree);
        vmtree_erase(&tree, 0, 4000);
        EXPECT_EQ(tree.count, 0);
        EXPECT_EQ(tree.height, 0);
        for (u64 a = 2000; a > 0; a--)
                insert(&tree, a * 2, a * 2 + 1, 0);
        vmtree_validate(&tree);
        for (u64 a = 1; a <= 2000; a++)
                vmtree_erase(&tree, a * 2, a * 2 + 1);
        EXPECT_EQ(tree.count, 0);
        vmtree_validate(&tree);
        vmtree_destroy(&tree);
}

TEST(reserve_for_eight_serves_eight_anywhere)
{
        static struct pair p;

        random_state = 7;
        vmtree_init(&p.tree, NULL);
        p.model.n = 0;
        for (unsigned round = 0; round < 400; round++) {
                u64 at = random_below(1 << 20) * 16;
                struct vmtree_pos pos;

                if (vmtree_find(&p.tree, at, &pos) && vmtree_at(&pos).start < at + 16)
                        continue;
                EXPECT_EQ(vmtree_reserve(&p.tree, 8), 0);
                for (u64 i = 0; i < 8; i++) {
                        struct vmtree_range range = { at + i, at + i + 1, 0, (void *)1 };

                        vmtree_insert(&p.tree, &range);
                }
        }
        vmtree_validate(&p.tree);
        vmtree_destroy(&p.tree);
}
