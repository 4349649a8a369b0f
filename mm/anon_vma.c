/* SPDX-License-Identifier: MIT */
/* anon_vmas and the chains that link them to VMAs: anon_vma.h explains them. */
#include "mm/anon_vma.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/sync/spinlock.h"
#include "mm/huge.h"
#include "mm/page.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/vma.h"

static struct slab_cache *anon_cache, *chain_cache;

/* Guards every anon_vma's `refs`. */
static struct spinlock refs_lock = SPINLOCK_INIT(RANK_LEAF, "anon_vma references");

void anon_vma_boot(void)
{
        anon_cache = slab_cache_create("anon_vma", sizeof(struct anon_vma), 8);
        chain_cache = slab_cache_create("anon_vma_chain", sizeof(struct anon_vma_chain), 8);
}

/* ------------------------------------------------------------------ references */

void anon_vma_get(struct anon_vma *anon)
{
        spin_lock(&refs_lock);
        CHECK(anon->refs > 0);
        anon->refs++;
        spin_unlock(&refs_lock);
}

static bool drop_ref(struct anon_vma *anon)
{
        bool last;

        spin_lock(&refs_lock);
        CHECK(anon->refs > 0);
        last = --anon->refs == 0;
        spin_unlock(&refs_lock);
        return last;
}

/* A loop, because a line of descent is as long as programs care to fork. */
void anon_vma_put(struct anon_vma *anon)
{
        while (anon && drop_ref(anon)) {
                struct anon_vma *parent = anon->parent;

                CHECK(!anon->vmas.root && anon->nr_owners == 0 && anon->nr_children == 0);
                slab_free(anon_cache, anon);
                anon = parent;
        }
}

/*
 * A page holds no reference on its owner. But while an entry maps the page, a VMA of the owner's
 * set is alive. The entry goes first, then the VMA, then the set's reference, and that one goes
 * under refs_lock: whoever still sees the page mapped under refs_lock is in time.
 */
struct anon_vma *anon_vma_of_page(struct page *page)
{
        struct anon_vma *anon = NULL;

        spin_lock(&refs_lock);
        if (page->kind == PAGE_ANON)
                anon = __atomic_load_n(&page->owner, __ATOMIC_ACQUIRE);
        if (anon && page_mappers(page) > 0)
                anon->refs++;
        else
                anon = NULL;
        spin_unlock(&refs_lock);
        return anon;
}

/* ------------------------------------------------------------------ kit */

int anon_kit_reserve(struct anon_kit *kit, unsigned links)
{
        for (unsigned i = 0; i < links; i++) {
                struct anon_vma_chain *link = slab_zalloc(chain_cache);

                if (!link)
                        return -ENOMEM;
                list_init(&link->in_vma);
                link->next_spare = kit->spare;
                kit->spare = link;
        }
        return 0;
}

int anon_kit_reserve_anon(struct anon_kit *kit, struct anon_vma *parent)
{
        struct anon_vma *anon = slab_zalloc(anon_cache);

        if (!anon)
                return -ENOMEM;
        CHECK(!kit->anon);
        anon->root = parent ? parent->root : anon;
        anon->parent = parent;
        anon->refs = 1;
        if (parent)
                anon_vma_get(parent);
        rwsem_init(&anon->lock, RANK_ANON_ROOT, "anon_vma");
        kit->anon = anon;
        return 0;
}

static struct anon_vma_chain *take_link(struct anon_kit *kit)
{
        struct anon_vma_chain *link = kit->spare;

        CHECK(link);
        kit->spare = link->next_spare;
        link->next_spare = NULL;
        return link;
}

void anon_kit_release(struct anon_kit *kit)
{
        while (kit->spare)
                slab_free(chain_cache, take_link(kit));
        anon_vma_put(kit->anon);
        kit->anon = NULL;
}

/* ------------------------------------------------------------------ joining */

unsigned anon_chain_length(const struct vma *vma)
{
        const struct list *it;
        unsigned length = 0;

        list_for_each (it, &vma->chain)
                length++;
        return length;
}

static void lower_link(struct anon_vma_chain *link)
{
        link->pages.first = link->vma->pgoff;
        link->pages.last = vma_last_pgoff(link->vma);
        interval_insert(&link->anon->vmas, &link->pages);
}

