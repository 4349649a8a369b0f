/* SPDX-License-Identifier: MIT */
/*
 * Every bad value in every place of a call's arguments, the others good, then in every two places.
 * A line has the results, each with the values that gave it after it; what the call changed is part
 * of the result (args_try.h). tries_prepare() comes first.
 */
#ifndef TESTS_LIB_ARGS_H
#define TESTS_LIB_ARGS_H

enum args_depth { SINGLES, PAIRS };

struct args_call {
        const char *name;
        int nr;
        int count;
        enum args_depth depth;
        unsigned long good[6];
};

/* The scene of a call: all good, then each value in each place, then, with PAIRS, in each two. */
void args_try_all(const struct args_call *call);

/* The bad values; one of them is the good one and 1. */
#define ARGS_VALUES 17
unsigned long args_value(int i, unsigned long good);
const char *args_value_name(int i);

/* Puts a name with its result, and prints the line of all that have been put since the last. */
void args_group(const char *name, const char *result);
void args_print(const char *head);

#endif
