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

static const struct script_case edges[] = {
        { "huge.edge.mprotect",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; protect 512 512 r; huge 512; protect 512 "
          "512 rw; huge 512; bits 512 2; go a touch w 600; uread u; uwp u 512 512 off; join a; huge 512" },
        { "huge.edge.mprotect_part",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; protect 600 8 r; huge 512; bits 599 3; "
          "protect 600 8 rw; bits 599 3" },
        { "huge.edge.dontneed",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; advise 512 512 dontneed; bits 512 2; write "
          "512 1 B; huge 512; bits 512 2" },
        { "huge.edge.free",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; advise 512 512 free; huge 512; bits 512 2" },
        { "huge.edge.cold",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; advise 512 512 20; huge 512; bits 512 2; "
          "advise 600 8 20; huge 512; bits 599 2 shared" },
        { "huge.edge.guard",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; advise 600 2 102; huge 512; bits 599 4; "
          "advise 600 2 103; bits 599 4" },
        { "huge.edge.collapse",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; advise 512 512 25; huge 512; uwp u 600 1 "
          "off; huge 512; advise 512 512 25; huge 512; uwp u 512 512 off; advise 512 512 25; huge 512; bits 512 2" },
        { "huge.edge.lock",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; lock 512 512; huge 512; uwp u 512 512 off; "
          "lock 512 512; huge 512; uwp u 512 512; huge 512; bits 512 2; unlock 512 512" },
        { "huge.edge.kernel_writes",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; go a get 600 1; uread u; uwp u 512 512 off; "
          "join a; huge 512" },
        { "huge.edge.kernel_reads",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; give 600 1; huge 512" },
        { "huge.edge.sigbus",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u sigbus; ureg u 512 512 w; uwp u 512 512; touch w 600; huge 512; get 600 1; "
          "touch r 600" },
        { "huge.edge.exact",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u exact; ureg u 512 512 w; uwp u 512 512; go a touch w 600.5; uread u; uwp u "
          "512 512 off; join a" },
        { "huge.edge.unregister_part",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; uunreg u 600 8; huge 512; bits 599 3; touch "
          "w 600; uunreg u 512 512; bits 599 3" },
        { "huge.edge.register_part",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 600 8 w; uwp u 600 8; huge 512; bits 599 3" },
        { "huge.edge.dontunmap",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; move 512 512 512 MFD 2048; huge 2048; bits "
          "2048 2; bits 512 2; flags 512; unmap 2048 512" },
        { "huge.edge.dontunmap_told",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u remap; ureg u 512 512 w; uwp u 512 512; go a move 512 512 512 MFD 2048; uread "
          "u; join a; huge 2048; bits 2048 2; bits 512 2; unmap 2048 512" },
        { "huge.edge.moved_misaligned",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; move 512 512 512 MF 2049; huge 2049; bits "
          "2049 2; unmap 2049 512" },
        { "huge.edge.moved_misaligned_told",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u remap; ureg u 512 512 w; uwp u 512 512; go a move 512 512 512 MF 2049; uread "
          "u; join a; huge 2049; bits 2049 2; unmap 2049 512" },
        { "huge.edge.moved_part",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; move 600 8 8 MF 2048; huge 512; bits 599 1; "
          "bits 2048 2; unmap 2048 8" },
        { "huge.edge.fork_told",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u fork; ureg u 512 512 w; uwp u 512 512; go a forked huge 512; uread u c; join "
          "a; uclose c; go a forked bits 512 2; uread u c; join a; uclose c; huge 512; bits 512 2" },
        { "huge.edge.fork_then_off",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; fork 1; uwp u 512 512 off; huge 512; touch "
          "w 600; huge 512; in 1 huge 512; exit 1; touch w 601" },
        { "huge.edge.zeroes",
          "map 512 512 rw; advise 512 512 hugepage; read 512 1; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; bits 512 2; go a touch w 600; uread u; uwp u "
          "600 1 off; join a; bits 599 3; huge 512" },
        { "huge.edge.zeroes_all_off",
          "map 512 512 rw; advise 512 512 hugepage; read 512 1; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; go a touch w 600; uread u; uwp u 512 512 off; "
          "join a; bits 599 3; huge 512" },
        { "huge.edge.zeroes_async",
          "map 512 512 rw; advise 512 512 hugepage; read 512 1; uopen u; uapi u async unpopulated; ureg u 512 512 w; scan 512 512 2 wp; bits 512 2; touch w 600; "
          "bits 599 3; huge 512; scan 512 512 2" },
        { "huge.edge.async_kernel",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u async unpopulated; ureg u 512 512 w; uwp u 512 512; get 600 1; huge 512; bits "
          "599 3" },
        { "huge.edge.off_part_unprotected",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 600 1 off; huge 512" },
        { "huge.edge.two_of_them",
          "map 512 1024 rw; advise 512 1024 hugepage; write 512 1 A; write 1024 1 B; uopen u; uapi u; ureg u 512 1024 w; uwp u 600 900; huge 512; bits 599 2; "
          "bits 1023 2; bits 1499 2; uwp u 512 1024; bits 512 1; bits 1535 1; uwp u 512 1024 off; bits 600 1" },
        { "huge.edge.close",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; uopen u; uapi u; ureg u 512 512 w; uwp u 512 512; uclose u; huge 512; bits 512 2; touch w "
          "600; huge 512" },
        { "huge.edge.scan_two",
          "map 512 1024 rw; advise 512 1024 hugepage; write 512 1 A; write 1024 1 B; uopen u; uapi u async unpopulated; ureg u 512 1024 w; scan 600 800 2 wp; "
          "huge 512; scan 512 1024 2; scan 512 1024 2 wp; scan 512 1024 2; touch w 513; scan 512 1024 2" },
        { "huge.take.wp_source",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 512 512 w; ureg u 2048 512 m; uwp u 512 512; umove u "
          "2048 512 512; huge 2048; bits 2048 2; uclose u; unmap 2048 512" },
        { "huge.take.wp_target",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 mw; umove u 2048 512 512; huge 2048; bits "
          "2048 2; uwp u 2048 512; huge 2048; bits 2048 2; uclose u; unmap 2048 512" },
        { "huge.take.zeroes",
          "map 512 512 rw; advise 512 512 hugepage; read 512 1; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; bits 512 1; bits 2048 "
          "2; touch w 2048; huge 2048; uclose u; unmap 2048 512" },
        { "huge.take.holes",
          "map 512 1536 rw; advise 512 1536 hugepage; write 512 1 A; write 1536 1 B; map 2560 1536 rw; uopen u; uapi u; ureg u 2560 1536 m; umove u 2560 512 "
          "1536; umove u 2560 512 1536 holes; umove u 3072 1024 1024 holes; huge 2560; bits 3584 1; uclose u; unmap 2560 1536" },
        { "huge.take.target_is_huge",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; advise 2048 512 hugepage; write 2048 1 Z; ureg u 2048 512 "
          "m; umove u 2048 512 512; umove u 2050 514 1; huge 512; huge 2048; uclose u; unmap 2048 512" },
        { "huge.take.target_is_huge_source_not",
          "map 512 512 rw; map 2048 512 rw; advise 2048 512 hugepage; write 2048 1 Z; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; umove u 2048 512 "
          "512 holes; write 520 1 A; umove u 2048 512 512; uclose u; unmap 2048 512" },
        { "huge.take.target_had_a_table",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; write 2050 1 Z; advise 2048 512 dontneed; ureg u 2048 512 "
          "m; umove u 2048 512 512; huge 2048; bits 2048 1 shared; uclose u; unmap 2048 512" },
        { "huge.take.short",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 511; huge 2048; huge "
          "512; bits 1023 1 shared; bits 2048 1 shared; uclose u; unmap 2048 512" },
        { "huge.take.there_and_back",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 512 512 m; ureg u 2048 512 m; umove u 2048 512 512; "
          "umove u 512 2048 512; huge 512; bits 512 1; uclose u; unmap 2048 512" },
        { "huge.take.waiter_inside",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; go a touch w 2060; uread u; umove u 2048 "
          "512 512; join a; huge 2048; uclose u; unmap 2048 512" },
        { "huge.take.forked_then_written",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; fork 1; exit 1; write 512 1 A; huge 512; uopen u; uapi u; ureg u 2048 512 m; "
          "umove u 2048 512 512; huge 2048; uclose u; unmap 2048 512" },
        { "huge.take.forked_misaligned",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 1024 rw; fork 1; uopen u; uapi u; ureg u 2048 1024 m; umove u 2049 512 512; huge "
          "512; exit 1; uclose u; unmap 2048 1024" },
        { "huge.take.then_fork",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; child; huge 2048; "
          "write 2049 1 X; end; huge 2048; uclose u; unmap 2048 512" },
        { "huge.take.then_mremap",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; ureg u 2048 512 m; umove u 2048 512 512; uclose u; move "
          "2048 512 512 MF 4096; huge 4096; unmap 4096 512" },
        { "huge.take.locked",
          "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; map 2048 512 rw; uopen u; uapi u; lock 512 512; ureg u 2048 512 m; umove u 2048 512 512; huge "
          "512; unlock 512 512; umove u 2048 512 512; huge 2048; uclose u; unmap 2048 512" },
};

int main(void)
{
        RUN_UFFD_CASES(cases);
        RUN_UFFD_CASES(edges);
        return 0;
}
