/* SPDX-License-Identifier: MIT */
/*
 * The end of an address space that nobody uses any more: all of its mappings go at once.
 *
 * This is munmap() of everything, with what makes that dear left out: nothing is refused, cut or
 * counted beforehand, nobody is told, and the tree of VMAs is not kept in order while it shrinks,
 * but freed as it is.
 *
 * Locks: mmap_lock for writing, which nobody else can be waiting for.
 */
#include "kernel/base/assert.h"
#include "mm/account.h"
#include "mm/hugetlb.h"
#include "mm/munmap.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/zap.h"

/*
 * The entries of one VMA. `*mapped` is how far nothing is mapped from the VMAs on that were before:
 * in an address space of many mappings, most of them share what is not there.
 */
static void zap_all(struct zap_batch *batch, struct vma *vma, u64 *mapped)
{
        if (*mapped < vma->end)
                *mapped = pgwalk_first(batch->mm, max_u64(*mapped, vma->start));
        if (*mapped < vma->end)
                zap_vma(batch, vma, vma->start, vma->end, ZAP_ALL);
}

/* The VMA itself; the tree still says that it is there. Its commit charge, in pages. */
static u64 drop_vma(struct vma *vma)
{
        u64 pages = vma_pages(vma);
        u64 charged = vma->flags & VM_ACCOUNT ? pages : 0;

        if (vma->reserve)
                hugetlb_unreserve(vma->reserve, vma->pgoff, vma->pgoff + pages);
        account_vma(vma->mm, vma->flags, -(s64)pages);
        if (vma->anon || vma_object(vma))
                rmap_remove(vma);
        vma_free(vma);
        return charged;
}

void unmap_all(struct mm *mm)
{
        struct zap_batch batch;
        struct vmtree_pos pos;
        u64 mapped = 0, charged = 0;
        struct vma *vma, *next;

        ASSERT(rwsem_is_writer(&mm->mmap_lock));
        zap_begin(&batch, mm);
        for (vma = vmtree_find(&mm->tree, 0, &pos); vma; vma = next) {
                next = vmtree_next(&pos);
                zap_all(&batch, vma, &mapped);
                charged += drop_vma(vma);
        }
        vmtree_destroy(&mm->tree);
        zap_tables(&batch, 0, TASK_SIZE, 0, ~0ULL);
        zap_finish(&batch);
        commit_uncharge(charged);
}
