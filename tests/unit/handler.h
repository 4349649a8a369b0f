/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd in tests: contexts and their calls on strips (strip.h), and a handler, a thread that
 * reads messages and answers faults.
 */
#ifndef TESTS_UNIT_HANDLER_H
#define TESTS_UNIT_HANDLER_H

#include "kernel/base/abi/userfaultfd.h"
#include "mm/uffd.h"
#include "tests/unit/fixture.h"

/* With the features agreed on. uffd_release() must follow. */
struct uffd *context(struct mm *mm, u64 features);
int enlist(struct uffd *u, unsigned page, unsigned n, u64 modes);
/* Pages of `letter`, the next one, and so on for UFFD_COPY. */
s64 fill(struct uffd *u, enum uffd_fill_kind kind, unsigned page, unsigned n, char letter);

/* The next message, if there is one. Threads have the number 7. */
bool next(struct uffd *u, struct uffd_msg *msg);
u32 no_thread_id(struct task *task);

/*
 * A thread that takes `expected` messages and keeps them in handler.seen. Missing pages get the
 * letter 'h', others what they lack. host_run() runs it.
 */
void serve(struct mm *mm, struct uffd *u, unsigned expected);

struct handler {
        struct mm *mm;
        struct uffd *u;
        struct uffd_msg seen[16];
        unsigned nr, expected;
        char letter;
};
extern struct handler handler;

/* A thread's function: waits for a message and closes the context, its argument. */
void close_it(void *arg);

#endif
