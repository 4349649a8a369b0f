/* SPDX-License-Identifier: MIT */
/*
 * What an address space has had done to it, in numbers: /proc/PID/mmstat. They let a test assert
 * work where it could otherwise only measure time ("one entry moved, no page touched").
 *
 *      name                  counts
 *      moved_pte             entries that mremap moved one by one: pages, markers
 *      moved_pmd, moved_pud  whole tables it moved, under an entry of that level
 *      moved_huge            huge entries it moved as they were
 *      tables_allocated      page tables linked (the root is not counted), and unlinked again:
 *      tables_freed          the difference is VmPTE, in pages
 *      tlb_flushes           flushes of a range
 *      tlb_pages_flushed     and the pages in those ranges, there or not
 *      tlb_flushes_full      flushes of everything (fork)
 *      vma_splits            cuts of one VMA into two
 *      vma_merges            borders between neighbours that went away, or were never made
 *      tree_lookups          searches in the VMA tree, by address or for a gap
 *      tree_nodes_visited    nodes that these and changes came to (vmtree.h says what is counted)
 *      tree_height           levels of the tree now (no counter)
 *      vma_count             VMAs now (no counter)
 *      fault_zero            read faults that mapped the page of zeroes
 *      fault_anon            first writes: a new page of zeroes
 *      fault_copy            writes that made a private copy
 *      fault_reuse           writes that found the page their own
 *      fault_object          pages of a file or of shared memory mapped because they were asked for
 *      fault_around          and those mapped along with them
 *      fault_huge            huge pages mapped, of zeroes too
 *      huge_split            huge entries that became 512 small ones
 *      huge_collapse         and small ones that MADV_COLLAPSE made a huge one of
 *      fault_spurious        nothing was left to do
 *      fault_signal          the access was not allowed
 *
 * Faults are counted where they are resolved, whoever caused them: a program, populate, a debugger.
 * A child of fork and a new program begin at 0. Checks of debug builds are not counted.
 *
 * Locks: none, each counter is atomic.
 */
#ifndef MM_MMSTAT_H
#define MM_MMSTAT_H

#include "kernel/base/atomic.h"

enum mmstat_item {
        MMSTAT_MOVED_PTE, /* + level of the entry */
        MMSTAT_MOVED_PMD,
        MMSTAT_MOVED_PUD,
        MMSTAT_MOVED_HUGE,
        MMSTAT_TABLES_ALLOCATED,
        MMSTAT_TABLES_FREED,
        MMSTAT_TLB_FLUSHES,
        MMSTAT_TLB_PAGES,
        MMSTAT_TLB_FULL,
        MMSTAT_VMA_SPLITS,
        MMSTAT_VMA_MERGES,
        MMSTAT_TREE_LOOKUPS, /* these two are the tree's own: vmtree.h */
        MMSTAT_TREE_NODES,
        MMSTAT_TREE_HEIGHT, /* these two are no counters */
        MMSTAT_VMA_COUNT,
        MMSTAT_FAULT_ZERO,
        MMSTAT_FAULT_ANON,
        MMSTAT_FAULT_COPY,
        MMSTAT_FAULT_REUSE,
        MMSTAT_FAULT_OBJECT,
        MMSTAT_FAULT_AROUND,
        MMSTAT_FAULT_HUGE,
        MMSTAT_HUGE_SPLIT,
        MMSTAT_HUGE_COLLAPSE,
        MMSTAT_FAULT_SPURIOUS,
        MMSTAT_FAULT_SIGNAL,
        MMSTAT_COUNT
};

struct mmstat {
        atomic_t count[MMSTAT_COUNT]; /* [A] */
};

struct mm;

/* The item's value, and its name in /proc/PID/mmstat. */
u64 mmstat_get(const struct mm *mm, enum mmstat_item item);
const char *mmstat_name(enum mmstat_item item);

#endif
