/* SPDX-License-Identifier: MIT */
/* Frames as the kernel sees them: the inline half of arch/mmu.h. */
#ifndef MACHINE_MMU_H
#define MACHINE_MMU_H

#include "arch/x86_64/layout.h"

static inline void *pfn_to_virt(pfn_t pfn)
{
        return phys_to_virt(pfn << PAGE_SHIFT);
}

static inline pfn_t virt_to_pfn(const void *virt)
{
        if ((u64)virt >= KERNEL_BASE)
                return image_to_phys(virt) >> PAGE_SHIFT;
        return ((u64)virt - DIRECT_MAP) >> PAGE_SHIFT;
}

#endif
