/* SPDX-License-Identifier: MIT */
/*
 * VMAs: ranges of pages that share one set of flags and one backing.
 *
 * A VMA is one of four things:
 *
 *                    backing              object   private pages    page at a is
 *      anonymous     NULL or /dev/zero    NULL     yes              zero until written
 *      private file  a file               its      after a write    the file's until written
 *      shared        a file or its own    its      never            the object's
 *      of frames     a device, [vvar]     NULL     after a write    a frame (VM_PFNMAP)
 *
 * pgoff numbers the VMA's pages in whatever it maps. Anonymous memory has no such thing, yet two
 * VMAs merge only if their numbers run on, and the number has to stay with the memory when it
 * moves: it is the page number of the address where the memory was first used. A VMA that nothing
 * was ever written to can be given a new number at will ("unfaulted": anon == NULL).
 *
 * A VMA that was written to owns its private pages through an anon_vma, and it is linked to each of
 * those that may own a page it maps: its chain, of one in general, of more in the child of a fork
 * (anon_vma.h). Neighbours that could merge but for their access rights share one, so that they can
 * merge later.
 *
 * Locks: fields are [M] unless marked. The tree's copy of start and end is changed along with the
 * VMA's by the functions below and nowhere else.
 * Not here: which VMAs may merge (vma_merge.h), what merging and splitting does (vma_edit.h).
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "kernel/base/assert.h"
#include "kernel/base/list.h"
#include "mm/anon_name.h"
#include "mm/anon_vma.h"
#include "mm/mm_types.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/vma_flags.h"

/* A stack keeps this much unmapped below itself (bytes): Linux's stack_guard_gap of 256 pages. */
#define STACK_GUARD_GAP (256 * PAGE_SIZE)

struct address_range {
        u64 start, end; /* bytes; empty if equal */
};

struct vma {
        struct mm *mm;           /* [I] */
        u64 start, end;          /* bytes, page aligned */
        u64 flags;               /* VM_* */
        u64 pgoff;               /* pages */
        struct backing *backing; /* [I] referenced */
        struct uffd *uffd;       /* registered with it, not counted (uffd.h); or NULL */
        struct anon_name *name;  /* referenced; or NULL */
        struct anon_vma *anon;   /* owner of what it writes, in its chain; NULL: unfaulted. Set
                                    under mmap_lock for reading, its family's lock, pte_lock */
        struct list chain;       /* anon_vma_chain.in_vma: from the root to the youngest */
        struct hugetlb_reserve *reserve; /* what its pages are promised (hugetlb.h); or NULL */
        bool lost;                       /* [A] hugetlb: pages were taken away from it */
        struct interval object_pages;    /* in the object's rmap_set: its lock */
        struct vma *next_spare;          /* in a kit (vma_edit.h) or on a list of the removed */
};

void vma_boot(void);

/* ------------------------------------------------------------------ life */

/* All zero, for `mm`; NULL if there is no memory. */
struct vma *vma_alloc(struct mm *mm);
/*
 * It is not in the tree any more. One that refers to a backing goes to the address space's
 * graveyard: the last reference to a file may take locks that come before mmap_lock, so mm_unlock()
 * drops it when that lock is gone.
 */
void vma_free(struct vma *vma);
/* What mm_unlock() does with the graveyard. */
void vma_bury(struct vma *graveyard);

/* `to` becomes what `from` is, but unfaulted; neither tree nor object know of it yet. */
void vma_copy(struct vma *to, const struct vma *from);

/* ------------------------------------------------------------------ tree */

/* Into the tree and, if it maps an object, into the object's set. Overlaps nothing. */
void vma_link(struct vma *vma);
/* The same where it has its place in the tree, which holds. */
void vma_link_at(struct vma *vma, const struct vmtree_pos *place);
/* The same into a tree that is being built (vmtree.h), above all that is in it. */
void vma_link_last(struct vmtree_build *build, struct vma *vma);
/* Out of both, and of the sets of its anon_vmas. */
void vma_unlink(struct vma *vma);
/* Change the bounds of a linked VMA; pgoff follows the start. Order and flags stay. */
void vma_resize(struct vma *vma, u64 start, u64 end);
/* The same for a VMA at a place that holds, which gets a higher end. */
void vma_extend(struct vma *vma, struct vmtree_pos *place, u64 end);
/*
 * A linked VMA goes to another place, where there is room; an insertion has been reserved, and the
 * caller has its rmap locks. Its page numbers stay, but for anonymous memory that nothing was ever
 * written to. If its place does not hold, it is looked up. The hole that it leaves, from one VMA to
 * the next.
 */
