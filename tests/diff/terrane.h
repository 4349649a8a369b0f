/* SPDX-License-Identifier: MIT */
/*
 * mm/ on the host machine, as the side of the comparison that is being tested. It is of use alone,
 * too: to run a stream of calls, and let mm/ check itself.
 *
 *      terrane_boot(TERRANE_RAM);      once a process
 *      terrane_start(root);            a new address space, new files
 *      terrane_do(&op, snapshot);      what became of the call
 *      terrane_look(snapshot, flags);  and the address space behind it
 *      terrane_end();                  all of it is gone; panics if anything is left
 */
#ifndef TESTS_DIFF_TERRANE_H
#define TESTS_DIFF_TERRANE_H

#include "tests/diff/snapshot.h"

struct mm;

/*
 * With `size` bytes of RAM, or as many as the host machine can have (HOST_MAX_PFN) if that is less.
 * No more of it is used than is touched; but nobody may ask for more at once than there is, which
 * on Linux depends on the machine, too.
 */
#define TERRANE_RAM (1536UL << 20) /* the usual largest length of a call is a GiB */
void terrane_boot(uint64_t size);
void terrane_start(bool root);
void terrane_do(const struct op *op, struct snapshot *s);
void terrane_look(struct snapshot *s, bool flags);
void terrane_end(void);

/* Every invariant of mm/, the TLB's and those of the whole system included. */
void terrane_validate(void);

/* The address space in which calls are made now: fork() changes it. */
struct mm *terrane_mm(void);

/*
 * The call is one that Linux 6.18 is known to answer wrongly (tests/golden/allowed.tsv), as things
 * are before it: what comes after it cannot be compared.
 */
bool terrane_is_allowed(const struct op *op);
/* The same, as things are behind it. */
bool terrane_was_allowed(const struct op *op, const struct snapshot *s);

#endif
