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
        { "uffd.kind.calls", "map 0 4 rw; uopen u; uapi u; uother u 0; ufrom u 0" },
};

void api_misuse(void)
{
        RUN_UFFD_CASES(cases);
}
