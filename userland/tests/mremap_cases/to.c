/* SPDX-License-Identifier: MIT */
/* To a place that is asked for: what is done before what, and so what a failure has destroyed. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

static const struct script_case cases[] = {
        { "mremap.fixed", "map 0 4 rw; write 0 4 A; map 10 6 r; mark; move 0 4 4 MF 11; counts" },
        { "mremap.fixed.middle", "map 0 6 rw; write 0 6 A; move 2 1 1 MF 20; move 4 1 1 MF 21" },
        { "mremap.fixed.half_onto",
          "map 0 2 rw; write 0 2 A; map 10 2 rw; write 10 2 X; move 0 2 2 MF 11; move 11 2 2 MF 9" },
        { "mremap.fixed.grow",
          "map 0 4 rw; write 0 4 A; map 20 8 rw; write 20 8 I; move 0 4 6 MF 21" },
        { "mremap.fixed.grow_below_itself",
          "map 10 3 rw; write 10 3 A; move 10 3 5 MF 5; move 5 5 6 MF 10" },
        { "mremap.fixed.shrink",
          "map 0 8 rw; write 0 8 A; map 20 8 rw; write 20 8 I; mark; move 0 8 4 MF 22; counts" },
        { "mremap.fixed.shrink_over_all",
          "map 0 4 rw; write 0 4 A; map 4 2 r; map 8 2 rw; move 1 8 2 MF 20" },
        { "mremap.fixed.rejoins", "map 0 8 rw; write 0 8 A; move 4 2 2 MF 20; move 20 2 2 MF 4" },
        { "mremap.fixed.onto_own_mapping",
          "map 0 8 rw; write 0 8 A; move 0 2 2 MF 2; move 6 2 2 MF 4" },
        { "mremap.fixed.again",
          "map 0 2 rw; write 0 2 A; move 0 2 2 MF 10; move 10 2 2 MF 20; move 20 2 2 MF 0; touch r 10" },
        { "mremap.fixed.target_sealed",
          "map 0 4 rw; write 0 4 A; map 10 4 rw; write 10 4 E; seal 12 1; move 0 4 4 MF 11" },
        { "mremap.fixed.target_sealed_behind",
          "map 0 6 rw; write 0 6 A; map 10 2 rw; map 12 2 r; map 15 1 rw; seal 15 1; move 0 6 6 MF 11" },
        { "mremap.fixed.tail_outside",
          "map 40 4 rw; write 40 4 A; map 10 4 rw; write 10 4 E; move 40 top 2 MF 10; move 40 top 2 MF 60" },
        { "mremap.fixed.tail_sealed",
          "map 0 4 rw; write 0 4 A; map 6 2 rw; seal 6 2; map 20 4 rw; write 20 4 E; move 0 8 2 MF 20" },
        { "mremap.fixed.zero",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MF 0x0; look 0x0 4; move 0x0 4 4 MF 10" },
        { "mremap.fixed.zero_unprivileged",
          "map 0 8 rw; write 0 8 A; nobody; move 0 8 4 MF 0x0; move 0 4 4 MF 0x0; move 0 4 4 MF 0x1000; "
          "look 0x1000 4" },
        { "mremap.fixed.grow_as",
          "map 0 4 rw; map 20 8 rw; write 20 8 A; limit as 0; move 0 4 5 MF 20" },
        { "mremap.fixed.grow_overcommit",
          "map 0 2 rw; write 0 2 A; map 50 2 rw; write 50 2 C; move 0 2 0x200000000000 MF 50" },
        { "mremap.fixed.file",
          "object memfd 8; map 0 4 rw shared memfd @2; map 20 4 rw memfd @1; write 21 1 P; move 1 2 2 MF 10; move 20 4 6 MF 30" },
        { "mremap.fixed.exec",
          "map 0 1 rwx; touch x 0; map 2 1 rx; move 2 1 1 MF 5; move 0 1 1 MF 8" },
        { "mremap.fixed.no_access",
          "map 0 4 rw; write 0 4 A; protect 0 4 -; move 0 4 4 MF 10; touch r 10; protect 10 4 rw" },
        { "mremap.fixed.old_place",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MF 10; touch r 0; touch w 3" },
        { "mremap.fixed.untouched",
          "map 0 8 rw; write 1 1 B; write 6 1 G; mark; move 0 8 8 MF 20; counts; incore 20 8" },
        { "mremap.fixed.read_only_pages",
          "map 0 4 rw; read 0 2; write 2 2 C; protect 0 4 r; move 0 4 4 MF 10; touch w 10; protect 10 4 rw; write 10 2 P" },
        { "mremap.keep.order",
          "map 0 4 rw; write 0 4 A; map 20 4 r; limit as 3; move 0 4 4 MD; move 0 4 4 MFD 18; move 0 3 3 MFD 20" },
        { "mremap.keep.order_data",
          "map 0 4 rw; write 0 4 A; map 20 4 r; limit data 3; move 0 4 4 MFD 20; move 0 3 3 MFD 30" },
        { "mremap.keep.noreserve_uncharged",
          "map 0 2 rw noreserve; move 0 2 0x200000000000 0; map 0x300000000000 1 rw; "
          "move 0 0x200000000000 0x200000000000 MFD 0x300000000000; look 0x300000000000 1; "
          "unmap 0x300000000000 0x200000000000; move 0 0x200000000000 1 0" },
        { "mremap.keep.hint",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MD 10; move 10 4 4 MD 14; move 14 4 4 MD 1; look $ 4" },
        { "mremap.keep.hint_low", "map 0 4 rw; write 0 4 A; move 0 4 4 MD 0x1000; look 0x1000 4" },
        { "mremap.keep.hint_taken",
          "map 0 512 rw; map 600 1 rw; write 0 2 A; move 0 512 512 MD 600; look $ 2" },
        { "mremap.keep.hint_own_mapping", "map 0 8 rw; write 0 8 A; move 0 2 2 MD 4; look $ 2" },
        { "mremap.keep.hint_below_stack",
          "map 0 1 rw; write 0 1 A; map 400 2 rw down; move 0 1 1 MD 143; move 0 1 1 MD 144; look $ 1" },
        { "mremap.keep.no_hint",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MD; look $ 4; map 0 512 rw; move 0 512 512 MD" },
};

void mremap_to(void)
{
        RUN_CASES(cases);
}
