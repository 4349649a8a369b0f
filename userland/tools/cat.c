/* SPDX-License-Identifier: MIT */
/* cat: files, one after the other, to standard output. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: cat [FILE...]\n\n"
        "Writes every FILE, or standard input for - or none, to standard output.\n";

int main(int argc, char **argv)
{
        int status = 0;

        tool_options(&argc, &argv, "", help);
        if (argc == 0)
                return tool_copy(0, 1) == 0 ? 0 : tool_error("standard input");
        for (; argc > 0; argc--, argv++) {
                int fd = strcmp(*argv, "-") == 0 ? 0 : open(*argv, O_RDONLY);

                if (fd < 0 || tool_copy(fd, 1) != 0)
                        status |= tool_error(*argv);
                if (fd > 0)
                        close(fd);
        }
        return status;
}
