/* SPDX-License-Identifier: MIT */
/*
 * When two states of the model are one: if they differ only in names, or in what no call looks at.
 *
 *   - anon numbers and objects are renumbered in the order in which they appear;
 *   - of a page number in private memory only the distance to the page's place in the arena counts,
 *     of one in an object the distance to where the object's first page that is mapped has its own;
 *   - pages that were lost to VmLck do not count;
 *   - what a page contains counts only if asked for: it never changes what becomes of VMAs (then
 *     an object's page numbers count as they are);
 *   - how long an object is counts only if memory can be locked: mlock over several VMAs stops
 *     faulting at a page behind the end, and what follows gets no owner.
 *
 * The search checks this as it goes: whatever way leads to a state, the same call must lead from it
 * to the same next one.
 */
#ifndef TESTS_MODEL_CANONICAL_H
#define TESTS_MODEL_CANONICAL_H

#include "tests/model/ref.h"

/* Limits within which states are explored. A private page number is one of the arena's besides: it
 * would become ever greater otherwise, by growing and moving back in turn. */
struct bounds {
        unsigned anons, objects; /* how many there may be at once */
        int distance;            /* how far a page number may be from the page's place */
        bool contents;           /* what pages contain makes a state */
        bool lengths;            /* how long objects are makes a state */
};

struct canon {
        uint32_t word[REF_PAGES + 1];
};

/* Anon numbers and objects in the order in which they appear, and nothing of those that do not. */
void canonical_names(struct ref *r);

/* The canonical form. False: the state is out of bounds. */
bool canonical_form(const struct ref *r, const struct bounds *bounds, struct canon *out);

/* A set of canonical forms, numbered in the order in which they came. */
struct canon_set {
        struct canon *canon;
        uint32_t nr, room;
        uint32_t *slot; /* number + 1, or 0 */
        uint32_t mask;
        unsigned words;
};

void canon_set_init(struct canon_set *set, unsigned pages);
/* The number of the form; *is_new if it was not in the set. */
uint32_t canon_set_add(struct canon_set *set, const struct canon *canon, bool *is_new);
/* The same without adding: ~0 if it is not there. */
uint32_t canon_set_find(const struct canon_set *set, const struct canon *canon);
void canon_set_free(struct canon_set *set);

#endif
