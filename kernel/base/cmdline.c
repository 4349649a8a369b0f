/* SPDX-License-Identifier: MIT */
/* Taking the kernel's command line apart: cmdline.h. */
#include "kernel/base/cmdline.h"
#include "kernel/base/string.h"

/* End of the word at `p`; blanks inside double quotes belong to it. */
static const char *word_end(const char *p)
{
        bool quoted = false;

        for (; *p && (quoted || *p != ' '); p++)
                if (*p == '"')
                        quoted = !quoted;
        return p;
}

static void value_copy(const char *p, const char *end, char *buf, size_t size)
{
        size_t n = 0;

        for (; p < end; p++)
                if (*p != '"' && n + 1 < size)
                        buf[n++] = *p;
        if (size)
                buf[n] = '\0';
}

bool cmdline_param(const char *cmdline, const char *name, char *buf, size_t size)
{
        size_t len = strlen(name);
        const char *p = cmdline;

        while (*p) {
                const char *end = word_end(p);

                if (end - p == 2 && p[0] == '-' && p[1] == '-')
                        return false;
                if ((size_t)(end - p) >= len && !strncmp(p, name, len)) {
                        if (p + len == end || p[len] == '=') {
                                value_copy(p + len + (p + len != end), end, buf, size);
                                return true;
                        }
                }
                for (p = end; *p == ' ';)
                        p++;
        }
        return false;
}

u64 cmdline_number(const char *cmdline, const char *name)
{
        char buf[32];
        u64 n = 0;

        if (!cmdline_param(cmdline, name, buf, sizeof(buf)))
                return 0;
        for (const char *s = buf; *s >= '0' && *s <= '9'; s++)
                n = n * 10 + (u64)(*s - '0');
        return n;
}

unsigned cmdline_args(char *cmdline, char **argv, unsigned max)
{
        char *s = cmdline;
        unsigned n = 0;

        /* The word "--", as cmdline_param() sees it: not one within quotes. */
        while (*s && !(s[0] == '-' && s[1] == '-' && (s[2] == ' ' || !s[2]))) {
                s += word_end(s) - s;
                while (*s == ' ')
                        s++;
        }
        if (*s)
                s += 2;
        while (n < max) {
                while (*s == ' ')
                        *s++ = 0;
                if (!*s)
                        break;
                argv[n++] = s;
                while (*s && *s != ' ')
                        s++;
        }
        return n;
}
