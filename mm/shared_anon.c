/* SPDX-License-Identifier: MIT */
/* Objects of shared anonymous mappings: shared_anon.h. */
#include "mm/shared_anon.h"

#include "kernel/base/atomic.h"
#include "mm/object_impl.h"
#include "mm/slab.h"

#define SHARED_ANON_DEV 1u /* 00:01, the device of files that have no file system */

static struct slab_cache *backing_cache;
static atomic_t last_ino;

void shared_anon_boot(void)
{
        backing_cache = slab_cache_create("shared_anon", sizeof(struct backing), 8);
}

static void shared_anon_release(struct backing *backing)
{
        object_put(backing->object);
        slab_free(backing_cache, backing);
}

struct backing *shared_anon_create(u64 size, bool noreserve)
{
        struct backing *backing = slab_zalloc(backing_cache);

        if (!backing)
                return NULL;
        backing->object = object_create(size, noreserve ? OBJECT_CHARGE_PAGES : 0);
        if (!backing->object) {
                slab_free(backing_cache, backing);
                return NULL;
        }
        refcount_init(&backing->ref);
        backing->release = shared_anon_release;
        backing->ino = (u64)atomic_add(&last_ino, 1);
        backing->name = SHARED_ANON_NAME;
        backing->dev = SHARED_ANON_DEV;
        backing->flags = BACKING_SHMEM | BACKING_PATHLESS;
        return backing;
}

void shared_anon_adopt(struct backing *backing, u64 pages)
{
        object_adopt_charge(backing->object, pages);
}
