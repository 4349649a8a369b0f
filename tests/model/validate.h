/* SPDX-License-Identifier: MIT */
/*
 * The model against the Linux that runs here: it is only as good as it answers like the real thing.
 *
 * Sequences of two calls begin at some hand-picked states, and all there are are tried. Sequences
 * of three begin at states that the search has found, and are sampled. Every result is compared,
 * and what there is after the last call.
 */
#ifndef TESTS_MODEL_VALIDATE_H
#define TESTS_MODEL_VALIDATE_H

#include "tests/model/search.h"

struct validate_options {
        unsigned pages;
        uint64_t pairs;   /* the most there may be; every so many is taken, so that all are met */
        uint64_t triples; /* sampled */
        uint64_t seed;
        unsigned seconds; /* stop after so many; 0: no limit */
        bool progress;
};

struct validate_counts {
        uint64_t pairs, triples, calls;
        double seconds;
};

/* False: a difference, which was printed. */
bool validate(const struct validate_options *options, struct validate_counts *counts);

#endif
