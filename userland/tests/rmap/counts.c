/* SPDX-License-Identifier: MIT */
/* How often a page is mapped, while processes fork, write, move, unmap and exit. */
#include "userland/tests/lib/script.h"
#include "userland/tests/rmap/parts.h"

static const struct script_case cases[] = {
        { "rmap.alone", "map 0 4 rw; write 0 2 A; read 2 1; once 0 4; shares 0 4" },
        /* Copy on write: who writes has a page of its own, and so has the last who did not. */
        { "rmap.fork",
          "map 0 3 rw; write 0 3 A; fork 1; once 0 3; in 1 once 0 3; shares 0 3; in 1 shares 0 3" },
        { "rmap.child_writes",
          "map 0 3 rw; write 0 3 A; fork 1; in 1 write 1 1 X; once 0 3; in 1 once 0 3; shares 0 3; "
          "in 1 shares 0 3; write 1 1 Y; once 0 3; in 1 show" },
        { "rmap.parent_writes",
          "map 0 3 rw; write 0 3 A; fork 1; write 1 1 X; once 0 3; in 1 once 0 3; "
          "in 1 write 1 1 Y; in 1 once 0 3; in 1 show; shares 0 3; in 1 shares 0 3" },
        { "rmap.three",
          "map 0 4 rw; write 0 4 A; fork 1; fork 2; shares 0 4; in 2 write 0 1 X; shares 0 4; "
          "in 1 shares 0 4; in 2 shares 0 4; in 1 write 0 1 Y; once 0 4; in 1 once 0 4; "
          "in 2 once 0 4" },
        { "rmap.generations",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 fork 2; in 2 fork 3; shares 0 4; "
          "in 2 write 1 1 X; in 3 shares 0 4; in 2 shares 0 4; exit 1; in 3 shares 0 4; "
          "exit 2; shares 0 4; in 3 once 0 4; exit 3; once 0 4" },
        { "rmap.exit_of_child",
          "map 0 2 rw; write 0 2 A; fork 1; once 0 2; exit 1; once 0 2; shares 0 2" },
        { "rmap.exit_of_parent",
          "fork 1; in 1 map 0 2 rw; in 1 write 0 2 A; in 1 fork 2; in 2 once 0 2; exit 1; "
          "in 2 once 0 2; in 2 shares 0 2; in 2 write 0 2 X; in 2 show" },
        /* Moves change nothing about it. */
        { "rmap.parent_moves",
          "map 0 4 rw; write 0 4 A; fork 1; move 1 2 2 MF 20; once 0 4; once 20 2; in 1 once 0 4; "
          "shares 20 2; in 1 write 1 1 X; once 20 2; in 1 once 0 4; exit 1; once 20 2" },
        { "rmap.child_moves",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 move 1 2 2 MF 20; once 0 4; in 1 once 20 2; "
          "write 1 1 X; in 1 once 20 2; in 1 write 21 1 Y; once 0 4; in 1 show; in 1 shares 0 30" },
        { "rmap.both_move_apart",
          "map 0 2 rw; write 0 2 A; fork 1; move 0 2 2 MF 10; in 1 move 0 2 2 MF 30; once 10 2; "
          "in 1 once 30 2; in 1 fork 2; in 2 move 30 1 1 MF 50; in 2 once 50 1; shares 10 2; "
          "exit 1; in 2 once 50 1; write 10 1 X; in 2 once 50 1; in 2 show" },
        { "rmap.dontunmap",
          "map 0 4 rw; write 0 4 A; fork 1; move 0 4 4 MFD 10; once 0 4; once 10 4; in 1 once 0 4; "
          "write 0 1 X; once 0 4; in 1 shares 0 4; exit 1; once 10 4; shares 0 14" },
        { "rmap.dontunmap_in_child",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 move 1 2 2 MFD 10; in 1 once 0 4; "
          "in 1 once 10 2; once 0 4; in 1 read 1 2; in 1 once 0 4; in 1 write 1 1 X; "
          "in 1 shares 0 4; in 1 shares 10 2" },
        { "rmap.dontunmap_then_fork",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MFD 10; fork 1; in 1 show; in 1 write 0 2 X; "
          "once 0 4; once 10 4; in 1 once 0 4; in 1 once 10 4" },
        { "rmap.move_and_back",
          "map 0 4 rw; write 0 4 A; fork 1; move 1 2 2 MF 20; move 20 2 2 MF 1; once 0 4; "
          "in 1 move 1 2 2 MF 20; in 1 move 20 2 2 MF 1; in 1 once 0 4; in 1 write 2 1 X; once 0 4" },
        { "rmap.shrinking_move",
          "map 0 4 rw; write 0 4 A; fork 1; move 0 4 2 MF 20; once 20 2; in 1 once 0 4; shares 20 2" },
        { "rmap.growing_move",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 move 0 2 4 MF 20; in 1 once 20 4; "
          "in 1 write 20 4 W; in 1 once 20 4; once 0 2" },
        { "rmap.multi_move",
          "map 0 2 rw; write 0 2 A; map 3 2 rw; protect 3 2 r; map 6 2 rw; write 6 2 G; fork 1; "
          "in 1 move 0 8 8 MF 20; in 1 once 20 8; once 0 8; in 1 write 26 1 X; once 6 2" },
        /* Parts go. */
        { "rmap.unmap_in_child",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 unmap 1 2; once 0 4; in 1 once 0 4; shares 0 4" },
        { "rmap.dontneed_in_child",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 advise 1 2 dontneed; once 0 4; in 1 once 0 4; "
          "in 1 read 1 1; in 1 once 0 4" },
        { "rmap.wiped_and_not_copied",
          "map 0 6 rw; write 0 6 A; advise 1 1 wipe; advise 3 1 dontfork; fork 1; once 0 6; "
          "in 1 once 0 6; in 1 show; shares 0 6" },
        { "rmap.protect_splits",
          "map 0 4 rw; write 0 4 A; fork 1; protect 1 2 r; once 0 4; in 1 protect 2 2 r; "
          "in 1 once 0 4; protect 1 2 rw; write 1 1 X; once 0 4; in 1 once 0 4" },
        { "rmap.read_only_copy",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 protect 0 2 r; write 0 1 X; in 1 once 0 2; "
          "in 1 protect 0 2 rw; in 1 write 0 1 Y; in 1 once 0 2; in 1 show" },
        /* Pages of objects, and private copies of them. */
        { "rmap.shared_object",
          "object memfd 4; map 0 4 rw shared memfd; read 0 2; once 0 2; map 10 4 rw shared memfd; "
          "read 10 2; once 0 2; once 10 2; shares 0 4; fork 1; in 1 read 0 1; once 0 2" },
        { "rmap.duplicate",
          "map 0 2 rw shared; write 0 2 A; once 0 2; move 0 0 2 MF 10; read 10 2; once 0 2; "
          "once 10 2; shares 0 2; unmap 0 2; once 10 2" },
        { "rmap.private_object",
          "object memfd 4; map 0 4 rw memfd; write 1 1 X; once 0 4; shares 0 4; fork 1; once 0 4; "
          "in 1 write 1 1 Y; once 0 4; in 1 once 0 4; in 1 move 0 4 4 MF 20; in 1 once 20 4; "
          "in 1 show" },
        { "rmap.truncated_after_move",
          "object memfd 4; map 0 4 rw memfd; write 0 4 A; move 0 4 4 MF 20; resize memfd 2; "
          "touch r 21; touch r 22; resize memfd 4; touch r 22; once 20 4" },
        { "rmap.truncated_after_dontunmap",
          "object memfd 4; map 0 4 rw memfd; write 0 4 A; move 1 2 2 MFD 20; read 0 4; "
          "resize memfd 2; touch r 2; touch r 20; touch r 21; once 0 2; once 20 2" },
        { "rmap.truncated_in_child",
          "object memfd 4; map 0 4 rw memfd; write 0 4 A; fork 1; in 1 move 0 4 4 MF 20; "
          "resize memfd 1; in 1 touch r 20; in 1 touch r 21; touch r 1; in 1 once 20 4; once 0 4; "
          "in 1 shares 20 4" },
        { "rmap.truncated_shared_moves",
          "object memfd 4; map 0 4 rw shared memfd; read 0 4; map 10 4 rw shared memfd; "
          "write 10 4 A; move 0 4 4 MF 20; move 10 2 2 MFD 30; resize memfd 1; touch r 20; "
          "touch r 21; touch r 10; touch r 31; once 20 1" },
        { "rmap.hole_keeps_copies",
          "object memfd 4; map 0 4 rw memfd; write 0 2 A; read 2 2; move 0 4 4 MF 20; "
          "map 10 4 rw shared memfd; advise 10 4 remove; show; once 20 4" },
};

void rmap_counts(void)
{
        RUN_CASES(cases);
}
