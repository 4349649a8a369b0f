/* SPDX-License-Identifier: MIT */
/*
 * The free lists of the buddy allocator; private to the physical half of mm/. Everything else asks
 * page_alloc() (page.h), which adds the checks, the poison, the zeroes and the counts.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "mm/page.h"

#define BLOCK_PAGES (1UL << PAGE_MAX_ORDER)

void buddy_init(void);

/* 2^order pages whose struct pages read PAGE_FREE still; NULL if there are none. */
struct page *buddy_take(unsigned order);
/* Put 2^order pages back; their struct pages are reset. */
void buddy_give(struct page *page, unsigned order);

/*
 * Single pages come and go by a stack in front of the lists. It belongs to this CPU, and needs no
 * lock: kernel code is not preempted, and interrupt handlers do not allocate. Where a lock is
 * waited for, others may have changed it. Its pages are free like all others, but of no block
 * (PAGE_TAIL), so that nothing joins them.
 */
#define BUDDY_READY_MAX   64
#define BUDDY_READY_ORDER 4 /* of the blocks that it is filled from */
struct buddy_ready {
        u64 nr;
        struct page *pages[BUDDY_READY_MAX];
};
extern struct buddy_ready buddy_ready;

struct page *buddy_refill(void); /* buddy_take_one() from an empty stack */
void buddy_spill(void);          /* make room on a full one */

static inline struct page *buddy_take_one(void)
{
        if (__builtin_expect(buddy_ready.nr == 0, 0))
                return buddy_refill();
        return buddy_ready.pages[--buddy_ready.nr];
}

static inline void buddy_give_one(struct page *page)
{
        while (__builtin_expect(buddy_ready.nr == BUDDY_READY_MAX, 0))
                buddy_spill();
        page->kind = PAGE_FREE;
        page->order = PAGE_TAIL;
        buddy_ready.pages[buddy_ready.nr++] = page;
}

/*
 * A second such stack has free pages that hold nothing but zeroes, as page tables do when their
 * last entry has gone. Tables are made of them, and what else there is when all others are taken.
 */
extern struct buddy_ready buddy_blank;

/* NULL: there is none. */
static inline struct page *buddy_take_blank(void)
{
        return buddy_blank.nr ? buddy_blank.pages[--buddy_blank.nr] : NULL;
}

/* False: there are enough. */
static inline bool buddy_give_blank(struct page *page)
{
        if (buddy_blank.nr == BUDDY_READY_MAX)
                return false;
        page->kind = PAGE_FREE;
        page->order = PAGE_TAIL;
        buddy_blank.pages[buddy_blank.nr++] = page;
        return true;
}

/* Count `pages` pages that page_next_block() will hand over later as free already. */
void buddy_expect(u64 pages);
u64 buddy_free_pages(void);

/* Every invariant of the free lists, recomputed; panics with the first that does not hold. */
void buddy_validate(void);

/*
 * page.c: the next block of largest order that no one has used since power-on, its struct pages
 * initialised as free; NULL if there is none. Called with the allocator locked.
 */
struct page *page_next_block(void);
u64 page_frames(void);       /* the struct page array describes frames 0 .. this - 1 */
u64 page_virgin_pages(void); /* pages in blocks that page_next_block() has yet to give */

#endif
