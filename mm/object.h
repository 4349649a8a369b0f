/* SPDX-License-Identifier: MIT */
/*
 * Objects: memory that is not anonymous. An object is an array of pages, indexed by page offset,
 * that files of tmpfs, memfds and shared anonymous mappings consist of. All its pages are in
 * memory; a hole reads as zero. A mapping refers to an object through a backing (backing.h).
 *
 * Locks: object->lock (RANK_OBJECT) guards the page array and `size`; object->rmap_lock
 * (RANK_OBJ_RMAP) guards the set of VMAs that map it.
 */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include "kernel/base/refcount.h"
#include "kernel/base/list.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "mm/backing.h"

struct page;

#define FILE_OFFSET_MAX 0x7fffffffffffffffUL /* bytes: the end of the largest file */

struct object; /* defined in mm/object_impl.h: for mm/ only */

/* Charge the commit limit page by page as pages are instantiated (memfd, tmpfs files). */
#define OBJECT_CHARGE_PAGES 0x1u
/* Its pages are blocks of 2 MiB: hugetlb.h. Of the functions here it is for those that say so. */
#define OBJECT_HUGETLB 0x2u

/* What all files of one tmpfs may hold together; the file system keeps it. */
struct object_quota {
        atomic_t used; /* pages */
        u64 max;       /* pages */
};

/*
 * A new object of `size` bytes without pages; NULL if there is no memory. It has one reference.
 * Pages over the quota give -ENOSPC; `quota`, which must outlive the object, may be NULL.
 */
struct object *object_create(u64 size, unsigned flags);
struct object *object_create_limited(u64 size, unsigned flags, struct object_quota *quota);
void object_get(struct object *object);
void object_put(struct object *object);

struct mm;
struct mm_caller;
/* Charge all of its size to the commit limit, for as long as it lives. 0 or -ENOMEM. */
int object_charge_size(struct object *object, const struct mm *mm, const struct mm_caller *who);

u64 object_size(const struct object *object);  /* bytes */
u64 object_pages(const struct object *object); /* pages present */

/*
 * The page at `index` with a reference for the caller, through *out. With `create`, a hole is
 * filled with a zero page, and one that was set aside counts as written from now on; otherwise a
 * hole gives 0 and *out = NULL. Does not look at the size.
 * -ENOMEM: no memory, or the commit limit; -ENOSPC: the quota.
 */
int object_get_page(struct object *object, u64 index, bool create, struct page **out);
/* One that was set aside by object_allocate() and never written does not count. */
bool object_has_page(struct object *object, u64 index);

/*
 * Copy up to `len` bytes between kernel memory and the object at `offset`. Reading stops at the
 * size, and a hole reads as zero without being filled; writing fills holes and raises the size.
 * Bytes copied, or an error if that is none: -ENOMEM, -ENOSPC.
 */
ssize_t object_read(struct object *object, u64 offset, void *buf, size_t len);
ssize_t object_write(struct object *object, u64 offset, const void *buf, size_t len);

/*
 * Set the size. Pages wholly past the new end are freed, and every mapping of them, private copies
 * too, is removed; the tail of the last page is cleared. Growing allocates nothing.
 */
int object_truncate(struct object *object, u64 size);

/* Free the pages in [start, end) bytes; partial pages are cleared. Private copies stay. */
int object_punch(struct object *object, u64 start, u64 end);

/* Make every page of [start, end) bytes present; grows the size unless keep_size. All or nothing:
 * -ENOMEM, -ENOSPC. */
int object_allocate(struct object *object, u64 start, u64 end, bool keep_size);

/* Raise the size to at least `size` bytes (a write past the end). */
void object_extend(struct object *object, u64 size);

/* Offset of the first byte at or after `offset` that is in a present page (`data`) or in a hole;
 * the size counts as a hole. -ENXIO past the end. */
s64 object_seek(struct object *object, u64 offset, bool data);

/* Number of VMAs that map the object shared and may be made writable (F_SEAL_WRITE). */
u64 object_shared_writable(const struct object *object);
/* From now on mm_mmap() and mm_mprotect() give no new ones: -EPERM. -EBUSY if there are any. */
int object_deny_shared_writable(struct object *object);

/* The same for mappings to come; those that there are stay. */
void object_deny_new_writable(struct object *object);

#endif
