/* SPDX-License-Identifier: MIT */
/* Slab caches and kmalloc: random use against a model, mistakes, empty slabs, failing allocations.
 */
#include "mm/fail_alloc.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "tests/unit/test.h"

static u64 free_pages(void)
{
        struct memory_stats s;

        memory_stats(&s);
        return s.free;
}

struct held {
        u8 *p;
        size_t size;
        u8 stamp;
};

static bool held_is_intact(const struct held *h)
{
        for (size_t i = 0; i < h->size; i++)
                if (h->p[i] != h->stamp)
                        return false;
        return true;
}

static void held_stamp(struct held *h, u8 stamp)
{
        h->stamp = stamp;
        memset(h->p, stamp, h->size);
}

TEST(caches_of_every_geometry)
{
        static const size_t sizes[] = { 1, 8, 24, 40, 64, 100, 528, 1000, 2048, 4096, 5000, 20000 };
        static const size_t aligns[] = { 1, 8, 16, 64, 256, 4096 };
        static struct held held[600];

        for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
                size_t align = aligns[s % ARRAY_SIZE(aligns)];
                struct slab_cache *c = slab_cache_create("test", sizes[s], align);

                for (unsigned i = 0; i < 100; i++) {
                        held[i] = (struct held){ slab_alloc(c), sizes[s], 0 };
                        ASSERT_TRUE(held[i].p);
                        EXPECT_EQ((u64)held[i].p % align, 0);
                        held_stamp(&held[i], i);
                }
                for (unsigned i = 0; i < 100; i++) {
                        EXPECT_TRUE(held_is_intact(&held[i]));
                        slab_free(c, held[i].p);
                }
        }
        slab_shrink_all();
}

TEST(random_kmalloc_keeps_contents)
{
        static struct held held[500];
        u64 state = 99;

        for (int step = 0; step < 30000; step++) {
                struct held *h = &held[test_random_below(&state, ARRAY_SIZE(held))];
                size_t size = test_random_below(&state, 20) ? test_random_below(&state, 600)
                                                            : test_random_below(&state, 20000);
                u8 *q;

                if (h->p && test_random_below(&state, 3) == 0) {
                        size_t kept = min_u64(size, h->size);

                        ASSERT_TRUE(held_is_intact(h));
                        q = krealloc(h->p, size);
                        ASSERT_TRUE(q);
                        *h = (struct held){ q, kept, h->stamp };
                        ASSERT_TRUE(held_is_intact(h));
                        h->size = size;
                        held_stamp(h, step);
                } else if (h->p) {
                        ASSERT_TRUE(held_is_intact(h));
                        kfree(h->p);
                        h->p = NULL;
                } else {
                        *h = (struct held){ kmalloc(size), size, 0 };
                        ASSERT_TRUE(h->p);
                        EXPECT_EQ((u64)h->p % 16, 0);
                        held_stamp(h, step);
                }
        }
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                kfree(held[i].p);
}

TEST(kmalloc_of_odd_sizes)
{
        void *p;

        kfree(NULL);
        p = kmalloc(0);
        EXPECT_TRUE(p);
        kfree(p);
        p = kmalloc(4UL << 20);
        EXPECT_TRUE(p);
        kfree(p);
        EXPECT_TRUE(!kmalloc((4UL << 20) + 1));
        EXPECT_TRUE(!kmalloc(~0UL));
        p = kzalloc(5000);
        for (int i = 0; i < 5000; i++)
                EXPECT_EQ(((u8 *)p)[i], 0);
        kfree(p);
        p = krealloc(NULL, 10);
        EXPECT_TRUE(p);
        EXPECT_TRUE(!krealloc(p, ~0UL));
        kfree(p);
}

TEST(empty_slabs_go_back)
{
        struct slab_cache *c = slab_cache_create("test", 100, 8);
        static void *held[5000];
        struct slab_stats stats;
        u64 before = free_pages();
        unsigned n = 0;

        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                held[i] = slab_alloc(c);
        while (slab_stats(n, &stats) && strcmp(stats.name, "test") != 0)
                n++;
        EXPECT_EQ(stats.objects, 5000);
        EXPECT_LE(5000 * 100 / PAGE_SIZE, stats.pages);
        EXPECT_EQ(before - free_pages(), stats.pages);
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                slab_free(c, held[i]);
        slab_stats(n, &stats);
        EXPECT_EQ(stats.objects, 0);
        EXPECT_LE(stats.pages, 1);
        EXPECT_EQ(before, free_pages()); /* the one that is kept counts as free */
        slab_shrink_all();
        slab_stats(n, &stats);
        EXPECT_EQ(stats.pages, 0);
        EXPECT_EQ(before, free_pages());
        EXPECT_FALSE(slab_stats(1000, &stats));
}

