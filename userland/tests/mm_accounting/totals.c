/* SPDX-License-Identifier: MIT */
/* The totals of /proc/self/status, and which calls change which. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mm_accounting/parts.h"

static const struct script_case cases[] = {
        { "account.total.classes",
          "mark; map 0 1 rw; counts; map 2 1 r; counts; map 4 1 rx; counts; map 6 1 rwx; counts; map 8 1 -; counts; "
          "map 300 1 rw down; counts; map 600 1 r down; counts; map 900 1 rx down; counts" },
        { "account.total.shared",
          "object memfd 4; mark; map 0 1 rw shared; counts; map 2 1 rx shared; counts; map 4 1 rw shared memfd; counts; "
          "map 6 1 rw memfd; counts; map 8 1 rx memfd; counts" },
        { "account.total.mprotect",
          "map 0 4 rw; mark; protect 0 1 r; counts; protect 0 1 rx; counts; protect 0 1 rwx; counts; protect 0 1 -; counts; "
          "protect 0 1 rw; counts" },
        { "account.total.munmap",
          "map 0 8 rw; write 0 8 A; map 8 2 rx; mark; unmap 2 2; counts; unmap 0 20; counts" },
        { "account.total.replaced",
          "map 0 4 rw; write 0 4 A; mark; map 1 2 rx; counts; map 0 4 rw; counts" },
        { "account.total.locked",
          "map 0 4 rw; mark; lock 0 2; counts; onfault 2 2; counts; lock 2 1; counts; unlock 1 2; counts; unmap 0 4; counts" },
        { "account.total.locked_again",
          "map 0 4 rw; lock 0 4; mark; lock 0 4; lock 1 2; counts; map 1 2 rw; counts" },
        { "account.total.locked_fork",
          "map 0 4 rw; lock 0 4; mark; child; counts; flags 0; lock 0 1; counts; end; counts" },
        { "account.total.locked_mremap",
          "map 0 4 rw locked; mark; move 0 4 6 0; move 0 6 3 MF 10; counts; move 11 1 1 MF 20; counts; unmap 0 30; counts" },
        { "account.total.fork",
          "map 0 4 rw; write 0 4 A; advise 2 2 dontfork; map 6 2 rx; mark; child; counts; peak; end" },
        { "account.total.wiped",
          "map 0 4 rw; write 0 4 A; advise 0 4 wipe; mark; child; counts; end" },
        { "account.total.dontunmap_locked",
          "map 0 4 rw locked; mark; move 0 4 4 MFD 10; counts; unmap 0 30; counts" },
        { "account.total.dontunmap_locked_part",
          "map 0 4 rw locked; mark; move 1 1 1 MFD 10; counts; unmap 0 30; counts" },
        { "account.total.dontunmap_onfault",
          "map 0 4 rw; onfault 0 4; mark; move 0 4 4 MFD 4; counts; unmap 0 30; counts" },
        { "account.total.dontunmap_locked_limit",
          "map 0 4 rw; limit locked 8; nobody; lock 0 4; move 0 4 4 MFD 10; unmap 0 30; map 0 8 rw; lock 0 8; unmap 0 8" },
        { "account.rss.anon",
          "map 0 4 rw; mark; read 0 2; counts; write 0 1 A; counts; write 0 4 A; counts; advise 0 2 dontneed; counts; unmap 0 4; counts" },
        { "account.rss.shared",
          "map 0 4 rw shared; mark; write 0 2 A; counts; touch r 3; counts; advise 0 4 dontneed; counts; read 0 1; counts" },
        { "account.rss.memfd",
          "object memfd 40; map 0 40 rw shared memfd; mark; touch r 20; counts; touch w 35; counts; unmap 0 40; counts" },
        { "account.rss.private",
          "object memfd 4; map 0 4 rw memfd; mark; write 0 1 P; counts; touch r 1; counts; write 0 4 P; counts" },
        { "account.rss.tmpfs",
          "object file 4; map 0 4 rw shared file; mark; touch r 0; counts; resize file 0; counts" },
        { "account.rss.fork",
          "map 0 4 rw; write 0 4 A; mark; child; counts; write 0 4 P; counts; end; counts" },
        { "account.rss.moved",
          "object memfd 4; map 0 4 rw; write 0 4 A; map 4 4 rw memfd; write 4 2 P; map 8 4 rw shared; write 8 4 Q; mark; "
          "move 0 12 12 MF 20; counts; move 20 12 12 MFD 40; counts; unmap 40 12; counts" },
        { "account.rss.populate",
          "mark; map 0 4 rw populate; counts; map 4 4 r populate; counts; map 8 4 rw shared populate; counts; map 12 4 - populate; counts" },
        { "account.peak.size",
          "mark; map 0 64 rw; unmap 0 64; peak; map 0 32 rw; peak; map 0 80 rw; peak" },
        { "account.peak.child", "map 0 64 rw; unmap 0 64; peak; child; peak; end" },
        { "account.peak.shrink", "map 0 64 rw; move 0 64 4 0; peak" },
        { "account.peak.move",
          "map 0 64 rw; move 0 64 64 MF 100; peak; move 100 64 64 MFD 200; peak; unmap 100 64; peak" },
        { "account.hwm",
          "map 0 1100 rw populate; hwm; unmap 0 1100; hwm; map 0 600 rw populate; hwm" },
        { "account.hwm.move",
          "map 0 1100 rw populate; move 0 1100 1100 MF 2000; hwm; unmap 2000 1100; hwm" },
};

void account_totals(void)
{
        RUN_CASES(cases);
}
