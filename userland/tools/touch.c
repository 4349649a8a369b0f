/* SPDX-License-Identifier: MIT */
/* touch: files that are there, and new. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: touch FILE...\n\n"
                           "Makes empty files, or says that they were changed now.\n";

int main(int argc, char **argv)
{
        int status = 0;

        tool_options(&argc, &argv, "", help);
        if (argc == 0)
                tool_misused(help);
        for (; argc > 0; argc--, argv++) {
                int fd;

                if (utimensat(AT_FDCWD, *argv, NULL, 0) == 0)
                        continue;
                fd = open(*argv, O_WRONLY | O_CREAT, 0666);
                if (fd < 0)
                        status |= tool_error(*argv);
                else
                        close(fd);
        }
        return status;
}
