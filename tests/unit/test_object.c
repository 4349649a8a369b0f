/* SPDX-License-Identifier: MIT */
/* Objects and their page trees against flat models; charges, quotas, and every allocation failing.
 */
#include "mm/account.h"
#include "mm/fail_alloc.h"
#include "mm/mm.h"
#include "mm/object_impl.h"
#include "mm/page_tree.h"
#include "tests/unit/test.h"

static u64 free_pages(void)
{
        struct memory_stats s;

        memory_stats(&s);
        return s.free;
}

/* ------------------------------------------------------------------ the page tree */

#define TREE_MODEL 3000

/* Indexes that are dense at the start, sparse behind, and reach to the end of all offsets. */
static u64 tree_index(unsigned i)
{
        if (i < 1000)
                return i;
        if (i < 2000)
                return (u64)(i - 1000) * 4099 + 1000;
        return (1UL << 51) + ((u64)(i - 2000) << 30);
}

static void tree_compare(const struct page_tree *tree, struct page *const *model)
{
        u64 index = 0, seen = 0;
        unsigned i = 0;

        for (struct page *p; (p = page_tree_next(tree, &index)); index++, i++, seen++) {
                while (i < TREE_MODEL && !model[i])
                        i++;
                ASSERT_TRUE(i < TREE_MODEL);
                ASSERT_EQ(index, tree_index(i));
                ASSERT_TRUE(p == model[i]);
        }
        while (i < TREE_MODEL && !model[i])
                i++;
        EXPECT_EQ(i, TREE_MODEL);
        EXPECT_EQ(seen, tree->nr);
}

TEST(tree_agrees_with_an_array)
{
        static struct page *model[TREE_MODEL];
        struct page_tree tree;
        u64 state = 4711;

        page_tree_init(&tree);
        for (int step = 0; step < 60000; step++) {
                /* Phases of growth and of decline, so that the tree gets its height and loses it.
                 */
                bool grow = (step / 10000) % 2 == 0;
                unsigned i = test_random_below(&state, step % 3 ? TREE_MODEL : 1200);
                u64 index = tree_index(i);

                ASSERT_TRUE(page_tree_get(&tree, index) == model[i]);
                if (model[i] && (!grow || test_random_below(&state, 4) == 0)) {
                        ASSERT_TRUE(page_tree_remove(&tree, index) == model[i]);
                        model[i] = NULL;
                } else if (!model[i] && (grow || test_random_below(&state, 4) == 0)) {
                        model[i] = (struct page *)(u64)(step + 1);
                        ASSERT_EQ(page_tree_insert(&tree, index, model[i]), 0);
                } else if (!model[i]) {
                        ASSERT_TRUE(!page_tree_remove(&tree, index));
                }
                if (step % 1000 == 0)
                        tree_compare(&tree, model);
        }
        for (unsigned i = 0; i < TREE_MODEL; i++)
                page_tree_remove(&tree, tree_index(i));
        EXPECT_EQ(tree.nr, 0);
        EXPECT_TRUE(!tree.root);
}

TEST(tree_insertion_fails_whole)
{
        struct page *page = (struct page *)8;
        struct page_tree tree;

        page_tree_init(&tree);
        for (unsigned shift = 0; shift < 52; shift += 3) {
                u64 index = 1UL << shift;

                for (u64 n = 1;; n++) {
                        u64 nr = tree.nr, before = free_pages();
                        unsigned height = tree.height;
                        int err;

                        fail_alloc_nth(n, false);
                        err = page_tree_insert(&tree, index, page);
                        fail_alloc_nth(0, false);
                        if (!err)
                                break;
                        EXPECT_EQ(err, -ENOMEM);
                        EXPECT_TRUE(tree.nr == nr && tree.height == height);
                        EXPECT_EQ(free_pages(), before);
                        EXPECT_TRUE(!page_tree_get(&tree, index));
                }
        }
        for (unsigned shift = 0; shift < 52; shift += 3)
                EXPECT_TRUE(page_tree_remove(&tree, 1UL << shift) == page);
        EXPECT_TRUE(!tree.root);
}

/* ------------------------------------------------------------------ contents */

#define MODEL_PAGES 40
#define MODEL_BYTES (MODEL_PAGES * PAGE_SIZE)

struct model {
        u8 bytes[MODEL_BYTES];
        bool present[MODEL_PAGES];
        bool written[MODEL_PAGES]; /* what was only set aside is a hole to object_seek() */
        u64 size;
};

