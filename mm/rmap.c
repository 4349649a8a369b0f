/* SPDX-License-Identifier: MIT */
/* The reverse map: rmap.h says what it is for and how it meets faults and forks. */
#include "mm/rmap.h"

#include "kernel/base/assert.h"
#include "mm/huge.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/vma.h"
#include "mm/zap.h"

void rmap_init(struct rmap_set *set)
{
        rwsem_init(&set->lock, RANK_OBJ_RMAP, "object rmap");
        set->vmas = (struct interval_tree){ 0 };
        set->shared_writable = 0;
        set->deny_writable = false;
}

/* NULL for what has no object. */
static struct rmap_set *set_of(const struct vma *vma)
{
        struct object *object = vma_object(vma);

        return object ? &object->rmap : NULL;
}

/* ------------------------------------------------------------------ locks */

void rmap_lock(struct rmap_locks *locks, const struct vma *vma)
{
        struct anon_vma *family = vma->anon ? vma->anon->root : NULL;
        struct rmap_set *set = set_of(vma);

        *locks = (struct rmap_locks){ 0 };
        if (set && !rwsem_is_writer(&set->lock)) {
                rwsem_write_lock(&set->lock);
                locks->set = set;
        }
        if (family && !rwsem_is_writer(&family->lock)) {
                /* The last VMA of the family may leave it, but not take our lock along. */
                anon_vma_get(family);
                rwsem_write_lock(&family->lock);
                locks->family = family;
        }
}

void rmap_unlock(struct rmap_locks *locks)
{
        if (locks->family) {
                rwsem_write_unlock(&locks->family->lock);
                anon_vma_put(locks->family);
        }
        if (locks->set)
                rwsem_write_unlock(&locks->set->lock);
}

/* ------------------------------------------------------------------ sets */

static bool is_shared_writable(u64 flags)
{
        return (flags & VM_MAYSHARE) && (flags & VM_MAYWRITE);
}

static void put_in_place(struct vma *vma, struct rmap_set *set)
{
        vma->object_pages.first = vma->pgoff;
        vma->object_pages.last = vma_last_pgoff(vma);
        interval_insert(&set->vmas, &vma->object_pages);
}

void rmap_add(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);
        struct rmap_locks locks;

        if (!set)
                return;
        rmap_lock(&locks, vma);
        put_in_place(vma, set);
        set->shared_writable += is_shared_writable(vma->flags);
        rmap_unlock(&locks);
}

void rmap_remove(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);
        struct rmap_locks locks;

        rmap_lock(&locks, vma);
        if (set) {
                interval_erase(&set->vmas, &vma->object_pages);
                set->shared_writable -= is_shared_writable(vma->flags);
        }
        anon_vma_leave(vma);
        rmap_unlock(&locks);
}

void rmap_change_begin(struct vma *vma, struct rmap_locks *locks)
{
        struct rmap_set *set = set_of(vma);

        rmap_lock(locks, vma);
        if (set)
                interval_erase(&set->vmas, &vma->object_pages);
        anon_vma_lift(vma);
}

void rmap_change_end(struct vma *vma, struct rmap_locks *locks)
{
        struct rmap_set *set = set_of(vma);

        if (set)
                put_in_place(vma, set);
        anon_vma_lower(vma);
        rmap_unlock(locks);
}

void rmap_extend(struct vma *vma, u64 end)
{
        struct rmap_set *set = set_of(vma);
        struct rmap_locks locks;

        rmap_lock(&locks, vma);
        vma->end = end;
        if (set)
                interval_extend(&set->vmas, &vma->object_pages, vma_last_pgoff(vma));
        anon_vma_extend(vma);
        rmap_unlock(&locks);
}

/* ------------------------------------------------------------------ walk */

struct walk {
        struct page *page;
        rmap_visitor *visit;
        void *arg;
};

