/* SPDX-License-Identifier: MIT */
/*
 * Formatted output into a buffer: %d %i %u %x %X %o %c %s %p %%, with flags `-`, `0`, `+`, ` `,
 * `#`, width, precision (also `*`) and the lengths hh h l ll z. No floating point.
 */
#ifndef KERNEL_BASE_PRINTF_H
#define KERNEL_BASE_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* Both write at most `size` bytes including the NUL and return the length the whole text has. */
int snprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* Like snprintf, but returns the bytes that are really in `buf` (without the NUL). */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
