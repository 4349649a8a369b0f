/* SPDX-License-Identifier: MIT */
/*
 * mremap: taking what the plan needs, doing the steps, giving back what was not used. mremap.h has
 * the list of steps.
 *
 * Each step changes VMAs that the next one works on (the target may have been a piece of the
 * source's own VMA), so VMAs are looked up again by address, and none is kept across a step.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/mremap.h"
#include "mm/rmap.h"
#include "mm/uffd.h"

/* ------------------------------------------------------------------ reserve, release */

/* A VMA that the move makes may need as many links as the source has now, or gets by a merge. */
static unsigned move_links(const struct remap_plan *p)
{
        unsigned length = anon_chain_length(p->vma);

        return length > VMA_MERGE_LINKS ? length : VMA_MERGE_LINKS;
}

/* What userfaultfd is told: of the target, the move, the tail, the source. */
static unsigned move_events(const struct remap_plan *p)
{
        return p->target.events + p->tail.events + (p->moves && p->vma->uffd) + p->source_events;
}

/* A place in the tree, and page tables; for what stays behind a VMA and its charge. */
static int reserve_relocation(const struct mremap_request *req, const struct remap_plan *p,
                              struct remap_kit *kit)
{
        int err;

        if (req->flags & MREMAP_DONTUNMAP)
                err = vma_kit_reserve(req->mm, &kit->vmas, 1, 0);
        else
                err = vmtree_reserve(&req->mm->tree, 1);
        if (!err)
                err = pgtable_reserve(&kit->tables, p->pages.tables);
        if (err)
                return err;
        kit->charged = p->charge;
        commit_add(kit->charged);
        return 0;
}

int mremap_reserve(const struct mremap_request *req, const struct remap_plan *p,
                   struct remap_kit *kit)
{
        unsigned vmas = p->target.new_vmas + p->tail.new_vmas;
        unsigned links = p->target.links + p->tail.links;
        int err;

        if (p->relocates)
                return reserve_relocation(req, p, kit);
        if (p->moves) { /* the destination; what is left of a source cut in the middle */
                unsigned more = req->flags & MREMAP_DONTUNMAP ? 1 : 2;

                vmas += more;
                links += more * move_links(p);
        }
        err = vma_kit_reserve(req->mm, &kit->vmas, vmas, links);
        if (!err)
                err = uffd_events_reserve(&kit->vmas.events, move_events(p));
        if (!err && p->moves)
                err = pgtable_reserve(&kit->tables, p->pages.tables);
        if (err || !p->moves)
                return err;
        /* What earlier steps give back they give back when they are done: commit takes it then. */
        kit->charged = p->charge - min_u64(p->charge, p->credit);
        commit_add(kit->charged);
        return 0;
}

void mremap_release(struct remap_kit *kit)
{
        commit_uncharge(kit->charged);
        vma_kit_release(&kit->vmas);
        pgtable_release(&kit->tables);
}

/* ------------------------------------------------------------------ moving */

static struct vma *commit_destination(const struct mremap_request *req, const struct remap_plan *p,
                                      struct vma *src, struct remap_kit *kit)
{
        struct vma_merge copy = mremap_copy(req, src, p->to);
        struct vma *dst;

        if (vma_merge_plan(&copy))
                dst = vma_merge_commit(&copy, &kit->vmas.anon);
        else
                dst = vma_link_new(&kit->vmas, &copy);
        mm_validate_merged(dst, p->to, p->to + req->new_len);
        return dst;
}

/* Under both locks of the reverse map, so that no walk looks at one place before its entries come
 * and at the other when they have left. Source and destination have the same ones. */
static void commit_pages(const struct remap_plan *p, struct vma *dst, struct remap_kit *kit)
{
        struct rmap_locks locks;

        if (p->len == 0)
                return;
        rmap_lock(&locks, dst);
        pgmove_commit(&p->pages, &kit->tables);
        rmap_unlock(&locks);
}

/* What is left behind by DONTUNMAP: a VMA without pages, unlocked, and if it is whole, as new. */
static void commit_leftover(const struct mremap_request *req, const struct remap_plan *p,
                            const struct vma *dst)
{
        struct vma *src = vma_at(req->mm, req->addr);
        s64 pages = (s64)vma_pages(src);
        u64 flags = src->flags & ~VM_LOCKED_MASK;

        account_vma(req->mm, src->flags, -pages);
        account_vma(req->mm, flags, pages);
        /* The VMA may have pages still: beside the range, or where they were moved to. */
        if (src->flags & VM_LOCKED)
                vma_count_locked(req->mm, src->start, src->end, false);
        vma_set_flags(src, flags);
        if (src == dst || src->start != req->addr || src->end != req->addr + p->len)
                return;
        anon_vma_leave(src);
}

