/* SPDX-License-Identifier: MIT */
/* The mappings that the kernel itself makes: they can be moved whole, and little else. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mremap_cases/parts.h"

static const struct script_case cases[] = {
        { "mremap.special.whole",
          "flags vdso; move vdso 2 2 MF 10; flags 10; move 10 2 2 MF 20; unmap 20 2" },
        { "mremap.special.part",
          "move vdso 1 1 MF 10; move vdso+1 1 1 MF 10; map 10 1 rw; move vdso 1 1 MF 10" },
        { "mremap.special.equal", "move vdso 2 2 0; move vdso 5 5 M; move vvar 4 4 0" },
        { "mremap.special.grow",
          "move vdso 2 3 0; move vdso 2 3 M; move vdso 2 3 MF 10; move vvar 4 5 M; move vdso 0 2 M" },
        { "mremap.special.shrink",
          "move vdso 2 1 0; move vdso 2 1 MF 10; unmap vdso 1; unmap vdso+1 1; protect vdso 1 r; unmap vdso 2" },
        { "mremap.special.keep",
          "move vdso 2 2 MFD 10; move vdso 2 2 MD; move vvar 4 4 MFD 10; map 10 2 rw; write 10 2 A; move vdso 2 2 MFD 10" },
        { "mremap.special.together",
          "move vvar 8 8 MF 20; flags 20; flags 24; flags 26; unmap 20 8" },
        { "mremap.special.together_cut",
          "move vvar+1 7 7 MF 20; unmap vvar 4; unmap vdso 2; unmap 20 8" },
        { "mremap.special.among_others",
          "move vdso 2 2 MF 10; map 8 2 rw; write 8 2 A; map 12 2 rw; write 12 2 C; move 8 6 6 MF 28; unmap 30 2" },
        { "mremap.special.onto",
          "map 0 2 rw; write 0 2 A; move 0 2 2 MF vdso; move vdso 2 2 0; map 4 2 rw; move 4 1 1 MF vvar" },
        { "mremap.special.written",
          "protect vdso 2 rwx; write vdso 1 A; move vdso 2 2 MF 10; unmap 11 1; unmap 10 2" },
        { "mremap.special.child",
          "move vdso 2 2 MF 10; child; move 10 2 2 MF 20; unmap 20 2; end; unmap 10 2" },
        { "mremap.special.merge", "move vvar 4 4 MF 10; map 14 2 r; flags 10; unmap 10 6" },
};

void mremap_special(void)
{
        RUN_CASES(cases);
}
