/* SPDX-License-Identifier: MIT */
/* The place where allocations fail: fail_alloc.h. */
#include "mm/fail_alloc.h"
#include "arch/park.h"

struct failpoint fail_alloc_point;
static const struct task *only; /* whose are counted; NULL: everyone's */

void fail_alloc_times(u64 n, u64 times)
{
        only = NULL;
        failpoint_arm(&fail_alloc_point, n, times);
}

void fail_alloc_mine(u64 n, u64 times)
{
        fail_alloc_times(n, times);
        only = n ? park_self() : NULL;
}

void fail_alloc_nth(u64 n, bool forever)
{
        fail_alloc_times(n, forever ? FAILPOINT_FOREVER : 1);
}

bool fail_alloc_asked(void)
{
        if (only && only != park_self())
                return false;
        return failpoint_now(&fail_alloc_point);
}

u64 fail_alloc_count(void)
{
        return failpoint_asked(&fail_alloc_point);
}

u64 fail_alloc_failed(void)
{
        return failpoint_failed(&fail_alloc_point);
}
