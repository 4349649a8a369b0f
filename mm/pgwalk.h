/* SPDX-License-Identifier: MIT */
/*
 * Page tables: finding, making and visiting entries, at any level.
 *
 * A table of level L is a page of 512 entries of level L; one entry maps 2^pt_shift(L) bytes. So
 * PT_PTE entries map pages, a PT_PMD entry points to a PTE table, and so on to the root, whose
 * level is PT_TOP. Every function takes the level as a number, none is written out per level.
 *
 *      level      table is called     an entry spans    and points to
 *      PT_P4D     root (4 levels)     512 GiB           a table of PUD entries
 *      PT_PUD     PUD table           1 GiB             a table of PMD entries
 *      PT_PMD     PMD table           2 MiB             a table of PTEs
 *      PT_PTE     PTE table           4 KiB             a page
 *
 * A table page counts its entries that are not none (nr_used), and the address space counts its
 * table pages (pgtable_bytes, without the root). Both are kept by the functions here, so entries
 * are stored through pgtable_set() and pgtable_clear() only; or, by whoever changes many of one
 * table, with pte_write() and pte_clear(), and counted all at once by pgtable_count().
 *
 * Every table serves some VMA: when a range is unmapped, the tables that lie between the VMAs left
 * on either side are freed (zap.h), whether or not the range had used all of each.
 *
 * Locks: whoever links or unlinks tables holds mmap_lock for writing, or mmap_lock for reading and
 * table_lock. Whoever reads or stores PTEs holds pte_lock, or mmap_lock for writing with no other
 * user of the address space in sight (its creation and its end).
 */
#ifndef MM_PGWALK_H
#define MM_PGWALK_H

#include "arch/pgtable.h"
#include "kernel/base/assert.h"
#include "mm/mm_types.h"
#include "mm/page.h"

/* ------------------------------------------------------------------ tables */

/* Zeroed table pages in reserve, so that linking cannot fail. All zero is an empty kit. */
struct pgtable_kit {
        struct page *spare;
        unsigned nr;
};

int pgtable_reserve(struct pgtable_kit *kit, unsigned nr); /* 0 or -ENOMEM; up to nr in all */
void pgtable_release(struct pgtable_kit *kit);

/* The root, for mm_create(): 0 or -ENOMEM; and its end, when no other table is left. */
int pgtable_create_root(struct mm *mm);
void pgtable_free_root(struct mm *mm);

/* The table of level `level` that an entry of the level above points to. */
static inline pte_t *pgtable_of(pte_t entry, enum pt_level level)
{
        pfn_t pfn = pte_pfn(entry, level + 1);

        ASSERT(pfn != 0 && pfn_to_page(pfn)->kind == PAGE_TABLE);
        ASSERT(pfn_to_page(pfn)->level == level);
        return pfn_to_virt(pfn);
}

/* ------------------------------------------------------------------ entries */

/*
 * A PTE table in store for the time when the huge entry `pmd` is split: it belongs to the table
 * that `pmd` is in, and is counted like one that is linked. Under pte_lock.
 */
void pgtable_deposit(pte_t *pmd, struct page *table);
struct page *pgtable_withdraw(pte_t *pmd);

/* There is one in store in the table that `pmd` is in, and so a huge entry (not of hugetlb). */
static inline bool pgtable_has_deposit(const pte_t *pmd)
{
        return virt_to_page(pmd)->owner;
}

/* A table from the kit, which has one, to be deposited; counted. Under table_lock. */
struct page *pgtable_take(struct mm *mm, struct pgtable_kit *kit);

/* `n` more entries of the table that `ptr` is in are not none (fewer, if negative). */
static inline void pgtable_count(pte_t *ptr, enum pt_level level, s64 n)
{
        struct page *table = virt_to_page(ptr);

        (void)level;
        ASSERT(table->kind == PAGE_TABLE && table->level == level);
        table->nr_used = (u32)(table->nr_used + n);
}

/* Store an entry; clear one and return what it was. */
static inline void pgtable_set(pte_t *ptr, pte_t entry, enum pt_level level)
{
        ASSERT(!pte_is_none(entry));
        if (pte_is_none(pte_read(ptr)))
                pgtable_count(ptr, level, 1);
        pte_write(ptr, entry, level);
}

static inline pte_t pgtable_clear(pte_t *ptr, enum pt_level level)
{
        pte_t old = pte_clear(ptr, level);

        if (!pte_is_none(old))
                pgtable_count(ptr, level, -1);
        return old;
}

/*
 * Move `n` entries to the same number of none ones, each row in one table: pages or tables,
 * whatever they are, but no huge ones. How many there were.
 */
unsigned pgtable_move(pte_t *src, pte_t *dst, u64 n, enum pt_level level);

/* The entry of `level` for `addr`, or NULL if a table on the way is missing. */
pte_t *pgwalk_find(const struct mm *mm, u64 addr, enum pt_level level);

