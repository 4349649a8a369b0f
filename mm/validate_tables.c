/* SPDX-License-Identifier: MIT */
/*
 * Page tables: each has the number of used entries it says, serves a VMA, is counted once. Entries:
 * each lies in a VMA and allows no more than the VMA does; a page that somebody else may read is
 * not writable in a private mapping; an entry of a shared one allows all that its VMA does;
 * resident pages are counted.
 *
 * Locks: mmap_lock for writing.
 */
#include "mm/validate.h"

#include "kernel/base/assert.h"
#include "mm/fault.h"
#include "mm/hugetlb.h"
#include "mm/soft_dirty.h"

static void validate_page(const struct vma *vma, u64 addr, pte_t entry, struct tally *t)
{
        struct page *page = pfn_to_page(pte_pfn(entry, PT_PTE));

        if (pte_special(entry, PT_PTE)) {
                CHECK(vma_has_frames(vma) || page == zero_page);
                CHECK(!pte_writable(entry, PT_PTE) || (vma->flags & VM_SHARED));
                return;
        }
        CHECK(atomic_get(&page->mapcount) > 0);
        CHECK(atomic_get(&page->refcount) >=
              atomic_get(&page->mapcount) + ((page_has_flags(page, PAGE_HUGE)) != 0));
        if (page->kind == PAGE_ANON) {
                CHECK(!(vma->flags & VM_SHARED));
                validate_owner(vma, addr, page);
                CHECK(!pte_writable(entry, PT_PTE) || page_mappers(page) == 1);
                t->rss[RSS_ANON]++;
        } else {
                CHECK(page->kind == PAGE_OBJECT && !vma_is_anon(vma));
                CHECK(!pte_writable(entry, PT_PTE) || (vma->flags & VM_SHARED));
                t->rss[vma_object_rss(vma)]++;
        }
}

/* Entries come in order, so the VMA is nearly always the last one's. */
static const struct vma *vma_of_entry(const struct mm *mm, u64 addr, struct tally *t)
{
        if (!t->vma || addr < t->vma->start || t->vma->end <= addr)
                t->vma = vma_at(mm, addr);
        CHECK(t->vma);
        return t->vma;
}

static void validate_entry(const struct mm *mm, u64 addr, pte_t entry, struct tally *t)
{
        const struct vma *vma = vma_of_entry(mm, addr, t);

        if (pte_is_marker(entry)) {
                CHECK(pte_marker_kind(entry) != PTE_MARKER_GUARD || (vma->flags & VM_MAYBE_GUARD));
                return;
        }
        CHECK(pte_is_leaf(entry, PT_PTE));
        CHECK(!pte_writable(entry, PT_PTE) || (vma->flags & VM_WRITE));
        CHECK(pte_key(entry, PT_PTE) == vm_key(vma->flags));
        CHECK(!pte_writable(entry, PT_PTE) || !soft_dirty_waits(vma, entry, PT_PTE));
        CHECK(!pte_uffd_wp(entry, PT_PTE) ||
              (!pte_writable(entry, PT_PTE) && (vma->flags & VM_UFFD_WP)));
        CHECK(pte_writable(entry, PT_PTE) || pte_uffd_wp(entry, PT_PTE) || mm_sysctl.soft_dirty ||
              !(vma->flags & VM_SHARED) || !(vma->flags & VM_WRITE));
        validate_page(vma, addr, entry, t);
}

/* It is the object's block there, or a private one, which is writable for one mapping alone. */
static void validate_hugetlb(const struct vma *vma, u64 addr, pte_t entry, struct tally *t)
{
        const struct page *head = hugetlb_head(entry);
        s64 mapped = atomic_get(&head->mapcount);

        CHECK(huge_fits(vma, addr) && !pte_special(entry, PT_PMD));
        CHECK(head->kind == PAGE_HUGETLB && head->order == HUGE_ORDER);
        CHECK(pte_key(entry, PT_PMD) == vm_key(vma->flags));
        CHECK(!page_has_flags(head, PAGE_PROMISED));
        CHECK(mapped > 0 && atomic_get(&head->refcount) >= mapped + (head->owner != NULL));
        CHECK(!pte_writable(entry, PT_PMD) || (vma->flags & VM_WRITE));
        if (!hugetlb_is_private(head)) {
                CHECK(head->owner == vma_object(vma));
                CHECK(head->index == vma_pgoff_at(vma, addr));
                CHECK(!pte_writable(entry, PT_PMD) || (vma->flags & VM_SHARED));
        } else {
                CHECK(!(vma->flags & VM_MAYSHARE));
                CHECK(!pte_writable(entry, PT_PMD) || mapped == 1);
        }
        t->hugetlb++;
}

