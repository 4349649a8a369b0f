/* SPDX-License-Identifier: MIT */
/* seq: numbers. */
#include <stdio.h>
#include <stdlib.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: seq [FIRST [STEP]] LAST\n\n"
                           "Prints the whole numbers from FIRST (1) to LAST, every STEP (1).\n";

static long number(const char *text)
{
        char *end;
        long value = strtol(text, &end, 10);

        if (*end || end == text)
                tool_misused(help);
        return value;
}

int main(int argc, char **argv)
{
        long first = 1, step = 1, last;

        /* A number may be negative, so that only --help is an option. */
        if (argc < 2 || argc > 4 || (argv[1][0] == '-' && argv[1][1] == '-'))
                tool_options(&argc, &argv, "", help);
        if (argc < 2 || argc > 4)
                tool_misused(help);
        last = number(argv[argc - 1]);
        if (argc > 2)
                first = number(argv[1]);
        if (argc > 3)
                step = number(argv[2]);
        if (step == 0)
                tool_misused(help);
        for (long i = first; step > 0 ? i <= last : i >= last; i += step)
                if (printf("%ld\n", i) < 0)
                        return 1;
        return fflush(stdout) != 0;
}
