/* SPDX-License-Identifier: MIT */
/* tail: the last lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: tail [-n LINES] [FILE]\n\n"
                           "Prints the last LINES (10) of FILE, or of standard input.\n";

/* All of the file in one piece; NULL with errno. */
static char *read_all(FILE *file, size_t *length)
{
        size_t room = 65536;
        char *text = malloc(room);

        *length = 0;
        while (text) {
                size_t n = fread(text + *length, 1, room - *length, file);
                char *larger;

                *length += n;
                if (n == 0)
                        return text;
                if (*length < room)
                        continue;
                larger = realloc(text, room *= 2);
                if (!larger)
                        free(text);
                text = larger;
        }
        return NULL;
}

int main(int argc, char **argv)
{
        unsigned counted = tool_options(&argc, &argv, "n", help);
        FILE *file = stdin;
        size_t length, start;
        long lines = 10;
        char *text;

        if (counted) {
                char *end;

                if (argc == 0)
                        tool_misused(help);
                lines = strtol(*argv, &end, 10);
                if (*end || lines < 0)
                        tool_misused(help);
                argc--;
                argv++;
        }
        if (argc > 1)
                tool_misused(help);
        if (argc == 1 && !(file = fopen(*argv, "r")))
                return tool_error(*argv);
        text = read_all(file, &length);
        if (!text)
                return tool_error("reading");
        start = length;
        while (start > 0 && lines > 0) {
                if (text[start - 1] == '\n' && start < length && --lines == 0)
                        break;
                start--;
        }
        if (start < length)
                fwrite(text + start, 1, length - start, stdout);
        free(text);
        return fflush(stdout) != 0;
}
