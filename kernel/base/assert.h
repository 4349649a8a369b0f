/* SPDX-License-Identifier: MIT */
/*
 * Two checks, and only two:
 *
 *   CHECK(c)   always on: going on without c would corrupt memory. Never for input.
 *   ASSERT(c)  debug builds (DEBUG=1) and host tests: states what the code relies on.
 *
 * Both end in panic(), which does not return.
 */
#ifndef KERNEL_BASE_ASSERT_H
#define KERNEL_BASE_ASSERT_H

_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(c)                                                                         \
        do {                                                                             \
                if (__builtin_expect(!(c), 0))                                           \
                        panic("%s:%d: %s: CHECK(%s)", __FILE__, __LINE__, __func__, #c); \
        } while (0)

#ifdef DEBUG
#define ASSERT(c)                                                                         \
        do {                                                                              \
                if (__builtin_expect(!(c), 0))                                            \
                        panic("%s:%d: %s: ASSERT(%s)", __FILE__, __LINE__, __func__, #c); \
        } while (0)
#else
#define ASSERT(c) ((void)sizeof(c))
#endif

#endif
