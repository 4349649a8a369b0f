/* SPDX-License-Identifier: MIT */
/* Scenarios of userfaultfd: registering, filling, protecting, and what tells of
 * changes. nth.h. */
#include "mm/uffd.h"
#include "tests/unit/nth.h"

#define EVENTS                                                                           \
        (UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_UNMAP | \
         UFFD_FEATURE_EVENT_REMOVE)
#define REGISTER(page_, n_, modes_, features_)                                   \
        {                                                                        \
                NTH_UFFD_REGISTER, page_, n_, .prot = modes_, .flags = features_ \
        }
#define FILL_WHY "page by page: what has been filled stays, as on Linux"

static const struct nth_scenario rows[] = {
        { .name = "register a piece",
          .strip = "AAAA----",
          .before = { REGISTER(7, 1, VM_UFFD_MISSING, 0) },
          .call = REGISTER(2, 3, VM_UFFD_MISSING, 0) },
        { .name = "register what then joins its neighbours",
          .strip = "--------",
          .before = { REGISTER(0, 3, VM_UFFD_MISSING, 0), REGISTER(5, 3, VM_UFFD_MISSING, 0) },
          .call = REGISTER(3, 2, VM_UFFD_MISSING, 0) },
        { .name = "unregister the middle",
          .strip = "AA------",
          .before = { REGISTER(0, 8, VM_UFFD_MISSING | VM_UFFD_WP, 0), { NTH_UFFD_PROTECT, 0, 8 } },
          .call = { NTH_UFFD_UNREGISTER, 1, 3 } },
        { .name = "copy into private memory",
          .strip = "A-------",
          .before = { REGISTER(0, 8, VM_UFFD_MISSING, 0) },
          .call = { NTH_UFFD_FILL, 2, 3, .flags = UFFD_COPY },
          .leaves = NTH_LEAVES_PARTS | NTH_LEAVES_ANON | NTH_LEAVES_TABLES,
          .why = FILL_WHY },
        { .name = "copy into a memfd",
          .before = { { NTH_MAP, 0, 8, .prot = RW, .flags = MAP_SHARED, .file = NTH_MEMFD },
                      REGISTER(0, 8, VM_UFFD_MISSING, 0) },
          .call = { NTH_UFFD_FILL, 2, 3, .flags = UFFD_COPY, .file = NTH_MEMFD },
          .leaves = NTH_LEAVES_PARTS | NTH_LEAVES_TABLES,
          .why = FILL_WHY },
        { .name = "zero pages and poison",
          .strip = "--------",
          .before = { REGISTER(0, 8, VM_UFFD_MISSING, 0) },
          .call = { NTH_UFFD_FILL, 2, 1, .flags = UFFD_POISON },
          .leaves = NTH_LEAVES_ANON | NTH_LEAVES_TABLES,
          .why = FILL_WHY },
        { .name = "protect what is not there",
          .strip = "A-------",
          .before = { REGISTER(0, 8, VM_UFFD_WP, UFFD_FEATURE_WP_UNPOPULATED) },
          .call = { NTH_UFFD_PROTECT, 0, 8 } },
        { .name = "move pages to where there is no table",
          .strip = "AAAA",
          .before = { { NTH_MAP, PMD_PAGES, 4, .prot = RW },
                      REGISTER(PMD_PAGES, 4, VM_UFFD_MISSING, 0) },
          .call = { NTH_UFFD_MOVE, 0, 4, .to = PMD_PAGES },
          .leaves = NTH_LEAVES_ANON | NTH_LEAVES_TABLES,
          .why = FILL_WHY },
        { .name = "move a huge page to where there is no table",
          .before = { { NTH_MAP, PMD_PAGES, PMD_PAGES, .prot = RW },
                      { NTH_ADVISE, PMD_PAGES, PMD_PAGES, .advice = MADV_HUGEPAGE },
                      { NTH_STORE, PMD_PAGES, 1 },
                      { NTH_MAP, PUD_FIRST, PMD_PAGES, .prot = RW },
                      REGISTER(PUD_FIRST, PMD_PAGES, VM_UFFD_MISSING, 0) },
          .call = { NTH_UFFD_MOVE, PMD_PAGES, PMD_PAGES, .to = PUD_FIRST },
          .leaves = NTH_LEAVES_ANON | NTH_LEAVES_TABLES,
          .why = FILL_WHY },
        { .name = "munmap of registered memory, told",
          .strip = "AAAAAAAA",
          .before = { REGISTER(1, 6, VM_UFFD_MISSING, EVENTS) },
          .call = { NTH_UNMAP, 3, 2 } },
        { .name = "mremap of registered memory, told",
          .strip = "AAAAAAAA",
          .before = { REGISTER(0, 8, VM_UFFD_MISSING, EVENTS) },
          .call = { NTH_REMAP, 2, 3, .flags = MREMAP_MAYMOVE | MREMAP_FIXED, .to = 20 } },
        { .name = "mremap onto registered memory, told",
          .strip = "AAAA....AAAA",
          .before = { REGISTER(0, 4, VM_UFFD_MISSING, EVENTS), REGISTER(8, 4, VM_UFFD_WP, 0) },
          .call = { NTH_REMAP, 0, 4, .flags = MREMAP_MAYMOVE | MREMAP_FIXED, .to = 8, .m = 2 } },
        { .name = "mremap(DONTUNMAP) of protected memory, untold",
          .strip = "AAAA",
          .before = { REGISTER(0, 4, VM_UFFD_WP, 0), { NTH_UFFD_PROTECT, 0, 4 } },
          .call = { NTH_REMAP, 0, 4, .flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                    .to = 20 } },
        { .name = "madvise(DONTNEED) of registered memory, told",
          .strip = "AAAA",
          .before = { REGISTER(0, 4, VM_UFFD_MISSING, EVENTS) },
          .call = { NTH_ADVISE, 1, 2, .advice = MADV_DONTNEED } },
        { .name = "fork of registered memory, told",
          .strip = "AAAA----",
          .before = { REGISTER(0, 6, VM_UFFD_WP, EVENTS), { NTH_UFFD_PROTECT, 0, 4 } },
          .call = { NTH_FORK_AGAIN },
          .leaves = NTH_LEAVES_RDONLY,
          .why = "entries are shared one by one" },
};

const struct nth_table nth_uffd_table = { rows, ARRAY_SIZE(rows) };
