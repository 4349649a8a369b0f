/* SPDX-License-Identifier: MIT */
/*
 * Changing part of a VMA: the kit that new VMAs come from, splitting, and giving a piece other
 * flags, which is a merge where vma_merge.h allows one and up to two splits where it does not.
 *
 * Every VMA that a call may create is one in its kit, together with the entries of its chain of
 * anon_vmas; the tree has the nodes that linking it takes in reserve. A kit is all zero when empty;
 * it is filled in a reserve phase, drawn on in a commit phase, and what is left over goes back in
 * release.
 *
 * Locks: mmap_lock for writing.
 */
#ifndef MM_VMA_EDIT_H
#define MM_VMA_EDIT_H

#include "mm/vma_merge.h"

struct uffd_event;

struct vma_kit {
        struct vma *spare;
        struct anon_kit anon;
        struct uffd_event *events; /* spare: uffd.h */
};

/*
 * `nr` more VMAs, at most 8 in all, and `links` more entries of chains. 0 or -ENOMEM;
 * vma_kit_release() is due either way.
 */
int vma_kit_reserve(struct mm *mm, struct vma_kit *kit, unsigned nr, unsigned links);
struct vma *vma_kit_take(struct vma_kit *kit);
void vma_kit_give_back(struct vma_kit *kit);
static inline void vma_kit_release(struct vma_kit *kit)
{
        if (kit->spare || kit->anon.spare || kit->anon.anon || kit->events)
                vma_kit_give_back(kit);
}

/* A new VMA for a range that joins nobody: what `asked` asks for, linked, with a copy of its
 * origin's chain. If its place does not hold, it is looked up. Totals are the caller's. */
struct vma *vma_link_new(struct vma_kit *kit, const struct vma_merge *asked);

/* What lies above `addr` becomes a VMA of its own, which is returned. start < addr < end. */
struct vma *vma_split(struct vma *vma, u64 addr, struct vma_kit *kit);

/*
 * One piece of one VMA gets other flags.
 *
 *      struct vma_change change;            what is asked is set, the rest is the plan's to set
 *
 *      vma_change_plan(&change);            change.err may be -ENOMEM: too many VMAs
 *      err = vma_change_reserve(&change);
 *      if (!err)
 *              piece = vma_change_commit(&change);
 *      vma_change_release(&change);
 *
 * Where the limit on the number of VMAs lets the lower split happen and not the upper, the lower
 * one stays: Linux does not rejoin what it has split. So commit is due even if plan set `err`.
 */
struct vma_change {
        /* asked */
        struct vma *vma;
        struct vmtree_pos place; /* where the VMA is in the tree; looked up unless it holds */
        u64 start, end;          /* within the VMA */
        u64 flags;
        bool sets_uffd; /* the piece is registered with `uffd` from now on, or not at all */
        struct uffd *uffd;
        bool sets_name; /* the piece is called `name` from now on */
        struct anon_name *name;
        /* plan */
        bool alone; /* all of a VMA that nobody touches changes its flags; else: */
        struct vma_merge merge;
        bool merges, split_start, split_end;
        int err;
        /* kit */
        struct vma_kit kit;
};

/* What the functions below do where there may be something to merge or to split. */
void vma_change_plan_borders(struct vma_change *change);
int vma_change_reserve_borders(struct vma_change *change);
struct vma *vma_change_commit_borders(struct vma_change *change);

static inline void vma_change_plan(struct vma_change *c)
{
        const struct vma *vma = c->vma;

        c->err = 0;
        c->alone = c->start == vma->start && c->end == vma->end && !c->sets_uffd && !c->sets_name &&
                   vmtree_pos_holds(&vma->mm->tree, &c->place) && vmtree_is_apart(&c->place);
        if (!c->alone)
                vma_change_plan_borders(c);
}

static inline int vma_change_reserve(struct vma_change *c)
{
        return c->alone ? 0 : vma_change_reserve_borders(c);
}

/* The VMA that is exactly the piece, or contains it after a merge. Totals are the caller's. */
static inline struct vma *vma_change_commit(struct vma_change *c)
{
        if (!c->alone)
                return vma_change_commit_borders(c);
        vma_set_flags(c->vma, c->flags);
        mm_validate_merged(c->vma, c->start, c->end);
        return c->vma;
}

static inline void vma_change_release(struct vma_change *c)
{
        if (!c->alone)
                vma_kit_release(&c->kit);
}

/* [start, end) has got VM_LOCKED, or lost it: count its pages accordingly (page.h). */
void vma_count_locked(struct mm *mm, u64 start, u64 end, bool locked);

/* The four phases in a row, and totals, for calls that have nothing else to do. 0 or -ENOMEM. */
int vma_change(struct vma *vma, u64 start, u64 end, u64 flags);

#endif
