/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd and huge pages: what is registered, protected, filled or moved in parts of a huge
 * page, and what of it stays whole. Page 512 of the arena is where a huge page may begin.
 */
#include "userland/tests/lib/uffd/cases.h"

#define HUGE "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; "

static const struct script_case
        cases
                [] = {
                        { "huge.missing.told_by_page",
                          "map 512 512 rw; advise 512 512 hugepage; uopen u; uapi u; ureg u 512 512 m; go a touch w 520; uread u; ucopy u 520 1 B; join a; huge 512; bits 519 3; uclose u" },
                        { "huge.missing.part",
                          "map 512 1024 rw; advise 512 1024 hugepage; uopen u; uapi u; ureg u 1024 512 m; write 512 1 A; huge 512; go a touch w 1030; uread u; uzero u 1030 1; join a; huge 1024; uclose u; huge 512" },
                        { "huge.missing.already_there", HUGE
                          "huge 512; uopen u; uapi u; ureg u 512 512 m; huge 512; touch r 700; bits 700 1; ucopy u 700 1 B; uzero u 700 1; upoison u 700 1; huge 512; uclose u; huge 512" },
                        { "huge.missing.register_part", HUGE
                          "uopen u; uapi u; ureg u 520 8 m; huge 512; huge 520; huge 528; uclose u; huge 512; bits 520 1" },
                        { "huge.missing.zero_page_huge",
                          "map 512 512 rw; advise 512 512 hugepage; read 512 1; huge 512; uopen u; uapi u; ureg u 512 512 m; touch r 700; uzero u 700 1; uclose u; bits 700 1" },
                        { "huge.missing.after_dontneed", HUGE
                          "uopen u; uapi u; ureg u 512 512 m; advise 520 1 dontneed; huge 512; go a touch r 520; uread u; uzero u 520 1; join a; bits 519 3; uclose u" },
                        { "huge.missing.collapse", HUGE
                          "advise 520 1 dontneed; write 520 1 B; huge 512; uopen u; uapi u; ureg u 512 512 m; advise 512 512 25; huge 512; uunreg u 512 512; advise 512 512 25; huge 512" },
                        { "huge.missing.collapse_hole", HUGE
                          "advise 520 1 dontneed; uopen u; uapi u; ureg u 512 512 m; advise 512 512 25; huge 512; bits 520 1; uunreg u 512 512; advise 512 512 25; huge 512" },
                        { "huge.wp.whole", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; huge 512; bits 512 2; bits 1023 1; uwp u 512 512 off; huge 512; bits 512 2" },
                        { "huge.wp.written", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; go a touch w 600; uread u; huge 512; uwp u 600 1 off; join a; huge 512; bits 599 3; uclose u; huge 512; bits 599 3" },
                        { "huge.wp.written_all_off", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; go a touch w 600; uread u; uwp u 512 512 off; join a; huge 512; bits 599 3" },
                        { "huge.wp.part", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 600 2; huge 512; bits 599 4; uwp u 600 2 off; huge 512; bits 599 4" },
                        { "huge.wp.async", HUGE
                          "uopen u; uapi u async unpopulated; ureg u 512 512 w; uwp u 512 512; huge 512; touch w 600; huge 512; bits 599 3; scan 512 512 2" },
                        { "huge.wp.scan", HUGE
                          "uopen u; uapi u async unpopulated; ureg u 512 512 w; scan 512 512 2 wp; huge 512; touch w 600; scan 512 512 2 wp; huge 512; scan 512 512 2" },
                        { "huge.wp.scan_part", HUGE
                          "uopen u; uapi u async unpopulated; ureg u 512 512 w; scan 600 8 2 wp; huge 512; bits 599 3" },
                        { "huge.wp.unpopulated",
                          "map 512 512 rw; advise 512 512 hugepage; uopen u; uapi u unpopulated; ureg u 512 512 w; uwp u 512 512; bits 512 2; uwp u 512 512 off; touch w 512; huge 512" },
                        { "huge.wp.not_unpopulated",
                          "map 512 512 rw; advise 512 512 hugepage; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; bits 512 2; touch w 512; huge 512; bits 512 2" },
                        { "huge.wp.fork", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; child; huge 512; bits 512 2; write 513 1 X; huge 512; end; huge 512; bits 512 2; uclose u; huge 512" },
                        { "huge.wp.moved", HUGE
                          "uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; move 512 512 512 MF 2048; huge 2048; bits 2048 2; unmap 2048 512" },
                        { "huge.wp.moved_told", HUGE
                          "uopen u; uapi u remap; ureg u 512 512 w; uwp u 512 512; go a move 512 512 512 MF 2048; uread u; join a; huge 2048; bits 2048 2; uclose u; huge 2048; unmap 2048 512" },
                        { "huge.remap.missing", HUGE
                          "uopen u; uapi u; ureg u 512 512 m; move 512 512 512 MF 2048; huge 2048; unmap 2048 512" },
                        { "huge.remap.missing_told", HUGE "uopen u; uapi u remap; ureg u 512 512 m; go a move 512 512 512 MF 2048; uread u; join a; huge 2048; uclose u; unmap 2048 512" },
                        { "huge.remap.missing_kept", HUGE
                          "uopen u; uapi u; ureg u 512 512 m; move 512 512 512 MFD 2048; huge 512; huge 2048; flags 512; flags 2048; uclose u; unmap 2048 512" },
                        { "huge.remap.misaligned", HUGE
                          "uopen u; uapi u remap; ureg u 512 512 m; go a move 512 512 512 MF 2049; uread u; join a; huge 2049; uclose u; unmap 2049 512" },
                        { "huge.move.whole", HUGE
                          "map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; huge 512; huge 2048; bits 2048 1; bits 512 1; uclose u; show; unmap 2048 512" },
                        { "huge.move.part", HUGE
                          "map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2050 514 4; huge 512; huge 2048; bits 2049 6 shared; bits 513 6 shared; uclose u; unmap 2048 512" },
                        { "huge.move.misaligned", HUGE
                          "map 2048 1024 rw; uopen u; uapi u; ureg u 2048 1024 m; umove u 2049 512 512; huge 512; huge 2048; bits 2049 1 shared; bits 2560 1 shared; uclose u; unmap 2048 1024" },
                        { "huge.move.into_present", HUGE
                          "map 2048 512 rw; write 2050 1 Z; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; huge 512; huge 2048; uclose u; unmap 2048 512" },
                        { "huge.move.shared_by_fork", HUGE
                          "map 2048 512 rw; fork 1; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; exit 1; umove u 2048 512 512; huge 512; uclose u; unmap 2048 512" },
                        { "huge.copy.a_whole_one",
                          "map 512 512 rw; advise 512 512 hugepage; map 2048 512 rw; write 2048 1 A; uopen u; uapi u; ureg u 512 512 m; ucopy u 512 512 @2048; huge 512; bits 512 2; uclose u; unmap 2048 512" },
                        { "huge.events.remove", HUGE
                          "uopen u; uapi u remove; ureg u 512 512 m; go a advise 512 512 dontneed; uread u; join a; huge 512; uclose u" },
                };

int main(void)
{
        RUN_UFFD_CASES(cases);
        return 0;
}
