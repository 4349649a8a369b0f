/* SPDX-License-Identifier: MIT */
/*
 * struct mm: one address space, as mm/ sees it. Lock letters: see mm.h.
 *
 *   mmap_lock   the tree of VMAs, every VMA's fields, totals and limits
 *   table_lock  links between page tables: who fills an empty entry of an upper table
 *   pte_lock    entries of the lowest tables, nr_used of tables, the rss counters
 *
 * Two spinlocks for a whole address space are coarse; their places in the lock order (rank.h) are
 * those of finer ones. Faults hold mmap_lock for reading, every changing call for writing.
 */
#ifndef MM_MM_TYPES_H
#define MM_MM_TYPES_H

#include "arch/mmu.h"
#include "arch/page.h"
#include "kernel/base/list.h"
#include "kernel/base/refcount.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"
#include "mm/mm.h"
#include "mm/mmstat.h"
#include "mm/vmtree.h"

/* What a mapped page counts as. */
enum rss_kind { RSS_ANON, RSS_FILE, RSS_SHMEM, RSS_KINDS };

#define MM_TOUCHED_MAX 8

struct mm {
        struct refcount users; /* [A] */
        struct refcount holds; /* [A] all users together have one */
        u64 id;                /* [I] */
        struct rwsem mmap_lock;
        struct vmtree tree; /* [M] in bytes */

        struct mmu mmu; /* [I] */
        struct spinlock table_lock;
        struct spinlock pte_lock;

        /* [M] pages, changed by account_vma() alone */
        u64 total_vm, data_vm, exec_vm, stack_vm, locked_vm;
        u64 hiwater_vm;

        u64 rss[RSS_KINDS]; /* [T] pages */
        u64 hiwater_rss;    /* [T] */
        u64 pgtable_bytes;  /* [T] every table but the root */
        u64 nr_huge;        /* [T] huge entries: huge.h */
        u64 nr_hugetlb;     /* [T] entries of hugetlb memory: hugetlb.h */

        enum mm_thp_disable thp_disable; /* [A] */

        u64 def_flags; /* [M] VM_LOCKED, VM_LOCKONFAULT of mlockall(MCL_FUTURE) */
        u16 keys;      /* [M] protection keys in use, a bit each: keys.h */
        int exec_key;  /* [M] that of execute-only memory */
        struct mm_image image;
        u64 brk; /* [M] */

        /* [I] where things go: layout.h */
        u64 mmap_base;   /* top-down search begins here */
        u64 mmap_bottom; /* bottom-up search begins here */
        u64 stack_top, pie_base;
        bool topdown;

        struct vma *graveyard;    /* [M] VMAs whose backing is to be put: vma_free() */
        struct list uffd_events;  /* [M] for mm_unlock() to deliver: uffd.h */
        atomic_t unmap_listeners; /* [A] contexts that want to hear what is unmapped */
        u64 listening_pass;       /* [M] how often it was asked which: uffd->pass */

        /* [A] that of the last fault, for the next one; NULL from the time on when it is freed */
        struct vma *faulted;

        struct list node; /* on the list of all: its lock */
        u64 calls;        /* [M] for the pace of validation */
        /* [M] where this call changed something: what validation of a large address space looks at;
         * of many places the last ones */
        u64 touched[MM_TOUCHED_MAX];
        unsigned nr_touched;

        struct mmstat stat;           /* [A] */
        struct vmtree_work tree_work; /* [A] */
};

/* Count `n` more of `item`. */
static inline void mmstat_add(struct mm *mm, enum mmstat_item item, u64 n)
{
        atomic_add(&mm->stat.count[item], (s64)n);
}

static inline u64 mm_map_count(const struct mm *mm)
{
        return mm->tree.count;
}

static inline u64 bytes_to_pages(u64 bytes)
{
        return bytes >> PAGE_SHIFT;
}

/* An empty address space without a layout; NULL if there is no memory. */
struct mm *mm_alloc(void);

/* Every address space there is. */
struct mm_list {
        struct spinlock lock;
        struct list all; /* mm->node */
};
extern struct mm_list mm_list;

struct vma;

#ifdef DEBUG
/* What mm_unlock() checks, and what it checks now and then when the lock is gone. */
void mm_validate_call(struct mm *mm, u64 addr);
void mm_validate_after(void);
/* [start, end), which is in `vma`, has merged with whom it could (validate.h). */
void mm_validate_merged(const struct vma *vma, u64 start, u64 end);
/* Something has changed at `addr`: for mm_validate_call(). */
static inline void mm_touch(struct mm *mm, u64 addr)
{
        mm->touched[mm->nr_touched++ % MM_TOUCHED_MAX] = addr;
}
#else
static inline void mm_validate_call(struct mm *mm, u64 addr)
{
        (void)mm, (void)addr;
}

static inline void mm_validate_after(void)
{
}

static inline void mm_validate_merged(const struct vma *vma, u64 start, u64 end)
{
        (void)vma, (void)start, (void)end;
}

static inline void mm_touch(struct mm *mm, u64 addr)
{
        (void)mm, (void)addr;
}
#endif

/*
 * Around every call that changes mappings: mmap_lock for writing. mm_unlock() validates in debug
 * builds (all of a small address space, what is near `addr` in a large one), then does what has to
 * wait until the lock is gone.
 */
static inline void mm_lock(struct mm *mm)
{
        rwsem_write_lock(&mm->mmap_lock);
}

/* The rest of mm_unlock(), if VMAs are to be buried or somebody is to be told. */
void mm_unlock_and_settle(struct mm *mm);

static inline void mm_unlock(struct mm *mm, u64 addr)
{
        mm_validate_call(mm, addr);
        if (__builtin_expect(!mm->graveyard && list_empty(&mm->uffd_events), 1))
                rwsem_write_unlock(&mm->mmap_lock);
        else
                mm_unlock_and_settle(mm);
        mm_validate_after();
}

#endif
