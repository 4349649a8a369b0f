/* SPDX-License-Identifier: MIT */
/*
 * Running a tree. A simple command runs in the shell when it is a function or a builtin, otherwise
 * in a child; the parts of a pipeline, ( ) and & run in children of their own.
 *
 * break, continue, return and exit set shell.unwind, and everything here stops early until the loop
 * or function that is meant takes it away again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/sh/run.h"
#include "userland/sh/sh.h"

static int run_simple(const struct node *node, int in_place);

/* After a failure under set -e: the shell ends, unless the failure is the answer to a question. */
static int answer(int status)
{
        shell.status = status;
        if (status != 0 && shell.exit_on_error && !shell.conditions && !shell.unwind)
                shell.unwind = UNWIND_EXIT;
        return status;
}

static int run_condition(const struct node *node)
{
        int status;

        shell.conditions++;
        status = run(node);
        shell.conditions--;
        return status;
}

/* In a child that goes on as a shell: not interactive, and SIGINT kills. */
static void become_child(void)
{
        shell.interactive = 0;
        shell.exit_trap = NULL;
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
}

static pid_t fork_child(void)
{
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid < 0)
                complain("cannot fork: %s", strerror(errno));
        if (pid == 0)
                become_child();
        return pid;
}

/* In a child that has nothing else to do: a program takes its place, so that it has its number. */
static void run_and_exit(const struct node *node)
{
        if (node->kind == NODE_SIMPLE)
                answer(run_simple(node, 1));
        else
                run(node);
        fflush(stdout);
        leave(shell.status);
}

static int run_subshell(const struct node *node)
{
        pid_t pid = fork_child();

        if (pid < 0)
                return 2;
        if (pid == 0) {
                if (redirect_apply(node->redirects) != 0)
                        leave(1);
                run_and_exit(node->a);
        }
        return wait_for(pid);
}

static int run_background(const struct node *node)
{
        pid_t pid = fork_child();

        if (pid < 0)
                return 2;
        if (pid == 0) {
                int null = open("/dev/null", O_RDONLY);

                signal(SIGINT, SIG_IGN);
                if (null >= 0) {
                        dup2(null, 0);
                        close(null);
                }
                run_and_exit(node->a);
        }
        shell.background = pid;
        background_add(pid);
        if (shell.interactive)
                fprintf(stderr, "[%d]\n", (int)pid);
        return 0;
}

/* One part of a pipeline, in a child: `in` and `out` are its ends, -1 for the shell's own. */
static pid_t start_part(const struct node *part, int in, int out, int unused)
{
        pid_t pid = fork_child();

        if (pid != 0)
                return pid;
        if (unused >= 0)
                close(unused);
        if (in >= 0) {
                dup2(in, 0);
                close(in);
        }
        if (out >= 0) {
                dup2(out, 1);
                close(out);
        }
        run_and_exit(part);
        return 0;
}

static int run_pipeline(const struct node *node)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        const struct node *part;
        int in = -1, status = 2, count = 0;
        pid_t pid = -1, *pids;

        for (part = node->a; part; part = part->next)
                count++;
        pids = pool_alloc(shell.scratch, (size_t)count * sizeof(*pids));
        count = 0;
        for (part = node->a; part; part = part->next) {
                int fds[2] = { -1, -1 };

                if (part->next && pipe(fds) != 0) {
                        complain("cannot make a pipe: %s", strerror(errno));
                        pid = -1;
                        break;
                }
                pid = start_part(part, in, fds[1], fds[0]);
                if (in >= 0)
                        close(in);
                if (fds[1] >= 0)
                        close(fds[1]);
                in = fds[0];
                if (pid < 0)
                        break;
                pids[count++] = pid;
        }
        if (in >= 0)
                close(in);
        for (int i = 0; i < count; i++)
                status = wait_for(pids[i]);
        pool_release(shell.scratch, mark);
        return pid < 0 ? 2 : status;
}

/* Whether a loop goes on after its body has run. */
static int loop_goes_on(void)
{
        if (shell.interrupted && shell.interactive) {
                shell.unwind = UNWIND_GIVE_UP;
                shell.status = 130;
        }
        if (shell.unwind != UNWIND_BREAK && shell.unwind != UNWIND_CONTINUE)
                return shell.unwind == UNWIND_NONE;
        if (--shell.unwind_count > 0)
                return 0;
        if (shell.unwind == UNWIND_BREAK) {
                shell.unwind = UNWIND_NONE;
                return 0;
        }
        shell.unwind = UNWIND_NONE;
        return 1;
}

