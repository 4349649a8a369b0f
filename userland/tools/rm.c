/* SPDX-License-Identifier: MIT */
/* rm: removes names. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: rm [-rf] FILE...\n\n"
        "Removes files; with -r directories and all in them; with -f it does not matter\n"
        "when there are none.\n";

static int remove_tree(const char *path);

/* Empties a directory. Each round reads it anew, because names were taken away. */
static int remove_inside(const char *path)
{
        struct dirent *entry;
        DIR *dir = opendir(path);
        int status = 0;

        if (!dir)
                return tool_error(path);
        while ((entry = readdir(dir)) && status == 0) {
                size_t size = strlen(path) + strlen(entry->d_name) + 2;
                char *name;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                name = malloc(size);
                if (!name)
                        return tool_error(path);
                snprintf(name, size, "%s/%s", path, entry->d_name);
                status = remove_tree(name);
                free(name);
                rewinddir(dir);
        }
        closedir(dir);
        return status;
}

static int remove_tree(const char *path)
{
        struct stat info;

        if (lstat(path, &info) != 0)
                return tool_error(path);
        if (!S_ISDIR(info.st_mode))
                return unlink(path) == 0 ? 0 : tool_error(path);
        if (remove_inside(path) != 0)
                return 1;
        return rmdir(path) == 0 ? 0 : tool_error(path);
}

int main(int argc, char **argv)
{
        unsigned options = tool_options(&argc, &argv, "rf", help);
        int status = 0;

        if (argc == 0 && !(options & 2))
                tool_misused(help);
        for (; argc > 0; argc--, argv++) {
                struct stat info;

                if ((options & 2) && lstat(*argv, &info) != 0 && errno == ENOENT)
                        continue;
                if (options & 1)
                        status |= remove_tree(*argv);
                else if (unlink(*argv) != 0)
                        status |= tool_error(*argv);
        }
        return status;
}
