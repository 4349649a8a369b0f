/* SPDX-License-Identifier: MIT */
/* Everything there is, to be compared: nth_state.h. */
#include "tests/unit/nth_state.h"

#include <stdlib.h>

#include "mm/huge.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/slab.h"

/* Of larger address spaces a few words of each page have to do. */
#define WHOLE_PAGES 64

static void fact(struct nth_state *s, const char *what, u64 where, u64 value)
{
        if (s->nr == s->room) {
                s->room = s->room ? 2 * s->room : 256;
                s->facts = realloc(s->facts, s->room * sizeof(*s->facts));
                CHECK(s->facts);
        }
        s->facts[s->nr++] = (struct nth_fact){ what, where, value };
}

static void vmas_take(struct nth_state *s, const struct mm *mm, unsigned leaves)
{
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
                fact(s, "end of the VMA", vma->start, vma->end);
                fact(s, "flags of the VMA", vma->start, vma->flags);
                fact(s, "pgoff of the VMA", vma->start, vma->pgoff);
                fact(s, "backing of the VMA", vma->start, (u64)vma->backing);
                fact(s, "context of the VMA", vma->start, (u64)vma->uffd);
                if (!(leaves & NTH_LEAVES_ANON))
                        fact(s, "anon_vma of the VMA", vma->start, (u64)vma->anon);
        }
}

static u64 page_sum(pfn_t pfn, unsigned step)
{
        const u64 *word = pfn_to_virt(pfn);
        u64 sum = 1;

        for (unsigned i = 0; i < PAGE_SIZE / sizeof(u64); i += step)
                sum = sum * 0x100000001b3UL + word[i];
        return sum;
}

static void page_take(struct nth_state *s, struct page *page, u64 addr, unsigned step)
{
        u64 sum = page_sum(page_to_pfn(page), step);

        fact(s, "owner of the page", addr, (u64)page->owner);
        fact(s, "references to the page", addr, (u64)atomic_get(&page->refcount));
        fact(s, "mappings of the page", addr, page_mappers(page));
        fact(s, "contents of the page", addr, sum);
        s->contents += sum;
        s->pages++;
}

static void entry_take(struct nth_state *s, const struct pgwalk *walk, unsigned leaves,
                       unsigned step)
{
        pte_t entry = walk->entry;

        if (!pte_is_leaf(entry, walk->level)) {
                fact(s, "marker", walk->addr, entry.v);
                return;
        }
        if (leaves & NTH_LEAVES_RDONLY)
                entry = pte_wrprotect(entry, walk->level);
        fact(s, "entry", walk->addr, entry.v);
        for (u64 at = 0; at < walk->span; at += PAGE_SIZE)
                page_take(s, pgwalk_page(walk) + (at >> PAGE_SHIFT), walk->addr + at, step);
}

static void entries_take(struct nth_state *s, const struct mm *mm, unsigned leaves)
{
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);
        u64 pages = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];
        unsigned step = pages > WHOLE_PAGES ? 61 : 1;

        while (pgwalk_next(&walk))
                entry_take(s, &walk, leaves, step);
}

static void counters_take(struct nth_state *s, struct mm *mm, unsigned leaves)
{
        struct mm_stats stats;

        mm_stats(mm, &stats);
        fact(s, "total_vm", 0, stats.total_vm);
        fact(s, "data_vm", 0, stats.data_vm);
        fact(s, "exec_vm", 0, stats.exec_vm);
        fact(s, "stack_vm", 0, stats.stack_vm);
        fact(s, "locked_vm", 0, stats.locked_vm);
        fact(s, "hiwater_vm", 0, stats.hiwater_vm);
        fact(s, "hiwater_rss", 0, stats.hiwater_rss);
        fact(s, "anonymous pages", 0, stats.rss_anon);
        fact(s, "file pages", 0, stats.rss_file);
        fact(s, "pages of shared memory", 0, stats.rss_shmem);
        fact(s, "map count", 0, stats.map_count);
        fact(s, "hugetlb entries", 0, mm->nr_hugetlb);
        fact(s, "brk", 0, mm->brk);
        fact(s, "locks of mappings to come", 0, mm->def_flags);
        if (!(leaves & NTH_LEAVES_TABLES))
                fact(s, "bytes of page tables", 0, stats.pgtable_bytes);
}

