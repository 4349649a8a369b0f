/* SPDX-License-Identifier: MIT */
/* Accounts of physical memory, from the outside: see audit.h. */
#include <stdlib.h>

#include "mm/buddy.h"
#include "mm/huge.h"
#include "mm/mm_types.h"
#include "mm/page.h"
#include "tests/unit/audit.h"
#include "tests/unit/test.h"

/* What the page tables say of one frame. */
struct frame {
        unsigned mapped, writable, huge; /* `huge` of a block's first frame: its huge entries */
        bool table;
};

struct audit {
        struct frame *frames; /* by pfn */
        u64 rss[RSS_KINDS];   /* of the address space at hand */
        u64 tables;
};

static void audit_leaf(struct audit *a, pte_t e)
{
        pfn_t pfn = pte_pfn(e, PT_PTE);
        const struct page *page = pfn_to_page(pfn);

        if (pte_special(e, PT_PTE)) {
                CHECK(!pte_writable(e, PT_PTE));
                return;
        }
        CHECK(page->kind == PAGE_ANON || page->kind == PAGE_OBJECT);
        a->frames[pfn].mapped++;
        a->frames[pfn].writable += pte_writable(e, PT_PTE);
        a->rss[page->kind == PAGE_ANON ? RSS_ANON : RSS_SHMEM]++;
}

static void audit_huge(struct audit *a, pte_t e, unsigned *huge)
{
        pfn_t pfn = pte_pfn(e, PT_PMD);

        if (pfn_to_page(pfn)->kind == PAGE_HUGETLB) {
                a->frames[pfn].mapped++;
                a->frames[pfn].writable += pte_writable(e, PT_PMD);
                return;
        }
        ++*huge;
        a->frames[pte_pfn(e, PT_PMD)].huge++;
        if (!pte_special(e, PT_PMD))
                a->rss[RSS_ANON] += HUGE_PAGES;
}

/* The tables that are in store. */
static void audit_deposits(struct audit *a, const struct page *table, unsigned huge)
{
        for (const struct page *p = table->owner; p; p = p->owner, huge--) {
                a->frames[page_to_pfn(p)].table = true;
                a->tables++;
        }
        CHECK(huge == 0);
}

static void audit_table(struct audit *a, pfn_t pfn, enum pt_level level)
{
        const pte_t *table = pfn_to_virt(pfn);
        unsigned used = 0, huge = 0;

        CHECK(pfn_to_page(pfn)->kind == PAGE_TABLE);
        CHECK(!a->frames[pfn].table);
        a->frames[pfn].table = true;
        a->tables++;
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
                pte_t e = pte_read(&table[i]);

                if (pte_is_none(e))
                        continue;
                used++;
                if (pte_is_marker(e))
                        continue;
                if (pte_is_table(e, level)) {
                        audit_table(a, pte_pfn(e, level), level - 1);
                } else if (level == PT_PMD) {
                        audit_huge(a, e, &huge);
                } else {
                        audit_leaf(a, e);
                }
        }
        CHECK(pfn_to_page(pfn)->nr_used == used);
        if (level == PT_PMD)
                audit_deposits(a, pfn_to_page(pfn), huge);
}

static void audit_space(struct audit *a, struct mm *mm)
{
        memset(a->rss, 0, sizeof(a->rss));
        a->tables = 0;
        audit_table(a, mm->mmu.root, PT_TOP);
        CHECK(mm->pgtable_bytes == (a->tables - 1) * PAGE_SIZE);
        /* Which of the two an object's pages count as, its pages do not say. */
        CHECK(mm->rss[RSS_ANON] == a->rss[RSS_ANON]);
        CHECK(mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM] == a->rss[RSS_SHMEM]);
        host_tlb_verify(&mm->mmu);
}

static void audit_frame(const struct frame *f, struct page *page)
{
        bool huge = page->kind > PAGE_FREE && (page_has_flags(page, PAGE_HUGE));
        unsigned object_holds = page->kind == PAGE_OBJECT;

        CHECK(atomic_get(&page->mapcount) == f->mapped);
        if (huge && huge_head(page) == page)
                CHECK(atomic_get(&page->huge_maps) == f->huge);
        else
                CHECK(f->huge == 0);
        CHECK(f->table == (page->kind == PAGE_TABLE));
        if (page->kind == PAGE_HUGETLB) {
                CHECK(atomic_get(&page->refcount) == f->mapped + (page->owner != NULL));
                CHECK(f->writable == 0 || f->mapped == 1 || page->owner);
                return;
        }
        if (page->kind != PAGE_ANON && page->kind != PAGE_OBJECT) {
                CHECK(f->mapped == 0);
                return;
        }
        CHECK(atomic_get(&page->refcount) == f->mapped + object_holds + huge);
        CHECK(page->kind != PAGE_OBJECT || page->owner);
        if (page->kind == PAGE_ANON) {
                CHECK(f->mapped > 0 || huge);
                CHECK((f->mapped == 1 && !huge) || f->writable == 0);
        }
}

void audit_memory(struct mm *const mms[], unsigned nr)
{
        struct audit a = { .frames = calloc(page_frames(), sizeof(struct frame)) };

        CHECK(a.frames);
        for (unsigned i = 0; i < nr; i++)
                if (mms[i])
                        audit_space(&a, mms[i]);
        for (pfn_t pfn = 0; pfn < page_frames(); pfn++)
                if (page_block_is_ready(pfn))
                        audit_frame(&a.frames[pfn], pfn_to_page(pfn));
        free(a.frames);
}