static int run_while(const struct node *node)
{
        int status = 0;

        shell.loops++;
        for (;;) {
                int asked = run_condition(node->a);

                if (shell.unwind || (asked == 0) != (node->kind == NODE_WHILE)) {
                        if (shell.unwind)
                                loop_goes_on();
                        break;
                }
                status = run(node->b);
                if (!loop_goes_on())
                        break;
        }
        shell.loops--;
        return shell.unwind ? shell.status : status;
}

static int run_for(const struct node *node)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        int count, status = 0;
        char **values;

        if (node->every_argument) {
                static const struct word all = { NULL, "\"$@\"" };

                values = expand_words(&all, &count);
        } else {
                values = expand_words(node->words, &count);
        }
        shell.loops++;
        for (int i = 0; i < count && !shell.unwind; i++) {
                var_set(node->name, values[i]);
                status = run(node->a);
                if (!loop_goes_on())
                        break;
        }
        shell.loops--;
        pool_release(shell.scratch, mark);
        return shell.unwind ? shell.status : status;
}

static int run_case(const struct node *node)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        const char *value = expand_one(node->name);
        int status = 0;

        for (const struct case_item *item = node->items; item; item = item->next) {
                const struct word *word = item->patterns;

                while (word && !pattern_match(expand_pattern(word->text), value))
                        word = word->next;
                if (!word)
                        continue;
                if (item->body)
                        status = run(item->body);
                break;
        }
        pool_release(shell.scratch, mark);
        return status;
}

static int run_compound(const struct node *node)
{
        switch (node->kind) {
        case NODE_GROUP: return run(node->a);
        case NODE_IF:
                if (run_condition(node->a) == 0)
                        return shell.unwind ? shell.status : run(node->b);
                if (shell.unwind)
                        return shell.status;
                return node->c ? run(node->c) : 0;
        case NODE_WHILE:
        case NODE_UNTIL: return run_while(node);
        case NODE_FOR: return run_for(node);
        case NODE_CASE: return run_case(node);
        default: return 0;
        }
}

static int run_redirected(const struct node *node)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        struct saved_fd *saved = NULL;
        int status = 1;

        if (!node->redirects)
                return run_compound(node);
        if (redirect_save(node->redirects, &saved) == 0)
                status = run_compound(node);
        fflush(stdout);
        redirect_undo(saved);
        pool_release(shell.scratch, mark);
        return status;
}

int run(const struct node *node)
{
        int status;

        if (!node || shell.unwind || shell.parse_only)
                return shell.status;
        switch (node->kind) {
        case NODE_SIMPLE: return answer(run_simple(node, 0));
        case NODE_PIPE: return answer(run_pipeline(node));
        case NODE_SUBSHELL: return answer(run_subshell(node));
        case NODE_NOT:
                status = run_condition(node->a);
                return shell.unwind ? shell.status : (shell.status = !status);
        case NODE_AND:
        case NODE_OR:
                status = run_condition(node->a);
                if (shell.unwind || (status == 0) != (node->kind == NODE_AND))
                        return shell.status;
                return run(node->b);
        case NODE_SEQUENCE: run(node->a); return run(node->b);
        case NODE_BACKGROUND: return shell.status = run_background(node);
        case NODE_FUNCTION: function_define(node->name, node->a); return shell.status = 0;
        default:
                status = run_redirected(node);
                return shell.unwind ? shell.status : (shell.status = status);
        }
}

/* ---------------------------------------------------------------- simple commands */

static void assign(const struct word *assignments, int export)
{
        for (; assignments; assignments = assignments->next) {
                const char *equals = strchr(assignments->text, '=');
                size_t length = (size_t)(equals - assignments->text);
                char *name = pool_string(shell.scratch, assignments->text, length);

                var_set(name, expand_one(equals + 1));
                if (export)
                        var_export(name);
        }
}

static void trace(int argc, char **argv)
{
        if (!shell.trace)
                return;
        fputc('+', stderr);
        for (int i = 0; i < argc; i++)
                fprintf(stderr, " %s", argv[i]);
        fputc('\n', stderr);
}

/* The old values of what is assigned for one command only. */
struct old_value {
        struct old_value *next;
        const char *name, *value;
};

static struct old_value *remember(const struct word *assignments)
{
        struct old_value *list = NULL;

