/* SPDX-License-Identifier: MIT */
/*
 * Included before every mutated file (tests/mutate/mutants.py): which mutant is the chosen one.
 */
#ifndef TESTS_MUTATE_MUTANT_H
#define TESTS_MUTATE_MUTANT_H

#include <stdbool.h>

extern unsigned mutant_chosen;         /* 0: none, the program is what it was */
extern unsigned char *mutants_reached; /* by number: a place where it would act was come to */

static inline bool mutant_is(unsigned number)
{
        mutants_reached[number] = 1;
        return mutant_chosen == number;
}

#endif
