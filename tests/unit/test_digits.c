/* SPDX-License-Identifier: MIT */
/* Numbers as text: widths, the largest, nothing but what was asked for. */
#include "kernel/base/digits.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "tests/unit/test.h"

static const char *hex_of(u64 value, unsigned width)
{
        static char text[DIGITS_HEX_MAX + 2];

        memset(text, '#', sizeof(text));
        *digits_hex(text, value, width) = '\0';
        return text;
}

static const char *decimal_of(u64 value, unsigned width)
{
        static char text[64];

        memset(text, '#', sizeof(text));
        *digits_decimal(text, value, width) = '\0';
        return text;
}

TEST_BARE(hex_digits_are_as_many_as_needed_or_asked_for)
{
        char expected[32];

        EXPECT_STREQ(hex_of(0, 1), "0");
        EXPECT_STREQ(hex_of(0, 8), "00000000");
        EXPECT_STREQ(hex_of(0xabc, 2), "abc");
        EXPECT_STREQ(hex_of(0xabc, 5), "00abc");
        EXPECT_STREQ(hex_of(~0ULL, 8), "ffffffffffffffff");
        for (unsigned shift = 0; shift < 64; shift++) {
                u64 value = 0xfedcba9876543210 >> shift;

                snprintf(expected, sizeof(expected), "%04llx", (unsigned long long)value);
                EXPECT_STREQ(hex_of(value, 4), expected);
        }
}

TEST_BARE(decimal_digits_end_in_their_column)
{
        EXPECT_STREQ(decimal_of(0, 1), "0");
        EXPECT_STREQ(decimal_of(0, 4), "   0");
        EXPECT_STREQ(decimal_of(1234, 3), "1234");
        EXPECT_STREQ(decimal_of(~0ULL, 0), "18446744073709551615");
        EXPECT_STREQ(decimal_of(10, 21), "                   10");
}
