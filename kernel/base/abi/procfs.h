/* SPDX-License-Identifier: MIT */
/* Binary interfaces of /proc: the ioctls of /proc/PID/maps and /proc/PID/pagemap. */
#ifndef KERNEL_BASE_ABI_PROCFS_H
#define KERNEL_BASE_ABI_PROCFS_H

#include "kernel/base/types.h"

/* ------------------------------------------------------------------ PROCMAP_QUERY */

#define PROCMAP_QUERY 0xc0686611u

#define PROCMAP_QUERY_VMA_READABLE         0x01ULL
#define PROCMAP_QUERY_VMA_WRITABLE         0x02ULL
#define PROCMAP_QUERY_VMA_EXECUTABLE       0x04ULL
#define PROCMAP_QUERY_VMA_SHARED           0x08ULL
#define PROCMAP_QUERY_COVERING_OR_NEXT_VMA 0x10ULL
#define PROCMAP_QUERY_FILE_BACKED_VMA      0x20ULL
#define PROCMAP_QUERY_VALID_FLAGS          0x3fULL

struct procmap_query {
        u64 size;
        u64 query_flags;
        u64 query_addr;
        /* answered */
        u64 vma_start, vma_end;
        u64 vma_flags;
        u64 vma_page_size;
        u64 vma_offset;
        u64 inode;
        u32 dev_major, dev_minor;
        u32 vma_name_size; /* room, then bytes with the NUL */
        u32 build_id_size; /* room, then bytes */
        u64 vma_name_addr;
        u64 build_id_addr;
};

#define BUILD_ID_MAX 20

/* ------------------------------------------------------------------ PAGEMAP_SCAN */

#define PAGEMAP_SCAN 0xc0606610u

#define PM_SCAN_WP_MATCHING   0x1ULL
#define PM_SCAN_CHECK_WPASYNC 0x2ULL
#define PM_SCAN_FLAGS         0x3ULL

#define PAGE_IS_WPALLOWED  0x001ULL
#define PAGE_IS_WRITTEN    0x002ULL
#define PAGE_IS_FILE       0x004ULL
#define PAGE_IS_PRESENT    0x008ULL
#define PAGE_IS_SWAPPED    0x010ULL
#define PAGE_IS_PFNZERO    0x020ULL
#define PAGE_IS_HUGE       0x040ULL
#define PAGE_IS_SOFT_DIRTY 0x080ULL
#define PAGE_IS_GUARD      0x100ULL
#define PM_SCAN_CATEGORIES 0x1ffULL

struct page_region {
        u64 start, end; /* bytes */
        u64 categories;
};

struct pm_scan_arg {
        u64 size;
        u64 flags;
        u64 start, end;
        u64 walk_end; /* answered */
        u64 vec, vec_len;
        u64 max_pages;
        u64 category_inverted, category_mask, category_anyof_mask;
        u64 return_mask;
};

#endif
