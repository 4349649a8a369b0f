/* SPDX-License-Identifier: MIT */
/* The parts of the commands of cases.h. For the files of this folder alone. */
#ifndef TESTS_LIB_UFFD_WORDS_H
#define TESTS_LIB_UFFD_WORDS_H

#include "userland/tests/lib/script_words.h"

/* The commands of calls.c, messages.c and threads.c. */
extern const struct command_row uffd_call_rows[];
extern const struct command_row uffd_message_rows[];
extern const struct command_row uffd_thread_rows[];

/* The descriptor of that name; names are lower-case letters. */
int *uffd_named(const char *name);

/* The name of the thread with this id, or "?". */
const char *uffd_thread_name(int tid);

/* Closes all descriptors; waits for all threads and tells of those that wait on. */
void uffd_close_all(void);
void uffd_join_all(void);

/* A place as put_place() writes it, in the buffer: threads may write at the same time. */
const char *uffd_place(unsigned long addr, char text[32]);

#endif
