/* SPDX-License-Identifier: MIT */
/*
 * Laying out, listing and naming the bad addresses. See addresses.h for the pages.
 */
#include "userland/tests/badptr/addresses.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define USER_END 0x7ffffffff000UL
#define ANYWHERE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

enum { ZEROS = 0, STRINGS = 10, ENDED = 17 };

/* What the memory before an edge is, and so which pointers it is for. */
enum content {
        ANY,     /* zeros, or for a string x's */
        OUTPUT,  /* zeros, and not for what is only read */
        LETTERS, /* x's and a NUL at the very end: for strings */
};

static const struct edge {
        const char *name;
        int page; /* whose end it is, among the zeros or the strings; -1: user space's */
        enum content content;
} edges[] = {
        { "hole", 0, ANY }, { "none", 2, ANY },    { "ro", 4, OUTPUT },
        { "top", -1, ANY }, { "nul", 0, LETTERS }, { "topnul", -1, LETTERS },
};
#define EDGES (int)(sizeof(edges) / sizeof(edges[0]))

static const struct alone {
        const char *name;
        unsigned long addr;
} alone[] = {
        { "null", 0 }, /* the first: see NULL_LEFT_OUT */
        { "one", 1 },
        { "noncanon", 0x800000000000UL },
        { "noncanon2", 0xffff7fffffffffffUL },
        { "direct", 0xffff800000000000UL },
        { "text", 0xffffffff80100000UL },
        { "all-ones", ~0UL },
        { "minus-8", ~7UL },
        { "odd", ARENA + 1 },                            /* good memory, not aligned */
        { "endless", ARENA + STRINGS *PAGE + 4 * PAGE }, /* a string longer than any path */
};
#define ALONE (int)(sizeof(alone) / sizeof(alone[0]))
#define BAD   (ALONE - 2)

static void prepare_pages(int first, int fill)
{
        for (int i = 0; i < 6; i += 2) {
                raw_call(NR_mmap, at(first + i), 2 * PAGE, PROT_READ | PROT_WRITE, ANYWHERE, -1, 0);
                memset((void *)at(first + i), fill, 2 * PAGE);
        }
        raw_call(NR_munmap, at(first + 1), PAGE);
        raw_call(NR_mprotect, at(first + 3), PAGE, PROT_NONE);
        raw_call(NR_mprotect, at(first + 5), PAGE, PROT_READ);
}

void addresses_prepare(void)
{
        prepare_pages(ZEROS, 0);
        prepare_pages(STRINGS, 'x');
        raw_call(NR_mmap, at(ENDED), PAGE, PROT_READ | PROT_WRITE, ANYWHERE, -1, 0);
        memset((void *)at(ENDED), 'x', PAGE - 1);
        raw_call(NR_mmap, at(PAGE_MEMORY), 16 * PAGE, PROT_READ | PROT_WRITE, ANYWHERE, -1, 0);
        raw_call(NR_mmap, USER_END - PAGE, PAGE, PROT_READ | PROT_WRITE, ANYWHERE, -1, 0);
}

static unsigned long edge_address(const struct edge *edge, char letter)
{
        if (edge->page < 0)
                return USER_END;
        if (edge->content == LETTERS)
                return at(ENDED + 1);
        return at((letter == 's' ? STRINGS : ZEROS) + edge->page + 1);
}

static int edge_is_for(const struct edge *edge, char letter)
{
        switch (edge->content) {
        case LETTERS: return letter == 's';
        case OUTPUT: return letter == '>' || letter == 'x';
        default: return 1;
        }
}

unsigned addresses_list(struct trial *trials, char letter, int reach, enum left_out left_out)
{
        int most = letter == 's' ? ALONE : left_out == GOOD_LEFT_OUT ? BAD : BAD + 1;
        unsigned count = 0;

        for (int i = left_out == NULL_LEFT_OUT; i < most; i++)
                trials[count++] = (struct trial){ alone[i].addr, -1, i };
        for (int e = 0; e < EDGES; e++) {
                if (!edge_is_for(&edges[e], letter) ||
                    (left_out == GOOD_LEFT_OUT && edges[e].content != ANY))
                        continue;
                for (int n = 0; n <= reach && count < MOST_TRIALS; n++)
                        trials[count++] =
                                (struct trial){ edge_address(&edges[e], letter) - n, e, n };
        }
        return count;
}

void address_refresh(const struct trial *trial, char letter)
{
        char *end;

        if (trial->edge < 0)
                return;
        end = (char *)edge_address(&edges[trial->edge], letter);
        if (letter != 's')
                memset(end - MOST_BYTES, 0, MOST_BYTES);
        else if (edges[trial->edge].page < 0)
                memset(end - MOST_BYTES, 'x', MOST_BYTES);
        if (edges[trial->edge].content == LETTERS)
                end[-1] = 0;
}

/* ---------------------------------------------------------------- printing */

struct line {
        char *text;
        size_t length, size;
};

static void add(struct line *line, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        line->length += vsnprintf(line->text + line->length, line->size - line->length, fmt, args);
        va_end(args);
        if (line->length >= line->size)
                line->length = line->size - 1;
}

/* The trials from the first on that lie at the same edge, each a byte further, and end alike. */
static unsigned run_length(const struct trial *trials, const struct outcome *outcomes,
                           unsigned first, unsigned count)
{
        unsigned i = first + 1;

        while (i < count && trials[i].edge == trials[first].edge && trials[i].edge >= 0 &&
               trials[i].index == trials[i - 1].index + 1 &&
               strcmp(outcomes[i].text, outcomes[first].text) == 0)
                i++;
        return i - first;
}

/* All trials from the first on that ended as it did. */
static void add_alike(struct line *line, const struct trial *trials, const struct outcome *outcomes,
                      unsigned first, unsigned count)
{
        int edge = -1;
        unsigned length;

        add(line, "%s%s:", line->length ? " | " : "", outcomes[first].text);
        for (unsigned i = first; i < count; i += length) {
                length = run_length(trials, outcomes, i, count);
                if (strcmp(outcomes[i].text, outcomes[first].text) != 0)
                        continue;
                if (trials[i].edge < 0) {
                        add(line, " %s", alone[trials[i].index].name);
                        continue;
                }
                if (trials[i].edge == edge)
                        add(line, ",");
                else
                        add(line, " %s ", edges[trials[i].edge].name);
                add(line, "%d", trials[i].index);
                if (length > 1)
                        add(line, "-%d", trials[i].index + (int)length - 1);
                edge = trials[i].edge;
        }
}

void outcomes_print(char *text, unsigned long size, const struct trial *trials,
                    const struct outcome *outcomes, unsigned count)
{
        struct line line = { text, 0, size };

        for (unsigned i = 0; i < count; i++) {
                unsigned j = 0;

                while (j < i && strcmp(outcomes[i].text, outcomes[j].text) != 0)
                        j++;
                if (j == i)
                        add_alike(&line, trials, outcomes, i, count);
        }
}
