/* SPDX-License-Identifier: MIT */
/*
 * Page faults: making one page of one VMA accessible.
 *
 *                 entry is      read                        write
 *      anonymous  none          the zero page, read-only    a zeroed page                  anon.c
 *      private    the object's  -                           a copy                         cow.c
 *        file     none          the object's, read-only     a copy of the object's         file.c
 *      shared     none          the object's                the object's                   file.c
 *      private    read-only     -                           a copy, or the page itself if  cow.c
 *                                                           nobody else has it
 *      frames     none          the frame                   the frame; of a private        frame.c
 *                                                           mapping, a copy of it
 *      any        a marker      a signal                    a signal
 *                 a marker of write protection: as nothing, but what comes is protected
 *
 * In a VMA that is registered with userfaultfd, a fault may instead be handed over to a program
 * (FAULT_UFFD): fault->wait is queued, and whoever called has to drop mmap_lock, to uffd_wait(),
 * and to begin again with the VMA (uffd.h).
 *
 * Whether the VMA allows the access at all is decided before (mm_fault(), populate, mm_access());
 * here VM_WRITE only decides whether the entry becomes writable. So a debugger's write can copy a
 * page of a read-only VMA.
 *
 * Each function looks at the entry under pte_lock, does what may take time (allocating, copying)
 * without it, and installs the result only if the entry is still what it was. If it is not, someone
 * else was faster, and the fault is simply looked at again.
 *
 * Locks: mmap_lock at least for reading.
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include "arch/pgtable.h"
#include "mm/page.h"
#include "mm/pgwalk.h"
#include "mm/vma.h"

enum fault_result {
        FAULT_OK,     /* an entry is there that allows the access */
        FAULT_AGAIN,  /* the entry has changed meanwhile: look again */
        FAULT_OOM,    /* no memory */
        FAULT_MAPERR, /* SIGSEGV: nothing is mapped here (a guard) */
        FAULT_ACCERR, /* SIGSEGV: the mapping forbids it */
        FAULT_PKUERR, /* SIGSEGV: its protection key does */
        FAULT_BUS,    /* SIGBUS: past the end of the object; a fault that may not be handed over */
        FAULT_POISON, /* SIGBUS: a poisoned page */
        FAULT_UFFD,   /* handed over: uffd_wait() is due */
};

struct uffd_wait;

struct fault {
        struct mm *mm;
        struct vma *vma;
        u64 addr; /* page aligned, within the VMA */
        bool write;
        bool alone;             /* a private page is to be the VMA's own, as after a write */
        bool user;              /* the access is the program's, not the kernel's */
        u64 exact;              /* the byte */
        struct uffd_wait *wait; /* for handing it over; NULL: the caller cannot wait */
};

/* Make the page present for the access. Never FAULT_AGAIN. */
enum fault_result fault_page(const struct fault *fault);

/*
 * The kinds. `pte` is where the entry is, `entry` what it held. For fault_object() `pte` may be
 * NULL: it links the page table by itself, and only when there is a page to put into it.
 */
enum fault_result fault_anon(const struct fault *fault, pte_t *pte);
enum fault_result fault_object(const struct fault *fault, pte_t *pte);
enum fault_result fault_frame(const struct fault *fault, pte_t *pte);
enum fault_result fault_write_protected(const struct fault *fault, pte_t *pte, pte_t entry);

/* Nothing is mapped by the entry, and a fault may install something. */
static inline bool fault_may_fill(pte_t entry)
{
        return pte_is_none(entry) ||
               (pte_is_marker(entry) && pte_marker_kind(entry) == PTE_MARKER_UFFD_WP);
}

/* Hand it over for `reason` (uffd_handover()), unless the entry has been filled meanwhile. */
enum fault_result fault_hand_over(const struct fault *fault, u64 reason);

/* Whether the entry maps a private page that somebody else holds, too. */
bool fault_is_shared(pte_t entry);

/* ------------------------------------------------------------------ shared by the kinds */

