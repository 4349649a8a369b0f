/* SPDX-License-Identifier: MIT */
/* The parts of the transcript about who maps a page, in the order in which they run. */
#ifndef TESTS_RMAP_PARTS_H
#define TESTS_RMAP_PARTS_H

void rmap_counts(void);
void rmap_chains(void);
void rmap_shapes(void);

#endif
