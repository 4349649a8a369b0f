/* SPDX-License-Identifier: MIT */
/* mv: renames files, within one file system. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: mv FILE TARGET\n       mv FILE... DIRECTORY\n\n"
                           "Gives files another name or directory.\n";

int main(int argc, char **argv)
{
        const char *target;
        struct stat info;
        int status = 0, directory;

        tool_options(&argc, &argv, "", help);
        if (argc < 2)
                tool_misused(help);
        target = argv[argc - 1];
        directory = stat(target, &info) == 0 && S_ISDIR(info.st_mode);
        if (argc > 2 && !directory)
                return tool_complain(target, "is no directory");
        for (int i = 0; i < argc - 1; i++) {
                const char *slash = strrchr(argv[i], '/');
                char path[4096];

                snprintf(path, sizeof(path), "%s/%s", target, slash ? slash + 1 : argv[i]);
                if (rename(argv[i], directory ? path : target) != 0)
                        status |= tool_error(argv[i]);
        }
        return status;
}
