/* SPDX-License-Identifier: MIT */
/* mm/ on the host machine, driven by the calls of the model and described in its terms. */
#ifndef TESTS_MODEL_MACHINE_H
#define TESTS_MODEL_MACHINE_H

#include "tests/model/ref.h"

/* One address space, with an arena of this many pages. Once a process. */
void machine_start(unsigned pages);
/* Nothing is mapped any more. */
void machine_clear(void);

/* The result, as ref_do() has it. */
int machine_do(const struct ref_call *call);

/*
 * What there is, with names as canonical_names() gives them; lost_locked stays 0. Flags that the
 * model does not know come out as REF_POPULATE, which no page of the model has.
 */
void machine_look(struct ref *seen, struct ref_counts *counts);

/* Every invariant of the address space, recomputed. Ends the process if one does not hold. */
void machine_validate(void);

#endif
