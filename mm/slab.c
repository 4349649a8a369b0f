/* SPDX-License-Identifier: MIT */
/*
 * Slab caches. A slab is a block of 2^order pages that holds objects of one cache:
 *
 *   | struct slab: bitmap of used | pad | object | red zone | object | red zone | ... | unused |
 *                                       `------ stride -----'
 *
 * A bit says whether an object is in use, so nothing is kept inside free memory, and freeing twice,
 * or freeing what never was an object, is found in every build. Debug builds also fill the room
 * between objects (red zone) and freed objects (poison), and check both.
 *
 * A cache has its slabs on two lists: those with a free object, and the full ones. At most one
 * empty slab is kept, at the end of the first list; slab_shrink_all() returns these. Taking and
 * giving an object is a matter of its slab alone, unless that changes its list.
 *
 * Locks: cache->lock guards the slabs of a cache; caches_lock the list of caches. Pages are
 * allocated and freed without either. Not for interrupt handlers.
 */
#include "mm/slab.h"
#include "kernel/base/asan.h"
#include "kernel/base/assert.h"
#include "kernel/base/list.h"
#include "kernel/base/string.h"
#include "kernel/sync/spinlock.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"
#include "mm/page_impl.h"

#define SLAB_MAX_ORDER   3
#define SLAB_MIN_OBJECTS 8 /* a slab is made larger until it has as many */
#define SLAB_MIN_SIZE    16
#define SLAB_MAX_OBJECTS (PAGE_SIZE / SLAB_MIN_SIZE)

#define REDZONE_BYTE 0xbb
#define FREED_BYTE   0x6b /* of a free object */
#define ALLOCED_BYTE 0x5a /* of a new one: nobody may rely on what was there */
#ifdef DEBUG
#define SLAB_DEBUG true
#else
#define SLAB_DEBUG false
#endif

struct slab_cache {
        struct spinlock lock;
        struct list node; /* on `caches` */
        const char *name;
        size_t size;    /* of an object, as asked for */
        u32 stride;     /* from one object to the next */
        u32 first;      /* offset of the first object in a slab */
        u64 mask;       /* of an address: leaves that of the slab, which is aligned to its size */
        unsigned order; /* of a slab */
        unsigned capacity; /* objects in one slab */

        struct list partial; /* slabs with a free object, the empty one last */
        struct list full;
        u64 nr_objects, nr_pages;
        struct page *idle; /* the empty slab that is kept, or NULL */
};

/* At the start of a slab. The struct pages of the slab have the cache as owner. */
struct slab {
        u64 used[SLAB_MAX_OBJECTS / 64];
        u64 nr_used;
};

static struct slab_cache cache_cache; /* of struct slab_cache */
static struct list caches = LIST_INIT(caches);
static struct spinlock caches_lock = SPINLOCK_INIT(RANK_SLAB, "slab caches");

/* ------------------------------------------------------------------ geometry */

static size_t round_up(size_t n, size_t align)
{
        return (n + align - 1) & ~(align - 1);
}

/* Choose the order of the cache's slabs and what follows from it. */
static void cache_layout(struct slab_cache *c, size_t align)
{
        size_t redzone = SLAB_DEBUG ? sizeof(u64) : 0;

        c->stride = round_up(max_u64(c->size, SLAB_MIN_SIZE) + redzone, align);
        c->first = round_up(sizeof(struct slab) + sizeof(u64), align);
        for (c->order = 0; c->order <= SLAB_MAX_ORDER; c->order++) {
                size_t room = (PAGE_SIZE << c->order) - c->first;

                c->capacity = min_u64(room / c->stride, SLAB_MAX_OBJECTS);
                if (c->capacity >= SLAB_MIN_OBJECTS)
                        return;
        }
        c->order = SLAB_MAX_ORDER;
        CHECK(c->capacity > 0);
}

static void cache_init(struct slab_cache *c, const char *name, size_t size, size_t align)
{
        CHECK(size > 0 && align && (align & (align - 1)) == 0 && align <= PAGE_SIZE);
        memset(c, 0, sizeof(*c));
        spin_init(&c->lock, RANK_SLAB, name);
        c->name = name;
        c->size = size;
        list_init(&c->partial);
        list_init(&c->full);
        cache_layout(c, max_u64(align, sizeof(u64)));
        c->mask = ~((PAGE_SIZE << c->order) - 1);
        spin_lock(&caches_lock);
        list_add_tail(&caches, &c->node);
        spin_unlock(&caches_lock);
}

static struct slab *slab_of(const struct page *page)
{
        return page_to_virt(page);
}

