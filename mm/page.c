/* SPDX-License-Identifier: MIT */
/*
 * The array of struct pages, and how RAM is taken over at boot.
 *
 * The array is indexed by frame number and lies in RAM itself. Frames are looked at in blocks of
 * the allocator's largest order. A block is
 *
 *   ABSENT   nothing in it is ours: no RAM, or all of it reserved; no struct pages
 *   VIRGIN   all of it is ours, and nobody has needed it yet: its struct pages are not initialised
 *   READY    its struct pages are
 *
 * A block that is ours in part is made READY at boot; there are few. VIRGIN blocks become READY one
 * by one as the allocator runs dry, so what a boot costs does not depend on how much RAM there is.
 *
 * Locks: none of its own; after boot a block's state changes under the allocator's lock.
 */
#include "mm/page.h"
#include "arch/boot.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "mm/buddy.h"
#include "mm/page_impl.h"

enum block_state { BLOCK_ABSENT, BLOCK_VIRGIN, BLOCK_READY };

struct page *page_array;
u64 page_total_ever;

static struct {
        u8 *blocks;      /* enum block_state, one a block */
        u64 frames;      /* elements of page_array: a multiple of BLOCK_PAGES */
        u64 next_virgin; /* no block below it is VIRGIN */
        u64 nr_virgin;   /* blocks */
} ram;

bool pfn_is_ram(pfn_t pfn)
{
        return pfn < ram.frames && ram.blocks[pfn / BLOCK_PAGES] != BLOCK_ABSENT;
}

bool page_block_is_ready(pfn_t pfn)
{
        return pfn < ram.frames && ram.blocks[pfn / BLOCK_PAGES] == BLOCK_READY;
}

u64 page_frames(void)
{
        return ram.frames;
}

u64 page_virgin_pages(void)
{
        return ram.nr_virgin * BLOCK_PAGES;
}

/* Initialise the struct pages of a block: all of them free, or all reserved. */
static void block_prepare(u64 block, enum page_kind kind)
{
        struct page *page = page_array + block * BLOCK_PAGES;

        memset(page, 0, BLOCK_PAGES * sizeof(*page));
        for (u64 i = 0; i < BLOCK_PAGES; i++) {
                page[i].kind = kind;
                page[i].order = PAGE_TAIL;
                list_init(&page[i].node);
        }
        ram.blocks[block] = BLOCK_READY;
}

struct page *page_next_block(void)
{
        u64 nr = ram.frames / BLOCK_PAGES;
        u64 block = ram.next_virgin;

        while (block < nr && ram.blocks[block] != BLOCK_VIRGIN)
                block++;
        ram.next_virgin = block;
        if (block == nr)
                return NULL;
        block_prepare(block, PAGE_FREE);
        ram.nr_virgin--;
        return page_array + block * BLOCK_PAGES;
}

/* ------------------------------------------------------------------ boot */

/* What page_init() was told, with the array itself added to what is reserved. */
struct boot_memory {
        const struct mem_range *ranges;
        unsigned nr;
        struct mem_range reserved[BOOT_MAX_RANGES + 1];
        unsigned nr_reserved;
};

static bool overlaps(const struct mem_range *r, paddr start, paddr end)
{
        return r->start < end && r->end > start;
}

/* All of [start, end) is RAM and none of it reserved. */
static bool range_is_usable(const struct boot_memory *m, paddr start, paddr end)
{
        bool inside = false;

        for (unsigned i = 0; i < m->nr; i++)
                inside |= m->ranges[i].start <= start && m->ranges[i].end >= end;
        for (unsigned i = 0; i < m->nr_reserved; i++)
                if (overlaps(&m->reserved[i], start, end))
                        return false;
        return inside;
}

/* Some page of [start, end) is RAM that is not reserved. */
static bool range_has_usable(const struct boot_memory *m, paddr start, paddr end)
{
        bool any = false;

        /* Holes and large reserved pieces are many blocks long: look at their pages in none. */
        for (unsigned i = 0; i < m->nr; i++)
                any |= overlaps(&m->ranges[i], start, end);
        for (unsigned i = 0; i < m->nr_reserved; i++)
                any &= m->reserved[i].start > start || m->reserved[i].end < end;
        if (!any)
                return false;
        for (paddr at = start; at < end; at += PAGE_SIZE)
                if (range_is_usable(m, at, at + PAGE_SIZE))
                        return true;
        return false;
}

