/* SPDX-License-Identifier: MIT */
/* Scenarios of huge pages: faults, what splits them, moves, fork, MADV_COLLAPSE. nth.h. */
#include "tests/unit/nth.h"

#define FAULT_WHY \
        "tables and the anon_vma are made first and stay, and small pages will do, as on Linux"
#define PARTS_WHY    "each VMA of the range is changed by itself; Linux leaves those that are"
#define SHARED_WHY   "the parent's pages are write-protected one by one, and fault back"
#define COLLAPSE_WHY "huge pages are made one by one, and Linux keeps those that are"

/* Two huge pages from PMD_PAGES on, untouched; and written to. */
#define HUGE_AT PMD_PAGES
#define HUGE_N  (2 * PMD_PAGES)
#define MAPPED                                                       \
        { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW },                    \
        {                                                            \
                NTH_ADVISE, HUGE_AT, HUGE_N, .advice = MADV_HUGEPAGE \
        }
#define WRITTEN                                               \
        MAPPED,                                               \
        {                                                     \
                NTH_STORE, HUGE_AT, HUGE_N, .step = PMD_PAGES \
        }
#define SMALL                                           \
        { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW },       \
        {                                               \
                NTH_STORE, HUGE_AT, HUGE_N, .step = 100 \
        }

static const struct nth_scenario rows[] = {
        /* ---- faults */
        { .name = "first write to a huge page",
          .before = { MAPPED },
          .call = { NTH_STORE, HUGE_AT + 5, 1 },
          .leaves = NTH_LEAVES_TABLES | NTH_LEAVES_ANON | NTH_SWALLOWS,
          .why = FAULT_WHY },
        { .name = "first read of a huge page",
          .before = { MAPPED },
          .call = { NTH_LOAD, HUGE_AT + 5, 1 },
          .leaves = NTH_LEAVES_TABLES | NTH_LEAVES_ANON | NTH_SWALLOWS,
          .why = FAULT_WHY },
        { .name = "write to a huge page that fork shares",
          .before = { WRITTEN, { NTH_FORK } },
          .call = { NTH_STORE, HUGE_AT + 5, 1 },
          .leaves = NTH_LEAVES_PARTS,
          .why = "it is split first, and the copy of one page may fail, as on Linux" },
        { .name = "write to a huge page that a child has left",
          .before = { WRITTEN, { NTH_FORK }, { NTH_CHILD_ENDS } },
          .call = { NTH_STORE, HUGE_AT + 5, 1 } },
        { .name = "debugger's write to a read-only huge page",
          .before = { WRITTEN, { NTH_PROTECT, HUGE_AT, HUGE_N, .prot = PROT_READ } },
          .call = { NTH_POKE, HUGE_AT + 5, 1 } },

        /* ---- what splits */
        { .name = "munmap of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_UNMAP, HUGE_AT + 5, 3 } },
        { .name = "munmap across two huge pages",
          .before = { WRITTEN },
          .call = { NTH_UNMAP, HUGE_AT + 500, 30 } },
        { .name = "mprotect of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_PROTECT, HUGE_AT + 5, 3, .prot = PROT_READ } },
        { .name = "mprotect of a whole huge page",
          .before = { WRITTEN },
          .call = { NTH_PROTECT, HUGE_AT, PMD_PAGES, .prot = PROT_READ } },
        { .name = "mlock of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_LOCK, HUGE_AT + 5, 3 } },
        { .name = "madvise(DONTNEED) of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_ADVISE, HUGE_AT + 5, 3, .advice = MADV_DONTNEED } },
        { .name = "guards in a huge page",
          .before = { WRITTEN },
          .call = { NTH_ADVISE, HUGE_AT + 5, 3, .advice = MADV_GUARD_INSTALL } },
        { .name = "guards instead of a huge page, and beside it",
          .before = { { NTH_MAP, 0, 4 * PMD_PAGES, .prot = RW },
                      { NTH_ADVISE, 0, 4 * PMD_PAGES, .advice = MADV_HUGEPAGE },
                      { NTH_STORE, PMD_PAGES, 1 } },
          .call = { NTH_ADVISE, 0, 3 * PMD_PAGES, .advice = MADV_GUARD_INSTALL } },
        { .name = "madvise(NOHUGEPAGE) of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_ADVISE, HUGE_AT + 5, 3, .advice = MADV_NOHUGEPAGE },
          .fails = -EAGAIN },
        { .name = "mmap over a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_MAP, HUGE_AT + 5, 3, .prot = RW } },

        /* ---- mremap */
        { .name = "move of huge pages, aligned alike",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, PUD_FIRST, HUGE_N,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "move of huge pages by a page",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, PUD_FIRST + 1, HUGE_N,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "move that splits the edges",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT + 1, HUGE_N - 2, PUD_FIRST + 1, HUGE_N - 2,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "DONTUNMAP of huge pages",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, PUD_FIRST, HUGE_N,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP } },
        { .name = "DONTUNMAP of a part of a huge page",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT + 5, 3, PUD_FIRST, 3,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP } },
        { .name = "move onto a part of a huge page",
          .before = { WRITTEN, { NTH_MAP, 0, 9, .prot = RW }, { NTH_STORE, 0, 9 } },
          .call = { NTH_REMAP, 0, 9, HUGE_AT + 5, 9, .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "shrink into a huge page",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, 0, HUGE_N - 7 } },

        /* ---- fork, collapse */
        { .name = "fork of huge pages",
          .before = { WRITTEN },
          .call = { NTH_FORK_AGAIN },
          .leaves = NTH_LEAVES_RDONLY,
          .why = SHARED_WHY },
        { .name = "madvise(COLLAPSE) of two huge pages",
          .before = { SMALL },
          .call = { NTH_ADVISE, HUGE_AT, HUGE_N, .advice = MADV_COLLAPSE },
          .leaves = NTH_LEAVES_PARTS,
          .why = COLLAPSE_WHY },
        { .name = "madvise(COLLAPSE) of one huge page",
          .before = { SMALL },
          .call = { NTH_ADVISE, HUGE_AT, PMD_PAGES, .advice = MADV_COLLAPSE } },
        { .name = "madvise(COLLAPSE) of what fork shares",
          .before = { SMALL, { NTH_FORK } },
          .call = { NTH_ADVISE, HUGE_AT, PMD_PAGES, .advice = MADV_COLLAPSE } },
};

const struct nth_table nth_huge_table = { rows, ARRAY_SIZE(rows) };
