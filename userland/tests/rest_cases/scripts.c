/* SPDX-License-Identifier: MIT */
/* Cases that a script can tell: the heap, stacks, locks and advice. */
#include "userland/tests/lib/script.h"
#include "userland/tests/rest_cases/parts.h"

static const struct script_case heap[] = {
        { "brk.gap", "heap 4; map heap+6 1 r; heap 7; heap 6; heap 5; look heap 8" },
        { "brk.gap.stack", "heap 4; map heap+600 1 rw down; heap 344; heap 343; heap 4" },
        { "brk.gap.moves_away", "heap 4; map heap+6 1 r; heap 8; unmap heap+6 1; heap 8" },
        { "brk.merge", "heap 4; map heap+6 2 rw; heap 5; look heap 8; write heap 5 A" },
        { "brk.merge.below", "heap 4; unmap heap 4; heap 6; look heap 6" },
        { "brk.moved_whole",
          "heap 4; write heap 4 A; move heap 4 4 MF 10; heap 6; write heap+4 2 Q; look heap 6" },
        { "brk.flags", "mark; heap 4; flags heap; counts; write heap 2 A; counts" },
        { "brk.flags.locked", "lockall 2; mark; heap 4; flags heap; incore heap 4; counts" },
        { "brk.flags.locked_onfault",
          "lockall 6; mark; heap 4; flags heap; incore heap 4; counts" },
        { "brk.name.pieces", "heap 6; unmap heap+2 1; protect heap+4 1 r; look heap 6" },
        { "brk.name.other", "heap 4; unmap heap+1 2; map heap+1 1 r shared; look heap 4" },
        { "brk.shrink.part", "heap 6; unmap heap+2 2; heap 5; heap 3; heap 1; look heap 6" },
        { "brk.sealed_above", "heap 6; seal heap+4 2; heap 5; heap 7; look heap 7" },
        { "brk.limit.stack", "limit stack 0 all; heap 4; heap 0" },
};

static const struct script_case stacks[] = {
        { "stack.page_numbers",
          "map 0x20000 1 rw down; write 0x20000 1 A; move 0x20000 1 1 MF 500; touch w 480; touch w 468; touch w 467" },
        { "stack.refused_for_good",
          "map 0 300 rw; map 560 2 rw down; touch w 556; touch w 555; touch w 556" },
        { "stack.gap_of_two", "map 300 2 rw down; map 600 2 rw down; touch w 303; touch w 302" },
        { "stack.shared_data", "map 300 2 rw down; write 300 2 A; child; touch w 298; end" },
};

static const struct script_case locks[] = {
        { "mlock.all.current",
          "map 0 2 rw; map 2 2 r; map 4 2 -; map 6 2 rw shared; lockall 1; incore 0 8; flags 0; flags 4; map 8 1 rw; flags 8" },
        { "mlock.all.current_onfault", "map 0 2 rw; lockall 5; incore 0 2; flags 0; unlockall" },
        { "mlock.special", "lock vvar 1; lock vdso 1; unlock vvar 1" },
        { "mlock.read_only_written",
          "map 0 2 rw; write 0 1 A; protect 0 2 r; mark; lock 0 2; counts" },
        { "mlock.private_object", "object memfd 4; map 0 4 rw memfd; mark; lock 0 4; counts" },
        { "remap_file_pages.several",
          "object memfd 8; map 0 2 rw shared memfd; map 2 2 rw shared memfd @6; window 0 4 2; look 0 4" },
        { "remap_file_pages.other_rights",
          "object memfd 8; map 0 2 rw shared memfd; map 2 2 r shared memfd @6; window 0 4 2" },
};

static const struct script_case advice[] = {
        { "madvise.flags.replace.reading",
          "map 0 1 rw; advise 0 1 random; flags 0; advise 0 1 sequential; flags 0; advise 0 1 normal; flags 0" },
        { "madvise.flags.replace.huge",
          "map 0 1 rw; advise 0 1 14; flags 0; advise 0 1 15; flags 0; advise 0 1 14; flags 0" },
        { "madvise.flags.replace.opposites",
          "map 0 1 rw; advise 0 1 10; advise 0 1 12; advise 0 1 16; flags 0; advise 0 1 11; advise 0 1 13; advise 0 1 17; flags 0" },
        { "madvise.special",
          "advise vdso 2 10; advise vdso 2 11; advise vdso 2 16; advise vdso 2 17; advise vdso 2 14; advise vdso 2 12; advise vvar 4 dontneed; advise vvar 4 102; advise vvar 4 18" },
        { "madvise.hole_between", "map 0 1 rw; map 2 1 rw; advise 0 3 random; flags 0; flags 2" },
        { "madvise.first_refusal",
          "map 0 1 rw; map 1 1 rw shared; map 2 1 rw; advise 0 3 18; flags 0; flags 2" },
        { "fault.pkey.absent", "map 0 2 x; touch r 0; touch w 0; map 2 1 x; touch r 2" },
        { "fault.pkey.no_rights",
          "map 0 2 rw; write 0 1 A; protect 0 2 x; touch r 0; touch r 1; protect 0 2 r; touch r 0; touch r 1" },
        { "dup.below",
          "map 4 4 rw shared; move 6 0 4 MF 4; move 6 0 2 MF 4; move 6 0 2 MF 5; write 4 1 A" },
        { "dontunmap.self_gap", "map 0 2 rw; map 3 1 rw; move 0 2 2 MD 3; move 0 2 2 MFD 1" },
};

void cases_of_scripts(void)
{
        RUN_CASES(heap);
        RUN_CASES(stacks);
        RUN_CASES(locks);
        RUN_CASES(advice);
}
