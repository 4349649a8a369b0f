/* SPDX-License-Identifier: MIT */
/*
 * The modelled TLBs, one a CPU. Two kinds of things are remembered, for each address space
 * (mmu->id), until the kernel flushes them from all CPUs:
 *
 *   translations   page -> frame and rights, as the leaf entry gave them at the time
 *   tables         region -> the page-table page that served it, by level (the walk cache)
 *
 * Real processors forget at will; this one never does, so a flush that was left out is found by the
 * first access, or by host_tlb_verify(), and not once in a thousand boots. Like x86, it does not
 * remember what is not present, it forgets a translation that faults, and it walks again for the
 * first write through a clean one.
 *
 * Who may be stale: a translation that grants less than its entry does now, and one whose entry has
 * lost its accessed bit (Linux does not flush for that either). Anything else is a bug in mm/.
 */
#include <stdlib.h>

#include "arch/host/host.h"
#include "arch/tlb.h"
#include "arch/trap.h"
#include "kernel/base/assert.h"
#include "kernel/base/list.h"

#define TLB_BUCKETS 4096
#define KEY_BITS    PTE_PROT_KEY(PTE_KEYS - 1)

struct tlb_entry {
        struct tlb_entry *next;  /* in its bucket */
        struct tlb_entry **prev; /* what points to it there */
        struct list node;        /* among all */
        u64 id;                  /* of the address space */
        unsigned cpu;
        u64 start;           /* first address it covers */
        enum pt_level level; /* of the entry it was read from */
        bool table;          /* a walk-cache entry: `pfn` is a table */
        pfn_t pfn;
        unsigned prot; /* leaf: PTE_PROT_* */
};

struct host_tlb_stats host_tlb_stats;

static struct tlb_entry *buckets[TLB_BUCKETS];
static struct list entries = LIST_INIT(entries); /* what flushes look through */
/* Entries that lead to a frame, by its number: tables and translations of pages; in the others by
 * the number of the block that a huge page of the level is. */
static u32 leads_to[HOST_MAX_PFN], leads_to_2m[HOST_MAX_PFN >> 9], leads_to_1g[HOST_MAX_PFN >> 18];
static u64 last_id;

/* Protection keys: the rights of the (one) thread, two bits for each key. */
static bool keys;
static u32 key_rights;

void host_set_keys(bool on, u32 rights)
{
        keys = on;
        key_rights = rights;
}

u32 host_key_rights(void)
{
        return key_rights;
}

bool mmu_has_keys(void)
{
        return keys;
}

bool mmu_key_denies(unsigned key, bool write)
{
        CHECK(key < PTE_KEYS);
        return keys && (key_rights >> 2 * key & (write ? 3 : 1));
}

void mmu_key_set(unsigned key, unsigned rights)
{
        CHECK(keys && key < PTE_KEYS && rights < 4);
        key_rights = (key_rights & ~(3u << 2 * key)) | rights << 2 * key;
}

void mmu_init(struct mmu *mmu, pfn_t root)
{
        mmu->root = root;
        mmu->id = ++last_id;
}

void mmu_destroy(struct mmu *mmu)
{
        tlb_flush_all(mmu);
        mmu->id = 0;
        mmu->root = 0;
}

void mmu_activate(struct mmu *mmu)
{
        CHECK(!mmu || mmu->id);
}

static u64 level_start(u64 addr, enum pt_level level)
{
        return addr >> pt_shift(level) << pt_shift(level);
}

/* The log2 of the frames that an entry leads to. */
static unsigned frames_shift(const struct tlb_entry *e)
{
        return e->table ? 0 : 9 * e->level;
}

/* `n` entries like `e` more. */
static void leads_count(const struct tlb_entry *e, int n)
{
        u32 *const counts[] = { leads_to, leads_to_2m, leads_to_1g };

        counts[frames_shift(e) / 9][e->pfn >> frames_shift(e)] += (u32)n;
}

static struct tlb_entry **bucket_of(u64 id, u64 start, enum pt_level level, bool table)
{
        u64 h = (start >> PAGE_SHIFT) + id * 0x9e3779b97f4a7c15ULL + level * 77 + table +
                host_cpu() * 7777;

        h *= 0xff51afd7ed558ccdULL;
        return &buckets[h >> 32 & (TLB_BUCKETS - 1)];
}

static struct tlb_entry *entry_find(const struct mmu *mmu, u64 addr, enum pt_level level,
                                    bool table)
{
        u64 start = level_start(addr, level);
        struct tlb_entry *e = *bucket_of(mmu->id, start, level, table);

        while (e &&
               (e->id != mmu->id || e->start != start || e->level != level || e->table != table))
                e = e->next;
        return e;
}

