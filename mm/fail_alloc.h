/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: every page_alloc() and slab_alloc()/kmalloc() asks fail_alloc_now() first, one
 * place for the whole kernel (failpoint.h).
 */
#ifndef MM_FAIL_ALLOC_H
#define MM_FAIL_ALLOC_H

#include "kernel/base/failpoint.h"

/* The n-th allocation from now fails (n >= 1), and `times` of them in all. */
void fail_alloc_times(u64 n, u64 times);
/* The same once, or with every later one too. n == 0 turns it off. */
void fail_alloc_nth(u64 n, bool forever);
/* As fail_alloc_times, of the calling thread's alone: nobody else goes without memory. */
void fail_alloc_mine(u64 n, u64 times);

extern struct failpoint fail_alloc_point;
bool fail_alloc_asked(void); /* what fail_alloc_now() comes to when a test has set something */

static inline bool fail_alloc_now(void)
{
        return failpoint_armed(&fail_alloc_point) && fail_alloc_asked();
}

/* Since it was last set: allocations asked for, and those that failed. */
u64 fail_alloc_count(void);
u64 fail_alloc_failed(void);

#endif
