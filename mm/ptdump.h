/* SPDX-License-Identifier: MIT */
/*
 * The page tables of an address space as text, in the form of Linux's ptdump: one line for each run
 * of neighbouring entries of one level that look the same, holes included.
 *
 *      0x0000000000000000-0x0000000000400000           4M                               pmd
 *      0x0000000000400000-0x0000000000402000           8K USR ro                     x  pte
 *      0x0000000000402000-0x0000000000403000           4K USR RW                     NX pte
 *      range                                         size attributes                    level
 *
 * The level is that of the table in which the entries lie, where the root is always the pgd. A hole
 * has the level at which the walk ends, so one stretch of nothing may be several lines. Attributes
 * are those of the leaf; tables on the way allow everything and take nothing away. Blank are holes,
 * and also what is not present to the hardware: PROT_NONE memory and markers, which are runs of
 * their own.
 *
 * Entries look the same if all that is shown is the same. (Linux breaks a run also where a bit that
 * it does not show differs, such as accessed or dirty.)
 */
#ifndef MM_PTDUMP_H
#define MM_PTDUMP_H

#include "mm/mm.h"

#define PTDUMP_PRESENT  0x1u
#define PTDUMP_USER     0x2u
#define PTDUMP_WRITE    0x4u
#define PTDUMP_EXEC     0x8u
#define PTDUMP_NOCACHE  0x10u
#define PTDUMP_LARGE    0x20u /* a leaf above the lowest level */
#define PTDUMP_NOACCESS 0x40u /* not present: a leaf nobody may use */
#define PTDUMP_MARKER   0x80u /* not present: a marker */

/* A run: [start, end) in bytes, PTDUMP_* (0: a hole), enum pt_level. */
struct ptdump_run {
        u64 start, end;
        unsigned attributes;
        unsigned level;
};

/* The user half of the tables ends here: above TASK_SIZE, whose last page is never mapped. */
u64 ptdump_end(void);

/*
 * The run from `addr` on, which is page aligned: what lies below is not looked at, so asking again
 * at each run's end shows all, however the tables change in between. False at ptdump_end().
 * Takes mmap_lock for reading; pte_lock for one table at a time.
 */
bool mm_next_ptdump_run(struct mm *mm, u64 addr, struct ptdump_run *run);

#define PTDUMP_LINE 96 /* bytes, more than any line has */

/* The run's line with its newline and a NUL; bytes without the NUL. */
size_t ptdump_line(const struct ptdump_run *run, char line[PTDUMP_LINE]);

#endif
