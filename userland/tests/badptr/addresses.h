/* SPDX-License-Identifier: MIT */
/*
 * The bad addresses: some that stand alone, and edges. At an edge readable memory ends, and all
 * distances from it are tried, so that whatever a call reads or writes crosses it at every byte.
 *
 * The arena, by pages; the edges lie behind the even ones:
 *
 *       0 zeros | 1 hole | 2 zeros | 3 no access | 4 zeros | 5 read-only
 *      10 x's   | 11 hole | 12 x's | 13 no access | 14 x's | 15 read-only, x's
 *      17 x's and a NUL | 18 hole
 *      20 and on: memory for the other arguments, and 30 strings
 *
 * The last page of user space is taken from the stack, so the caller's frames must lie below it.
 */
#ifndef TESTS_BADPTR_ADDRESSES_H
#define TESTS_BADPTR_ADDRESSES_H

enum { PAGE_MEMORY = 20, PAGE_TEXTS = 30 };

enum { MOST_BYTES = 512, MOST_TRIALS = 3000 };

/* One address to be tried. */
struct trial {
        unsigned long addr;
        int edge;  /* or -1: it stands alone */
        int index; /* of those that stand alone; or bytes from the edge */
};

/* What became of it: a result, or how the child ended. */
struct outcome {
        char text[24];
};

/* Lays out the pages. */
void addresses_prepare(void);

enum left_out {
        ALL_TRIED,
        NULL_LEFT_OUT,
        GOOD_LEFT_OUT, /* addresses at which `reach` + 1 bytes can be read */
};

/* The trials for a pointer of this letter ("s<>x"), with distances up to `reach`: how many. */
unsigned addresses_list(struct trial *trials, char letter, int reach, enum left_out left_out);

/* Makes the memory before the edge of this trial what it was, but for strings, which nobody writes.
 */
void address_refresh(const struct trial *trial, char letter);

/* The outcomes in words: "EFAULT: null one hole 0-143 | ok: hole 144-255 odd". */
void outcomes_print(char *line, unsigned long size, const struct trial *trials,
                    const struct outcome *outcomes, unsigned count);

#endif
