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
 * Protection keys (SDM vol. 3, 4.6.2). The key of a leaf picks two bits of a register that every
 * thread has of its own and may write to: whether loads and stores through the leaf are denied, or
 * stores alone. Fetches are not asked about. Both functions are about the calling thread's
 * register; `rights` is PKEY_DISABLE_* of kernel/base/abi/mman.h. Without keys (mmu_has_keys()),
 * those of entries do nothing, nothing is denied, and there is no register to set.
 */
bool mmu_has_keys(void);
bool mmu_key_denies(unsigned key, bool write);
void mmu_key_set(unsigned key, unsigned rights);

/* Make `mmu` the address space of this CPU. NULL: the kernel's own, with no user half. */
void mmu_activate(struct mmu *mmu);

/*
 * <machine/mmu.h> defines
 *
 *   void *pfn_to_virt(pfn_t pfn)              kernel virtual address of a frame, through the direct
 *                                             map
 *   pfn_t virt_to_pfn(const void *virt)       and back
 */
#include <machine/mmu.h>

/* Copy a whole frame that may lie outside RAM, where pfn_to_virt() has no answer. */
void frame_copy(void *dst, pfn_t frame);

#endif
