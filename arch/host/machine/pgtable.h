/* SPDX-License-Identifier: MIT */
/*
 * Page-table entries of the host machine. They are unlike x86's on purpose, and each carries its
 * level, so that code which builds, reads or stores an entry as one of another level stops at once.
 *
 *   63                              20 19          8 7      4 3     0
 *   | frame, or the marker's payload  | PTE_PROT_*  | class  | level |
 *
 * The class is one of TABLE, LEAF and MARKER below; none is 0, as on every machine, because table
 * pages start zeroed. A marker has its kind where the others have their level.
 */
#ifndef ARCH_HOST_MACHINE_PGTABLE_H
#define ARCH_HOST_MACHINE_PGTABLE_H

#include "kernel/base/assert.h"

typedef struct {
        u64 v;
} pte_t;

/* PT_PGD exists with five levels only. Arrays by level have PT_LEVELS_MAX elements. */
enum pt_level { PT_PTE, PT_PMD, PT_PUD, PT_P4D, PT_PGD, PT_LEVELS_MAX };

/* The root's level: PT_P4D, or PT_PGD after host_set_levels(5). */
extern enum pt_level host_pt_top;
#define PT_TOP host_pt_top

#define PT_ENTRIES 512

#define HOST_PTE_TABLE  0x50u
#define HOST_PTE_LEAF   0xa0u
#define HOST_PTE_MARKER 0xc0u
#define HOST_PTE_CLASS  0xf0u
#define HOST_PTE_LEVEL  0x0fu
#define HOST_PTE_PROT   8
#define HOST_PTE_PROTS  0xfffu /* above HOST_PTE_PROT */
#define HOST_PTE_FRAME  20
#define HOST_PTE_PFNS   0xffffffffUL /* above HOST_PTE_FRAME, of a table or a leaf */
#define HOST_PTE_UFFD   (1ULL << 63) /* write-protected for userfaultfd */
#define HOST_PTE_SOFT   (1ULL << 62) /* soft-dirty */

static inline unsigned pt_shift(enum pt_level level)
{
        return PAGE_SHIFT + 9 * level;
}

static inline unsigned pt_index(u64 addr, enum pt_level level)
{
        return (addr >> pt_shift(level)) & (PT_ENTRIES - 1);
}

static inline unsigned host_pte_class(pte_t e)
{
        return e.v & HOST_PTE_CLASS;
}

/* Stops if `e` is an entry of another level. Markers live in PTE tables only. */
static inline void host_pte_check(pte_t e, enum pt_level level)
{
        if (e.v == 0)
                return;
        if (host_pte_class(e) == HOST_PTE_MARKER)
                CHECK(level == PT_PTE);
        else if ((e.v & HOST_PTE_LEVEL) != level)
                panic("page-table entry %#lx of level %u used as one of level %u",
                      (unsigned long)e.v, (unsigned)(e.v & HOST_PTE_LEVEL), level);
}

static inline pte_t pte_read(const pte_t *ptr)
{
        return (pte_t){ __atomic_load_n(&ptr->v, __ATOMIC_ACQUIRE) };
}

static inline void pte_write(pte_t *ptr, pte_t e, enum pt_level level)
{
        host_pte_check(e, level);
        host_pte_check(pte_read(ptr), level);
        __atomic_store_n(&ptr->v, e.v, __ATOMIC_RELEASE);
}

static inline pte_t pte_clear(pte_t *ptr, enum pt_level level)
{
        pte_t old = { __atomic_exchange_n(&ptr->v, 0, __ATOMIC_SEQ_CST) };

        host_pte_check(old, level);
        return old;
}

static inline pte_t pte_exchange(pte_t *ptr, pte_t e, enum pt_level level)
{
        pte_t old = { __atomic_exchange_n(&ptr->v, e.v, __ATOMIC_SEQ_CST) };

        host_pte_check(e, level);
        host_pte_check(old, level);
        return old;
}

static inline void pte_make_old(pte_t *ptr, enum pt_level level)
{
        host_pte_check(pte_read(ptr), level);
        __atomic_and_fetch(&ptr->v, ~((u64)PTE_PROT_YOUNG << HOST_PTE_PROT), __ATOMIC_SEQ_CST);
}

static inline pte_t pte_none(void)
{
        return (pte_t){ 0 };
}

static inline bool pte_is_none(pte_t e)
{
        return e.v == 0;
}

static inline bool pte_row_is_none(const pte_t *ptr)
{
        u64 any = 0;

        for (unsigned i = 0; i < PTE_ROW; i++)
                any |= pte_read(&ptr[i]).v;
        return any == 0;
}

static inline bool pte_is_table(pte_t e, enum pt_level level)
{
        host_pte_check(e, level);
        return host_pte_class(e) == HOST_PTE_TABLE;
}

static inline bool pte_is_leaf(pte_t e, enum pt_level level)
{
        host_pte_check(e, level);
        return host_pte_class(e) == HOST_PTE_LEAF;
}

static inline bool pte_is_present(pte_t e, enum pt_level level)
{
        return pte_is_table(e, level) || pte_is_leaf(e, level);
}

static inline pfn_t pte_pfn(pte_t e, enum pt_level level)
{
        CHECK(pte_is_present(e, level));
        return e.v >> HOST_PTE_FRAME & HOST_PTE_PFNS;
}

static inline pte_t pte_table(pfn_t pfn, enum pt_level level)
{
        CHECK(level != PT_PTE && level <= PT_TOP);
        return (pte_t){ pfn << HOST_PTE_FRAME | HOST_PTE_TABLE | level };
}

