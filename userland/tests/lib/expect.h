/* SPDX-License-Identifier: MIT */
/* Steps of the programs that check the C library: they know their results, and count the wrong. */
#ifndef TESTS_LIB_EXPECT_H
#define TESTS_LIB_EXPECT_H

/* As check(), and counted when it does not hold. */
void expect(int holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A step that shows a text and is wrong when it is not the one wanted. */
void expect_text(const char *got, const char *want, const char *what);

/* What main() returns: 0 when all held. */
int expect_result(void);

#endif
