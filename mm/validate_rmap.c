/* SPDX-License-Identifier: MIT */
/*
 * The reverse map, seen from both ends.
 *
 *   chains   a VMA is in the sets of an anon_vma and of all it descends from, under the page
 * numbers it has; each link is in both the list and the tree; a chain of one is a root's owners   a
 * page is owned by an anon_vma of the chain, and its index is its place in the VMA counts
 * nr_owners, nr_children and refs are what they count; no set is empty walks    lead from each page
 * to its entries, each once
 *
 * Locks: mmap_lock for writing; those of the reverse map are taken for reading.
 */
#include "kernel/base/assert.h"
#include "mm/hugetlb.h"
#include "mm/rmap.h"
#include "mm/validate.h"

static struct anon_vma_chain *link_of(const struct list *it)
{
        return list_entry(it, struct anon_vma_chain, in_vma);
}

/* ------------------------------------------------------------------ chains, owners */

static bool chain_has(const struct vma *vma, const struct anon_vma *anon)
{
        const struct list *it;

        list_for_each (it, &vma->chain) {
                if (link_of(it)->anon == anon)
                        return true;
        }
        return false;
}

static void validate_link(const struct vma *vma, const struct anon_vma_chain *link)
{
        const struct anon_vma *anon = link->anon;

        CHECK(link->vma == vma);
        CHECK(link->pages.first == vma->pgoff);
        CHECK(link->pages.last == vma->pgoff + vma_pages(vma) - 1);
        CHECK(interval_contains(&anon->vmas, &link->pages));
        CHECK(anon->root == vma->anon->root);
        CHECK(anon->parent ? chain_has(vma, anon->parent) : anon->root == anon);
}

void validate_chain(const struct vma *vma)
{
        struct rwsem *lock = vma->anon ? &vma->anon->root->lock : NULL;
        const struct list *it;

        CHECK(!vma->anon == list_empty(&vma->chain));
        if (!lock)
                return;
        CHECK(!(vma->flags & VM_SHARED));
        CHECK(chain_has(vma, vma->anon));
        rwsem_read_lock(lock);
        list_for_each (it, &vma->chain)
                validate_link(vma, link_of(it));
        rwsem_read_unlock(lock);
}

void validate_owner(const struct vma *vma, u64 addr, const struct page *page)
{
        CHECK(vma->anon);
        CHECK(page->index == vma_pgoff_at(vma, addr));
        CHECK(chain_has(vma, page->owner));
}

/* ------------------------------------------------------------------ counts */

struct count {
        const struct anon_vma *anon;
        const struct vma *owner; /* one that owns pages for it */
        unsigned owners, children;
};

static const struct vma *first_vma(const struct anon_vma *anon)
{
        const struct interval *at = anon->vmas.root;

        CHECK(at);
        while (at->below[0])
                at = at->below[0];
        return container_of(at, struct anon_vma_chain, pages)->vma;
}

/*
 * A child is counted where it is met first: in the first VMA of its set. Whoever owns for the same
 * anon_vma may map pages of the same ones: merging relies on it.
 */
static bool count_vma(struct interval *pages, void *arg)
{
        const struct vma *vma = container_of(pages, struct anon_vma_chain, pages)->vma;
        struct count *count = arg;
        const struct list *it;

        if (vma->anon == count->anon) {
                count->owners++;
                if (!count->owner)
                        count->owner = vma;
                CHECK(anon_chain_length(vma) == anon_chain_length(count->owner));
        }
        list_for_each (it, &vma->chain) {
                const struct anon_vma *anon = link_of(it)->anon;

                count->children += anon->parent == count->anon && first_vma(anon) == vma;
                CHECK(vma->anon != count->anon || chain_has(count->owner, anon));
        }
        return true;
}

/* A reference more may be a child's whose set is empty, and which a walker holds. */
static void validate_counts(const struct anon_vma *anon)
{
        struct count count = { .anon = anon };

        interval_validate(&anon->vmas);
        interval_visit(&anon->vmas, 0, ~0ULL, count_vma, &count);
        CHECK(count.owners == anon->nr_owners);
        CHECK(count.children == anon->nr_children);
        CHECK(anon->refs >= 1 + count.children);
}

static void validate_vma_counts(const struct vma *vma)
{
        struct rwsem *lock = vma->anon ? &vma->anon->root->lock : NULL;
        const struct list *it;

        if (!lock)
                return;
        rwsem_read_lock(lock);
        list_for_each (it, &vma->chain)
                validate_counts(link_of(it)->anon);
        rwsem_read_unlock(lock);
}

/* ------------------------------------------------------------------ walks */

struct sightings {
        const struct vma *vma; /* the one that is looked for, */
        u64 addr;              /* and where in it */
        unsigned here, all;
};

static bool sight(const struct rmap_place *place, void *arg)
{
        struct sightings *s = arg;

        s->here += place->vma == s->vma && place->addr == s->addr;
        s->all++;
        return true;
}

static void validate_walk(const struct vma *vma, u64 addr, struct page *page)
{
        struct sightings s = { .vma = vma, .addr = addr };

        CHECK(rmap_walk(page, sight, &s));
        CHECK(s.here == 1);
        CHECK(s.all == page_mappers(page));
}

static void validate_walks(const struct vma *vma)
{
        struct pgwalk walk = pgwalk_begin(vma->mm, vma->start, vma->end);

        while (pgwalk_next(&walk)) {
                if (!pte_is_leaf(walk.entry, walk.level) || pte_special(walk.entry, walk.level) ||
                    vma_is_hugetlb(vma))
                        continue;
                for (u64 i = 0; i < bytes_to_pages(walk.span); i++)
                        validate_walk(vma, walk.addr + (i << PAGE_SHIFT), pgwalk_page(&walk) + i);
        }
}

void validate_reverse(struct mm *mm)
{
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
                validate_vma_counts(vma);
                validate_walks(vma);
        }
}
