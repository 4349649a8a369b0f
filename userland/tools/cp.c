/* SPDX-License-Identifier: MIT */
/* cp: copies files. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: cp FILE TARGET\n       cp FILE... DIRECTORY\n\n"
                           "Copies the contents and the permissions of files.\n";

static int copy(const char *from, const char *to)
{
        struct stat info, other;
        int status = 0;
        int in = open(from, O_RDONLY), out;

        if (in < 0 || fstat(in, &info) != 0)
                return tool_error(from);
        if (S_ISDIR(info.st_mode) ||
            (stat(to, &other) == 0 && info.st_dev == other.st_dev && info.st_ino == other.st_ino)) {
                close(in);
                return tool_complain(from,
                                     S_ISDIR(info.st_mode) ? "is a directory" : "is the target");
        }
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC, info.st_mode & 0777);
        if (out < 0 || tool_copy(in, out) != 0)
                status = tool_error(to);
        close(in);
        if (out >= 0 && close(out) != 0)
                status = tool_error(to);
        return status;
}

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
                status |= copy(argv[i], directory ? path : target);
        }
        return status;
}
