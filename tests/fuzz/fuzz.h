/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing with libFuzzer: each fuzz_NAME.c is a program that is given bytes, again and again, and
 * must neither crash, nor break an invariant, nor leave memory behind.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Once, before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* One input; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own, so that a byte too many is found, with a NUL behind it; to be freed. */
char *fuzz_string(const uint8_t *data, size_t size);

/* Pages of the host machine that are free, when everything that can be given back is. */
uint64_t fuzz_free_pages(void);

#endif
