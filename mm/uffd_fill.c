/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: giving memory its pages (UFFDIO_COPY, ZEROPAGE, CONTINUE, POISON).
 *
 * Page by page: what the page is made of is got without a lock, because the handler's own memory
 * may fault; then the VMA is looked up and asked again, and the page installed. The destination may
 * be any registered VMA of the address space, whoever registered it.
 *
 * Locks: mmap_lock for reading, taken inside for one page at a time.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/huge.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/uffd.h"

/* The VMA that all of the destination lies in: 0 or the errno of the call. */
static int find_dst(struct uffd *u, const struct uffd_fill *fill, struct vma **out)
{
        struct vma *vma = vma_at(u->mm, fill->dst);

        if (!vma)
                return -ENOENT;
        if (!(vma->flags & VM_SHARED) && fault_anon_prepare(vma))
                return -ENOMEM;
        if (fill->len > vma->end - fill->dst || !vma->uffd)
                return -ENOENT;
        if (atomic_get(&u->changing))
                return -EAGAIN;
        if ((fill->wp && !(vma->flags & VM_UFFD_WP)) || !uffd_fills(vma))
                return -EINVAL;
        if (fill->kind == UFFD_CONTINUE && vma_is_anon(vma))
                return -EINVAL;
        *out = vma;
        return 0;
}

/* ------------------------------------------------------------------ one entry */

/* Is there an entry in the way of a page, or of a value (poison, the page of zeroes)? A page that
 * is elsewhere is in the way of everything. */
static bool is_free(pte_t entry, bool page)
{
        if (pte_is_none(entry))
                return true;
        return page && pte_is_marker(entry) && pte_marker_kind(entry) != PTE_MARKER_SWAP;
}

/* The page is past the end of its object, or of /dev/zero, whose size is 0. */
static bool is_past_end(const struct fault *f)
{
        struct object *object = vma_object(f->vma);

        if (!object)
                return f->vma->backing != NULL;
        return vma_pgoff_at(f->vma, f->addr) >= bytes_to_pages(object_size(object) + PAGE_SIZE - 1);
}

static int check_entry(const struct fault *f, const pte_t *pte, bool page)
{
        if (is_past_end(f))
                return -EFAULT;
        return is_free(pte_read(pte), page) ? 0 : -EEXIST;
}

/* `page` goes in, with its reference, or is left to the caller. */
static int install(const struct fault *f, pte_t *pte, struct page *page,
                   const struct uffd_fill *fill)
{
        bool writable = page->kind == PAGE_ANON || (f->vma->flags & VM_SHARED);
        unsigned prot = vma_pte_prot(f->vma, writable) | PTE_PROT_YOUNG | PTE_PROT_DIRTY;
        int err;

        spin_lock(&f->mm->pte_lock);
        err = check_entry(f, pte, true);
        if (!err && page->kind == PAGE_OBJECT && !object_owns_page(vma_object(f->vma), page))
                err = -EFAULT; /* truncated meanwhile */
        if (!err) {
                if (pte_is_marker(pte_read(pte)))
                        pgtable_clear(pte, PT_PTE);
                fault_install(f, pte, page, prot);
                if (fill->wp)
                        pgtable_set(pte, pte_mk_uffd_wp(pte_read(pte), PT_PTE), PT_PTE);
        }
        spin_unlock(&f->mm->pte_lock);
        return err;
}

static int install_value(const struct fault *f, pte_t *pte, pte_t value)
{
        int err;

        spin_lock(&f->mm->pte_lock);
        err = check_entry(f, pte, false);
        if (!err)
                pgtable_set(pte, value, PT_PTE);
        spin_unlock(&f->mm->pte_lock);
        return err;
}

/* ------------------------------------------------------------------ one page, by kind */

static int fill_anon(const struct fault *f, pte_t *pte, struct page *page,
                     const struct uffd_fill *fill)
{
        page_set_kind(page, PAGE_ANON);
        page->owner = f->vma->anon;
        page->index = vma_pgoff_at(f->vma, f->addr);
        return install(f, pte, page, fill);
}

/* The page becomes the object's, and the entry gets a reference of its own. */
static int fill_object(const struct fault *f, pte_t *pte, struct page *page,
                       const struct uffd_fill *fill)
{
        int err = check_entry(f, pte, true);

        if (!err)
                err = object_add_page(f->vma->backing->object, vma_pgoff_at(f->vma, f->addr), page);
        if (!err)
                err = install(f, pte, page, fill);
        return err;
}

static int fill_zero(const struct fault *f, pte_t *pte)
{
        unsigned prot = vma_pte_prot(f->vma, false) | PTE_PROT_SPECIAL | PTE_PROT_YOUNG;

        return install_value(f, pte, pte_leaf(page_to_pfn(zero_page), prot, PT_PTE));
}

