/* SPDX-License-Identifier: MIT */
/*
 * Mappings of frames (VM_PFNMAP): device memory, and pages that the kernel shows to programs.
 *
 * The backing says which frame a page is. Entries are special: no struct page is counted, nothing
 * is resident because of them, and none of the reverse maps knows them. A write to a private
 * mapping makes a copy, which is an ordinary private page.
 */
#include "mm/fault.h"
#include "mm/pgwalk.h"

static bool frame_of(const struct vma *vma, u64 addr, pfn_t *frame)
{
        struct backing *backing = vma->backing;

        return backing->ops->frame(backing, vma_pgoff_at(vma, addr), frame);
}

/* Map the frame if the entry is still free. A private mapping gets no write access to it. */
static void install(const struct fault *f, pte_t *pte, pfn_t frame)
{
        unsigned prot = vma_pte_prot(f->vma, f->vma->flags & VM_SHARED) | PTE_PROT_SPECIAL;

        if (!vma_is_special(f->vma)) /* those are of ordinary memory */
                prot |= PTE_PROT_NOCACHE;
        spin_lock(&f->mm->pte_lock);
        if (fault_may_fill(pte_read(pte)))
                fault_store(pte, pte_leaf(frame, prot | PTE_PROT_YOUNG, PT_PTE));
        spin_unlock(&f->mm->pte_lock);
}

enum fault_result fault_frame(const struct fault *f, pte_t *pte)
{
        pfn_t frame;

        if (!frame_of(f->vma, f->addr, &frame))
                return FAULT_BUS;
        install(f, pte, frame);
        /* A write to a private mapping has its copy to make yet. */
        return f->write ? FAULT_AGAIN : FAULT_OK;
}

void frame_map_all(struct vma *vma)
{
        struct fault fault = { .mm = vma->mm, .vma = vma, .addr = vma->start };
        pfn_t frame;

        for (; fault.addr < vma->end; fault.addr += PAGE_SIZE) {
                pte_t *pte = pgwalk_make(vma->mm, fault.addr, PT_PTE, NULL);

                if (!pte)
                        return;
                if (frame_of(vma, fault.addr, &frame))
                        install(&fault, pte, frame);
        }
}