static inline pte_t pte_leaf(pfn_t pfn, unsigned prot, enum pt_level level)
{
        CHECK(level <= PT_PUD && prot <= HOST_PTE_PROTS);
        CHECK((pfn & ((1UL << 9 * level) - 1)) == 0);
        return (pte_t){ pfn << HOST_PTE_FRAME | (u64)prot << HOST_PTE_PROT | HOST_PTE_LEAF | level |
                        (prot & PTE_PROT_DIRTY ? HOST_PTE_SOFT : 0) };
}

/* The PTE_PROT_* bits of a leaf. */
static inline unsigned host_pte_prot(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return e.v >> HOST_PTE_PROT & HOST_PTE_PROTS;
}

static inline pte_t host_pte_with(pte_t e, unsigned set, unsigned clear, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return (pte_t){ (e.v & ~((u64)clear << HOST_PTE_PROT)) | (u64)set << HOST_PTE_PROT };
}

static inline bool pte_writable(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_W;
}

static inline bool pte_executable(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_X;
}

static inline bool pte_dirty(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_DIRTY;
}

static inline bool pte_young(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_YOUNG;
}

static inline bool pte_user(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_USER;
}

static inline unsigned pte_key(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) / PTE_PROT_KEY(1) & (PTE_KEYS - 1);
}

static inline bool pte_nocache(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_NOCACHE;
}

static inline bool pte_special(pte_t e, enum pt_level level)
{
        return host_pte_prot(e, level) & PTE_PROT_SPECIAL;
}

static inline pte_t pte_mkwrite(pte_t e, enum pt_level level)
{
        return host_pte_with(e, PTE_PROT_W, 0, level);
}

static inline pte_t pte_wrprotect(pte_t e, enum pt_level level)
{
        return host_pte_with(e, 0, PTE_PROT_W, level);
}

static inline pte_t pte_mkdirty(pte_t e, enum pt_level level)
{
        e = host_pte_with(e, PTE_PROT_DIRTY, 0, level);
        return (pte_t){ e.v | HOST_PTE_SOFT };
}

static inline pte_t pte_mkclean(pte_t e, enum pt_level level)
{
        return host_pte_with(e, 0, PTE_PROT_DIRTY, level);
}

static inline pte_t pte_mkyoung(pte_t e, enum pt_level level)
{
        return host_pte_with(e, PTE_PROT_YOUNG, 0, level);
}

static inline pte_t pte_mkold(pte_t e, enum pt_level level)
{
        return host_pte_with(e, 0, PTE_PROT_YOUNG, level);
}

static inline bool pte_soft_dirty(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return e.v & HOST_PTE_SOFT;
}

static inline pte_t pte_mk_soft_dirty(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return (pte_t){ e.v | HOST_PTE_SOFT };
}

static inline pte_t pte_clear_soft_dirty(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return (pte_t){ e.v & ~HOST_PTE_SOFT };
}

static inline bool pte_uffd_wp(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return e.v & HOST_PTE_UFFD;
}

static inline pte_t pte_mk_uffd_wp(pte_t e, enum pt_level level)
{
        e = pte_wrprotect(e, level);
        return (pte_t){ e.v | HOST_PTE_UFFD };
}

static inline pte_t pte_clear_uffd_wp(pte_t e, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        return (pte_t){ e.v & ~HOST_PTE_UFFD };
}

static inline pte_t pte_set_prot(pte_t e, unsigned prot, enum pt_level level)
{
        const unsigned kept = PTE_PROT_DIRTY | PTE_PROT_YOUNG | PTE_PROT_SPECIAL | PTE_PROT_NOCACHE;

        if (pte_uffd_wp(e, level))
                prot &= ~PTE_PROT_W;
        return host_pte_with(e, prot & ~kept, HOST_PTE_PROTS & ~kept, level);
}

static inline pte_t pte_leaf_beside(pte_t e, pfn_t pfn, enum pt_level level)
{
        CHECK(pte_is_leaf(e, level));
        CHECK((pfn & ((1UL << 9 * level) - 1)) == 0);
        return (pte_t){ pfn << HOST_PTE_FRAME | (e.v & ~(HOST_PTE_PFNS << HOST_PTE_FRAME)) };
}

static inline pte_t pte_leaf_below(pte_t e, pfn_t pfn, enum pt_level level)
{
        CHECK(level > PT_PTE && pte_is_leaf(e, level));
        CHECK((pfn & ((1UL << 9 * (level - 1)) - 1)) == 0);
        return (pte_t){ pfn << HOST_PTE_FRAME | ((e.v & ~(HOST_PTE_PFNS << HOST_PTE_FRAME)) - 1) };
}

static inline pte_t pte_marker(enum pte_marker_kind kind, u64 payload)
{
        CHECK(payload < 1ULL << (64 - HOST_PTE_FRAME));
        return (pte_t){ payload << HOST_PTE_FRAME | HOST_PTE_MARKER | kind };
}

static inline bool pte_is_marker(pte_t e)
{
        return host_pte_class(e) == HOST_PTE_MARKER;
}

static inline enum pte_marker_kind pte_marker_kind(pte_t e)
{
        CHECK(pte_is_marker(e));
        return e.v & HOST_PTE_LEVEL;
}

static inline u64 pte_marker_payload(pte_t e)
{
        CHECK(pte_is_marker(e));
        return e.v >> HOST_PTE_FRAME;
}

#endif
