/* SPDX-License-Identifier: MIT */
/*
 * Page-table entries: what generic code may ask and build. mm/ owns the walk and the tables, the
 * machine owns the bits. The level goes with every question, so that the host machine can encode
 * each level differently and stop a test that reads an entry as one of another level.
 *
 * The inline half is <machine/pgtable.h> (arch/x86_64 or arch/host). It defines
 *
 *   pte_t                            one entry of any level; a struct, so it never mixes with u64
 *   enum pt_level                    PT_PTE, PT_PMD, PT_PUD, PT_P4D; PT_TOP is the root's level
 *   PT_ENTRIES                       entries in one table (512)
 *   pt_shift(level)                  log2 of the bytes that one entry of the level maps
 *   pt_index(addr, level)            index of addr's entry in its table of that level
 *
 *   pte_read(ptr)                    load one entry (atomic)
 *   pte_write(ptr, e, level)         store one entry (atomic)
 *   pte_clear(ptr, level)            exchange with none; returns the old entry, with the
 *                                    accessed and dirty bits the machine last wrote
 *   pte_exchange(ptr, e, level)      store one entry; returns the old one, as pte_clear() does
 *   pte_make_old(ptr, level)         clear the accessed bit of a leaf in place, so that no dirty
 *                                    bit that the machine sets meanwhile is lost
 *   pte_none()  pte_is_none(e)
 *   pte_row_is_none(ptr)             PTE_ROW (8) entries from here on are none
 *   pte_is_present(e, level)         translates (a leaf or a table)
 *   pte_is_table(e, level)           points to a table of the level below
 *   pte_is_leaf(e, level)            maps memory
 *   pte_pfn(e, level)                of a leaf or a table
 *   pte_table(pfn, level)            entry that points to a table
 *   pte_leaf(pfn, prot, level)       entry that maps; prot is PTE_USER|PTE_W|PTE_X|... below
 *   pte_writable pte_dirty pte_young pte_executable pte_special pte_user pte_nocache (e, level)
 *   pte_mkwrite pte_wrprotect pte_mkdirty pte_mkclean pte_mkyoung pte_mkold (e, level) -> entry
 *   pte_key(e, level)                of a leaf
 *   pte_set_prot(e, prot, level)     same frame, accessed, dirty, special, nocache, uffd_wp,
 *                                    soft_dirty; other rights
 *   pte_leaf_beside(e, pfn, level)   a leaf of the same level that maps `pfn`, with the same rights
 *                                    and bits
 *   pte_leaf_below(e, pfn, level)    for a leaf above PT_PTE: one of the level below that maps
 *                                    `pfn`, with the same rights and bits
 *   pte_marker(kind, payload)        a non-present entry that is not none (guard, swap-like, ...)
 *   pte_is_marker(e) pte_marker_kind(e) pte_marker_payload(e)
 *
 *   pte_soft_dirty(e, level)         of a leaf: a bit of the kernel's own, which pte_leaf() and
 *                                    pte_mkdirty() set with the dirty bit; cleared by itself
 *   pte_mk_soft_dirty pte_clear_soft_dirty (e, level) -> entry
 *
 *   pte_uffd_wp(e, level)            a leaf that userfaultfd has write-protected; never writable
 *   pte_mk_uffd_wp pte_clear_uffd_wp (e, level) -> entry, which is not writable either way
 *
 * `special` marks a frame that has no struct page accounting (zero page, device memory).
 */
#ifndef ARCH_PGTABLE_H
#define ARCH_PGTABLE_H

#include "arch/page.h"

#define PTE_ROW 8 /* entries: pte_row_is_none() */

/* Rights of a leaf. Readable always; PROT_NONE memory is PTE_NONE_PROT: present, but not for user.
 */
#define PTE_PROT_W       0x1u
#define PTE_PROT_X       0x2u
#define PTE_PROT_USER    0x4u
#define PTE_PROT_SPECIAL 0x8u
#define PTE_PROT_DIRTY   0x10u
#define PTE_PROT_YOUNG   0x20u
#define PTE_PROT_NOCACHE 0x40u
/* The protection key, below PTE_KEYS (arch/mmu.h says what keys do): bits 7 to 10. */
#define PTE_KEYS        16u
#define PTE_PROT_KEY(k) ((unsigned)(k) << 7)

/*
 * SWAP is a place: for contents that are elsewhere, where the payload says (swapped out, or on
 * their way to another page). Nobody makes such an entry, and a fault on it would have to bring the
 * page back; but whoever walks over entries carries it along as it is, drops it with the contents,
 * and fills nothing over it.
 */
enum pte_marker_kind {
        PTE_MARKER_GUARD = 1,
        PTE_MARKER_POISON,
        PTE_MARKER_UFFD_WP,
        PTE_MARKER_SWAP
};

#include <machine/pgtable.h>

#endif
