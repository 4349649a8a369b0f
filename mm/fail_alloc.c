/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: one countdown for the whole kernel. Without locks: it is set by a test while
 * nothing else runs, and a race costs no more than one allocation that does or does not fail.
 */
#include "mm/fail_alloc.h"
#include "kernel/base/atomic.h"

static atomic_t asked;   /* questions since the countdown was set */
static atomic_t fail_at; /* 0: off */
static bool fail_ever_after;

void fail_alloc_nth(u64 n, bool forever)
{
        atomic_set(&fail_at, 0);
        atomic_set(&asked, 0);
        fail_ever_after = forever;
        atomic_set(&fail_at, n);
}

bool fail_alloc_now(void)
{
        u64 at = atomic_get(&fail_at);
        u64 now;

        now = atomic_add(&asked, 1);
        if (__builtin_expect(at == 0, 1))
                return false;
        return now == at || (fail_ever_after && now > at);
}

u64 fail_alloc_count(void)
{
        return atomic_get(&asked);
}
