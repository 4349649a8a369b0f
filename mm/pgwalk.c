/* SPDX-License-Identifier: MIT */
/* Page tables: finding, making and visiting entries. The picture is in pgwalk.h. */
#include "mm/pgwalk.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"

/* ------------------------------------------------------------------ tables */

static struct page *table_alloc(void)
{
        return page_alloc_blank(PAGE_TABLE);
}

int pgtable_reserve(struct pgtable_kit *kit, unsigned nr)
{
        while (kit->nr < nr) {
                struct page *page = table_alloc();

                if (!page)
                        return -ENOMEM;
                page->owner = kit->spare;
                kit->spare = page;
                kit->nr++;
        }
        return 0;
}

static struct page *kit_take(struct pgtable_kit *kit)
{
        struct page *page = kit->spare;

        CHECK(page);
        kit->spare = page->owner;
        kit->nr--;
        return page;
}

void pgtable_release(struct pgtable_kit *kit)
{
        while (kit->spare)
                page_free_blank(kit_take(kit));
}

int pgtable_create_root(struct mm *mm)
{
        struct page *page = table_alloc();

        if (!page)
                return -ENOMEM;
        page->level = PT_TOP;
        mmu_init(&mm->mmu, page_to_pfn(page));
        return 0;
}

void pgtable_free_root(struct mm *mm)
{
        struct page *page = pfn_to_page(mm->mmu.root);

        CHECK(page->nr_used == 0 && mm->pgtable_bytes == 0);
        mmu_destroy(&mm->mmu);
        page_put(page);
}

/* ------------------------------------------------------------------ entries */

/*
 * A load and a store take the old entry away, no exchange: only the processor changes entries
 * without the lock, and the one that there is runs this loop. It marks an entry dirty when it
 * carries out a store to user memory, of which there is none here. That it may mark one accessed
 * ahead of time costs a hint at most. With more processors this will have to be an exchange.
 */
unsigned pgtable_move(pte_t *src, pte_t *dst, u64 n, enum pt_level level)
{
        unsigned moved = (unsigned)n; /* most tables are full, or there is little to move */

        CHECK(pgtable_scan(dst, 0, n) == n);
#pragma GCC unroll 8
        for (u64 i = 0; i < n; i++) {
                pte_t entry = pte_read(&src[i]);

                if (__builtin_expect(pte_is_none(entry), 0)) {
                        moved--;
                        continue;
                }
                pte_write(&src[i], pte_none(), level);
                pte_write(&dst[i], entry, level);
        }
        /* A row of nothing may end the table, and have no other behind it. */
        if (moved) {
                virt_to_page(src)->nr_used -= moved;
                virt_to_page(dst)->nr_used += moved;
        }
        return moved;
}

void pgtable_deposit(pte_t *pmd, struct page *table)
{
        struct page *home = virt_to_page(pmd);

        ASSERT(home->level == PT_PMD && table->nr_used == 0);
        table->owner = home->owner;
        home->owner = table;
}

struct page *pgtable_withdraw(pte_t *pmd)
{
        struct page *home = virt_to_page(pmd), *table = home->owner;

        CHECK(home->level == PT_PMD && table);
        home->owner = table->owner;
        table->owner = NULL;
        return table;
}

/* A new table of `level` is counted. */
static void count_table(struct mm *mm, struct page *page, unsigned level)
{
        page->owner = NULL;
        page->level = (u8)level;
        mm->pgtable_bytes += PAGE_SIZE;
        mmstat_add(mm, MMSTAT_TABLES_ALLOCATED, 1);
}

struct page *pgtable_take(struct mm *mm, struct pgtable_kit *kit)
{
        struct page *page = kit_take(kit);

        count_table(mm, page, PT_PTE);
        return page;
}

static pte_t *root_entry(const struct mm *mm, u64 addr)
{
        pte_t *root = pfn_to_virt(mm->mmu.root);

        return &root[pt_index(addr, PT_TOP)];
}

pte_t *pgwalk_find(const struct mm *mm, u64 addr, enum pt_level level)
{
        pte_t *ptr = root_entry(mm, addr);

        for (unsigned at = PT_TOP; at > level; at--) {
                pte_t entry = pte_read(ptr);

                if (!pte_is_table(entry, at))
                        return NULL;
                ptr = &pgtable_of(entry, at - 1)[pt_index(addr, at - 1)];
        }
        return ptr;
}

pte_t *pgwalk_entry(const struct mm *mm, u64 addr, enum pt_level *level)
{
        pte_t *ptr = root_entry(mm, addr);

        for (unsigned at = PT_TOP; at > PT_PTE; at--) {
                pte_t entry = pte_read(ptr);

                *level = at;
                if (!pte_is_table(entry, at))
                        return pte_is_leaf(entry, at) ? ptr : NULL;
                ptr = &pgtable_of(entry, at - 1)[pt_index(addr, at - 1)];
        }
        *level = PT_PTE;
        return ptr;
}

/* Make the empty entry `ptr` of `level` point to a new table. */
static void set_table(struct mm *mm, pte_t *ptr, unsigned level, struct page *page)
{
        count_table(mm, page, level - 1);
        pgtable_set(ptr, pte_table(page_to_pfn(page), level), level);
}

/* The same, by whoever holds no lock; false: no memory. Someone else may have been faster: then
 * that table serves. */
