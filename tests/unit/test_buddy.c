/* SPDX-License-Identifier: MIT */
/* The page allocator: random use against a model, late initialisation, wrong frees, counts. */
#include "mm/buddy.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"
#include "tests/unit/test.h"

static u64 free_pages(void)
{
        struct memory_stats s;

        memory_stats(&s);
        return s.free;
}

TEST(blocks_are_aligned_and_disjoint)
{
        struct page *held[PAGE_MAX_ORDER + 1];
        u64 before = free_pages();

        for (unsigned o = 0; o <= PAGE_MAX_ORDER; o++) {
                held[o] = page_alloc(o, 0);
                ASSERT_TRUE(held[o]);
                EXPECT_EQ(page_to_pfn(held[o]) % (1UL << o), 0);
                EXPECT_EQ(held[o]->kind, PAGE_KERNEL);
                EXPECT_EQ(atomic_get(&held[o]->refcount), 1);
                memset(page_to_virt(held[o]), (int)o + 1, PAGE_SIZE << o);
        }
        buddy_validate();
        EXPECT_EQ(before - free_pages(), (2UL << PAGE_MAX_ORDER) - 1);
        for (unsigned o = 0; o <= PAGE_MAX_ORDER; o++) {
                const u8 *p = page_to_virt(held[o]);

                EXPECT_TRUE(p[0] == o + 1 && p[(PAGE_SIZE << o) - 1] == o + 1);
                page_free(held[o], o);
        }
        buddy_validate();
        EXPECT_EQ(before, free_pages());
}

TEST(zeroed_pages_are_zero)
{
        struct page *page = page_alloc(3, 0);
        const u8 *p;

        memset(page_to_virt(page), 0xee, PAGE_SIZE << 3);
        page_free(page, 3);
        for (int i = 0; i < 3000; i++) {
                page = page_alloc(0, ALLOC_ZERO);
                p = page_to_virt(page);
                for (unsigned j = 0; j < PAGE_SIZE; j += 8)
                        ASSERT_EQ(*(const u64 *)(p + j), 0);
                page_free(page, 0);
        }
}

/* Blank pages are kept for the next who wants one, as free as all others. */
TEST(blank_pages_come_back_blank)
{
        static struct page *held[BUDDY_READY_MAX + 2];
        u64 before = free_pages();

        for (unsigned i = 0; i < ARRAY_SIZE(held); i++) {
                held[i] = page_alloc_blank(PAGE_TABLE);
                held[i]->nr_used = 7;
        }
        EXPECT_EQ(free_pages(), before - ARRAY_SIZE(held));
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                page_free_blank(held[i]);
        EXPECT_EQ(free_pages(), before);
        buddy_validate();
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++) {
                const u64 *word;

                held[i] = page_alloc_blank(PAGE_TABLE);
                EXPECT_EQ(held[i]->kind, PAGE_TABLE);
                EXPECT_EQ(held[i]->nr_used, 0);
                word = page_to_virt(held[i]);
                for (unsigned j = 0; j < PAGE_SIZE / sizeof(u64); j++)
                        ASSERT_EQ(word[j], 0);
        }
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                page_free_blank(held[i]);
        fail_alloc_nth(1, false);
        EXPECT_TRUE(!page_alloc_blank(PAGE_TABLE));
        fail_alloc_nth(0, false);
        EXPECT_EQ(free_pages(), before);
}

/* They stand in no block's way. */
TEST(blank_pages_make_up_blocks)
{
        static struct page *held[32768];
        u64 before = free_pages();
        struct page *blank[8], *p;
        unsigned n = 0;

        for (unsigned i = 0; i < ARRAY_SIZE(blank); i++)
                blank[i] = page_alloc_blank(PAGE_TABLE);
        while ((p = page_alloc(3, 0)))
                held[n++] = p;
        for (unsigned i = 0; i < ARRAY_SIZE(blank); i++)
                page_free_blank(blank[i]);
        p = page_alloc(3, 0);
        EXPECT_TRUE(p);
        page_free(p, 3);
        while (n > 0)
                page_free(held[--n], 3);
        EXPECT_EQ(free_pages(), before);
        buddy_validate();
}

