/* SPDX-License-Identifier: MIT */
/*
 * Backings: what a mapping refers to unless it is plain anonymous memory. An open file, a System V
 * segment, a device and the vdso each embed one; mm/ knows no more of them than this.
 *
 *      kind                        object       ops               flags
 *      file in memory, memfd       its pages                      SHMEM REGULAR
 *      shared anonymous memory     its own                        SHMEM
 *      System V shared memory      its own      open close        SHMEM APART LONE
 *      /dev/zero, mapped private                                  ZERO
 *      physical memory (/dev/mem)               may_map frame
 *      [vdso]                      its image                      SPECIAL LONE
 *      [vvar]                                   frame             SPECIAL
 *
 * A backing without an object has frames: a page of it is a frame of physical memory that mm/ keeps
 * no books on. Such a mapping is VM_PFNMAP, and its entries are neither resident pages nor seen in
 * pagemap.
 *
 * The mapping calls reach the owner through struct backing_ops, and through nothing else.
 */
#ifndef MM_BACKING_H
#define MM_BACKING_H

#include "kernel/base/refcount.h"
#include "kernel/base/types.h"

struct backing;
struct object;

/* Any of them may be NULL, and so may the whole table. */
struct backing_ops {
        /*
         * One VMA more refers to the backing (mapped, split off, copied by fork() or mremap()), or
         * one fewer. A VMA that grows or shrinks is still one. open() is called with mmap_lock
         * held, close() without. A VMA that has to be closed is never merged away: it would be one
         * fewer behind its owner's back.
         */
        void (*open)(struct backing *backing);
        void (*close)(struct backing *backing);
        /*
         * May a new mapping be of these pages? 0, -EPERM, -EINVAL. With mmap_lock held. A refusal
         * leaves a hole where the mapping was to be.
         */
        int (*may_map)(struct backing *backing, u64 pgoff, u64 pages);
        /* The frame that page `pgoff` is; false: none, which is a bus error. mmap_lock is held. */
        bool (*frame)(struct backing *backing, u64 pgoff, pfn_t *frame);
};

struct backing {
        struct refcount ref;
        void (*release)(struct backing *backing); /* the last reference is gone */
        struct object *object;                    /* where the pages are; or NULL */
        const struct backing_ops *ops;            /* or NULL */
        const char *name;                         /* in /proc/PID/maps; NULL: a file has a path */
        u64 ino;                                  /* as in /proc/PID/maps */
        u32 dev;                                  /* major << 8 | minor */
        u32 flags;                                /* BACKING_* */
};

#define BACKING_SHMEM    0x1u  /* pages count as RssShmem, not RssFile */
#define BACKING_ZERO     0x2u  /* /dev/zero: private is anonymous, shared gets its own object */
#define BACKING_REGULAR  0x4u  /* a regular file: MAP_SHARED_VALIDATE, limits on offsets */
#define BACKING_APART    0x8u  /* chooses its addresses: not one of several that mremap() moves */
#define BACKING_SPECIAL  0x10u /* the kernel's own, no file: its mappings cannot be cut */
#define BACKING_LONE     0x20u /* a fault maps its page alone, not what is around it */
#define BACKING_PATHLESS 0x40u /* shared memory without a path: its mappings can be named */

static inline void backing_get(struct backing *b)
{
        refcount_get(&b->ref);
}

static inline void backing_put(struct backing *b)
{
        if (refcount_put(&b->ref))
                b->release(b);
}

/* With a reference for each VMA. NULL is allowed. */
static inline void backing_open(struct backing *b)
{
        if (!b)
                return;
        backing_get(b);
        if (b->ops && b->ops->open)
                b->ops->open(b);
}

static inline void backing_close(struct backing *b)
{
        if (b->ops && b->ops->close)
                b->ops->close(b);
        backing_put(b);
}

static inline bool backing_has_frames(const struct backing *b)
{
        return b && b->ops && b->ops->frame;
}

#endif
