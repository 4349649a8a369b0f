/* SPDX-License-Identifier: MIT */
/*
 * kmalloc(): memory of any size. Up to half a page it comes from slab caches of powers of two,
 * above from the page allocator directly; struct page tells kfree() which.
 */
#include "kernel/base/asan.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "mm/page.h"
#include "mm/page_impl.h"
#include "mm/slab.h"

#define KMALLOC_MIN_SHIFT 4
#define KMALLOC_MAX_SLAB  (PAGE_SIZE / 2)
#define KMALLOC_CACHES    8 /* 16 .. 2048 bytes */

static struct slab_cache *kmalloc_caches[KMALLOC_CACHES];

void kmalloc_init(void)
{
        static const char *const names[KMALLOC_CACHES] = { "kmalloc-16",   "kmalloc-32",
                                                           "kmalloc-64",   "kmalloc-128",
                                                           "kmalloc-256",  "kmalloc-512",
                                                           "kmalloc-1024", "kmalloc-2048" };

        for (unsigned i = 0; i < KMALLOC_CACHES; i++)
                kmalloc_caches[i] = slab_cache_create(names[i], 1UL << (KMALLOC_MIN_SHIFT + i), 16);
}

/* The smallest n with 1 << (n + base_shift) >= size. */
static unsigned shift_for(size_t size, unsigned base_shift)
{
        return size <= 1UL << base_shift ? 0 : 64 - __builtin_clzl(size - 1) - base_shift;
}

void *kmalloc(size_t size)
{
        unsigned order;
        struct page *page;
        u8 *p;

        if (size <= KMALLOC_MAX_SLAB)
                return slab_alloc_part(kmalloc_caches[shift_for(size, KMALLOC_MIN_SHIFT)], size);
        if (size > PAGE_SIZE << PAGE_MAX_ORDER)
                return NULL;
        order = shift_for(size, PAGE_SHIFT);
        page = page_alloc(order, 0);
        if (!page)
                return NULL;
        p = page_to_virt(page);
        asan_poison(p + size, (PAGE_SIZE << order) - size);
        return p;
}

void *kzalloc(size_t size)
{
        void *p = kmalloc(size);

        if (p)
                memset(p, 0, size);
        return p;
}

/* The first page of a kmalloc() of whole pages. */
static struct page *large_page(void *p)
{
        struct page *page = virt_to_page(p);

        if (page->kind != PAGE_KERNEL || page_to_virt(page) != p || page->order == PAGE_TAIL)
                panic("kfree: %p did not come from kmalloc (frame of kind %u)", p, page->kind);
        return page;
}

void kfree(void *p)
{
        struct page *page;

        if (!p)
                return;
        page = virt_to_page(p);
        if (page->kind == PAGE_SLAB) {
                slab_free(page->owner, p);
                return;
        }
        page = large_page(p);
        page_free(page, page->order);
}

/* Bytes that the allocation at `p` has room for. */
static size_t capacity_of(void *p)
{
        struct page *page = virt_to_page(p);

        if (page->kind == PAGE_SLAB)
                return slab_object_size(page->owner);
        return PAGE_SIZE << large_page(p)->order;
}

void *krealloc(void *p, size_t size)
{
        size_t old = p ? capacity_of(p) : 0;
        void *q;

        asan_unpoison(p, old);
        if (p && size <= old && size > old / 4) {
                asan_poison((u8 *)p + size, old - size);
                return p;
        }
        q = kmalloc(size);
        if (!q)
                return size <= old ? p : NULL;
        if (!p)
                return q;
        memcpy(q, p, min_u64(old, size));
        kfree(p);
        return q;
}
