/* SPDX-License-Identifier: MIT */
/* ln: another name for a file. */
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: ln [-s] FILE NAME\n\n"
                           "Makes NAME a link to FILE, a symbolic one with -s.\n";

int main(int argc, char **argv)
{
        unsigned symbolic = tool_options(&argc, &argv, "s", help);

        if (argc != 2)
                tool_misused(help);
        if ((symbolic ? symlink(argv[0], argv[1]) : link(argv[0], argv[1])) != 0)
                return tool_error(argv[1]);
        return 0;
}
