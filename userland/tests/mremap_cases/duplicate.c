/* SPDX-License-Identifier: MIT */
/* An old length of 0: a second mapping of shared memory. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

static const struct script_case cases[] = {
        { "mremap.dup",
          "map 0 4 rw shared; write 0 4 A; mark; move 0 0 4 MF 10; counts; write 11 1 X" },
        { "mremap.dup.in_place", "map 0 4 rw shared; move 0 0 4 0; move 3 0 1 0" },
        { "mremap.dup.chosen", "map 0 4 rw shared; write 0 4 A; move 1 0 2 M; look $ 2" },
        { "mremap.dup.offset",
          "map 0 4 rw shared; write 0 4 A; move 2 0 2 MF 20; move 20 0 1 MF 30" },
        { "mremap.dup.past_the_end",
          "map 0 4 rw shared; write 0 4 A; move 2 0 4 MF 20; touch r 21; touch r 22" },
        { "mremap.dup.onto_itself", "map 0 4 rw shared; write 0 4 A; move 0 0 2 MF 0" },
        { "mremap.dup.onto_middle", "map 0 4 rw shared; write 0 4 A; move 0 0 2 MF 2" },
        { "mremap.dup.beside", "map 0 4 rw shared; write 0 4 A; move 0 0 4 MF 4; move 2 0 2 MF 8" },
        { "mremap.dup.merges",
          "object memfd 8; map 0 2 rw shared memfd; map 10 2 rw shared memfd @2; move 10 0 2 MF 2" },
        { "mremap.dup.memfd",
          "object memfd 4; map 0 2 rw shared memfd @1; move 0 0 3 MF 10; write 10 1 P" },
        { "mremap.dup.file",
          "object file 4; map 0 4 rw shared file; move 1 0 2 MF 10; write 10 1 P" },
        { "mremap.dup.read_only",
          "object file 4; map 0 4 r shared file; move 0 0 4 MF 10; touch w 10" },
        { "mremap.dup.sealed", "map 0 4 rw shared; seal 0 4; move 0 0 4 M" },
        { "mremap.dup.locked",
          "map 0 4 rw shared locked; mark; move 0 0 4 MF 10; counts; incore 10 4" },
        { "mremap.dup.limit",
          "map 0 4 rw shared; write 0 4 A; limit as 3; move 0 0 4 MF 10; move 0 0 3 MF 10" },
        { "mremap.dup.keep", "map 0 4 rw shared; move 0 0 4 MFD 10; move 0 0 4 MD" },
        { "mremap.dup.target_replaced",
          "map 0 4 rw shared; write 0 4 A; map 10 6 rw; write 10 6 P; move 0 0 4 MF 11" },
        { "mremap.dup.outlives",
          "map 0 4 rw shared; write 0 4 A; move 0 0 4 MF 10; unmap 0 4; move 10 0 4 MF 0; unmap 10 4" },
};

void mremap_duplicate(void)
{
        RUN_CASES(cases);
}