/* Take every page there is, one by one; all different; then free them in a random order. */
TEST(memory_can_be_used_up_and_given_back)
{
        static struct page *held[32768];
        u64 before = free_pages(), state = 7;
        unsigned n = 0;
        struct page *p;

        page_free_blank(page_alloc_blank(PAGE_TABLE));
        while ((p = page_alloc(0, 0))) {
                ASSERT_TRUE(n < ARRAY_SIZE(held));
                EXPECT_TRUE(p->owner == NULL);
                p->owner = &held[n];
                held[n++] = p;
        }
        EXPECT_EQ(n, before);
        EXPECT_EQ(free_pages(), 0);
        EXPECT_TRUE(!page_alloc(PAGE_MAX_ORDER, 0));
        for (unsigned i = n; i > 1; i--) {
                u64 j = test_random_below(&state, i);

                p = held[j];
                held[j] = held[i - 1];
                held[i - 1] = p;
        }
        for (unsigned i = 0; i < n; i++)
                page_put(held[i]);
        buddy_validate();
        EXPECT_EQ(free_pages(), before);
        p = page_alloc(PAGE_MAX_ORDER, 0);
        EXPECT_TRUE(p);
        page_free(p, PAGE_MAX_ORDER);
}

struct block {
        struct page *page;
        unsigned order;
        u64 stamp;
};

static void block_stamp(const struct block *b)
{
        for (u64 i = 0; i < 1UL << b->order; i++)
                *(u64 *)page_to_virt(b->page + i) = b->stamp + i;
}

static bool block_is_intact(const struct block *b)
{
        for (u64 i = 0; i < 1UL << b->order; i++)
                if (*(u64 *)page_to_virt(b->page + i) != b->stamp + i)
                        return false;
        return true;
}

TEST(random_use_keeps_every_block_intact)
{
        static struct block held[400];
        u64 state = 12345, in_use = 0, before = free_pages();

        for (int step = 0; step < 20000; step++) {
                struct block *b = &held[test_random_below(&state, ARRAY_SIZE(held))];

                if (b->page) {
                        ASSERT_TRUE(block_is_intact(b));
                        page_free(b->page, b->order);
                        in_use -= 1UL << b->order;
                        b->page = NULL;
                } else {
                        b->order = test_random_below(&state, 8) ? test_random_below(&state, 4)
                                                                : test_random_below(&state, 11);
                        b->page = page_alloc(b->order, 0);
                        if (!b->page)
                                continue;
                        b->stamp = test_random(&state);
                        block_stamp(b);
                        in_use += 1UL << b->order;
                }
                EXPECT_EQ(before - free_pages(), in_use);
                if (step % 2000 == 0)
                        buddy_validate();
        }
        for (unsigned i = 0; i < ARRAY_SIZE(held); i++)
                if (held[i].page)
                        page_free(held[i].page, held[i].order);
        buddy_validate();
}

TEST(programs_leave_a_reserve)
{
        struct memory_stats s;
        struct list held;
        struct page *p;

        list_init(&held);
        while ((p = page_alloc(0, ALLOC_USER)))
                list_add(&held, &p->node);
        memory_stats(&s);
        EXPECT_LE(s.total / 300, s.free);
        EXPECT_LE(s.free, s.total / 200);
        p = page_alloc(0, 0);
        EXPECT_TRUE(p);
        page_put(p);
        while (!list_empty(&held)) {
                p = list_first(&held, struct page, node);
                list_del(&p->node);
                page_put(p);
        }
}

TEST(use_is_counted_by_kind)
{
        struct memory_stats a, b;
        struct page *table = page_alloc(0, 0), *stack = page_alloc(2, 0), *anon = page_alloc(0, 0);

        memory_stats(&a);
        page_set_kind(table, PAGE_TABLE);
        page_set_kind(stack, PAGE_KSTACK);
        page_set_kind(anon, PAGE_ANON);
        memory_stats(&b);
        EXPECT_EQ(b.tables - a.tables, 1);
        EXPECT_EQ(b.kstacks - a.kstacks, 4);
        EXPECT_EQ(b.anon - a.anon, 1);
        EXPECT_EQ(a.kernel - b.kernel, 6);
        page_free(table, 0);
        page_free(stack, 2);
        page_get(anon);
        page_put(anon);
        page_put(anon);
        memory_stats(&b);
        EXPECT_EQ(b.tables + b.kstacks + b.anon, a.tables + a.kstacks + a.anon);
        EXPECT_EQ(b.total, a.total);
}

TEST(the_hook_makes_allocations_fail)
{
        struct page *p;

        fail_alloc_nth(3, false);
        for (int i = 1; i <= 5; i++) {
                p = page_alloc(0, 0);
                EXPECT_EQ(!p, i == 3);
                if (p)
                        page_free(p, 0);
        }
        EXPECT_EQ(fail_alloc_count(), 5);
        fail_alloc_nth(2, true);
        p = page_alloc(0, 0);
        page_free(p, 0);
        EXPECT_TRUE(!page_alloc(0, 0) && !page_alloc(0, 0));
        p = page_alloc(0, ALLOC_NOFAIL);
        page_free(p, 0);
        fail_alloc_nth(0, false);
        p = page_alloc(0, 0);
        page_free(p, 0);
}

