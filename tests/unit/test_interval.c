/* SPDX-License-Identifier: MIT */
/* The interval tree, against a list that is searched from one end to the other. */
#include <stdlib.h>

#include "mm/interval.h"
#include "tests/unit/test.h"

#define NODES 300

struct found {
        const struct interval *at[NODES];
        unsigned nr, stop; /* the visitor says stop at this many */
};

static bool note(struct interval *node, void *arg)
{
        struct found *found = arg;

        found->at[found->nr++] = node;
        return found->nr != found->stop;
}

static struct interval of(u64 first, u64 last)
{
        return (struct interval){ .first = first, .last = last };
}

/* "1-3 2-5": what a search finds, in order. */
static const char *search(const struct interval_tree *tree, u64 first, u64 last)
{
        static char text[512];
        struct found found = { 0 };
        int len = 0;

        text[0] = 0;
        EXPECT(interval_visit(tree, first, last, note, &found));
        for (unsigned i = 0; i < found.nr; i++)
                len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%lu-%lu", i ? " " : "",
                                (unsigned long)found.at[i]->first,
                                (unsigned long)found.at[i]->last);
        return text;
}

TEST_BARE(what_contains_a_number)
{
        struct interval node[] = { of(4, 9), of(1, 3), of(6, 6), of(2, 5), of(8, 12) };
        struct interval_tree tree = { 0 };

        EXPECT_STREQ(search(&tree, 0, ~0ULL), "");
        for (unsigned i = 0; i < ARRAY_SIZE(node); i++)
                interval_insert(&tree, &node[i]);
        EXPECT_EQ(interval_validate(&tree), 5);
        EXPECT_STREQ(search(&tree, 5, 5), "2-5 4-9");
        EXPECT_STREQ(search(&tree, 0, 0), "");
        EXPECT_STREQ(search(&tree, 13, ~0ULL), "");
        EXPECT_STREQ(search(&tree, 12, 13), "8-12");
        EXPECT_STREQ(search(&tree, 0, ~0ULL), "1-3 2-5 4-9 6-6 8-12");
        for (unsigned i = 0; i < ARRAY_SIZE(node); i++)
                interval_erase(&tree, &node[i]);
        EXPECT_EQ(interval_validate(&tree), 0);
}

TEST_BARE(equal_intervals_keep_their_order)
{
        struct interval node[40];
        struct interval_tree tree = { 0 };
        struct found found = { 0 };

        for (unsigned i = 0; i < 40; i++) {
                node[i] = of(7, 7 + (i & 3));
                interval_insert(&tree, &node[i]);
        }
        interval_erase(&tree, &node[5]);
        interval_insert(&tree, &node[5]);
        interval_visit(&tree, 7, 7, note, &found);
        ASSERT_EQ(found.nr, 40);
        EXPECT(found.at[39] == &node[5]);
        for (unsigned i = 0; i < 39; i++)
                EXPECT(found.at[i] == &node[i < 5 ? i : i + 1]);
}

TEST_BARE(what_ends_later_stays_where_it_is)
{
        struct interval node[] = { of(4, 9), of(4, 9), of(1, 3), of(6, 6) };
        struct interval_tree tree = { 0 };
        struct found found = { 0 };

        for (unsigned i = 0; i < ARRAY_SIZE(node); i++)
                interval_insert(&tree, &node[i]);
        interval_extend(&tree, &node[0], 20);
        interval_extend(&tree, &node[3], 6);
        EXPECT_EQ(interval_validate(&tree), 4);
        EXPECT_STREQ(search(&tree, 10, 30), "4-20");
        interval_visit(&tree, 4, 4, note, &found);
        EXPECT_EQ(found.nr, 2);
        EXPECT(found.at[0] == &node[0]);
}

TEST_BARE(a_visitor_can_end_the_search)
{
        struct interval node[10];
        struct interval_tree tree = { 0 };
        struct found found = { .stop = 3 };

        for (unsigned i = 0; i < 10; i++) {
                node[i] = of(i, 20);
                interval_insert(&tree, &node[i]);
        }
        EXPECT_FALSE(interval_visit(&tree, 15, 15, note, &found));
        EXPECT_EQ(found.nr, 3);
}

/* ------------------------------------------------------------------ against a list */

struct world {
        struct interval node[NODES];
        bool in[NODES];
        unsigned nr;
        u64 state;
        struct interval_tree tree;
};

static void change(struct world *w, u64 range)
{
        unsigned i = test_random_below(&w->state, NODES);
        u64 first = test_random_below(&w->state, range);

        if (w->in[i] && test_random_below(&w->state, 4) == 0) {
                interval_extend(&w->tree, &w->node[i], w->node[i].last + first);
                return;
        }
        if (w->in[i]) {
                interval_erase(&w->tree, &w->node[i]);
                w->nr--;
        } else {
                w->node[i] = of(first, first + test_random_below(&w->state, range / 4));
                interval_insert(&w->tree, &w->node[i]);
                w->nr++;
        }
        w->in[i] = !w->in[i];
}

static void compare(struct world *w, u64 range)
{
        u64 first = test_random_below(&w->state, range);
        u64 last = first + test_random_below(&w->state, 3);
        struct found found = { 0 };
        unsigned hits = 0, any = test_random_below(&w->state, NODES);

        ASSERT_EQ(interval_contains(&w->tree, &w->node[any]), w->in[any]);
        interval_visit(&w->tree, first, last, note, &found);
        for (unsigned i = 0; i < NODES; i++)
                hits += w->in[i] && w->node[i].first <= last && w->node[i].last >= first;
        ASSERT_EQ(found.nr, hits);
        for (unsigned i = 0; i < found.nr; i++)
                EXPECT(found.at[i]->first <= last && found.at[i]->last >= first);
}

TEST_BARE(random_sets_against_a_list)
{
        static const u64 ranges[] = { 8, 100, 100000 };
        struct world *w = calloc(1, sizeof(*w));

        ASSERT_TRUE(w);
        w->state = 1;
        for (unsigned r = 0; r < ARRAY_SIZE(ranges); r++) {
                for (unsigned step = 0; step < 20000; step++) {
                        change(w, ranges[r]);
                        compare(w, ranges[r]);
                        if (step % 16 == 0)
                                ASSERT_EQ(interval_validate(&w->tree), w->nr);
                }
        }
        free(w);
}

static void validate(void *tree)
{
        interval_validate(tree);
}

TEST_BARE(validate_notices_what_is_wrong)
{
        struct interval node[3] = { of(1, 2), of(3, 4), of(5, 6) };
        struct interval_tree tree = { 0 };

        for (unsigned i = 0; i < 3; i++)
                interval_insert(&tree, &node[i]);
        node[2].last = 9;
        EXPECT_PANIC(validate, &tree, "most");
        node[2].last = 6;
        node[2].first = 2;
        EXPECT_PANIC(validate, &tree, "comes_before");
}
