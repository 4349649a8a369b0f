/* SPDX-License-Identifier: MIT */
/*
 * What the whole system shares: the limit on mappings to the last one, for every call that splits
 * or adds any; what is committed, and what is refused in each mode; the files that set them.
 *
 * It changes the system that it runs on, so it runs in a guest alone, where its parent is the init
 * of tests/boot/run. Its record is of Debian's Linux 6.12 in a guest; calls that 6.18 answers
 * otherwise are not made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/system_limits/parts.h"

#define O_RDONLY 0
#define O_WRONLY 1

long set_text(const char *name, const char *text)
{
        char path[64];
        long fd, result;

        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        fd = raw_call(NR_open, path, O_WRONLY, 0);
        result = raw_call(NR_write, fd, text, strlen(text));
        raw_call(NR_close, fd);
        return result;
}

long set_number(const char *name, long value)
{
        char text[32];

        snprintf(text, sizeof(text), "%ld", value);
        return set_text(name, text);
}

long get_number(const char *name)
{
        char path[64], text[32];

        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        return read_file(path, text, sizeof(text)) > 0 ? strtol(text, NULL, 10) : -1;
}

long meminfo(const char *name)
{
        static char text[8192];
        const char *line;

        if (read_file("/proc/meminfo", text, sizeof(text)) < 0)
                return -1;
        line = strstr(text, name);
        return line ? strtol(line + strlen(name), NULL, 10) : -1;
}

long count_mappings(void)
{
        static char text[65536];
        long lines = 0;

        if (read_file("/proc/self/maps", text, sizeof(text)) < 0)
                return -1;
        for (const char *p = text; *p; p++)
                lines += *p == '\n';
        return lines - (strstr(text, "[vsyscall]") != NULL);
}

/* Nobody but the init of a guest has number 1 and a job of ours. */
static int is_guest(void)
{
        return raw_call(NR_getppid) == 1 && raw_call(NR_access, "/etc/run", 0) == 0;
}

int main(void)
{
        if (!is_guest()) {
                say("system_limits: this is not a guest");
                return 3;
        }
        limits_count();
        limits_random();
        limits_charge();
        limits_refusal();
        limits_settings();
        return 0;
}
