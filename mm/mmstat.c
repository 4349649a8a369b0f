/* SPDX-License-Identifier: MIT */
/* Reading the counters of an address space. mmstat.h says what each means. */
#include "mm/mmstat.h"

#include "mm/mm_types.h"

static const char *const names[MMSTAT_COUNT] = {
        [MMSTAT_MOVED_PTE] = "moved_pte",           [MMSTAT_MOVED_PMD] = "moved_pmd",
        [MMSTAT_MOVED_PUD] = "moved_pud",           [MMSTAT_TABLES_ALLOCATED] = "tables_allocated",
        [MMSTAT_TABLES_FREED] = "tables_freed",     [MMSTAT_TLB_FLUSHES] = "tlb_flushes",
        [MMSTAT_TLB_PAGES] = "tlb_pages_flushed",   [MMSTAT_TLB_FULL] = "tlb_flushes_full",
        [MMSTAT_VMA_SPLITS] = "vma_splits",         [MMSTAT_VMA_MERGES] = "vma_merges",
        [MMSTAT_TREE_LOOKUPS] = "tree_lookups",     [MMSTAT_TREE_NODES] = "tree_nodes_visited",
        [MMSTAT_TREE_HEIGHT] = "tree_height",       [MMSTAT_VMA_COUNT] = "vma_count",
        [MMSTAT_FAULT_ZERO] = "fault_zero",         [MMSTAT_FAULT_ANON] = "fault_anon",
        [MMSTAT_FAULT_COPY] = "fault_copy",         [MMSTAT_FAULT_REUSE] = "fault_reuse",
        [MMSTAT_FAULT_OBJECT] = "fault_object",     [MMSTAT_FAULT_AROUND] = "fault_around",
        [MMSTAT_FAULT_SPURIOUS] = "fault_spurious", [MMSTAT_FAULT_SIGNAL] = "fault_signal",
        [MMSTAT_MOVED_HUGE] = "moved_huge",         [MMSTAT_FAULT_HUGE] = "fault_huge",
        [MMSTAT_HUGE_SPLIT] = "huge_split",         [MMSTAT_HUGE_COLLAPSE] = "huge_collapse",
};

const char *mmstat_name(enum mmstat_item item)
{
        return names[item];
}

u64 mmstat_get(const struct mm *mm, enum mmstat_item item)
{
        switch (item) {
        case MMSTAT_TREE_LOOKUPS: return (u64)atomic_get(&mm->tree_work.lookups);
        case MMSTAT_TREE_NODES: return (u64)atomic_get(&mm->tree_work.nodes);
        case MMSTAT_TREE_HEIGHT: return mm->tree.height;
        case MMSTAT_VMA_COUNT: return mm->tree.count;
        default: return (u64)atomic_get(&mm->stat.count[item]);
        }
}
