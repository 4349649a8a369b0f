/* SPDX-License-Identifier: MIT */
/*
 * Huge pages: private memory mapped 2 MiB at a time, by leaf entries of PMD tables.
 *
 *      PMD table      ... | leaf |  -  | table | ...        deposited: | T1 |  (one for each leaf)
 *                            |             |
 *                            v             v
 *      block        | 512 pages in a row |   PTE table -> pages, of whatever blocks
 *
 * The block is 2^HUGE_ORDER pages each of which is complete: refcount, mapcount, kind, owner,
 * index. So any of them can be mapped by a PTE of its own, here or in another address space, beside
 * the entries that map all of them. These are counted in the first page's huge_maps, and as long as
 * there is one, the pages have PAGE_HUGE and the block holds one reference on each. When the last
 * huge entry goes, so do the references, and pages that nothing else maps are free. What uses a
 * page
 *
 *      page_mappers()     entries, of both kinds: mapcount + huge_maps
 *      refcount           PTEs, whoever keeps a pointer, and 1 for the block while huge_maps > 0
 *
 * There is nothing to split but mappings: a huge entry becomes a table of 512 PTEs with the same
 * rights and bits, in one address space, and no other has to hear of it. The table was deposited
 * when the entry was made (pgwalk.h), so that splitting cannot fail: it may happen in any commit.
 *
 * A huge entry lies in one VMA. Whoever moves the border of a VMA into it splits it (vma_resize()).
 *
 * The huge zero page is a block of zeroes which read faults map, special like the small one, that
 * exists while entries map it.
 *
 * Locks: a huge entry is made under table_lock and pte_lock, and changed, split and cleared under
 * pte_lock. Under mmap_lock for reading it never goes but by a split.
 */
#ifndef MM_HUGE_H
#define MM_HUGE_H

#include "arch/pgtable.h"
#include "mm/fault.h"
#include "mm/page.h"
#include "mm/pgwalk.h"
#include "mm/vma.h"

/* ------------------------------------------------------------------ blocks */

/*
 * A block for private memory of `vma` at `addr`, which has an anon_vma; its one huge_maps is the
 * caller's. Zeroed unless the caller fills it. NULL: no block is free.
 */
struct page *huge_alloc(const struct vma *vma, u64 addr, bool zero);

/* The block of zeroes, with a huge_maps for the caller; NULL: no memory. */
struct page *huge_zero_get(void);

static inline bool is_huge_zero(const struct page *page)
{
        return page->kind == PAGE_KERNEL;
}

/* The first page of the block that the page, which has PAGE_HUGE, is in. */
static inline struct page *huge_head(struct page *page)
{
        return page - (page_to_pfn(page) & (HUGE_PAGES - 1));
}

/* One huge entry more maps the block. */
static inline void huge_get(struct page *head)
{
        atomic_add(&head->huge_maps, 1);
}

/*
 * One fewer. True: it was the last, and huge_release() is due when every TLB has forgotten it. The
 * block of zeroes is for huge_put().
 */
bool huge_unmap(struct page *head);
void huge_release(struct page *head);

/* Both, of an entry that every TLB has forgotten, or that was never made. */
void huge_put(struct page *head);

/* [addr, addr + 512 pages) of the address space is mapped by the block, or not any more: resident
 * pages, and those that are locked. Under pte_lock. */
void huge_account(struct vma *vma, struct page *head, bool mapped);

/* Of all 512 pages, as page_set_locked(). */
void huge_set_locked(struct page *head, bool locked);

/* The only user of any of the pages is the one huge entry. */
bool huge_is_alone(struct page *head);

/* What mm_huge_stats() tells of. */
enum huge_event { HUGE_FAULT, HUGE_FALLBACK, HUGE_COLLAPSE, HUGE_ZERO, HUGE_SPLIT, HUGE_EVENTS };
void huge_count(enum huge_event event);

/* Entries of page tables that map the page. */
static inline u64 page_mappers(struct page *page)
{
        u64 mappers = (u64)atomic_get(&page_holder(page)->mapcount);

        if (page_has_flags(page, PAGE_HUGE))
                mappers += (u64)atomic_get(&huge_head(page)->huge_maps);
        return mappers;
}

/* ------------------------------------------------------------------ entries */

/* Store a huge entry where none is, with the table that it may need one day. Both locks. */
void huge_install(struct mm *mm, pte_t *pmd, pte_t entry, struct pgtable_kit *kit);

/* Clear one. *table is what was deposited for it, still counted. Under pte_lock. */
pte_t huge_clear(struct mm *mm, pte_t *pmd, struct page **table);

/* The huge entry that maps `addr`, NULL if there is none. */
pte_t *huge_find(const struct mm *mm, u64 addr);

/* Split the huge entry `pmd`, which maps `addr`. Under pte_lock; the TLBs are flushed. */
void huge_split(struct mm *mm, u64 addr, pte_t *pmd);

/* Split the huge entry in whose middle `addr` lies, if there is one. */
void huge_split_at(struct mm *mm, u64 addr);

/* Split every huge entry that maps a part of [start, end). */
void huge_split_range(struct mm *mm, u64 start, u64 end);

/* The walk has come to a huge entry and only a part of it is in the range: it is split, and the
 * walk will come to the PTEs. Under pte_lock. */
bool huge_split_part(struct mm *mm, struct pgwalk *walk);

/* ------------------------------------------------------------------ when, and where */

enum thp_mode { THP_NEVER, THP_MADVISE, THP_ALWAYS }; /* mm_sysctl.thp_enabled */

/* Faults in this VMA may map huge pages, where they fit. */
bool huge_wanted(const struct vma *vma);

/* The same for MADV_COLLAPSE, which insists. */
bool huge_possible(const struct vma *vma);

/* The VMA holds all of the 2 MiB about `addr`. */
static inline bool huge_fits(const struct vma *vma, u64 addr)
{
        u64 start = huge_align_down(addr);

        return vma->start <= start && start + HUGE_SIZE <= vma->end;
}

/* The VMA has room for a huge page somewhere. */
static inline bool huge_has_room(const struct vma *vma)
{
        return vma->end >= HUGE_SIZE && huge_fits(vma, vma->end - HUGE_SIZE);
}

/* ------------------------------------------------------------------ faults, MADV_COLLAPSE */

/* A fault where the huge entry `pmd` was seen to map the address. */
enum fault_result huge_fault_present(const struct fault *fault, pte_t *pmd);

/*
 * A fault where neither it nor a PTE table is. True: *result says what came of trying a huge page;
 * false: it is a matter of small ones.
 */
bool huge_fault_none(const struct fault *fault, enum fault_result *result);

/* Make huge pages of the whole ones in [start, end), part of `vma`: 0, -EINVAL, -ENOMEM, -EAGAIN.
 */
int huge_collapse(struct vma *vma, u64 start, u64 end);

#endif
