/* SPDX-License-Identifier: MIT */
/*
 * A file that keeps which chunks of seeds are done, a line each, so that a run of many hours can be
 * interrupted and gone on with:
 *
 *      1 201 39112 0 2026-11-22, Linux 6.18.44     first seed, end, calls, differences, when
 */
#ifndef TESTS_DIFF_RESULTS_H
#define TESTS_DIFF_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

struct results;

/* NULL: no file is kept, and the functions below do nothing. */
struct results *results_open(const char *path);
void results_close(struct results *results);

/* The chunk is there; how many calls were compared. */
bool results_has(const struct results *results, uint64_t first, uint64_t end, uint64_t *calls);
void results_add(struct results *results, uint64_t first, uint64_t end, uint64_t calls,
                 unsigned found);

#endif
