/* SPDX-License-Identifier: MIT */
/*
 * TLB flushes. Without PCID, loading CR3 drops every translation of user space, so an address space
 * that is not loaded has nothing to flush. INVLPG drops the paging-structure caches of the whole
 * address space with its page (SDM vol. 3, 4.10.4.1), so unlinked tables need nothing more.
 */
#include "arch/tlb.h"
#include "arch/x86_64/x86.h"

/* Beyond this many pages a reload is cheaper than one INVLPG each. */
#define FLUSH_PAGES_MAX 32

static bool is_loaded(const struct mmu *mmu)
{
        return cr3_read() >> PAGE_SHIFT == mmu->root;
}

void tlb_flush_range(struct mmu *mmu, uaddr start, uaddr end, bool tables)
{
        u64 first = page_align_down(start);

        (void)tables;
        if (start >= end || !is_loaded(mmu))
                return;
        if (end - first > FLUSH_PAGES_MAX * PAGE_SIZE) {
                cr3_write(cr3_read());
                return;
        }
        for (u64 addr = first; addr < end; addr += PAGE_SIZE)
                invlpg(addr);
}

/* One INVLPG drops the walk caches of the whole address space. */
void tlb_flush_tables(struct mmu *mmu, uaddr start, uaddr end)
{
        if (start < end && is_loaded(mmu))
                invlpg(start);
}

void tlb_flush_page(struct mmu *mmu, uaddr addr)
{
        if (is_loaded(mmu))
                invlpg(addr);
}

void tlb_flush_all(struct mmu *mmu)
{
        if (is_loaded(mmu))
                cr3_write(cr3_read());
}
