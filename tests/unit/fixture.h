/* SPDX-License-Identifier: MIT */
/*
 * What tests of the calls on an address space have in common besides strips (strip.h): files to
 * map, calls by page number, totals, the flags of a mapping as letters, and "nothing has changed".
 */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <stdlib.h>

#include "mm/object.h"
#include "tests/unit/strip.h"

#define RW   (PROT_READ | PROT_WRITE)
#define RX   (PROT_READ | PROT_EXEC)
#define RWX  (PROT_READ | PROT_WRITE | PROT_EXEC)
#define MIB  (1UL << 20)
#define HUGE (2 * MIB)

#define SIGBUS  7
#define SIGSEGV 11

/* ------------------------------------------------------------------ files */

/*
 * A regular file, one character a page: the first byte of the page, or a hole for '.'. It has one
 * reference, the caller's, for backing_put(). `flags`: more BACKING_*.
 */
struct backing *file_create(const char *pages, u32 flags);

/* A request for `n` pages of `file` from its page `first` on, at page `page` of the arena, open for
 * reading and writing. Without a file: MAP_ANONYMOUS is added. */
struct mmap_request map_request(unsigned page, unsigned n, u64 prot, u64 flags,
                                struct backing *file, unsigned first);
/* The same, made with MAP_FIXED; must succeed. */
void map_file(struct mm *mm, unsigned page, unsigned n, u64 prot, u64 flags, struct backing *file,
              unsigned first);
/* Shared anonymous memory of its own. */
void map_shared_anon(struct mm *mm, unsigned page, unsigned n, u64 prot);
/* The mapping at the page gets these flags besides: one of a kind that only drivers make. */
void make_special(struct mm *mm, unsigned page, u64 vm_flags);

/* ------------------------------------------------------------------ calls */

/*
 * By page numbers; nobody in particular makes them, without limits. What mremap() answers is the
 * number of a page, too, where it is an address in the arena or not far above.
 */
int unmap(struct mm *mm, unsigned page, unsigned n);
int protect(struct mm *mm, unsigned page, unsigned n, u64 prot);
s64 remap(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to);
s64 remap_as(struct mm *mm, const struct mm_caller *who, unsigned page, u64 old, u64 new, u64 flags,
             unsigned to);
/* The lengths in bytes. */
s64 remap_bytes(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to);

/* ------------------------------------------------------------------ looking */

struct mm_stats stats_of(struct mm *mm);
u64 locked_pages_of(struct mm *mm);
u64 anon_pages_of(struct mm *mm);

/* The letters of smaps' VmFlags for the mapping at the page, separated by blanks; valid until the
 * next call. */
const char *flags_at(struct mm *mm, unsigned page);
#define EXPECT_FLAGS(mm, page, letters) EXPECT_STREQ(flags_at((mm), (page)), (letters))

/* A page-table entry maps something there. */
bool is_mapped(struct mm *mm, unsigned page);

/* A snapshot (strip.h) taken before a call that must change nothing. */
#define EXPECT_UNCHANGED(mm, before)                          \
        do {                                                  \
                char *after_ = strip_snapshot(mm);            \
                                                              \
                EXPECT_STREQ((const char *)(before), after_); \
                free(after_);                                 \
        } while (0)

struct mm *fork_of(struct mm *mm);

/* Root's or nobody's limits with one of them changed. */
struct mm_caller with_memlock(u64 pages);
struct mm_caller with_as(u64 pages);
struct mm_caller with_data(u64 soft_pages, u64 hard_pages);

/* From here on mode 2 allows `pages` more than are committed now (no reserves). */
void commit_leave(u64 pages);

#endif
