/* SPDX-License-Identifier: MIT */
/* What Linux does at a limit that one would not expect: edges.h. */
#include "tests/fault/edges.h"

#define SPLIT_WHY "the split where the range begins stays when the one at its end is refused"
#define OVER_WHY  "what is to be replaced is split off first, and stays so"
#define OBJECT_WHY \
        "the object is charged when its place is empty, which it stays; nothing is credited"
#define TARGET_WHY   "the target is unmapped before the limit is asked"
#define VMAS_WHY     "each VMA of the range is moved by itself; those that have moved stay there"
#define CREDIT_WHY   "the limit is asked before the target is unmapped, and nothing is credited"
#define FORK_WHY     "the child is charged as its parent is, and has ended"
#define NOUGHT_WHY   "a limit of 0 is the right to lock nothing, at any time"
#define STACK_WHY    "this limit is for a stack that grows"
#define ANON_WHY     "a stack that may not grow has its anon_vma all the same"
#define POPULATE_WHY "pages are filled in when all is done, errors forgotten"

const struct edge_exception edge_exceptions[] = {
        { "mprotect", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "mlock", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "munlock", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "mseal", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "madvise(", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "register a piece", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "unregister the middle", EDGE_MAPS, EDGE_LEAVES_PARTS, SPLIT_WHY },
        { "mmap over", EDGE_AS, EDGE_LEAVES_PARTS, OVER_WHY },
        { "mmap over", EDGE_DATA, EDGE_LEAVES_PARTS, OVER_WHY },
        { "mmap of shared memory over", EDGE_AS, EDGE_LEAVES_PARTS, OVER_WHY },
        { "mmap of shared memory over", EDGE_DATA, EDGE_LEAVES_PARTS, OVER_WHY },
        { "remap_file_pages", EDGE_AS, EDGE_LEAVES_PARTS, OVER_WHY },
        { "remap_file_pages", EDGE_DATA, EDGE_LEAVES_PARTS, OVER_WHY },
        { "mmap over", EDGE_COMMIT, EDGE_LEAVES_PARTS, OVER_WHY },
        { "mmap of shared memory over", EDGE_COMMIT, EDGE_LEAVES_PARTS | EDGE_WANTS_MORE,
          OBJECT_WHY },
        { "mremap leaves the source, over a mapping", EDGE_AS, EDGE_LEAVES_PARTS, TARGET_WHY },
        { "mremap leaves the source, over a mapping", EDGE_DATA, EDGE_LEAVES_PARTS, TARGET_WHY },
        { "mremap leaves the source, over a mapping", EDGE_COMMIT, EDGE_LEAVES_PARTS, TARGET_WHY },
        { "mremap moves VMAs, leaving the source", EDGE_AS, EDGE_LEAVES_PARTS, VMAS_WHY },
        { "mremap moves VMAs, leaving the source", EDGE_DATA, EDGE_LEAVES_PARTS, VMAS_WHY },
        { "mremap maps", EDGE_AS, EDGE_WANTS_MORE, CREDIT_WHY },
        { "fork", EDGE_COMMIT, EDGE_WANTS_MORE, FORK_WHY },
        { "mlockall of what comes", EDGE_MEMLOCK, EDGE_WANTS_MORE, NOUGHT_WHY },
        { "an untouched stack grows", EDGE_AS, EDGE_LEAVES_PARTS, ANON_WHY },
        { "an untouched stack grows", EDGE_STACK, EDGE_LEAVES_PARTS, ANON_WHY },
        { "mmap of a stack", EDGE_STACK, EDGE_WANTS_MORE, STACK_WHY },
        { "mmap of a shared memfd with MAP_POPULATE", EDGE_COMMIT, EDGE_WANTS_MORE, POPULATE_WHY },
        { "remap_file_pages of a memfd", EDGE_COMMIT, EDGE_WANTS_MORE, POPULATE_WHY },
};
const unsigned edge_nr_exceptions = ARRAY_SIZE(edge_exceptions);
