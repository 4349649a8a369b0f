/* SPDX-License-Identifier: MIT */
/* TLB flushes of an address space: arch/tlb.h, counted for /proc/PID/mmstat. */
#ifndef MM_FLUSH_H
#define MM_FLUSH_H

#include "arch/tlb.h"
#include "mm/mm_types.h"

static inline void flush_range(struct mm *mm, u64 start, u64 end, bool tables)
{
        mmstat_add(mm, MMSTAT_TLB_FLUSHES, 1);
        mmstat_add(mm, MMSTAT_TLB_PAGES, bytes_to_pages(end - start));
        tlb_flush_range(&mm->mmu, start, end, tables);
}

static inline void flush_page(struct mm *mm, u64 addr)
{
        mmstat_add(mm, MMSTAT_TLB_FLUSHES, 1);
        mmstat_add(mm, MMSTAT_TLB_PAGES, 1);
        tlb_flush_page(&mm->mmu, addr);
}

/* Tables went whose entries were flushed before: no pages. */
static inline void flush_tables(struct mm *mm, u64 start, u64 end)
{
        mmstat_add(mm, MMSTAT_TLB_FLUSHES, 1);
        tlb_flush_tables(&mm->mmu, start, end);
}

static inline void flush_all(struct mm *mm)
{
        mmstat_add(mm, MMSTAT_TLB_FULL, 1);
        tlb_flush_all(&mm->mmu);
}

#endif
