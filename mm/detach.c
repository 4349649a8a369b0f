/* SPDX-License-Identifier: MIT */
/*
 * mm_detach(): unmap what is left of an attachment, wherever splits and moves have left it.
 *
 *      attached at   |0|1|2|3|4|5|             page numbers
 *      today         |0|1|.|3|.|.|.|.|2|4|     2 to 5 were unmapped or moved away
 *      detach here   ^  0, 1 and 3 go: they lie as many pages above as their number says
 *
 * The first VMA that fits says which attachment is meant. A sealed VMA stays, without an error, as
 * on Linux.
 */
#include "kernel/base/errno.h"
#include "mm/munmap.h"

/* The VMA lies where it would have if its backing had been mapped at `addr`. */
static bool lies_in_place(const struct vma *vma, u64 addr)
{
        return bytes_to_pages(vma->start - addr) == vma->pgoff;
}

static bool belongs(const struct vma *vma, const struct backing_ops *ops,
                    const struct backing *backing)
{
        if (!vma->backing || vma->backing->ops != ops)
                return false;
        return !backing || vma->backing == backing;
}

int mm_detach(struct mm *mm, u64 addr, const struct backing_ops *ops)
{
        struct backing *backing = NULL;
        u64 at = addr, size = ~0ULL;

        mm_lock(mm);
        for (struct vma *vma; (vma = vma_find(mm, at)) && vma->end - addr <= size;) {
                at = vma->end;
                if (vma->start < addr || !belongs(vma, ops, backing) || !lies_in_place(vma, addr))
                        continue;
                backing = vma->backing;
                size = page_align_up(object_size(backing->object));
                unmap_range(mm, vma->start, vma->end);
        }
        mm_unlock(mm, addr);
        return backing ? 0 : -EINVAL;
}
