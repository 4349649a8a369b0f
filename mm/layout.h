/* SPDX-License-Identifier: MIT */
/*
 * Where things go: the layout of an address space, and choosing a place for a mapping.
 *
 *      0         64 KiB                                                             2^47 - 4096
 *      |..........|  program, heap ->            <- mappings | gap for the stack |<- stack|
 *      never      ^ placement minimum                        ^ mmap_base                  ^
 * stack_top
 *
 * New mappings go into the highest gap below mmap_base that holds them; when there is none, and in
 * the legacy layout always, into the lowest gap above mmap_bottom. Below a stack (VM_GROWSDOWN) the
 * guard gap stays free. A caller may name a place: as a hint, taken if it is free, or MAP_FIXED.
 *
 * Private anonymous mappings of whole 2 MiB without a hint go to a multiple of 2 MiB, so that huge
 * pages could back them: a place for 2 MiB more is searched, and its first aligned address taken;
 * if it was aligned to begin with, the next one (top-down). All of this is Linux's, to the page.
 *
 * Locks: mmap_lock, for writing if the answer is to stay true.
 */
#ifndef MM_LAYOUT_H
#define MM_LAYOUT_H

#include "mm/vma.h"

#define LAYOUT_MIN_PLACE 65536UL /* what Linux's security modules add to mmap_min_addr */

/* Nothing is placed, and no stack grows, below this, except by MAP_FIXED. */
static inline u64 layout_min_addr(void)
{
        return max_u64(mm_sysctl.mmap_min_addr, LAYOUT_MIN_PLACE);
}

void layout_init(struct mm *mm, const struct mm_layout *layout);

struct place {
        u64 hint;       /* bytes; 0: none */
        u64 len;        /* bytes, a page multiple, not 0 */
        bool thp;       /* private anonymous memory: see above */
        bool thp_file;  /* private /dev/zero: aligned as its offset is, if huge pages fit in */
        u64 offset;     /* bytes, with thp_file */
        bool hugetlb;   /* a multiple of 2 MiB, nothing else */
        bool map_32bit; /* in [1 GiB, 2 GiB), bottom-up */
};

/* A free, page-aligned address for it, or -ENOMEM. */
s64 layout_find(struct mm *mm, const struct place *place);

/*
 * May something be mapped at exactly [addr, addr + len)? -ENOMEM: it does not lie in user space;
 * -EINVAL: addr is not aligned; -EPERM: too low for this caller.
 */
int layout_check_fixed(const struct mm_caller *who, u64 addr, u64 len);

/* -EPERM if `addr` is below mmap_min_addr and the caller may not map there. */
int layout_check_low(const struct mm_caller *who, u64 addr);

#endif
