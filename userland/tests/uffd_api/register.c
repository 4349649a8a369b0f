/* SPDX-License-Identifier: MIT */
/* UFFDIO_REGISTER and UFFDIO_UNREGISTER: what may be registered, and what becomes of the mappings.
 */
#include "userland/tests/lib/uffd/cases.h"
#include "userland/tests/uffd_api/parts.h"

static const struct script_case misuse[] = {
        { "uffd.register.mode",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 0; ureg u 0 4 8; ureg u 0 4 9; ureg u 0 4 0x8000000000000001; "
          "ureg u 0 4 i; ureg u 0 4 mi; show; ureg u 0 4 mw" },
        { "uffd.register.unaligned",
          "map 0 4 rw; uopen u; uapi u; ureg u 0.1 4 m; ureg u 0 3.1 m; ureg u 0.1 3.4095 m; ureg u 0 0.4095 m" },
        { "uffd.register.length",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 0 m; ureg u 0 max m; ureg u 0 0xfffffffffffff000 m; ureg u 0 top m; "
          "ureg u 0 0x7ffeffffe000 m" },
        { "uffd.register.place",
          "uopen u; uapi u; ureg u 0x0 1 m; ureg u 0x1000 16 m; ureg u 0xf000 2 m; ureg u 0x10000 1 m; ureg u top 1 m; "
          "ureg u top-1 1 m; ureg u top-1 2 m; ureg u 0xffff800000000000 1 m; ureg u 0xfffffffffffff000 1 m" },
        { "uffd.register.nothing", "uopen u; uapi u; ureg u 0 4 m; uunreg u 0 4" },
        { "uffd.register.order",
          "map 0 4 rw; uopen u; uapi u; ureg u 0.1 4 0; ureg u 0 0 8; uraw u register 40; uraw u register 0x0; "
          "uraw u unregister 40; uraw u wake 40; uraw u register top" },
        { "uffd.register.unregister_misuse",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; uunreg u 0.1 4; uunreg u 0 3.1; uunreg u 0 0; uunreg u 0 max; "
          "uunreg u top 1; uunreg u 0x1000 1; uunreg u 10 4; uunreg u 0 4; uunreg u 0 4" },
};

