/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: every page_alloc() and slab_alloc()/kmalloc() asks fail_alloc_now() first.
 * fail_alloc_nth(n) makes the n-th question from now answer yes (n >= 1); with `forever`, every
 * later one too. n == 0 turns it off. Always compiled in: it costs one predictable branch.
 */
#ifndef MM_FAIL_ALLOC_H
#define MM_FAIL_ALLOC_H

#include "kernel/base/types.h"

void fail_alloc_nth(u64 n, bool forever);
bool fail_alloc_now(void);
u64 fail_alloc_count(void); /* allocations asked for since fail_alloc_nth() */

#endif
