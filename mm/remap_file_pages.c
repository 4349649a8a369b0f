/* SPDX-License-Identifier: MIT */
/*
 * remap_file_pages(): another part of the same object under a window of a shared mapping. Nothing
 * but a MAP_FIXED mapping today, as on Linux.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "mm/vma.h"

#define FILE_PAGES_MAX (~0UL >> PAGE_SHIFT) /* no file is as large as this */

/* The window may span several VMAs if they touch and are alike. */
static bool window_is_uniform(const struct vma *first, u64 end)
{
        const struct vma *vma = first;

        while (vma->end < end) {
                const struct vma *next = vma_next(vma);

                if (!next || next->start != vma->end || next->backing != first->backing ||
                    next->flags != first->flags)
                        return false;
                vma = next;
        }
        return true;
}

/* What is mapped at the window, as a request to map it again; with a reference. */
static int request_of(struct mm *mm, struct mmap_request *req)
{
        struct vma *vma;
        int err = -EINVAL;

        rwsem_read_lock(&mm->mmap_lock);
        vma = vma_at(mm, req->addr);
        if (vma && (vma->flags & VM_SHARED) && !(vma->flags & VM_HUGETLB) &&
            window_is_uniform(vma, req->addr + req->len)) {
                req->prot = vma->flags & VM_ACCESS_FLAGS;
                if (vma->flags & VM_LOCKED)
                        req->flags |= MAP_LOCKED;
                req->backing = vma->backing;
                backing_get(req->backing);
                err = 0;
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return err;
}

int mm_remap_file_pages(struct mm *mm, const struct mm_caller *who, u64 addr, u64 size, u64 prot,
                        u64 pgoff, u64 flags)
{
        struct mmap_request req = {
                .addr = page_align_down(addr),
                .len = page_align_down(size),
                .flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE | (flags & MAP_NONBLOCK),
                .offset =
                        pgoff > FILE_PAGES_MAX ? FILE_PAGES_MAX << PAGE_SHIFT : pgoff << PAGE_SHIFT,
                .readable = true,
                .writable = true, /* or the mapping would not be VM_SHARED */
        };
        s64 at;

        if (prot || req.addr + req.len <= req.addr || pgoff + bytes_to_pages(req.len) < pgoff)
                return -EINVAL;
        if (request_of(mm, &req))
                return -EINVAL;
        at = mm_mmap(mm, who, &req);
        backing_put(req.backing);
        return at < 0 ? (int)at : 0;
}
