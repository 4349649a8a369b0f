/* SPDX-License-Identifier: MIT */
/* uname: what kernel this is. */
#include <stdio.h>
#include <sys/utsname.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: uname [-asnrvm]\n\n"
        "Prints the kernel's name (-s), the host's (-n), release (-r), version (-v),\n"
        "machine (-m), or all of it (-a).\n";

int main(int argc, char **argv)
{
        unsigned which = tool_options(&argc, &argv, "snrvma", help);
        struct utsname name;
        const char *parts[5];
        int printed = 0;

        if (argc > 0)
                tool_misused(help);
        if (uname(&name) != 0)
                return tool_error("uname");
        parts[0] = name.sysname;
        parts[1] = name.nodename;
        parts[2] = name.release;
        parts[3] = name.version;
        parts[4] = name.machine;
        if (which & 1u << 5)
                which = 31;
        if (!which)
                which = 1;
        for (unsigned i = 0; i < 5; i++)
                if (which & 1u << i)
                        printf("%s%s", printed++ ? " " : "", parts[i]);
        putchar('\n');
        return 0;
}
