/* SPDX-License-Identifier: MIT */
/*
 * The machine's side of an address space, and physical memory as the kernel sees it.
 */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H

#include "arch/page.h"

/* Embedded in struct mm. `root` is the top table; the kernel half of it is the machine's. */
struct mmu {
        pfn_t root;
        u64 id; /* the host machine tells address spaces apart by it */
};

/*
 * Fill in a zeroed top-level table page and `mmu`. The page is the caller's to allocate and,
 * after mmu_destroy(), to free.
 */
void mmu_init(struct mmu *mmu, pfn_t root);
void mmu_destroy(struct mmu *mmu);

/*
 * Whether PTE_PROT_XONLY does anything: x86-64 takes a protection key for it, which the thread's
 * own PKRU register may open again. mmu_xonly_denies() looks at that register.
 */
bool mmu_has_xonly(void);
bool mmu_xonly_denies(bool write);

/* Make `mmu` the address space of this CPU. NULL: the kernel's own, with no user half. */
void mmu_activate(struct mmu *mmu);

/* Kernel virtual address of a frame, through the direct map; and back. */
void *pfn_to_virt(pfn_t pfn);
pfn_t virt_to_pfn(const void *virt);

/* Copy a whole frame that may lie outside RAM, where pfn_to_virt() has no answer. */
void frame_copy(void *dst, pfn_t frame);

#endif
