/* SPDX-License-Identifier: MIT */
/*
 * Page-table entries of x86-64, 4 levels (SDM vol. 3, 4.5).
 *
 *    63 62..52      51..12        11 10  9     8      7     6 5 4   3   2  1 0
 *   +--+-------+---------------+----+--+---+--------+-----+-+-+---+---+--+-+-+
 *   |NX| key   | frame         | sd |wp|spc|noaccess|large|D|A|PCD|PWT|US|W|P|   leaf
 *   +--+-------+---------------+----+--+---+--------+-----+-+-+---+---+--+-+-+
 *   | payload (bits 63..9)             |  0 |  0  |       kind (6..1)    |0|   marker
 *   +----------------------------------+----+-----+----------------------+-+
 *
 * A leaf without PTE_PROT_USER (PROT_NONE memory) is not present to the hardware: otherwise the
 * kernel's own user copies could read it. Bit 8 tells it from a marker, and its frame, accessed,
 * dirty, write and special bits keep their places. Nothing here builds entries of the kernel half;
 * that is arch/x86_64/paging.c's.
 */
#ifndef MACHINE_PGTABLE_H
#define MACHINE_PGTABLE_H

#include "kernel/base/types.h"

typedef struct {
        u64 bits;
} pte_t;

enum pt_level { PT_PTE, PT_PMD, PT_PUD, PT_P4D };

#define PT_TOP     PT_P4D
#define PT_ENTRIES 512

#define X86_PTE_P          (1UL << 0)
#define X86_PTE_W          (1UL << 1)
#define X86_PTE_US         (1UL << 2)
#define X86_PTE_PWT        (1UL << 3)
#define X86_PTE_PCD        (1UL << 4)
#define X86_PTE_A          (1UL << 5)
#define X86_PTE_D          (1UL << 6)
#define X86_PTE_PS         (1UL << 7) /* a leaf above the lowest level */
#define X86_PTE_G          (1UL << 8) /* in present entries (kernel half only) */
#define X86_PTE_NOACCESS   (1UL << 8) /* in non-present entries: a leaf nobody may use */
#define X86_PTE_SPECIAL    (1UL << 9)
#define X86_PTE_UFFD_WP    (1UL << 10) /* the kernel's own: write-protected for userfaultfd */
#define X86_PTE_SOFT_DIRTY (1UL << 11) /* the kernel's own: soft_dirty.h */
#define X86_PTE_KEY        59          /* lowest of the protection key's four bits */
#define X86_PTE_NX         (1UL << 63)
#define X86_PTE_FRAME      0x000ffffffffff000UL

#define X86_MARKER_KIND_SHIFT    1
#define X86_MARKER_KIND_MASK     0x3fUL
#define X86_MARKER_PAYLOAD_SHIFT 9

static inline unsigned pt_shift(enum pt_level level)
{
        return 12 + 9 * (unsigned)level;
}

static inline unsigned pt_index(u64 addr, enum pt_level level)
{
        return (unsigned)(addr >> pt_shift(level)) & (PT_ENTRIES - 1);
}

static inline pte_t pte_read(const pte_t *ptr)
{
        return (pte_t){ __atomic_load_n(&ptr->bits, __ATOMIC_RELAXED) };
}

static inline void pte_write(pte_t *ptr, pte_t e, enum pt_level level)
{
        (void)level;
        __atomic_store_n(&ptr->bits, e.bits, __ATOMIC_RELEASE);
}

static inline pte_t pte_clear(pte_t *ptr, enum pt_level level)
{
        (void)level;
        return (pte_t){ __atomic_exchange_n(&ptr->bits, 0, __ATOMIC_SEQ_CST) };
}

static inline pte_t pte_exchange(pte_t *ptr, pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ __atomic_exchange_n(&ptr->bits, e.bits, __ATOMIC_SEQ_CST) };
}

static inline void pte_make_old(pte_t *ptr, enum pt_level level)
{
        (void)level;
        __atomic_and_fetch(&ptr->bits, ~X86_PTE_A, __ATOMIC_SEQ_CST);
}

static inline pte_t pte_none(void)
{
        return (pte_t){ 0 };
}

static inline bool pte_is_none(pte_t e)
{
        return e.bits == 0;
}

static inline bool pte_row_is_none(const pte_t *ptr)
{
        u64 any = 0;

#pragma GCC unroll 8
        for (unsigned i = 0; i < PTE_ROW; i++)
                any |= pte_read(&ptr[i]).bits;
        return any == 0;
}

/* Also true of PROT_NONE leaves, which the hardware does not follow. */
static inline bool pte_is_present(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & (X86_PTE_P | X86_PTE_NOACCESS)) != 0;
}

static inline bool pte_is_table(pte_t e, enum pt_level level)
{
        return level != PT_PTE && (e.bits & (X86_PTE_P | X86_PTE_PS)) == X86_PTE_P;
}

static inline bool pte_is_leaf(pte_t e, enum pt_level level)
{
        return pte_is_present(e, level) && !pte_is_table(e, level);
}

static inline pfn_t pte_pfn(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_FRAME) >> 12;
}

static inline pte_t pte_table(pfn_t pfn, enum pt_level level)
{
        (void)level;
        return (pte_t){ pfn << 12 | X86_PTE_P | X86_PTE_W | X86_PTE_US | X86_PTE_A };
}