/* The same for PT_PTE, in place: what every fault begins with. */
static inline pte_t *pgwalk_pte(const struct mm *mm, u64 addr)
{
        pte_t *table = pfn_to_virt(mm->mmu.root);

#pragma GCC unroll 4
        for (unsigned at = PT_TOP; at > PT_PTE; at--) {
                pte_t entry = pte_read(&table[pt_index(addr, at)]);

                if (!pte_is_table(entry, at))
                        return NULL;
                table = pgtable_of(entry, at - 1);
        }
        return &table[pt_index(addr, PT_PTE)];
}

/*
 * Nothing is mapped in [start, end), no marker either, and that is seen at the first entry that is
 * none: no table is there for the range, or it is one page. False may mean that it takes more to
 * find out. With mmap_lock for writing no other lock is needed: entries may go meanwhile, none
 * comes.
 */
static inline bool pgwalk_sees_nothing(const struct mm *mm, u64 start, u64 end)
{
        const pte_t *table = pfn_to_virt(mm->mmu.root);

#pragma GCC unroll 4
        for (unsigned at = PT_TOP; at > PT_PTE; at--) {
                pte_t entry = pte_read(&table[pt_index(start, at)]);

                if (pte_is_none(entry))
                        return (start ^ (end - 1)) >> pt_shift(at) == 0;
                if (!pte_is_table(entry, at))
                        return false;
                table = pgtable_of(entry, at - 1);
        }
        return end - start == PAGE_SIZE && pte_is_none(pte_read(&table[pt_index(start, PT_PTE)]));
}

/* What maps `addr`, or would: its PTE, or a huge entry; *level says which. NULL: there is neither.
 */
pte_t *pgwalk_entry(const struct mm *mm, u64 addr, enum pt_level *level);

/*
 * As pgwalk_find(), linking the tables that are missing. From `kit` if given: it must have enough.
 * Else they are allocated, and NULL means that there was no memory (tables made so far stay), or
 * that a huge entry is in the way.
 */
pte_t *pgwalk_make(struct mm *mm, u64 addr, enum pt_level level, struct pgtable_kit *kit);

/* The same from a kit that has enough, where no huge entry can be: under table_lock. */
pte_t *pgwalk_complete(struct mm *mm, u64 addr, enum pt_level level, struct pgtable_kit *kit);

/* From where on something may be mapped: the first address, `addr` or above, that has a PTE table
 * or a huge entry; ~0 if there is none. */
u64 pgwalk_first(const struct mm *mm, u64 addr);

/* How many tables pgwalk_make() would link for all the PTEs of [start, end). */
unsigned pgwalk_missing(const struct mm *mm, u64 start, u64 end);

/* ------------------------------------------------------------------ visiting */

/*
 * Every entry that maps something in [addr, end), and every marker, in order:
 *
 *      struct pgwalk walk = pgwalk_begin(mm, start, end);
 *
 *      while (pgwalk_next(&walk))
 *              ... walk.addr, walk.pte (a pointer), walk.entry (what it held), walk.level ...
 *
 * A huge entry is one entry, of level PT_PMD (huge.h): walk.addr and walk.span are the part of it
 * that lies in the range. Who changes entries has huge_split_part() split those of which only a
 * part is his to change.
 *
 * The entry may be changed or cleared in between; tables may not come or go.
 */
struct pgwalk {
        const struct mm *mm;
        u64 next, end;
        pte_t *table; /* PTE table that `next` lies in, or NULL: not looked up yet */

        u64 addr, span; /* bytes */
        enum pt_level level;
        pte_t *pte;
        pte_t entry;
};

struct pgwalk pgwalk_begin(const struct mm *mm, u64 start, u64 end);
bool pgwalk_next(struct pgwalk *walk);

/*
 * The same table by table, for whoever has much to do with few instructions: the walk comes to a
 * huge entry as above, or to all the entries of [addr, addr + span) in one PTE table, none of them
 * looked at. walk.pte is the first; walk.entry says nothing.
 */
bool pgwalk_next_run(struct pgwalk *walk);

/* The first page of what the walk has come to, a leaf. */
static inline struct page *pgwalk_page(const struct pgwalk *walk)
{
        pfn_t pfn = pte_pfn(walk->entry, walk->level);

        if (walk->level > PT_PTE)
                pfn += (walk->addr >> PAGE_SHIFT) & ((1UL << 9 * walk->level) - 1);
        return pfn_to_page(pfn);
}

/* The first of the entries from number `i` on that is not none; `end` if there is none before. */
static inline u64 pgtable_scan(const pte_t *table, u64 i, u64 end)
{
        /* Many at a time, as most of most tables is. */
        while (i + PTE_ROW <= end && pte_row_is_none(&table[i]))
                i += PTE_ROW;
        while (i < end && pte_is_none(pte_read(&table[i])))
                i++;
        return i;
}

/* The next border of entries of `level` above `addr`, or `end` if that comes first. */
static inline u64 pgwalk_border(u64 addr, u64 end, enum pt_level level)
{
        u64 span = 1UL << pt_shift(level);
        u64 border = (addr & ~(span - 1)) + span;

        return border - 1 < end - 1 ? border : end; /* the last border may wrap to 0 */
}

#endif