/* The source goes. Its charge has gone with the pages. */
static void commit_source(const struct mremap_request *req, const struct remap_plan *p,
                          struct remap_kit *kit)
{
        struct unmap source = {
                .mm = req->mm,
                .start = req->addr,
                .end = req->addr + p->len,
                .moved = true,
                .events = p->source_events,
                .told = req->addr + p->len,
        };

        if (p->len)
                unmap_commit(&source, &kit->vmas);
}

/*
 * The destination is registered as the source is. If the handler is not to hear of the move, it
 * loses that: all of the VMA, whoever it has merged with.
 */
static void commit_registration(const struct mremap_request *req, const struct remap_plan *p,
                                struct vma *dst, struct remap_kit *kit)
{
        if (uffd_moves_silently(dst)) {
                if (dst->flags & VM_UFFD_WP)
                        uffd_wp_range(dst, dst->start, dst->end, false);
                uffd_forget(dst);
        } else if (dst->uffd) {
                uffd_raise_remap(dst->uffd, req->addr, p->to, p->len, kit->told_first,
                                 &kit->vmas.events);
        }
}

/* The VMA itself moves. What is counted and charged for it stays what it was. */
static void commit_relocation(const struct mremap_request *req, const struct remap_plan *p,
                              struct remap_kit *kit)
{
        struct vma *vma = p->vma;
        struct rmap_locks locks;
        struct address_range hole;

        rmap_lock(&locks, vma);
        hole = vma_relocate(vma, p->to, &p->place);
        pgmove_commit(&p->pages, &kit->tables);
        rmap_unlock(&locks);
        mm_validate_merged(vma, vma->start, vma->end);
        unmap_tables(req->mm, req->addr, req->addr + p->len, &hole);
}

/* The same with DONTUNMAP: a VMA like it stays behind, without pages, unlocked, and as new. */
static void commit_replacement(const struct mremap_request *req, const struct remap_plan *p,
                               struct remap_kit *kit)
{
        struct vma *vma = p->vma, *left = vma_kit_take(&kit->vmas);
        u64 peak = req->mm->hiwater_vm;
        struct rmap_locks locks;

        vma_copy(left, vma);
        left->flags &= ~VM_LOCKED_MASK;
        rmap_lock(&locks, vma);
        vma_replace(vma, p->to, &p->place, left);
        pgmove_commit(&p->pages, &kit->tables);
        rmap_unlock(&locks);
        rmap_add(left);
        mm_validate_merged(vma, vma->start, vma->end);
        account_vma(req->mm, left->flags, (s64)vma_pages(left));
        req->mm->hiwater_vm = peak; /* as in commit_move() */
}

static void commit_move(const struct mremap_request *req, const struct remap_plan *p,
                        struct remap_kit *kit)
{
        struct mm *mm = req->mm;
        struct vma *src = vma_at(mm, req->addr), *dst;
        u64 flags = src->flags, peak = mm->hiwater_vm;

        dst = commit_destination(req, p, src, kit);
        commit_pages(p, dst, kit);
        commit_registration(req, p, dst, kit);
        account_vma(mm, flags, (s64)bytes_to_pages(req->new_len));
        if (req->flags & MREMAP_DONTUNMAP)
                commit_leftover(req, p, dst);
        else
                commit_source(req, p, kit);
        /* For a moment the mapping was there twice; that is not what a peak is meant to show. */
        mm->hiwater_vm = peak;
}

/* ------------------------------------------------------------------ commit */

static void commit_unmap(const struct unmap *step, struct remap_kit *kit)
{
        if (step->start < step->end)
                unmap_commit(step, &kit->vmas);
}

void mremap_commit(const struct mremap_request *req, const struct remap_plan *p,
                   struct remap_kit *kit)
{
        ASSERT(rwsem_is_writer(&req->mm->mmap_lock));
        commit_unmap(&p->target, kit);
        kit->told_first = req->mm->uffd_events.prev;
        commit_unmap(&p->tail, kit);
        if (p->moves) {
                commit_add(p->charge - kit->charged);
                kit->charged = 0;
        }
        if (p->relocates && (req->flags & MREMAP_DONTUNMAP))
                commit_replacement(req, p, kit);
        else if (p->relocates)
                commit_relocation(req, p, kit);
        else if (p->moves)
                commit_move(req, p, kit);
}
