/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd's part of mm/ as a side of the comparison: descriptors by number, as the calls of
 * op.h have them. Nobody waits: every context has UFFD_FEATURE_SIGBUS and no events.
 */
#ifndef TESTS_DIFF_TERRANE_UFFD_H
#define TESTS_DIFF_TERRANE_UFFD_H

#include "kernel/base/types.h"
#include "tests/diff/op.h"

struct mm;
struct mm_caller;

/* An OP_UFFD_* by a process with `mm`. */
s64 terrane_uffd(struct mm *mm, const struct mm_caller *who, const struct op *op);
/* Some other process has the descriptors from now on, too. */
void terrane_uffd_forked(void);
/* All processes have ended. */
void terrane_uffd_end(void);

#endif