static bool link_table(struct mm *mm, pte_t *ptr, unsigned level, struct pgtable_kit *kit)
{
        struct page *page = kit ? kit_take(kit) : table_alloc();
        bool won;

        if (!page)
                return false;
        spin_lock(&mm->table_lock);
        won = pte_is_none(pte_read(ptr));
        if (won)
                set_table(mm, ptr, level, page);
        spin_unlock(&mm->table_lock);
        if (!won)
                page_free_blank(page);
        return true;
}

pte_t *pgwalk_make(struct mm *mm, u64 addr, enum pt_level level, struct pgtable_kit *kit)
{
        pte_t *ptr = level == PT_PTE ? pgwalk_pte(mm, addr) : NULL;

        if (ptr)
                return ptr;
        ptr = root_entry(mm, addr);
        for (unsigned at = PT_TOP; at > level; at--) {
                pte_t entry;

                if (pte_is_none(pte_read(ptr)) && !link_table(mm, ptr, at, kit))
                        return NULL;
                entry = pte_read(ptr);
                if (!pte_is_table(entry, at))
                        return NULL;
                ptr = &pgtable_of(entry, at - 1)[pt_index(addr, at - 1)];
        }
        return ptr;
}

pte_t *pgwalk_complete(struct mm *mm, u64 addr, enum pt_level level, struct pgtable_kit *kit)
{
        pte_t *ptr = root_entry(mm, addr);

        for (unsigned at = PT_TOP; at > level; at--) {
                if (pte_is_none(pte_read(ptr)))
                        set_table(mm, ptr, at, kit_take(kit));
                ptr = &pgtable_of(pte_read(ptr), at - 1)[pt_index(addr, at - 1)];
        }
        return ptr;
}

unsigned pgwalk_missing(const struct mm *mm, u64 start, u64 end)
{
        unsigned missing = 0;

        for (unsigned level = PT_PTE; level < PT_TOP; level++) {
                for (u64 addr = start; addr < end; addr = pgwalk_border(addr, end, level + 1)) {
                        const pte_t *ptr = pgwalk_find(mm, addr, level + 1);

                        if (!ptr || pte_is_none(pte_read(ptr)))
                                missing++;
                }
        }
        return missing;
}

/* ------------------------------------------------------------------ visiting */

struct pgwalk pgwalk_begin(const struct mm *mm, u64 start, u64 end)
{
        return (struct pgwalk){ .mm = mm, .next = start, .end = end };
}

/* The walk comes to the entry `ptr` at walk->next, and goes on behind it. */
static void walk_arrive(struct pgwalk *walk, pte_t *ptr, enum pt_level level, u64 next)
{
        walk->addr = walk->next;
        walk->span = next - walk->addr;
        walk->level = level;
        walk->pte = ptr;
        walk->entry = pte_read(ptr);
        walk->next = next;
}

/* Where the empty entries end that begin with `ptr`, which is that of walk->next: in this table. */
static u64 empty_end(const struct pgwalk *walk, const pte_t *ptr, enum pt_level level)
{
        u64 last = walk->end - 1, first = pt_index(walk->next, level), nr = PT_ENTRIES - first;
        u64 span = 1UL << pt_shift(level);

        if (last - walk->next < nr * span)
                nr = min_u64(nr, ((last - (walk->next & ~(span - 1))) >> pt_shift(level)) + 1);
        return min_u64((walk->next & ~(span - 1)) + pgtable_scan(ptr, 1, nr) * span, walk->end);
}

/* Look up the PTE table at walk->next, or move walk->next past what has none. True: that is a huge
 * entry. */
static bool walk_descend(struct pgwalk *walk)
{
        pte_t *ptr = root_entry(walk->mm, walk->next);

        for (unsigned at = PT_TOP;; at--) {
                pte_t entry = pte_read(ptr);

                if (pte_is_none(entry)) {
                        walk->next = empty_end(walk, ptr, at);
                        return false;
                }
                if (!pte_is_table(entry, at)) {
                        walk_arrive(walk, ptr, at, pgwalk_border(walk->next, walk->end, at));
                        return true;
                }
                if (at - 1 == PT_PTE) {
                        walk->table = pgtable_of(entry, PT_PTE);
                        return false;
                }
                ptr = &pgtable_of(entry, at - 1)[pt_index(walk->next, at - 1)];
        }
}

bool pgwalk_next(struct pgwalk *walk)
{
        while (walk->next < walk->end) {
                if (!walk->table) {
                        if (walk_descend(walk))
                                return true;
                        continue;
                }
                walk_arrive(walk, &walk->table[pt_index(walk->next, PT_PTE)], PT_PTE,
                            walk->next + PAGE_SIZE);
                if (pt_index(walk->next, PT_PTE) == 0)
                        walk->table = NULL;
                if (!pte_is_none(walk->entry))
                        return true;
        }
        return false;
}

bool pgwalk_next_run(struct pgwalk *walk)
{
        while (walk->next < walk->end) {
                walk->table = NULL;
                if (walk_descend(walk))
                        return true;
                if (!walk->table)
                        continue;
                walk_arrive(walk, &walk->table[pt_index(walk->next, PT_PTE)], PT_PTE,
                            pgwalk_border(walk->next, walk->end, PT_PMD));
                return true;
        }
        return false;
}

u64 pgwalk_first(const struct mm *mm, u64 addr)
{
        struct pgwalk walk = pgwalk_begin(mm, addr, TASK_SIZE);

        return pgwalk_next_run(&walk) ? walk.addr : ~0ULL;
}
