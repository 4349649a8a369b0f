/* SPDX-License-Identifier: MIT */
/*
 * page_alloc() and page_free(): the buddy allocator as the rest of the kernel sees it, with the
 * checks that catch a wrong free, the poison of debug builds, and the counts by use.
 *
 * Poison: a debug build fills a block when it is freed and looks at every word when it hands it out
 * again, so a write through a stale pointer is reported with its place and value. A blank page
 * keeps its zeroes instead, and is looked at both times.
 */
#include "arch/cpu.h"
#include "kernel/base/asan.h"
#include "kernel/base/assert.h"
#include "mm/buddy.h"
#include "mm/fail_alloc.h"
#include "mm/hugetlb.h"
#include "mm/page.h"
#include "mm/page_impl.h"

#define POISON_WORD 0xf4eef4eef4eef4eeUL

/* Pages in use, by kind. [A] */
static atomic_t used[PAGE_KIND_COUNT];
/* Pages of objects whose mapcount is not 0; the kind of a mapped page never changes. [A] */
static atomic_t mapped;
/* Pages whose lockcount is not 0. [A] */
static atomic_t locked_pages;

#ifdef DEBUG
static void block_poison(struct page *page, unsigned order)
{
        for (u64 i = 0; i < 1UL << order; i++) {
                page_fill(page_to_virt(page + i), POISON_WORD);
                page_set_flags(page + i, PAGE_POISONED);
        }
}

/* Every word is the poison if both what all have in common and what any has are. */
static bool page_is_poison(const u64 *word)
{
        u64 common = ~0UL, any = 0;

        for (unsigned i = 0; i < PAGE_SIZE / sizeof(u64); i += 4) {
                common &= word[i] & word[i + 1] & word[i + 2] & word[i + 3];
                any |= word[i] | word[i + 1] | word[i + 2] | word[i + 3];
        }
        return common == POISON_WORD && any == POISON_WORD;
}

static _Noreturn void report_poison(const struct page *page, const u64 *word)
{
        unsigned i = 0;

        while (word[i] == POISON_WORD)
                i++;
        panic("frame %#lx was written after it was freed: +%#lx is %#lx",
              (unsigned long)page_to_pfn(page), (unsigned long)(i * sizeof(u64)),
              (unsigned long)word[i]);
}

static void check_blank(const struct page *page)
{
        const u64 *word = page_to_virt(page);

        for (unsigned i = 0; i < PAGE_SIZE / sizeof(u64); i++)
                if (word[i] != 0)
                        panic("frame %#lx is not blank: +%#lx is %#lx",
                              (unsigned long)page_to_pfn(page), (unsigned long)(i * sizeof(u64)),
                              (unsigned long)word[i]);
}

static void block_check_poison(const struct page *page, unsigned order)
{
        for (u64 i = 0; i < 1UL << order; i++) {
                const u64 *word = page_to_virt(page + i);

                if (page_has_flags(page + i, PAGE_POISONED) && !page_is_poison(word))
                        report_poison(page + i, word);
        }
}
#else
static void check_blank(const struct page *page)
{
        (void)page;
}

static void block_poison(struct page *page, unsigned order)
{
        (void)page, (void)order;
}

static void block_check_poison(const struct page *page, unsigned order)
{
        (void)page, (void)order;
}
#endif

/* Make the struct page of a block just taken, or of a page in it, that of a new allocation. */
static inline void page_prepare(struct page *p, enum page_kind kind)
{
        CHECK(p->kind == PAGE_FREE && atomic_get(&p->refcount) == 0);
        atomic_set(&p->mapcount, 0);
        atomic_set(&p->lockcount, 0);
        p->kind = kind;
        p->flags = 0;
        p->level = 0;
        p->nr_used = 0;
        p->owner = NULL;
        p->index = 0;
}

/*
 * Pages that programs cannot have: with the rest the kernel gets a program that wants too much out
 * of the way, and keeps the others going. About half a per cent of memory.
 */
static inline u64 kernel_reserve(void)
{
        return min_u64(page_total_ever / 256, 4096);
}

/* The pages, marked as taken; NULL if there are none, or none for programs. */
static struct page *block_get(unsigned order, unsigned flags)
{
        if (!(flags & ALLOC_NOFAIL) && fail_alloc_now())
                return NULL;
        if ((flags & ALLOC_USER) && buddy_free_pages() < kernel_reserve() + (1UL << order))
                return NULL;
        return order ? buddy_take(order) : buddy_take_one();
}

struct page *page_alloc(unsigned order, unsigned flags)
{
        enum page_kind kind = flags >> ALLOC_KIND_SHIFT;
        struct page *page;

        CHECK(order <= PAGE_MAX_ORDER);
        if (!kind)
                kind = PAGE_KERNEL;
        page = block_get(order, flags);
        if (!page) {
                if (flags & ALLOC_NOFAIL)
                        panic("out of memory: 2^%u pages that must be had", order);
                return NULL;
        }
        asan_unpoison(page_to_virt(page), PAGE_SIZE << order);
        block_check_poison(page, order);
        for (u64 i = 0; i < 1UL << order; i++) {
                page_prepare(page + i, kind);
                if (flags & ALLOC_ZERO)
                        page_clear(page_to_virt(page + i));
        }
        page->order = order;
        atomic_set(&page->refcount, 1);
        atomic_add(&used[kind], 1L << order);
        return page;
}

struct page *page_alloc_blank(enum page_kind kind)
{
        struct page *page;

        if (buddy_blank.nr == 0)
                return page_alloc(0, ALLOC_ZERO | ALLOC_KIND(kind));
        if (fail_alloc_now())
                return NULL;
        page = buddy_take_blank();
        asan_unpoison(page_to_virt(page), PAGE_SIZE);
        check_blank(page);
        page_prepare(page, kind);
        page->order = 0;
        atomic_set(&page->refcount, 1);
        atomic_add(&used[kind], 1);
        return page;
}