static const struct script_case kinds[] = {
        { "uffd.register.anonymous",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 1 m; ureg u 1 1 w; ureg u 2 1 mw; ureg u 3 1 i" },
        { "uffd.register.read_only", "map 0 2 r; map 2 2 ---; uopen u; uapi u; ureg u 0 4 mw" },
        { "uffd.register.shared",
          "map 0 6 rw shared; uopen u; uapi u; ureg u 0 1 m; ureg u 1 1 w; ureg u 2 1 i; ureg u 3 1 mi; ureg u 4 1 mwi" },
        { "uffd.register.memfd",
          "object memfd 8; map 0 4 rw shared memfd; map 4 4 rw memfd; uopen u; uapi u; ureg u 0 1 m; ureg u 1 1 mwi; "
          "ureg u 4 1 m; ureg u 5 1 i; ureg u 6 1 w" },
        { "uffd.register.memfd_read_only",
          "object memfd 4; map 0 2 r shared memfd; map 4 2 r memfd; uopen u; uapi u; ureg u 0 2 m; ureg u 0 2 i; ureg u 4 2 m" },
        { "uffd.register.never_writable",
          "nowrite memfd 4; map 0 2 r shared memfd; map 2 2 r memfd; map 4 2 rw; uopen u; uapi u; ureg u 0 2 m; ureg u 0 2 w; ureg u 0 2 i; ureg u 2 2 m; ureg u 0 6 m" },
        { "uffd.register.zero",
          "map 0 2 rw zero; map 2 2 rw shared zero; uopen u; uapi u; ureg u 0 2 m; ureg u 0 2 i; ureg u 2 2 mw; ureg u 2 2 i" },
        { "uffd.register.droppable",
          "map 0 2 rw droppable; uopen u; uapi u; ureg u 0 2 m; ureg u 0 2 w" },
        { "uffd.register.special",
          "uopen u; uapi u; ureg u vdso 1 m; ureg u vvar 1 m; uunreg u vdso 1" },
        { "uffd.register.stack_like",
          "map 4 4 rw down; uopen u; uapi u; ureg u 4 4 m; go a write 3 1 A; blocked a; uread u; ucopy u 3 1 B; join a; flags 4" },
        { "uffd.register.sealed",
          "map 0 4 rw; seal 0 4; uopen u; uapi u; ureg u 0 2 m; show; uunreg u 0 2" },
        { "uffd.register.locked",
          "map 0 4 rw locked; uopen u; uapi u; ureg u 0 4 mw; bits 0 4; advise 0 4 21" },
        { "uffd.register.noreserve",
          "map 0 2 rw noreserve; map 2 2 rw stack; uopen u; uapi u; ureg u 0 4 m; flags 0; flags 2" },
        { "uffd.register.heap",
          "heap 4; uopen u; uapi u; ureg u heap 2 m; look heap 4; uunreg u heap 2; look heap 4" },
        { "uffd.register.guarded",
          "map 0 4 rw; advise 1 1 102; uopen u; uapi u; ureg u 0 4 mw; bits 0 4; touch r 1; uunreg u 0 4" },
        { "uffd.register.nobody",
          "map 0 4 rw; nobody; uopen v user; uapi v; ureg v 0 4 mw; show; uunreg v 0 4" },
        { "uffd.register.nobody_memfd",
          "object memfd 4; map 0 2 r shared memfd; map 2 2 rw shared memfd; nobody; uopen v user; uapi v; ureg v 0 2 m; ureg v 2 2 mwi" },
};

static const struct script_case ranges[] = {
        { "uffd.register.several",
          "map 0 2 rw; map 2 2 r; map 4 2 rw shared; uopen u; uapi u; ureg u 0 6 m; show; ureg u 0 6 i; ureg u 4 2 mwi; show; uunreg u 1 4" },
        { "uffd.register.holes",
          "map 2 2 rw; map 6 2 rw; uopen u; uapi u; ureg u 0 10 m; show; uunreg u 0 10" },
        { "uffd.register.all_or_nothing",
          "map 0 2 rw; map 2 2 rw droppable; map 4 2 rw; uopen u; uapi u; ureg u 0 6 m; show; ureg u 0 2 m; ureg u 4 2 m; show; "
          "uunreg u 0 6; show; uunreg u 0 2" },
        { "uffd.register.middle",
          "map 0 6 rw; write 0 6 A; uopen u; uapi u; ureg u 2 2 m; show; ureg u 0 6 m; show; uunreg u 1 1; show; uunreg u 0 6" },
        { "uffd.register.modes_grow",
          "map 0 4 rw shared; uopen u; uapi u; ureg u 0 4 m; flags 0; ureg u 0 4 mw; flags 0; ureg u 0 4 w; flags 0; ureg u 0 4 i; flags 0; "
          "ureg u 0 4 m; flags 0" },
        { "uffd.register.modes_replace",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; bits 0 4; ureg u 0 4 m; flags 0; bits 0 4; write 0 1 X; "
          "bits 0 4; ureg u 0 4 w; bits 0 4; uwp u 0 4 off; uunreg u 0 4" },
        { "uffd.register.modes_replace_unregister",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; ureg u 0 4 m; uunreg u 0 4; bits 0 4" },
        { "uffd.register.modes_differ",
          "map 0 6 rw; uopen u; uapi u; ureg u 0 2 m; ureg u 2 2 w; ureg u 4 2 mw; show; ureg u 0 6 mw; show; ureg u 0 6 m; show; ureg u 2 2 w" },
        { "uffd.register.two_descriptors",
          "map 0 8 rw; uopen u; uopen v; uapi u; uapi v; ureg u 0 4 m; ureg v 2 4 m; ureg v 4 4 m; show; uunreg v 0 4; uunreg v 0 8; "
          "show; uunreg u 0 8; uunreg u 0 4; show; ureg v 0 8 m" },
        { "uffd.register.two_merge",
          "map 0 8 rw; uopen u; uopen v; uapi u; uapi v; ureg u 0 4 m; ureg v 4 4 m; show; uunreg u 0 4; ureg v 0 4 m" },
        { "uffd.register.close_merges",
          "map 0 8 rw; write 0 8 A; uopen u; uopen v; uapi u; uapi v; ureg u 0 2 m; ureg v 2 2 m; ureg u 4 2 w; uclose u; show; uclose v" },
        { "uffd.register.map_count",
          "map 0 2 rw; map 3 2 rw; uopen u; uapi u; ureg u 0 5 m; map 2 1 rw; show; ureg u 2 1 m; show; uunreg u 2 1" },
        { "uffd.register.neighbours",
          "map 0 2 rw; uopen u; uapi u; ureg u 0 2 m; map 2 2 rw; show; move 0 2 3 0; map 10 2 rw; ureg u 10 2 m; protect 10 1 r; show; protect 10 1 rw" },
};

static const struct script_case changes[] = {
        { "uffd.keep.protect",
          "map 0 4 rw; write 0 1 A; uopen u; uapi u; ureg u 0 4 m; protect 0 2 r; show; protect 0 4 ---; show; protect 0 4 rw" },
        { "uffd.keep.lock",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 w; onfault 1 2; show; unlock 0 4" },
        { "uffd.keep.advise",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; advise 0 2 dontfork; advise 1 2 dontdump; show; advise 0 4 dofork; advise 0 4 dodump; "
          "advise 0 4 nohugepage; flags 0" },
        { "uffd.keep.seal",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; seal 1 2; show; uunreg u 0 4" },
        { "uffd.keep.unmap_pieces",
          "map 0 8 rw; uopen u; uapi u; ureg u 0 8 m; unmap 2 1; unmap 5 1; show; uunreg u 0 8; map 2 1 rw" },
        { "uffd.keep.map_over",
          "map 0 8 rw; uopen u; uapi u; ureg u 0 8 m; map 2 2 rw; show; uunreg u 0 8" },
        { "uffd.keep.fork",
          "map 0 4 rw; write 0 1 A; uopen u; uapi u; ureg u 0 4 m; child; flags 0; touch r 2; end" },
        { "uffd.keep.fork_wp",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; child; flags 0; bits 0 4; write 0 2 X; bits 0 4; end; bits 0 4" },
        { "uffd.keep.fork_shared",
          "map 0 4 rw shared; uopen u; uapi u; ureg u 0 4 mw; child; flags 0; write 0 1 X; end; upoll u; bits 0 4" },
        { "uffd.keep.child_closes",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; child; uclose u; end; show; go a touch w 0; uread u; uzero u 0 1; join a" },
        { "uffd.keep.child_registers",
          "map 0 4 rw; uopen u; uapi u; child; ureg u 0 4 m; flags 0; end; flags 0" },
        { "uffd.keep.child_fills",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; child; ucopy u 0 1 A; show; end" },
        { "uffd.keep.smaps_private",
          "object memfd 4; map 0 4 rw memfd; uopen u; uapi u; ureg u 0 4 mwi; ucopy u 2 1 A; ucopy u 3 1 B; flags 0; uunreg u 0 4; flags 0" },
};

void api_register(void)
{
        RUN_UFFD_CASES(misuse);
        RUN_UFFD_CASES(kinds);
        RUN_UFFD_CASES(ranges);
        RUN_UFFD_CASES(changes);
}
