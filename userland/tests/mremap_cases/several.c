/* SPDX-License-Identifier: MIT */
/* MREMAP_FIXED with equal lengths: as many mappings as there are in the range, holes included. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

/* Two mappings that cannot merge, a hole, and a third. */
#define THREE "map 0 2 rw; map 2 2 rw; write 0 4 A; protect 2 2 r; map 6 2 rw; write 6 2 G; "

static const struct script_case cases[] = {
        { "mremap.multi", THREE "mark; move 0 8 8 MF 20; counts; move 20 8 8 MF 0" },
        { "mremap.multi.cut", THREE "move 1 6 6 MF 20" },
        { "mremap.multi.cut_one", "map 0 6 rw; write 0 6 A; move 1 4 4 MF 20; move 21 2 2 MF 40" },
        { "mremap.multi.under_a_hole", THREE "map 20 12 rw; write 20 12 I; move 0 8 8 MF 22" },
        { "mremap.multi.under_trailing_hole",
          "map 0 2 rw; write 0 2 A; map 20 8 rw; write 20 8 I; move 0 6 6 MF 21" },
        { "mremap.multi.hole_first",
          THREE "move 4 4 4 MF 20; move 5 1 1 MF 20; map 20 4 rw; move 4 2 2 MF 20" },
        { "mremap.multi.hole_last", THREE "move 6 80 80 MF 100" },
        { "mremap.multi.past_everything",
          THREE "move 6 0x10000000000 0x10000000000 MF 0x20000000000; look 0x20000000000 2" },
        { "mremap.multi.overlap", THREE "move 0 8 8 MF 4; move 0 8 8 MF 7; move 0 8 8 MF 8" },
        { "mremap.multi.touching", THREE "move 0 8 8 MF 8; move 8 8 8 MF 0" },
        { "mremap.multi.sealed_second",
          "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 E; seal 4 2; map 20 8 rw; write 20 8 I; move 0 6 6 MF 20" },
        { "mremap.multi.sealed_first",
          "map 0 2 rw; write 0 2 A; seal 0 2; map 4 2 rw; map 20 8 rw; move 0 6 6 MF 20" },
        { "mremap.multi.target_sealed",
          "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 E; map 20 2 rw; map 24 2 rw; seal 25 1; move 0 6 6 MF 20" },
        { "mremap.multi.target_sealed_under_hole",
          "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 E; map 20 6 rw; seal 22 2; move 0 6 6 MF 20" },
        { "mremap.multi.keep", THREE "mark; move 0 8 8 MFD 20; counts" },
        { "mremap.multi.keep_hint", THREE "move 0 4 4 MD 20; move 0 8 8 MD; move 0 2 2 MD 20" },
        { "mremap.multi.keep_limit", THREE "map 20 8 r; limit as 3; move 0 8 8 MFD 20" },
        { "mremap.multi.resize", THREE "move 0 4 5 MF 20; move 0 8 9 MF 20; move 0 8 1 MF 20" },
        { "mremap.multi.shrink_within_first", THREE "move 0 8 2 MF 20" },
        { "mremap.multi.rounded", THREE "move 0 7.1 7.5 MF 20" },
        { "mremap.multi.kinds",
          "object memfd 4; object file 4; map 0 2 rw; write 0 2 A; map 2 2 rw shared memfd; map 4 2 rw file @1; write 4 1 P; "
          "map 6 2 rw shared; write 6 2 Q; map 10 2 -; map 12 2 r file; move 0 14 14 MF 20; touch r 20; write 26 2 X" },
        { "mremap.multi.apart.second",
          "map 0 2 rw; write 0 2 A; map 2 2 rw zero; map 4 2 rw; map 20 6 r; move 0 6 6 MF 20" },
        { "mremap.multi.apart.first",
          "map 0 2 rw zero; map 2 2 rw; move 0 4 4 MF 20; move 0 3 3 MF 20; move 0 2 2 MF 20" },
        { "mremap.multi.apart.trailing_hole",
          "map 0 2 rw zero; move 0 3 3 MF 20; move 1 1 1 MF 20; move 0 1 1 MF 22" },
        { "mremap.multi.locked",
          "map 0 2 rw locked; map 4 2 rw; onfault 4 2; map 6 2 rw; mark; move 0 8 8 MF 20; counts; incore 24 4" },
        { "mremap.multi.unfaulted",
          "map 0 2 rw; map 4 2 rw; map 8 2 rw; write 4 1 E; move 0 10 10 MF 20; map 22 2 rw; map 26 2 rw" },
        { "mremap.multi.merges_there", "map 0 2 rw; map 4 2 rw; map 22 2 rw; move 0 6 6 MF 20" },
        { "mremap.multi.down",
          "map 300 2 rw down; write 300 2 A; map 304 2 rw; write 304 2 C; move 300 6 6 MF 900; look 900 6; touch w 899; look 899 7" },
        { "mremap.multi.back_and_forth",
          THREE "move 0 8 8 MF 30; move 30 8 8 MF 11; move 11 8 8 MF 0; protect 2 2 rw" },
        { "mremap.multi.in_child", THREE "child; move 0 8 8 MF 20; write 26 1 X; end" },
        { "mremap.multi.alternating",
          "map 0 16 rw; write 0 16 A; unmap 1 1; unmap 3 1; unmap 5 1; unmap 7 1; protect 9 1 r; protect 11 1 -; "
          "move 0 16 16 MF 30; move 30 16 16 MF 47" },
        { "mremap.multi.first_ends_at_once",
          "map 0 2 rw; write 0 2 A; map 2 2 r; move 1 2 2 MF 20" },
};

void mremap_several(void)
{
        RUN_CASES(cases);
}
