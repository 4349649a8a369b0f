/* SPDX-License-Identifier: MIT */
/*
 * A binary buddy allocator. A block of order n is 2^n frames and begins at a multiple of 2^n; its
 * buddy is the other half of the block of order n+1 that contains both. A block is cut in half
 * until it has the size asked for; a freed block joins its buddy when that is free too.
 *
 * Invariants, under `buddy.lock`:
 *   - every page of a free block is PAGE_FREE; its first has the block's order, the others
 * PAGE_TAIL
 *   - each free block is on the list of its order, and no two free buddies of one order exist below
 *     the largest order
 *   - `free` is the number of pages on the lists plus those in blocks not yet looked at (page.h)
 *
 * Single pages come from a stack of them (buddy.h), which holds no more than BUDDY_READY_MAX and is
 * emptied into the lists when a block is wanted that they might make up; so is that of zeroes.
 *
 * Locks: buddy.lock. Not for interrupt handlers.
 */
#include "mm/buddy.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/sync/spinlock.h"

static struct {
        struct spinlock lock;
        struct list lists[PAGE_MAX_ORDER + 1];
        u64 free; /* pages */
} buddy;

struct buddy_ready buddy_ready, buddy_blank;

void buddy_init(void)
{
        spin_init(&buddy.lock, RANK_BUDDY, "buddy");
        for (unsigned i = 0; i <= PAGE_MAX_ORDER; i++)
                list_init(&buddy.lists[i]);
        buddy.free = 0;
        buddy_ready.nr = buddy_blank.nr = 0;
}

void buddy_expect(u64 pages)
{
        buddy.free += pages;
}

u64 buddy_free_pages(void)
{
        return buddy.free + buddy_ready.nr + buddy_blank.nr;
}

/* The block of `order` beside the one that begins with `page`. */
static struct page *buddy_of(struct page *page, unsigned order)
{
        return pfn_to_page(page_to_pfn(page) ^ (1UL << order));
}

static void block_insert(struct page *page, unsigned order)
{
        page->order = order;
        list_add(&buddy.lists[order], &page->node);
}

static void block_remove(struct page *page)
{
        list_del(&page->node);
        page->order = PAGE_TAIL;
}

/* A free block of at least `order`, off its list; *found is its order. */
static struct page *block_find(unsigned order, unsigned *found)
{
        struct page *page;

        for (unsigned i = order; i <= PAGE_MAX_ORDER; i++) {
                if (list_empty(&buddy.lists[i]))
                        continue;
                page = list_first(&buddy.lists[i], struct page, node);
                block_remove(page);
                *found = i;
                return page;
        }
        *found = PAGE_MAX_ORDER;
        return page_next_block();
}

static struct page *block_take(unsigned order)
{
        struct page *page;
        unsigned at;

        spin_lock(&buddy.lock);
        page = block_find(order, &at);
        if (page) {
                while (at > order) {
                        at--;
                        block_insert(buddy_of(page, at), at);
                }
                page->order = order;
                buddy.free -= 1UL << order;
        }
        spin_unlock(&buddy.lock);
        return page;
}

/* Put a block, whose pages are marked free, on its list, joined with what it can be joined with. */
static void block_join(struct page *page, unsigned order)
{
        buddy.free += 1UL << order;
        for (; order < PAGE_MAX_ORDER; order++) {
                struct page *other = buddy_of(page, order);

                if (other->kind != PAGE_FREE || other->order != order)
                        break;
                block_remove(other);
                if (other < page)
                        page = other;
        }
        block_insert(page, order);
}

/* The first `nr` pages of a stack, or all that it still has when the lock is ours, go to the
 * lists: those that were freed longest ago. */
static void ready_return(struct buddy_ready *ready, u64 nr)
{
        spin_lock(&buddy.lock);
        nr = min_u64(nr, ready->nr);
        for (u64 i = 0; i < nr; i++)
                block_join(ready->pages[i], 0);
        ready->nr -= nr;
        memmove(ready->pages, ready->pages + nr, ready->nr * sizeof(ready->pages[0]));
        spin_unlock(&buddy.lock);
}

void buddy_spill(void)
{
        ready_return(&buddy_ready, BUDDY_READY_MAX / 2);
}

struct page *buddy_refill(void)
{
        unsigned order = BUDDY_READY_ORDER;
        struct page *page = block_take(order);

        while (!page && order > 0)
                page = block_take(--order);
        if (!page)
                return buddy_take_blank();
        page->order = PAGE_TAIL;
        while (buddy_ready.nr + (1UL << order) > BUDDY_READY_MAX)
                buddy_spill(); /* others have filled it while this one waited */
        /* The last goes down first: neighbours are handed out in ascending order. */
        for (u64 i = (1UL << order) - 1; i > 0; i--)
                buddy_ready.pages[buddy_ready.nr++] = page + i;
        return page;
}

struct page *buddy_take(unsigned order)
{
        struct page *page = block_take(order);

        if (page || buddy_ready.nr + buddy_blank.nr == 0)
                return page;
        ready_return(&buddy_ready, BUDDY_READY_MAX);
        ready_return(&buddy_blank, BUDDY_READY_MAX);
        return block_take(order);
}

void buddy_give(struct page *page, unsigned order)
{
        for (u64 i = 0; i < 1UL << order; i++) {
                CHECK(page[i].kind != PAGE_FREE);
                page[i].kind = PAGE_FREE;
                page[i].order = PAGE_TAIL;
        }
        spin_lock(&buddy.lock);
        block_join(page, order);
        spin_unlock(&buddy.lock);
}

/* One free block: its pages, its place, and that it could not have been joined. */
static void block_validate(struct page *page, unsigned order)
{
        pfn_t pfn = page_to_pfn(page);

        CHECK(page_block_is_ready(pfn));
        CHECK((pfn & ((1UL << order) - 1)) == 0);
        CHECK(page->order == order);
        for (u64 i = 0; i < 1UL << order; i++) {
                CHECK(page[i].kind == PAGE_FREE);
                CHECK(i == 0 || page[i].order == PAGE_TAIL);
                CHECK(atomic_get(&page[i].refcount) == 0);
        }
        if (order < PAGE_MAX_ORDER) {
                struct page *other = buddy_of(page, order);

                CHECK(other->kind != PAGE_FREE || other->order != order);
        }
}

/* The pages of a stack are free, and in no block. */
static void ready_validate(const struct buddy_ready *ready)
{
        for (u64 i = 0; i < ready->nr; i++) {
                const struct page *page = ready->pages[i];

                CHECK(page_block_is_ready(page_to_pfn(page)));
                CHECK(page->kind == PAGE_FREE && page->order == PAGE_TAIL);
                CHECK(atomic_get(&page->refcount) == 0);
        }
}

void buddy_validate(void)
{
        u64 listed = 0, marked = 0;
        struct list *it;

        spin_lock(&buddy.lock);
        for (unsigned order = 0; order <= PAGE_MAX_ORDER; order++) {
                list_for_each (it, &buddy.lists[order]) {
                        block_validate(list_entry(it, struct page, node), order);
                        listed += 1UL << order;
                }
        }
        for (pfn_t pfn = 0; pfn < page_frames(); pfn++)
                if (page_block_is_ready(pfn) && pfn_to_page(pfn)->kind == PAGE_FREE)
                        marked++;
        ready_validate(&buddy_ready);
        ready_validate(&buddy_blank);
        CHECK(listed + buddy_ready.nr + buddy_blank.nr == marked);
        CHECK(buddy.free == listed + page_virgin_pages());
        spin_unlock(&buddy.lock);
}
