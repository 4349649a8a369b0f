/* SPDX-License-Identifier: MIT */
/* The current directory and canonical names. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "../system/raw.h"

/* buf null: malloc'ed, of len bytes or, with len 0, as long as needed. */
char *getcwd(char *buf, size_t len)
{
        char path[PATH_MAX];
        long n;

        if (buf && len == 0) {
                errno = EINVAL;
                return NULL;
        }
        n = call2(SYS_getcwd, buf ? buf : path, buf ? len : sizeof(path));
        if (n < 0)
                return NULL;
        if ((buf ? buf : path)[0] != '/') { /* the kernel's word for a directory out of reach */
                errno = ENOENT;
                return NULL;
        }
        if (buf)
                return buf;
        if (len && (size_t)n > len) {
                errno = ERANGE;
                return NULL;
        }
        buf = malloc(len ? len : (size_t)n);
        return buf ? memcpy(buf, path, (size_t)n) : NULL;
}

char *get_current_dir_name(void)
{
        return getcwd(NULL, 0);
}

char *getwd(char *buf)
{
        return getcwd(buf, PATH_MAX);
}

struct walk {
        char done[PATH_MAX]; /* canonical so far; empty for the root */
        size_t done_len;
        char todo[PATH_MAX]; /* what is still to be followed */
        int links;
};

/* Put a symbolic link's target in front of what is left. */
static int follow_link(struct walk *w, const char *rest)
{
        char target[PATH_MAX];
        ssize_t n = readlink(w->done, target, sizeof(target));
        size_t rest_len = strlen(rest);

        if (n < 0)
                return errno;
        if (++w->links > SYMLOOP_MAX)
                return ELOOP;
        if ((size_t)n + rest_len + 1 >= sizeof(target))
                return ENAMETOOLONG;
        memmove(w->todo + n, rest, rest_len + 1);
        memcpy(w->todo, target, (size_t)n);
        if (target[0] == '/')
                w->done_len = 0;
        else
                while (w->done[--w->done_len] != '/')
                        ;
        w->done[w->done_len] = '\0';
        return 0;
}

/* Take one component off todo. 0 or an error number. */
static int step(struct walk *w)
{
        char *name = w->todo + strspn(w->todo, "/");
        size_t len = strcspn(name, "/");
        struct stat st;

        if (len == 2 && memcmp(name, "..", 2) == 0) {
                while (w->done_len > 0 && w->done[--w->done_len] != '/')
                        ;
                w->done[w->done_len] = '\0';
        } else if (len > 0 && !(len == 1 && name[0] == '.')) {
                if (w->done_len + len + 2 > sizeof(w->done))
                        return ENAMETOOLONG;
                w->done[w->done_len] = '/';
                memcpy(w->done + w->done_len + 1, name, len);
                w->done_len += len + 1;
                w->done[w->done_len] = '\0';
                if (lstat(w->done, &st) != 0)
                        return errno;
                if (S_ISLNK(st.st_mode))
                        return follow_link(w, name + len);
                if (name[len] == '/' && !S_ISDIR(st.st_mode))
                        return ENOTDIR;
        }
        memmove(w->todo, name + len, strlen(name + len) + 1);
        return 0;
}

char *realpath(const char *restrict path, char *restrict resolved)
{
        struct walk w = { .done_len = 0 };
        int error = 0;

        if (!path || !*path) {
                errno = path ? ENOENT : EINVAL;
                return NULL;
        }
        if (strlen(path) >= sizeof(w.todo)) {
                errno = ENAMETOOLONG;
                return NULL;
        }
        strcpy(w.todo, path);
        if (path[0] != '/') {
                if (!getcwd(w.done, sizeof(w.done)))
                        return NULL;
                w.done_len = strlen(w.done);
                if (w.done_len == 1)
                        w.done_len = 0;
        }
        while (w.todo[0] && !error)
                error = step(&w);
        if (error) {
                errno = error;
                return NULL;
        }
        if (w.done_len == 0)
                strcpy(w.done, "/");
        return resolved ? strcpy(resolved, w.done) : strdup(w.done);
}
