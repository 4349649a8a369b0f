/* SPDX-License-Identifier: MIT */
/* ls: what is in directories, sorted by name. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: ls [-al1d] [FILE...]\n\n"
        "Lists directories and files, the current directory without arguments.\n"
        "  -a  those that begin with . too      -l  with type, permissions, links, owner, size, time\n"
        "  -1  one a line                       -d  directories themselves, not what is in them\n";

enum { ALL = 1, LONG = 2, LINES = 4, THEMSELVES = 8 };
static unsigned options;

struct entry {
        char *name; /* as it is shown */
        struct stat info;
        char target[256]; /* of a symbolic link */
};

struct entries {
        struct entry *list;
        size_t count, room;
};

static void mode_letters(mode_t mode, char out[11])
{
        static const struct {
                mode_t type;
                char letter;
        } types[] = { { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
                      { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };

        snprintf(out, 11, "-rwxrwxrwx");
        for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
                if ((mode & S_IFMT) == types[i].type)
                        out[0] = types[i].letter;
        for (int bit = 0; bit < 9; bit++)
                if (!(mode & (0400 >> bit)))
                        out[1 + bit] = '-';
        if (mode & S_ISUID)
                out[3] = mode & 0100 ? 's' : 'S';
        if (mode & S_ISGID)
                out[6] = mode & 0010 ? 's' : 'S';
        if (mode & S_ISVTX)
                out[9] = mode & 0001 ? 't' : 'T';
}

/* Adds the file at the path under the name; 1 after a message. */
static int add(struct entries *all, const char *path, const char *name)
{
        struct entry e;
        ssize_t n;

        memset(&e, 0, sizeof(e));
        if (lstat(path, &e.info) != 0)
                return tool_error(path);
        if (S_ISLNK(e.info.st_mode)) {
                n = readlink(path, e.target, sizeof(e.target) - 1);
                e.target[n > 0 ? n : 0] = 0;
        }
        if (all->count == all->room) {
                size_t room = all->room * 2 + 32;
                struct entry *larger = realloc(all->list, room * sizeof(*larger));

                if (!larger)
                        return tool_error(path);
                all->list = larger;
                all->room = room;
        }
        e.name = strdup(name);
        if (!e.name)
                return tool_error(path);
        all->list[all->count++] = e;
        return 0;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void print_long(const struct entry *e)
{
        char mode[11], size[32], when[32];
        struct tm *tm = gmtime(&e->info.st_mtime);

        mode_letters(e->info.st_mode, mode);
        if (S_ISCHR(e->info.st_mode) || S_ISBLK(e->info.st_mode))
                snprintf(size, sizeof(size), "%u, %u", (unsigned)major(e->info.st_rdev),
                         (unsigned)minor(e->info.st_rdev));
        else
                snprintf(size, sizeof(size), "%lld", (long long)e->info.st_size);
        when[0] = 0;
        if (tm)
                strftime(when, sizeof(when), "%Y-%m-%d %H:%M", tm);
        printf("%s %2lu %4u %4u %9s %s %s%s%s\n", mode, (unsigned long)e->info.st_nlink,
               (unsigned)e->info.st_uid, (unsigned)e->info.st_gid, size, when, e->name,
               *e->target ? " -> " : "", e->target);
}

/* Columns filled from top to bottom, as many as the terminal has room for. */
static void print_columns(const struct entries *all)
{
        size_t width = 1, columns = 80, rows;
        struct winsize screen;

        for (size_t i = 0; i < all->count; i++)
                if (strlen(all->list[i].name) + 2 > width)
                        width = strlen(all->list[i].name) + 2;
        if (ioctl(1, TIOCGWINSZ, &screen) == 0 && screen.ws_col)
                columns = screen.ws_col;
        columns = columns / width ? columns / width : 1;
        rows = (all->count + columns - 1) / columns;
        for (size_t row = 0; row < rows; row++) {
                for (size_t i = row; i < all->count; i += rows)
                        printf("%-*s", i + rows < all->count ? (int)width : 0, all->list[i].name);
                putchar('\n');
        }
}

static void print_and_free(struct entries *all)
{
        if (all->count)
                qsort(all->list, all->count, sizeof(*all->list), by_name);
        if (!(options & (LONG | LINES)) && isatty(1))
                print_columns(all);
        else
                for (size_t i = 0; i < all->count; i++)
                        options &LONG ? print_long(&all->list[i]) : (void)puts(all->list[i].name);
        for (size_t i = 0; i < all->count; i++)
                free(all->list[i].name);
        free(all->list);
        memset(all, 0, sizeof(*all));
}

static int list_directory(const char *path)
{
        struct entries all = { NULL, 0, 0 };
        struct dirent *entry;
        DIR *dir = opendir(path);
        int status = 0;

        if (!dir)
                return tool_error(path);
        while ((errno = 0, entry = readdir(dir))) {
                char name[4096];

                if (entry->d_name[0] == '.' && !(options & ALL))
                        continue;
                snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
                status |= add(&all, name, entry->d_name);
        }
        if (errno)
                status |= tool_error(path);
        closedir(dir);
        print_and_free(&all);
        return status;
}

static int is_directory(const char *path)
{
        struct stat info;

        return !(options & THEMSELVES) && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int main(int argc, char **argv)
{
        struct entries files = { NULL, 0, 0 };
        int status = 0, shown = 0;

        options = tool_options(&argc, &argv, "al1d", help);
        if (argc == 0) {
                static char dot[] = ".", *here[] = { dot, NULL };

                argc = 1;
                argv = here;
        }
        for (int i = 0; i < argc; i++)
                if (!is_directory(argv[i]))
                        status |= add(&files, argv[i], argv[i]);
        shown = files.count > 0;
        print_and_free(&files);
        for (int i = 0; i < argc; i++) {
                if (!is_directory(argv[i]))
                        continue;
                if (argc > 1)
                        printf("%s%s:\n", shown++ ? "\n" : "", argv[i]);
                status |= list_directory(argv[i]);
        }
        return status;
}
