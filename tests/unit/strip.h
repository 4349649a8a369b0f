/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as strips of text, one character a page, from ARENA on:
 *
 *      struct mm *mm = strip("AA.BB--");
 *
 *      A-Z   private anonymous memory that has been written: the page says its letter. Neighbouring
 *            letters are VMAs of their own (every second letter is mapped with MAP_NORESERVE, so
 *            that AB never merge; AC would).
 *      -     private anonymous memory that was never touched
 *      .     nothing
 *
 * A strip is read back the same way, without touching anything: also `0` for a page that is present
 * and zero. strip_vmas() shows the VMAs: "0-2rw 3-5r-" is pages 0 and 1 readable and writable, 3
 * and 4 readable.
 */
#ifndef TESTS_UNIT_STRIP_H
#define TESTS_UNIT_STRIP_H

#include "arch/host/user.h"
#include "kernel/base/abi/mman.h"
#include "mm/mm_types.h"
#include "mm/vma.h"
#include "tests/unit/test.h"

#define ARENA       0x10000000UL
#define ARENA_PAGES 64

/* Root without limits. */
extern const struct mm_caller root_caller;
/* Nobody without limits. */
extern const struct mm_caller user_caller;

struct mm *strip(const char *text);
struct mm *strip_empty(void);
/* Add to what there is; `page` is where the text begins. */
void strip_map(struct mm *mm, unsigned page, const char *text);

static inline u64 at_page(unsigned page)
{
        return ARENA + page * PAGE_SIZE;
}

/* Anonymous memory, MAP_PRIVATE | MAP_FIXED and more flags; must succeed. */
void map_pages(struct mm *mm, unsigned page, unsigned n, u64 prot, u64 flags);
/* Write the letter to each page, as a program would. */
void write_pages(struct mm *mm, unsigned page, unsigned n, char letter);
/* One byte, as a program would; signo in the result. */
struct mm_fault touch(struct mm *mm, u64 addr, bool write);
/* A program reads a byte that must be there. */
u8 peek_byte(struct mm *mm, u64 addr);

/* Valid until the next call. */
const char *strip_text(struct mm *mm, unsigned pages);
const char *strip_vmas(struct mm *mm);

#define EXPECT_STRIP(mm, text) EXPECT_STREQ(strip_text((mm), strlen(text)), (text))
#define EXPECT_VMAS(mm, text)  EXPECT_STREQ(strip_vmas(mm), (text))

/* Every invariant, the TLB's included. */
void strip_validate(struct mm *mm);

/* The end of a test's address space: validated, put, and nothing left of it. */
void strip_done(struct mm *mm);

/* Everything that a failed call must leave as it was, as text: VMAs with flags, page numbers and
 * anon_vmas, pages, totals. To be freed. */
char *strip_snapshot(struct mm *mm);

#endif