static void object_take(struct nth_state *s, const struct object *object, u64 file)
{
        u64 index = 0;

        fact(s, "size of the file", file, object_size(object));
        fact(s, "references to the object", file, (u64)atomic_get(&object->ref.count));
        fact(s, "charge of the object", file, object->charged);
        fact(s, "shared writable mappings", file, object_shared_writable(object));
        for (struct page *page; (page = page_tree_next(&object->pages, &index)); index++)
                fact(s, "page of the file", index, page_to_pfn(page));
}

/* What an excepted part of the state takes up goes off the books as well. */
static void machine_take(struct nth_state *s, const struct nth_world *w, unsigned leaves)
{
        struct mm_hugetlb_stats pool;
        struct memory_stats m;
        struct slab_stats slab;
        u64 tables = w->mm->pgtable_bytes + (w->child ? w->child->pgtable_bytes : 0);

        memory_stats(&m);
        if (!(leaves & NTH_LEAVES_TABLES))
                tables = 0;
        fact(s, "pages of tables", 0, m.tables - bytes_to_pages(tables));
        fact(s, "anonymous pages of all", 0, m.anon);
        fact(s, "pages of objects", 0, m.object);
        fact(s, "pages of the kernel", 0, m.kernel);
        fact(s, "committed", 0, mm_committed());
        mm_hugetlb_stats(&pool);
        fact(s, "hugetlb pages", 0, pool.total);
        fact(s, "free hugetlb pages", 0, pool.free);
        fact(s, "promised hugetlb pages", 0, pool.reserved);
        fact(s, "surplus hugetlb pages", 0, pool.surplus);
        if (!(leaves & NTH_LEAVES_ANON))
                fact(s, "pages of slabs", 0, m.slab);
        for (unsigned i = 0; slab_stats(i, &slab); i++)
                if (!(leaves & NTH_LEAVES_ANON) || !strstr(slab.name, "anon"))
                        fact(s, slab.name, i, slab.objects);
}

/* Nodes that a tree has in reserve stay its own when a call fails. */
static void space_take(struct nth_state *s, struct mm *mm, unsigned leaves)
{
        vmtree_trim(&mm->tree);
        vmas_take(s, mm, leaves);
        entries_take(s, mm, leaves);
        counters_take(s, mm, leaves);
}

void nth_state_take(struct nth_state *s, const struct nth_world *w, unsigned leaves)
{
        s->nr = 0;
        s->contents = s->pages = 0;
        space_take(s, w->mm, leaves);
        if (w->child)
                space_take(s, w->child, leaves);
        for (unsigned i = 0; i < NTH_FILES; i++) {
                if (!w->files[i])
                        continue;
                fact(s, "references to the file", i, (u64)atomic_get(&w->files[i]->ref.count));
                if (w->files[i]->object)
                        object_take(s, w->files[i]->object, i);
        }
        machine_take(s, w, leaves);
}

const char *nth_state_differs(const struct nth_state *a, const struct nth_state *b)
{
        static char text[200];

        for (unsigned i = 0; i < a->nr && i < b->nr; i++) {
                const struct nth_fact *x = &a->facts[i], *y = &b->facts[i];

                if (x->what == y->what && x->where == y->where && x->value == y->value)
                        continue;
                snprintf(text, sizeof(text), "%s at %#lx was %#lx; now %s at %#lx is %#lx", x->what,
                         (long)x->where, (long)x->value, y->what, (long)y->where, (long)y->value);
                return text;
        }
        if (a->nr == b->nr)
                return NULL;
        snprintf(text, sizeof(text), "%u facts, now %u", a->nr, b->nr);
        return text;
}

/* An address or a frame's number, or a matter of what was freed before. */
static bool is_identity(const char *what)
{
        static const char *const names[] = {
                "backing of the VMA", "context of the VMA", "anon_vma of the VMA", "entry",
                "owner of the page",  "page of the file",   "pages of slabs",
        };

        for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(what, names[i]) == 0)
                        return true;
        return false;
}

u64 nth_state_shape(const struct nth_state *s)
{
        u64 sum = 0;

        for (unsigned i = 0; i < s->nr; i++) {
                const struct nth_fact *f = &s->facts[i];

                if (is_identity(f->what))
                        continue;
                sum = (sum + f->where) * 0x100000001b3UL;
                sum = (sum + f->value) * 0x100000001b3UL;
        }
        return sum;
}

void nth_state_free(struct nth_state *s)
{
        free(s->facts);
        *s = (struct nth_state){ 0 };
}