static void entry_insert(const struct mmu *mmu, u64 addr, enum pt_level level, bool table,
                         pfn_t pfn, unsigned prot)
{
        u64 start = level_start(addr, level);
        struct tlb_entry **bucket = bucket_of(mmu->id, start, level, table);
        struct tlb_entry *e = entry_find(mmu, addr, level, table);

        if (!e) {
                e = calloc(1, sizeof(*e));
                CHECK(e);
                e->next = *bucket;
                e->prev = bucket;
                if (e->next)
                        e->next->prev = &e->next;
                *bucket = e;
                list_add_tail(&entries, &e->node);
        } else {
                leads_count(e, -1);
        }
        e->id = mmu->id;
        e->cpu = host_cpu();
        e->start = start;
        e->level = level;
        e->table = table;
        e->pfn = pfn;
        e->prot = prot;
        leads_count(e, 1);
}

static void entry_unlink(struct tlb_entry *e)
{
        *e->prev = e->next;
        if (e->next)
                e->next->prev = e->prev;
        list_del(&e->node);
        leads_count(e, -1);
        free(e);
}

/* All CPUs forget what overlaps [start, end): translations if `leaves`, the walk cache if `tables`.
 */
static void overlaps_drop(u64 id, u64 start, u64 end, bool leaves, bool tables)
{
        struct list *at, *next;

        list_for_each_safe (at, next, &entries) {
                struct tlb_entry *e = list_entry(at, struct tlb_entry, node);
                u64 last = e->start + ((1UL << pt_shift(e->level)) - 1);

                if (e->id == id && e->start < end && last >= start && (e->table ? tables : leaves))
                        entry_unlink(e);
        }
}

static void entries_drop(u64 id, u64 start, u64 end, bool tables)
{
        overlaps_drop(id, start, end, true, tables);
}

/* This CPU forgets how to translate `addr`; with `tables`, the way there as well. */
static void address_drop(const struct mmu *mmu, u64 addr, bool tables)
{
        for (enum pt_level l = PT_PTE; l <= PT_TOP; l++) {
                for (unsigned table = 0; table <= tables; table++) {
                        struct tlb_entry *e = entry_find(mmu, addr, l, table);

                        if (e)
                                entry_unlink(e);
                }
        }
}

void tlb_flush_range(struct mmu *mmu, uaddr start, uaddr end, bool tables)
{
        CHECK(start <= end);
        host_tlb_stats.range_flushes++;
        host_tlb_stats.table_flushes += tables;
        entries_drop(mmu->id, start, end, tables);
}

/* Only what leads to tables: a translation that should have gone before is found by the audit. */
void tlb_flush_tables(struct mmu *mmu, uaddr start, uaddr end)
{
        CHECK(start <= end);
        host_tlb_stats.table_flushes++;
        overlaps_drop(mmu->id, start, end, false, true);
}

void tlb_flush_page(struct mmu *mmu, uaddr addr)
{
        host_tlb_stats.page_flushes++;
        addr = page_align_down(addr);
        entries_drop(mmu->id, addr, addr + PAGE_SIZE, false);
}

void tlb_flush_all(struct mmu *mmu)
{
        host_tlb_stats.full_flushes++;
        entries_drop(mmu->id, 0, ~0UL, true);
}

/* The entry of `addr` in the table at `pfn`. */
static pte_t *table_slot(pfn_t pfn, u64 addr, enum pt_level level)
{
        return (pte_t *)pfn_to_virt(pfn) + pt_index(addr, level);
}

static unsigned prot_key(unsigned prot)
{
        return (prot & KEY_BITS) / PTE_PROT_KEY(1);
}

/* Rights that `access` needs. */
static unsigned access_prot(unsigned access)
{
        return PTE_PROT_USER | (access & FAULT_WRITE ? PTE_PROT_W | PTE_PROT_DIRTY : 0) |
               (access & FAULT_EXEC ? PTE_PROT_X : 0);
}

/* Do the rights `prot` of a leaf, or its key, forbid the access? */
static bool prot_denies(unsigned prot, unsigned access)
{
        if (access_prot(access) & ~prot)
                return true;
        return !(access & FAULT_EXEC) && mmu_key_denies(prot_key(prot), access & FAULT_WRITE);
}

static _Noreturn void report_stale(const struct tlb_entry *e, const char *why)
{
        panic("stale TLB: %s of %#lx, level %u, frame %#lx, rights %#x: %s",
              e->table ? "table" : "translation", (unsigned long)e->start, e->level,
              (unsigned long)e->pfn, e->prot, why);
}

