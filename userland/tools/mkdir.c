/* SPDX-License-Identifier: MIT */
/* mkdir: new directories. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: mkdir [-p] DIRECTORY...\n\n"
        "Makes directories; with -p those above them too, and none is too many.\n";

/* The directories above, and it. */
static int make_path(char *path)
{
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                int made;

                *slash = 0;
                made = mkdir(path, 0777);
                *slash = '/';
                if (made != 0 && errno != EEXIST)
                        return -1;
        }
        return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : -1;
}

int main(int argc, char **argv)
{
        unsigned parents = tool_options(&argc, &argv, "p", help);
        int status = 0;

        if (argc == 0)
                tool_misused(help);
        for (; argc > 0; argc--, argv++)
                if ((parents ? make_path(*argv) : mkdir(*argv, 0777)) != 0)
                        status |= tool_error(*argv);
        return status;
}
