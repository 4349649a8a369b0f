/* SPDX-License-Identifier: MIT */
/* Results that programs can see of anonymous memory, one after the other. */
#include "userland/tests/lib/script.h"
#include "userland/tests/merge/parts.h"

static const struct script_case cases[] = {
        { "merge.T1", "map 0 2 rw; map 2 2 rw; map 6 2 rw; map 4 2 rw" },
        { "merge.T2.above", "map 0 2 rw; write 0 2 A; map 2 2 rw" },
        { "merge.T2.below", "map 2 2 rw; write 2 2 A; map 0 2 rw" },
        { "merge.T3", "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 C; map 2 2 rw" },
        { "merge.T3.same", "map 0 6 rw; write 0 6 A; unmap 2 2; map 2 2 rw" },
        { "merge.T4.child", "map 0 2 rw; write 0 2 A; child; map 2 2 rw; show; write 0 2 P; show; "
                            "map 4 2 rw; end; map 2 2 rw" },
        { "merge.T4.mprotect",
          "map 0 4 rw; write 0 4 A; child; protect 1 1 r; show; protect 1 1 rw; end" },
        { "merge.T4.moved",
          "map 0 2 rw; write 0 2 A; child; move 0 2 2 MF 10; map 2 2 rw; "
          "move 10 2 2 MF 0; end; move 0 2 2 MF 10; map 2 2 rw; move 10 2 2 MF 0" },
        { "merge.T4.moved_half",
          "map 0 4 rw; write 0 4 A; child; move 2 2 2 MF 12; show; move 12 2 2 MF 2; end" },
        { "merge.T5", "map 0 3 rw; protect 1 1 r; write 0 1 A; write 2 1 C; protect 1 1 rw" },
        { "merge.T6", "map 0 4 rw; protect 2 2 r; write 0 1 A; protect 2 2 rw; write 2 1 C; "
                      "protect 0 2 r; protect 0 2 rw" },
        { "merge.T6.shared",
          "map 0 4 rw; protect 2 2 rwx; write 0 1 A; write 2 1 C; show; protect 2 2 rw" },
        { "merge.T6b",
          "map 0 4 rw; advise 2 2 dontfork; write 0 1 A; write 2 1 C; advise 2 2 dofork" },
        { "merge.T7.behind_unfaulted", "map 0 2 rw; map 10 2 rw; move 10 2 2 MF 2" },
        { "merge.T7.behind_faulted", "map 0 2 rw; write 0 2 A; map 10 2 rw; move 10 2 2 MF 2" },
        { "merge.T7.faulted_behind_unfaulted",
          "map 0 2 rw; map 10 2 rw; write 10 2 A; move 10 2 2 MF 2" },
        { "merge.T8", "map 0 6 rw; write 0 6 A; move 2 2 2 MF 12; show; move 12 2 2 MF 2" },
        { "merge.T8.pieces",
          "map 0 6 rw; write 0 6 A; move 1 1 1 MF 11; move 3 1 1 MF 13; move 4 1 1 MF 20; "
          "show; move 20 1 1 MF 4; move 11 1 1 MF 1; move 13 1 1 MF 3" },
        { "merge.T10", "map 0 2 rw; write 0 2 A; map 4 2 rw; move 0 2 4 0" },
        { "merge.T10.unfaulted", "map 0 2 rw; map 4 2 rw; write 4 2 C; move 0 2 4 0" },
        { "merge.T10.apart", "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 C; move 0 2 4 0" },
        { "merge.T12.behind", "map 0 8 rw; move 0 2 2 MF 8" },
        { "merge.T12.inside", "map 0 8 rw; move 0 2 2 MF 8; move 2 2 2 MF 6" },
        { "merge.T12.itself", "map 0 8 rw; move 0 2 2 MF 4" },
        { "merge.T12.faulted_behind", "map 0 8 rw; write 0 8 A; move 0 2 2 MF 8" },
        { "merge.T12.faulted_inside", "map 0 8 rw; write 0 8 A; move 0 2 2 MF 4" },
        { "merge.T13", "map 0 4 rw; write 0 4 A; move 0 4 4 MFD 10; map 4 2 rw" },
        { "merge.T13.moved_before",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MF 10; move 10 4 4 MFD 20; map 14 2 rw; "
          "show; move 10 4 4 MF 30; map 34 2 rw" },
        { "merge.T13.apart",
          "map 0 2 rw; write 0 2 A; map 10 2 rw; write 10 2 C; move 10 2 2 MF 2" },
        { "merge.T14",
          "map 0 6 rw; write 0 6 A; move 2 2 2 MFD 12; write 2 2 P; show; move 12 2 2 MF 2" },
        { "merge.T16", "map 0 2 rw; map 2 2 rw noreserve; map 4 2 rw noreserve" },
        { "merge.T17", "map 0 2 rw; map 2 2 r; protect 0 2 r" },
        { "merge.T17.faulted", "map 0 2 rw; write 0 2 A; map 2 2 r; protect 0 2 r" },
        { "merge.T18",
          "map 0 6 rw; write 0 6 A; lock 2 2; show; unlock 2 2; show; lock 1 1; lock 2 3; unlock 0 6" },
        { "merge.T19.down", "map 0 2 rw; map 2 2 rw down; map 4 2 rw" },
        { "merge.T19.stack", "map 0 2 rw; map 2 2 rw stack; map 4 2 rw stack; map 6 2 rw" },
};

void merge_results(void)
{
        RUN_CASES(cases);
}
