/* SPDX-License-Identifier: MIT */
/*
 * What Linux answered, for machines that have no such Linux: for each 8 sequences a line with the
 * first seed, how many calls were compared, and all their snapshots folded into one number.
 *
 *      1    1503    9c0f1a...
 *
 * The streams are those of the default options.
 */
#ifndef TESTS_DIFF_RECORDS_H
#define TESTS_DIFF_RECORDS_H

#include "tests/diff/options.h"

/* Both: an exit status. */
int records_write(const struct options *options);
int records_check(const struct options *options);

#endif
