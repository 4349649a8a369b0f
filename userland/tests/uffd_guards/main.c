/* SPDX-License-Identifier: MIT */
/*
 * Guard pages (MADV_GUARD_INSTALL is advice 102, MADV_GUARD_REMOVE 103): on every kind of memory,
 * through every call that changes memory, and what the kernel says of them: gu among VmFlags, 8 in
 * bits of pagemap (which are 58 there), category 0x100 of PAGEMAP_SCAN.
 */
#include "userland/tests/lib/uffd/cases.h"

#define ANON   "map 0 8 rw; write 0 8 A; advise 2 2 102; "
#define SHARED "map 0 8 rw shared; write 0 8 A; advise 2 2 102; "
#define MEMFD  "object memfd 8; map 0 8 rw shared memfd; read 0 8; advise 2 2 102; "
#define COPIES "object memfd 8; map 0 8 rw memfd; write 0 4 A; advise 2 2 102; "
#define FILE_R "object file 8; map 0 8 r file; read 0 8; advise 2 2 102; "

static const struct script_case kinds[] = {
        { "kind.anon", ANON "bits 0 8; scan 0 8 0x100; incore 0 8; touch r 2; touch w 3" },
        { "kind.anon_untouched",
          "map 0 8 rw; mark; advise 2 2 102; counts; bits 0 8; flags 0; scan 0 8 0x100; touch r 3" },
        { "kind.anon_read_only", "map 0 8 r; read 0 8; advise 2 2 102; bits 0 8; touch r 2" },
        { "kind.anon_no_access",
          "map 0 8 -; advise 2 2 102; bits 0 4; touch r 2; touch r 4; protect 0 8 rw; touch r 2; touch r 4" },
        { "kind.shared", SHARED "bits 0 8; scan 0 8 0x100; incore 0 8; touch r 2; flags 0" },
        { "kind.shared_content_stays", SHARED "advise 0 8 103; bits 0 8; read 0 8; bits 2 2" },
        { "kind.memfd", MEMFD "bits 0 8; scan 0 8 0x100; incore 0 8; touch r 2; flags 0" },
        { "kind.memfd_other_mapping",
          MEMFD "map 16 8 rw shared memfd; touch r 18; touch w 18; bits 16 4; look 16 8" },
        { "kind.private_memfd", COPIES "bits 0 8; incore 0 8; touch w 3; advise 0 8 103" },
        { "kind.private_memfd_copies_are_lost", COPIES "advise 0 8 103; read 2 1; bits 0 5; show" },
        { "kind.file_read_only", FILE_R "bits 0 8; scan 0 8 0x100; touch r 2; flags 0" },
        { "kind.file_around", "object file 8; map 0 8 r file; advise 2 1 102; read 0 1; bits 0 8" },
        { "kind.file_past_end",
          "object memfd 4; map 0 8 rw shared memfd; advise 3 3 102; touch r 3; touch r 4; touch r 7; advise 0 8 103; touch r 3; touch r 4" },
        { "kind.dev_zero", "map 0 4 rw zero; write 0 4 A; advise 1 1 102; bits 0 4; touch r 1" },
        { "kind.droppable",
          "map 0 4 rw droppable; write 0 4 A; advise 1 1 102; touch r 1; flags 0" },
        { "kind.stack_like",
          "map 4 4 rw down; write 4 4 A; advise 4 1 102; touch w 3; show; touch w 4" },
        { "kind.several_mappings",
          "map 0 2 rw; map 2 2 r; object memfd 2; map 4 2 rw shared memfd; advise 0 6 102; bits 0 6; flags 0; flags 2; flags 4" },
        { "kind.vdso", "advise vdso 1 102; advise vvar 1 102; advise vdso 1 103" },
};

