/* SPDX-License-Identifier: MIT */
/* Reading and comparing /proc/self/mmstat. */
#include "userland/lib/counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void counters_read(struct counters *out)
{
        int fd = open("/proc/self/mmstat", O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, out->text, sizeof(out->text) - 1);

        out->text[n > 0 ? n : 0] = 0;
        if (fd >= 0)
                close(fd);
}

void counters_show(const struct counters *before, const struct counters *after)
{
        const char *then = before->text, *now = after->text;
        char name[32];
        unsigned long was, is;
        int used = 0, used_too = 0;

        if (!*now)
                puts("  this kernel has no /proc/self/mmstat");
        while (sscanf(then, "%31s %lu%n", name, &was, &used) == 2 &&
               sscanf(now, "%*s %lu%n", &is, &used_too) == 1) {
                if (is != was)
                        printf("  %-16s %lu\n", name, is - was);
                then += used;
                now += used_too;
        }
}
