/* SPDX-License-Identifier: MIT */
/* Page size, page rounding and the bounds of user space: the same on every machine here. */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include "kernel/base/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* End of user space: one page below 2^47, as on Linux with 4-level paging. */
#define TASK_SIZE 0x7ffffffff000UL

static inline u64 page_align_down(u64 a)
{
        return a & PAGE_MASK;
}

/* Wraps to 0 within the last page of the address space, which callers must expect. */
static inline u64 page_align_up(u64 a)
{
        return (a + PAGE_SIZE - 1) & PAGE_MASK;
}

#endif
