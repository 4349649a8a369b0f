/* SPDX-License-Identifier: MIT */
/* echo: the arguments, with a blank between them. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
        int newline = 1, i = 1;

        if (argc == 2 && strcmp(argv[1], "--help") == 0) {
                puts("usage: echo [-n] [WORD...]\n\nWrites the words; without a newline with -n.");
                return 0;
        }
        if (argc > 1 && strcmp(argv[1], "-n") == 0) {
                newline = 0;
                i++;
        }
        for (; i < argc; i++)
                printf("%s%s", argv[i], i + 1 < argc ? " " : "");
        if (newline)
                putchar('\n');
        return fflush(stdout) != 0;
}
