/* SPDX-License-Identifier: MIT */
/*
 * Address spaces that descend from one another by fork, for tests of the reverse map.
 *
 * family_check() compares every page table with every walk: it lists what is mapped where without
 * mm/'s walker and its VMAs, then has each page walked. So it fails for an entry that no walk
 * finds, for one that is found twice, and for one that is found and is not there.
 */
#ifndef TESTS_UNIT_FAMILY_H
#define TESTS_UNIT_FAMILY_H

#include "tests/unit/strip.h"

#define FAMILY_MAX 8

struct family {
        struct mm *mm[FAMILY_MAX]; /* NULL: gone, or not born yet */
};

struct family family_of(struct mm *first);
/* The number of the child: the first that is free. -1 if there was no memory. */
int family_fork(struct family *family, unsigned parent);
void family_exit(struct family *family, unsigned number);

/* Everything that can be checked of all of them. */
void family_check(const struct family *family);

/* All exit, the first first or the last first, with checks; nothing may be left. */
void family_end(struct family *family, bool first_first);

/* The length of the chain of the VMA at a page; 0: unfaulted. */
unsigned chain_at(struct mm *mm, unsigned page);

/* mremap() of whole pages to a fixed place. */
s64 move_pages(struct mm *mm, unsigned from, unsigned n, unsigned to, u64 flags);
/* Objects in use of the named cache. */
u64 slab_objects(const char *name);

#endif
