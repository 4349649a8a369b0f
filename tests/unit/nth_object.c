/* SPDX-License-Identifier: MIT */
/* Scenarios of files in memory: what memfds and files of tmpfs are made of. nth.h. */
#include "tests/unit/nth.h"

#define WRITE_WHY "what is written before the failure stays written, as on Linux"

static const struct nth_scenario rows[] = {
        { .name = "write to a memfd", .call = { NTH_FILE_WRITE, 3, 1, .file = NTH_MEMFD } },
        { .name = "write far into a memfd",
          .call = { NTH_FILE_WRITE, 1 << 20, 1, .file = NTH_MEMFD } },
        { .name = "write to many pages of a memfd",
          .call = { NTH_FILE_WRITE, 0, 64, .file = NTH_MEMFD },
          .leaves = NTH_LEAVES_PARTS,
          .why = WRITE_WHY },
        { .name = "write over what is there",
          .before = { { NTH_FILE_WRITE, 0, 8, .file = NTH_MEMFD } },
          .call = { NTH_FILE_WRITE, 2, 4, .file = NTH_MEMFD } },
        { .name = "allocation of a page", .call = { NTH_FILE_ALLOCATE, 3, 1, .file = NTH_MEMFD } },
        { .name = "allocation of many pages",
          .call = { NTH_FILE_ALLOCATE, 0, 200, .file = NTH_MEMFD } },
        { .name = "allocation of pages far apart",
          .before = { { NTH_FILE_WRITE, 0, 4, .file = NTH_MEMFD } },
          .call = { NTH_FILE_ALLOCATE, 1 << 16, 70, .file = NTH_MEMFD } },
        { .name = "allocation of what is partly there",
          .before = { { NTH_FILE_WRITE, 5, 10, .file = NTH_MEMFD } },
          .call = { NTH_FILE_ALLOCATE, 0, 64, .file = NTH_MEMFD } },
        { .name = "truncation of a mapped memfd",
          .before = { { NTH_MAP, 0, 16, .prot = RW, .flags = MAP_SHARED, .file = NTH_MEMFD },
                      { NTH_STORE, 0, 16 } },
          .call = { NTH_FILE_TRUNCATE, 0, 5, .file = NTH_MEMFD } },
        { .name = "truncation of a mapped file that was copied",
          .before = { { NTH_MAP, 0, 16, .prot = RW, .file = NTH_REGULAR },
                      { NTH_STORE, 0, 16 },
                      { NTH_FORK } },
          .call = { NTH_FILE_TRUNCATE, 0, 5, .file = NTH_REGULAR } },
        { .name = "a hole in a mapped memfd",
          .before = { { NTH_MAP, 0, 16, .prot = RW, .flags = MAP_SHARED, .file = NTH_MEMFD },
                      { NTH_STORE, 0, 16 } },
          .call = { NTH_FILE_PUNCH, 3, 5, .file = NTH_MEMFD } },
        { .name = "write to a mapped memfd",
          .before = { { NTH_MAP, 0, 16, .prot = RW, .flags = MAP_SHARED, .file = NTH_MEMFD },
                      { NTH_STORE, 0, 8 } },
          .call = { NTH_FILE_WRITE, 12, 1, .file = NTH_MEMFD } },
};

const struct nth_table nth_object_table = { rows, ARRAY_SIZE(rows) };