/* `prot` is PTE_PROT_* of arch/pgtable.h, whose values are turned into bits without a branch. */
static inline u64 x86_prot_bits(unsigned prot, enum pt_level level)
{
        u64 p = prot;
        u64 user = p >> 2 & 1;
        u64 bits = user * (X86_PTE_P | X86_PTE_US) + (user ^ 1) * X86_PTE_NOACCESS;

        bits |= (p & 1) << 1;        /* W */
        bits |= (~p >> 1 & 1) << 63; /* X -> NX */
        bits |= (p >> 3 & 1) << 9;   /* SPECIAL */
        bits |= (p >> 4 & 1) * (X86_PTE_D | X86_PTE_SOFT_DIRTY);
        bits |= (p >> 5 & 1) << 5; /* YOUNG */
        bits |= (p >> 6 & 1) * (X86_PTE_PCD | X86_PTE_PWT);
        bits |= (p >> 7 & (PTE_KEYS - 1)) << X86_PTE_KEY;
        return level == PT_PTE ? bits : bits | X86_PTE_PS;
}

static inline pte_t pte_leaf(pfn_t pfn, unsigned prot, enum pt_level level)
{
        return (pte_t){ pfn << 12 | x86_prot_bits(prot, level) };
}

static inline bool pte_writable(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_W) != 0;
}

static inline bool pte_dirty(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_D) != 0;
}

static inline bool pte_young(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_A) != 0;
}

static inline bool pte_executable(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_NX) == 0;
}

static inline bool pte_user(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_US) != 0;
}

static inline unsigned pte_key(pte_t e, enum pt_level level)
{
        (void)level;
        return e.bits >> X86_PTE_KEY & (PTE_KEYS - 1);
}

static inline bool pte_nocache(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_PCD) != 0;
}

static inline bool pte_special(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_SPECIAL) != 0;
}

static inline pte_t pte_mkwrite(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits | X86_PTE_W };
}

static inline pte_t pte_wrprotect(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits & ~X86_PTE_W };
}

static inline pte_t pte_mkdirty(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits | X86_PTE_D | X86_PTE_SOFT_DIRTY };
}

static inline pte_t pte_mkclean(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits & ~X86_PTE_D };
}

static inline pte_t pte_mkyoung(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits | X86_PTE_A };
}

static inline pte_t pte_mkold(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits & ~X86_PTE_A };
}

static inline bool pte_soft_dirty(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_SOFT_DIRTY) != 0;
}

static inline pte_t pte_mk_soft_dirty(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits | X86_PTE_SOFT_DIRTY };
}

static inline pte_t pte_clear_soft_dirty(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits & ~X86_PTE_SOFT_DIRTY };
}

static inline bool pte_uffd_wp(pte_t e, enum pt_level level)
{
        (void)level;
        return (e.bits & X86_PTE_UFFD_WP) != 0;
}

static inline pte_t pte_mk_uffd_wp(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ (e.bits & ~X86_PTE_W) | X86_PTE_UFFD_WP };
}

static inline pte_t pte_clear_uffd_wp(pte_t e, enum pt_level level)
{
        (void)level;
        return (pte_t){ e.bits & ~X86_PTE_UFFD_WP };
}

static inline pte_t pte_set_prot(pte_t e, unsigned prot, enum pt_level level)
{
        u64 kept = X86_PTE_FRAME | X86_PTE_A | X86_PTE_D | X86_PTE_SPECIAL | X86_PTE_PCD |
                   X86_PTE_PWT | X86_PTE_UFFD_WP | X86_PTE_SOFT_DIRTY;
        u64 bits = (e.bits & kept) | x86_prot_bits(prot, level);

        return (pte_t){ bits & X86_PTE_UFFD_WP ? bits & ~X86_PTE_W : bits };
}

static inline pte_t pte_leaf_beside(pte_t e, pfn_t pfn, enum pt_level level)
{
        (void)level;
        return (pte_t){ (e.bits & ~X86_PTE_FRAME) | pfn << 12 };
}

/* The PAT bit is the only one whose place depends on the level (bit 12 of a large leaf, which PS
 * displaces from bit 7), and nobody here sets it. */
static inline pte_t pte_leaf_below(pte_t e, pfn_t pfn, enum pt_level level)
{
        u64 bits = (e.bits & ~X86_PTE_FRAME) | pfn << 12;

        return (pte_t){ level - 1 == PT_PTE ? bits & ~X86_PTE_PS : bits };
}

/* `kind` below 64, `payload` below 2^55. */
static inline pte_t pte_marker(unsigned kind, u64 payload)
{
        return (pte_t){ (u64)kind << X86_MARKER_KIND_SHIFT | payload << X86_MARKER_PAYLOAD_SHIFT };
}

static inline bool pte_is_marker(pte_t e)
{
        return e.bits != 0 && (e.bits & (X86_PTE_P | X86_PTE_NOACCESS)) == 0;
}

static inline unsigned pte_marker_kind(pte_t e)
{
        return (unsigned)(e.bits >> X86_MARKER_KIND_SHIFT & X86_MARKER_KIND_MASK);
}

static inline u64 pte_marker_payload(pte_t e)
{
        return e.bits >> X86_MARKER_PAYLOAD_SHIFT;
}

#endif