/* The block may be freed, and its pages are not used for anything from here on. */
static void check_unused(const struct page *page, unsigned order)
{
        if (page->kind == PAGE_FREE || page->kind == PAGE_RESERVED || page->order != order)
                panic("frame %#lx freed with order %u: it is of kind %u, order %u",
                      (unsigned long)page_to_pfn(page), order, page->kind, page->order);
        if (atomic_get(&page->mapcount) != 0)
                panic("frame %#lx freed while %ld entries map it", (unsigned long)page_to_pfn(page),
                      (long)atomic_get(&page->mapcount));
}

/* Free a block whose refcount has come down to 0. */
static void block_release(struct page *page, unsigned order)
{
        check_unused(page, order);
        atomic_add(&used[page->kind], -(1L << order));
        asan_unpoison(page_to_virt(page), PAGE_SIZE << order);
        block_poison(page, order);
        asan_poison(page_to_virt(page), PAGE_SIZE << order);
        if (order)
                buddy_give(page, order);
        else
                buddy_give_one(page);
}

void page_free(struct page *page, unsigned order)
{
        s64 refs = atomic_add(&page->refcount, -1);

        if (refs != 0)
                panic("frame %#lx freed with order %u: it is of kind %u and has %ld holders more",
                      (unsigned long)page_to_pfn(page), order, page->kind, (long)refs);
        block_release(page, order);
}

void page_release(struct page *page)
{
        if (page->kind == PAGE_HUGETLB)
                hugetlb_release(page);
        else
                block_release(page, 0);
}

void page_dropped_last(struct page *page)
{
        CHECK(atomic_get(&page->refcount) == 0);
        page_release(page);
}

/*
 * Free `nr` pages side by side, each a block by itself and of one kind, as the largest blocks that
 * they make up: the allocator need not join them again one by one.
 */
static void run_release(struct page *page, u64 nr)
{
        atomic_add(&used[page->kind], -(s64)nr);
        while (nr > 0) {
                unsigned order = 0;

                while (order < PAGE_MAX_ORDER && 2UL << order <= nr &&
                       !(page_to_pfn(page) & ((2UL << order) - 1)))
                        order++;
                asan_unpoison(page_to_virt(page), PAGE_SIZE << order);
                block_poison(page, order);
                asan_poison(page_to_virt(page), PAGE_SIZE << order);
                buddy_give(page, order);
                page += 1UL << order;
                nr -= 1UL << order;
        }
}

void page_put_all(struct list *pages)
{
        struct page *first = NULL; /* of the run to be freed */
        struct list *it, *tmp;
        u64 nr = 0;

        list_for_each_safe (it, tmp, pages) {
                struct page *page = list_entry(it, struct page, node);

                if (page->kind == PAGE_HUGETLB) {
                        page_put(page);
                        continue;
                }
                if (!page_drop(page))
                        continue;
                check_unused(page, 0);
                if (nr > 0 && (page != first + nr || page->kind != first->kind)) {
                        run_release(first, nr);
                        nr = 0;
                }
                if (nr++ == 0)
                        first = page;
        }
        if (nr > 0)
                run_release(first, nr);
        list_init(pages);
}

void page_free_blank(struct page *page)
{
        enum page_kind kind = page->kind;

        CHECK(atomic_get(&page->refcount) == 1);
        check_unused(page, 0);
        check_blank(page);
        if (!buddy_give_blank(page)) {
                page_free(page, 0);
                return;
        }
        atomic_set(&page->refcount, 0);
        atomic_add(&used[kind], -1);
        asan_poison(page_to_virt(page), PAGE_SIZE);
}

void page_split(struct page *page, unsigned order)
{
        CHECK(page->order == order && atomic_get(&page->refcount) == 1);
        for (u64 i = 0; i < 1UL << order; i++) {
                page[i].order = 0;
                atomic_set(&page[i].refcount, 1);
        }
}

void page_set_kind(struct page *page, enum page_kind kind)
{
        s64 pages;

        CHECK(page->order <= PAGE_MAX_ORDER);
        pages = 1L << page->order;
        CHECK(page->kind > PAGE_FREE && kind > PAGE_FREE && kind < PAGE_KIND_COUNT);
        atomic_add(&used[page->kind], -pages);
        atomic_add(&used[kind], pages);
        for (s64 i = 0; i < pages; i++)
                page[i].kind = kind;
}

void page_set_locked(struct page *page, bool locked)
{
        s64 now = atomic_add(&page->lockcount, locked ? 1 : -1);

        CHECK(now >= 0);
        if (now == (locked ? 1 : 0)) /* the first came, or the last went */
                atomic_add(&locked_pages, locked ? 1 : -1);
}

void page_count_mapped(s64 pages)
{
        atomic_add(&mapped, pages);
}

void memory_stats(struct memory_stats *out)
{
        u64 idle = slab_idle_pages();

        *out = (struct memory_stats){
                .total = page_total_ever,
                .free = buddy_free_pages() + idle,
                .slab = atomic_get(&used[PAGE_SLAB]) - idle,
                .tables = atomic_get(&used[PAGE_TABLE]),
                .kstacks = atomic_get(&used[PAGE_KSTACK]),
                .anon = atomic_get(&used[PAGE_ANON]),
                .object = atomic_get(&used[PAGE_OBJECT]),
                .kernel = atomic_get(&used[PAGE_KERNEL]),
                .hugetlb = atomic_get(&used[PAGE_HUGETLB]),
                .mapped = atomic_get(&mapped),
                .locked = atomic_get(&locked_pages),
        };
}
