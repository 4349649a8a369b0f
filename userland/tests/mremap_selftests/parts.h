/* SPDX-License-Identifier: MIT */
/* The parts of the KTAP report of mremap, and what they report with. */
#ifndef TESTS_MREMAP_SELFTESTS_PARTS_H
#define TESTS_MREMAP_SELFTESTS_PARTS_H

#define KIB (1UL << 10)
#define MIB (1UL << 20)
#define GIB (1UL << 30)

/* A situation as a script (lib/script.h), and what the arena must look like at its end. */
struct situation {
        const char *name;
        const char *script;
        const char *end;
};

/* Counts and prints "ok N name" or "not ok N name". */
void report(int holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Runs situations and reports each; what a script printed goes out as KTAP diagnostics. */
void run_situations(const struct situation *table, unsigned count);

/* The parts, and how many tests each has. */
unsigned alignment_count(void);
void alignment_tests(void);
unsigned situation_count(void);
void situation_tests(void);

#endif
