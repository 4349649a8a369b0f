/* SPDX-License-Identifier: MIT */
/*
 * What marking leaves, and what can be read from it. A place in the heap is the number of a word;
 * old places are those of the heap as it was marked, new ones those where objects are slid to.
 */
#ifndef TESTS_USE_COLLECTOR_MARK_H
#define TESTS_USE_COLLECTOR_MARK_H

#include "userland/tests/use_collector/collect.h"
#include "userland/tests/use_collector/heap.h"

/* Fills the table of live words before each page, for the functions below. */
void count_live(void);

/* Live words before each page; the last is how many there are. */
extern uint32_t live_before[HEAP_PAGES + 1];

/* The new place of a live word. */
unsigned long new_word(unsigned long word);
/* The old place of the live word that comes to be there. */
unsigned long old_word(unsigned long number);

/* The live object that begins at the old place or last before it; the first that does there or
 * behind it, HEAP_WORDS if none. */
unsigned long object_at_or_before(unsigned long word);
unsigned long object_from(unsigned long word);

#endif
