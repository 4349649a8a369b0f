/* SPDX-License-Identifier: MIT */
/*
 * Commands that are part of the shell, most because they change it, some because they are small.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/sh/sh.h"

static int number(const char *text, int otherwise)
{
        char *end;
        long value;

        if (!text)
                return otherwise;
        value = strtol(text, &end, 10);
        if (end == text || *end) {
                complain("%s: not a number", text);
                return -1;
        }
        return (int)value;
}

static int do_true(int argc, char **argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

static int do_false(int argc, char **argv)
{
        (void)argc;
        (void)argv;
        return 1;
}

static int do_echo(int argc, char **argv)
{
        int newline = 1, i = 1;

        if (argc > 1 && strcmp(argv[1], "-n") == 0) {
                newline = 0;
                i++;
        }
        for (; i < argc; i++)
                printf("%s%s", argv[i], i + 1 < argc ? " " : "");
        if (newline)
                putchar('\n');
        return fflush(stdout) == 0 ? 0 : 1;
}

static int do_pwd(int argc, char **argv)
{
        char path[4096];

        (void)argc;
        (void)argv;
        if (!getcwd(path, sizeof(path))) {
                complain("pwd: %s", strerror(errno));
                return 1;
        }
        puts(path);
        return 0;
}

static int do_cd(int argc, char **argv)
{
        const char *where = argc > 1 ? argv[1] : var_get("HOME");
        const char *old = var_get("PWD");
        char path[4096];

        if (!where)
                where = "/";
        if (strcmp(where, "-") == 0) {
                where = var_get("OLDPWD");
                if (!where) {
                        complain("cd: there is no old directory");
                        return 1;
                }
                puts(where);
        }
        if (chdir(where) != 0) {
                complain("cd: %s: %s", where, strerror(errno));
                return 1;
        }
        var_set("OLDPWD", old ? old : "");
        if (getcwd(path, sizeof(path)))
                var_set("PWD", path);
        return 0;
}

static int do_exit(int argc, char **argv)
{
        int status = argc > 1 ? number(argv[1], 0) : shell.status;

        shell.status = status < 0 ? 2 : status & 255;
        shell.unwind = UNWIND_EXIT;
        return shell.status;
}

static int do_return(int argc, char **argv)
{
        int status = argc > 1 ? number(argv[1], 0) : shell.status;

        shell.status = status & 255;
        shell.unwind = shell.calls ? UNWIND_RETURN : UNWIND_EXIT;
        return shell.status;
}

static int do_break(int argc, char **argv)
{
        int count = argc > 1 ? number(argv[1], 1) : 1;

        if (count < 1)
                return 2;
        if (!shell.loops)
                return 0;
        shell.unwind_count = count < shell.loops ? count : shell.loops;
        shell.unwind = argv[0][0] == 'b' ? UNWIND_BREAK : UNWIND_CONTINUE;
        return shell.status = 0;
}

static int do_export(int argc, char **argv)
{
        if (argc == 1 || strcmp(argv[1], "-p") == 0)
                vars_print(1);
        for (int i = 1; i < argc; i++) {
                char *equals = strchr(argv[i], '=');

                if (argv[i][0] == '-')
                        continue;
                if (!is_name_start(argv[i][0]) || (equals && var_assign(argv[i]) != 0)) {
                        complain("export: %s: bad name", argv[i]);
                        return 2;
                }
                if (equals)
                        *equals = 0;
                var_export(argv[i]);
        }
        return 0;
}

static int do_unset(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "-f") == 0 && i + 1 < argc)
                        function_unset(argv[++i]);
                else if (strcmp(argv[i], "-v") != 0)
                        var_unset(argv[i]);
        }
        return 0;
}

static int set_option(char letter, int on)
{
        switch (letter) {
        case 'e': shell.exit_on_error = on; break;
        case 'x': shell.trace = on; break;
        case 'u': shell.unset_is_error = on; break;
        case 'f': shell.no_globbing = on; break;
        default: complain("set: unknown option -%c", letter); return -1;
        }
        return 0;
}

static int do_set(int argc, char **argv)
{
        int i;

        if (argc == 1)
                vars_print(0);
        for (i = 1; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') && argv[i][1]; i++) {
                if (strcmp(argv[i], "--") == 0) {
                        parameters_set(argc - i - 1, argv + i + 1);
                        return 0;
                }
                for (const char *c = argv[i] + 1; *c; c++)
                        if (set_option(*c, argv[i][0] == '-') != 0)
                                return 2;
        }
        if (i < argc)
                parameters_set(argc - i, argv + i);
        return 0;
}

static int do_shift(int argc, char **argv)
{
        int count = argc > 1 ? number(argv[1], 1) : 1;

        if (count < 0 || count > parameters.count) {
                complain("shift: there are %d", parameters.count);
                return 1;
        }
        for (int i = 0; i < count; i++)
                free(parameters.values[i]);
        parameters.count -= count;
        memmove(parameters.values, parameters.values + count,
                (size_t)(parameters.count + 1) * sizeof(char *));
        return 0;
}

static int is_separator(const char *ifs, const char *p, int blank)
{
        return *p && strchr(ifs, *p) && (strchr(" \t\n", *p) != NULL) == blank;
}

/*
 * Cuts one field off the line at *text and takes its backslashes away unless they are raw; the last
 * name gets all that is left.
 */
