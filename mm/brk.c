/* SPDX-License-Identifier: MIT */
/*
 * brk(): the heap as one growing VMA above the program's data. It extends the VMA that ends at the
 * old break or starts a new one there; unlike mmap() it never joins what lies above. There is no
 * errno: a refusal leaves the break where it was, and the break is the answer.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/layout.h"
#include "mm/munmap.h"
#include "mm/populate.h"
#include "mm/soft_dirty.h"

#define BRK_FLAGS (VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_ACCOUNT)

/* RLIMIT_DATA counts the initialised data and the heap together. */
static bool data_limit_allows(const struct mm *mm, const struct mm_caller *who, u64 brk)
{
        u64 data = mm->image.end_data - mm->image.start_data;

        return who->rlimit_data == MM_NO_LIMIT ||
               brk - mm->image.start_brk + data <= who->rlimit_data;
}

/* [start, end) is free up to a page beyond it and below the guard gap of whatever follows. */
static bool room_above(const struct mm *mm, u64 start, u64 end)
{
        struct vma *next = vma_find(mm, start);

        return !next || end + PAGE_SIZE <= vma_start_gap(next);
}

static int brk_plan(const struct mm *mm, const struct mm_caller *who, u64 start, u64 end, u64 flags)
{
        u64 pages = bytes_to_pages(end - start);

        if (layout_check_fixed(who, start, end - start))
                return -ENOMEM;
        if ((flags & VM_LOCKED) && !account_may_lock(mm, who, pages))
                return -EAGAIN;
        if (!room_above(mm, start, end) || !account_may_grow(mm, who, flags, pages, NULL))
                return -ENOMEM;
        return mm_map_count(mm) > mm_sysctl.max_map_count ? -ENOMEM : 0;
}

/* The heap VMA to extend: one that ends at the old break and does not belong to the program. */
static bool extends_heap(struct vma_merge *merge)
{
        if (!vma_merge_plan(merge))
                return false;
        ASSERT(merge->prev && !merge->next); /* room_above() has seen to that */
        return merge->prev->end > merge->mm->image.start_brk;
}

static int heap_grow(struct mm *mm, const struct mm_caller *who, u64 start, u64 end)
{
        u64 pages = bytes_to_pages(end - start), flags = BRK_FLAGS | mm->def_flags;
        struct vma_merge merge = { .mm = mm, .start = start, .end = end, .flags = flags };
        struct vma_kit kit = { 0 };
        struct vma *heap;
        int err = brk_plan(mm, who, start, end, flags);

        if (err)
                return err;
        err = vma_kit_reserve(mm, &kit, 1, VMA_MERGE_LINKS);
        if (!err)
                err = commit_charge(mm, who, pages);
        if (!err) {
                merge.pgoff = bytes_to_pages(start);
                if (extends_heap(&merge))
                        heap = vma_merge_commit(&merge, &kit.anon);
                else
                        heap = vma_link_new(&kit, &merge);
                vma_set_flags(heap, heap->flags | soft_dirty_new());
                account_vma(mm, flags, (s64)pages);
        }
        vma_kit_release(&kit);
        return err;
}

static int heap_shrink(struct mm *mm, u64 start, u64 end)
{
        if (!vma_meeting(mm, start, end))
                return -EINVAL;
        return unmap_range(mm, start, end);
}

u64 mm_brk(struct mm *mm, const struct mm_caller *who, u64 brk)
{
        u64 old_end, new_end, result;
        bool populate = false;
        int err = 0;

        mm_lock(mm);
        old_end = page_align_up(mm->brk);
        new_end = page_align_up(brk);
        if (brk < mm->image.start_brk || !data_limit_allows(mm, who, brk)) {
                err = -ENOMEM;
        } else if (brk > mm->brk && new_end != old_end) {
                err = heap_grow(mm, who, old_end, new_end);
                populate = !err && (mm->def_flags & VM_LOCKED);
        } else if (new_end != old_end) {
                err = heap_shrink(mm, new_end, old_end);
        }
        if (!err)
                mm->brk = brk;
        result = mm->brk;
        mm_unlock(mm, old_end);
        if (populate)
                populate_try(mm, old_end, new_end);
        return result;
}
