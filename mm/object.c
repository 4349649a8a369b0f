/* SPDX-License-Identifier: MIT */
/*
 * Objects: the pages of files in memory. See object.h, and object_impl.h for how faults and
 * truncation meet.
 *
 * An object holds one reference on each of its pages; page->owner and page->index say whose it is
 * and where. A page leaves in this order: out of the tree and owner = NULL (under the lock), zapped
 * from every address space (without it), the object's reference dropped. While it is on its way,
 * page->node links it to the others that leave.
 *
 * Locks: object->lock, then inside it slab and page allocator. rmap_zap() is called without it.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/account.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"
#include "mm/slab.h"

struct object_list object_list = { SPINLOCK_INIT(RANK_LEAF, "objects"),
                                   LIST_INIT(object_list.all) };

static struct slab_cache *object_cache;

void object_boot(void)
{
        page_tree_boot();
        object_cache = slab_cache_create("object", sizeof(struct object), 8);
}

/* Pages that `bytes` bytes reach into. */
static u64 pages_of(u64 bytes)
{
        return (bytes >> PAGE_SHIFT) + (bytes & ~PAGE_MASK ? 1 : 0);
}

/* ------------------------------------------------------------------ one page */

static int quota_take(struct object_quota *quota)
{
        if (!quota)
                return 0;
        if ((u64)atomic_add(&quota->used, 1) <= quota->max)
                return 0;
        atomic_add(&quota->used, -1);
        return -ENOSPC;
}

/* What one page costs the object's quota and the commit limit. */
static int page_charge(struct object *object)
{
        int err = quota_take(object->quota);

        if (err || !(object->flags & OBJECT_CHARGE_PAGES))
                return err;
        err = commit_charge(NULL, NULL, 1);
        if (!err)
                atomic_add(&object->page_charge, 1);
        else if (object->quota)
                atomic_add(&object->quota->used, -1);
        return err;
}

static void pages_uncharge(struct object *object, u64 pages)
{
        if (object->quota)
                atomic_add(&object->quota->used, -(s64)pages);
        if (object->flags & OBJECT_CHARGE_PAGES) {
                atomic_add(&object->page_charge, -(s64)pages);
                commit_uncharge(pages);
        }
}

/* The hole at `index` is filled with the page, whose reference becomes the object's. Locked. */
static int page_adopt(struct object *object, u64 index, struct page *page)
{
        int err = page_charge(object);

        if (err)
                return err;
        err = page_tree_insert(&object->pages, index, page);
        if (err) {
                pages_uncharge(object, 1);
                return err;
        }
        page_set_kind(page, PAGE_OBJECT);
        page->owner = object;
        page->index = index;
        return 0;
}

/* The same with a page of zeroes. Locked. */
static int page_create(struct object *object, u64 index, struct page **out)
{
        struct page *page = page_alloc(0, ALLOC_ZERO | ALLOC_USER);
        int err = page ? page_adopt(object, index, page) : -ENOMEM;

        if (page && err)
                page_put(page);
        *out = err ? NULL : page;
        return err;
}

/* Take every page of first .. last out of the object and on to `gone`. Locked. */
static void pages_detach(struct object *object, u64 first, u64 last, struct list *gone)
{
        struct page *page;

        while ((page = page_tree_next(&object->pages, &first)) && first <= last) {
                page_tree_remove(&object->pages, first);
                __atomic_store_n(&page->owner, NULL, __ATOMIC_RELEASE);
                list_add_tail(gone, &page->node);
        }
}

/* Drop the object's references on the pages in `gone`, and what they cost. */
static void pages_release(struct object *object, struct list *gone)
{
        const struct list *it;
        u64 n = 0;

        list_for_each (it, gone)
                n++;
        page_put_all(gone);
        pages_uncharge(object, n);
}