static const struct script_case refused[] = {
        { "refused.arguments",
          "map 0 4 rw; advise 0.1 1 102; advise 0.1 1 103; advise 0 0 102; advise 0.1 0 102; advise 0 max 102; advise 0 0.1 102; bits 0 2; advise 0 1 104; advise top 1 102" },
        { "refused.hole",
          "map 0 2 rw; map 4 2 rw; advise 0 6 102; bits 0 6; advise 0 6 103; bits 0 6; advise 8 1 102; advise 8 1 103" },
        { "refused.locked",
          "map 0 8 rw locked; advise 2 2 102; bits 0 4; advise 2 2 103; flags 0" },
        { "refused.locked_in_the_middle",
          "map 0 8 rw; lock 4 2; advise 0 8 102; bits 0 8; advise 0 8 103; bits 0 8" },
        { "refused.onfault",
          "map 0 4 rw; onfault 0 4; advise 1 1 102; unlock 0 4; advise 1 1 102; bits 0 4" },
        { "refused.sealed",
          "map 0 4 rw; map 4 4 r; map 8 4 rw shared; seal 0 12; advise 1 1 102; advise 5 1 102; advise 9 1 102; advise 5 1 103; bits 0 12" },
        { "refused.nobody", "map 0 4 rw; nobody; advise 1 1 102; advise 1 1 103" },
        { "refused.remote",
          "map 0 4 rw; write 0 4 A; remote 1 1 102; bits 0 4; remote 1 1 103; bits 0 4; remote 1 4 102; bits 0 4; remote 3 2 103; bits 0 4" },
        { "refused.remote_nobody",
          "map 0 4 rw; write 0 4 A; nobody; remote 1 1 102; remote 1 1 103; remote 1 1 20" },
};

static const struct script_case advice[] = {
        { "through.dontneed", ANON "advise 0 8 dontneed; bits 0 8; touch r 2" },
        { "through.dontneed_shared", SHARED "advise 0 8 dontneed; bits 0 8; touch r 2; read 1 1" },
        { "through.dontneed_file", FILE_R "advise 0 8 dontneed; bits 0 8; touch r 2" },
        { "through.dontneed_locked",
          "map 0 8 rw; write 0 8 A; advise 2 2 102; lock 0 8; bits 0 8; advise 0 8 24; bits 0 8" },
        { "through.free", ANON "advise 0 8 free; bits 0 8; touch r 2" },
        { "through.remove",
          SHARED "advise 0 8 remove; bits 0 8; touch r 2; advise 0 8 103; touch r 2" },
        { "through.cold", ANON "advise 0 8 20; advise 0 8 21; bits 0 8; touch r 2" },
        { "through.willneed", COPIES "advise 0 8 3; bits 0 8; touch r 2" },
        { "through.mergeable",
          ANON "advise 0 8 mergeable; bits 0 8; flags 0; touch r 2; advise 0 8 13" },
        { "through.populate", ANON "advise 0 8 22; advise 0 8 23; advise 4 4 23; bits 0 8" },
        { "through.install_again",
          ANON "advise 0 4 102; advise 2 4 102; bits 0 8; advise 3 1 103; bits 0 8" },
        { "through.remove_again",
          ANON "advise 0 8 103; advise 0 8 103; bits 0 8; flags 0; read 0 8; bits 0 8" },
        { "through.dontfork",
          ANON "advise 0 8 dontfork; child; show; end; advise 0 8 dofork; bits 2 2" },
        { "through.wipe",
          ANON "advise 0 8 wipe; child; bits 0 8; touch r 2; flags 0; end; bits 2 2" },
};

static const struct script_case changes[] = {
        { "change.protect", ANON
          "protect 0 8 r; bits 0 8; protect 0 8 -; touch r 2; protect 0 8 rw; touch r 2; bits 0 8" },
        { "change.protect_part", ANON
          "protect 2 1 r; flags 0; flags 2; flags 3; touch r 2; protect 2 1 rw; flags 0; bits 0 8" },
        { "change.lock", ANON "mark; lock 0 8; counts; flags 0; bits 0 8; unlock 0 8; touch r 2" },
        { "change.lock_onfault", ANON "onfault 0 8; flags 0; bits 0 8; advise 0 8 103; bits 0 8" },
        { "change.lockall", ANON "lockall 1; flags 0; bits 0 8; touch r 2; unlockall" },
        { "change.unmap_middle", ANON "unmap 3 2; flags 0; flags 5; bits 0 8" },
        { "change.map_over", ANON "map 2 2 rw; flags 0; bits 0 8; touch r 2" },
        { "change.merge_spreads",
          "map 0 2 rw; map 4 2 rw; advise 0 1 102; map 2 2 rw; flags 0; flags 4; bits 0 6" },
        { "change.seal", ANON "seal 0 8; advise 0 8 103; bits 0 8; touch r 2" },
        { "change.kernel", ANON "peek 2; poke 3 X; peek 4; object memfd 1; bits 0 8" },
        { "change.truncate", MEMFD
          "resize memfd 2; bits 0 4; touch r 2; touch r 4; resize memfd 8; touch r 2; touch r 4; bits 0 8" },
        { "change.punch", MEMFD "punch memfd 2 2; bits 0 8; touch r 2; advise 0 8 103; touch r 2" },
        { "change.window", MEMFD "window 0 1 0 4 0; show; touch r 2; bits 0 4" },
};

