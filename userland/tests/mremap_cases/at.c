/* SPDX-License-Identifier: MIT */
/* Where the mapping is: nothing to do, shrinking, growing, and growing by moving away. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

static const struct script_case shrinking[] = {
        { "mremap.shrink",
          "map 0 8 rw; write 0 8 A; mark; move 0 8 5 0; counts; move 0 5 2 M; counts" },
        { "mremap.shrink.middle", "map 0 8 rw; write 0 8 A; move 2 3 1 0" },
        { "mremap.shrink.over_all",
          "map 0 4 rw; write 0 4 A; map 4 2 r; map 8 4 rw; write 8 4 I; move 2 8 1 0" },
        { "mremap.shrink.outside", "map 0 4 rw; write 0 4 A; move 0 top 2 0; move 0 max-1 2 M" },
        { "mremap.shrink.sealed", "map 0 4 rw; write 0 4 A; map 6 2 rw; seal 6 2; move 0 8 2 0" },
        { "mremap.shrink.shared", "map 0 4 rw shared; write 0 4 A; move 0 4 2 0; move 0 2 4 0" },
        { "mremap.shrink.file",
          "object memfd 4; map 0 4 rw memfd; write 1 2 P; move 0 4 2 0; move 0 2 4 0" },
        { "mremap.shrink.locked", "map 0 4 rw locked; mark; move 0 4 1 0; counts" },
        { "mremap.shrink.down", "map 4 4 rw down; write 4 4 A; move 4 4 2 0; touch w 3" },
};

static const struct script_case growing[] = {
        { "mremap.grow",
          "map 0 4 rw; write 0 4 A; mark; move 0 4 8 0; counts; write 4 4 E; move 2 6 8 M" },
        { "mremap.grow.not_at_the_end", "map 0 4 rw; move 0 2 3 0; move 0 3 5 0" },
        { "mremap.grow.neighbour", "map 0 4 rw; map 6 1 r; move 0 4 7 0; move 0 4 6 0" },
        { "mremap.grow.touches_stack", "map 0 2 rw; map 4 2 rw down; move 0 2 4 0" },
        { "mremap.grow.stack_itself",
          "map 10 2 rw down; write 10 2 A; move 10 2 4 0; write 9 1 Z" },
        { "mremap.grow.no_access",
          "map 0 2 -; map 10 2 r; move 0 2 4 0; move 10 2 4 0; touch r 3; touch w 13" },
        { "mremap.grow.overcommit",
          "map 0 2 rw; write 0 2 A; move 0 2 0x400000000000 0; move 0 2 0x400000000000 M; move 0 2 0x700000000000 M" },
        { "mremap.grow.overcommit_not_charged",
          "map 0 2 r; move 0 2 0x400000000000 0; move 0 0x400000000000 2 0; "
          "map 10 2 rw noreserve; move 10 2 0x400000000000 0; move 10 0x400000000000 1 0" },
        { "mremap.grow.locked", "map 0 2 rw locked; mark; move 0 2 4 0; incore 0 4; counts" },
        { "mremap.grow.onfault",
          "map 0 2 rw; onfault 0 2; mark; move 0 2 4 0; incore 0 4; counts; map 4 1 r; move 0 4 6 MF 10; incore 10 6; counts" },
        { "mremap.grow.future", "map 0 2 rw; lockall 2; move 0 2 4 0; incore 0 4" },
        { "mremap.grow.populate", "map 0 2 rw populate; move 0 2 4 0; incore 0 4" },
        { "mremap.grow.locked_file",
          "object memfd 2; map 0 2 rw shared memfd locked; mark; move 0 2 4 0; counts; touch r 2" },
        { "mremap.grow.locked_no_access", "map 0 2 - locked; mark; move 0 2 4 0; counts" },
        { "mremap.grow.file",
          "object memfd 2; map 0 2 rw shared memfd; move 0 2 4 0; touch r 2; resize memfd 4; touch r 2; touch w 3" },
        { "mremap.grow.file_private",
          "object memfd 4; map 0 2 rw memfd; write 1 1 P; move 0 2 4 0; write 3 1 Q; map 10 4 r shared memfd" },
        { "mremap.grow.shared", "map 0 2 rw shared; write 0 2 A; move 0 2 4 0; touch r 2" },
        { "mremap.grow.zero", "map 0 2 rw zero; write 0 2 A; move 0 2 4 0; write 3 1 D" },
        { "mremap.grow.sealed_next",
          "map 0 2 rw; map 2 2 rw; seal 2 2; move 0 2 3 0; move 0 2 2 0" },
};

static const struct script_case moving[] = {
        { "mremap.away",
          "map 0 4 rw; write 0 4 A; map 4 1 r; mark; move 0 4 6 M; counts; look $ 6" },
        { "mremap.away.middle", "map 0 6 rw; write 0 6 A; move 2 2 3 M; look $ 3" },
        { "mremap.away.next",
          "map 0 2 rw; map 2 2 r; move 0 2 3 M; map 0 1 rw any; map 0 2 rw; move 0 2 4 M" },
        { "mremap.away.aligned",
          "map 0 1 rw; write 0 1 A; map 1 1 r; move 0 1 512 M; look $ 2; move $ 512 1024 0; map 0 1 rw; move 0 1 511 M; "
          "map 0 1 rw; move 0 1 513 M" },
        { "mremap.away.aligned_odd_pgoff",
          "map 0 1 rw; write 0 1 A; move 0 1 1 MF 7; map 8 1 r; move 7 1 1024 M" },
        { "mremap.away.shared_plain", "map 0 512 rw shared; map 512 1 r; move 0 512 1024 M" },
        { "mremap.away.file",
          "object memfd 8; map 0 2 rw shared memfd @2; map 2 1 r; move 0 2 4 M; look $ 4" },
        { "mremap.away.locked",
          "map 0 2 rw locked; map 2 1 r; mark; move 0 2 4 M; incore $ 4; counts; look $ 4" },
        { "mremap.away.low",
          "map 0 2 rw any low; move $ 2 2 M; map $+2 1 r; move $ 2 4 M; look $ 4" },
        { "mremap.away.fixed_argument", "map 0 2 rw; map 2 1 r; move 0 2 4 M 20.7; look $ 4" },
        { "mremap.away.untouched",
          "map 0 6 rw; write 1 1 B; write 4 1 E; map 6 1 -; move 0 6 9 M; look $ 9" },
        { "mremap.away.down",
          "map 300 2 rw down; write 300 2 A; map 302 1 r; move 300 2 4 M; look $ 4" },
        { "mremap.away.too_long",
          "map 0 2 r; map 2 1 rw; move 0 2 top-1 M; move 0 2 0x7f0000000000 0" },
};

void mremap_at(void)
{
        RUN_CASES(shrinking);
        RUN_CASES(growing);
        RUN_CASES(moving);
}
