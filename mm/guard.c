/* SPDX-License-Identifier: MIT */
/* Guard markers: guard.h. */
#include "mm/guard.h"

#include "kernel/base/errno.h"
#include "mm/fault.h"
#include "mm/huge.h"
#include "mm/pgwalk.h"
#include "mm/zap.h"

static void set_markers(struct mm *mm, u64 start, u64 end, struct pgtable_kit *kit)
{
        for (u64 addr = start; addr < end; addr += PAGE_SIZE) {
                pte_t *pte = pgwalk_make(mm, addr, PT_PTE, kit);

                spin_lock(&mm->pte_lock);
                pgtable_set(pte, pte_marker(PTE_MARKER_GUARD, 0), PT_PTE);
                spin_unlock(&mm->pte_lock);
        }
}

int guard_install(struct vma *vma, u64 start, u64 end)
{
        struct pgtable_kit kit = { 0 };
        struct mm *mm = vma->mm;
        struct zap_batch batch;
        int err = pgtable_reserve(&kit, pgwalk_missing(mm, start, end));

        if (!err && vma_is_anon(vma))
                err = fault_anon_prepare(vma);
        if (!err) {
                vma_set_flags(vma, vma->flags | VM_MAYBE_GUARD);
                huge_split_range(mm, start, end); /* its tables are not among the missing ones */
                zap_begin(&batch, mm);
                zap_vma(&batch, vma, start, end, ZAP_ALL);
                zap_finish(&batch);
                set_markers(mm, start, end, &kit);
        }
        pgtable_release(&kit);
        return err;
}

void guard_remove(struct vma *vma, u64 start, u64 end)
{
        struct mm *mm = vma->mm;
        struct pgwalk walk = pgwalk_begin(mm, start, end);

        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (pte_is_marker(walk.entry) && pte_marker_kind(walk.entry) == PTE_MARKER_GUARD)
                        pgtable_clear(walk.pte, PT_PTE);
        }
        spin_unlock(&mm->pte_lock);
}
