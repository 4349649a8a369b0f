/* SPDX-License-Identifier: MIT */
/*
 * Moves that end beside other mappings, in every arrangement: each once by a process that is alone
 * and once by a child of the one that had written the memory, which merges less.
 */
#include <stdio.h>

#include "userland/tests/lib/script.h"
#include "userland/tests/rmap/parts.h"

static const struct shape {
        const char *name, *first, *rest;
} shapes[] = {
        { "beside_unwritten_prev", "map 0 4 rw; write 0 4 A",
          "move 2 2 2 MF 40; map 0 2 rw; move 40 2 2 MF 2" },
        { "beside_unwritten_next", "map 0 4 rw; write 0 4 A",
          "move 0 2 2 MF 40; map 2 2 rw; move 40 2 2 MF 0" },
        { "between_unwritten", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 0 2 rw; map 4 2 rw; move 40 2 2 MF 2" },
        { "prev_unwritten_next_its_own", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 0 2 rw; move 40 2 2 MF 2" },
        { "prev_its_own_next_unwritten", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 4 2 rw; move 40 2 2 MF 2" },
        { "prev_anothers", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 0 2 rw; map 4 2 rw; write 0 2 X; move 40 2 2 MF 2" },
        { "both_others", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 0 2 rw; map 4 2 rw; write 0 1 X; write 5 1 Y; move 40 2 2 MF 2" },
        { "leaving_the_source", "map 0 6 rw; write 0 6 A",
          "move 2 2 2 MF 40; map 0 2 rw; map 4 2 rw; move 40 2 2 MFD 2; map 42 2 rw" },
        { "two_back_at_once", "map 0 4 rw; write 0 4 A; map 4 4 rw noreserve; write 4 4 K",
          "move 2 4 4 MF 40; move 40 4 4 MF 2" },
        { "two_back_leaving_both", "map 0 4 rw; write 0 4 A; map 4 4 rw noreserve; write 4 4 K",
          "move 2 4 4 MF 40; move 40 4 4 MFD 2" },
        { "unwritten_behind_itself", "map 2 2 rw", "move 2 2 2 MF 4" },
        { "unwritten_behind_itself_kept", "map 2 2 rw", "move 2 2 2 MFD 4" },
        { "unwritten_before_itself", "map 2 2 rw", "move 2 2 2 MF 0" },
        { "unwritten_before_itself_kept", "map 2 2 rw", "move 2 2 2 MFD 0" },
        { "unwritten_between_prev_and_itself", "map 0 2 rw; map 4 2 rw", "move 4 2 2 MF 2" },
        { "unwritten_between_kept", "map 0 2 rw; map 4 2 rw", "move 4 2 2 MFD 2" },
        { "unwritten_between_written_and_itself", "map 0 2 rw; write 0 2 A; map 4 2 rw",
          "move 4 2 2 MF 2" },
        { "unwritten_between_written_kept", "map 0 2 rw; write 0 2 A; map 4 2 rw",
          "move 4 2 2 MFD 2" },
        { "unwritten_between_unwritten_and_written",
          "map 0 2 rw; map 4 2 rw; write 4 2 E; map 7 2 rw", "move 7 2 2 MF 2" },
        { "unwritten_middle_to_join_written", "map 0 6 rw; map 8 2 rw; write 8 2 I",
          "move 2 2 2 MF 6" },
        { "written_behind_itself", "map 2 2 rw; write 2 2 C", "move 2 2 2 MF 4" },
        { "written_behind_itself_kept", "map 2 2 rw; write 2 2 C", "move 2 2 2 MFD 4" },
        { "written_before_itself_kept", "map 2 2 rw; write 2 2 C", "move 2 2 2 MFD 0" },
        { "into_itself", "map 0 6 rw; write 0 6 A", "move 0 2 2 MF 4" },
        { "unwritten_into_itself", "map 0 6 rw", "move 0 2 2 MF 4" },
        { "growth_to_its_own_half", "map 0 6 rw; write 0 6 A", "unmap 2 2; move 0 2 4 0" },
        { "growth_to_unwritten", "map 0 6 rw; write 0 6 A", "unmap 2 2; map 4 2 rw; move 0 2 4 0" },
        { "unwritten_growth_to_written", "map 0 6 rw; write 0 6 A",
          "unmap 2 2; map 0 2 rw; move 0 2 4 0" },
        { "rights_prev_written", "map 0 6 rw", "protect 2 2 r; write 0 2 A; protect 2 2 rw" },
        { "rights_next_written", "map 0 6 rw", "protect 2 2 r; write 4 2 E; protect 2 2 rw" },
        { "rights_middle_written", "map 0 6 rw",
          "protect 2 2 rwx; write 2 2 C; protect 2 2 r; protect 2 2 rw" },
        { "rights_half_of_written_middle", "map 0 6 rw",
          "protect 2 2 rwx; write 2 2 C; protect 2 2 r; protect 2 1 rw" },
        { "new_between_halves", "map 0 6 rw; write 0 6 A", "unmap 2 2; map 2 2 rw" },
        { "new_next_written", "map 0 6 rw; write 0 6 A", "unmap 2 2; map 0 2 rw; map 2 2 rw" },
};

static void run_shape(const struct shape *s, const char *suffix, const char *format)
{
        char name[64], script[512];
        struct script_case one = { name, script };

        snprintf(name, sizeof(name), "rmap.shape.%s%s", s->name, suffix);
        snprintf(script, sizeof(script), format, s->first, s->rest);
        run_cases(&one, 1);
}

void rmap_shapes(void)
{
        for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
                run_shape(&shapes[i], "", "%s; %s");
                run_shape(&shapes[i], ".child", "%s; child; %s; end");
        }
}
