/* SPDX-License-Identifier: MIT */
/* What a program that handles its own faults needs of userfaultfd. All end it when they fail. */
#ifndef TESTS_LIB_USE_PAGER_H
#define TESTS_LIB_USE_PAGER_H

#include "userland/tests/lib/uffd/uffd.h"

/* A descriptor with these features, blocking or not. */
int pager_open(unsigned long features, int nonblock);

void pager_register(int fd, unsigned long start, unsigned long length, unsigned long mode);
void pager_unregister(int fd, unsigned long start, unsigned long length);

/*
 * Puts a copy of the bytes there and wakes who waits for them. 0, or a negative errno: -EEXIST
 * where there are pages already.
 */
long pager_copy(int fd, unsigned long dst, const void *src, unsigned long length);
/* The same with zeros. */
long pager_zero(int fd, unsigned long dst, unsigned long length);

/* Protects pages from writes, or takes that back and wakes who waits for it. */
void pager_protect(int fd, unsigned long start, unsigned long length, int on);

/*
 * Waits for a fault, and gives its page: 1; or 0 when the end of the pipe `stop` that is not
 * written to was closed on the other side.
 */
int pager_wait(int fd, int stop, unsigned long *page);

/* Ends the program, with what did not work. */
void pager_failed(const char *what, long result) __attribute__((noreturn));

#endif
