/* SPDX-License-Identifier: MIT */
/* What is told of a sequence that ends in a difference, a crash or a hang. */
#ifndef TESTS_DIFF_TELL_H
#define TESTS_DIFF_TELL_H

#include "tests/diff/report.h"
#include "tests/diff/trial.h"

/*
 * Shrink it, tell what it does, and keep it in options->save as NAME.calls, NAME.c and NAME.txt.
 * `name` says where it is from: "seed 17".
 */
void tell_finding(struct sequence *sequence, const struct options *options, const char *name);

/* "2026-11-22, Linux 6.18.44" */
const char *tell_date_and_release(void);

#endif
