/* SPDX-License-Identifier: MIT */
/*
 * Soft-dirty pages: which pages a program has written since somebody asked last, as tools that
 * checkpoint it want to know (Linux's admin-guide/mm/soft-dirty). Off unless the kernel's command
 * line says so: mm_sysctl.soft_dirty.
 *
 * An entry has a bit for it beside the machine's dirty bit, and gets it whenever it gets that from
 * the kernel. mm_clear_soft_dirty() takes the bit from every entry, and with it the right to write,
 * so that the next write is a fault, and the fault sets it again:
 *
 *      an entry that is writable is soft-dirty
 *
 * New mappings are soft-dirty as such (VM_SOFTDIRTY), until they are cleared as well: all of their
 * pages are, also those that are not there. The flag is no reason not to merge. What merges with a
 * new mapping is new; what is merged by a change of flags is as what was changed; what is moved
 * next to a neighbour becomes as the neighbour.
 *
 * Moving an entry makes it soft-dirty, a marker too: the page is new where it is. An entry that
 * moves with its table stays as it is, as on Linux.
 */
#ifndef MM_SOFT_DIRTY_H
#define MM_SOFT_DIRTY_H

#include "arch/pgtable.h"
#include "mm/vma.h"

/* Payload of a marker that is soft-dirty. */
#define MARKER_SOFT_DIRTY 1u

/* Mappings whose entries are left alone: frames, and hugetlb memory, as on Linux. */
#define VM_UNTRACKED (VM_PFNMAP | VM_HUGETLB)

/* Flags that do not keep neighbours from merging. */
#define VM_MERGE_IGNORED (VM_STICKY | VM_SOFTDIRTY)

/* VM_SOFTDIRTY if it is on: of a mapping that is made. */
static inline u64 soft_dirty_new(void)
{
        return mm_sysctl.soft_dirty ? VM_SOFTDIRTY : 0;
}

/* Whether a page of the VMA counts as soft-dirty: `entry` is its leaf, its marker, or none. */
static inline bool soft_dirty_is(const struct vma *vma, pte_t entry, enum pt_level level)
{
        if (!mm_sysctl.soft_dirty)
                return false;
        if (vma->flags & VM_UNTRACKED)
                return vma->flags & VM_SOFTDIRTY;
        if (pte_is_marker(entry))
                return (vma->flags & VM_SOFTDIRTY) || pte_marker_payload(entry);
        return (vma->flags & VM_SOFTDIRTY) ||
               (pte_is_leaf(entry, level) && pte_soft_dirty(entry, level));
}

/* The entry after a move by itself. */
static inline pte_t soft_dirty_moved(pte_t entry, enum pt_level level)
{
        if (!mm_sysctl.soft_dirty || pte_is_none(entry))
                return entry;
        if (pte_is_marker(entry))
                return pte_marker(pte_marker_kind(entry), MARKER_SOFT_DIRTY);
        return pte_mk_soft_dirty(entry, level);
}

/* A write to the page has to be noticed: the leaf must not become writable by itself. */
static inline bool soft_dirty_waits(const struct vma *vma, pte_t leaf, enum pt_level level)
{
        return mm_sysctl.soft_dirty && !(vma->flags & VM_UNTRACKED) && !pte_soft_dirty(leaf, level);
}

#endif