/* Clear bytes [from, to) of the page at `index`, if it is present. Locked. */
static void page_clear_part(struct object *object, u64 index, u64 from, u64 to)
{
        struct page *page = page_tree_get(&object->pages, index);

        if (!page || from >= to)
                return;
        memset((u8 *)page_to_virt(page) + from, 0, to - from);
        page_set_flags(page, PAGE_DIRTY);
}

/* ------------------------------------------------------------------ life */

struct object *object_create_limited(u64 size, unsigned flags, struct object_quota *quota)
{
        struct object *object = slab_zalloc(object_cache);

        if (!object)
                return NULL;
        refcount_init(&object->ref);
        object->flags = flags;
        object->quota = quota;
        object->size = size;
        mutex_init(&object->lock, RANK_OBJECT, "object");
        page_tree_init(&object->pages);
        rmap_init(&object->rmap);
        spin_lock(&object_list.lock);
        list_add_tail(&object_list.all, &object->node);
        spin_unlock(&object_list.lock);
        return object;
}

struct object *object_create(u64 size, unsigned flags)
{
        return object_create_limited(size, flags, NULL);
}

void object_get(struct object *object)
{
        refcount_get(&object->ref);
}

void object_put(struct object *object)
{
        struct list gone = LIST_INIT(gone);

        if (!refcount_put(&object->ref))
                return;
        CHECK(!object->rmap.vmas.root);
        pages_detach(object, 0, ~0UL, &gone);
        pages_release(object, &gone);
        CHECK(object->pages.nr == 0);
        hugetlb_reserve_put(object->reserve);
        spin_lock(&object_list.lock);
        list_del(&object->node);
        commit_uncharge(object->charged);
        spin_unlock(&object_list.lock);
        slab_free(object_cache, object);
}

void object_adopt_charge(struct object *object, u64 pages)
{
        mutex_lock(&object->lock);
        object->charged += pages;
        mutex_unlock(&object->lock);
}

int object_charge_size(struct object *object, const struct mm *mm, const struct mm_caller *who)
{
        u64 pages = pages_of(object_size(object));
        int err = commit_charge(mm, who, pages);

        if (!err)
                object_adopt_charge(object, pages);
        return err;
}

u64 object_size(const struct object *object)
{
        return __atomic_load_n(&object->size, __ATOMIC_ACQUIRE);
}

u64 object_pages(const struct object *object)
{
        return object->pages.nr;
}

/* ------------------------------------------------------------------ pages */

/* A page that was set aside and never written is still a hole to who looks for data. */
static bool page_is_data(const struct page *page)
{
        return page && !page_has_flags(page, PAGE_UNWRITTEN);
}

/* The page at `index`, referenced. Locked. */
static int page_find(struct object *object, u64 index, bool create, struct page **out)
{
        int err = 0;

        *out = page_tree_get(&object->pages, index);
        if (!*out && create)
                err = page_create(object, index, out);
        if (*out && create)
                page_clear_flags(*out, PAGE_UNWRITTEN);
        if (*out)
                page_get(*out);
        return err;
}

int object_get_page(struct object *object, u64 index, bool create, struct page **out)
{
        int err;

        mutex_lock(&object->lock);
        err = page_find(object, index, create, out);
        mutex_unlock(&object->lock);
        return err;
}

int object_fault_page(struct object *object, u64 index, bool create, struct page **out)
{
        int err = -ENXIO;

        *out = NULL;
        mutex_lock(&object->lock);
        if (index < pages_of(object->size)) {
                err = 0;
                if (create || page_is_data(page_tree_get(&object->pages, index)))
                        err = page_find(object, index, create, out);
        }
        mutex_unlock(&object->lock);
        return err;
}

unsigned object_fault_pages(struct object *object, u64 first, unsigned nr, struct page **pages)
{
        unsigned found = 0;
        u64 end;

        mutex_lock(&object->lock);
        end = pages_of(object->size);
        page_tree_get_range(&object->pages, first, nr, pages);
        for (unsigned i = 0; i < nr; i++) {
                if (first + i >= end || !page_is_data(pages[i])) {
                        pages[i] = NULL;
                        continue;
                }
                page_get(pages[i]);
                found++;
        }
        mutex_unlock(&object->lock);
        return found;
}

