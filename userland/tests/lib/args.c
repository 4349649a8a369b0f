/* SPDX-License-Identifier: MIT */
/* The values, their results in groups, and the places where they are put. See args.h. */
#include "userland/tests/lib/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/args_try.h"
#include "userland/tests/lib/transcript.h"

static const struct value {
        const char *name;
        unsigned long value;
        int alone; /* left out when two values are bad */
} values[ARGS_VALUES] = {
        { "0", 0, 0 },
        { "1", 1, 0 },
        { "P-1", PAGE - 1, 1 },
        { "P", PAGE, 0 },
        { "P+1", PAGE + 1, 1 },
        { "good+1", 0, 0 }, /* the good value and 1: not aligned */
        { "2^47-2P", 0x7fffffffe000UL, 1 },
        { "2^47-P", 0x7ffffffff000UL, 0 },
        { "2^47", 0x800000000000UL, 0 },
        { "2^63-P", 0x7ffffffffffff000UL, 1 },
        { "2^63", 0x8000000000000000UL, 0 },
        { "noncanon", 0xffff700000000000UL, 1 },
        { "kernel", 0xffffffff81000000UL, 1 },
        { "-2P", -2 * PAGE, 1 },
        { "-P", -PAGE, 0 },
        { "~0-P", ~0UL - PAGE, 0 },
        { "~0", ~0UL, 0 },
};
#define GOOD_1 5

/* Results with the values that gave them, in the order in which they came up first. */
struct group {
        char result[320];
        char names[400];
};
#define GROUPS    64
#define LINE_SIZE 16384

static struct group *const groups = (struct group *)(SCRATCH + 0x10000);
static char *const line = (char *)(SCRATCH + 0x20000);
static int nr_groups;

void args_group(const char *name, const char *result)
{
        struct group *g = groups;
        size_t length;

        while (g < groups + nr_groups && strcmp(g->result, result) != 0)
                g++;
        if (g == groups + GROUPS)
                exit(96);
        if (g == groups + nr_groups) {
                nr_groups++;
                snprintf(g->result, sizeof(g->result), "%s", result);
                g->names[0] = 0;
        }
        length = strlen(g->names);
        snprintf(g->names + length, sizeof(g->names) - length, " %s", name);
}

/* One line of all groups, of any length. */
void args_print(const char *head)
{
        int length = snprintf(line, LINE_SIZE, "%s", head);

        for (int i = 0; i < nr_groups; i++)
                length += snprintf(line + length, LINE_SIZE - length, "%s %s:%s", i ? " |" : "",
                                   groups[i].result, groups[i].names);
        line[length++] = '\n';
        if (write(1, line, length) != length)
                exit(97);
        nr_groups = 0;
}

unsigned long args_value(int i, unsigned long good)
{
        return i == GOOD_1 ? good + 1 : values[i].value;
}

const char *args_value_name(int i)
{
        return values[i].name;
}

/* ---------------------------------------------------------------- the calls */

/* All values in one place; the others are `args`. */
static void try_place(const struct args_call *call, const char *head, int place,
                      unsigned long args[6], int depth)
{
        unsigned long good = args[place];

        for (int i = 0; i < ARGS_VALUES; i++) {
                if (depth == PAIRS && values[i].alone)
                        continue;
                args[place] = args_value(i, call->good[place]);
                args_group(values[i].name, try_call(call->nr, args));
        }
        args[place] = good;
        args_print(head);
}

static void try_singles(const struct args_call *call, unsigned long args[6])
{
        char head[64];

        for (int place = 0; place < call->count; place++) {
                snprintf(head, sizeof(head), "argument %d ->", place + 1);
                try_place(call, head, place, args, SINGLES);
        }
}

static void try_pairs(const struct args_call *call, unsigned long args[6])
{
        char head[64];

        for (int a = 0; a < call->count; a++)
                for (int b = a + 1; b < call->count; b++)
                        for (int i = 0; i < ARGS_VALUES; i++) {
                                if (values[i].alone)
                                        continue;
                                args[a] = args_value(i, call->good[a]);
                                snprintf(head, sizeof(head), "argument %d is %s, %d ->", a + 1,
                                         values[i].name, b + 1);
                                try_place(call, head, b, args, PAIRS);
                                args[a] = call->good[a];
                        }
}

void args_try_all(const struct args_call *call)
{
        unsigned long args[6];

        memcpy(args, call->good, sizeof(args));
        scene(call->name);
        args_group("all good", try_call(call->nr, args));
        args_print("");
        try_singles(call, args);
        if (call->depth == PAIRS)
                try_pairs(call, args);
}
