/* SPDX-License-Identifier: MIT */
/*
 * Stacks that grow when something below them is touched (MAP_GROWSDOWN).
 *
 * Whatever lies below keeps its distance of STACK_GUARD_GAP, unless it cannot be accessed or is a
 * stack itself: those guard by being what they are.
 */
#include "kernel/base/assert.h"
#include "mm/account.h"
#include "mm/fault.h"
#include "mm/layout.h"

static bool gap_allows(const struct vma *stack, u64 start)
{
        struct vma *prev = vma_prev(stack);

        if (!prev)
                return true;
        ASSERT(prev->end <= start); /* `stack` is the first above the address */
        if ((prev->flags & VM_GROWSDOWN) || !vma_is_accessible(prev))
                return true;
        return start - prev->end >= STACK_GUARD_GAP;
}

static bool limits_allow(const struct vma *stack, const struct mm_caller *who, u64 start)
{
        const struct mm *mm = stack->mm;
        u64 pages = bytes_to_pages(stack->start - start);

        if (stack->pgoff < pages || stack->end - start > who->rlimit_stack)
                return false;
        if (!account_may_grow(mm, who, stack->flags, pages, NULL))
                return false;
        return !(stack->flags & VM_LOCKED) || account_may_lock(mm, who, pages);
}

bool stack_grow(struct vma *stack, const struct mm_caller *who, u64 addr)
{
        u64 start = page_align_down(addr), pages = bytes_to_pages(stack->start - start);
        struct mm *mm = stack->mm;

        ASSERT(rwsem_is_writer(&mm->mmap_lock) && addr < stack->start);
        if (start < layout_min_addr() || !gap_allows(stack, start))
                return false;
        /* In Linux's order: a stack that may not grow has its anon_vma all the same. */
        if (fault_anon_prepare(stack) || !limits_allow(stack, who, start))
                return false;
        /* A stack that is not accounted may not ask for more than there is, either. */
        if (!commit_allows(mm, who, pages, 0))
                return false;
        if (stack->flags & VM_ACCOUNT)
                commit_add(pages);
        vma_resize(stack, start, stack->end);
        account_vma(mm, stack->flags, (s64)pages);
        return true;
}
