/* SPDX-License-Identifier: MIT */
/*
 * Reading directories through getdents64. newlib's own readers take 512 bytes at a time and cannot
 * tell where they are; here telldir() is the kernel's own cookie, so it survives rewinding.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "../system/raw.h"
#include "../thread/thread.h"

#define BUFFER 32768

struct terrane_dir {
        int fd;
        volatile int lock;
        size_t at;   /* [lock] offset of the next entry in buf */
        size_t end;  /* [lock] bytes of buf that are filled */
        off_t where; /* [lock] cookie of the next entry */
        char buf[BUFFER] __attribute__((aligned(8)));
};

ssize_t getdents64(int fd, void *buf, size_t len)
{
        return call3(SYS_getdents64, fd, buf, len);
}

static DIR *make_dir(int fd)
{
        DIR *dir = malloc(sizeof(*dir));

        if (!dir)
                return NULL;
        dir->fd = fd;
        dir->lock = 0;
        dir->at = dir->end = 0;
        dir->where = 0;
        return dir;
}

DIR *opendir(const char *name)
{
        int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir;

        if (fd < 0)
                return NULL;
        dir = make_dir(fd);
        if (!dir)
                close(fd);
        return dir;
}

DIR *fdopendir(int fd)
{
        struct stat st;

        if (fstat(fd, &st) != 0)
                return NULL;
        if (!S_ISDIR(st.st_mode)) {
                errno = ENOTDIR;
                return NULL;
        }
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        return make_dir(fd);
}

int closedir(DIR *dir)
{
        int result = close(dir->fd);

        free(dir);
        return result;
}

int dirfd(DIR *dir)
{
        return dir->fd;
}

/* The next entry, in the buffer; null at the end or, with *error set, after an error. */
static struct dirent *next(DIR *dir, int *error)
{
        struct dirent *entry;

        *error = 0;
        if (dir->at >= dir->end) {
                long n = raw3(SYS_getdents64, dir->fd, (long)dir->buf, BUFFER);

                /* a directory that was removed is at its end */
                if (n < 0 && n != -ENOENT)
                        *error = (int)-n;
                dir->at = 0;
                dir->end = n > 0 ? (size_t)n : 0;
                if (n <= 0)
                        return NULL;
        }
        entry = (struct dirent *)(dir->buf + dir->at);
        dir->at += entry->d_reclen;
        dir->where = entry->d_off;
        return entry;
}

struct dirent *readdir(DIR *dir)
{
        struct dirent *entry;
        int error;

        futex_lock(&dir->lock, 0);
        entry = next(dir, &error);
        futex_unlock(&dir->lock, 0);
        if (error)
                errno = error;
        return entry;
}

int readdir_r(DIR *restrict dir, struct dirent *restrict copy, struct dirent **restrict result)
{
        struct dirent *entry;
        int error;

        futex_lock(&dir->lock, 0);
        entry = next(dir, &error);
        if (entry)
                memcpy(copy, entry, entry->d_reclen);
        futex_unlock(&dir->lock, 0);
        *result = entry ? copy : NULL;
        return error;
}

void seekdir(DIR *dir, long where)
{
        futex_lock(&dir->lock, 0);
        dir->where = lseek(dir->fd, where, SEEK_SET);
        dir->at = dir->end = 0;
        futex_unlock(&dir->lock, 0);
}

void rewinddir(DIR *dir)
{
        seekdir(dir, 0);
}

long telldir(DIR *dir)
{
        return dir->where;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
        return strcoll((*a)->d_name, (*b)->d_name);
}

static void free_names(struct dirent **names, size_t count)
{
        while (count > 0)
                free(names[--count]);
        free(names);
}

/* Append a copy of entry; 0 or -1. */
static int add_name(struct dirent ***names, size_t *count, size_t *room, const struct dirent *entry)
{
        struct dirent *copy = malloc(entry->d_reclen);

        if (!copy)
                return -1;
        if (*count == *room) {
                struct dirent **more = reallocarray(*names, *room * 2 + 16, sizeof(*more));

                if (!more) {
                        free(copy);
                        return -1;
                }
                *names = more;
                *room = *room * 2 + 16;
        }
        (*names)[(*count)++] = memcpy(copy, entry, entry->d_reclen);
        return 0;
}

int scandir(const char *name, struct dirent ***list, int (*select)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
        struct dirent **names = NULL, *entry;
        size_t count = 0, room = 0;
        DIR *dir = opendir(name);
        int error;

        if (!dir)
                return -1;
        while ((entry = next(dir, &error)) != NULL) {
                if (select && !select(entry))
                        continue;
                if (add_name(&names, &count, &room, entry) != 0) {
                        error = ENOMEM;
                        break;
                }
        }
        closedir(dir);
        if (error) {
                free_names(names, count);
                errno = error;
                return -1;
        }
        if (compare && count > 1)
                qsort(names, count, sizeof(*names), (int (*)(const void *, const void *))compare);
        *list = names;
        return (int)count;
}
