/* SPDX-License-Identifier: MIT */
/* Limits, and what Linux does at them that one would not expect: test_edges.c. */
#ifndef TESTS_FAULT_EDGES_H
#define TESTS_FAULT_EDGES_H

#include "tests/unit/nth_state.h"

enum edge_kind { EDGE_MAPS, EDGE_AS, EDGE_DATA, EDGE_MEMLOCK, EDGE_STACK, EDGE_COMMIT, EDGE_KINDS };

#define EDGE_LEAVES_PARTS 0x1u /* refused, it leaves what it did before it came there */
#define EDGE_WANTS_MORE   0x2u /* it passes only with more than it uses in the end, or with less */

struct edge_exception {
        const char *scenario; /* its name begins like this */
        enum edge_kind edge;
        unsigned what;
        const char *why;
};
extern const struct edge_exception edge_exceptions[];
extern const unsigned edge_nr_exceptions;

#endif
