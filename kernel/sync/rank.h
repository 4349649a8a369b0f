/* SPDX-License-Identifier: MIT */
/*
 * The lock order. A thread may take a lock only if its rank is higher (further down here) than
 * that of every lock it holds; two of one rank only where the function's name says so
 * (_nested: by address, or parent before child). Debug builds check it at every acquisition, and
 * panic with the names of both locks. A trylock cannot wait, so it may come in any order; that is
 * all the log's lock is ever taken by, and why it has no rank. RANK_NONE is no lock's: it marks
 * what else is to be seen in a trace, and in a lock it means that nobody initialised it.
 */
#ifndef KERNEL_SYNC_RANK_H
#define KERNEL_SYNC_RANK_H

enum lock_rank {
        RANK_NONE,
        RANK_FILE_POS,  /* offset of an open file, held over its read or write (mutex) */
        RANK_FS,        /* directory tree, rename (mutex) */
        RANK_FILE,      /* pipe and socket state (mutex) */
        RANK_INODE,     /* size and contents of an inode (rwsem) */
        RANK_MMAP,      /* mmap_lock of an address space (rwsem) */
        RANK_OBJECT,    /* pages of an object (mutex) */
        RANK_FOLIO,     /* one folio (bit lock) */
        RANK_OBJ_RMAP,  /* VMAs that map an object (rwsem) */
        RANK_ANON_ROOT, /* anon_vma trees of one root (rwsem) */
        RANK_TABLE,     /* upper-level page tables of one mm (spin) */
        RANK_PTE_TABLE, /* one page-table page (spin) */
        RANK_UFFD,      /* userfaultfd queues (spin) */
        RANK_TIMER,     /* timer queue (spin, irq) */
        RANK_SIGNAL,    /* process tree, pending signals, futexes (spin) */
        RANK_WAITQ,     /* wait queues (spin) */
        RANK_RUNQUEUE,  /* run queues (spin, irq) */
        RANK_SLAB,      /* one slab cache (spin) */
        RANK_HUGETLB,   /* the pool of hugetlb pages (spin) */
        RANK_BUDDY,     /* the page allocator (spin) */
        RANK_LEAF,      /* anything that takes nothing else (spin) */
        RANK_COUNT
};

#endif
