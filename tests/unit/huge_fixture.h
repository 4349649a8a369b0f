/* SPDX-License-Identifier: MIT */
/* What tests of huge pages have in common: memory that gets them, and how it looks. */
#ifndef TESTS_UNIT_HUGE_FIXTURE_H
#define TESTS_UNIT_HUGE_FIXTURE_H

#include "kernel/base/abi/madvise.h"
#include "mm/huge.h"
#include "tests/unit/fixture.h"

#define GIB  (1UL << 30)
#define BASE (16 * GIB)

/* Private memory at `addr`, advised and untouched. */
void map_at(struct mm *mm, u64 addr, u64 len);
/* An address space with nothing but `pages` huge pages' worth of it at BASE. */
struct mm *huge_mm(u64 pages);
/* The end of one of several address spaces. */
void exit_mm(struct mm *mm);

/* How `n` times 2 MiB are mapped, a character each: huge (H), by a table (s), huge zeroes (0), not
 * at all (.). Valid until the next call. */
const char *look(struct mm *mm, u64 addr, unsigned n);
#define EXPECT_LOOK(mm, addr, text) EXPECT_STREQ(look((mm), (addr), strlen(text)), (text))

/* Pages of blocks that huge entries map. */
u64 huge_pages_mapped(void);

u64 stat(struct mm *mm, enum mmstat_item item);

/* Write a letter at the start of each page, and find them again, here or elsewhere. */
void write_letters(struct mm *mm, u64 addr, u64 len, char first);
void check_letters(struct mm *mm, u64 addr, u64 len, char first);
/* The same if they were written from `skip` bytes before `addr` on. */
void check_rest(struct mm *mm, u64 addr, u64 len, char first, u64 skip);

#endif
