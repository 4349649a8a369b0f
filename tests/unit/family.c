/* SPDX-License-Identifier: MIT */
/* Address spaces that descend from one another: family.h. */
#include <stdlib.h>

#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "tests/unit/audit.h"
#include "tests/unit/family.h"

struct family family_of(struct mm *first)
{
        return (struct family){ .mm = { first } };
}

int family_fork(struct family *f, unsigned parent)
{
        unsigned i = 0;
        int err;

        while (f->mm[i])
                i++;
        CHECK(i < FAMILY_MAX);
        f->mm[i] = mm_fork(f->mm[parent], &root_caller, &err);
        return f->mm[i] ? (int)i : -1;
}

void family_exit(struct family *f, unsigned number)
{
        mm_put(f->mm[number]);
        f->mm[number] = NULL;
}

/* ------------------------------------------------------------------ what is mapped where */

struct mapping {
        struct page *page;
        struct mm *mm;
        u64 addr;
        bool seen; /* by a walk */
};

struct mappings {
        struct mapping *at;
        unsigned nr, room;
};

static void add(struct mappings *m, struct page *page, struct mm *mm, u64 addr)
{
        if (m->nr == m->room) {
                m->room = m->room ? 2 * m->room : 256;
                m->at = realloc(m->at, m->room * sizeof(*m->at));
                CHECK(m->at);
        }
        m->at[m->nr++] = (struct mapping){ .page = page, .mm = mm, .addr = addr };
}

static void list_table(struct mappings *m, struct mm *mm, pfn_t pfn, enum pt_level level, u64 base)
{
        const pte_t *table = pfn_to_virt(pfn);

        for (unsigned i = 0; i < PT_ENTRIES; i++) {
                u64 addr = base + ((u64)i << pt_shift(level));
                pte_t entry = pte_read(&table[i]);

                if (pte_is_none(entry) || pte_is_marker(entry))
                        continue;
                if (pte_is_table(entry, level))
                        list_table(m, mm, pte_pfn(entry, level), level - 1, addr);
                else if (!pte_special(entry, level))
                        add(m, pfn_to_page(pte_pfn(entry, level)), mm, addr);
        }
}

/* ------------------------------------------------------------------ and what walks find */

static bool note_place(const struct rmap_place *place, void *arg)
{
        struct mappings *m = arg;
        unsigned i = 0;

        while (i < m->nr && (m->at[i].mm != place->vma->mm || m->at[i].addr != place->addr))
                i++;
        CHECK(i < m->nr);
        CHECK(!m->at[i].seen);
        m->at[i].seen = true;
        return true;
}

static void check_walk(struct mappings *m, struct page *page)
{
        for (unsigned i = 0; i < m->nr; i++)
                m->at[i].seen = false;
        CHECK(rmap_walk(page, note_place, m));
        for (unsigned i = 0; i < m->nr; i++)
                CHECK(m->at[i].seen == (m->at[i].page == page));
}

void family_check(const struct family *f)
{
        struct mappings m = { 0 };

        for (unsigned i = 0; i < FAMILY_MAX; i++) {
                if (!f->mm[i])
                        continue;
                strip_validate(f->mm[i]);
                list_table(&m, f->mm[i], f->mm[i]->mmu.root, PT_TOP, 0);
        }
        for (unsigned i = 0; i < m.nr; i++)
                check_walk(&m, m.at[i].page);
        free(m.at);
        audit_memory(f->mm, FAMILY_MAX);
}

void family_end(struct family *f, bool first_first)
{
        for (unsigned i = 0; i < FAMILY_MAX; i++) {
                unsigned number = first_first ? i : FAMILY_MAX - 1 - i;

                if (!f->mm[number])
                        continue;
                family_exit(f, number);
                family_check(f);
        }
        EXPECT_EQ(slab_objects("anon_vma"), 0);
        EXPECT_EQ(slab_objects("anon_vma_chain"), 0);
        EXPECT_EQ(slab_objects("vma"), 0);
        EXPECT_EQ(mm_committed(), 0);
}

/* ------------------------------------------------------------------ questions, calls */

unsigned chain_at(struct mm *mm, unsigned page)
{
        struct vma *vma = vma_at(mm, at_page(page));

        CHECK(vma);
        return anon_chain_length(vma);
}

s64 move_pages(struct mm *mm, unsigned from, unsigned n, unsigned to, u64 flags)
{
        return mm_mremap(mm, &root_caller, at_page(from), n * PAGE_SIZE, n * PAGE_SIZE,
                         MREMAP_MAYMOVE | MREMAP_FIXED | flags, at_page(to));
}

u64 slab_objects(const char *name)
{
        struct slab_stats stats;

        for (unsigned n = 0; slab_stats(n, &stats); n++)
                if (!strcmp(stats.name, name))
                        return stats.objects;
        panic("no cache is called %s", name);
}
