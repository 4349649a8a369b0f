/* SPDX-License-Identifier: MIT */
/*
 * Children and how they end, programs and where they are found, functions.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/sh/run.h"
#include "userland/sh/sh.h"

#define DEFAULT_PATH "/bin:/usr/bin:/sbin:/usr/sbin"

/* ---------------------------------------------------------------- children */

struct background {
        struct background *next;
        int pid;
        int done, status;
};
static struct background *children;

void background_add(int pid)
{
        struct background *child = must_alloc(sizeof(*child));

        child->pid = pid;
        child->done = child->status = 0;
        child->next = children;
        children = child;
}

static int status_of(int wait_status)
{
        return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static void note_ended(int pid, int wait_status)
{
        for (struct background *child = children; child; child = child->next) {
                if (child->pid == pid) {
                        child->done = 1;
                        child->status = status_of(wait_status);
                }
        }
}

static void tell_signal(int signo)
{
        static const struct {
                int signo;
                const char *text;
        } texts[] = {
                { SIGSEGV, "Segmentation fault" },
                { SIGBUS, "Bus error" },
                { SIGILL, "Illegal instruction" },
                { SIGFPE, "Floating point exception" },
                { SIGABRT, "Aborted" },
                { SIGKILL, "Killed" },
                { SIGTERM, "Terminated" },
                { SIGTRAP, "Trace/breakpoint trap" },
        };

        for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (texts[i].signo == signo)
                        fprintf(stderr, "%s\n", texts[i].text);
        if (signo == SIGINT && shell.interactive)
                fputc('\n', stderr);
}

int wait_for(int pid)
{
        int status;

        for (;;) {
                pid_t got = waitpid(pid, &status, 0);

                if (got == pid)
                        break;
                if (got < 0 && errno != EINTR)
                        return 127;
        }
        if (WIFSIGNALED(status)) {
                tell_signal(WTERMSIG(status));
                if (WTERMSIG(status) == SIGINT)
                        shell.interrupted = 1;
        }
        return status_of(status);
}

/* Forgets the child: its status, or -1 when it is not known. */
static int forget(int pid)
{
        for (struct background **at = &children; *at; at = &(*at)->next) {
                struct background *child = *at;
                int status = child->status;

                if (child->pid != pid)
                        continue;
                *at = child->next;
                free(child);
                return status;
        }
        return -1;
}

static struct background *find_child(int pid)
{
        struct background *child = children;

        while (child && child->pid != pid)
                child = child->next;
        return child;
}

int wait_background(int pid)
{
        int status, got;

        if (pid && !find_child(pid))
                return 127;
        while (pid ? !find_child(pid)->done : children != NULL) {
                got = waitpid(pid ? pid : -1, &status, 0);
                if (got < 0 && errno == EINTR) {
                        if (shell.interrupted)
                                return 130;
                        continue;
                }
                if (got < 0)
                        break;
                note_ended(got, status);
                if (!pid)
                        forget(got);
        }
        while (!pid && children)
                forget(children->pid);
        return pid ? forget(pid) : 0;
}

void reap_background(void)
{
        int status, pid;

        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
                note_ended(pid, status);
                if (shell.interactive && find_child(pid))
                        fprintf(stderr, "[%d] done, status %d\n", pid, status_of(status));
        }
}

/* ---------------------------------------------------------------- programs */

/* A file that is executable but no program: commands for the shell. Does not come back. */
static void run_script(const char *path, char **argv)
{
        int argc = 0;

        while (argv[argc])
                argc++;
        shell.name = path;
        parameters_set(argc - 1, argv + 1);
        leave(run_file(path));
}

static void try_execute(const char *path, char **argv, char **environment)
{
        execve(path, argv, environment);
        if (errno == ENOEXEC)
                run_script(path, argv);
}