static const struct script_case forks[] = {
        { "fork.anon", ANON
          "child; bits 0 8 shared; touch r 2; touch w 3; flags 0; advise 0 8 103; touch r 2; end; touch r 2; bits 0 8 shared" },
        { "fork.untouched", "map 0 8 rw; advise 2 2 102; child; bits 0 8; touch r 2; end" },
        { "fork.shared", SHARED "child; bits 0 8 shared; touch r 2; flags 0; end; touch r 2" },
        { "fork.memfd", MEMFD "child; bits 0 8 shared; touch r 2; flags 0; end; touch r 2" },
        { "fork.private_memfd",
          COPIES "child; bits 0 8 shared; touch r 2; flags 0; end; touch r 2" },
        { "fork.file", FILE_R "child; bits 0 8 shared; touch r 2; flags 0; end; touch r 2" },
        { "fork.removed_shared",
          SHARED "advise 0 8 103; flags 0; child; bits 0 8 shared; flags 0; end" },
        { "fork.child_installs",
          "map 0 4 rw; write 0 4 A; child; advise 1 1 102; touch r 1; end; touch r 1; bits 0 4; flags 0" },
};

static const struct script_case moves[] = {
        { "move.anon", ANON "move 0 8 8 MF 16; touch r 18; bits 16 8; flags 16" },
        { "move.part",
          ANON "move 3 3 3 MF 16; touch r 16; touch r 17; bits 0 8; bits 16 3; flags 0; flags 16" },
        { "move.only_guards", ANON "move 2 2 2 MF 16; bits 16 2; touch r 16; flags 16; flags 0" },
        { "move.shared", SHARED "move 0 8 8 MF 16; touch r 18; bits 16 8; flags 16" },
        { "move.memfd", MEMFD "move 0 8 8 MF 16; touch r 18; bits 16 8; flags 16" },
        { "move.file", FILE_R "move 0 8 8 MF 16; touch r 18; bits 16 8; flags 16" },
        { "move.grow", ANON "move 0 8 12 MF 16; touch r 18; touch w 27; bits 16 12" },
        { "move.grow_in_place", ANON "move 0 8 12 0; flags 0; bits 0 12; touch w 11" },
        { "move.shrink", ANON "move 0 8 3 0; bits 0 3; flags 0; move 0 3 8 0; bits 0 8" },
        { "move.over_guards",
          ANON "map 16 8 rw; write 16 8 P; move 16 8 8 MF 0; bits 0 8; flags 0; touch r 2" },
        { "move.keep",
          ANON "move 0 8 8 MFD 16; bits 0 8; bits 16 8; touch r 2; touch r 18; flags 0; flags 16" },
        { "move.keep_shared",
          SHARED "move 0 8 8 MFD 16; bits 0 8; bits 16 8; touch r 2; touch r 18; flags 0" },
        { "move.keep_memfd",
          MEMFD "move 0 8 8 MFD 16; bits 0 8; bits 16 8; touch r 2; touch r 18; flags 0" },
        { "move.keep_file",
          FILE_R "move 0 8 8 MFD 16; bits 0 8; bits 16 8; touch r 2; touch r 18; flags 0" },
        { "move.twin", SHARED "move 0 0 8 MF 16; bits 16 8; touch r 18; flags 16; touch r 2" },
        { "move.several",
          ANON "protect 4 2 r; move 0 8 8 MF 16; bits 16 8; flags 16; flags 20; touch r 18" },
        { "move.table",
          "map 512 512 rw; write 600 2 A; advise 700 2 102; move 512 512 512 MF 2048; bits 2135 3; bits 2236 2; touch r 2236; touch r 700; flags 2048; unmap 2048 512" },
        { "move.table_keep",
          "map 512 512 rw; write 600 2 A; advise 700 2 102; move 512 512 512 MFD 2048; bits 2236 2; touch r 2236; bits 700 2; touch r 700; flags 512; unmap 2048 512" },
        { "move.merged",
          ANON "map 16 2 rw; write 16 2 P; move 0 8 8 MF 18; flags 16; flags 18; bits 16 10" },
};

