/* SPDX-License-Identifier: MIT */
/*
 * An address space as strips of text, a character a page:
 *
 *      0x10000000  AAaa..BB#b
 *
 *      A, B, ...  a mapping each, in the order of addresses; small where no page is mapped
 *      #          a guard marker
 *      .          nothing
 *
 * A strip ends where nothing is mapped for 16 pages; the middle of what is long is left out.
 */
#ifndef TESTS_DIFF_STRIPS_H
#define TESTS_DIFF_STRIPS_H

#include <stdio.h>

#include "tests/diff/snapshot.h"

void strips_draw(FILE *out, struct snapshot *s);

#endif
