/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, where there are many of them: written at a place that has room, without a
 * format to be read. Each function returns the place behind what it wrote. No NUL follows.
 */
#ifndef KERNEL_BASE_DIGITS_H
#define KERNEL_BASE_DIGITS_H

#include "kernel/base/types.h"

#define DIGITS_HEX_MAX     16
#define DIGITS_DECIMAL_MAX 20

/* Each byte's two digits: two of them cost as much as one. */
extern const char hex_pairs[256][2];

/* The last two digits, at two places. */
static inline void digits_pair(char *at, u64 value)
{
        __builtin_memcpy(at, hex_pairs[value & 0xff], 2);
}

/* With zeroes in front if there are less than `width` digits. */
static inline char *digits_hex(char *at, u64 value, unsigned width)
{
        unsigned used = (67 - (unsigned)__builtin_clzl(value | 1)) / 4;
        unsigned digits = used > width ? used : width, left = digits;

        for (; left >= 2; value >>= 8) {
                left -= 2;
                digits_pair(at + left, value);
        }
        if (left)
                *at = hex_pairs[value & 0xf][1];
        return at + digits;
}

/* With blanks in front if there are less than `width` digits. */
char *digits_decimal(char *at, u64 value, unsigned width);

#endif
