/* SPDX-License-Identifier: MIT */
/* Descendants: what they inherited, and what may merge with it, when ancestors live or have gone.
 */
#include "userland/tests/lib/script.h"
#include "userland/tests/rmap/parts.h"

static const struct script_case cases[] = {
        /* What is inherited stays so, whatever becomes of the ancestors. */
        { "rmap.chain.parent_gone",
          "fork 1; in 1 map 0 2 rw; in 1 write 0 2 A; in 1 fork 2; exit 1; in 2 map 2 2 rw; "
          "in 2 show; in 2 write 0 4 X; in 2 map 4 2 rw; in 2 show" },
        { "rmap.chain.all_copied",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 write 0 2 X; in 1 map 2 2 rw; "
          "in 1 show" },
        { "rmap.chain.line_of_three",
          "fork 1; in 1 map 0 2 rw; in 1 write 0 2 A; in 1 fork 2; exit 1; in 2 fork 3; exit 2; "
          "in 3 fork 4; exit 3; in 4 write 0 1 X; in 4 map 2 2 rw; in 4 show; in 4 once 0 2" },
        { "rmap.chain.halves_of_a_line",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 fork 2; exit 1; in 2 protect 2 2 r; in 2 fork 3; "
          "in 3 protect 2 2 rw; in 3 show; in 2 protect 2 2 rw; in 2 show" },
        { "rmap.chain.halves_of_a_child",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 protect 2 2 r; in 1 fork 2; in 2 protect 2 2 rw; "
          "in 2 show; in 1 protect 2 2 rw; in 1 show" },
        { "rmap.chain.split_before_fork",
          "map 0 4 rw; write 0 4 A; protect 2 2 r; fork 1; in 1 protect 2 2 rw; in 1 show; "
          "protect 2 2 rw" },
        { "rmap.chain.split_after_fork",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 protect 2 2 r; in 1 protect 2 2 rw; in 1 show" },
        /* A place in the family that somebody has left is taken once. */
        { "rmap.chain.two_children_of_one_gone",
          "map 0 4 rw; write 0 4 A; protect 2 2 r; fork 1; in 1 fork 2; in 1 fork 3; exit 1; "
          "in 2 fork 4; in 4 protect 2 2 rw; in 4 show; in 3 protect 2 2 rw; in 3 show" },
        { "rmap.chain.moved_before_reuse",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 move 2 2 2 MF 20; in 1 fork 2; exit 1; "
          "in 2 fork 3; in 3 move 20 2 2 MF 2; in 3 show; in 2 move 20 2 2 MF 2; in 2 show" },
        { "rmap.chain.moved_in_each",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 move 0 2 2 MF 20; in 1 move 20 2 2 MF 0; in 1 show; "
          "in 1 fork 2; in 2 move 2 2 2 MF 20; in 2 move 20 2 2 MF 2; in 2 show; in 2 write 0 4 X; "
          "in 1 show; in 2 show" },
        /* Leaving it all behind. */
        { "rmap.chain.dontunmap_whole",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 move 0 2 2 MFD 20; in 1 map 2 2 rw; in 1 show; "
          "in 1 map 22 2 rw; in 1 show" },
        { "rmap.chain.dontunmap_part",
          "map 0 4 rw; write 0 4 A; fork 1; in 1 move 0 2 2 MFD 20; in 1 map 4 2 rw; in 1 show" },
        { "rmap.chain.emptied",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 advise 0 2 dontneed; in 1 map 2 2 rw; in 1 show; "
          "in 1 unmap 0 2; in 1 map 0 2 rw; in 1 show" },
        { "rmap.chain.parent_merges_after_it",
          "map 0 2 rw; write 0 2 A; fork 1; map 2 2 rw; in 1 map 2 2 rw; in 1 show; exit 1; "
          "map 4 2 rw" },
        /* The first write takes the origin of a neighbour only where it has no ancestors. */
        { "rmap.chain.share_in_grandchild",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 map 2 2 rwx; in 1 write 2 2 C; in 1 fork 2; "
          "in 1 protect 2 2 rw; in 1 show; in 2 map 4 2 rw; in 2 write 4 2 E; in 2 protect 2 2 rw; "
          "in 2 show" },
        { "rmap.chain.share_own",
          "fork 1; in 1 map 0 4 rw; in 1 protect 2 2 rwx; in 1 write 0 4 A; in 1 fork 2; "
          "in 1 protect 2 2 rw; in 1 show; in 2 protect 2 2 rw; in 2 show" },
        { "rmap.chain.growth",
          "map 0 2 rw; write 0 2 A; fork 1; in 1 move 0 2 4 0; in 1 write 2 2 X; in 1 map 4 2 rw; "
          "in 1 show; in 1 fork 2; in 2 move 0 4 6 MF 20; in 2 show" },
        { "rmap.chain.file",
          "object memfd 6; map 0 2 rw memfd; write 0 2 A; fork 1; in 1 map 2 2 rw memfd @2; "
          "in 1 show; map 2 2 rw memfd @2; in 1 move 0 2 2 MF 20; in 1 map 22 2 rw memfd @2; "
          "in 1 show" },
};

void rmap_chains(void)
{
        RUN_CASES(cases);
}
