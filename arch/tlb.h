/* SPDX-License-Identifier: MIT */
/*
 * TLB and paging-structure-cache flushes. After a call returns no CPU translates [start, end) of
 * `mmu` with an entry that was removed or tightened before the call. May be called under any lock;
 * sleeps never.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include "arch/mmu.h"

/* `tables`: tables were unlinked too, so walk caches over the range must go as well. */
void tlb_flush_range(struct mmu *mmu, uaddr start, uaddr end, bool tables);
/*
 * Tables that served [start, end) were unlinked, every entry in them none, and whatever those once
 * were has been flushed: only walk caches have to go, which takes no walk over the range.
 */
void tlb_flush_tables(struct mmu *mmu, uaddr start, uaddr end);
/* The page at `addr`; if a huge page was mapped there, all of it. */
void tlb_flush_page(struct mmu *mmu, uaddr addr);
void tlb_flush_all(struct mmu *mmu);

#endif