static int fill_continue(const struct fault *f, pte_t *pte, const struct uffd_fill *fill)
{
        struct page *page;
        int err = object_fault_page(f->vma->backing->object, vma_pgoff_at(f->vma, f->addr), false,
                                    &page);

        if (err)
                return err == -ENXIO ? -EINVAL : err;
        if (!page)
                return -EFAULT;
        err = install(f, pte, page, fill);
        if (err)
                page_put(page);
        return err;
}

/* `page`: the contents, if any are needed; an entry that is filled with them takes the reference.
 */
static int fill_entry(const struct fault *f, const struct uffd_fill *fill, struct page *page)
{
        pte_t *pte = pgwalk_make(f->mm, f->addr, PT_PTE, NULL);

        if (!pte)
                return huge_find(f->mm, f->addr) ? -EEXIST : -ENOMEM;
        if (fill->kind == UFFD_POISON)
                return install_value(f, pte, pte_marker(PTE_MARKER_POISON, 0));
        if (fill->kind == UFFD_CONTINUE)
                return fill_continue(f, pte, fill);
        if (f->vma->flags & VM_SHARED)
                return fill_object(f, pte, page, fill);
        return page ? fill_anon(f, pte, page, fill) : fill_zero(f, pte);
}

/* ------------------------------------------------------------------ the call */

/* What the page at `offset` is to contain; *page is NULL where no page of its own is needed. */
static int get_contents(const struct uffd_fill *fill, bool shared, u64 offset, struct page **page)
{
        int err;

        *page = NULL;
        if (fill->kind != UFFD_COPY && !(fill->kind == UFFD_ZEROPAGE && shared))
                return 0;
        *page = page_alloc(0, ALLOC_USER | (fill->kind == UFFD_ZEROPAGE ? ALLOC_ZERO : 0));
        if (!*page)
                return -ENOMEM;
        err = fill->kind == UFFD_COPY ? fill->source(fill->arg, offset, page_to_virt(*page)) : 0;
        if (err) {
                page_put(*page);
                *page = NULL;
        }
        return err;
}

/* One page into the VMA that is there now. */
static int fill_one(struct uffd *u, const struct uffd_fill *fill, u64 offset, struct page *page)
{
        struct fault f = { .mm = u->mm, .addr = fill->dst + offset };
        int err;

        rwsem_read_lock(&u->mm->mmap_lock);
        err = find_dst(u, fill, &f.vma);
        /* What was private when the contents were got may have been replaced by shared memory. */
        if (!err && !page && fill->kind == UFFD_ZEROPAGE && (f.vma->flags & VM_SHARED))
                err = -EAGAIN;
        if (!err)
                err = fill_entry(&f, fill, page);
        rwsem_read_unlock(&u->mm->mmap_lock);
        return err;
}

/* Errnos of the range as a whole, a huge page in the way, and no memory for the table come before
 * those of the contents. */
static int check(struct uffd *u, const struct uffd_fill *fill, u64 offset, bool *shared)
{
        struct vma *vma;
        int err;

        rwsem_read_lock(&u->mm->mmap_lock);
        err = find_dst(u, fill, &vma);
        *shared = !err && (vma->flags & VM_SHARED);
        if (!err && !pgwalk_make(u->mm, fill->dst + offset, PT_PTE, NULL))
                err = huge_find(u->mm, fill->dst + offset) ? -EEXIST : -ENOMEM;
        rwsem_read_unlock(&u->mm->mmap_lock);
        return err;
}

/* The page at `offset` is the first, or the first that another table serves. */
static bool begins_table(const struct uffd_fill *fill, u64 offset)
{
        return offset == 0 || huge_align_down(fill->dst + offset) == fill->dst + offset;
}

static s64 fill_range(struct uffd *u, const struct uffd_fill *fill)
{
        bool shared = false;
        int err = 0;
        u64 done;

        for (done = 0; !err && done < fill->len; done += err ? 0 : PAGE_SIZE) {
                struct page *page = NULL;

                if (begins_table(fill, done))
                        err = check(u, fill, done, &shared);
                if (!err && fill->stop && fill->stop())
                        err = -EINTR;
                if (!err)
                        err = get_contents(fill, shared, done, &page);
                if (!err)
                        err = fill_one(u, fill, done, page);
                if (err && page)
                        page_put(page);
        }
        return done ? (s64)done : err;
}

s64 uffd_fill(struct uffd *u, const struct uffd_fill *fill)
{
        s64 result;

        if (!mm_try_get(u->mm))
                return -ESRCH;
        result = fill_range(u, fill);
        mm_put(u->mm);
        return result;
}
