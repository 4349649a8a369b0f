/* SPDX-License-Identifier: MIT */
/* What each limit stops, with which errno, and what it leaves alone. */
#include "userland/tests/lib/script.h"
#include "userland/tests/mm_accounting/parts.h"

static const struct script_case cases[] = {
        { "account.limit.as.mmap",
          "limit as 4; map 0 5 rw; map 0 4 rw; map 8 1 -; map 1 3 r; map 2 4 r" },
        { "account.limit.as.kinds",
          "object memfd 4; limit as 1; map 0 2 rw shared; map 0 2 r memfd; map 0 1 r shared memfd; map 2 1 -" },
        { "account.limit.as.fixed_keeps",
          "map 0 4 rw; write 0 4 A; limit as 0; map 0 4 r; map 0 5 rw; map 2 3 rw" },
        { "account.limit.as.free_calls",
          "map 0 4 rw; write 0 4 A; limit as 0; protect 0 2 r; move 0 2 2 MF 10; lock 2 2; unmap 10 2; map 10 2 r" },
        { "account.limit.as.stack", "map 10 2 rw down; limit as 1; touch w 9; touch w 8" },
        { "account.limit.data.mmap",
          "limit data 4; map 0 5 rw; map 0 4 rw; map 8 1 rw; map 8 1 r; map 10 1 rx; map 12 1 rw shared; map 14 1 -; "
          "map 300 1 rw down" },
        { "account.limit.data.mprotect",
          "map 0 4 r; limit data 2; protect 0 3 rw; protect 0 2 rw; protect 2 1 rw; protect 2 1 rx" },
        { "account.limit.data.replaced",
          "map 0 4 rw; limit data 0; map 0 4 rw; map 0 5 rw; map 0 2 r; map 0 1 rw" },
        { "account.limit.data.zero",
          "limit data 0 all; map 0 4 rw; map 8 1 rw; limit data 1 all; map 12 1 rw" },
        { "account.limit.data.mremap",
          "map 0 4 rw; limit data 2; move 0 4 6 0; move 0 6 7 M; move 0 2 2 MFD 20" },
        { "account.limit.locked.mlock",
          "map 0 8 rw; limit locked 4; nobody; lock 0 5; lock 0 4; lock 1 3; lock 0 5; lock 4 1; unlock 0 1; lock 4 1" },
        { "account.limit.locked.mmap",
          "limit locked 4; nobody; map 0 5 rw locked; map 0 4 rw locked; map 8 1 rw locked; map 8 1 rw" },
        { "account.limit.locked.zero",
          "map 0 2 rw; limit locked 0; nobody; lock 0 1; lock 0 0; lockall 1; map 8 1 rw locked; unlock 0 2; unlockall" },
        { "account.limit.locked.zero_privileged",
          "map 0 2 rw; limit locked 0; lock 0 1; map 8 1 rw locked" },
        { "account.limit.locked.mremap",
          "map 0 4 rw; limit locked 4; nobody; lock 0 4; move 0 4 5 0; move 0 4 4 MF 10; move 10 4 2 0; move 10 2 4 0" },
        { "account.limit.locked.all",
          "map 0 4 rw; limit locked 4; nobody; lockall 1; lockall 2; map 8 5 rw; map 8 2 rw" },
        { "account.limit.locked.future_growth",
          "map 0 2 rw; limit locked 4; nobody; lockall 2; map 8 2 rw; move 8 2 5 0; move 8 2 4 0; move 0 2 4 0" },
        { "account.limit.stack",
          "map 300 2 rw down; limit stack 2 all; touch w 299; map 500 1 rw down; touch w 499; touch w 498" },
        { "account.limit.stack.only_growth",
          "limit stack 0 all; map 0 8 rw down; move 0 8 9 0; move 0 9 12 M" },
        { "account.limit.stack.mlocked",
          "map 300 2 rw down; limit locked 2; nobody; lock 300 2; touch w 299; unlock 300 2; touch w 299" },
};

void account_limits(void)
{
        RUN_CASES(cases);
}
