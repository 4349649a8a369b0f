/* SPDX-License-Identifier: MIT */
/*
 * One memory call with given arguments in a process of its own, and what it changed there.
 *
 * The layout each call finds, in pages of the arena (w is private and writable, r read-only, s
 * shared, - without access; a bar is where one mapping ends and another begins):
 *
 *      wwwwwwww|rrrr....|ssssssss........wwwwwwww|----
 *
 * of which pages 0 to 3, 16 to 19 have been written to. The caller of the call is a stub that uses
 * no memory, so that it can tell the result even when its stack or data are gone.
 */
#ifndef TESTS_MM_ARGS_TRIES_H
#define TESTS_MM_ARGS_TRIES_H

/* Memory that a call may be given besides: outside of the arena. */
#define CONTROL 0x10000000UL
#define IOVEC   (CONTROL + 64)
#define VECTOR  (CONTROL + 512)
#define BUFFER  (CONTROL + 1024)

/* Stands for a pidfd of the process that makes the call. */
#define OWN_PIDFD 0xf1dUL

/* Lays out the arena; before the first try. */
void tries_prepare(void);

/* A name for what came of the call: "EINVAL", "0 wwww|..", "+48 lck 8". Overwritten by the next. */
const char *try_call(long nr, const unsigned long args[6]);

#endif