static char *cut_field(char **text, const char *ifs, int last, int raw)
{
        char *start, *from = *text, *to, *keep;

        while (is_separator(ifs, from, 1))
                from++;
        start = to = keep = from;
        for (; *from; from++) {
                if (!raw && *from == '\\' && from[1])
                        from++;
                else if (!last && strchr(ifs, *from))
                        break;
                else if (last && is_separator(ifs, from, 1)) {
                        *to++ = *from;
                        continue;
                }
                *to++ = *from;
                keep = to;
        }
        while (is_separator(ifs, from, 1))
                from++;
        if (is_separator(ifs, from, 0))
                from++;
        *text = from;
        *keep = 0;
        return start;
}

/* Whether the line ends with a backslash, which is then taken away with the newline. */
static int goes_on(struct string *line)
{
        size_t count = 0, end = line->length;

        if (end == 0 || line->text[--end] != '\n')
                return 0;
        while (count < end && line->text[end - 1 - count] == '\\')
                count++;
        if (count % 2 == 0)
                return 0;
        line->length = end - 1;
        line->text[line->length] = 0;
        return 1;
}

static int do_read(int argc, char **argv)
{
        const char *ifs = var_get("IFS");
        struct string line = { NULL, 0, 0 };
        int raw = 0, got, first = 1;
        char *text;

        for (; first < argc && argv[first][0] == '-'; first++)
                raw |= strcmp(argv[first], "-r") == 0;
        do {
                got = input_line(0, &line);
        } while (got && !raw && goes_on(&line));
        string_append(&line, "", 0);
        text = line.text;
        got = got && strchr(text, '\n') != NULL;
        text[strcspn(text, "\n")] = 0;
        for (int i = first; i < argc; i++)
                var_set(argv[i], cut_field(&text, ifs ? ifs : " \t\n", i + 1 == argc, raw));
        string_free(&line);
        return !got;
}

static int do_exec(int argc, char **argv)
{
        int status;

        if (argc == 1)
                return 0;
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        status = execute(argv + 1);
        shell.status = status;
        if (!shell.interactive)
                shell.unwind = UNWIND_EXIT;
        return status;
}

static int do_eval(int argc, char **argv)
{
        struct string text = { NULL, 0, 0 };
        int status;

        for (int i = 1; i < argc; i++) {
                string_append(&text, argv[i], strlen(argv[i]));
                string_add(&text, i + 1 < argc ? ' ' : '\n');
        }
        status = text.text ? run_text(text.text) : 0;
        string_free(&text);
        return status;
}

static int do_source(int argc, char **argv)
{
        int status;

        if (argc < 2) {
                complain("%s: which file?", argv[0]);
                return 2;
        }
        shell.calls++;
        shell.status = 0;
        status = run_file(argv[1]);
        shell.calls--;
        if (shell.unwind == UNWIND_RETURN) {
                shell.unwind = UNWIND_NONE;
                status = shell.status;
        }
        return status;
}

static int do_wait(int argc, char **argv)
{
        int status = 0;

        if (argc == 1)
                return wait_background(0);
        for (int i = 1; i < argc; i++)
                status = wait_background(number(argv[i], 0));
        return status;
}

static int do_umask(int argc, char **argv)
{
        unsigned mask = umask(0);

        umask((mode_t)mask);
        if (argc == 1)
                printf("%04o\n", mask);
        else
                umask((mode_t)strtoul(argv[1], NULL, 8));
        return 0;
}

static int do_trap(int argc, char **argv)
{
        if (argc == 3 && (strcmp(argv[2], "EXIT") == 0 || strcmp(argv[2], "0") == 0)) {
                shell.exit_trap = strcmp(argv[1], "-") == 0 ? NULL : must_copy(argv[1]);
                return 0;
        }
        complain("trap: only EXIT can be trapped");
        return 2;
}

static int do_history(int argc, char **argv)
{
        (void)argc;
        (void)argv;
        history_print();
        return 0;
}

static int do_type(int argc, char **argv)
{
        int status = 0;

        for (int i = 1; i < argc; i++) {
                const char *kind = function_defined(argv[i]) ? "a function"
                                   : builtin_find(argv[i])   ? "a shell builtin"
                                                             : NULL;
                status |= kind == NULL;
                printf("%s is %s\n", argv[i], kind ? kind : "not part of the shell");
        }
        return status;
}

static const struct builtin {
        const char *name;
        builtin_fn *fn;
        int special;
} builtins[] = {
        { ":", do_true, 1 },          { ".", do_source, 1 },
        { "[", builtin_test, 0 },     { "break", do_break, 1 },
        { "cd", do_cd, 0 },           { "continue", do_break, 1 },
        { "echo", do_echo, 0 },       { "eval", do_eval, 1 },
        { "exec", do_exec, 1 },       { "exit", do_exit, 1 },
        { "export", do_export, 1 },   { "false", do_false, 0 },
        { "history", do_history, 0 }, { "printf", builtin_printf, 0 },
        { "pwd", do_pwd, 0 },         { "read", do_read, 0 },
        { "return", do_return, 1 },   { "set", do_set, 1 },
        { "shift", do_shift, 1 },     { "source", do_source, 1 },
        { "test", builtin_test, 0 },  { "trap", do_trap, 1 },
        { "true", do_true, 0 },       { "type", do_type, 0 },
        { "umask", do_umask, 0 },     { "unset", do_unset, 1 },
        { "wait", do_wait, 0 },
};

static const struct builtin *find(const char *name)
{
        for (unsigned i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
                if (strcmp(builtins[i].name, name) == 0)
                        return &builtins[i];
        return NULL;
}

builtin_fn *builtin_find(const char *name)
{
        const struct builtin *b = find(name);

        return b ? b->fn : NULL;
}

int builtin_is_special(const char *name)
{
        const struct builtin *b = find(name);

        return b && b->special;
}
