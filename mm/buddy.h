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