int execute(char **argv)
{
        char **environment = vars_environment(shell.scratch);
        const char *path = var_get("PATH");
        int not_allowed = 0;

        fflush(stdout);
        if (strchr(argv[0], '/')) {
                try_execute(argv[0], argv, environment);
                complain("%s: %s", argv[0], errno == ENOENT ? "not found" : strerror(errno));
                return errno == ENOENT ? 127 : 126;
        }
        for (path = path ? path : DEFAULT_PATH; *argv[0];) {
                size_t length = strcspn(path, ":");
                size_t size = length + strlen(argv[0]) + 3;
                char *file = pool_alloc(shell.scratch, size);

                snprintf(file, size, "%.*s/%s", length ? (int)length : 1, length ? path : ".",
                         argv[0]);
                try_execute(file, argv, environment);
                not_allowed |= errno == EACCES;
                path += length;
                if (!*path++)
                        break;
        }
        complain("%s: %s", argv[0], not_allowed ? "permission denied" : "not found");
        return not_allowed ? 126 : 127;
}

/* ---------------------------------------------------------------- functions */

struct function {
        struct function *next;
        char *name;
        struct pool *pool;
        struct node *body; /* NULL: it was unset */
};
static struct function *functions;

static struct function *find_function(const char *name)
{
        struct function *f = functions;

        while (f && strcmp(f->name, name) != 0)
                f = f->next;
        return f;
}

const struct node *function_find(const char *name)
{
        struct function *f = find_function(name);

        return f ? f->body : NULL;
}

int function_defined(const char *name)
{
        return function_find(name) != NULL;
}

/* The old body is not freed: it may be the one that is running. */
void function_unset(const char *name)
{
        struct function *f = find_function(name);

        if (f)
                f->body = NULL;
}

static struct word *copy_words(struct pool *pool, const struct word *from)
{
        struct word *first = NULL, **end = &first;

        for (; from; from = from->next) {
                *end = pool_alloc(pool, sizeof(**end));
                (*end)->text = pool_string(pool, from->text, strlen(from->text));
                end = &(*end)->next;
        }
        return first;
}

static struct redirect *copy_redirects(struct pool *pool, const struct redirect *from)
{
        struct redirect *first = NULL, **end = &first;

        for (; from; from = from->next) {
                *end = pool_alloc(pool, sizeof(**end));
                **end = *from;
                (*end)->next = NULL;
                (*end)->target = pool_string(pool, from->target, strlen(from->target));
                end = &(*end)->next;
        }
        return first;
}

static struct node *copy_tree(struct pool *pool, const struct node *from);

static struct case_item *copy_items(struct pool *pool, const struct case_item *from)
{
        struct case_item *first = NULL, **end = &first;

        for (; from; from = from->next) {
                *end = pool_alloc(pool, sizeof(**end));
                (*end)->patterns = copy_words(pool, from->patterns);
                (*end)->body = copy_tree(pool, from->body);
                end = &(*end)->next;
        }
        return first;
}

static struct node *copy_tree(struct pool *pool, const struct node *from)
{
        struct node *node;

        if (!from)
                return NULL;
        node = pool_alloc(pool, sizeof(*node));
        *node = *from;
        node->next = copy_tree(pool, from->next);
        node->a = copy_tree(pool, from->a);
        node->b = copy_tree(pool, from->b);
        node->c = copy_tree(pool, from->c);
        if (from->name)
                node->name = pool_string(pool, from->name, strlen(from->name));
        node->assignments = copy_words(pool, from->assignments);
        node->words = copy_words(pool, from->words);
        node->items = copy_items(pool, from->items);
        node->redirects = copy_redirects(pool, from->redirects);
        return node;
}

void function_define(const char *name, const struct node *body)
{
        struct function *f = find_function(name);

        if (!f) {
                f = must_alloc(sizeof(*f));
                f->name = must_copy(name);
                f->pool = pool_new();
                f->next = functions;
                functions = f;
        }
        f->body = copy_tree(f->pool, body);
}
