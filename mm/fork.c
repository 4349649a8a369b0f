/* SPDX-License-Identifier: MIT */
/*
 * mm_fork(): a second address space with the same mappings, copy on write.
 *
 * The child gets every VMA but those marked VM_DONTCOPY, without locks, and an anon_vma of its own
 * for each that has one, descending from the parent's. Page-table entries are copied where the
 * child could not fault them in again by itself: private pages, and guard markers. Private pages
 * are read-only in both from then on; whoever writes first gets the copy (cow.c).
 *
 * A failure leaves the parent as it was, but for write-protected entries, which fault back.
 *
 * Locks: both mmap_locks for writing, the parent's first.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "mm/uffd.h"
#include "mm/vma_edit.h"

/* ------------------------------------------------------------------ entries */

/* What the child gets for an entry that is a marker, or protected, which only one that is
 * registered for write protection goes on to be. */
static pte_t child_protected(const struct vma *vma, pte_t entry, bool keeps_wp)
{
        bool leaf = pte_is_leaf(entry, PT_PTE);

        if (leaf)
                entry = pte_mkold(entry, PT_PTE);
        else if (pte_marker_kind(entry) != PTE_MARKER_UFFD_WP)
                keeps_wp = false;
        return keeps_wp ? entry : uffd_unprotected(vma, entry);
}

/* What the entries of a run are besides those of private pages; and `lost`, those of them that the
 * child does not get. */
struct others {
        u64 none, pageless, object, lost;
};

/* One entry more maps a page that is mapped already. Locks are not inherited. */
static inline void share_page(struct page *page, struct others *others)
{
        ASSERT(page == page_holder(page));
        atomic_add(&page->refcount, 1);
        if (__builtin_expect(page->kind != PAGE_ANON, 0)) {
                page_map(page, false);
                others->object++;
                return;
        }
        page_map_anon(page);
        if (!page_has_flags(page, PAGE_FORKED))
                page_set_flags(page, PAGE_FORKED);
}

/*
 * `nr` entries of a PTE table, copied to where the child has none. There may be very many, and most
 * of them private pages: so what is counted is what else there is.
 */
static struct others copy_entries(const struct vma *vma, pte_t *from, pte_t *to, u64 nr,
                                  bool keeps_wp)
{
        bool private = !(vma->flags & VM_SHARED);
        struct others others = { 0 };

        for (u64 i = 0; i < nr; i++) {
                pte_t entry = pte_read(&from[i]);

                if (pte_is_none(entry)) {
                        u64 next = pgtable_scan(from, i + 1, nr);

                        others.none += next - i;
                        i = next - 1;
                        continue;
                }
                if (pte_is_leaf(entry, PT_PTE) && !pte_special(entry, PT_PTE)) {
                        share_page(pfn_to_page(pte_pfn(entry, PT_PTE)), &others);
                        if (pte_writable(entry, PT_PTE) && private) {
                                entry = pte_wrprotect(entry, PT_PTE);
                                pte_write(&from[i], entry, PT_PTE);
                        }
                } else {
                        others.pageless++;
                }
                if (pte_is_leaf(entry, PT_PTE) && !pte_uffd_wp(entry, PT_PTE))
                        entry = pte_mkold(entry, PT_PTE); /* the child has not used it yet */
                else
                        entry = child_protected(vma, entry, keeps_wp);
                others.lost += pte_is_none(entry);
                pte_write(&to[i], entry, PT_PTE);
        }
        return others;
}

/* One PTE table, or what of it the walk has come to; the child's, at `to`, has none of these. Under
 * the locks of both. */
static void copy_run(struct mm *child, const struct vma *vma, const struct pgwalk *walk, pte_t *to,
                     bool keeps_wp)
{
        u64 nr = walk->span >> PAGE_SHIFT;
        struct others others = copy_entries(vma, walk->pte, to, nr, keeps_wp);

        nr -= others.none;
        pgtable_count(to, PT_PTE, (s64)(nr - others.lost));
        child->rss[RSS_ANON] += nr - others.pageless - others.object;
        if (others.object)
                child->rss[vma_object_rss(vma)] += others.object;
}

/* A huge entry, as copy_run() does it. Under the locks of both. */
static void share_huge(struct mm *child, const struct pgwalk *walk, pte_t *to, bool keeps_wp,
                       struct pgtable_kit *kit)
{
        struct page *head = pfn_to_page(pte_pfn(walk->entry, PT_PMD));
        pte_t entry = pte_wrprotect(pte_read(walk->pte), PT_PMD);

