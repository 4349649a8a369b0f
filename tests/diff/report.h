/* SPDX-License-Identifier: MIT */
/* Calls and snapshots as text. */
#ifndef TESTS_DIFF_REPORT_H
#define TESTS_DIFF_REPORT_H

#include <stdio.h>

#include "tests/diff/engine.h"

/* "mremap(0x10000000, 8192, 4096, MAYMOVE|FIXED, 0x10020000)", without a newline. */
void report_op(FILE *out, const struct op *op);

/* "0x10000000", "ENOMEM", "SIGSEGV code 1 at 0x10000000". */
void report_result(FILE *out, const struct op *op, const struct snapshot *s);

/* What differs between two snapshots, a line each: "-" Linux, "+" mm/. */
void report_difference(FILE *out, struct snapshot *linux_side, struct snapshot *mm_side);

/* All of one snapshot. */
void report_snapshot(FILE *out, struct snapshot *s);

/* A word for what differs first: "result", "signal", "maps", "flags", "counter VmPTE" ... */
const char *report_kind(struct snapshot *linux_side, struct snapshot *mm_side);

#endif
