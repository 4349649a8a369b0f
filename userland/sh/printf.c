/* SPDX-License-Identifier: MIT */
/*
 * printf: %s %b %c %d %i %u %o %x %X %%, with flags, width and precision; \n and its kin. The
 * format is used again until there are no arguments left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/sh/sh.h"

/* At a backslash: puts the character it stands for; where to go on, or NULL at \c in %b. */
static const char *put_escape(const char *p, int may_stop)
{
        static const char names[] = "abfnrtv\\\"'", values[] = "\a\b\f\n\r\t\v\\\"'";
        const char *found = p[1] ? strchr(names, p[1]) : NULL;

        if (found) {
                putchar(values[found - names]);
                return p + 2;
        }
        if (p[1] == 'c' && may_stop)
                return NULL;
        if (p[1] >= '0' && p[1] <= '7') {
                int digits = may_stop && p[1] == '0' ? 4 : 3, value = 0;

                for (p++; digits-- > 0 && *p >= '0' && *p <= '7'; p++)
                        value = value * 8 + *p - '0';
                putchar(value);
                return p;
        }
        putchar('\\');
        return p + 1;
}

static int put_escaped(const char *text)
{
        while (text && *text) {
                if (*text == '\\')
                        text = put_escape(text, 1);
                else
                        putchar(*text++);
        }
        return text == NULL;
}

static long long number(const char *text, int *status)
{
        char *end;
        long long value;

        if (*text == '"' || *text == '\'')
                return (unsigned char)text[1];
        value = *text == '-' ? strtoll(text, &end, 0) : (long long)strtoull(text, &end, 0);
        if (*text && (end == text || *end)) {
                complain("printf: %s: not a number", text);
                *status = 1;
        }
        return value;
}

/* One conversion, with what is between % and its letter. -1: the output ends here. */
static int convert(const char *flags, char letter, const char *argument, int *status)
{
        char format[40];

        switch (letter) {
        case 's':
                snprintf(format, sizeof(format), "%%%ss", flags);
                printf(format, argument);
                return 0;
        case 'c':
                if (*argument)
                        putchar(*argument);
                return 0;
        case 'b': return put_escaped(argument) ? -1 : 0;
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X':
                snprintf(format, sizeof(format), "%%%sll%c", flags, letter);
                printf(format, number(argument, status));
                return 0;
        default:
                complain("printf: %%%c: unknown", letter);
                *status = 2;
                return -1;
        }
}

/* The whole format once. Arguments are taken from *argv; -1: the output ends here. */
static int put_format(const char *p, char ***argv, int *status)
{
        char flags[24];
        size_t length;

        while (*p) {
                if (*p == '\\') {
                        p = put_escape(p, 0);
                        continue;
                }
                if (*p != '%') {
                        putchar(*p++);
                        continue;
                }
                if (p[1] == '%') {
                        putchar('%');
                        p += 2;
                        continue;
                }
                length = strspn(p + 1, "-+ #0123456789.");
                if (length >= sizeof(flags) || !p[1 + length]) {
                        complain("printf: %s: bad format", p);
                        *status = 2;
                        return -1;
                }
                memcpy(flags, p + 1, length);
                flags[length] = 0;
                if (convert(flags, p[1 + length], **argv ? **argv : "", status) != 0)
                        return -1;
                if (**argv)
                        (*argv)++;
                p += length + 2;
        }
        return 0;
}

int builtin_printf(int argc, char **argv)
{
        char **arguments = argv + 2, **before;
        int status = 0;

        if (argc < 2) {
                complain("printf: which format?");
                return 2;
        }
        do {
                before = arguments;
                if (put_format(argv[1], &arguments, &status) != 0)
                        break;
        } while (*arguments && arguments != before);
        fflush(stdout);
        return status;
}
