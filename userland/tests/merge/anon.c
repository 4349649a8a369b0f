/* SPDX-License-Identifier: MIT */
/* Where written pages come from: what counts as written, who shares an origin, which joins are
 * made. */
#include "userland/tests/lib/script.h"
#include "userland/tests/merge/parts.h"

static const struct script_case cases[] = {
        /* A read does not make memory written. */
        { "merge.read", "map 0 4 rw; read 0 4; move 0 2 2 MF 4" },
        { "merge.read_then_write", "map 0 4 rw; read 0 4; write 1 1 B; move 0 2 2 MF 4" },
        { "merge.locked_is_written", "map 0 2 rw locked; move 0 2 2 MF 10; map 12 2 rw locked" },
        { "merge.populated_is_written", "map 0 2 rw populate; move 0 2 2 MF 10; map 12 2 rw" },
        { "merge.populated_read_only", "map 0 2 r populate; move 0 2 2 MF 10; map 12 2 r" },
        { "merge.stack_growth",
          "map 10 2 rw down; write 7 1 A; show; move 7 5 5 MF 20; map 25 2 rw down" },
        /* At the first write a mapping takes the origin of a neighbour with other permissions. */
        { "merge.share.next",
          "map 0 4 rw; protect 0 2 rwx; write 2 1 C; write 0 1 A; protect 0 2 rw" },
        { "merge.share.prev",
          "map 0 4 rw; protect 2 2 rwx; write 0 1 A; write 2 1 C; protect 2 2 rw" },
        { "merge.share.next_before_prev",
          "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 E; map 2 2 rwx; "
          "write 2 2 C; protect 2 2 rw" },
        { "merge.share.not_adjacent",
          "map 0 2 rw; write 0 2 A; map 3 1 rwx; write 3 1 D; map 2 1 rw; show; "
          "protect 3 1 rw" },
        { "merge.share.other_flags",
          "map 0 4 rw; advise 2 2 wipe; write 0 1 A; write 2 1 C; advise 2 2 keep" },
        { "merge.share.odd_pgoff",
          "map 10 2 rw; write 10 2 A; move 10 2 2 MF 0; map 2 2 rw; write 2 2 C" },
        { "merge.share.in_child",
          "map 0 2 rw; write 0 2 A; child; map 2 2 rwx; write 2 2 C; protect 2 2 rw; show; "
          "map 4 2 rwx; write 4 2 E; protect 4 2 rw; end" },
        { "merge.share.parent_after_fork",
          "map 0 2 rw; write 0 2 A; child; write 0 1 P; end; map 2 2 rwx; write 2 2 C; "
          "protect 2 2 rw" },
        { "merge.split_keeps_origin",
          "map 0 6 rw; write 0 6 A; unmap 2 2; map 2 2 rw; write 2 2 P; protect 2 2 r; "
          "protect 2 2 rw" },
        { "merge.unfaulted_target_takes_origin",
          "map 0 2 rw; write 0 2 A; map 2 2 rw; move 0 2 2 MF 10; write 2 2 C; "
          "move 10 2 2 MF 0" },
        { "merge.dontunmap_is_unfaulted",
          "map 0 4 rw; write 0 4 A; move 0 4 4 MFD 10; protect 0 4 r; show; "
          "protect 0 4 rw; move 0 4 4 MF 20; map 24 2 rw" },
        { "merge.dontunmap_part_is_faulted",
          "map 0 4 rw; write 0 4 A; move 0 2 2 MFD 10; move 0 4 4 MF 20; map 24 2 rw" },
        { "merge.child.wiped",
          "map 0 2 rw; write 0 2 A; advise 0 2 wipe; child; map 2 2 rw; advise 2 2 wipe; end" },
        { "merge.child.unfaulted", "map 0 2 rw; child; map 2 2 rw; end" },
        { "merge.child.own_memory",
          "child; map 0 2 rw; write 0 2 A; map 2 2 rw; move 0 2 2 MF 10; move 10 2 2 MF 0; end" },
        { "merge.child.grow",
          "map 0 2 rw; write 0 2 A; child; move 0 2 4 0; map 4 2 rw; end; move 0 2 4 0; map 4 2 rw" },
        { "merge.child.grow_closes_gap",
          "map 0 2 rw; write 0 2 A; child; map 4 2 rw; move 0 2 4 0; end" },
        { "merge.child.unfaulted_beside",
          "map 0 2 rw; write 0 2 A; child; map 10 2 rw; move 10 2 2 MF 2; end; "
          "map 10 2 rw; move 10 2 2 MF 2" },
        { "merge.child.inherited_halves",
          "map 0 4 rw; write 0 4 A; protect 2 2 r; child; protect 2 2 rw; end" },
        { "merge.child.faulted_apart",
          "map 0 2 rw; write 0 2 A; child; map 2 2 rw; write 2 2 C; protect 0 2 r; "
          "protect 0 2 rw; end" },
        { "merge.grandchild",
          "map 0 4 rw; write 0 4 A; child; write 0 1 P; child; protect 1 1 r; protect 1 1 rw; "
          "map 4 2 rw; end; end" },
        { "merge.after_child",
          "map 0 4 rw; write 0 4 A; child; write 0 4 P; end; move 1 2 2 MF 11; move 11 2 2 MF 1; "
          "map 4 2 rw" },
        /* A written piece moved back beside memory that was not written since. */
        { "merge.back.before_unfaulted",
          "map 0 4 rw; write 0 4 A; move 0 2 2 MF 10; unmap 2 2; map 2 2 rw; move 10 2 2 MF 0" },
        { "merge.back.behind_unfaulted",
          "map 0 4 rw; write 0 4 A; move 2 2 2 MF 10; unmap 0 2; map 0 2 rw; move 10 2 2 MF 2" },
        { "merge.back.between_unfaulted",
          "map 0 6 rw; write 0 6 A; move 2 2 2 MF 10; unmap 0 2; unmap 4 2; map 0 2 rw; "
          "map 4 2 rw; move 10 2 2 MF 2; protect 3 1 r; protect 3 1 rw; write 0 6 P" },
        { "merge.back.unfaulted_and_faulted",
          "map 0 6 rw; write 0 6 A; move 2 2 2 MF 10; unmap 0 2; map 0 2 rw; "
          "move 10 2 2 MF 2; child; write 0 6 P; end; unmap 4 2; unmap 2 2" },
        { "merge.back.in_child",
          "map 0 6 rw; write 0 6 A; child; move 2 2 2 MF 10; unmap 0 2; map 0 2 rw; show; "
          "move 10 2 2 MF 2; end" },
};

void merge_anon(void)
{
        RUN_CASES(cases);
}