struct address_range vma_relocate(struct vma *vma, u64 start, const struct vmtree_pos *place);
/* The same, and `left`, for the same range, takes its old place. It is in no set yet: rmap_add().
 */
void vma_replace(struct vma *vma, u64 start, const struct vmtree_pos *place, struct vma *left);
/* Change the flags of a linked VMA: any but VM_GROWSDOWN, VM_MAYSHARE and VM_MAYWRITE. */
static inline void vma_set_flags(struct vma *vma, u64 flags)
{
        /* What tree and object know of a VMA stays as it was mapped. */
        ASSERT(((vma->flags ^ flags) & (VM_GROWSDOWN | VM_MAYSHARE | VM_MAYWRITE)) == 0);
        vma->flags = flags;
        mm_touch(vma->mm, vma->start);
}

/* All of these: NULL if there is none. */
struct vma *vma_find(const struct mm *mm, u64 addr);  /* the first that ends above */
struct vma *vma_below(const struct mm *mm, u64 addr); /* the last that starts below */

/* The one that contains `addr`. */
static inline struct vma *vma_at(const struct mm *mm, u64 addr)
{
        return vmtree_get(&mm->tree, addr);
}

/* The first that meets [start, end), and where it is in the tree, for vmtree_next() to go on from.
 */
static inline struct vma *vma_walk(const struct mm *mm, u64 start, u64 end, struct vmtree_pos *pos)
{
        struct vma *vma = vmtree_find(&mm->tree, start, pos);

        return vma && vma->start < end ? vma : NULL;
}

static inline struct vma *vma_meeting(const struct mm *mm, u64 start, u64 end)
{
        struct vmtree_pos pos;

        return vma_walk(mm, start, end, &pos);
}

struct vma *vma_next(const struct vma *vma);
struct vma *vma_prev(const struct vma *vma);

/* ------------------------------------------------------------------ questions */

static inline u64 vma_pages(const struct vma *vma)
{
        return (vma->end - vma->start) >> PAGE_SHIFT;
}

/* The number of the last page that it maps. */
static inline u64 vma_last_pgoff(const struct vma *vma)
{
        return vma->pgoff + vma_pages(vma) - 1;
}

/* The number of the page at `addr`. */
static inline u64 vma_pgoff_at(const struct vma *vma, u64 addr)
{
        return vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT);
}

/* Private memory of the zero page or of nothing. */
static inline bool vma_is_anon(const struct vma *vma)
{
        return !vma->backing || (vma->backing->flags & BACKING_ZERO);
}

/* The object behind it; NULL for anonymous memory and for frames. */
static inline struct object *vma_object(const struct vma *vma)
{
        return vma->backing ? vma->backing->object : NULL;
}

static inline bool vma_has_frames(const struct vma *vma)
{
        return vma->flags & VM_PFNMAP;
}

/* Linux calls these special mappings: they belong to no file. */
static inline bool vma_is_special(const struct vma *vma)
{
        return vma->backing && (vma->backing->flags & BACKING_SPECIAL);
}

/* A border of VMAs may come to be at `addr`, within the VMA. */
static inline bool vma_may_split(const struct vma *vma, u64 addr)
{
        if (vma->flags & VM_HUGETLB)
                return huge_is_aligned(addr);
        return !vma_is_special(vma);
}

/* A merge may make it disappear. */
static inline bool vma_may_vanish(const struct vma *vma)
{
        return !vma->backing || !vma->backing->ops || !vma->backing->ops->close;
}

static inline bool vma_is_shared(const struct vma *vma)
{
        return (vma->flags & (VM_SHARED | VM_MAYSHARE)) != 0;
}

static inline bool vma_is_accessible(const struct vma *vma)
{
        return (vma->flags & VM_ACCESS_FLAGS) != 0;
}

/* Some page in it may be owned by an anon_vma of an ancestor: its chain is longer than one. */
static inline bool vma_is_fork_child(const struct vma *vma)
{
        return vma->anon && vma->chain.next != vma->chain.prev;
}

/* Below this nothing may be placed without asking for the place itself. */
static inline u64 vma_start_gap(const struct vma *vma)
{
        if (!(vma->flags & VM_GROWSDOWN))
                return vma->start;
        return vma->start > STACK_GUARD_GAP ? vma->start - STACK_GUARD_GAP : 0;
}

/* What its pages of the object count as. */
static inline enum rss_kind vma_object_rss(const struct vma *vma)
{
        return vma->backing->flags & BACKING_SHMEM ? RSS_SHMEM : RSS_FILE;
}

#endif