static void model_clear(struct model *m, u64 start, u64 end)
{
        memset(m->bytes + start, 0, end - start);
        for (u64 i = (start + PAGE_SIZE - 1) / PAGE_SIZE; i < end / PAGE_SIZE; i++)
                m->present[i] = m->written[i] = false;
}

static void model_fill(struct model *m, u64 start, u64 end, bool written)
{
        for (u64 i = start / PAGE_SIZE; i < (end + PAGE_SIZE - 1) / PAGE_SIZE; i++) {
                m->present[i] = true;
                m->written[i] |= written;
        }
}

static s64 model_seek(const struct model *m, u64 offset, bool data)
{
        if (offset >= m->size)
                return -ENXIO;
        for (u64 at = offset; at < m->size; at = (at / PAGE_SIZE + 1) * PAGE_SIZE)
                if (m->written[at / PAGE_SIZE] == data)
                        return at;
        return data ? -ENXIO : (s64)m->size;
}

static void model_compare(const struct model *m, struct object *o, u64 *state)
{
        static u8 buf[MODEL_BYTES];
        u64 offset = test_random_below(state, MODEL_BYTES), pages = 0;

        ASSERT_EQ(object_size(o), m->size);
        ASSERT_EQ(object_read(o, 0, buf, sizeof(buf)), m->size);
        ASSERT_EQ(memcmp(buf, m->bytes, m->size), 0);
        for (unsigned i = 0; i < MODEL_PAGES; i++) {
                pages += m->present[i];
                ASSERT_EQ(object_has_page(o, i), m->written[i]);
        }
        ASSERT_EQ(object_pages(o), pages);
        ASSERT_EQ(object_seek(o, offset, true), model_seek(m, offset, true));
        ASSERT_EQ(object_seek(o, offset, false), model_seek(m, offset, false));
}

static void model_step(struct model *m, struct object *o, u64 *state)
{
        static u8 buf[MODEL_BYTES];
        u64 a = test_random_below(state, MODEL_BYTES), b = test_random_below(state, MODEL_BYTES);
        u64 start = min_u64(a, b), end = max_u64(a, b);

        if (test_random_below(state, 3) == 0) {
                start = page_align_down(start);
                end = page_align_down(end);
        }
        switch (test_random_below(state, 6)) {
        case 0:
                memset(buf, (int)test_random(state), end - start);
                ASSERT_EQ(object_write(o, start, buf, end - start), end - start);
                memcpy(m->bytes + start, buf, end - start);
                if (end > start) {
                        model_fill(m, start, end, true);
                        m->size = max_u64(m->size, end);
                }
                break;
        case 1:
                ASSERT_EQ(object_truncate(o, a), 0);
                model_clear(m, a, MODEL_BYTES);
                m->size = a;
                break;
        case 2:
                ASSERT_EQ(object_punch(o, start, end), 0);
                model_clear(m, start, end);
                break;
        case 3:
                ASSERT_EQ(object_allocate(o, start, end, a & 1), 0);
                if (end > start)
                        model_fill(m, start, end, false);
                if (!(a & 1) && end > start)
                        m->size = max_u64(m->size, end);
                break;
        case 4:
                object_extend(o, a);
                m->size = max_u64(m->size, a);
                break;
        default:
                ASSERT_EQ(object_read(o, start, buf, end - start),
                          start < m->size ? min_u64(end, m->size) - start : 0);
                break;
        }
}

TEST(object_agrees_with_an_array)
{
        static struct model m;
        struct object *o = object_create(0, 0);
        u64 state = 2024;

        for (int step = 0; step < 4000; step++) {
                model_step(&m, o, &state);
                model_compare(&m, o, &state);
        }
        object_put(o);
}