/* As many as are asked for in a row, then none: what is short for a while comes back. */
TEST(a_number_of_allocations_fail_in_a_row)
{
        fail_alloc_times(2, 3);
        for (int i = 1; i <= 6; i++) {
                struct page *p = page_alloc(0, 0);

                EXPECT_EQ(!p, i >= 2 && i <= 4);
                if (p)
                        page_free(p, 0);
                EXPECT_EQ(fail_alloc_failed(), max_u64(1, min_u64((u64)i, 4)) - 1);
        }
        EXPECT_EQ(fail_alloc_count(), 6);
        fail_alloc_times(0, 3);
        EXPECT_EQ(fail_alloc_failed(), 0);
        EXPECT(!fail_alloc_now() && fail_alloc_failed() == 0);
}

/* Allocates, says of how many calls none failed, and gives back. */
static void allocate_unharmed(void *arg)
{
        unsigned *unharmed = arg;

        for (int i = 0; i < 5; i++) {
                struct page *p = page_alloc(0, 0);

                *unharmed += p != NULL;
                if (p)
                        page_free(p, 0);
        }
}

/* Only the thread that asked for it goes without memory, and only its calls are counted. */
TEST(allocations_of_one_thread_fail_alone)
{
        unsigned unharmed = 0;

        fail_alloc_mine(2, 3);
        for (int i = 1; i <= 6; i++) {
                struct page *p;

                host_task_create("other", allocate_unharmed, &unharmed);
                host_run();
                p = page_alloc(0, 0);
                EXPECT_EQ(!p, i >= 2 && i <= 4);
                if (p)
                        page_free(p, 0);
        }
        EXPECT_EQ(unharmed, 30);
        EXPECT_EQ(fail_alloc_count(), 6);
        EXPECT_EQ(fail_alloc_failed(), 3);
        fail_alloc_times(6, 1);
        host_task_create("other", allocate_unharmed, &unharmed);
        host_run();
        EXPECT_EQ(unharmed, 35);
        EXPECT_EQ(fail_alloc_count(), 5); /* everyone's again */
        fail_alloc_times(0, 0);
        EXPECT(!fail_alloc_now() && fail_alloc_count() == 0); /* not set: nothing is counted */
}

/* ------------------------------------------------------------------ boot */

/* Memory full of rubbish, ranges at odd addresses, reserved pieces everywhere. */
TEST_BARE(boot_takes_exactly_what_is_usable)
{
        static const struct mem_range ram[] = { { 0x100000, 0x9fc123 },
                                                { 0xa00fff, 0x3001000 },
                                                { 0x8000000, 0x8000fff } };
        static const struct mem_range taken[] = { { 0x100000, 0x280001 },
                                                  { 0x700800, 0x700900 },
                                                  { 0x2000000, 0x2001000 } };
        u64 expect = 0, got = 0, array;

        for (unsigned i = 0; i < ARRAY_SIZE(ram); i++) {
                host_memory_map(ram[i].start, ram[i].end);
                host_memory_soil(ram[i].start, ram[i].end, 0xa5);
        }
        page_init(ram, ARRAY_SIZE(ram), taken, ARRAY_SIZE(taken));
        array = page_align_up(page_frames() * sizeof(struct page) + page_frames() / BLOCK_PAGES);
        expect += (0x9fc - 0x281) - 1;  /* first range, less the one page at 0x700800 */
        expect += (0x3001 - 0xa01) - 1; /* second, less 0x2000000 */
        expect -= array >> PAGE_SHIFT;  /* third: no whole page */
        EXPECT_EQ(free_pages(), expect);
        for (struct page *p; (p = page_alloc(0, ALLOC_ZERO)); got++) {
                pfn_t pfn = page_to_pfn(p);

                EXPECT_TRUE((pfn >= 0x281 && pfn < 0x9fc) || (pfn >= 0xa01 && pfn < 0x3001));
                EXPECT_TRUE(pfn != 0x700 && pfn != 0x2000);
        }
        EXPECT_EQ(got, expect);
        EXPECT_TRUE(pfn_is_ram(0x500) && !pfn_is_ram(0x9000) && !pfn_is_ram(~0UL));
        buddy_validate();
}