static void join(struct vma *vma, struct anon_vma *anon, struct anon_kit *kit)
{
        struct anon_vma_chain *link = take_link(kit);

        ASSERT(rwsem_is_writer(&anon->root->lock));
        link->vma = vma;
        link->anon = anon;
        list_add_tail(&vma->chain, &link->in_vma);
        lower_link(link);
}

/* Last of all: a fault that sees it relies on the chain. */
static void own(struct vma *vma, struct anon_vma *anon)
{
        anon->nr_owners++;
        __atomic_store_n(&vma->anon, anon, __ATOMIC_RELEASE);
}

/* The kit's anon_vma, whose first reference is from now on that of its set. */
static void own_new(struct vma *vma, struct anon_kit *kit)
{
        struct anon_vma *anon = kit->anon;

        CHECK(anon);
        kit->anon = NULL;
        if (anon->parent)
                anon->parent->nr_children++;
        join(vma, anon, kit);
        own(vma, anon);
}

void anon_vma_start(struct vma *vma, struct anon_vma *anon, struct anon_kit *kit)
{
        ASSERT(!vma->anon);
        if (!anon) {
                own_new(vma, kit);
                return;
        }
        join(vma, anon, kit);
        own(vma, anon);
}

void anon_vma_clone(struct vma *to, const struct vma *from, struct anon_kit *kit)
{
        struct rmap_locks locks;
        const struct list *it;

        ASSERT(!to->anon && list_empty(&to->chain));
        if (!from->anon)
                return;
        rmap_lock(&locks, from);
        list_for_each (it, &from->chain)
                join(to, list_entry(it, struct anon_vma_chain, in_vma)->anon, kit);
        own(to, from->anon);
        rmap_unlock(&locks);
}

/* Nobody alive writes pages for it, and it stands in one line of descent. */
static bool is_left(const struct anon_vma *anon)
{
        return anon->parent && anon->nr_owners == 0 && anon->nr_children < 2;
}

void anon_vma_fork(struct vma *child, const struct vma *parent, struct anon_kit *kit)
{
        struct rmap_locks locks;
        const struct list *it;

        ASSERT(!child->anon && list_empty(&child->chain) && parent->anon);
        rmap_lock(&locks, parent);
        list_for_each (it, &parent->chain) {
                struct anon_vma *anon = list_entry(it, struct anon_vma_chain, in_vma)->anon;

                join(child, anon, kit);
                if (!child->anon && is_left(anon))
                        own(child, anon);
        }
        if (!child->anon)
                own_new(child, kit);
        rmap_unlock(&locks);
}

/* ------------------------------------------------------------------ leaving */

static void leave(struct anon_vma_chain *link)
{
        struct anon_vma *anon = link->anon;

        list_del(&link->in_vma);
        interval_erase(&anon->vmas, &link->pages);
        slab_free(chain_cache, link);
        if (anon->vmas.root)
                return;
        if (anon->parent)
                anon->parent->nr_children--;
        anon_vma_put(anon);
}

/* The youngest first: what a set contains, the set of its parent contains. */
void anon_vma_leave(struct vma *vma)
{
        struct rmap_locks locks;

        if (!vma->anon)
                return;
        rmap_lock(&locks, vma);
        vma->anon->nr_owners--;
        vma->anon = NULL;
        while (!list_empty(&vma->chain))
                leave(list_last(&vma->chain, struct anon_vma_chain, in_vma));
        rmap_unlock(&locks);
}

void anon_vma_lift(struct vma *vma)
{
        struct list *it;

        list_for_each (it, &vma->chain) {
                struct anon_vma_chain *link = list_entry(it, struct anon_vma_chain, in_vma);

                ASSERT(rwsem_is_writer(&link->anon->root->lock));
                interval_erase(&link->anon->vmas, &link->pages);
        }
}

void anon_vma_lower(struct vma *vma)
{
        struct list *it;

        list_for_each (it, &vma->chain)
                lower_link(list_entry(it, struct anon_vma_chain, in_vma));
}

void anon_vma_extend(struct vma *vma)
{
        struct list *it;

        list_for_each (it, &vma->chain) {
                struct anon_vma_chain *link = list_entry(it, struct anon_vma_chain, in_vma);

                ASSERT(rwsem_is_writer(&link->anon->root->lock));
                interval_extend(&link->anon->vmas, &link->pages, vma_last_pgoff(vma));
        }
}
