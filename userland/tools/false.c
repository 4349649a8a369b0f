/* SPDX-License-Identifier: MIT */
/* false: fails. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
        if (argc == 2 && strcmp(argv[1], "--help") == 0) {
                puts("usage: false\n\nEnds with status 1.");
                return 0;
        }
        return 1;
}
