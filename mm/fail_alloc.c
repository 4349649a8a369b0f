/* SPDX-License-Identifier: MIT */
/* The place where allocations fail: fail_alloc.h. */
#include "mm/fail_alloc.h"
#include "kernel/base/failpoint.h"

static struct failpoint allocations;

void fail_alloc_times(u64 n, u64 times)
{
        failpoint_arm(&allocations, n, times);
}

void fail_alloc_nth(u64 n, bool forever)
{
        failpoint_arm(&allocations, n, forever ? FAILPOINT_FOREVER : 1);
}

bool fail_alloc_now(void)
{
        return failpoint_now(&allocations);
}

u64 fail_alloc_count(void)
{
        return failpoint_asked(&allocations);
}

u64 fail_alloc_failed(void)
{
        return failpoint_failed(&allocations);
}
