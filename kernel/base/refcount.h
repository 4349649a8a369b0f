/* SPDX-License-Identifier: MIT */
/* A reference count: starts at 1, panics on a count that would wrap or rise from zero. */
#ifndef KERNEL_BASE_REFCOUNT_H
#define KERNEL_BASE_REFCOUNT_H

#include "kernel/base/assert.h"
#include "kernel/base/atomic.h"

struct refcount {
        atomic_t count;
};

#define REFCOUNT_MAX 0x7fffffff

static inline void refcount_init(struct refcount *r)
{
        atomic_set(&r->count, 1);
}

static inline void refcount_get(struct refcount *r)
{
        s64 now = atomic_add(&r->count, 1);

        CHECK(now > 1 && now < REFCOUNT_MAX);
}

/* Drops one; true when it was the last and the caller must free the object. */
static inline bool refcount_put(struct refcount *r)
{
        s64 now = atomic_add(&r->count, -1);

        CHECK(now >= 0);
        return now == 0;
}

static inline s64 refcount_read(const struct refcount *r)
{
        return atomic_get(&r->count);
}

#endif
