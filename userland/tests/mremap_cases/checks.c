/* SPDX-License-Identifier: MIT */
/* What is checked of the arguments, then of the mapping they name, and in which order. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

static const struct script_case arguments[] = {
        { "mremap.round",
          "map 0 4 rw; write 0 4 A; move 0 3.1 3.5 MF 10; move 10 0.1 0.1 MF 20; move 12 1.1 0.1 MF 22" },
        { "mremap.round.max", "map 0 4 rw; move 0 max 4 0; move 0 max 4 M; move 0 max-1 4 0" },
        { "mremap.round.shared_max", "map 0 4 rw shared; write 0 4 A; move 0 max 4 MF 10" },
        { "mremap.A1",
          "map 0 4 rw; move 0 4 4 8; move 0 4 4 9; move 0 4 4 0x40000000; move 50 4 4 8" },
        { "mremap.A2",
          "map 0 4 rw; move 0.1 4 4 0; move 0.4095 4 2 M; move max 1 1 0; move 50.1 1 1 0" },
        { "mremap.A3", "map 0 4 rw; move 0 4 0 0; move 0 4 0 M; move 0 4 max M; move 50 1 0 0" },
        { "mremap.A4",
          "map 0 4 rw; move 0 4 top+1 M; move 0 4 max-1 0; move 0 4 top M; move 0 4 top 0; move 50 4 top M; move 50 4 top+1 M" },
        { "mremap.A5",
          "map 0 4 rw; move 0 4 4 MF top-3; move 0 4 4 MF top; move 0 4 4 MF max-4; move 0 4 4 MF 0x800000000000; "
          "move 0 4 4 MF 0xffff800000000000; move 0 4 4 MD top-3; move 50 4 4 MF top-3" },
        { "mremap.A6",
          "map 0 4 rw; move 0 4 4 MF 10.1; move 0 4 4 MF 10.2048; move 0 4 4 MD 10.1; move 50 4 4 MF 10.1" },
        { "mremap.A7",
          "map 0 4 rw; move 0 4 4 F 10; move 0 4 4 D 10; move 0 4 4 FD 10; move 50 1 1 F 10" },
        { "mremap.A8",
          "map 0 4 rw; move 0 4 5 MD; move 0 4 3 MFD 10; move 0 4 3.1 MFD 10; move 0 0 4 MFD 20; move 50 4 3 MD" },
        { "mremap.A9",
          "map 10 4 rw; move 10 4 4 MF 10; move 10 4 4 MF 13; move 10 4 4 MF 7; move 11 1 4 MF 10; move 10 4 1 MF 12; "
          "move 50 4 4 MF 51" },
        { "mremap.A9.touching",
          "map 10 4 rw; write 10 4 A; move 10 4 4 MF 14; move 14 4 4 MF 10; move 10 4 4 MF 6" },
        { "mremap.A9.hint",
          "map 0 8 rw; write 0 8 A; move 0 2 2 MD 0; move 0 2 2 MD 1; move 2 2 2 MD 1; move 0 2 2 MD 4; look $ 2" },
        { "mremap.A9.old_zero", "map 10 4 rw shared; move 10 0 4 MF 9; move 10 0 4 MF 8" },
        { "mremap.ignored",
          "map 0 4 rw; move 0 4 4 0 max; move 0 4 4 M 0.1; move 0 4 3 M top; move 0 3 4 M 0.1" },
        { "mremap.order",
          "map 0 4 rw; seal 0 4; move 0 4 4 MF 10.1; move 0 4 4 MF 10; move 8 4 4 MF 10.1; move 8 0 1 0" },
};

static const struct script_case mapping[] = {
        { "mremap.V1",
          "map 0 4 rw; move 8 1 1 0; move 8 1 2 M; move 8 2 1 0; move 8 1 1 MF 20; move 8 1 2 MF 20; move 8 1 1 MD; "
          "move 8 0 1 M; move 4 1 1 0; move 0x0 1 1 0; move top 1 1 0; move 0xffffffffff600000 1 1 M" },
        { "mremap.V1.keeps_target",
          "map 20 4 rw; write 20 4 A; move 8 2 2 MF 20; move 8 2 3 MF 20; move 8 1 1 MFD 20" },
        { "mremap.V2",
          "map 0 4 rw; map 10 4 rw; write 0 4 A; seal 0 4; move 0 4 4 0; move 0 4 2 0; move 0 4 6 M; move 0 0 2 M; "
          "move 0 4 4 MF 10; move 0 4 4 MD; move 0 9 9 0" },
        { "mremap.V4.equal",
          "map 0 4 rw; write 0 4 A; move 0 4 4 0; move 0 80 80 0; move 2 top top 0; move 0 0.1 0.4095 M" },
        { "mremap.V4.equal_over_all",
          "map 0 2 rw; map 2 2 r; map 6 2 rw; seal 6 2; move 0 8 8 0; move 0 8 8 M" },
        { "mremap.V5", "map 0 4 rw; move 0 0 2 0; move 0 0 2 M; move 0 0 2 MF 10" },
        { "mremap.V5.file",
          "object memfd 4; map 0 4 rw memfd; move 0 0 2 M; object file 4; map 10 4 r file; move 10 0 2 MF 20" },
        { "mremap.V5.read_only_shared", "object file 4; map 0 4 r shared file; move 0 0 2 MF 10" },
        { "mremap.V7",
          "map 0 4 rw; map 4 4 r; move 0 5 6 0; move 0 5 6 M; move 0 5 6 MF 20; move 2 3 3 MD; move 0 8 6 MF 20; move 0 0x10000000000 0x10000001000 M" },
        { "mremap.V7.shrink", "map 0 4 rw; map 4 4 r; write 0 4 A; move 0 8 4 MF 20" },
        { "mremap.V11",
          "map 0 4 rw; limit locked 6; nobody; lock 0 4; mark; move 0 4 7 0; move 0 4 7 M; move 0 4 7 MF 20; move 0 4 6 0; counts" },
        { "mremap.V11.privileged", "map 0 4 rw; limit locked 4; lock 0 4; move 0 4 7 0" },
        { "mremap.V11.first",
          "map 0 4 rw; map 20 8 rw; write 20 8 A; limit locked 4; limit as 0; lock 0 4; move 0 4 5 0; nobody; move 0 4 5 0; "
          "move 0 4 5 M; move 0 4 5 MF 20" },
        { "mremap.V12.as",
          "map 0 4 rw; map 20 8 rw; write 20 8 A; limit as 3; move 0 4 8 0; move 0 4 8 M; move 0 4 8 MF 20; move 0 4 7 0" },
        { "mremap.V12.data",
          "map 0 4 rw; map 20 2 r; map 30 2 rw shared; limit data 2; move 0 4 7 0; move 20 2 6 0; move 30 2 6 0; move 0 4 6 0; "
          "move 0 6 7 M" },
        { "mremap.V12.plain_move",
          "map 0 4 rw; limit as 0; limit data 0; move 0 4 4 MF 10; move 10 4 3 MF 0; move 0 3 4 0" },
        { "mremap.V12.no_credit",
          "map 0 4 rw; map 20 8 rw; write 20 8 A; limit as 0; move 0 4 8 MF 20; map 20 8 r" },
};

void mremap_checks(void)
{
        RUN_CASES(arguments);
        RUN_CASES(mapping);
}
