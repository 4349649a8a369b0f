/* SPDX-License-Identifier: MIT */
/*
 * "#!" lines: "#! interpreter [one argument]". The interpreter gets itself, the argument if there
 * is one, and the script's path as its first arguments; it may be a script itself, five deep.
 */
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec_impl.h"
#include "mm/slab.h"

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static char *string_copy(const char *s, size_t n)
{
        char *copy = kmalloc(n + 1);

        if (!copy)
                return NULL;
        memcpy(copy, s, n);
        copy[n] = 0;
        return copy;
}

struct script_line {
        const char *interp, *arg; /* not terminated */
        size_t interp_len, arg_len;
};

/* -ENOEXEC: no interpreter, or a path so long that the head does not hold its end. */
static int line_parse(const u8 *head, struct script_line *line)
{
        const char *s = (const char *)head + 2, *limit = (const char *)head + EXEC_HEAD;
        const char *nl = memchr(s, '\n', limit - s), *end = nl ? nl : limit;

        while (s < end && is_blank(*s))
                s++;
        line->interp = s;
        while (s < end && *s && !is_blank(*s))
                s++;
        line->interp_len = s - line->interp;
        if (!line->interp_len || s == limit)
                return -ENOEXEC;
        while (s < end && is_blank(*s))
                s++;
        line->arg = s;
        line->arg_len = strnlen(s, end - s);
        while (line->arg_len && is_blank(s[line->arg_len - 1]))
                line->arg_len--;
        return 0;
}

/* Put `string` in front; it belongs to the script list from now on. NULL is -ENOMEM. */
static int script_prepend(struct exec_script *script, char *string)
{
        if (!string)
                return -ENOMEM;
        memmove(&script->argv[1], &script->argv[0], script->nr * sizeof(char *));
        script->argv[0] = string;
        script->nr++;
        return 0;
}

/* One level: the arguments in front, the interpreter opened in the place of the script. */
static int script_step(struct exec *x)
{
        struct script_line line;
        struct file *interp;
        int err = line_parse(x->head, &line);

        if (err)
                return err;
        if (!x->script.nr)
                err = script_prepend(&x->script, string_copy(x->name, strlen(x->name)));
        if (!err && line.arg_len)
                err = script_prepend(&x->script, string_copy(line.arg, line.arg_len));
        if (!err)
                err = script_prepend(&x->script, string_copy(line.interp, line.interp_len));
        if (!err)
                err = file_open_exec(x->script.argv[0], &interp);
        if (err)
                return err;
        file_put(x->file);
        x->file = interp;
        return 0;
}

int script_resolve(struct exec *x)
{
        for (unsigned depth = 0;; depth++) {
                ssize_t n;
                int err;

                memset(x->head, 0, EXEC_HEAD);
                n = file_read_kernel(x->file, x->head, EXEC_HEAD, 0);
                if (n < 0)
                        return n;
                if (x->head[0] != '#' || x->head[1] != '!')
                        return 0;
                if (depth == SCRIPT_DEPTH)
                        return -ELOOP;
                err = script_step(x);
                if (err)
                        return err;
        }
}

void script_release(struct exec *x)
{
        for (unsigned i = 0; i < x->script.nr; i++)
                kfree(x->script.argv[i]);
        x->script.nr = 0;
}
