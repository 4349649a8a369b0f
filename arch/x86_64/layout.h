/* SPDX-License-Identifier: MIT */
/*
 * Where things are in the kernel half of every address space. Used by C and assembly.
 *
 *   ffff800000000000  direct map: RAM by physical address, 64 TiB of room
 *   ffffc00000000000  kernel stacks, each above an unmapped hole (KSTACK_AREA_SIZE)
 *   ffffd00000000000  a window of one page, then device memory; uncached
 *   ffffffff80000000  the kernel image, at its physical address + KERNEL_BASE
 */
#ifndef ARCH_X86_64_LAYOUT_H
#define ARCH_X86_64_LAYOUT_H

#define KERNEL_BASE 0xffffffff80000000
#define DIRECT_MAP  0xffff800000000000
#define KSTACK_AREA 0xffffc00000000000
#define DEVICE_AREA 0xffffd00000000000

#define DIRECT_MAP_SIZE  0x0000400000000000
#define KSTACK_AREA_SIZE 0x40000000 /* one page table of the PUD level: 1 GiB */
#define DEVICE_AREA_SIZE 0x40000    /* 64 pages */

#ifndef __ASSEMBLER__
#include "kernel/base/types.h"

/* Bounds set by kernel.ld, all page aligned. */
extern char image_start[], text_end[], rodata_end[], data_end[], symbols_end[], image_end[];

static inline void *phys_to_virt(paddr p)
{
        return (void *)(p + DIRECT_MAP);
}

/* Of an address inside the kernel image. */
static inline paddr image_to_phys(const void *p)
{
        return (u64)p - KERNEL_BASE;
}
#endif

#endif
