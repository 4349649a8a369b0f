/* SPDX-License-Identifier: MIT */
/*
 * Advice for a kernel that may take pages away or merge equal ones, where there is no swap: advice
 * 12 MERGEABLE, 13 UNMERGEABLE, 20 COLD, 21 PAGEOUT, 8 FREE; what it changes of VmFlags, pagemap
 * and contents.
 */
#include "userland/tests/lib/uffd/cases.h"

static const struct script_case merging[] = {
        { "ksm.anon",
          "map 0 4 rw; write 0 4 A; advise 0 4 12; flags 0; bits 0 4; advise 0 4 13; flags 0; bits 0 4" },
        { "ksm.part",
          "map 0 4 rw; write 0 4 A; advise 1 2 12; flags 0; flags 1; flags 3; show; advise 0 4 13; show" },
        { "ksm.twice",
          "map 0 4 rw; advise 0 4 12; advise 0 4 12; flags 0; advise 0 4 13; advise 0 4 13; flags 0" },
        { "ksm.never_asked", "map 0 4 rw; advise 0 4 13; flags 0" },
        { "ksm.shared",
          "map 0 4 rw shared; advise 0 4 12; flags 0; object memfd 4; map 8 4 rw shared memfd; advise 8 4 12; flags 8" },
        { "ksm.private_memfd",
          "object memfd 4; map 0 4 rw memfd; advise 0 4 12; flags 0; advise 0 4 13; flags 0" },
        { "ksm.private_file",
          "object file 4; map 0 4 rw file; write 0 2 A; advise 0 4 12; flags 0; bits 0 4" },
        { "ksm.shared_file", "object file 4; map 0 4 r shared file; advise 0 4 12; flags 0" },
        { "ksm.read_only", "map 0 4 r; advise 0 4 12; flags 0; protect 0 4 rw; flags 0" },
        { "ksm.no_access", "map 0 4 -; advise 0 4 12; flags 0" },
        { "ksm.droppable", "map 0 4 rw droppable; advise 0 4 12; flags 0; advise 0 4 13" },
        { "ksm.growsdown", "map 0 4 rw down; advise 0 4 12; flags 0" },
        { "ksm.locked", "map 0 4 rw locked; advise 0 4 12; flags 0" },
        { "ksm.sealed", "map 0 4 r; seal 0 4; advise 0 4 12; flags 0; advise 0 4 13; flags 0" },
        { "ksm.huge",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; advise 512 512 12; flags 512; huge 512; advise 512 512 13; huge 512" },
        { "ksm.special", "advise vdso 1 12; advise vvar 1 12; advise vdso 1 13; advise vvar 1 13" },
        { "ksm.hole",
          "map 0 2 rw; map 4 2 rw; advise 0 6 12; flags 0; flags 4; advise 0 6 13; flags 4" },
        { "ksm.arguments",
          "map 0 2 rw; advise 0.1 1 12; advise 0 0 12; advise 0 max 12; advise top 1 12; advise 0 0.1 12; flags 0; flags 1" },
        { "ksm.fork",
          "map 0 4 rw; write 0 4 A; advise 0 4 12; child; flags 0; advise 0 4 13; flags 0; end; flags 0" },
        { "ksm.move",
          "map 0 4 rw; write 0 4 A; advise 0 4 12; move 0 4 4 MF 8; flags 8; move 8 4 8 MF 16; flags 16; move 16 8 8 MFD 0; flags 0; flags 16; show" },
        { "ksm.keeps_apart",
          "map 0 2 rw; write 0 2 A; advise 0 2 12; map 2 2 rw; write 2 2 C; show; advise 2 2 12; show" },
        { "ksm.registered",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 mw; advise 0 4 12; flags 0; advise 0 4 13; uclose u" },
        { "ksm.remote", "map 0 4 rw; remote 0 4 12; remote 0 4 13; flags 0" },
};

static const struct script_case cold[] = {
        { "cold.anon",
          "map 0 4 rw; write 0 4 A; mark; advise 0 4 20; bits 0 4; counts; incore 0 4; read 0 4; show" },
        { "cold.shared",
          "map 0 4 rw shared; write 0 4 A; mark; advise 0 4 20; bits 0 4; counts; incore 0 4; show" },
        { "cold.memfd",
          "object memfd 4; map 0 4 rw shared memfd; read 0 4; mark; advise 0 4 20; bits 0 4; counts; show" },
        { "cold.file",
          "object file 4; map 0 4 r file; read 0 4; mark; advise 0 4 20; bits 0 4; counts; show" },
        { "cold.refused",
          "map 0 2 rw locked; advise 0 2 20; onfault 0 2; advise 0 2 20; advise vdso 1 20; advise vvar 1 20; advise 0.1 1 20; advise 0 0 20; advise 8 2 20; map 4 2 -; advise 4 2 20; map 6 2 rw droppable; advise 6 2 20" },
        { "cold.in_the_middle",
          "map 0 6 rw; write 0 6 A; lock 2 2; advise 0 6 20; map 6 1 rw; map 8 1 rw; unmap 2 2; advise 0 9 20" },
        { "cold.huge",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; advise 512 512 20; huge 512" },
        { "cold.huge_part",
          "map 512 512 rw; advise 512 512 hugepage; write 512 512 A; advise 600 1 20; huge 512; bits 599 3" },
        { "cold.sealed", "map 0 4 r; seal 0 4; advise 0 4 20; advise 0 4 21" },
        { "cold.remote",
          "map 0 4 rw; write 0 4 A; remote 0 4 20; remote 0 4 21; show; remote 2 4 20; remote 4 2 21; remote 0 0 21; remote 0.1 1 21" },
};

static const struct script_case pageout[] = {
        { "pageout.anon",
          "map 0 4 rw; write 0 4 A; mark; advise 0 4 21; bits 0 4; counts; incore 0 4; show" },
        { "pageout.zero_page", "map 0 4 rw; read 0 4; advise 0 4 21; bits 0 4; incore 0 4" },
        { "pageout.shared",
          "map 0 4 rw shared; write 0 4 A; mark; advise 0 4 21; bits 0 4; counts; incore 0 4; show" },
        { "pageout.memfd",
          "object memfd 4; map 0 4 rw shared memfd; read 0 4; mark; advise 0 4 21; bits 0 4; counts; incore 0 4; show" },
        { "pageout.private_memfd",
          "object memfd 4; map 0 4 rw memfd; read 2 2; write 0 2 A; mark; advise 0 4 21; bits 0 4 shared; counts; show" },
        { "pageout.contents",
          "object file 4; map 0 4 rw file; write 0 2 A; advise 0 4 21; show; map 8 4 rw shared file; write 8 1 X; advise 8 4 21; look 8 4" },
        { "pageout.read_only",
          "map 0 4 rw; write 0 4 A; protect 0 4 r; advise 0 4 21; show; protect 0 4 -; advise 0 4 21" },
        { "pageout.refused",
          "map 0 2 rw locked; advise 0 2 21; onfault 0 2; advise 0 2 21; advise vdso 1 21; advise vvar 1 21; advise 0.1 1 21; advise 0 0 21; advise 8 2 21; map 4 2 -; advise 4 2 21; map 6 2 rw droppable; write 6 2 A; advise 6 2 21" },
        { "pageout.shared_by_fork",
          "map 0 4 rw; write 0 4 A; fork 1; advise 0 4 21; show; in 1 show; exit 1" },
        { "pageout.freed",
          "map 0 4 rw; write 0 4 A; advise 0 4 8; write 2 1 X; advise 2 1 21; touch r 2; show" },
        { "pageout.huge",
          "map 512 512 rw; advise 512 512 hugepage; write 512 512 A; advise 512 512 21; huge 512; bits 512 3; incore 512 1" },
        { "pageout.marked",
          "map 0 4 rw; write 0 1 A; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 4; advise 0 4 21; bits 0 4; advise 0 4 20; bits 0 4; uclose u" },
        { "pageout.nobody",
          "map 0 4 rw; write 0 4 A; nobody; advise 0 4 21; advise 0 4 20; advise 0 4 12; show" },
};

int main(void)
{
        RUN_UFFD_CASES(merging);
        RUN_UFFD_CASES(cold);
        RUN_UFFD_CASES(pageout);
        return 0;
}
