/* SPDX-License-Identifier: MIT */
/*
 * Sequences in files, a line a call, so that they can be read and changed by hand:
 *
 *      # why
 *      root 1
 *      mmap 0x10000000 0x1000 0x3 0x32 -1 0x0
 *      write 0x10000000 0x41
 *
 * And as a C program that stands alone.
 */
#ifndef TESTS_DIFF_REPLAY_H
#define TESTS_DIFF_REPLAY_H

#include <stdio.h>

#include "tests/diff/engine.h"

void replay_write(FILE *out, const struct sequence *sequence, const char *why);

/* False, with a line on standard error: the file cannot be read, or not understood. */
bool replay_read(const char *path, struct sequence *sequence);

/* A program that makes the calls and prints what became of each, on Linux and on Terrane alike. */
void replay_program(FILE *out, const struct sequence *sequence, const char *why);

#endif