TEST(every_allocation_can_fail)
{
        struct slab_cache *c = slab_cache_create("test", 1000, 8);
        void *p;

        fail_alloc_nth(1, false);
        EXPECT_TRUE(!slab_alloc(c));
        fail_alloc_nth(2, false); /* the slab's pages */
        EXPECT_TRUE(!slab_alloc(c));
        fail_alloc_nth(1, true);
        EXPECT_TRUE(!kmalloc(10) && !kmalloc(10000) && !kzalloc(10) && !slab_zalloc(c));
        fail_alloc_nth(0, false);
        p = kmalloc(1000);
        memset(p, 7, 1000);
        fail_alloc_nth(1, true);
        EXPECT_TRUE(!krealloc(p, 2000));
        EXPECT_EQ((u64)krealloc(p, 10), (u64)p); /* a smaller block is a wish, no need */
        fail_alloc_nth(0, false);
        EXPECT_EQ(((u8 *)p)[999], 7);
        kfree(p);
}

/* ------------------------------------------------------------------ mistakes */

static struct slab_cache *cache, *other;

static void free_twice(void *arg)
{
        slab_free(cache, arg);
        slab_free(cache, arg);
}

static void kfree_twice(void *arg)
{
        kfree(arg);
        kfree(arg);
}

static void free_to_other_cache(void *arg)
{
        slab_free(other, arg);
}

static void free_inside(void *arg)
{
        slab_free(cache, (char *)arg + 8);
}

/* A write that the sanitizer does not see, as one of the kernel proper would be. */
__attribute__((no_sanitize("address"))) static void write_quietly(char *at)
{
        *at = 1;
}

static void overflow(void *arg)
{
        write_quietly((char *)arg + 40);
        slab_free(cache, arg);
}

static void underflow(void *arg)
{
        write_quietly((char *)arg - 1);
        slab_free(cache, arg);
        slab_shrink_all();
}

static void overflow_seen_by_shrink(void *arg)
{
        write_quietly((char *)arg - 1);
        slab_free(cache, arg);
        slab_shrink_all();
}

static void write_after_free(void *arg)
{
        slab_free(cache, arg);
        write_quietly((char *)arg + 16);
        slab_alloc(cache);
        slab_alloc(cache);
}

static void kfree_of_page(void *arg)
{
        (void)arg;
        kfree(page_to_virt(page_alloc(2, 0)) + PAGE_SIZE);
}

static void touch(void *arg)
{
        ++*(volatile char *)arg;
}

/* Here, not in the kernel proper, any stray access is caught, by the sanitizer. */
TEST(stray_accesses_are_caught)
{
        char *k = kmalloc(41), *large = kmalloc(5000), *freed = kmalloc(100);
        char *page = page_to_virt(page_alloc(0, 0));

        kfree(freed);
        page_free(virt_to_page(page), 0);
        k = krealloc(k, 50);
        EXPECT_PANIC(touch, k + 50, "AddressSanitizer");
        EXPECT_PANIC(touch, k - 1, "AddressSanitizer");
        EXPECT_PANIC(touch, large + 5000, "AddressSanitizer");
        EXPECT_PANIC(touch, freed + 3, "AddressSanitizer");
        EXPECT_PANIC(touch, page, "AddressSanitizer");
        touch(k + 49);
        kfree(k);
        kfree(large);
}

TEST(mistakes_are_caught)
{
        void *a, *b, *k = kmalloc(100);

        cache = slab_cache_create("ours", 40, 8);
        other = slab_cache_create("other", 40, 8);
        a = slab_alloc(cache);
        b = slab_alloc(cache);
        EXPECT_PANIC(free_twice, a, "freed twice");
        EXPECT_PANIC(kfree_twice, k, "freed twice");
        EXPECT_PANIC(free_to_other_cache, a, "not of this cache");
        EXPECT_PANIC(free_to_other_cache, k, "not of this cache");
        EXPECT_PANIC(free_inside, a, "not the start of an object");
        EXPECT_PANIC(overflow, b, "past the end");
        slab_free(cache, b);
        EXPECT_PANIC(underflow, a, "before the start");
        b = slab_alloc(cache);
        slab_free(cache, a);
        EXPECT_PANIC(overflow_seen_by_shrink, b, "past the end");
        EXPECT_PANIC(write_after_free, b, "after it was freed");
        EXPECT_PANIC(kfree_of_page, NULL, "did not come from kmalloc");
        slab_free(cache, b);
        kfree(k);
}