/* Is the page there? The table may have gone, the entry may be another page's. Under pte_lock. */
static bool find_place(const struct page *page, struct rmap_place *place)
{
        pfn_t pfn = page_to_pfn(page);
        pte_t entry;

        place->pte = pgwalk_entry(place->vma->mm, place->addr, &place->level);
        if (!place->pte)
                return false;
        if (place->level == PT_PMD)
                pfn -= (place->addr >> PAGE_SHIFT) & (HUGE_PAGES - 1);
        entry = pte_read(place->pte);
        return pte_is_leaf(entry, place->level) && pte_pfn(entry, place->level) == pfn;
}

static bool visit_vma(const struct walk *w, struct vma *vma)
{
        struct rmap_place place = { .vma = vma };
        struct mm *mm = vma->mm;
        bool go_on = true;

        place.addr = vma->start + ((w->page->index - vma->pgoff) << PAGE_SHIFT);
        spin_lock(&mm->pte_lock);
        if (find_place(w->page, &place))
                go_on = w->visit(&place, w->arg);
        spin_unlock(&mm->pte_lock);
        return go_on;
}

static bool visit_chain(struct interval *pages, void *arg)
{
        return visit_vma(arg, container_of(pages, struct anon_vma_chain, pages)->vma);
}

static bool visit_object_vma(struct interval *pages, void *arg)
{
        return visit_vma(arg, container_of(pages, struct vma, object_pages));
}

static bool walk_anon(struct walk *w)
{
        struct anon_vma *anon = anon_vma_of_page(w->page);
        u64 index = w->page->index;
        bool whole;

        if (!anon)
                return true;
        rwsem_read_lock(&anon->root->lock);
        whole = interval_visit(&anon->vmas, index, index, visit_chain, w);
        rwsem_read_unlock(&anon->root->lock);
        anon_vma_put(anon);
        return whole;
}

static bool walk_object(struct walk *w)
{
        struct object *object = __atomic_load_n(&w->page->owner, __ATOMIC_ACQUIRE);
        u64 index = w->page->index;
        bool whole;

        if (!object) /* truncated: rmap_zap() has seen to its entries, or will */
                return true;
        rwsem_read_lock(&object->rmap.lock);
        whole = interval_visit(&object->rmap.vmas, index, index, visit_object_vma, w);
        rwsem_read_unlock(&object->rmap.lock);
        return whole;
}

bool rmap_walk(struct page *page, rmap_visitor *visit, void *arg)
{
        struct walk w = { .page = page, .visit = visit, .arg = arg };

        return page->kind == PAGE_ANON ? walk_anon(&w) : walk_object(&w);
}

/* ------------------------------------------------------------------ zap */

struct zap_request {
        u64 first, last; /* page numbers */
        unsigned what;
};

/* Remove the mappings of these pages from one VMA, some of whose pages they are. */
static bool zap_one(struct interval *pages, void *arg)
{
        struct vma *vma = container_of(pages, struct vma, object_pages);
        const struct zap_request *zap = arg;
        u64 top = vma_last_pgoff(vma);
        struct zap_batch batch;
        u64 from, to;

        from = vma->start + ((max_u64(zap->first, vma->pgoff) - vma->pgoff) << PAGE_SHIFT);
        to = vma->start + ((min_u64(zap->last, top) - vma->pgoff + 1) << PAGE_SHIFT);
        zap_begin(&batch, vma->mm);
        zap_vma(&batch, vma, from, to, zap->what);
        zap_finish(&batch);
        return true;
}

void rmap_zap(struct rmap_set *set, u64 first, u64 last, bool private_too)
{
        struct zap_request zap = { .first = first, .last = last, .what = ZAP_OBJECT };

        if (private_too)
                zap.what |= ZAP_ANON;
        rwsem_read_lock(&set->lock);
        interval_visit(&set->vmas, first, last, zap_one, &zap);
        rwsem_read_unlock(&set->lock);
}