/* `size` bytes of unreserved RAM at a page boundary: the lowest there are. */
static paddr range_find(const struct boot_memory *m, u64 size)
{
        for (unsigned i = 0; i < m->nr; i++) {
                paddr at = page_align_up(m->ranges[i].start);
                unsigned j = 0;

                while (j < m->nr_reserved) {
                        if (overlaps(&m->reserved[j], at, at + size)) {
                                at = page_align_up(m->reserved[j].end);
                                j = 0;
                        } else {
                                j++;
                        }
                }
                if (at + size <= m->ranges[i].end)
                        return at;
        }
        panic("no room for the array of struct pages: %lu bytes in one piece", (unsigned long)size);
}

/* Decide how large the array is, and where it and the block states lie. */
static void array_place(struct boot_memory *m)
{
        paddr top = 0, at;
        u64 blocks, size;

        for (unsigned i = 0; i < m->nr; i++)
                top = max_u64(top, m->ranges[i].end);
        blocks = (top + (BLOCK_PAGES << PAGE_SHIFT) - 1) / (BLOCK_PAGES << PAGE_SHIFT);
        ram.frames = blocks * BLOCK_PAGES;
        size = page_align_up(ram.frames * sizeof(struct page) + blocks);
        at = range_find(m, size);
        page_array = pfn_to_virt(at >> PAGE_SHIFT);
        ram.blocks = (u8 *)(page_array + ram.frames);
        memset(ram.blocks, BLOCK_ABSENT, blocks);
        m->reserved[m->nr_reserved++] = (struct mem_range){ at, at + size };
}

/* Free one page that was reserved until now. */
static void page_adopt(pfn_t pfn)
{
        struct page *page = page_array + pfn;

        CHECK(page->kind == PAGE_RESERVED);
        page_total_ever++;
        buddy_give(page, 0);
}

/* A block that is ours in part: its usable pages go to the allocator one by one. */
static void block_adopt(const struct boot_memory *m, u64 block)
{
        block_prepare(block, PAGE_RESERVED);
        for (pfn_t pfn = block * BLOCK_PAGES; pfn < (block + 1) * BLOCK_PAGES; pfn++)
                if (range_is_usable(m, pfn << PAGE_SHIFT, (pfn + 1) << PAGE_SHIFT))
                        page_adopt(pfn);
}

void page_init(const struct mem_range *ranges, unsigned nr, const struct mem_range *reserved,
               unsigned nr_reserved)
{
        struct boot_memory m = { .ranges = ranges, .nr = nr, .nr_reserved = nr_reserved };

        CHECK(nr_reserved <= BOOT_MAX_RANGES);
        for (unsigned i = 0; i < nr_reserved; i++)
                m.reserved[i] = reserved[i];
        buddy_init();
        array_place(&m);
        for (u64 block = 0; block < ram.frames / BLOCK_PAGES; block++) {
                paddr start = block * BLOCK_PAGES << PAGE_SHIFT;
                paddr end = start + (BLOCK_PAGES << PAGE_SHIFT);

                if (range_is_usable(&m, start, end)) {
                        ram.blocks[block] = BLOCK_VIRGIN;
                        ram.nr_virgin++;
                        page_total_ever += BLOCK_PAGES;
                        buddy_expect(BLOCK_PAGES);
                } else if (range_has_usable(&m, start, end)) {
                        block_adopt(&m, block);
                }
        }
}

void page_release_reserved(paddr start, paddr end)
{
        for (pfn_t pfn = page_align_up(start) >> PAGE_SHIFT; pfn < end >> PAGE_SHIFT; pfn++) {
                if (!page_block_is_ready(pfn))
                        block_prepare(pfn / BLOCK_PAGES, PAGE_RESERVED);
                page_adopt(pfn);
        }
}