/* Panics if `e` is not what the tables of `mmu` say, or less. */
static void entry_verify(struct mmu *mmu, const struct tlb_entry *e)
{
        pfn_t table = mmu->root;
        enum pt_level at = PT_TOP;
        pte_t pte;

        for (;; at--) {
                pte = pte_read(table_slot(table, e->start, at));
                if (at == e->level || pte_is_none(pte) || pte_is_marker(pte) ||
                    pte_is_leaf(pte, at))
                        break;
                table = pte_pfn(pte, at);
        }
        if (at != e->level || pte_is_none(pte) || pte_is_marker(pte))
                report_stale(e, "the entry is gone");
        if (pte_is_table(pte, at) != e->table)
                report_stale(e, "the entry is of another kind now");
        if (pte_pfn(pte, at) != e->pfn)
                report_stale(e, "the entry points elsewhere now");
        if (e->table)
                return;
        if (e->prot & ~host_pte_prot(pte, at) & ~(PTE_PROT_YOUNG | PTE_PROT_SPECIAL | KEY_BITS))
                report_stale(e, "the entry grants less now");
        if (prot_key(e->prot) != pte_key(pte, at))
                report_stale(e, "the entry has another key now");
}

void host_tlb_verify(struct mmu *mmu)
{
        struct list *at;

        list_for_each (at, &entries) {
                struct tlb_entry *e = list_entry(at, struct tlb_entry, node);

                if (e->id == mmu->id)
                        entry_verify(mmu, e);
        }
}

/*
 * The entry that ends a walk for `addr`: a leaf, none or a marker; *level is where it stands. With
 * `learn`, the walk starts at the deepest cached table and remembers those it passes.
 */
static pte_t *walk(struct mmu *mmu, u64 addr, enum pt_level *level, bool learn)
{
        enum pt_level at = PT_TOP;
        pfn_t table = mmu->root;

        for (enum pt_level l = PT_PTE; learn && l < PT_TOP; l++) {
                struct tlb_entry *e = entry_find(mmu, addr, l + 1, true);

                if (e) {
                        if (!host_is_concurrent())
                                entry_verify(mmu, e);
                        at = l;
                        table = e->pfn;
                        break;
                }
        }
        for (;; at--) {
                pte_t *slot = table_slot(table, addr, at);
                pte_t e = pte_read(slot);

                *level = at;
                if (pte_is_none(e) || pte_is_marker(e) || pte_is_leaf(e, at))
                        return slot;
                CHECK(pte_is_table(e, at) && at > PT_PTE);
                table = pte_pfn(e, at);
                if (learn)
                        entry_insert(mmu, addr, at, true, table, 0);
        }
}

void host_tlb_check_unused(pfn_t pfn)
{
        struct list *at;

        if (!leads_to[pfn] && !leads_to_2m[pfn >> 9] && !leads_to_1g[pfn >> 18])
                return;
        list_for_each (at, &entries) {
                struct tlb_entry *e = list_entry(at, struct tlb_entry, node);

                if (e->pfn >> frames_shift(e) == pfn >> frames_shift(e))
                        report_stale(e, "the frame is put to new use");
        }
}

static struct tlb_entry *translation_find(const struct mmu *mmu, u64 addr)
{
        struct tlb_entry *e = NULL;

        for (enum pt_level l = PT_PTE; l <= PT_PUD && !e; l++)
                e = entry_find(mmu, addr, l, false);
        return e;
}

bool host_tlb_has(const struct mmu *mmu, uaddr addr)
{
        return translation_find(mmu, addr) != NULL;
}

/* A miss: walk, set the bits the processor sets, remember. NULL and *fault if it may not be. */
static struct tlb_entry *translation_fill(struct mmu *mmu, u64 addr, unsigned access,
                                          unsigned *fault)
{
        enum pt_level level;
        pte_t *slot = walk(mmu, addr, &level, true);
        pte_t pte = pte_read(slot);

        *fault = access | FAULT_USER;
        if (pte_is_none(pte) || pte_is_marker(pte))
                return NULL;
        *fault |= FAULT_PRESENT;
        if (prot_denies(host_pte_prot(pte, level) | PTE_PROT_DIRTY, access))
                return NULL;
        pte = host_pte_with(pte, PTE_PROT_YOUNG, 0, level);
        if (access & FAULT_WRITE) /* the machine knows nothing of soft-dirty pages */
                pte = host_pte_with(pte, PTE_PROT_DIRTY, 0, level);
        pte_write(slot, pte, level);
        entry_insert(mmu, addr, level, false, pte_pfn(pte, level), host_pte_prot(pte, level));
        return translation_find(mmu, addr);
}

void *host_translate(struct mmu *mmu, uaddr addr, unsigned access, unsigned *fault)
{
        struct tlb_entry *e = translation_find(mmu, addr);

        CHECK(mmu->id);
        if (e && !host_is_concurrent())
                entry_verify(mmu, e);
        if (e && !prot_denies(e->prot, access)) {
                host_tlb_stats.hits++;
        } else {
                host_tlb_stats.misses++;
                address_drop(mmu, addr, false);
                e = translation_fill(mmu, addr, access, fault);
                if (!e) {
                        address_drop(mmu, addr, true);
                        return NULL;
                }
        }
        return (char *)pfn_to_virt(e->pfn) + (addr - e->start);
}
