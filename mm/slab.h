/* SPDX-License-Identifier: MIT */
/*
 * Objects smaller than a page: caches of one size, and kmalloc() over caches of powers of two.
 * Debug builds poison freed objects, keep red zones and catch a double or a foreign free.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "kernel/base/types.h"

struct slab_cache;

/* `align` is a power of two, at most a page. Never fails once page_init() has run: boot only. */
struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align);

/* Uninitialised memory; NULL if there is none, or if the fault-injection hook says so. */
void *slab_alloc(struct slab_cache *cache);
void *slab_zalloc(struct slab_cache *cache);
void slab_free(struct slab_cache *cache, void *object);

/* Any size up to 4 MiB; more than half a page comes in whole pages. kfree(NULL) does nothing. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void *krealloc(void *p, size_t size);
void kfree(void *p);

struct slab_stats {
        const char *name;
        size_t size;        /* bytes of one object */
        u64 objects, pages; /* in use; held */
};
/* Copies the n-th cache's figures; false past the last. */
bool slab_stats(unsigned n, struct slab_stats *out);

/* Give the empty slabs that the caches keep back to the page allocator. */
void slab_shrink_all(void);

void slab_init(void);

#endif