int object_add_page(struct object *object, u64 index, struct page *page)
{
        int err = -EFAULT;

        mutex_lock(&object->lock);
        if (index < pages_of(object->size))
                err = page_tree_get(&object->pages, index) ? -EEXIST
                                                           : page_adopt(object, index, page);
        if (!err)
                page_get(page);
        mutex_unlock(&object->lock);
        return err;
}

bool object_has_page(struct object *object, u64 index)
{
        bool has;

        mutex_lock(&object->lock);
        has = page_is_data(page_tree_get(&object->pages, index));
        mutex_unlock(&object->lock);
        return has;
}

void object_extend(struct object *object, u64 size)
{
        mutex_lock(&object->lock);
        if (size > object->size)
                __atomic_store_n(&object->size, size, __ATOMIC_RELEASE);
        mutex_unlock(&object->lock);
}

int object_truncate(struct object *object, u64 size)
{
        struct list gone = LIST_INIT(gone);
        u64 first = pages_of(size);
        bool shrinks;

        mutex_lock(&object->lock);
        shrinks = size < object->size;
        __atomic_store_n(&object->size, size, __ATOMIC_RELEASE);
        /* Pages past the old end may exist too: fallocate() with KEEP_SIZE made them. */
        pages_detach(object, first, ~0UL, &gone);
        page_clear_part(object, size >> PAGE_SHIFT, size & ~PAGE_MASK, PAGE_SIZE);
        mutex_unlock(&object->lock);
        if (shrinks || !list_empty(&gone))
                rmap_zap(&object->rmap, first, ~0UL, true);
        pages_release(object, &gone);
        return 0;
}

int object_punch(struct object *object, u64 start, u64 end)
{
        struct list gone = LIST_INIT(gone);
        u64 first = pages_of(start);
        u64 last = end >> PAGE_SHIFT; /* exclusive */
        /* As on Linux 6.18: a hole that ends in the first page unmaps all that is behind its start.
         */
        u64 zapped = last ? last - 1 : ~0UL;

        if (start >= end)
                return 0;
        if (object->flags & OBJECT_HUGETLB) {
                hugetlb_object_punch(object, start, end);
                return 0;
        }
        mutex_lock(&object->lock);
        if (first > last) { /* inside one page */
                page_clear_part(object, last, start & ~PAGE_MASK, end & ~PAGE_MASK);
        } else {
                if (start & ~PAGE_MASK)
                        page_clear_part(object, first - 1, start & ~PAGE_MASK, PAGE_SIZE);
                page_clear_part(object, last, 0, end & ~PAGE_MASK);
        }
        if (first < last)
                pages_detach(object, first, last - 1, &gone);
        mutex_unlock(&object->lock);
        if (!list_empty(&gone) || last == 0)
                rmap_zap(&object->rmap, first, zapped, false);
        pages_release(object, &gone);
        return 0;
}

/* Fill the holes of first .. last - 1; the new pages are on `made`, in the object. Locked. */
static int holes_fill(struct object *object, u64 first, u64 last, struct list *made)
{
        struct memory_stats memory;
        struct page *page;
        int err;

        /* Not even trying what cannot succeed saves the others from a machine without memory. */
        memory_stats(&memory);
        if (last - first > memory.free + object->pages.nr)
                return -ENOMEM;
        for (; first < last; first++) {
                page = page_tree_get(&object->pages, first);
                if (page) {
                        page_set_flags(page, PAGE_DIRTY);
                        continue;
                }
                err = page_create(object, first, &page);
                if (err)
                        return err;
                page_set_flags(page, PAGE_UNWRITTEN | PAGE_DIRTY);
                list_add_tail(made, &page->node);
        }
        return 0;
}