        pgtable_set(walk->pte, entry, PT_PMD);
        huge_get(head);
        if (!keeps_wp)
                entry = pte_clear_uffd_wp(entry, PT_PMD);
        huge_install(child, to, pte_mkold(entry, PT_PMD), kit);
        if (is_huge_zero(head))
                return;
        /* As long as a huge entry maps them, all have it or none. */
        for (unsigned i = 0; i < HUGE_PAGES && !page_has_flags(&head[i], PAGE_FORKED); i++)
                page_set_flags(&head[i], PAGE_FORKED);
        child->rss[RSS_ANON] += HUGE_PAGES;
}

/* 0, or -ENOMEM: the child needs a table for the time when it splits the entry. */
static int copy_huge(struct mm *child, struct mm *parent, const struct pgwalk *walk, bool keeps_wp)
{
        pte_t *to = pgwalk_find(child, walk->addr, PT_PMD);
        struct pgtable_kit kit = { 0 };

        if (pgtable_reserve(&kit, 1))
                return -ENOMEM;
        spin_lock(&parent->pte_lock);
        spin_lock_nested(&child->pte_lock);
        share_huge(child, walk, to, keeps_wp, &kit);
        spin_unlock(&child->pte_lock);
        spin_unlock(&parent->pte_lock);
        return 0;
}

/*
 * The child gets a table wherever the parent has one, as on Linux, where that can be seen (VmPTE):
 * also where none of its entries is this VMA's. 0 or -ENOMEM.
 */
static int copy_tables(struct mm *child, const struct mm *parent, const struct vma *vma)
{
        for (u64 addr = vma->start; addr < vma->end;) {
                unsigned level = PT_PTE;

                while (!pgwalk_find(parent, addr, level))
                        level++;
                if (!pgwalk_make(child, addr, level, NULL))
                        return -ENOMEM;
                addr = pgwalk_border(addr, vma->end, level == PT_PTE ? PT_PMD : level);
        }
        return 0;
}

/* The entry of hugetlb memory that the walk has come to; the child has a place for it. */
static void copy_hugetlb(struct mm *child, struct mm *parent, const struct pgwalk *walk)
{
        pte_t *to = pgwalk_find(child, walk->addr, PT_PMD);

        spin_lock(&parent->pte_lock);
        spin_lock_nested(&child->pte_lock);
        hugetlb_copy_entry(child, walk, to);
        spin_unlock(&child->pte_lock);
        spin_unlock(&parent->pte_lock);
}

/*
 * The entries of one VMA. 0 or -ENOMEM. Of a table both locks are held: a truncation on its way
 * zaps the parent's entries before the child's (the order of the object's VMAs), so it must find a
 * page in both or in neither.
 */
static int copy_pages(struct mm *child, struct mm *parent, const struct vma *vma, bool keeps_wp)
{
        struct pgwalk walk = pgwalk_begin(parent, vma->start, vma->end);

        if (copy_tables(child, parent, vma))
                return -ENOMEM;
        while (pgwalk_next_run(&walk)) {
                if (walk.level == PT_PTE) {
                        spin_lock(&parent->pte_lock);
                        spin_lock_nested(&child->pte_lock);
                        copy_run(child, vma, &walk, pgwalk_find(child, walk.addr, PT_PTE),
                                 keeps_wp);
                        spin_unlock(&child->pte_lock);
                        spin_unlock(&parent->pte_lock);
                } else if (vma_is_hugetlb(vma)) {
                        copy_hugetlb(child, parent, &walk);
                } else if (copy_huge(child, parent, &walk, keeps_wp)) {
                        return -ENOMEM;
                }
        }
        return 0;
}

/* ------------------------------------------------------------------ VMAs */

/* Faults can bring back everything but private pages, markers and write protection. Frames come
 * along as on Linux. */
static bool needs_entries(const struct vma *vma, bool keeps_wp)
{
        if (vma_is_hugetlb(vma))
                return vma->mm->nr_hugetlb && !(vma->flags & VM_MAYSHARE);
        return !(vma->flags & VM_WIPEONFORK) &&
               (vma->anon || keeps_wp || (vma->flags & (VM_MAYBE_GUARD | VM_PFNMAP)));
}

/* It has private pages, and the child gets them. */
static bool shares_pages(const struct vma *vma)
{
        return vma->anon && !(vma->flags & VM_WIPEONFORK);
}

