/* SPDX-License-Identifier: MIT */
/* UFFDIO_WRITEPROTECT misused, descriptors of processes that are gone, and of the wrong kind. */
#include "userland/tests/lib/uffd/cases.h"
#include "userland/tests/uffd_api/parts.h"

static const struct script_case cases[] = {
        { "uffd.writeprotect.range",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0.1 1; uwp u 0 0.1; uwp u 0 0; uwp u 0 max; uwp u top 1; uwp u 0x0 1; "
          "uwp u 40 1; uwp u 0 1 4; uwp u 0 1 dontwake; uwp u 0 1 off dontwake; uwp u 0 1 0x10; uraw u writeprotect 40; bits 0 4" },
        { "uffd.writeprotect.unregistered",
          "map 0 8 rw; write 0 8 A; uopen u; uapi u; uwp u 0 4; ureg u 0 2 m; uwp u 0 2; ureg u 2 2 w; uwp u 0 4; uwp u 4 2; uwp u 2 6; uwp u 2 2; bits 0 8" },
        { "uffd.writeprotect.several",
          "map 0 2 rw; map 2 2 rwx; map 6 2 rw; write 0 4 A; write 6 2 G; uopen u; uapi u; ureg u 0 8 w; uwp u 0 4; bits 0 8; uwp u 2 10; bits 0 8; uwp u 4 2" },
        { "uffd.writeprotect.two_descriptors",
          "map 0 4 rw; write 0 4 A; uopen u; uopen v; uapi u; uapi v; ureg u 0 4 w; uwp v 0 2; bits 0 4; uwp u 0 2 off; bits 0 4" },
        { "uffd.writeprotect.feature_unasked",
          "map 0 2 rw shared; write 0 2 A; uopen u; uapi u; ureg u 0 2 w; uwp u 0 1; bits 0 2" },
        { "uffd.gone.child",
          "map 0 4 rw; map 8 4 rw; uopen u; uapi u fork; ureg u 0 4 mw; go a forked touch w 8; uread u c; join a; ucopy c 0 1 A; uzero c 0 1; upoison c 0 1; ucont c 0 1; "
          "umove c 0 8 1; uwp c 0 1; ureg c 8 4 m; uunreg c 0 4; uwake c 0 4; umany c 1; upoll c; uinfo c; uapi c" },
        { "uffd.gone.ranges_first",
          "map 0 4 rw; uopen u; uapi u fork; ureg u 0 4 m; go a forked touch w 8; uread u c; join a; ucopy c 0.1 1 A; ucopy c 0 1 A 8; uzero c 0 0; ureg c 0 4 0; ureg c 0.1 4 m; "
          "uunreg c 0 0; uwp c 0 1 8" },
        { "uffd.kind.not_one",
          "object memfd 1; map 0 1 rw; uraw u api 0; uopen u; uapi u; upoll u; ureg v 0 1 m; uwake v 0 1" },
        { "uffd.pointer.unmapped",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; uraw u register 40; uraw u unregister 40; uraw u wake 40; uraw u copy 40; uraw u zeropage 40; uraw u move "
          "40; uraw u writeprotect 40; uraw u continue 40; uraw u poison 40" },
        { "uffd.pointer.null",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; uraw u register 0x0; uraw u unregister 0x0; uraw u wake 0x0; uraw u copy 0x0; uraw u zeropage 0x0; uraw u "
          "move 0x0; uraw u writeprotect 0x0; uraw u continue 0x0; uraw u poison 0x0" },
        { "uffd.pointer.kernel",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; uraw u register 0xffff800000000000; uraw u unregister 0xffff800000000000; uraw u wake 0xffff800000000000; "
          "uraw u copy 0xffff800000000000; uraw u zeropage 0xffff800000000000; uraw u move 0xffff800000000000; uraw u writeprotect 0xffff800000000000; uraw u "
          "continue 0xffff800000000000; uraw u poison 0xffff800000000000" },
        { "uffd.pointer.no_access",
          "map 0 4 rw; map 8 1 none; uopen u; uapi u; ureg u 0 4 m; uraw u register 8; uraw u unregister 8; uraw u wake 8; uraw u copy 8; uraw u zeropage 8; "
          "uraw u move 8; uraw u writeprotect 8; uraw u continue 8; uraw u poison 8" },
        { "uffd.pointer.cut_off",
          "map 0 4 rw; map 8 1 rw; write 8 1 A; uopen u; uapi u; ureg u 0 4 m; uraw u register 8.4088; uraw u unregister 8.4088; uraw u wake 8.4088; uraw u copy "
          "8.4088; uraw u zeropage 8.4088; uraw u move 8.4088; uraw u writeprotect 8.4088; uraw u continue 8.4088; uraw u poison 8.4088" },
        { "uffd.pointer.unaligned",
          "map 0 4 rw; map 8 1 rw; uopen u; uapi u; ureg u 0 4 m; uraw u register 8.3; uraw u unregister 8.3; uraw u wake 8.3; uraw u copy 8.3; uraw u zeropage "
          "8.3; uraw u move 8.3; uraw u writeprotect 8.3; uraw u continue 8.3; uraw u poison 8.3" },
        { "uffd.pointer.letters",
          "map 0 4 rw; map 8 1 rw; write 8 1 A; uopen u; uapi u; ureg u 0 4 m; uraw u register 8; uraw u unregister 8; uraw u wake 8; uraw u copy 8; uraw u "
          "zeropage 8; uraw u move 8; uraw u writeprotect 8; uraw u continue 8; uraw u poison 8" },
        { "uffd.pointer.read_only",
          "map 0 4 rw; map 8 1 r; uopen u; uapi u; ureg u 0 4 m; uraw u register 8; uraw u unregister 8; uraw u wake 8; uraw u copy 8; uraw u zeropage 8; uraw u "
          "move 8; uraw u writeprotect 8; uraw u continue 8; uraw u poison 8" },
        { "uffd.pointer.missing",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a uraw u copy 1; uread u; uzero u 1 1; join a; go a uraw u wake 2; uread u; ucopy u 2 1 A; join a" },
        { "uffd.pointer.source_missing",
          "map 0 4 rw; map 8 2 rw; uopen u; uapi u; ureg u 0 4 m; go a ucopy u 0 1 @2; uread u; ucopy u 2 1 C; join a; look 0 4" },
        { "uffd.pointer.source_is_target",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a ucopy u 0 1 @0; uread u; ucopy u 0 1 C; join a" },
        { "uffd.kind.calls", "map 0 4 rw; uopen u; uapi u; uother u 0; ufrom u 0" },
};

void api_misuse(void)
{
        RUN_UFFD_CASES(cases);
}
