/* SPDX-License-Identifier: MIT */
/*
 * VMAs: in order, apart, aligned, not empty, in user space; the tree is sound; total_vm and its
 * classes and locked_vm are the sums they should be.
 *
 * Locks: mmap_lock for writing.
 */
#include "mm/validate.h"

#include "kernel/base/assert.h"

void validate_vma(const struct mm *mm, const struct vma *vma)
{
        CHECK(vma->mm == mm);
        CHECK(vma->start < vma->end && vma->end <= TASK_SIZE);
        CHECK(((vma->start | vma->end) & ~PAGE_MASK) == 0);
        CHECK(!(vma->flags & VM_SHARED) || (vma->flags & VM_MAYSHARE));
        CHECK(!(vma->flags & VM_MAYSHARE) || !vma_is_anon(vma));
        CHECK(!(vma->flags & VM_LOCKONFAULT) || (vma->flags & VM_LOCKED));
        CHECK(vma_is_anon(vma) || !vma_object(vma) == vma_has_frames(vma));
        CHECK(vma_at(mm, vma->start) == vma && vma_at(mm, vma->end - 1) == vma);
        validate_chain(vma);
}

static void tally_vma(struct tally *t, const struct vma *vma)
{
        u64 pages = vma_pages(vma), flags = vma->flags;

        t->total += pages;
        if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
                t->exec += pages;
        else if (flags & VM_GROWSDOWN)
                t->stack += pages;
        else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
                t->data += pages;
        if (flags & VM_LOCKED)
                t->locked += pages;
}

void validate_vmas(const struct mm *mm, struct tally *t)
{
        struct vmtree_pos pos;

        vmtree_validate(&mm->tree);
        for (struct vma *vma = vmtree_find(&mm->tree, 0, &pos); vma; vma = vmtree_next(&pos)) {
                validate_vma(mm, vma);
                tally_vma(t, vma);
        }
        CHECK(t->total == mm->total_vm);
        CHECK(t->data == mm->data_vm);
        CHECK(t->exec == mm->exec_vm);
        CHECK(t->stack == mm->stack_vm);
        CHECK(t->locked == mm->locked_vm);
}
