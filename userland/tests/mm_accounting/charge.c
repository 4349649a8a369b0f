/* SPDX-License-Identifier: MIT */
/* Which memory is charged to the commit limit, and what one request may ask for. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mm_accounting/parts.h"

#define MORE_THAN_THERE_IS "0x400000000000"

static const struct script_case cases[] = {
        { "account.charge.private",
          "map 0 1 rw; map 2 1 r; map 4 1 -; map 6 1 x; map 8 1 rwx; map 10 1 w" },
        { "account.charge.noreserve",
          "map 0 2 rw noreserve; protect 0 2 r; protect 0 2 rw; map 4 2 r noreserve; protect 4 2 rw" },
        { "account.charge.shared",
          "map 0 2 rw shared; map 4 2 rw shared noreserve; protect 0 2 r; protect 0 2 rw" },
        { "account.charge.file",
          "object memfd 4; object file 4; map 0 2 rw memfd; map 4 2 rw file; map 8 2 r file; map 12 2 rw shared file; "
          "map 16 2 rw zero" },
        { "account.charge.file_kept",
          "object memfd 4; map 0 2 rw memfd; protect 0 2 r; map 4 2 r memfd; protect 4 2 rw; protect 4 2 r" },
        { "account.charge.mprotect", "map 0 4 r; protect 1 2 rw; protect 1 1 r" },
        { "account.charge.mprotect_unwritten",
          "map 0 4 rw; read 0 4; protect 0 4 r; protect 0 4 rw" },
        { "account.charge.mprotect_written",
          "map 0 4 rw; write 3 1 D; protect 0 4 r; protect 0 4 -" },
        { "account.charge.down", "map 10 2 rw down; map 20 2 r down; map 30 2 rw droppable" },
        { "account.charge.pieces",
          "map 0 6 rw; unmap 2 1; protect 4 1 r; move 0 1 2 M; move 5 1 1 MF 9" },
        { "account.charge.fork",
          "map 0 2 rw; write 0 2 A; advise 0 2 dontfork; map 4 2 rw; write 4 1 E; map 8 2 r; child; show; protect 4 2 r; end" },
        { "account.refused.mmap", "map 0x200000000 " MORE_THAN_THERE_IS
                                  " rw hint; map 0x200000000 " MORE_THAN_THERE_IS " r hint; "
                                  "unmap 0x200000000 " MORE_THAN_THERE_IS
                                  "; map 0x200000000 " MORE_THAN_THERE_IS " rw hint noreserve" },
        { "account.refused.shared",
          "map 0x200000000 " MORE_THAN_THERE_IS
          " r hint shared; map 0x200000000 " MORE_THAN_THERE_IS " rw hint shared noreserve" },
        { "account.refused.file", "object memfd 1; resize memfd " MORE_THAN_THERE_IS
                                  "; map 0x200000000 " MORE_THAN_THERE_IS " rw hint shared memfd; "
                                  "unmap 0x200000000 " MORE_THAN_THERE_IS
                                  "; map 0x200000000 " MORE_THAN_THERE_IS " rw hint memfd" },
        { "account.refused.mprotect",
          "map 0x200000000 " MORE_THAN_THERE_IS " r hint; protect 0x200000000 " MORE_THAN_THERE_IS
          " rw; "
          "look 0x200000000 1; protect 0x200000000 1 rw; look 0x200000000 2" },
        { "account.refused.fixed_keeps",
          "map 0 2 rw; write 0 2 A; map 0 " MORE_THAN_THERE_IS " rw; map 2 1 rw" },
        { "account.refused.growth",
          "map 0 2 rw; write 0 2 A; move 0 2 " MORE_THAN_THERE_IS " M; move 0 2 2 MF 10" },
        { "account.refused.down", "map 0 2 rw; limit as 0; map 30 2 r; map 0 2 r; map 1 2 r" },
};

void account_charge(void)
{
        RUN_CASES(cases);
}
