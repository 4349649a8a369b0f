/* SPDX-License-Identifier: MIT */
/* sleep: waits. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: sleep SECONDS\n\nWaits; SECONDS may have a fraction.\n";

int main(int argc, char **argv)
{
        struct timespec left;
        double seconds;
        char *end;

        tool_options(&argc, &argv, "", help);
        if (argc != 1)
                tool_misused(help);
        seconds = strtod(*argv, &end);
        if (*end || end == *argv || !(seconds >= 0 && seconds < 1e9))
                tool_misused(help);
        left.tv_sec = (time_t)seconds;
        left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
        while (nanosleep(&left, &left) != 0)
                if (errno != EINTR)
                        return tool_error("sleeping");
        return 0;
}
