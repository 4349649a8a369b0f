/* SPDX-License-Identifier: MIT */
/* Making a descriptor, and UFFDIO_API. */
#include "userland/tests/lib/uffd/cases.h"
#include "userland/tests/uffd_api/parts.h"

static const struct script_case cases[] = {
        /* userfaultfd(2) */
        { "uffd.open.flags",
          "uopen u; uopen v blocks exec; uopen w user; uopen x 2; uopen y 4; uopen z 0x10" },
        { "uffd.open.nobody",
          "nobody; uopen u; uopen v user; uopen w 2; uopen x user 2; uapi v show" },
        { "uffd.open.nobody_fork", "nobody; uopen v user; uapi v fork; uapi v" },
        { "uffd.open.many", "uopen u; uopen v; uapi u; uapi v; uclose u; uapi v; uclose v" },

        /* before UFFDIO_API */
        { "uffd.early.ioctls",
          "map 0 4 rw; uopen u; ureg u 0 4 m; uunreg u 0 4; uwake u 0 4; ucopy u 0 1 A; uzero u 0 1; "
          "ucont u 0 1; upoison u 0 1; umove u 0 1 1; uwp u 0 1" },
        { "uffd.early.read", "uopen u; umany u 1; umany u 0.1; upoll u" },
        { "uffd.early.read_blocks", "uopen u blocks; umany u 1; upoll u" },
        { "uffd.early.info", "uopen u; uinfo u; uapi u; uinfo u" },

        /* UFFDIO_API */
        { "uffd.api.plain", "uopen u; uapi u show" },
        { "uffd.api.all", "uopen u; uapi u 0x1ffff show" },
        { "uffd.api.each_event", "uopen u; uapi u fork remap remove unmap show" },
        { "uffd.api.twice", "uopen u; uapi u; uapi u; uapi u wp" },
        { "uffd.api.version", "uopen u; uapi u version=0; uapi u version=0xab; uapi u show" },
        { "uffd.api.unknown", "uopen u; uapi u 0x20000; uapi u 0x8000000000000000; uapi u show" },
        { "uffd.api.unknown_first", "uopen u; uapi u 0x20000 version=1; uapi u wp" },
        { "uffd.api.async_alone", "uopen u; uapi u async show" },
        { "uffd.api.async_sigbus", "uopen u; uapi u async sigbus unpopulated show" },
        { "uffd.api.pointer",
          "uopen u; uraw u api 0; uraw u api 40; uraw u api top; uraw u api 0xffff800000000000; uapi u" },
        { "uffd.api.read_only",
          "map 0 1 rw; write 0 1 A; protect 0 1 r; uopen u; uraw u api 0; uapi u" },
        { "uffd.api.zeroed", "map 0 1 rw; read 0 1; uopen u; uraw u api 0; uapi u show" },
        { "uffd.api.unknown_ioctl",
          "map 0 1 rw; uopen u; uraw u 0xc018aa3e 0; uapi u; uraw u 0xc018aa3e 0; uraw u 0 0; uraw u 0x5401 0; "
          "uraw u 0xaa01 0; uraw u 0x4010aa00 0" },

        /* read, poll, fdinfo */
        { "uffd.read.empty", "uopen u; uapi u; umany u 1; umany u 16; upoll u" },
        { "uffd.read.small",
          "uopen u; uapi u; umany u 0; umany u 0.1; umany u 0.31; umany u 0.32" },
        { "uffd.read.blocks",
          "uopen u blocks; uapi u; upoll u; go a uread u; blocked a; stop a; join a" },
        { "uffd.read.one_of_two",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a write 0 1 X; upoll u wait; uinfo u; uread u; uinfo u; "
          "upoll u; umany u 1; ucopy u 0 1 A; join a" },
        { "uffd.read.all_at_once",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a write 0 1 X; upoll u wait; go b touch r 2; blocked b; "
          "uinfo u; umany u 4; uinfo u; uzero u 0 4; join a; join b" },
        { "uffd.read.rounded_down",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a write 0 1 X; upoll u wait; umany u 1.31; ucopy u 0 1 A; join a" },
        { "uffd.read.bad_pointer",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 m; go a write 0 1 X; upoll u wait; uinto u 40; uinfo u; upoll u; "
          "umany u 1; ucopy u 0 1 A; join a" },
        { "uffd.write", "map 0 1 rw; write 0 1 A; uopen u; uapi u; ufrom u 0; upoll u" },
        { "uffd.info.two",
          "map 0 8 rw; uopen u; uapi u thread exact; ureg u 0 8 m; uinfo u; go a write 0 1 X; upoll u wait; "
          "go b write 4 1 Y; blocked b; uinfo u; uread u; uread u; uinfo u; uwake u 0 8; blocked a; uinfo u; "
          "uzero u 0 8; join a; join b; uinfo u" },
        { "uffd.close.twice", "uopen u; uapi u; uclose u; uclose u; uapi u" },
        { "uffd.close.other",
          "map 0 4 rw; map 4 4 rw; uopen u; uopen v; uapi u; uapi v; ureg u 0 2 m; ureg v 4 2 m; "
          "uclose u; show; uclose v" },
};

void api_handshake(void)
{
        RUN_UFFD_CASES(cases);
}