/* Rights that entries of this VMA have; `writable` false takes writing away. */
static inline unsigned flags_pte_prot(u64 vm_flags, bool writable)
{
        unsigned prot = PTE_PROT_KEY(vm_key(vm_flags));

        if (vm_flags & VM_ACCESS_FLAGS)
                prot |= PTE_PROT_USER;
        if ((vm_flags & VM_WRITE) && writable)
                prot |= PTE_PROT_W;
        if (vm_flags & VM_EXEC)
                prot |= PTE_PROT_X;
        return prot;
}

static inline unsigned vma_pte_prot(const struct vma *vma, bool writable)
{
        return flags_pte_prot(vma->flags, writable);
}

/* Leaves that faults make again and again, of VMAs whose key is 0, made beforehand. */
enum leaf_kind {
        LEAF_ZERO,    /* the page of zeroes, read */
        LEAF_WRITTEN, /* a page that a write is for, but for its frame */
        LEAF_KINDS
};
extern pte_t fault_leaves[LEAF_KINDS][VM_ACCESS_FLAGS + 1];
pte_t fault_leaf_with_key(const struct vma *vma, enum leaf_kind kind);

static inline pte_t fault_leaf(const struct vma *vma, enum leaf_kind kind)
{
        if (__builtin_expect(vm_key(vma->flags) != 0, 0))
                return fault_leaf_with_key(vma, kind);
        return fault_leaves[kind][vma->flags & VM_ACCESS_FLAGS];
}

/*
 * The VMA gets an anon_vma if it has none: that of a neighbour it could merge with but for access
 * rights, else a new one. 0 or -ENOMEM.
 */
int fault_anon_start(struct vma *vma);
static inline int fault_anon_prepare(struct vma *vma)
{
        return __atomic_load_n(&vma->anon, __ATOMIC_ACQUIRE) ? 0 : fault_anon_start(vma);
}

/* A page for private memory: zeroed, or a copy of `from`. NULL: no memory. */
struct page *fault_anon_page(struct vma *vma, u64 addr, struct page *from);

/* Store the leaf where there is nothing or a marker of write protection, which it inherits.
 * pte_lock. */
static inline void fault_store(pte_t *pte, pte_t leaf)
{
        pte_t old = pte_read(pte);

        if (pte_is_none(old))
                pgtable_count(pte, PT_PTE, 1);
        else if (pte_is_marker(old))
                leaf = pte_mk_uffd_wp(leaf, PT_PTE);
        pte_write(pte, leaf, PT_PTE);
}

/* Install `page` (its reference goes to the entry) the same way, by a leaf like `leaf`. pte_lock.
 */
static inline void fault_install_leaf(const struct fault *fault, pte_t *pte, struct page *page,
                                      pte_t leaf)
{
        enum rss_kind kind = page->kind == PAGE_ANON ? RSS_ANON : vma_object_rss(fault->vma);

        page_map(page, fault->vma->flags & VM_LOCKED);
        fault->mm->rss[kind]++;
        fault_store(pte, pte_leaf_beside(leaf, page_to_pfn(page), PT_PTE));
}

/* With these rights. */
static inline void fault_install(const struct fault *fault, pte_t *pte, struct page *page,
                                 unsigned prot)
{
        fault_install_leaf(fault, pte, page, pte_leaf(0, prot, PT_PTE));
}

/* Map every frame of a new VMA of frames, as far as there is memory for tables. */
void frame_map_all(struct vma *vma);

/* The page of zeroes that read faults map. */
extern struct page *zero_page;
void fault_boot(void);

/*
 * The VMA that the address belongs to, which may be a stack that has yet to grow down to it.
 * mmap_lock is held for reading; growing takes it for writing, so it may be given up and taken
 * again. NULL: none.
 */
struct vma *fault_find_vma(struct mm *mm, const struct mm_caller *who, u64 addr);

/*
 * Let the stack `vma` grow down to the page of `addr`, which lies below it. mmap_lock for writing.
 * False: a limit or the guard gap forbids it, or there is no memory.
 */
bool stack_grow(struct vma *vma, const struct mm_caller *who, u64 addr);

#endif