static u8 *slab_object(const struct slab_cache *c, const struct page *page, unsigned n)
{
        return (u8 *)slab_of(page) + c->first + n * c->stride;
}

/* ------------------------------------------------------------------ red zones and poison */

static bool bytes_are(const u8 *p, u8 value, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (p[i] != value)
                        return false;
        return true;
}

static void redzone_fill(const struct slab_cache *c, u8 *object)
{
        if (SLAB_DEBUG)
                memset(object + c->size, REDZONE_BYTE, c->stride - c->size);
}

static void redzone_check(const struct slab_cache *c, const u8 *object)
{
        if (SLAB_DEBUG && !bytes_are(object + c->size, REDZONE_BYTE, c->stride - c->size))
                panic("slab %s: written past the end of object %p (%lu bytes)", c->name,
                      (const void *)object, (unsigned long)c->size);
}

/* The word before the first object, which has no neighbour to be its red zone. */
static u8 *slab_head_zone(const struct slab_cache *c, const struct page *page)
{
        return slab_object(c, page, 0) - sizeof(u64);
}

static void slab_check_head(const struct slab_cache *c, const struct page *page)
{
        if (SLAB_DEBUG && !bytes_are(slab_head_zone(c, page), REDZONE_BYTE, sizeof(u64)))
                panic("slab %s: written before the start of object %p", c->name,
                      (void *)slab_object(c, page, 0));
}

static void object_poison(const struct slab_cache *c, u8 *object, u8 value)
{
        if (SLAB_DEBUG)
                memset(object, value, c->size);
}

static void object_check_poison(const struct slab_cache *c, const u8 *object)
{
        if (SLAB_DEBUG && !bytes_are(object, FREED_BYTE, c->size))
                panic("slab %s: object %p was written after it was freed", c->name,
                      (const void *)object);
}

/* ------------------------------------------------------------------ slabs */

/* A new slab, on no list yet; NULL if there is no memory. */
static struct page *slab_create(struct slab_cache *c)
{
        struct page *page = page_alloc(c->order, ALLOC_KIND(PAGE_SLAB));

        if (!page)
                return NULL;
        for (unsigned i = 0; i < 1u << c->order; i++)
                page[i].owner = c;
        memset(slab_of(page), 0, sizeof(struct slab));
        for (unsigned i = 0; i < c->capacity; i++) {
                object_poison(c, slab_object(c, page, i), FREED_BYTE);
                redzone_fill(c, slab_object(c, page, i));
        }
        if (SLAB_DEBUG)
                memset(slab_head_zone(c, page), REDZONE_BYTE, sizeof(u64));
        asan_poison(slab_head_zone(c, page), sizeof(u64) + c->capacity * c->stride);
        return page;
}

static void slab_destroy(struct slab_cache *c, struct page *page)
{
        ASSERT(slab_of(page)->nr_used == 0);
        asan_unpoison(slab_head_zone(c, page), sizeof(u64) + c->capacity * c->stride);
        slab_check_head(c, page);
        for (unsigned i = 0; SLAB_DEBUG && i < c->capacity; i++) {
                object_check_poison(c, slab_object(c, page, i));
                redzone_check(c, slab_object(c, page, i));
        }
        page_free(page, c->order);
}

/* Take an object out of the first slab that has one. Cache locked; NULL if no slab has. */
static inline void *cache_take(struct slab_cache *c)
{
        struct page *page;
        struct slab *slab;
        unsigned word = 0, n;

        if (list_empty(&c->partial))
                return NULL;
        page = list_first(&c->partial, struct page, node);
        slab = slab_of(page);
        while (slab->used[word] == ~0UL)
                word++;
        n = word * 64 + __builtin_ctzl(~slab->used[word]);
        CHECK(n < c->capacity);
        slab->used[word] |= 1UL << (n % 64);
        if (page == c->idle)
                c->idle = NULL;
        if (++slab->nr_used == c->capacity) {
                list_del(&page->node);
                list_add(&c->full, &page->node);
        }
        c->nr_objects++;
        return (u8 *)slab + c->first + n * c->stride;
}

static void *cache_alloc(struct slab_cache *c)
{
        struct page *page;
        void *object;

        spin_lock(&c->lock);
        object = cache_take(c);
        spin_unlock(&c->lock);
        if (object)
                return object;
        page = slab_create(c);
        if (!page)
                return NULL;
        spin_lock(&c->lock);
        list_add(&c->partial, &page->node);
        c->nr_pages += 1UL << c->order;
        object = cache_take(c);
        spin_unlock(&c->lock);
        return object;
}

