/* SPDX-License-Identifier: MIT */
/* The program that makes the calls on Linux (own.h): its parts. */
#ifndef TESTS_DIFF_NATIVE_NATIVE_H
#define TESTS_DIFF_NATIVE_NATIVE_H

#include "tests/diff/native/sys.h"
#include "tests/diff/own.h"

static inline struct own *own(void)
{
        return (struct own *)(OWN_BASE + OWN_DATA);
}

/* Something is wrong with the comparison itself: say what, and end. */
_Noreturn void trouble(enum own_trouble what, int64_t detail);

/* ------------------------------------------------------------------ entry.S */

/* One byte. Where that is a fault, the signal handler lets them return at once. */
uint8_t load_byte(uint64_t addr);
void store_byte(uint64_t addr, uint8_t value);

/*
 * fork(). One of the two goes on, and 0 is returned there; the other calls wait(pid) on a stack of
 * its own and never returns, pid as fork() gave it. A negative errno: there was no fork.
 */
long fork_leaving_child(uint64_t stack, void (*wait)(long pid));
long fork_leaving_parent(uint64_t stack, void (*wait)(long pid));

void signal_return(void);

/* ------------------------------------------------------------------ look.c */

/* Open /proc/self anew: its files speak of the process that opened them. */
void look_open(void);
/* The address space, behind what became of the call. */
void look(struct snapshot *s, bool flags);

#endif
