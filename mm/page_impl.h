/* SPDX-License-Identifier: MIT */
/* What the files of the physical half of mm/ share with each other and with nobody else. */
#ifndef MM_PAGE_IMPL_H
#define MM_PAGE_IMPL_H

#include "mm/page.h"

/* Pages in empty slabs that a cache keeps for its next allocation: as good as free. */
u64 slab_idle_pages(void);

struct slab_cache;
size_t slab_object_size(const struct slab_cache *cache); /* bytes that an object may use */
/* slab_alloc() of which only the first `size` bytes will be used. */
void *slab_alloc_part(struct slab_cache *cache, size_t size);
void kmalloc_init(void);

#endif
