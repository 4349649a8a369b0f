/* SPDX-License-Identifier: MIT */
/*
 * VMAs: in order, apart, aligned, not empty, in user space; the tree is sound and has as many as it
 * counts; total_vm and its classes and locked_vm are the sums they should be; where a merge was due
 * there was one.
 *
 * Locks: mmap_lock for writing.
 */
#include "mm/validate.h"

#include "kernel/base/assert.h"
#include "mm/hugetlb.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

void validate_vma(const struct mm *mm, const struct vma *vma)
{
        CHECK(vma->mm == mm);
        CHECK(vma->start < vma->end && vma->end <= TASK_SIZE);
        CHECK(((vma->start | vma->end) & ~PAGE_MASK) == 0);
        CHECK(!(vma->flags & VM_SHARED) || (vma->flags & VM_MAYSHARE));
        CHECK(!(vma->flags & VM_MAYSHARE) || !vma_is_anon(vma));
        CHECK(!vma->uffd == !(vma->flags & VM_UFFD_ANY));
        CHECK(!vma->uffd || vma->uffd->mm == mm);
        CHECK(!(vma->flags & VM_LOCKONFAULT) || (vma->flags & VM_LOCKED));
        CHECK(vma_is_anon(vma) || !vma_object(vma) == vma_has_frames(vma));
        CHECK(!vma->reserve || (vma_is_hugetlb(vma) && !(vma->flags & VM_MAYSHARE)));
        if (vma_is_hugetlb(vma))
                CHECK(huge_is_aligned(vma->start | vma->end | vma->pgoff << PAGE_SHIFT) &&
                      vma_object(vma) && !vma->anon && !(vma->flags & (VM_LOCKED | VM_ACCOUNT)));
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

void validate_vmas_near(const struct mm *mm, u64 addr)
{
        const struct vma *below = vma_below(mm, addr), *above = vma_find(mm, addr);
        const struct vma *next = above ? vma_next(above) : NULL;

        if (below)
                validate_vma(mm, below);
        if (above)
                validate_vma(mm, above);
        CHECK(!below || !above || below == above || below->end <= above->start);
        CHECK(!next || above->end <= next->start);
}

void validate_vmas(const struct mm *mm, struct tally *t)
{
        struct vmtree_pos pos;
        u64 count = 0, end = 0;

        vmtree_validate(&mm->tree);
        for (struct vma *vma = vmtree_find(&mm->tree, 0, &pos); vma; vma = vmtree_next(&pos)) {
                CHECK(end <= vma->start);
                end = vma->end;
                count++;
                validate_vma(mm, vma);
                tally_vma(t, vma);
        }
        CHECK(count == mm->tree.count);
        CHECK(t->total == mm->total_vm);
        CHECK(t->data == mm->data_vm);
        CHECK(t->exec == mm->exec_vm);
        CHECK(t->stack == mm->stack_vm);
        CHECK(t->locked == mm->locked_vm);
}

/* ------------------------------------------------------------------ merges */

/* One of them could go on in the other: vma_merge.h, said once more. `a` ends where `b` starts. */
static bool could_be_one(const struct vma *a, const struct vma *b)
{
        const struct vma *owner = a->anon ? a : b;

        if (((a->flags | b->flags) & VM_SPECIAL) || ((a->flags ^ b->flags) & ~VM_MERGE_IGNORED) ||
            a->backing != b->backing || a->uffd != b->uffd || !anon_name_same(a->name, b->name) ||
            a->pgoff + vma_pages(a) != b->pgoff)
                return false;
        if (!vma_may_vanish(a) || !vma_may_vanish(b))
                return false;
        if (a->anon && b->anon)
                return a->anon == b->anon;
        return !vma_is_fork_child(owner);
}

void validate_merged(const struct vma *vma, u64 start, u64 end)
{
        const struct vma *prev = vma_prev(vma), *next = vma_next(vma);

        CHECK(vma->start <= start && end <= vma->end);
        if (prev && vma->start == start && prev->end == start)
                CHECK(!could_be_one(prev, vma));
        if (next && vma->end == end && end == next->start)
                CHECK(!could_be_one(vma, next));
}
