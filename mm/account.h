/* SPDX-License-Identifier: MIT */
/*
 * Accounting: the commit limit of the machine, and the totals and limits of one address space.
 *
 * Committed pages are promises: memory that programs may still come to need because it is private
 * and writable (VM_ACCOUNT), or belongs to a shared object. A charge is asked for in the plan of a
 * call, taken in its reserve and either consumed by commit or given back by release.
 *
 * Locks: the committed count is atomic. The totals of a struct mm are [M].
 */
#ifndef MM_ACCOUNT_H
#define MM_ACCOUNT_H

#include "mm/mm.h"
#include "mm/vma_flags.h"

/* ------------------------------------------------------------------ the machine */

/*
 * Charge `pages`, after commit_allows() with the same arguments. 0 or -ENOMEM.
 * `mm` and `who` are NULL where no process is concerned (pages of an object).
 */
int commit_charge(const struct mm *mm, const struct mm_caller *who, u64 pages);
/* Charge what commit_allows() has granted already. */
void commit_take(u64 pages);
static inline void commit_add(u64 pages)
{
        if (pages)
                commit_take(pages);
}

void commit_give_back(u64 pages);
static inline void commit_uncharge(u64 pages)
{
        if (pages)
                commit_give_back(pages);
}

/*
 * Would `pages` more be granted, once `credit` pages have been given back? Mode 1 grants all;
 * mode 0 refuses a single request larger than RAM; mode 2 keeps to mm_commit_limit(), less a
 * reserve for the administrator and one for the way out of a shortage.
 */
bool commit_allows(const struct mm *mm, const struct mm_caller *who, u64 pages, u64 credit);

/* ------------------------------------------------------------------ one address space */

/* A mapping with these flags is charged to the commit limit. */
static inline bool account_is_charged(u64 vm_flags)
{
        return (vm_flags & (VM_HUGETLB | VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* Counts against RLIMIT_DATA: private, writable, not a stack. */
static inline bool account_is_data(u64 vm_flags)
{
        return (vm_flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* `pages` pages with `vm_flags` come (positive) or go (negative). The one place that changes
 * total_vm, data_vm, exec_vm, stack_vm and locked_vm; keeps the high-water mark. */
void account_vma(struct mm *mm, u64 vm_flags, s64 pages);
/* So many pages that had one set of flags have another one now. */
void account_flags(struct mm *mm, u64 from, u64 to, u64 pages);

/* Pages that an earlier step of the same plan gives back before the one that asks. */
struct account_credit {
        u64 total, data, charged, locked;
};

/* RLIMIT_AS and RLIMIT_DATA leave room for `pages` more of `vm_flags`. `credit` may be NULL. */
bool account_may_grow(const struct mm *mm, const struct mm_caller *who, u64 vm_flags, u64 pages,
                      const struct account_credit *credit);
/* RLIMIT_MEMLOCK leaves room for `pages` more locked ones. */
bool account_may_lock(const struct mm *mm, const struct mm_caller *who, u64 pages);
/* The caller may lock memory at all: -EPERM is due if not. */
bool account_can_lock(const struct mm_caller *who);

#endif
