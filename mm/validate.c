/* SPDX-License-Identifier: MIT */
/*
 * Every invariant of an address space, recomputed from the VMAs and the page tables:
 *
 *   VMAs     in order, apart, aligned, not empty, in user space; the tree is sound
 *   totals   total_vm and its classes, locked_vm, as sums over VMAs
 *   entries  each lies in a VMA and allows no more than the VMA does; a page that somebody else may
 *            read is not writable in a private mapping; counters of resident pages
 *   tables   each has the number of used entries it says, serves a VMA, is counted once
 *
 * A violation is a bug in mm/ and panics with what was violated. Locks: mmap_lock for writing.
 */
#include "kernel/base/assert.h"
#include "mm/fault.h"
#include "mm/mm_types.h"
#include "mm/pgwalk.h"

/* Debug builds check everything after each call up to these sizes; past them now and then. */
#define SMALL_VMAS  1000
#define SMALL_PAGES 4096
#define RARELY      256

/* Sums to compare with what struct mm says. */
struct tally {
        u64 total, data, exec, stack, locked;
        u64 rss[RSS_KINDS];
        u64 table_bytes;
};

/* ------------------------------------------------------------------ VMAs */

static void validate_vma(const struct mm *mm, const struct vma *vma)
{
        CHECK(vma->mm == mm);
        CHECK(vma->start < vma->end && vma->end <= TASK_SIZE);
        CHECK(((vma->start | vma->end) & ~PAGE_MASK) == 0);
        CHECK(!(vma->flags & VM_SHARED) || (vma->flags & VM_MAYSHARE));
        CHECK(!(vma->flags & VM_MAYSHARE) || !vma_is_anon(vma));
        CHECK(!(vma->flags & VM_LOCKONFAULT) || (vma->flags & VM_LOCKED));
        CHECK(vma_at(mm, vma->start) == vma && vma_at(mm, vma->end - 1) == vma);
}

static void tally_vma(struct tally *t, const struct vma *vma)
{
        u64 pages = vma_pages(vma), flags = vma->flags;

        t->total += pages;
        if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
                t->exec += pages;
        else if (flags & VM_GROWSDOWN)
                t->stack += pages;
        else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
                t->data += pages;
        if (flags & VM_LOCKED)
                t->locked += pages;
}

static void validate_vmas(const struct mm *mm, struct tally *t)
{
        struct vmtree_pos pos;

        vmtree_validate(&mm->tree);
        for (struct vma *vma = vmtree_find(&mm->tree, 0, &pos); vma; vma = vmtree_next(&pos)) {
                validate_vma(mm, vma);
                tally_vma(t, vma);
        }
        CHECK(t->total == mm->total_vm);
        CHECK(t->data == mm->data_vm);
        CHECK(t->exec == mm->exec_vm);
        CHECK(t->stack == mm->stack_vm);
        CHECK(t->locked == mm->locked_vm);
}

/* ------------------------------------------------------------------ page tables */

static void validate_page(const struct vma *vma, pte_t entry, struct tally *t)
{
        struct page *page = pfn_to_page(pte_pfn(entry, PT_PTE));

        if (pte_special(entry, PT_PTE)) {
                CHECK(page == zero_page && !pte_writable(entry, PT_PTE));
                return;
        }
        CHECK(atomic_get(&page->mapcount) > 0);
        CHECK(atomic_get(&page->refcount) >= atomic_get(&page->mapcount));
        if (page->kind == PAGE_ANON) {
                CHECK(!(vma->flags & VM_SHARED));
                CHECK(vma->anon);
                CHECK(!pte_writable(entry, PT_PTE) || atomic_get(&page->mapcount) == 1);
                t->rss[RSS_ANON]++;
        } else {
                CHECK(page->kind == PAGE_OBJECT && !vma_is_anon(vma));
                CHECK(!pte_writable(entry, PT_PTE) || (vma->flags & VM_SHARED));
                t->rss[vma_object_rss(vma)]++;
        }
}

static void validate_entry(const struct mm *mm, u64 addr, pte_t entry, struct tally *t)
{
        const struct vma *vma = vma_at(mm, addr);

        CHECK(vma);
        if (pte_is_marker(entry)) {
                CHECK(pte_marker_kind(entry) != PTE_MARKER_GUARD || (vma->flags & VM_MAYBE_GUARD));
                return;
        }
        CHECK(pte_is_leaf(entry, PT_PTE));
        CHECK(!pte_writable(entry, PT_PTE) || (vma->flags & VM_WRITE));
        validate_page(vma, entry, t);
}

static void validate_table(const struct mm *mm, pte_t *table, unsigned level, u64 base,
                           struct tally *t)
{
        u64 span = 1UL << pt_shift(level);
        unsigned used = 0;

        for (unsigned i = 0; i < PT_ENTRIES && base + i * span < TASK_SIZE; i++) {
                u64 addr = base + i * span;
                pte_t entry = pte_read(&table[i]);

                if (pte_is_none(entry))
                        continue;
                used++;
                if (level == PT_PTE) {
                        validate_entry(mm, addr, entry, t);
                        continue;
                }
                CHECK(pte_is_table(entry, level));
                CHECK(vma_meeting(mm, addr, addr + span));
                t->table_bytes += PAGE_SIZE;
                validate_table(mm, pgtable_of(entry, level - 1), level - 1, addr, t);
        }
        CHECK(virt_to_page(table)->nr_used == used);
}

static void validate_tables(const struct mm *mm, struct tally *t)
{
        validate_table(mm, pfn_to_virt(mm->mmu.root), PT_TOP, 0, t);
        CHECK(t->table_bytes == mm->pgtable_bytes);
        CHECK(bytes_to_pages(t->table_bytes) ==
              mmstat_get(mm, MMSTAT_TABLES_ALLOCATED) - mmstat_get(mm, MMSTAT_TABLES_FREED));
        for (unsigned kind = 0; kind < RSS_KINDS; kind++)
                CHECK(t->rss[kind] == mm->rss[kind]);
}

/* ------------------------------------------------------------------ entry points */

void mm_validate(struct mm *mm)
{
        struct tally t = { 0 };

        mm->tree.work = NULL; /* lookups made here are not the program's */
        validate_vmas(mm, &t);
        validate_tables(mm, &t);
        mm->tree.work = &mm->tree_work;
}

#ifdef DEBUG
static void validate_some(struct mm *mm, u64 addr)
{
        u64 pages = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];
        struct tally t = { 0 };
        struct vma *vma;

        mm->calls++;
        if (mm_map_count(mm) > SMALL_VMAS && mm->calls % RARELY) {
                vma = vma_find(mm, addr);
                if (vma)
                        validate_vma(mm, vma);
                vma = vma_below(mm, addr);
                if (vma)
                        validate_vma(mm, vma);
                return;
        }
        validate_vmas(mm, &t);
        if (pages <= SMALL_PAGES || mm->calls % RARELY == 0)
                validate_tables(mm, &t);
}

void mm_validate_call(struct mm *mm, u64 addr)
{
        mm->tree.work = NULL;
        validate_some(mm, addr);
        mm->tree.work = &mm->tree_work;
}
#else
void mm_validate_call(struct mm *mm, u64 addr)
{
        (void)mm;
        (void)addr;
}
#endif
