/* SPDX-License-Identifier: MIT */
/*
 * Every state that calls can lead to, and every call in every state, made on mm/ as well.
 *
 * The search comes first, and in the model alone: breadth first from the empty arena, to the point
 * where no call leads to a state that was not seen (the fixpoint), or to a number of transitions.
 * States that differ only in names are one (canonical.h), states out of bounds are compared but not
 * gone on from. So the shortest way to each state is known.
 *
 * Then every transition is made on mm/, in one long walk: from where a call has led the next one is
 * tried that was not tried there. Where none is left, the walk goes on towards a state that has
 * some, by what it has learned of the distance to the nearest.
 */
#ifndef TESTS_MODEL_SEARCH_H
#define TESTS_MODEL_SEARCH_H

#include "tests/model/call.h"
#include "tests/model/canonical.h"

struct search_options {
        unsigned pages, features;
        struct bounds bounds;
        uint64_t transitions; /* the most there may be */
        unsigned seconds;     /* for mm/; 0: no limit */
        bool model_only;      /* no comparison follows */
        bool progress;        /* a line now and then on standard error */
};

struct state {
        struct ref ref;
        uint32_t parent;
        uint16_t call;   /* that led from the parent */
        uint16_t tried;  /* calls that were made on mm/ in this state */
        uint8_t away;    /* calls to the nearest state that has some left to try, at least */
        uint16_t length; /* of the way from the empty arena */
};

#define AWAY_MAX   250
#define SEARCH_OUT ((uint32_t)~0) /* a transition that leads out of bounds */

struct search {
        struct search_options options;
        struct ref_call calls[CALLS_MAX];
        unsigned nr_calls;
        struct canon_set set;
        struct state *states;
        uint32_t room, expanded; /* states there is room for; that have all their transitions */
        uint32_t *to;            /* [state * nr_calls + call] */
        uint64_t transitions, out;
        unsigned longest;
        double model_seconds, machine_seconds;
        uint64_t compared, returned; /* transitions compared; calls to get where they begin */
};

/* The states. False: no end within the limit on transitions. */
bool search_model(struct search *search);

/* The calls that lead to a state; their number. */
unsigned search_way(const struct search *search, uint32_t state, struct ref_call *way);

/* All transitions on mm/, in a process of its own. False: a difference, which was printed. */
bool search_compare(struct search *search);

void search_free(struct search *search);

#endif