#define HUGE_PAGE "map 512 512 rw; advise 512 512 hugepage; write 512 1 A; "

static const struct script_case huge[] = {
        { "huge.part",
          HUGE_PAGE "huge 512; advise 600 2 102; huge 512; bits 599 4; touch r 600; read 602 1" },
        { "huge.whole", HUGE_PAGE
          "advise 512 512 102; huge 512; bits 512 1; bits 1023 1; touch r 700; advise 512 512 103; touch w 700; huge 512" },
        { "huge.removed_and_filled",
          HUGE_PAGE "advise 512 512 102; advise 512 512 103; write 512 1 B; huge 512; bits 513 1" },
        { "huge.zero_page",
          "map 512 512 rw; advise 512 512 hugepage; read 512 1; advise 600 1 102; bits 599 3; touch w 599; huge 512" },
        { "huge.fault_beside",
          "map 512 512 rw; advise 512 512 hugepage; advise 600 1 102; touch w 512; huge 512; bits 599 3" },
        { "huge.collapse", HUGE_PAGE
          "advise 600 1 102; advise 512 512 25; huge 512; advise 600 1 103; advise 512 512 25; huge 512" },
        { "huge.collapse_all_guards",
          "map 512 512 rw; advise 512 512 102; advise 512 512 25; touch r 512" },
        { "huge.moved_whole", HUGE_PAGE
          "advise 600 1 102; move 512 512 512 MF 2048; huge 2048; bits 2135 3; touch r 2136; unmap 2048 512" },
        { "huge.shared",
          "map 512 512 rw shared; write 512 1 A; advise 600 1 102; bits 599 3; touch r 600; huge 512" },
};

static const struct script_case registered[] = {
        { "uffd.register",
          ANON "uopen u; uapi u; ureg u 0 8 m; touch r 2; flags 0; bits 0 8; uclose u" },
        { "uffd.install",
          "map 0 8 rw; uopen u; uapi u remove; ureg u 0 8 m; advise 2 2 102; touch r 2; uread u; bits 0 4; uclose u" },
        { "uffd.remove", ANON
          "uopen u; uapi u sigbus; ureg u 0 8 m; advise 0 8 103; touch r 2; bits 0 4; uclose u; touch r 2" },
        { "uffd.fill", ANON
          "map 16 2 rw; write 16 2 P; uopen u; uapi u; ureg u 0 8 m; uzero u 2 1; upoison u 2 1; ucopy u 2 1 @16; bits 0 4; touch r 2; touch r 3; uclose u" },
        { "uffd.protect", ANON
          "uopen u; uapi u unpopulated; ureg u 0 8 w; uwp u 0 8; bits 0 8; touch r 2; uwp u 0 8 off; bits 0 8; uclose u" },
        { "uffd.protect_then_install",
          "map 0 8 rw; write 0 4 A; uopen u; uapi u unpopulated; ureg u 0 8 w; uwp u 0 8; advise 2 4 102; bits 0 8; uclose u; bits 0 8; advise 0 8 103; bits 0 8" },
        { "uffd.poisoned",
          "map 0 8 rw; uopen u; uapi u; ureg u 0 8 m; upoison u 2 2; advise 3 2 102; bits 0 6; touch r 2; touch r 3; advise 0 8 103; bits 0 6; touch r 2; uclose u" },
        { "uffd.moved", ANON
          "uopen u; uapi u; ureg u 0 8 m; map 16 8 rw; ureg u 16 8 m; umove u 16 0 4; umove u 18 2 1; umove u 20 2 1 holes; bits 0 4 shared; bits 16 8 shared; uclose u" },
        { "uffd.remapped", ANON
          "uopen u; uapi u; ureg u 0 8 mw; move 0 8 8 MF 16; bits 16 8; touch r 18; flags 16; uclose u" },
};

int main(void)
{
        RUN_UFFD_CASES(kinds);
        RUN_UFFD_CASES(refused);
        RUN_UFFD_CASES(advice);
        RUN_UFFD_CASES(changes);
        RUN_UFFD_CASES(forks);
        RUN_UFFD_CASES(moves);
        RUN_UFFD_CASES(huge);
        RUN_UFFD_CASES(registered);
        return 0;
}
