/* SPDX-License-Identifier: MIT */
/* The parts of the transcript about merging, in the order in which they run. */
#ifndef TESTS_MERGE_PARTS_H
#define TESTS_MERGE_PARTS_H

void merge_results(void);
void merge_compatible(void);
void merge_anon(void);
void merge_where(void);

#endif
