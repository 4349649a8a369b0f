/* SPDX-License-Identifier: MIT */
/*
 * This machine's Linux, as the side of the comparison that is right. The calls are made by
 * processes that have nothing but own memory (own.h); a whole sequence of them at a time.
 */
#ifndef TESTS_DIFF_LINUX_H
#define TESTS_DIFF_LINUX_H

#include "tests/diff/own.h"

/* Why the comparison cannot be made on this machine, in a line; NULL: it can. */
const char *linux_missing(void);

/* Start the process that makes processes. It ends with this one. */
void linux_start(void);
void linux_stop(void);

/* Run a sequence; what became of it is linux_own()'s. False: the sequence did not end in time. */
bool linux_run(const struct op *ops, unsigned nr, bool root, unsigned seconds);

struct own *linux_own(void);

#endif
