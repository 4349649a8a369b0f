/* SPDX-License-Identifier: MIT */
/*
 * Many sequences, in chunks of CHUNK seeds, each chunk in a process of its own, so that a crash
 * costs one sequence. What is found is shrunk and told by this process while the others go on.
 */
#ifndef TESTS_DIFF_CAMPAIGN_H
#define TESTS_DIFF_CAMPAIGN_H

#include "tests/diff/options.h"

#define CHUNK 200

struct summary {
        uint64_t calls;       /* compared */
        uint64_t sequences;   /* done, and */
        uint64_t allowed;     /* of these ended early, at a call on the allow-list */
        uint64_t first, last; /* seeds; all in between are done */
        unsigned found;
        bool interrupted;
        double seconds, cpu_seconds;
};

struct summary campaign_run(const struct options *options);

#endif