/* A fork under way. */
struct copying {
        struct mm *child, *parent;
        const struct mm_caller *who;
        struct list *events;       /* of userfaultfd */
        struct vmtree_build build; /* the child's tree */
        struct anon_kit anon;      /* for the VMA in hand */
};

/* A VMA for the child, and links for one generation more than the parent's chain has. */
static int copy_reserve(struct copying *c, const struct vma *vma, struct vma **copy)
{
        int err = vmtree_reserve(&c->child->tree, 1);

        *copy = err ? NULL : vma_alloc(c->child);
        if (!*copy)
                return -ENOMEM;
        if (!shares_pages(vma))
                return 0;
        err = anon_kit_reserve(&c->anon, anon_chain_length(vma) + 1);
        return err ? err : anon_kit_reserve_anon(&c->anon, vma->anon);
}

/* In all sets at once: a walk that finds one of the two finds the other behind it. */
static void copy_commit(struct copying *c, const struct vma *vma, struct uffd *uffd,
                        struct vma *copy)
{
        struct rmap_locks locks;
        bool has_sets = vma->anon || vma_object(vma);

        vma_copy(copy, vma);
        hugetlb_forget(copy); /* it was promised to the parent */
        copy->flags &= ~(VM_LOCKED_MASK | (uffd ? 0 : VM_UFFD_ANY));
        copy->uffd = uffd;
        if (has_sets)
                rmap_lock(&locks, vma);
        if (shares_pages(vma))
                anon_vma_fork(copy, vma, &c->anon);
        vma_link_last(&c->build, copy);
        if (has_sets)
                rmap_unlock(&locks);
        account_vma(c->child, copy->flags, (s64)vma_pages(copy));
}

static int copy_vma(struct copying *c, const struct vma *vma, struct uffd *uffd)
{
        struct vma *copy;
        int err = copy_reserve(c, vma, &copy);

        if (!err && (vma->flags & VM_ACCOUNT))
                err = commit_charge(vma->mm, c->who, vma_pages(vma));
        if (!err)
                copy_commit(c, vma, uffd, copy);
        else if (copy)
                vma_free(copy);
        if (shares_pages(vma))
                anon_kit_release(&c->anon);
        return err;
}

/* One VMA with what is in it. 0 or -ENOMEM. */
static int copy_one(struct copying *c, const struct vma *vma)
{
        struct uffd *uffd = NULL;
        int err = vma->uffd ? uffd_fork(c->child, vma, c->events, &uffd) : 0;
        bool keeps_wp = uffd && (vma->flags & VM_UFFD_WP);

        if (!err)
                err = copy_vma(c, vma, uffd);
        if (!err && needs_entries(vma, keeps_wp))
                err = copy_pages(c->child, c->parent, vma, keeps_wp);
        return err;
}

static int copy_all(struct copying *c)
{
        struct vmtree_pos pos;
        struct vma *vma;
        int err = 0;

        vmtree_build_begin(&c->build, &c->child->tree);
        for (vma = vmtree_find(&c->parent->tree, 0, &pos); vma && !err; vma = vmtree_next(&pos))
                if (!(vma->flags & VM_DONTCOPY))
                        err = copy_one(c, vma);
        vmtree_build_end(&c->build);
        flush_all(c->parent); /* entries have lost the right to write */
        return err;
}

struct mm *mm_fork(struct mm *parent, const struct mm_caller *who, int *err)
{
        struct mm *child = mm_alloc();
        struct list events = LIST_INIT(events);
        struct copying copying = {
                .child = child, .parent = parent, .who = who, .events = &events
        };

        *err = -ENOMEM;
        if (!child)
                return NULL;
        mm_lock(parent);
        rwsem_write_lock_nested(&child->mmap_lock);
        keys_copy(child, parent);
        child->image = parent->image;
        child->brk = parent->brk;
        child->mmap_base = parent->mmap_base;
        child->mmap_bottom = parent->mmap_bottom;
        child->stack_top = parent->stack_top;
        child->pie_base = parent->pie_base;
        child->topdown = parent->topdown;
        child->thp_disable = parent->thp_disable;
        *err = copy_all(&copying);
        mm_unlock(child, 0);
        mm_unlock(parent, 0);
        if (*err) {
                mm_put(child);
                uffd_events_cancel(&events);
                return NULL;
        }
        uffd_deliver(&events);
        return child;
}
