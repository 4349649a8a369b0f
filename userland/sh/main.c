/* SPDX-License-Identifier: MIT */
/*
 * The shell's beginning and end, and its loop over commands that come line by line.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userland/sh/sh.h"

struct shell shell;

static const char help[] =
        "usage: sh [-efnux] [-c COMMANDS [NAME [ARGUMENT...]] | -s | FILE [ARGUMENT...]]\n"
        "\n"
        "Runs COMMANDS, or those in FILE, or those that it reads from its input: lists joined by ; & &&\n"
        "and ||, pipelines, redirections < > >> 2>&1 <<, if while until for case { } ( ), functions,\n"
        "'...' \"...\" \\, $variables, $(commands), $((sums)), file names with * ? [...].\n"
        "\n"
        "  -c  take the commands from the command line   -s  take them from the input\n"
        "  -e  end when a command fails                  -x  show every command\n"
        "  -u  an unset variable is an error             -f  leave * ? [ alone\n"
        "  -n  only look whether the commands are well formed\n"
        "\n"
        "On a terminal: arrows, Ctrl-A Ctrl-E Ctrl-U Ctrl-K Ctrl-W Ctrl-L edit, up and down recall,\n"
        "Ctrl-C gives up the line, Ctrl-D on an empty line leaves. Builtins:\n"
        "  : . [ break cd continue echo eval exec exit export false history printf pwd read return\n"
        "  set shift source test trap true type umask unset wait\n";

void complain(const char *fmt, ...)
{
        va_list args;

        fflush(stdout);
        fprintf(stderr, "%s: ", shell.name ? shell.name : "sh");
        va_start(args, fmt);
        vfprintf(stderr, fmt, args);
        va_end(args);
        fputc('\n', stderr);
}

void leave(int status)
{
        const char *trap = shell.exit_trap;

        shell.exit_trap = NULL;
        if (trap) {
                shell.unwind = UNWIND_NONE;
                shell.status = status;
                run_text(trap);
                if (shell.unwind == UNWIND_EXIT)
                        status = shell.status;
        }
        fflush(stdout);
        fflush(stderr);
        _exit(status);
}

static void note_interrupt(int signo)
{
        (void)signo;
        shell.interrupted = 1;
}

/* The terminal's signals end what the shell has started, not the shell. */
static void keep_running(void)
{
        struct sigaction action;

        memset(&action, 0, sizeof(action));
        action.sa_handler = note_interrupt;
        sigemptyset(&action.sa_mask);
        sigaction(SIGINT, &action, NULL);
        signal(SIGQUIT, SIG_IGN);
}

static const char *prompt(int more)
{
        const char *text = var_get(more ? "PS2" : "PS1");

        if (!text)
                text = more ? "> " : "$PWD # ";
        return expand_here(text);
}

/* One more line of the command that begins in the text. 0: no more. -1: given up by Ctrl-C. */
static int more_text(struct string *text, int more)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        int got;

        if (shell.interactive) {
                reap_background();
                shell.interrupted = 0;
                got = edit_line(prompt(more), text);
        } else {
                got = input_line(0, text);
        }
        pool_release(shell.scratch, mark);
        return got;
}

/* Whether the shell ends with this command: not when it only gave the command up. */
static int run_line(const struct node *tree)
{
        run(tree);
        shell.loops = shell.calls = shell.conditions = 0;
        if (shell.unwind == UNWIND_GIVE_UP)
                shell.unwind = UNWIND_NONE;
        return shell.unwind == UNWIND_EXIT;
}

static void run_input(void)
{
        struct string text = { NULL, 0, 0 };
        size_t position = 0;
        int more = 0;

        for (;;) {
                struct pool *pool;
                struct node *tree;
                enum parse_result result;
                int got = more_text(&text, more);

                if (got < 0) {
                        string_free(&text);
                        more = 0;
                        shell.status = 130;
                        continue;
                }
                if (got == 0) {
                        if (more)
                                complain("syntax error: unexpected end of input");
                        break;
                }
                pool = pool_new();
                position = 0;
                result = parse_command(text.text, &position, pool, &tree);
                more = result == PARSE_INCOMPLETE;
                if (!more) {
                        if (shell.interactive)
                                history_add(text.text);
                        string_free(&text);
                }
                if (result == PARSE_ERROR) {
                        shell.status = 2;
                        if (!shell.interactive)
                                leave(2);
                }
                if (result == PARSE_COMMAND && tree && run_line(tree))
                        leave(shell.status);
                pool_free(pool);
        }
        string_free(&text);
}

static int set_letters(const char *letters, int *command, int *standard_input)
{
        for (; *letters; letters++) {
                switch (*letters) {
                case 'c': *command = 1; break;
                case 's': *standard_input = 1; break;
                case 'i': shell.interactive = 1; break;
                case 'e': shell.exit_on_error = 1; break;
                case 'f': shell.no_globbing = 1; break;
                case 'n': shell.parse_only = 1; break;
                case 'u': shell.unset_is_error = 1; break;
                case 'x': shell.trace = 1; break;
                case 'l': break;
                default: return -1;
                }
        }
        return 0;
}

static void prepare(char **environment)
{
        char path[4096];

        shell.pid = (int)getpid();
        shell.scratch = pool_new();
        vars_import(environment);
        if (getcwd(path, sizeof(path)))
                var_set("PWD", path);
        if (!var_get("PATH"))
                var_set("PATH", "/bin:/usr/bin:/sbin:/usr/sbin");
        signal(SIGPIPE, SIG_DFL);
}

extern char **environ;

int main(int argc, char **argv)
{
        int command = 0, standard_input = 0, i;

        shell.name = "sh";
        prepare(environ);
        for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
                if (strcmp(argv[i], "--help") == 0) {
                        fputs(help, stdout);
                        return 0;
                }
                if (strcmp(argv[i], "--") == 0) {
                        i++;
                        break;
                }
                if (set_letters(argv[i] + 1, &command, &standard_input) != 0) {
                        fputs(help, stderr);
                        return 2;
                }
        }
        if (command) {
                if (i >= argc) {
                        complain("-c: which commands?");
                        return 2;
                }
                if (i + 1 < argc)
                        shell.name = argv[i + 1];
                parameters_set(i + 2 < argc ? argc - i - 2 : 0, argv + i + 2);
                leave(run_text(argv[i]));
        }
        if (i < argc && !standard_input) {
                shell.name = argv[i];
                parameters_set(argc - i - 1, argv + i + 1);
                leave(run_file(argv[i]));
        }
        parameters_set(argc - i, argv + i);
        if (isatty(0) && isatty(2))
                shell.interactive = 1;
        if (shell.interactive)
                keep_running();
        run_input();
        leave(shell.status);
}