/* 8 GiB with a hole: nothing is touched at boot but the array's bookkeeping. */
TEST_BARE(much_memory_boots_as_fast_as_little)
{
        static const struct mem_range ram[] = { { 16UL << 20, 3UL << 30 },
                                                { 4UL << 30, 9UL << 30 } };
        struct page *p;

        for (unsigned i = 0; i < ARRAY_SIZE(ram); i++)
                host_memory_map(ram[i].start, ram[i].end);
        page_init(ram, ARRAY_SIZE(ram), NULL, 0);
        EXPECT_LT(8UL << 18, free_pages() + 50000);
        EXPECT_LT(page_virgin_pages() + 3 * BLOCK_PAGES, 8UL << 18);
        EXPECT_LT(free_pages(), page_virgin_pages() + 2 * BLOCK_PAGES);
        p = page_alloc(PAGE_MAX_ORDER, ALLOC_ZERO);
        ASSERT_TRUE(p);
        page_free(p, PAGE_MAX_ORDER);
        buddy_validate();
}

TEST_BARE(reserved_memory_can_be_released)
{
        static const struct mem_range ram[] = { { 16UL << 20, 64UL << 20 } };
        static const struct mem_range taken[] = { { 32UL << 20, (52UL << 20) + 100 } };
        u64 before;

        host_memory_map(ram[0].start, ram[0].end);
        page_init(ram, 1, taken, 1);
        before = free_pages();
        page_release_reserved((40UL << 20) - 5, taken[0].end);
        EXPECT_EQ(free_pages() - before, (12UL << 20) / PAGE_SIZE);
        buddy_validate();
        while (page_alloc(0, ALLOC_ZERO))
                before--;
        EXPECT_EQ(before + (12UL << 20) / PAGE_SIZE, 0);
}

/* ------------------------------------------------------------------ mistakes */

static void free_twice(void *arg)
{
        page_free(arg, 0);
        page_free(arg, 0);
}

static void put_twice(void *arg)
{
        page_put(arg);
        page_put(arg);
}

static void free_with_wrong_order(void *arg)
{
        page_free(arg, 2);
}

static void free_inside_a_block(void *arg)
{
        page_free((struct page *)arg + 1, 0);
}

static void free_while_mapped(void *arg)
{
        struct page *page = arg;

        atomic_add(&page->mapcount, 1);
        page_put(page);
}

static void free_while_held(void *arg)
{
        page_get(arg);
        page_free(arg, 0);
}

/* A write that the sanitizer does not see, as one of the kernel proper would be. */
__attribute__((no_sanitize("address"))) static void write_quietly(u64 *at)
{
        *at = 0x1234;
}

static void write_after_free(void *arg)
{
        struct page *page = arg;
        u64 *word = page_to_virt(page);

        page_free(page, 0);
        write_quietly(word + 100);
        while (page_alloc(0, 0))
                ;
}

static void free_what_is_not_blank(void *arg)
{
        u64 *word = page_to_virt(arg);

        word[511] = 5;
        page_free_blank(arg);
}

static void write_to_a_blank_page(void *arg)
{
        u64 *word = page_to_virt(arg);

        memset(word, 0, PAGE_SIZE);
        page_free_blank(arg);
        write_quietly(word + 1);
        page_alloc_blank(PAGE_TABLE);
}

static void set_kind_of_free(void *arg)
{
        page_free(arg, 0);
        page_set_kind(arg, PAGE_ANON);
}

TEST(mistakes_are_caught)
{
        struct page *one = page_alloc(0, 0), *two = page_alloc(1, 0);

        EXPECT_PANIC(free_twice, one, "holders more");
        EXPECT_PANIC(put_twice, one, "CHECK");
        EXPECT_PANIC(free_with_wrong_order, one, "freed with order 2");
        EXPECT_PANIC(free_with_wrong_order, two, "freed with order 2");
        EXPECT_PANIC(free_inside_a_block, two, "freed with order 0");
        EXPECT_PANIC(free_while_mapped, one, "while 1 entries map it");
        EXPECT_PANIC(free_while_held, one, "1 holders more");
        EXPECT_PANIC(write_after_free, one, "was written after it was freed: +0x320 is 0x1234");
        EXPECT_PANIC(free_what_is_not_blank, one, "is not blank: +0xff8 is 0x5");
        EXPECT_PANIC(write_to_a_blank_page, one, "is not blank: +0x8 is 0x1234");
        EXPECT_PANIC(set_kind_of_free, one, "CHECK");
        page_free(one, 0);
        page_free(two, 1);
}
