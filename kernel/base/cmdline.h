/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line, as text: words with blanks between them. Double quotes keep blanks in
 * a word and are not part of its value. What follows the word "--" is for the first program.
 */
#ifndef KERNEL_BASE_CMDLINE_H
#define KERNEL_BASE_CMDLINE_H

#include "kernel/base/types.h"

/*
 * The value of the first NAME=VALUE, or "" for NAME alone, into `buf` with a NUL and cut to `size`
 * bytes. False: there is none.
 */
bool cmdline_param(const char *cmdline, const char *name, char *buf, size_t size);

/* The decimal number it begins with; 0 if it is not there. */
u64 cmdline_number(const char *cmdline, const char *name);

/* Split what follows " -- " at blanks, in place; how many words, at most `max`, are in argv. */
unsigned cmdline_args(char *cmdline, char **argv, unsigned max);

#endif
