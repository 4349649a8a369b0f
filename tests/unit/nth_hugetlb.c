/* SPDX-License-Identifier: MIT */
/* Scenarios of hugetlb memory: promises, faults, moves, fork. nth.h. */
#include "tests/unit/nth.h"

#define TABLES_WHY "tables are made first and stay, as on Linux"
#define SHARED_WHY "the parent's pages are write-protected one by one, and fault back"

/* Two huge pages from PMD_PAGES on, of four that there are; written to. */
#define HUGE_AT PMD_PAGES
#define HUGE_N  (2 * PMD_PAGES)
#define POOL                     \
        {                        \
                NTH_POOL, .n = 4 \
        }
#define MAPPED                                                             \
        POOL,                                                              \
        {                                                                  \
                NTH_MAP, HUGE_AT, HUGE_N, .prot = RW, .flags = MAP_HUGETLB \
        }
#define SHARED                                                                          \
        POOL,                                                                           \
        {                                                                               \
                NTH_MAP, HUGE_AT, HUGE_N, .prot = RW, .flags = MAP_HUGETLB | MAP_SHARED \
        }
#define WRITTEN                                               \
        MAPPED,                                               \
        {                                                     \
                NTH_STORE, HUGE_AT, HUGE_N, .step = PMD_PAGES \
        }

static const struct nth_scenario rows[] = {
        { .name = "mmap of hugetlb memory",
          .before = { POOL },
          .call = { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW, .flags = MAP_HUGETLB } },
        { .name = "mmap of shared hugetlb memory",
          .before = { POOL },
          .call = { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW, .flags = MAP_HUGETLB | MAP_SHARED } },
        { .name = "mmap of hugetlb memory without promises",
          .before = { POOL },
          .call = { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW, .flags = MAP_HUGETLB | MAP_NORESERVE } },
        { .name = "mmap of hugetlb memory that has to be gathered",
          .before = { { NTH_POOL, .n = 1, .m = 4 } },
          .call = { NTH_MAP, HUGE_AT, 2 * HUGE_N, .prot = RW, .flags = MAP_HUGETLB } },
        { .name = "first write to hugetlb memory",
          .before = { MAPPED },
          .call = { NTH_STORE, HUGE_AT + 5, 1 },
          .leaves = NTH_LEAVES_TABLES,
          .why = TABLES_WHY },
        { .name = "first write to shared hugetlb memory",
          .before = { SHARED },
          .call = { NTH_STORE, HUGE_AT + 5, 1 },
          .leaves = NTH_LEAVES_TABLES,
          .why = TABLES_WHY },
        { .name = "write to hugetlb memory beyond the pool",
          .before = { { NTH_POOL, .n = 1, .m = 1 },
                      { NTH_MAP, HUGE_AT, HUGE_N, .prot = RW,
                        .flags = MAP_HUGETLB | MAP_NORESERVE },
                      { NTH_STORE, HUGE_AT, 1 } },
          .call = { NTH_STORE, HUGE_AT + PMD_PAGES, 1 },
          .fails = -EFAULT },
        { .name = "write to hugetlb memory that fork shares",
          .before = { WRITTEN, { NTH_FORK } },
          .call = { NTH_STORE, HUGE_AT + 5, 1 } },
        { .name = "munmap of one of two hugetlb pages",
          .before = { WRITTEN },
          .call = { NTH_UNMAP, HUGE_AT, PMD_PAGES } },
        { .name = "munmap in the middle of hugetlb memory",
          .before = { POOL,
                      { NTH_MAP, HUGE_AT, 3 * PMD_PAGES, .prot = RW, .flags = MAP_HUGETLB },
                      { NTH_STORE, HUGE_AT + PMD_PAGES, 1 } },
          .call = { NTH_UNMAP, HUGE_AT + PMD_PAGES, PMD_PAGES } },
        { .name = "mprotect of one of two hugetlb pages",
          .before = { WRITTEN },
          .call = { NTH_PROTECT, HUGE_AT, PMD_PAGES, .prot = PROT_READ } },
        { .name = "madvise(DONTNEED) of hugetlb memory",
          .before = { WRITTEN },
          .call = { NTH_ADVISE, HUGE_AT, HUGE_N, .advice = MADV_DONTNEED } },
        { .name = "madvise(REMOVE) of hugetlb memory",
          .before = { SHARED, { NTH_STORE, HUGE_AT, HUGE_N, .step = PMD_PAGES } },
          .call = { NTH_ADVISE, HUGE_AT, PMD_PAGES + 5, .advice = MADV_REMOVE } },
        { .name = "move of hugetlb memory",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, PUD_FIRST, HUGE_N,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "move of one of two hugetlb pages",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, PMD_PAGES, PUD_FIRST, PMD_PAGES,
                    .flags = MREMAP_MAYMOVE | MREMAP_FIXED } },
        { .name = "shrink of hugetlb memory",
          .before = { WRITTEN },
          .call = { NTH_REMAP, HUGE_AT, HUGE_N, 0, PMD_PAGES } },
        { .name = "fork of hugetlb memory",
          .before = { WRITTEN },
          .call = { NTH_FORK_AGAIN },
          .leaves = NTH_LEAVES_RDONLY,
          .why = SHARED_WHY },
};

const struct nth_table nth_hugetlb_table = { rows, ARRAY_SIZE(rows) };
