/* SPDX-License-Identifier: MIT */
/*
 * Files and directories in /tmp, as far as all file systems agree on them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define TOP "/tmp/terrane_files"

static char buffer[20000];

static long open_file(const char *path, int flags)
{
        return raw_call(NR_open, path, flags, 0644);
}

static void open_step(const char *what, const char *path, int flags)
{
        long fd = open_file(path, flags);

        step(fd < 0 ? fd : 0, "open %s", what);
        if (fd >= 0)
                raw_call(NR_close, fd);
}

static void size_step(const char *path)
{
        struct stat info;
        long err = raw_call(NR_stat, path, &info);

        step(err < 0 ? err : (long)info.st_size, "size");
}

static void opening(void)
{
        scene("opening");
        open_step("what is not there", "none", O_RDONLY);
        open_step("to create", "a", O_CREAT | O_RDWR);
        open_step("to create what is there", "a", O_CREAT | O_RDWR);
        open_step("EXCL", "a", O_CREAT | O_EXCL | O_RDWR);
        open_step("a file as a directory", "a", O_DIRECTORY);
        open_step("below a file", "a/b", O_RDONLY);
        open_step("with a slash behind", "a/", O_RDONLY);
        open_step("a directory to write", ".", O_RDWR);
        open_step("a directory to read", ".", O_RDONLY);
        open_step("an empty name", "", O_RDONLY);
        memset(buffer, 'n', 300);
        buffer[300] = 0;
        open_step("a name of 300", buffer, O_RDONLY);
        buffer[255] = 0;
        open_step("a name of 255", buffer, O_CREAT | O_RDWR);
        raw_call(NR_unlink, buffer);
        memset(buffer, '/', 5000);
        buffer[5000] = 0;
        open_step("a path of 5000", buffer, O_RDONLY);
        buffer[1000] = 0;
        open_step("a path of 1000 slashes", buffer, O_RDONLY);
}

static void reading_and_writing(void)
{
        long fd = open_file("rw", O_CREAT | O_RDWR | O_TRUNC);

        scene("reading and writing");
        step(raw_call(NR_write, fd, "hello world", 11), "write");
        step(raw_call(NR_lseek, fd, 0, SEEK_CUR), "where");
        step(raw_call(NR_read, fd, buffer, 10), "read at the end");
        step(raw_call(NR_lseek, fd, 6, SEEK_SET), "lseek");
        step(raw_call(NR_read, fd, buffer, 100), "read");
        say("     %.5s", buffer);
        step(raw_call(NR_pread64, fd, buffer, 5, 0), "pread");
        say("     %.5s", buffer);
        step(raw_call(NR_pread64, fd, buffer, 5, 100), "pread behind the end");
        step(raw_call(NR_pread64, fd, buffer, 5, -1), "pread at -1");
        step(raw_call(NR_pwrite64, fd, "X", 1, 10000), "pwrite far behind the end");
        size_step("rw");
        memset(buffer, 1, sizeof(buffer));
        step(raw_call(NR_pread64, fd, buffer, 20000, 0), "all of it");
        step(buffer[11] + buffer[5000] + buffer[9999], "the hole is zero");
        step(buffer[10000], "and then X");
        step(raw_call(NR_lseek, fd, -1, SEEK_SET), "lseek to -1");
        step(raw_call(NR_lseek, fd, 5, SEEK_END), "lseek behind the end");
        step(raw_call(NR_lseek, fd, 0, 77), "lseek from nowhere");
        step(raw_call(NR_ftruncate, fd, 5), "ftruncate to 5");
        step(raw_call(NR_ftruncate, fd, 8), "ftruncate to 8");
        step(raw_call(NR_ftruncate, fd, -1), "ftruncate to -1");
        step(raw_call(NR_pread64, fd, buffer, 100, 0), "read");
        step(memcmp(buffer, "hello\0\0\0", 8), "cut and filled with zeros");
        step(raw_call(NR_close, fd), "close");
        step(raw_call(NR_close, fd), "close again");
        fd = open_file("rw", O_WRONLY | O_APPEND);
        raw_call(NR_lseek, fd, 0, SEEK_SET);
        step(raw_call(NR_write, fd, "end", 3), "append");
        step(raw_call(NR_lseek, fd, 0, SEEK_CUR), "where");
        step(raw_call(NR_read, fd, buffer, 1), "read what is open to write");
        raw_call(NR_close, fd);
        fd = open_file("rw", O_RDONLY);
        step(raw_call(NR_write, fd, "x", 1), "write what is open to read");
        step(raw_call(NR_ftruncate, fd, 0), "ftruncate it");
        raw_call(NR_close, fd);
        open_step("TRUNC", "rw", O_WRONLY | O_TRUNC);
        size_step("rw");
}

static long links_of(const char *path)
{
        struct stat info;

        return raw_call(NR_lstat, path, &info) < 0 ? -ENOENT : (long)info.st_nlink;
}

static void names(void)
{
        long fd;

        scene("names");
        open_step("a new file", "one", O_CREAT | O_RDWR);
        step(raw_call(NR_link, "one", "two"), "link");
        step(links_of("one"), "links");
        step(raw_call(NR_link, "one", "two"), "link to what is there");
        step(raw_call(NR_link, "none", "three"), "link of nothing");
        step(raw_call(NR_rename, "one", "three"), "rename");
        step(links_of("one"), "the old name");
        step(links_of("three"), "the new name");
        step(raw_call(NR_rename, "three", "two"), "rename to the same file");
        step(links_of("three"), "both are still there");
        step(raw_call(NR_unlink, "two"), "unlink");
        step(links_of("three"), "links");
        fd = open_file("three", O_RDWR);
        step(raw_call(NR_unlink, "three"), "unlink what is open");
        step(raw_call(NR_write, fd, "still", 5), "write to it");
        step(raw_call(NR_pread64, fd, buffer, 10, 0), "read from it");
        raw_call(NR_close, fd);
        step(raw_call(NR_unlink, "three"), "unlink it again");
        step(raw_call(NR_mkdir, "d", 0755), "mkdir");
        step(raw_call(NR_mkdir, "d", 0755), "mkdir again");
        step(raw_call(NR_mkdir, "none/d", 0755), "mkdir below nothing");
        step(raw_call(NR_unlink, "d"), "unlink a directory");
        step(raw_call(NR_rmdir, "a"), "rmdir a file");
        open_step("a file in it", "d/f", O_CREAT | O_RDWR);
        step(raw_call(NR_rmdir, "d"), "rmdir what is not empty");
        step(raw_call(NR_rename, "d", "d/e"), "rename into itself");
        step(raw_call(NR_rename, "d", "a"), "rename a directory to a file");
        step(raw_call(NR_rename, "a", "d"), "rename a file to a directory");
        step(raw_call(NR_rename, "d", "e"), "rename a directory");
        step(raw_call(NR_unlink, "e/f"), "unlink the file in it");
        step(raw_call(NR_rmdir, "e/."), "rmdir e/.");
        step(raw_call(NR_rmdir, "e"), "rmdir");
}

static void symbolic(void)
{
        scene("symbolic links");
        step(raw_call(NR_symlink, "a", "l"), "symlink");
        step(raw_call(NR_symlink, "a", "l"), "symlink again");
        memset(buffer, 0, 16);
        step(raw_call(NR_readlink, "l", buffer, 100), "readlink");
        say("     %s", buffer);
        step(raw_call(NR_readlink, "a", buffer, 100), "readlink of a file");
        step(raw_call(NR_readlink, "l", buffer, 0), "readlink of 0 bytes");
        open_step("through it", "l", O_RDWR);
        open_step("NOFOLLOW", "l", O_RDONLY | O_NOFOLLOW);
        step(raw_call(NR_symlink, "loop", "loop"), "a loop");
        open_step("the loop", "loop", O_RDONLY);
        step(raw_call(NR_symlink, "nowhere", "dangling"), "to nothing");
        open_step("to nothing", "dangling", O_RDONLY);
        open_step("to create through it", "dangling", O_RDWR | O_CREAT);
        step(links_of("nowhere"), "it is there");
        step(raw_call(NR_unlink, "l"), "unlink");
        step(links_of("a"), "what it pointed to");
        raw_call(NR_unlink, "loop");
        raw_call(NR_unlink, "dangling");
        raw_call(NR_unlink, "nowhere");
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void directories(void)
{
        char *list[64];
        int count = 0;
        struct dirent *entry;
        DIR *dir;

        scene("reading a directory");
        for (int i = 0; i < 30; i++) {
                snprintf(buffer, sizeof(buffer), "file%02d", i);
                raw_call(NR_close, open_file(buffer, O_CREAT | O_RDWR));
        }
        raw_call(NR_mkdir, "sub", 0700);
        dir = opendir(".");
        while (dir && (entry = readdir(dir)) && count < 64)
                list[count++] = strdup(entry->d_name);
        if (dir)
                closedir(dir);
        qsort(list, (size_t)count, sizeof(list[0]), by_name);
        for (int i = 0; i < count; i++)
                say("     %s", list[i]);
        for (int i = 0; i < 30; i++) {
                snprintf(buffer, sizeof(buffer), "file%02d", i);
                raw_call(NR_unlink, buffer);
        }
        step(raw_call(NR_chdir, "sub"), "chdir");
        step(raw_call(NR_getcwd, buffer, sizeof(buffer)), "getcwd");
        say("     %s", buffer);
        step(raw_call(NR_getcwd, buffer, 5), "getcwd into 5 bytes");
        step(raw_call(NR_rmdir, "../sub"), "rmdir where we are");
        step(raw_call(NR_getcwd, buffer, sizeof(buffer)), "getcwd");
        open_step("a file there", "x", O_CREAT | O_RDWR);
        step(raw_call(NR_chdir, TOP), "chdir back");
        step(raw_call(NR_chdir, "a"), "chdir to a file");
}

static void descriptors(void)
{
        long fd = open_file("a", O_RDWR), other;

        scene("descriptors");
        other = raw_call(NR_dup2, fd, 100);
        step(other, "dup2 to 100");
        raw_call(NR_write, fd, "abc", 3);
        step(raw_call(NR_lseek, 100, 0, SEEK_CUR), "they share the position");
        step(raw_call(NR_dup2, fd, fd) == fd ? 0 : -1, "dup2 to itself");
        step(raw_call(NR_dup3, fd, fd, 0), "dup3 to itself");
        step(raw_call(NR_dup2, 99, 101), "dup2 of nothing");
        step(raw_call(NR_dup2, fd, -1), "dup2 to -1");
        step(raw_call(NR_dup2, fd, 1 << 30), "dup2 to 2^30");
        step(raw_call(NR_fcntl, 100, F_GETFD, 0), "F_GETFD");
        step(raw_call(NR_fcntl, 100, F_SETFD, FD_CLOEXEC), "F_SETFD");
        step(raw_call(NR_fcntl, 100, F_GETFD, 0), "F_GETFD");
        step(raw_call(NR_fcntl, fd, F_GETFD, 0), "the other is not changed");
        step(raw_call(NR_fcntl, fd, F_DUPFD, 200), "F_DUPFD from 200");
        step(raw_call(NR_fcntl, fd, F_SETFL, O_APPEND), "F_SETFL");
        step(raw_call(NR_fcntl, 100, F_GETFL, 0) & (O_APPEND | 3), "F_GETFL of the other");
        step(raw_call(NR_fcntl, fd, 9999, 0), "an unknown command");
        step(raw_call(NR_fcntl, 300, F_GETFD, 0), "of nothing");
        raw_call(NR_close, 100);
        raw_call(NR_close, 200);
        raw_call(NR_close, fd);
}

static void permissions(void)
{
        struct stat info;

        scene("permissions");
        raw_call(NR_umask, 027);
        raw_call(NR_close, raw_call(NR_open, "m", O_CREAT | O_RDWR, 0777));
        raw_call(NR_stat, "m", &info);
        step(info.st_mode & 07777, "mode of a new file");
        raw_call(NR_mkdir, "md", 0777);
        raw_call(NR_stat, "md", &info);
        step(info.st_mode & 07777, "mode of a new directory");
        raw_call(NR_umask, 022);
        step(raw_call(NR_chmod, "m", 0), "chmod to nothing");
        open_step("as root", "m", O_RDWR);
        raw_call(NR_chmod, ".", 0755);
        raw_call(NR_setresuid, 65534, 65534, 65534);
        open_step("as nobody", "m", O_RDONLY);
        step(raw_call(NR_access, "m", 4), "access");
        step(raw_call(NR_chmod, "m", 0777), "chmod");
        step(raw_call(NR_unlink, "m"), "unlink");
        step(raw_call(NR_mkdir, "n", 0777), "mkdir");
}

int main(void)
{
        mkdir(TOP, 0755);
        if (chdir(TOP) != 0)
                return 1;
        opening();
        reading_and_writing();
        names();
        symbolic();
        directories();
        descriptors();
        in_child(permissions, "child");
        scene("clearing up");
        unlink("a");
        unlink("rw");
        unlink("m");
        rmdir("md");
        step(rmdir(TOP), "rmdir");
        return 0;
}