        for (; assignments; assignments = assignments->next) {
                struct old_value *old = pool_alloc(shell.scratch, sizeof(*old));
                const char *value;

                old->name = pool_string(shell.scratch, assignments->text,
                                        strcspn(assignments->text, "="));
                value = var_get(old->name);
                old->value = value ? pool_string(shell.scratch, value, strlen(value)) : NULL;
                old->next = list;
                list = old;
        }
        return list;
}

static void restore(const struct old_value *list)
{
        for (; list; list = list->next) {
                if (list->value)
                        var_set(list->name, list->value);
                else
                        var_unset(list->name);
        }
}

static int call_function(const struct node *body, int argc, char **argv)
{
        struct parameters outer = parameters;
        int loops = shell.loops, status;

        memset(&parameters, 0, sizeof(parameters));
        parameters_set(argc - 1, argv + 1);
        shell.calls++;
        shell.loops = 0;
        status = run(body);
        shell.loops = loops;
        shell.calls--;
        parameters_free(&parameters);
        parameters = outer;
        if (shell.unwind == UNWIND_RETURN) {
                shell.unwind = UNWIND_NONE;
                status = shell.status;
        }
        return shell.unwind ? shell.status : status;
}

/* A function or a builtin, in this process. */
static int run_here(const struct node *node, int argc, char **argv, const struct node *function,
                    builtin_fn *builtin)
{
        struct saved_fd *saved = NULL;
        struct old_value *old = NULL;
        int status = 1;

        if (!builtin || !builtin_is_special(argv[0]))
                old = remember(node->assignments);
        if (redirect_save(node->redirects, &saved) == 0) {
                assign(node->assignments, 0);
                status = function ? call_function(function, argc, argv) : builtin(argc, argv);
        }
        fflush(stdout);
        /* exec without a command: its redirections stay. */
        if (builtin && strcmp(argv[0], "exec") == 0 && argc == 1)
                saved = NULL;
        redirect_undo(saved);
        restore(old);
        return status;
}

/* In a child, or, in_place, in this process, which ends with it. */
static int run_program(const struct node *node, char **argv, int in_place)
{
        pid_t pid = in_place ? 0 : fork_child();

        if (pid < 0)
                return 2;
        if (pid == 0) {
                if (redirect_apply(node->redirects) != 0)
                        _exit(1);
                assign(node->assignments, 1);
                _exit(execute(argv));
        }
        return wait_for(pid);
}

static int run_simple(const struct node *node, int in_place)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        const struct node *function;
        builtin_fn *builtin;
        int argc, status;
        char **argv;

        shell.interrupted = 0;
        argv = expand_words(node->words, &argc);
        if (shell.unwind)
                return shell.status;
        trace(argc, argv);
        if (argc == 0) {
                struct saved_fd *saved;

                status = shell.status;
                shell.status = 0; /* a $(...) in an assignment sets it */
                assign(node->assignments, 0);
                status = node->assignments ? shell.status : node->words ? status : 0;
                if (redirect_save(node->redirects, &saved) != 0)
                        status = 1;
                redirect_undo(saved);
        } else {
                function = function_find(argv[0]);
                builtin = function ? NULL : builtin_find(argv[0]);
                if (function || builtin)
                        status = run_here(node, argc, argv, function, builtin);
                else
                        status = run_program(node, argv, in_place);
        }
        pool_release(shell.scratch, mark);
        return shell.unwind ? shell.status : status;
}

char *run_and_capture(const char *command)
{
        struct string output = { NULL, 0, 0 };
        char buffer[1024];
        ssize_t n;
        int fds[2];
        pid_t pid;

        if (pipe(fds) != 0) {
                complain("cannot make a pipe: %s", strerror(errno));
                return must_copy("");
        }
        pid = fork_child();
        if (pid == 0) {
                close(fds[0]);
                dup2(fds[1], 1);
                close(fds[1]);
                run_text(command);
                fflush(stdout);
                leave(shell.status);
        }
        close(fds[1]);
        while ((n = read(fds[0], buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR))
                if (n > 0)
                        string_append(&output, buffer, (size_t)n);
        close(fds[0]);
        shell.status = pid < 0 ? 2 : wait_for(pid);
        while (output.length > 0 && output.text[output.length - 1] == '\n')
                output.text[--output.length] = 0;
        return output.text ? output.text : must_copy("");
}
