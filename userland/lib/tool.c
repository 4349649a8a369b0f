/* SPDX-License-Identifier: MIT */
/*
 * Options, messages and files for the small tools. See tool.h.
 */
#include "userland/lib/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *tool_name = "tool";

void tool_misused(const char *help)
{
        fputs(help, stderr);
        exit(2);
}

unsigned tool_options(int *argc, char ***argv, const char *allowed, const char *help)
{
        unsigned found = 0;
        char **args = *argv;

        if (*argc > 0) {
                const char *slash = strrchr(args[0], '/');

                tool_name = slash ? slash + 1 : args[0];
                (*argc)--;
                args++;
        }
        for (; *argc > 0 && args[0][0] == '-' && args[0][1]; (*argc)--, args++) {
                if (strcmp(args[0], "--help") == 0) {
                        fputs(help, stdout);
                        exit(0);
                }
                if (strcmp(args[0], "--") == 0) {
                        (*argc)--;
                        args++;
                        break;
                }
                for (const char *c = args[0] + 1; *c; c++) {
                        const char *at = strchr(allowed, *c);

                        if (!at)
                                tool_misused(help);
                        found |= 1u << (at - allowed);
                }
        }
        *argv = args;
        return found;
}

int tool_complain(const char *what, const char *reason)
{
        fflush(stdout);
        fprintf(stderr, "%s: %s: %s\n", tool_name, what, reason);
        return 1;
}

int tool_error(const char *what)
{
        return tool_complain(what, strerror(errno));
}

int tool_copy(int from, int to)
{
        static char buffer[65536];
        ssize_t n;

        while ((n = read(from, buffer, sizeof(buffer))) != 0) {
                char *p = buffer;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -1;
                while (n > 0) {
                        ssize_t done = write(to, p, (size_t)n);

                        if (done < 0 && errno == EINTR)
                                continue;
                        if (done < 0)
                                return -1;
                        p += done;
                        n -= done;
                }
        }
        return 0;
}

char *tool_read_file(const char *path)
{
        size_t length = 0, room = 16384;
        char *text = malloc(room);
        int fd = open(path, O_RDONLY);
        ssize_t n = -1;

        if (fd < 0) {
                free(text);
                return NULL;
        }
        while (text && (n = read(fd, text + length, room - length - 1)) > 0) {
                length += (size_t)n;
                if (room - length < 8192) {
                        char *larger = realloc(text, room *= 2);

                        if (!larger)
                                free(text);
                        text = larger;
                }
        }
        close(fd);
        if (!text || n < 0) {
                free(text);
                return NULL;
        }
        text[length] = 0;
        return text;
}

const char *tool_text_field(const char *text, const char *name)
{
        size_t length = strlen(name);

        while (text && *text) {
                if (strncmp(text, name, length) == 0 && text[length] == ':')
                        return text + length + 1 + strspn(text + length + 1, " \t");
                text = strchr(text, '\n');
                text = text ? text + 1 : NULL;
        }
        return NULL;
}

long tool_field(const char *text, const char *name)
{
        const char *value = tool_text_field(text, name);

        return value ? strtol(value, NULL, 10) : -1;
}

/* Behind one word and the blanks that follow it. */
static const char *next_word(const char *p)
{
        p += strcspn(p, " \n");
        return p + strspn(p, " ");
}

int tool_next_mapping(const char **text, struct tool_mapping *m)
{
        const char *p = *text;
        const char *end = strchr(p, '\n');
        size_t length;
        char *rest;

        if (!end)
                return 0;
        *text = end + 1;
        m->start = strtoul(p, &rest, 16);
        m->end = strtoul(rest + 1, &rest, 16);
        snprintf(m->perms, sizeof(m->perms), "%s", rest + 1);
        m->offset = strtoul(rest + 6, &rest, 16);
        p = next_word(next_word(rest + 1)); /* device, inode */
        length = p < end ? (size_t)(end - p) : 0;
        if (length >= sizeof(m->name))
                length = sizeof(m->name) - 1;
        memcpy(m->name, p, length);
        m->name[length] = 0;
        if (strcmp(m->name, "[vsyscall]") == 0)
                return tool_next_mapping(text, m);
        return 1;
}

const char *tool_size(unsigned long bytes)
{
        static char texts[8][24];
        static unsigned turn;
        char *text = texts[turn++ % 8];

        if (bytes < 1024 * 1024)
                snprintf(text, sizeof(texts[0]), "%lu KiB", bytes / 1024);
        else if (bytes < 1024UL * 1024 * 1024)
                snprintf(text, sizeof(texts[0]), "%lu.%lu MiB", bytes >> 20,
                         (bytes & 0xfffff) * 10 >> 20);
        else
                snprintf(text, sizeof(texts[0]), "%lu.%lu GiB", bytes >> 30,
                         (bytes >> 10 & 0xfffff) * 10 >> 20);
        return text;
}
