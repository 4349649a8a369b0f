/* SPDX-License-Identifier: MIT */
/*
 * This machine's Linux, driven by the calls of the model and described in its terms, as far as it
 * can be seen: not the owners of private pages, nor their numbers. Those show in what merges later.
 *
 * Everything happens in the calling process, which must be one of its own: a fork that goes on as
 * the child leaves the parent waiting for it, and exiting as it does.
 */
#ifndef TESTS_MODEL_LINUX_H
#define TESTS_MODEL_LINUX_H

#include "tests/model/report.h"

/* NULL, or why this machine cannot be the judge: "Linux 6.1.0, not 6.18". */
const char *linux_unfit(void);

/* Once a process, with nothing mapped in the arena. */
void linux_start(unsigned pages);
/* With `all`, counters begin at 0 from here on. */
void linux_clear(bool all);

/* The result, as ref_do() has it. */
int linux_do(const struct ref_call *call);

/* VMAs, their access rights and objects, and populated pages. With `all`, also what takes long to
 * ask for: flags, and counters. */
void linux_look(struct ref *seen, struct ref_counts *counts, bool all);

/* Take out of an outcome of the model or of mm/ what Linux does not show. */
void linux_mask(struct outcome *o, bool all);

/* The model's outcome as Linux shows it. */
struct outcome linux_view(const struct ref *model, int result, bool all);

/*
 * The calls from the empty arena on, in a process of their own; the outcome after the last, with
 * all that can be seen. False: the process did not come to its end.
 */
bool linux_replay(const struct ref_call *calls, unsigned nr, unsigned pages, struct outcome *out);

#endif
