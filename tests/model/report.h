/* SPDX-License-Identifier: MIT */
/* What the model, mm/ and Linux have, as text. */
#ifndef TESTS_MODEL_REPORT_H
#define TESTS_MODEL_REPORT_H

#include <stdio.h>

#include "tests/model/call.h"

/* What one side answered, and what it has. */
struct outcome {
        int result;
        struct ref seen;
        struct ref_counts counts;
};

/* The model's, after its call. */
struct outcome outcome_of(const struct ref *model, int result);
bool outcome_equal(const struct outcome *a, const struct outcome *b);

/*
 * Two lines, for instance
 *
 *      # mm     AA.-0*  |0-2 rw ac A| |3-5 r- ac (0)| |5-6 rw sh #1|
 *      #         -> 3; VMAs 3, pages 5, data 2, locked 0, private 2, shared 1, charged 4
 *
 * One character a page: a letter is a private page of that owner (+ of one that cannot be seen), -
 * was never touched, 0 is the page of zeros, * a page of the shared object, . is not mapped. A VMA
 * has its flags, its owner (with ' if it was inherited) or its object, and the number of its first
 * page if that is not its place.
 */
void report_outcome(FILE *out, const char *side, const struct outcome *o);

#endif
