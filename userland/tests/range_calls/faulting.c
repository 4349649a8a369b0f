/* SPDX-License-Identifier: MIT */
/* What an access comes to, and truncation under a mapping. */
#include "userland/tests/lib/script.h"
#include "userland/tests/range_calls/parts.h"

static const struct script_case cases[] = {
        { "fault.nothing", "map 2 1 rw; touch r 1; touch w 3; touch x 1" },
        { "fault.no_access", "map 0 1 -; touch r 0; touch w 0; touch x 0; touch r 0.5" },
        { "fault.read_only", "map 0 1 r; touch w 0; touch w 0.8; touch x 0; touch r 0" },
        { "fault.write_only", "map 0 1 w; touch r 0; touch w 0" },
        { "fault.no_exec", "map 0 1 rw; touch x 0" },
        { "fault.kernel",
          "touch r 0xffffffff81000000; touch w 0xffff888000000000; touch r top; touch r 0xffffffffff600000" },
        { "fault.non_canonical",
          "touch r 0x800000000000; touch w 0xffff700000000000; touch r 0x8000000000000000" },
        { "fault.past_the_end",
          "object memfd 1; map 0 3 rw shared memfd; touch r 1; touch w 2; map 4 3 rw memfd; touch r 5; touch w 6; resize memfd 2; touch r 1; touch r 2; touch w 5" },
        { "fault.part_of_a_page",
          "object memfd 1; resize memfd 0.100; map 0 2 rw shared memfd; touch r 0.500; touch r 1" },
        { "fault.guard_without_access",
          "map 0 2 rw; advise 0 1 102; touch r 0; protect 0 1 -; touch r 0" },
        { "fault.after_a_move", "map 0 2 rw; write 0 2 A; move 0 2 2 MF 8; touch r 0; touch w 8" },
        { "fault.around",
          "object memfd 40; map 64 40 r shared memfd; mark; read 64 1; counts; read 82 1; counts" },
        { "fault.around.private",
          "object memfd 40; map 64 40 rw memfd; mark; read 70 1; counts; write 90 1 P; counts" },
        { "fault.around.mapping",
          "object memfd 40; map 64 40 - ; map 70 4 r shared memfd @20; mark; read 71 1; counts" },
        { "fault.around.holes",
          "object memfd 16; punch memfd 3 4; map 64 16 r shared memfd; mark; read 64 1; counts; read 68 1; counts" },
        { "fault.around.write",
          "object memfd 16; map 64 16 rw shared memfd; mark; write 64 1 W; counts" },
        { "fault.around.random",
          "object memfd 16; map 64 16 r shared memfd; advise 64 16 random; mark; read 64 1; counts" },
        { "fault.zero_page", "map 0 4 rw; mark; read 0 4; counts; write 0 2 A; counts" },
        { "truncate.shared",
          "object memfd 4; map 0 4 rw shared memfd; read 0 4; mark; resize memfd 2; counts; touch r 2; resize memfd 4" },
        { "truncate.private",
          "object memfd 4; map 0 4 rw memfd; write 1 2 P; read 0 4; resize memfd 2; touch r 2; resize memfd 4" },
        { "truncate.moved",
          "object memfd 4; map 0 4 rw memfd; write 0 4 P; move 0 4 4 MF 8; resize memfd 2; touch r 10; touch r 9; resize memfd 4" },
        { "truncate.kept",
          "object memfd 4; map 0 4 rw shared memfd; write 0 4 P; move 0 4 4 MFD 8; resize memfd 1; touch r 1; touch r 9" },
        { "truncate.part_of_a_page",
          "object memfd 2; map 0 2 rw shared memfd; write 0 2 P; resize memfd 1.800; resize memfd 2" },
        { "truncate.punch",
          "object memfd 4; map 0 4 rw memfd; write 1 1 P; read 0 4; punch memfd 0 4" },
        { "truncate.punch.moved",
          "object memfd 4; map 0 4 rw memfd; write 0 4 P; move 0 4 4 MF 8; punch memfd 1 2" },
        { "truncate.forked",
          "object memfd 4; map 0 4 rw memfd; write 0 4 P; child; write 2 1 Z; resize memfd 2; touch r 2; show; end; touch r 2" },
        { "truncate.locked",
          "object memfd 4; map 0 4 rw shared memfd locked; mark; resize memfd 2; counts; touch w 3" },
};

void calls_faulting(void)
{
        RUN_CASES(cases);
}
