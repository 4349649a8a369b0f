/* SPDX-License-Identifier: MIT */
/*
 * Where commands come from: a string, a file, or a descriptor read line by line. A descriptor is
 * read byte by byte, because the commands that run may want to read what comes behind the line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userland/sh/sh.h"

int input_line(int fd, struct string *text)
{
        size_t before = text->length;
        ssize_t n;
        char c;

        for (;;) {
                n = read(fd, &c, 1);
                if (n < 0 && errno == EINTR && !shell.interrupted)
                        continue;
                if (n <= 0)
                        break;
                if (c)
                        string_add(text, c);
                if (c == '\n')
                        break;
        }
        return text->length > before;
}

int run_text(const char *text)
{
        size_t position = 0;

        shell.status = 0;
        while (!shell.unwind) {
                struct pool *pool = pool_new();
                struct node *tree;
                enum parse_result result = parse_command(text, &position, pool, &tree);

                if (result == PARSE_COMMAND && tree)
                        run(tree);
                pool_free(pool);
                if (result == PARSE_INCOMPLETE)
                        complain("syntax error: unexpected end of input");
                if (result == PARSE_INCOMPLETE || result == PARSE_ERROR) {
                        shell.status = 2;
                        shell.unwind = shell.interactive ? UNWIND_GIVE_UP : UNWIND_EXIT;
                }
                if (result != PARSE_COMMAND)
                        break;
        }
        return shell.status;
}

int run_file(const char *path)
{
        struct string text = { NULL, 0, 0 };
        char buffer[1024];
        ssize_t n;
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0) {
                complain("%s: %s", path, strerror(errno));
                return 127;
        }
        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                string_append(&text, buffer, (size_t)n);
        close(fd);
        if (n < 0) {
                complain("%s: %s", path, strerror(errno));
                return 126;
        }
        if (text.length == 0)
                return 0;
        if (strlen(text.text) != text.length) {
                complain("%s: cannot execute: a binary file", path);
                string_free(&text);
                return 126;
        }
        run_text(text.text);
        string_free(&text);
        return shell.status;
}
