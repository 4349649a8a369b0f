/* SPDX-License-Identifier: MIT */
/* env: the environment, or a program with another one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userland/lib/tool.h"

extern char **environ;

static const char help[] =
        "usage: env [-i] [NAME=VALUE...] [PROGRAM [ARGUMENT...]]\n\n"
        "Runs PROGRAM with the variables added to the environment, or to an empty one with -i.\n"
        "Without PROGRAM, prints the environment.\n";

int main(int argc, char **argv)
{
        static char *empty[] = { NULL };

        if (tool_options(&argc, &argv, "i", help))
                environ = empty;
        for (; argc > 0 && strchr(*argv, '='); argc--, argv++)
                if (putenv(*argv) != 0)
                        return tool_error(*argv);
        if (argc > 0) {
                execvp(*argv, argv);
                tool_error(*argv);
                return errno == ENOENT ? 127 : 126;
        }
        for (char **variable = environ; *variable; variable++)
                puts(*variable);
        return 0;
}
