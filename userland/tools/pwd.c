/* SPDX-License-Identifier: MIT */
/* pwd: where we are. */
#include <stdio.h>
#include <unistd.h>

#include "userland/lib/tool.h"

int main(int argc, char **argv)
{
        char path[4096];

        tool_options(&argc, &argv, "", "usage: pwd\n\nPrints the current directory.\n");
        if (!getcwd(path, sizeof(path)))
                return tool_error("current directory");
        puts(path);
        return 0;
}