/*
 * An object was given back to a slab that had `nr_used`: all there are, or one. Cache locked.
 * Returns the slab if it is empty and the cache has an empty one already: it is on no list then,
 * and the caller frees it.
 */
static struct page *slab_change_list(struct slab_cache *c, struct page *page, u64 nr_used)
{
        list_del(&page->node);
        if (nr_used > 1) {
                list_add(&c->partial, &page->node);
                return NULL;
        }
        if (c->idle) {
                c->nr_pages -= 1UL << c->order;
                return page;
        }
        list_add_tail(&c->partial, &page->node);
        c->idle = page;
        return NULL;
}

/* Mark an object free. Cache locked. Returns the slab if it is to be freed, too. */
static inline struct page *cache_give(struct slab_cache *c, struct slab *slab, u64 n, u8 *object)
{
        u64 nr_used = slab->nr_used;

        if (!(slab->used[n / 64] & 1UL << (n % 64)))
                panic("slab %s: object %p freed twice", c->name, (void *)object);
        asan_unpoison(object, c->stride);
        redzone_check(c, object);
        object_poison(c, object, FREED_BYTE);
        asan_poison(object, c->stride);
        slab->used[n / 64] &= ~(1UL << (n % 64));
        c->nr_objects--;
        slab->nr_used = nr_used - 1;
        if (nr_used > 1 && nr_used < c->capacity)
                return NULL;
        return slab_change_list(c, virt_to_page(slab), nr_used);
}

/* ------------------------------------------------------------------ the calls */

void *slab_alloc_part(struct slab_cache *c, size_t size)
{
        u8 *object;

        if (fail_alloc_now())
                return NULL;
        object = cache_alloc(c);
        if (!object)
                return NULL;
        asan_unpoison(object, c->stride);
        object_check_poison(c, object);
        redzone_check(c, object);
        object_poison(c, object, ALLOCED_BYTE);
        asan_poison(object, c->stride);
        asan_unpoison(object, size);
        return object;
}

void *slab_alloc(struct slab_cache *c)
{
        return slab_alloc_part(c, c->size);
}

void *slab_zalloc(struct slab_cache *c)
{
        void *object = slab_alloc(c);

        if (object)
                memset(object, 0, c->size);
        return object;
}

void slab_free(struct slab_cache *c, void *object)
{
        struct slab *slab = (struct slab *)((u64)object & c->mask);
        struct page *page = virt_to_page(object);
        u64 offset = (u64)object - (u64)slab - c->first, n = offset / c->stride;

        if (page->kind != PAGE_SLAB || page->owner != c)
                panic("slab %s: freeing %p, which is not of this cache", c->name, object);
        if (n * c->stride != offset || n >= c->capacity)
                panic("slab %s: freeing %p, which is not the start of an object", c->name, object);
        spin_lock(&c->lock);
        page = cache_give(c, slab, n, object);
        spin_unlock(&c->lock);
        if (page)
                slab_destroy(c, page);
}

size_t slab_object_size(const struct slab_cache *c)
{
        return c->size;
}

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align)
{
        struct slab_cache *c = cache_alloc(&cache_cache);

        CHECK(c);
        asan_unpoison(c, sizeof(*c));
        cache_init(c, name, size, align);
        return c;
}

void slab_shrink_all(void)
{
        struct list *it;

        list_for_each (it, &caches) {
                struct slab_cache *c = list_entry(it, struct slab_cache, node);
                struct page *page;

                spin_lock(&c->lock);
                page = c->idle;
                if (page) {
                        list_del(&page->node);
                        c->idle = NULL;
                        c->nr_pages -= 1UL << c->order;
                }
                spin_unlock(&c->lock);
                if (page)
                        slab_destroy(c, page);
        }
}

u64 slab_idle_pages(void)
{
        struct list *it;
        u64 pages = 0;

        list_for_each (it, &caches) {
                const struct slab_cache *c = list_entry(it, struct slab_cache, node);

                if (c->idle)
                        pages += 1UL << c->order;
        }
        return pages;
}

bool slab_stats(unsigned n, struct slab_stats *out)
{
        struct list *it;

        list_for_each (it, &caches) {
                const struct slab_cache *c = list_entry(it, struct slab_cache, node);

                if (n-- > 0)
                        continue;
                *out = (struct slab_stats){ c->name, c->size, c->nr_objects, c->nr_pages };
                return true;
        }
        return false;
}

void slab_init(void)
{
        cache_init(&cache_cache, "slab_cache", sizeof(struct slab_cache), sizeof(u64));
        kmalloc_init();
}
