/* SPDX-License-Identifier: MIT */
/*
 * Cases written as short scripts, so that a table of them can be read line by line:
 *
 *      { "merge.T3", "map 0 2 rw; write 0 2 A; map 4 2 rw; write 4 2 C; map 2 2 rw" },
 *
 * Each case runs in a process of its own, in an empty arena (arena.h), and prints a heading with
 * its name, its commands with their results, and what the arena looks like at the end:
 *
 *      # merge.T3
 *      map 0 2 rw -> +0; write 0 2 A; map 4 2 rw -> +4; write 4 2 C; map 2 2 rw -> +2
 *           0-4 rw-p ac | 4-6 rw-p ac   AB00CD
 *
 * Behind a mapping's permissions stand its offset in pages (@2), if not 0, those of smaps' VmFlags
 * that the permissions do not say already, and its name. Pages are drawn as in arena.h, with ! for
 * one whose reading ends in a signal and _ for one that is missing where userfaultfd is told.
 *
 * Places are pages of the arena, "$" (the place that the kernel chose last, "$+2" two pages on),
 * "top" (the end of user space, "top-4") an address in hexadecimal, "vdso" or "vvar". Lengths are
 * pages, "2.1" (two pages and a byte), "max" (all bits set) or hexadecimal bytes. The commands are
 * listed in script.c.
 */
#ifndef TESTS_LIB_SCRIPT_H
#define TESTS_LIB_SCRIPT_H

struct script_case {
        const char *name;
        const char *script;
};

/* Runs the cases one after the other. */
void run_cases(const struct script_case *cases, unsigned count);

/* The same for other ways to report: once before the first, then each script in a child's memory.
 */
void script_prepare(void);
void script_run(const char *script);

#define RUN_CASES(table) run_cases((table), sizeof(table) / sizeof((table)[0]))

#endif
