/* SPDX-License-Identifier: MIT */
/* head: the first lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: head [-n LINES] [FILE...]\n\n"
                           "Prints the first LINES (10) of every FILE, or of standard input.\n";

static void print(FILE *file, long lines)
{
        int c;

        while (lines > 0 && (c = getc(file)) != EOF) {
                putchar(c);
                lines -= c == '\n';
        }
}

int main(int argc, char **argv)
{
        unsigned counted = tool_options(&argc, &argv, "n", help);
        long lines = 10;
        int status = 0;

        if (counted) {
                char *end;

                if (argc == 0)
                        tool_misused(help);
                lines = strtol(*argv, &end, 10);
                if (*end)
                        tool_misused(help);
                argc--;
                argv++;
        }
        if (argc == 0)
                print(stdin, lines);
        for (; argc > 0; argc--, argv++) {
                FILE *file = fopen(*argv, "r");

                if (!file) {
                        status |= tool_error(*argv);
                        continue;
                }
                print(file, lines);
                fclose(file);
        }
        return fflush(stdout) != 0 || status;
}
