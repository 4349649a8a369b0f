/* SPDX-License-Identifier: MIT */
/*
 * Unit tests of what also runs on the host machine (mm/, kernel/sync).
 *
 *      TEST(name)                      a test with the machine booted: memory, slab and mm are
 * there
 *      {
 *              EXPECT_EQ(f(), 3);      goes on after a failure
 *              ASSERT_TRUE(p);         ends the test
 *      }
 *
 * Each test runs in a process of its own, on a machine fresh from power-on, so that a crash is one
 * failed test and no test sees what another left behind. After a TEST the memory must be as free as
 * before it, and no lock may be held. TEST_BARE(name) is a test without the boot and those checks.
 * The name of a test is its file's, without "test_", a dot, and its own.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/types.h"

struct test {
        const char *file, *name;
        void (*fn)(void);
        bool bare;
        struct test *next;
};

void test_register(struct test *test);

#define TEST_DEFINE(name_, bare_)                                                     \
        static void test_##name_(void);                                               \
        static struct test test_of_##name_ = {                                        \
                .file = __FILE__, .name = #name_, .fn = test_##name_, .bare = (bare_) \
        };                                                                            \
        __attribute__((constructor)) static void register_##name_(void)               \
        {                                                                             \
                test_register(&test_of_##name_);                                      \
        }                                                                             \
        static void test_##name_(void)

#define TEST(name)      TEST_DEFINE(name, false)
#define TEST_BARE(name) TEST_DEFINE(name, true)

/* Note a failure; `fatal` ends the test. */
void test_fail(const char *file, int line, bool fatal, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

/* How many failures the running test has noted. */
unsigned test_failures(void);

/* A line for the report, whether or not the test passes. */
void test_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define TEST_TRUE(c, fatal)                                                     \
        do {                                                                    \
                if (!(c))                                                       \
                        test_fail(__FILE__, __LINE__, fatal, "not so: %s", #c); \
        } while (0)

#define TEST_CMP(a, op, b, fatal)                                                                  \
        do {                                                                                       \
                s64 a_ = (s64)(a), b_ = (s64)(b);                                                  \
                if (!(a_ op b_))                                                                   \
                        test_fail(__FILE__, __LINE__, fatal,                                       \
                                  "not so: %s " #op " %s; they are %lld (%#llx) and %lld (%#llx)", \
                                  #a, #b, (long long)a_, (long long)a_, (long long)b_,             \
                                  (long long)b_);                                                  \
        } while (0)

#define EXPECT(c)       TEST_TRUE(c, false)
#define EXPECT_TRUE(c)  TEST_TRUE(c, false)
#define EXPECT_FALSE(c) TEST_TRUE(!(c), false)
#define EXPECT_EQ(a, b) TEST_CMP(a, ==, b, false)
#define EXPECT_NE(a, b) TEST_CMP(a, !=, b, false)
#define EXPECT_LT(a, b) TEST_CMP(a, <, b, false)
#define EXPECT_LE(a, b) TEST_CMP(a, <=, b, false)
#define ASSERT_TRUE(c)  TEST_TRUE(c, true)
#define ASSERT_EQ(a, b) TEST_CMP(a, ==, b, true)
#define ASSERT_NE(a, b) TEST_CMP(a, !=, b, true)
#define ASSERT_LE(a, b) TEST_CMP(a, <=, b, true)

#define EXPECT_STREQ(a, b)                                                                        \
        do {                                                                                      \
                const char *a_ = (a), *b_ = (b);                                                  \
                if (strcmp(a_, b_) != 0)                                                          \
                        test_fail(__FILE__, __LINE__, false,                                      \
                                  "not equal: %s and %s; they are\n%s\nand\n%s", #a, #b, a_, b_); \
        } while (0)

/* fn(arg), run in a copy of this process, must end in a panic, or a report of the address
 * sanitizer, that contains `text`. */
void test_expect_panic(const char *file, int line, void (*fn)(void *arg), void *arg,
                       const char *text);
#define EXPECT_PANIC(fn, arg, text) test_expect_panic(__FILE__, __LINE__, fn, arg, text)

/* How many operations a test at random makes all in all, unless it says another number. */
#define TEST_OPERATIONS 1000000UL
extern u64 test_operations; /* --operations */

/* Random numbers that are the same in every run (xorshift64*); the state must not be 0. */
u64 test_random(u64 *state);
/* A number in [0, n). */
static inline u64 test_random_below(u64 *state, u64 n)
{
        return test_random(state) % n;
}

#endif
