/* SPDX-License-Identifier: MIT */
/*
 * newc OUT [-f GUESTPATH HOSTFILE | -l GUESTPATH TARGET | -d GUESTPATH]...
 *
 * Write a cpio archive in the `newc` format, which both Linux and Terrane unpack as initramfs:
 * files (their permission bits are the host's), symbolic links and folders. Folders above an entry
 * are added by themselves. The result depends on names, modes and contents alone: no times, no
 * owners.
 *
 * Format: 110 bytes of ASCII ("070701" and thirteen numbers of eight hex digits), the name with its
 * NUL, padding to 4, the contents, padding to 4; the entry "TRAILER!!!" ends it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *out;
static const char *out_name;
static unsigned inode;
static char **names; /* what is in the archive already */
static size_t nr_names;

static _Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void die(const char *format, ...)
{
        va_list args;

        fputs("newc: ", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        if (out)
                remove(out_name);
        exit(1);
}

static void pad(void)
{
        while (ftell(out) % 4)
                fputc(0, out);
}

static void put_header(const char *name, unsigned mode, size_t size)
{
        unsigned links = S_ISDIR(mode) ? 2 : 1;

        if (size > 0xffffffff)
                die("%s: larger than 4 GiB", name);
        fprintf(out, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++inode, mode, 0,
                0, links, 0, (unsigned)size, 0, 0, 0, 0, (unsigned)strlen(name) + 1, 0);
        fwrite(name, 1, strlen(name) + 1, out);
        pad();
}

static int known(const char *name)
{
        for (size_t i = 0; i < nr_names; i++)
                if (strcmp(names[i], name) == 0)
                        return 1;
        return 0;
}

static void remember(const char *name)
{
        names = realloc(names, (nr_names + 1) * sizeof(*names));
        if (!names || !(names[nr_names++] = strdup(name)))
                die("no memory");
}

static void put_folder(const char *name)
{
        if (known(name))
                return;
        remember(name);
        put_header(name, S_IFDIR | (strcmp(name, "tmp") == 0 ? 01777 : 0755), 0);
}

/* Archive names are relative to the root. Adds the folders above the entry. */
static const char *enter(const char *path)
{
        char folder[4096];

        while (*path == '/')
                path++;
        if (!*path || strlen(path) >= sizeof(folder))
                die("'%s' is no name for a file", path);
        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
                put_folder(folder);
        }
        return path;
}

static const char *enter_new(const char *path)
{
        path = enter(path);
        if (known(path))
                die("/%s is given twice", path);
        remember(path);
        return path;
}

static void put_file(const char *path, const char *host)
{
        static char buffer[1 << 16];
        size_t got, left;
        struct stat st;
        FILE *in;

        path = enter_new(path);
        in = fopen(host, "rb");
        if (!in || fstat(fileno(in), &st) < 0)
                die("%s: %s", host, strerror(errno));
        if (!S_ISREG(st.st_mode))
                die("%s: not a regular file", host);
        put_header(path, S_IFREG | (st.st_mode & 0777), (size_t)st.st_size);
        for (left = (size_t)st.st_size; left; left -= got) {
                got = fread(buffer, 1, left < sizeof(buffer) ? left : sizeof(buffer), in);
                if (got == 0)
                        die("%s: cannot be read to its end", host);
                fwrite(buffer, 1, got, out);
        }
        pad();
        fclose(in);
}

static void put_link(const char *path, const char *target)
{
        put_header(enter_new(path), S_IFLNK | 0777, strlen(target));
        fputs(target, out);
        pad();
}

int main(int argc, char **argv)
{
        int i;

        if (argc < 2)
                die("usage: newc OUT [-f GUESTPATH HOSTFILE | -l GUESTPATH TARGET | -d GUESTPATH]...");
        out_name = argv[1];
        out = fopen(out_name, "wb");
        if (!out)
                die("%s: %s", out_name, strerror(errno));
        for (i = 2; i < argc; i++) {
                if (strcmp(argv[i], "-f") == 0 && i + 2 < argc) {
                        put_file(argv[i + 1], argv[i + 2]);
                        i += 2;
                } else if (strcmp(argv[i], "-l") == 0 && i + 2 < argc) {
                        put_link(argv[i + 1], argv[i + 2]);
                        i += 2;
                } else if (strcmp(argv[i], "-d") == 0 && i + 1 < argc) {
                        put_folder(enter(argv[++i]));
                } else {
                        die("'%s' is not understood, or lacks what belongs to it", argv[i]);
                }
        }
        put_header("TRAILER!!!", 0, 0);
        if (fclose(out) != 0)
                die("%s: %s", out_name, strerror(errno));
        return 0;
}
