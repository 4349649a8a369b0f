/* SPDX-License-Identifier: MIT */
/* The host machine's frames are checked at every use: memory.c has the functions. */
#ifndef ARCH_HOST_MACHINE_MMU_H
#define ARCH_HOST_MACHINE_MMU_H

void *pfn_to_virt(pfn_t pfn);
pfn_t virt_to_pfn(const void *virt);

#endif
