/* SPDX-License-Identifier: MIT */
/* wc: counts lines, words and bytes. */
#include <ctype.h>
#include <stdio.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: wc [-lwc] [FILE...]\n\n"
        "Counts lines (-l), words (-w) and bytes (-c), all three without options.\n";

struct counts {
        unsigned long of[3];
};

static struct counts count(FILE *file)
{
        struct counts n = { { 0, 0, 0 } };
        int c, in_word = 0;

        while ((c = getc(file)) != EOF) {
                n.of[0] += c == '\n';
                n.of[1] += !in_word && !isspace(c);
                n.of[2]++;
                in_word = !isspace(c);
        }
        return n;
}

static void print(struct counts n, unsigned which, const char *name)
{
        const char *before = "";

        for (unsigned i = 0; i < 3; i++) {
                if (which & 1u << i) {
                        printf("%s%lu", before, n.of[i]);
                        before = " ";
                }
        }
        printf("%s%s\n", name ? " " : "", name ? name : "");
}

int main(int argc, char **argv)
{
        unsigned which = tool_options(&argc, &argv, "lwc", help);
        struct counts total = { { 0, 0, 0 } };
        int status = 0, files = argc;

        if (!which)
                which = 7;
        if (argc == 0)
                print(count(stdin), which, NULL);
        for (; argc > 0; argc--, argv++) {
                FILE *file = fopen(*argv, "r");
                struct counts n;

                if (!file) {
                        status |= tool_error(*argv);
                        continue;
                }
                n = count(file);
                fclose(file);
                print(n, which, *argv);
                for (unsigned i = 0; i < 3; i++)
                        total.of[i] += n.of[i];
        }
        if (files > 1)
                print(total, which, "total");
        return status;
}
