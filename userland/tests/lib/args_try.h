/* SPDX-License-Identifier: MIT */
/*
 * One call with given arguments in a process of its own, and what it changed there.
 *
 * The process finds the layout of the first 64 pages of the arena that the program made, and after
 * the call its mappings are drawn as a strip (w is private and writable, r read-only, s shared, S
 * shared and read-only, - without access; a bar is where one mapping ends and another begins):
 *
 *      wwwwwwww|rrrr....|ssssssss........wwwwwwww|----
 *
 * The caller of the call is a stub that uses no memory, so that it can tell the result even when
 * its stack or data are gone.
 */
#ifndef TESTS_LIB_ARGS_TRY_H
#define TESTS_LIB_ARGS_TRY_H

#include <stddef.h>

/* Memory that a call may be given besides: a page outside of the arena, shared by all processes. */
#define CONTROL 0x10000000UL
#define IOVEC   (CONTROL + 64)
#define VECTOR  (CONTROL + 512)
#define BUFFER  (CONTROL + 1024)

/* Memory of args_try.c and args.c: kept out of the programs, whose sizes it would change. */
#define SCRATCH      0x10100000UL
#define SCRATCH_SIZE 0x40000UL

/* Stands for a pidfd of the process that makes the call. */
#define OWN_PIDFD 0xf1dUL

/* What a program may add to a try; each may be NULL. */
struct try_hooks {
        /* Puts real values in the place of those that stand for something. In the new process. */
        void (*translate)(long nr, unsigned long args[6]);
        /* A name for the result, or NULL for the usual one. */
        const char *(*result_name)(long nr, long result);
        /* Adds what has changed outside of the process, which has stopped after the call. */
        void (*look)(char *text, size_t size);
        /* Makes all as it was, when the process has gone. */
        void (*restore)(void);
};

/* Has the arena laid out; before the first try. The hooks may be NULL. */
void tries_prepare(void (*lay_out)(void), const struct try_hooks *given);

/* A name for what came of the call: "EINVAL", "0 wwww|..", "+48 lck 8". Overwritten by the next. */
const char *try_call(long nr, const unsigned long args[6]);

#endif
