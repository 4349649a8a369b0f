/* SPDX-License-Identifier: MIT */
/* Startup: called from crt1.S. */
#ifndef TERRANE_START_H
#define TERRANE_START_H

/* stack: the initial stack as the kernel left it, argc first. Does not return. */
void start_program(long *stack, int (*main)(int, char **, char **)) __attribute__((noreturn));

#endif
