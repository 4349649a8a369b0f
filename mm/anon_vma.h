/* SPDX-License-Identifier: MIT */
/*
 * anon_vma: how a private page finds the page tables that map it.
 *
 * A page of a file is found through the file, which knows the VMAs that map it (rmap.h). A private
 * page has no file. It is first written in some VMA; later that VMA is split, moved, copied by
 * fork, and the page may be mapped in any of what came out of it, at any address. There are far too
 * many pages for each to keep a list of VMAs. So many pages have one owner in common, the anon_vma
 * of the VMA in which they were first written, and the owner keeps a set of VMAs:
 *
 *      page                     anon_vma             VMAs in its set, by page number
 *      +----------+             +---+                +---------------------------+
 *      | owner  --|------------>| A |--------------->| v1  pages 16..19          |
 *      | index 17 |             +---+           \    +---------------------------+
 *      +----------+                              `-->| v2  pages 20..23 (a split)|
 *                                                    +---------------------------+
 *
 * The index is the page's number among those of its VMA, so it is at
 *
 *      v1->start + (index - v1->pgoff) * PAGE_SIZE
 *
 * if it is in v1. mremap() gives a VMA another start and leaves its pgoff alone: that is all, and
 * neither the pages nor the owner notice.
 *
 * Fork. v belongs to a process that forks, v' is the child's copy. Every page that v has written so
 * far may be mapped in both, so v' joins A's set. But what the child writes from now on the parent
 * never maps. Were A to own that as well, the walk for a page of one child would pass through the
 * parent and all its children. So v' also gets an anon_vma of its own, B, a child of A; w, the
 * child of v', is in three sets:
 *
 *               v        v'       w
 *               |        |        |
 *      A (root) o--------o--------o      pages written in v: any of the three may map them
 *      |                 |        |
 *      B                 o--------o      pages written in v' since it was made
 *      |                          |
 *      C                          o      pages written in w
 *
 *      o    a struct anon_vma_chain, which links one VMA and one anon_vma
 *      --   the anon_vma's tree, by page number: who may map page 17?
 *      |    the VMA's chain, the root first: where am I known?
 *
 * The chain of a VMA always contains the parent of whatever it contains, so the set of an anon_vma
 * contains the sets of its children, and all of a family is guarded by one lock, the root's.
 * vma->anon is the one of its chain that will own what it writes next; pages written before belong
 * to any in the chain. A page that turns out to be mapped by nobody else any more is handed over to
 * vma->anon at the next write (cow.c).
 *
 * What calls do to it:
 *
 *      first write   a VMA without any (unfaulted) gets a root of its own, or joins that of a
 *                    neighbour with which it could merge but for access rights
 *      split, move   the new VMA joins all of the old one's, and has the same `anon`
 *      merge         a survivor that was unfaulted joins those of the one it swallows. This is
 *                    allowed only if there is just one: see vma_merge.h
 *      fork          as above. If a process in between has gone (w forks after v' has exited), its
 *                    anon_vma is used again for the new child, provided it has no more than one
 *                    child; so a daemon that forks and exits for ever does not get ever longer
 *                    chains. A root is not used again: it is what makes a chain of 1
 *      unmap, exit   the VMA leaves its sets, and an anon_vma with an empty set is freed: nobody
 *                    can map a page of it
 *
 * Everything that may be needed is taken in the reserve phase of a call (struct anon_kit); the
 * functions that change anything cannot fail.
 *
 * Locks: [F] fields are guarded by the lock of the family's root, RANK_ANON_ROOT. The functions
 * take it unless the caller has it (rmap_lock() in rmap.h). References are counted under a
 * spinlock, so that a page, which has none, can lead to its owner safely. Not here: the walk from a
 * page to its entries (rmap.h), which VMAs may merge (vma_merge.h).
 */
#ifndef MM_ANON_VMA_H
#define MM_ANON_VMA_H

#include "kernel/base/list.h"
#include "kernel/sync/rwsem.h"
#include "mm/interval.h"

struct page;
struct vma;

struct anon_vma {
        struct anon_vma *root;     /* [I] of the family; a root's is itself */
        struct anon_vma *parent;   /* [I] NULL: a root */
        struct rwsem lock;         /* a root's, for the family */
        struct interval_tree vmas; /* [F] anon_vma_chain.pages */
        unsigned nr_owners;        /* [F] VMAs whose `anon` it is */
        unsigned nr_children;      /* [F] those whose set is not empty */
        unsigned refs;             /* one for a set that is not empty, one a child, walkers */
};

/* One VMA is in the set of one anon_vma. */
struct anon_vma_chain {
        struct vma *vma;
        struct anon_vma *anon;
        struct interval pages;             /* [F] in anon->vmas: the VMA's page numbers */
        struct list in_vma;                /* [F], or mmap_lock for reading: in vma->chain */
        struct anon_vma_chain *next_spare; /* in a kit */
};

void anon_vma_boot(void);

/* ------------------------------------------------------------------ kit */

/* What the functions below consume. All zero is an empty kit. */
struct anon_kit {
        struct anon_vma_chain *spare;
        struct anon_vma *anon;
};

/* `links` more of the spare. 0 or -ENOMEM; anon_kit_release() is due either way. */
int anon_kit_reserve(struct anon_kit *kit, unsigned links);
/* An anon_vma, once: a root, or a child of `parent`. */
int anon_kit_reserve_anon(struct anon_kit *kit, struct anon_vma *parent);
void anon_kit_release(struct anon_kit *kit);

/* ------------------------------------------------------------------ the sets of a VMA */

/* How many sets it is in: as many as a copy of it takes from a kit. */
unsigned anon_chain_length(const struct vma *vma);

/* An unfaulted VMA starts to own pages: those of the kit's anon_vma, or of `anon`, a root. */
void anon_vma_start(struct vma *vma, struct anon_vma *anon, struct anon_kit *kit);

/* `to` joins all that `from` is in, and will own pages in the same. It was unfaulted. */
void anon_vma_clone(struct vma *to, const struct vma *from, struct anon_kit *kit);

/*
 * The same for the child that fork() makes of `parent`: with an anon_vma of its own, the kit's or
 * one left by somebody who has gone. Takes one link more.
 */
void anon_vma_fork(struct vma *child, const struct vma *parent, struct anon_kit *kit);

/* It leaves all sets and is unfaulted. None of its entries maps a private page any more. */
void anon_vma_leave(struct vma *vma);

/* Around a change of the VMA's page numbers, under the family's lock. */
void anon_vma_lift(struct vma *vma);
void anon_vma_lower(struct vma *vma);
/* After its upper bound has gone up, under the same lock. */
void anon_vma_extend(struct vma *vma);

/* ------------------------------------------------------------------ references */

void anon_vma_get(struct anon_vma *anon);
void anon_vma_put(struct anon_vma *anon);

/*
 * The owner of a private page, with a reference; NULL if nothing maps the page any more. Takes no
 * lock that sleeps. The owner may change until its family's lock is held, but only to a descendant.
 */
struct anon_vma *anon_vma_of_page(struct page *page);

#endif