TEST(object_is_sparse)
{
        struct object *o = object_create(1UL << 62, 0);
        u64 before = free_pages();
        char c = 'x', d = 0;

        EXPECT_EQ(object_read(o, 1UL << 50, &d, 1), 1);
        EXPECT_EQ(d, 0);
        EXPECT_EQ(free_pages(), before);
        EXPECT_EQ(object_write(o, (1UL << 61) + 5, &c, 1), 1);
        EXPECT_EQ(object_pages(o), 1);
        EXPECT_LE(before - free_pages(), 12);
        EXPECT_EQ(object_seek(o, 0, true), 1UL << 61);
        EXPECT_EQ(object_seek(o, 0, false), 0);
        EXPECT_EQ(object_seek(o, 1UL << 61, false), (1UL << 61) + PAGE_SIZE);
        EXPECT_EQ(object_seek(o, 1UL << 62, false), -ENXIO);
        EXPECT_EQ(object_truncate(o, (1UL << 63) - 1), 0);
        EXPECT_EQ(object_read(o, (1UL << 61) + 5, &d, 1), 1);
        EXPECT_EQ(d, 'x');
        EXPECT_EQ(object_punch(o, 0, (1UL << 63) - 1), 0);
        EXPECT_EQ(object_pages(o), 0);
        EXPECT_EQ(object_allocate(o, 0, (1UL << 63) - 1, false), -ENOMEM);
        EXPECT_EQ(object_pages(o), 0);
        object_put(o);
}

TEST(object_page_outlives_its_place)
{
        struct object *o = object_create(PAGE_SIZE, 0);
        struct page *p, *q;

        EXPECT_EQ(object_get_page(o, 0, false, &p), 0);
        EXPECT_TRUE(!p);
        EXPECT_EQ(object_get_page(o, 0, true, &p), 0);
        EXPECT_EQ(p->kind, PAGE_OBJECT);
        EXPECT_EQ(p->index, 0);
        EXPECT_TRUE(object_owns_page(o, p));
        EXPECT_EQ(atomic_get(&p->refcount), 2);
        EXPECT_EQ(object_get_page(o, 0, true, &q), 0);
        EXPECT_TRUE(p == q);
        page_put(q);
        EXPECT_EQ(object_truncate(o, 0), 0);
        EXPECT_FALSE(object_owns_page(o, p));
        EXPECT_EQ(atomic_get(&p->refcount), 1);
        page_put(p);
        object_put(o);
}

/* ------------------------------------------------------------------ limits */

