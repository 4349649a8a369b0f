/* SPDX-License-Identifier: MIT */
/*
 * Everything there is, as a list of numbers that can be compared: VMAs, entries of page tables with
 * the pages they map and what these hold, counters, objects, slabs, memory by use.
 */
#ifndef TESTS_UNIT_NTH_STATE_H
#define TESTS_UNIT_NTH_STATE_H

#include "tests/unit/nth.h"

struct nth_state {
        struct nth_fact {
                const char *what; /* a name of the field; static */
                u64 where, value; /* which one of them; what it is */
        } * facts;
        unsigned nr, room;
        u64 pages, contents; /* mapped pages; the sum of what they hold, wherever they are */
};

/* `leaves` (NTH_LEAVES_*) says what to leave out. The list's memory is used again. */
void nth_state_take(struct nth_state *state, const struct nth_world *world, unsigned leaves);
/* The first difference, as text, or NULL. Valid until the next call. */
const char *nth_state_differs(const struct nth_state *before, const struct nth_state *after);
/*
 * What two worlds that were made alike have in common: a number of mappings, pages by contents, and
 * counters, but not of which frames and objects it is that they were given.
 */
u64 nth_state_shape(const struct nth_state *state);
void nth_state_free(struct nth_state *state);

#endif
