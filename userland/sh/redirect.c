/* SPDX-License-Identifier: MIT */
/*
 * Redirections, and undoing them for commands that run in the shell itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/sh/sh.h"

/* What fits a pipe without anybody reading it. */
#define PIPE_ROOM 4096

static int write_text(int fd, const char *text)
{
        size_t length = strlen(text);

        while (length > 0) {
                ssize_t n = write(fd, text, length);

                if (n <= 0)
                        return -1;
                text += n;
                length -= (size_t)n;
        }
        return 0;
}

/* A descriptor from which the text can be read: a pipe, filled by a child when it is long. */
static int open_text(const char *text)
{
        pid_t pid = 0;
        int fds[2];

        if (pipe(fds) != 0)
                return -1;
        if (strlen(text) <= PIPE_ROOM) {
                write_text(fds[1], text);
        } else if ((pid = fork()) == 0) {
                close(fds[0]);
                _exit(write_text(fds[1], text) != 0);
        }
        close(fds[1]);
        if (pid < 0) {
                close(fds[0]);
                return -1;
        }
        return fds[0];
}

static int open_target(const struct redirect *r, const char *target)
{
        switch (r->kind) {
        case REDIRECT_READ: return open(target, O_RDONLY);
        case REDIRECT_WRITE: return open(target, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        case REDIRECT_APPEND: return open(target, O_WRONLY | O_CREAT | O_APPEND, 0666);
        case REDIRECT_READWRITE: return open(target, O_RDWR | O_CREAT, 0666);
        case REDIRECT_HERE: return open_text(target);
        case REDIRECT_DUP: break;
        }
        return -1;
}

static int duplicate(const struct redirect *r, const char *target)
{
        char *end;
        long from;

        if (strcmp(target, "-") == 0) {
                close(r->fd);
                return 0;
        }
        from = strtol(target, &end, 10);
        if (end == target || *end || from < 0) {
                complain("%s: not a file descriptor", target);
                return -1;
        }
        if (from == r->fd && fcntl(r->fd, F_GETFD) >= 0)
                return 0;
        if (dup2((int)from, r->fd) < 0) {
                complain("%ld: %s", from, strerror(errno));
                return -1;
        }
        return 0;
}

static int apply_one(const struct redirect *r)
{
        const char *target;
        int fd;

        if (r->kind == REDIRECT_HERE)
                target = r->literal ? r->target : expand_here(r->target);
        else
                target = expand_one(r->target);
        if (r->kind == REDIRECT_DUP)
                return duplicate(r, target);
        fd = open_target(r, target);
        if (fd < 0) {
                complain("%s: %s", r->kind == REDIRECT_HERE ? "here-document" : target,
                         strerror(errno));
                return -1;
        }
        if (fd != r->fd) {
                dup2(fd, r->fd);
                close(fd);
        }
        return 0;
}

int redirect_apply(const struct redirect *list)
{
        for (; list; list = list->next)
                if (apply_one(list) != 0)
                        return -1;
        return 0;
}

int redirect_save(const struct redirect *list, struct saved_fd **saved)
{
        *saved = NULL;
        for (; list; list = list->next) {
                struct saved_fd *s = pool_alloc(shell.scratch, sizeof(*s));

                s->fd = list->fd;
                s->copy = fcntl(list->fd, F_DUPFD_CLOEXEC, 10);
                s->next = *saved;
                *saved = s;
                if (apply_one(list) != 0)
                        return -1;
        }
        return 0;
}

void redirect_undo(struct saved_fd *saved)
{
        for (; saved; saved = saved->next) {
                if (saved->copy < 0) {
                        close(saved->fd);
                        continue;
                }
                dup2(saved->copy, saved->fd);
                close(saved->copy);
        }
}