int object_allocate(struct object *object, u64 start, u64 end, bool keep_size)
{
        struct list made = LIST_INIT(made);
        u64 first = start >> PAGE_SHIFT;
        u64 last = pages_of(end);
        int err;

        if (start >= end)
                return 0;
        mutex_lock(&object->lock);
        err = holes_fill(object, first, last, &made);
        if (err) {
                /* Nobody has seen these pages: to be seen they would have needed the lock. */
                struct list *it;

                list_for_each (it, &made)
                        page_tree_remove(&object->pages, list_entry(it, struct page, node)->index);
                pages_release(object, &made);
        } else {
                while (!list_empty(&made))
                        list_del(made.next);
                if (!keep_size && end > object->size)
                        __atomic_store_n(&object->size, end, __ATOMIC_RELEASE);
        }
        mutex_unlock(&object->lock);
        return err;
}

/* The first index >= `index` that is a hole. Locked. */
static u64 hole_find(const struct object *object, u64 index)
{
        while (page_is_data(page_tree_get(&object->pages, index)))
                index++;
        return index;
}

/* The first index >= *index with data, through *index. Locked. */
static bool data_find(const struct object *object, u64 *index)
{
        for (; page_tree_next(&object->pages, index); (*index)++)
                if (page_is_data(page_tree_get(&object->pages, *index)))
                        return true;
        return false;
}

s64 object_seek(struct object *object, u64 offset, bool data)
{
        u64 index = offset >> PAGE_SHIFT;
        s64 found = -ENXIO;

        mutex_lock(&object->lock);
        if (offset < object->size) {
                if (!data)
                        found = min_u64(max_u64(offset, hole_find(object, index) << PAGE_SHIFT),
                                        object->size);
                else if (data_find(object, &index) &&
                         max_u64(offset, index << PAGE_SHIFT) < object->size)
                        found = max_u64(offset, index << PAGE_SHIFT);
        }
        mutex_unlock(&object->lock);
        return found;
}

/* ------------------------------------------------------------------ contents */

ssize_t object_read(struct object *object, u64 offset, void *buf, size_t len)
{
        u64 size = object_size(object);
        size_t done = 0;

        if (offset >= size)
                return 0;
        len = min_u64(len, size - offset);
        while (done < len) {
                u64 at = offset + done, part = at & ~PAGE_MASK;
                size_t n = min_u64(len - done, PAGE_SIZE - part);
                struct page *page;
                int err = object_get_page(object, at >> PAGE_SHIFT, false, &page);

                CHECK(!err);
                if (page) {
                        memcpy((u8 *)buf + done, (u8 *)page_to_virt(page) + part, n);
                        page_put(page);
                } else {
                        memset((u8 *)buf + done, 0, n);
                }
                done += n;
        }
        return done;
}

ssize_t object_write(struct object *object, u64 offset, const void *buf, size_t len)
{
        size_t done = 0;
        int err = 0;

        while (done < len) {
                u64 at = offset + done, part = at & ~PAGE_MASK;
                size_t n = min_u64(len - done, PAGE_SIZE - part);
                struct page *page;

                err = object_get_page(object, at >> PAGE_SHIFT, true, &page);
                if (err)
                        break;
                memcpy((u8 *)page_to_virt(page) + part, (const u8 *)buf + done, n);
                page_set_flags(page, PAGE_DIRTY);
                page_put(page);
                done += n;
        }
        if (done > 0)
                object_extend(object, offset + done);
        return done > 0 ? (ssize_t)done : err;
}

/* ------------------------------------------------------------------ seals */

u64 object_shared_writable(const struct object *object)
{
        return object->rmap.shared_writable;
}

void object_deny_new_writable(struct object *object)
{
        rwsem_write_lock(&object->rmap.lock);
        object->rmap.deny_writable = true;
        rwsem_write_unlock(&object->rmap.lock);
}

int object_deny_shared_writable(struct object *object)
{
        int err = 0;

        rwsem_write_lock(&object->rmap.lock);
        if (object->rmap.shared_writable > 0)
                err = -EBUSY;
        else
                object->rmap.deny_writable = true;
        rwsem_write_unlock(&object->rmap.lock);
        return err;
}