TEST(object_charges_what_it_holds)
{
        struct object *o = object_create(0, OBJECT_CHARGE_PAGES), *whole = object_create(0, 0);
        u64 before = mm_committed();

        EXPECT_EQ(object_allocate(o, 0, 10 * PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_committed() - before, 10);
        EXPECT_EQ(object_punch(o, PAGE_SIZE, 3 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed() - before, 8);
        EXPECT_EQ(object_truncate(o, 5 * PAGE_SIZE + 1), 0);
        EXPECT_EQ(mm_committed() - before, 4);
        object_put(o);
        EXPECT_EQ(mm_committed(), before);
        EXPECT_EQ(commit_charge(NULL, NULL, 100), 0);
        object_adopt_charge(whole, 100);
        EXPECT_EQ(object_allocate(whole, 0, 10 * PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_committed() - before, 100);
        object_put(whole);
        EXPECT_EQ(mm_committed(), before);
}

TEST(object_keeps_to_its_quota)
{
        struct object_quota quota = { .max = 10 };
        struct object *a = object_create_limited(0, OBJECT_CHARGE_PAGES, &quota);
        struct object *b = object_create_limited(0, 0, &quota);
        u64 before = mm_committed();
        struct page *page;
        u8 buf[3 * PAGE_SIZE];

        memset(buf, 1, sizeof(buf));
        EXPECT_EQ(object_allocate(a, 0, 6 * PAGE_SIZE, false), 0);
        EXPECT_EQ(object_allocate(b, 0, 5 * PAGE_SIZE, false), -ENOSPC);
        EXPECT_EQ(object_pages(b), 0);
        EXPECT_EQ(object_size(b), 0);
        EXPECT_EQ(object_allocate(b, 0, 2 * PAGE_SIZE, false), 0);
        EXPECT_EQ(object_write(b, 2 * PAGE_SIZE - 7, buf, sizeof(buf)), 2 * PAGE_SIZE + 7);
        EXPECT_EQ(object_size(b), 4 * PAGE_SIZE);
        EXPECT_EQ(object_write(b, 4 * PAGE_SIZE, buf, 1), -ENOSPC);
        EXPECT_EQ(object_get_page(a, 6, true, &page), -ENOSPC);
        EXPECT_TRUE(!page);
        EXPECT_EQ(atomic_get(&quota.used), 10);
        EXPECT_EQ(mm_committed() - before, 6);
        object_put(a);
        EXPECT_EQ(atomic_get(&quota.used), 4);
        object_put(b);
        EXPECT_EQ(atomic_get(&quota.used), 0);
        EXPECT_EQ(mm_committed(), before);
}

/* Every allocation on the way fails once: nothing is left of what did not succeed. */
TEST(object_survives_every_failed_allocation)
{
        static u8 buf[20 * PAGE_SIZE];
        u64 before = mm_committed();

        memset(buf, 0xcc, sizeof(buf));
        for (u64 n = 1;; n++) {
                struct object *o;
                u64 asked;
                int err = 0;

                fail_alloc_nth(n, false);
                o = object_create(0, OBJECT_CHARGE_PAGES);
                if (o) {
                        err = object_allocate(o, 0, 5 * PAGE_SIZE, false);
                        EXPECT_EQ(object_pages(o), err ? 0 : 5);
                        EXPECT_EQ(object_size(o), err ? 0 : 5 * PAGE_SIZE);
                        object_write(o, 3UL << 40, buf, sizeof(buf));
                        EXPECT_EQ(mm_committed() - before, object_pages(o));
                        object_put(o);
                }
                asked = fail_alloc_count();
                fail_alloc_nth(0, false);
                EXPECT_EQ(mm_committed(), before);
                if (asked < n)
                        break;
        }
}

/* ------------------------------------------------------------------ seals */

TEST(object_seal_needs_no_writer)
{
        struct object *o = object_create(0, 0);

        EXPECT_EQ(object_shared_writable(o), 0);
        EXPECT_EQ(object_deny_shared_writable(o), 0);
        EXPECT_TRUE(o->rmap.deny_writable);
        o->rmap.shared_writable = 1;
        EXPECT_EQ(object_deny_shared_writable(o), -EBUSY);
        o->rmap.shared_writable = 0;
        object_put(o);
}

/* ------------------------------------------------------------------ life and charge */

TEST(object_lives_while_it_is_referred_to)
{
        struct object *object = object_create(PAGE_SIZE, 0);
        char c = 0;

        ASSERT_EQ(object_write(object, 0, "x", 1), 1);
        object_get(object);
        object_put(object);
        EXPECT_EQ(object_read(object, 0, &c, 1), 1);
        EXPECT_EQ(c, 'x');
        object_put(object);
}

TEST(object_charged_for_its_size_gives_that_back_with_its_life)
{
        struct object *object = object_create(5 * PAGE_SIZE + 1, 0);

        EXPECT_EQ(object_charge_size(object, NULL, NULL), 0);
        EXPECT_EQ(mm_committed(), 6);
        EXPECT_EQ(object_truncate(object, PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 6);
        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 4;
        EXPECT_EQ(object_charge_size(object, NULL, NULL), -ENOMEM);
        EXPECT_EQ(mm_committed(), 6);
        object_put(object);
        EXPECT_EQ(mm_committed(), 0);
}

TEST(page_that_the_commit_limit_refuses_is_not_counted_by_the_quota)
{
        struct object_quota quota = { .max = 10 };
        struct object *object = object_create_limited(PAGE_SIZE, OBJECT_CHARGE_PAGES, &quota);
        struct page *page;

        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.overcommit_kbytes = 4; /* one page: and the limit is not reached */
        mm_sysctl.admin_reserve_kbytes = 0;
        EXPECT_EQ(object_get_page(object, 0, true, &page), -ENOMEM);
        EXPECT_EQ(atomic_get(&quota.used), 0);
        EXPECT_EQ(mm_committed(), 0);
        mm_sysctl.overcommit_memory = 0;
        EXPECT_EQ(object_get_page(object, 0, true, &page), 0);
        EXPECT_EQ(atomic_get(&quota.used), 1);
        page_put(page);
        object_put(object);
        EXPECT_EQ(atomic_get(&quota.used), 0);
}

TEST(data_is_not_sought_beyond_the_size)
{
        struct object *object = object_create(PAGE_SIZE, 0);

        /* Pages behind the end that fallocate() has set aside, and somebody has written since. */
        ASSERT_EQ(object_allocate(object, 0, 3 * PAGE_SIZE, true), 0);
        EXPECT_EQ(object_size(object), PAGE_SIZE);
        EXPECT_EQ(object_seek(object, 0, true), -ENXIO);
        EXPECT_EQ(object_seek(object, 0, false), 0);
        object_put(object);
}