/* A huge entry lies in one VMA, and its pages are those of the VMA one by one. */
static void validate_huge(const struct mm *mm, u64 addr, pte_t entry, struct tally *t)
{
        const struct vma *vma = vma_of_entry(mm, addr, t);
        struct page *head = pfn_to_page(pte_pfn(entry, PT_PMD));

        if (vma_is_hugetlb(vma)) {
                validate_hugetlb(vma, addr, entry, t);
                return;
        }
        CHECK(vma_is_anon(vma) && huge_fits(vma, addr));
        CHECK(atomic_get(&head->huge_maps) > 0);
        CHECK(pte_special(entry, PT_PMD) == is_huge_zero(head));
        CHECK(pte_key(entry, PT_PMD) == vm_key(vma->flags));
        CHECK(!pte_uffd_wp(entry, PT_PMD) ||
              (!pte_writable(entry, PT_PMD) && (vma->flags & VM_UFFD_WP)));
        CHECK(!pte_writable(entry, PT_PMD) || !soft_dirty_waits(vma, entry, PT_PMD));
        t->huge++;
        if (is_huge_zero(head)) {
                CHECK(!pte_writable(entry, PT_PMD));
                return;
        }
        CHECK(!pte_writable(entry, PT_PMD) || (vma->flags & VM_WRITE));
        CHECK(!pte_writable(entry, PT_PMD) || atomic_get(&head->huge_maps) == 1);
        for (u64 i = 0; i < HUGE_PAGES; i++) {
                CHECK(head[i].kind == PAGE_ANON && (head[i].flags & PAGE_HUGE));
                CHECK(atomic_get(&head[i].refcount) >= 1 + atomic_get(&head[i].mapcount));
                CHECK(!pte_writable(entry, PT_PMD) || atomic_get(&head[i].mapcount) == 0);
                validate_owner(vma, addr + (i << PAGE_SHIFT), head + i);
        }
        t->rss[RSS_ANON] += HUGE_PAGES;
}

/* A PMD table has a table in store for each of its huge entries. */
static void validate_deposits(const struct page *table, u64 huge, struct tally *t)
{
        for (const struct page *deposit = table->owner; deposit; deposit = deposit->owner) {
                CHECK(deposit->kind == PAGE_TABLE && deposit->level == PT_PTE);
                CHECK(deposit->nr_used == 0);
                t->table_bytes += PAGE_SIZE;
                huge--;
        }
        CHECK(huge == 0);
}

static unsigned entries_used(const pte_t *table)
{
        unsigned used = 0;

        for (unsigned i = 0; i < PT_ENTRIES; i++)
                used += !pte_is_none(pte_read(&table[i]));
        return used;
}

/* Everything below `table`, which serves addresses from `base` on. */
static void validate_table(const struct mm *mm, pte_t *table, unsigned level, u64 base,
                           struct tally *t)
{
        u64 span = 1UL << pt_shift(level), huge = t->huge;
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
                if (level == PT_PMD && pte_is_leaf(entry, level)) {
                        validate_huge(mm, addr, entry, t);
                        continue;
                }
                CHECK(pte_is_table(entry, level));
                CHECK(vma_meeting(mm, addr, addr + span));
                t->table_bytes += PAGE_SIZE;
                validate_table(mm, pgtable_of(entry, level - 1), level - 1, addr, t);
        }
        CHECK(virt_to_page(table)->nr_used == used);
        if (level == PT_PMD)
                validate_deposits(virt_to_page(table), t->huge - huge, t);
}

void validate_tables_near(const struct mm *mm, u64 addr)
{
        pte_t *table = pfn_to_virt(mm->mmu.root);
        struct tally t = { 0 };

        if (addr >= TASK_SIZE)
                return;
        for (unsigned level = PT_TOP; level > PT_PTE; level--) {
                u64 span = 1UL << pt_shift(level), base = addr & ~(span - 1);
                pte_t entry = pte_read(&table[pt_index(addr, level)]);

                /* The kernel's half of the root is none of its own. */
                if (level < PT_TOP)
                        CHECK(virt_to_page(table)->nr_used == entries_used(table));
                if (pte_is_none(entry))
                        return;
                if (level == PT_PMD && pte_is_leaf(entry, level)) {
                        validate_huge(mm, base, entry, &t);
                        return;
                }
                CHECK(pte_is_table(entry, level));
                CHECK(vma_meeting(mm, base, base + span));
                table = pgtable_of(entry, level - 1);
        }
        validate_table(mm, table, PT_PTE, addr & ~((1UL << pt_shift(PT_PMD)) - 1), &t);
}

void validate_tables(const struct mm *mm, struct tally *t)
{
        validate_table(mm, pfn_to_virt(mm->mmu.root), PT_TOP, 0, t);
        CHECK(t->table_bytes == mm->pgtable_bytes);
        CHECK(t->huge == mm->nr_huge && t->hugetlb == mm->nr_hugetlb);
        CHECK(bytes_to_pages(t->table_bytes) ==
              mmstat_get(mm, MMSTAT_TABLES_ALLOCATED) - mmstat_get(mm, MMSTAT_TABLES_FREED));
        for (unsigned kind = 0; kind < RSS_KINDS; kind++)
                CHECK(t->rss[kind] == mm->rss[kind]);
}
