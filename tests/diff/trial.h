/* SPDX-License-Identifier: MIT */
/*
 * One sequence in a process of its own, so that whatever becomes of it can be reported: also a
 * crash of the code under test, a panic, a sanitizer's report, a hang.
 */
#ifndef TESTS_DIFF_TRIAL_H
#define TESTS_DIFF_TRIAL_H

#include <stdio.h>

#include "tests/diff/options.h"

enum finding { FOUND_NOTHING, FOUND_DIFFERENCE, FOUND_CRASH, FOUND_HANG };

struct trial {
        enum finding finding;
        unsigned index; /* of the call */
        char kind[64];  /* report_kind(), or the first line that was printed in a crash */
};

/* Quietly. */
struct trial trial_run(const struct sequence *sequence, const struct options *options);

/* What the process prints goes to `out`: calls, results and the difference; all of it if
 * `verbose`. */
struct trial trial_tell(const struct sequence *sequence, const struct options *options, FILE *out,
                        bool verbose);

const char *finding_name(enum finding finding);

/*
 * The shortest sequence that can be found in about `seconds` which ends in the same way: calls are
 * left out, then arguments made simple. *trial is what it then shows.
 */
void trial_shrink(struct sequence *sequence, const struct options *options, struct trial *trial,
                  unsigned seconds);

#endif
