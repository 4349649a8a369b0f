/* SPDX-License-Identifier: MIT */
/*
 * From a word as it was written to the fields that it stands for.
 *
 * Characters are put one by one into the field that is being made, each with a note whether it was
 * quoted. What comes out of a substitution that was not in double quotes is split at the characters
 * of IFS. A field that is done is matched with file names if it has *, ? or [ that is not quoted.
 */
#include "userland/sh/expand.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/sh/sh.h"

static void put(struct expansion *e, char c, int quoted)
{
        string_add(&e->text, c);
        string_add(&e->quoted, quoted ? 'q' : '.');
        e->started = 1;
        e->after_blank = 0;
}

static void keep_field(struct expansion *e, char *field)
{
        struct field *new = pool_alloc(shell.scratch, sizeof(*new));

        new->text = field;
        *e->end = new;
        e->end = &new->next;
        e->count++;
}

/* The field with a backslash before every quoted character. */
static char *with_backslashes(const struct expansion *e)
{
        char *out = pool_alloc(shell.scratch, 2 * e->text.length + 1);
        char *p = out;

        for (size_t i = 0; i < e->text.length; i++) {
                if (e->quoted.text[i] == 'q')
                        *p++ = '\\';
                *p++ = e->text.text[i];
        }
        return out;
}

static int has_magic(const struct expansion *e)
{
        for (size_t i = 0; i < e->text.length; i++)
                if (e->quoted.text[i] != 'q' && strchr("*?[", e->text.text[i]))
                        return 1;
        return 0;
}

/* The field that is being made is done. */
static void end_field(struct expansion *e)
{
        char **names;
        int count = 0;

        if (!e->started)
                return;
        if (e->split && !shell.no_globbing && has_magic(e))
                count = pattern_expand(with_backslashes(e), &names);
        for (int i = 0; i < count; i++)
                keep_field(e, names[i]);
        if (count == 0)
                keep_field(e, pool_string(shell.scratch, e->text.text ? e->text.text : "",
                                          e->text.length));
        e->text.length = e->quoted.length = 0;
        e->started = 0;
}

void expand_value(struct expansion *e, const char *value, int quoted)
{
        const char *ifs = var_get("IFS");

        if (!ifs)
                ifs = " \t\n";
        for (; *value; value++) {
                if (quoted || !e->split || !strchr(ifs, *value)) {
                        put(e, *value, quoted);
                        continue;
                }
                /* Blanks only part fields; another separator ends one, even an empty one. */
                if (isspace((unsigned char)*value)) {
                        e->after_blank |= e->started;
                } else {
                        e->started |= !e->after_blank;
                        e->after_blank = 0;
                }
                end_field(e);
        }
}

void expand_parameters(struct expansion *e, char which, int quoted)
{
        const char *ifs = var_get("IFS");

        for (int i = 0; i < parameters.count; i++) {
                if (i > 0) {
                        if (e->split && (which == '@' || !quoted))
                                end_field(e);
                        else if (which == '@' || !ifs)
                                put(e, ' ', quoted);
                        else if (*ifs)
                                put(e, *ifs, quoted);
                }
                if (quoted)
                        e->started = 1;
                expand_value(e, parameters.values[i], quoted);
        }
}

/* The text between p and the closing quote or bracket, which is found and passed. */
static char *take_until(const char **p, const char *end)
{
        char *text = pool_string(shell.scratch, *p, (size_t)(end - *p));

        *p = end + 1;
        return text;
}

static void expand_command(struct expansion *e, const char *command, int quoted)
{
        char *output = run_and_capture(command);

        expand_value(e, output, quoted);
        free(output);
}

/* `command`: a backslash before ` $ or \ is taken away first. */
static void expand_backquoted(struct expansion *e, const char **p, int quoted)
{
        const char *end = *p + 1;
        char *command, *to;

        while (*end && *end != '`')
                end += *end == '\\' && end[1] ? 2 : 1;
        (*p)++;
        command = take_until(p, end);
        to = command;
        for (const char *from = command; *from; from++) {
                if (*from == '\\' && strchr("`$\\", from[1]) && from[1])
                        from++;
                *to++ = *from;
        }
        *to = 0;
        expand_command(e, command, quoted);
}

static void expand_sum(struct expansion *e, const char *text, int quoted)
{
        char number[24];
        long value = 0;

        if (arith_value(expand_one_quoted(text), &value) != 0) {
                e->failed = 1;
                return;
        }
        snprintf(number, sizeof(number), "%ld", value);
        expand_value(e, number, quoted);
}

/* $(...) and $((...)), with *p at the "(". */
static void expand_parenthesis(struct expansion *e, const char **p, int quoted)
{
        const char *end = find_close(*p);

        if ((*p)[1] == '(' && end[-1] == ')') {
                *p += 2;
                char *text = pool_string(shell.scratch, *p, (size_t)(end - 1 - *p));

                *p = end + 1;
                expand_sum(e, text, quoted);
                return;
        }
        (*p)++;
        expand_command(e, take_until(p, end), quoted);
}

/* At a $: expands what it begins. */
static void expand_dollar(struct expansion *e, const char **p, int quoted)
{
        const char *at = *p + 1;
        char name[2] = { *at, 0 };

        if (*at == '(') {
                *p = at;
                expand_parenthesis(e, p, quoted);
        } else if (*at == '{') {
                const char *end = find_close(at);

                *p = at + 1;
                expand_braces(e, take_until(p, end), quoted);
        } else if (is_name_start(*at)) {
                const char *end = at;

                while (is_name_char(*end))
                        end++;
                expand_parameter(e, pool_string(shell.scratch, at, (size_t)(end - at)), quoted);
                *p = end;
        } else if (*at && strchr("?$!#@*-0123456789", *at)) {
                expand_parameter(e, name, quoted);
                *p = at + 1;
        } else {
                put(e, '$', quoted);
                *p = at;
        }
}

static void expand_double_quoted(struct expansion *e, const char **p)
{
        int count = parameters.count;

        /* "$@" alone, with no parameters, is no field at all. */
        if (strncmp(*p, "$@\"", 3) == 0 && count == 0) {
                *p += 3;
                return;
        }
        e->started = 1;
        while (**p && **p != '"')
                expand_quoted_char(e, p);
        if (**p)
                (*p)++;
}

void expand_quoted_char(struct expansion *e, const char **p)
{
        if (**p == '\\' && (*p)[1] == '\n') {
                *p += 2;
        } else if (**p == '\\' && (*p)[1] && strchr("$`\"\\", (*p)[1])) {
                put(e, (*p)[1], 1);
                *p += 2;
        } else if (**p == '$') {
                expand_dollar(e, p, 1);
        } else if (**p == '`') {
                expand_backquoted(e, p, 1);
        } else {
                put(e, *(*p)++, 1);
        }
}

/* ~ and ~/ at the beginning of a word. */
static void expand_tilde(struct expansion *e, const char **p)
{
        const char *home = var_get("HOME");

        if (**p != '~' || ((*p)[1] != 0 && (*p)[1] != '/') || !home)
                return;
        for (; *home; home++)
                put(e, *home, 1);
        (*p)++;
}

void expand_text(struct expansion *e, const char *p)
{
        expand_tilde(e, &p);
        while (*p && !e->failed) {
                switch (*p) {
                case '\'':
                        e->started = 1;
                        for (p++; *p && *p != '\''; p++)
                                put(e, *p, 1);
                        p += *p != 0;
                        break;
                case '"':
                        p++;
                        expand_double_quoted(e, &p);
                        break;
                case '\\':
                        if (p[1] != '\n' && p[1])
                                put(e, p[1], 1);
                        p += p[1] ? 2 : 1;
                        break;
                case '$': expand_dollar(e, &p, 0); break;
                case '`': expand_backquoted(e, &p, 0); break;
                default: put(e, *p++, 0);
                }
        }
}

static void begin(struct expansion *e, int split)
{
        memset(e, 0, sizeof(*e));
        e->end = &e->fields;
        e->split = split;
}

static void finish(struct expansion *e)
{
        string_free(&e->text);
        string_free(&e->quoted);
        if (e->failed) {
                shell.status = 2;
                if (!shell.interactive)
                        leave(2);
                shell.unwind = UNWIND_GIVE_UP;
        }
}

char **expand_words(const struct word *words, int *count)
{
        struct expansion e;
        char **array;
        int n = 0;

        begin(&e, 1);
        for (; words && !e.failed; words = words->next) {
                expand_text(&e, words->text);
                end_field(&e);
        }
        array = pool_alloc(shell.scratch, (e.count + 1) * sizeof(*array));
        for (struct field *f = e.fields; f; f = f->next)
                array[n++] = f->text;
        *count = e.failed ? 0 : n;
        finish(&e);
        return array;
}

/* The one field that the text becomes without splitting; quoted as it is written, or all of it. */
static char *expand_whole(const char *text, int all_quoted, int backslashes)
{
        struct expansion e;
        char *result;

        begin(&e, 0);
        if (all_quoted)
                while (*text && !e.failed)
                        expand_quoted_char(&e, &text);
        else
                expand_text(&e, text);
        if (backslashes)
                result = with_backslashes(&e);
        else
                result = pool_string(shell.scratch, e.text.text ? e.text.text : "", e.text.length);
        finish(&e);
        return result;
}

char *expand_one(const char *word)
{
        return expand_whole(word, 0, 0);
}

char *expand_pattern(const char *word)
{
        return expand_whole(word, 0, 1);
}

char *expand_one_quoted(const char *text)
{
        return expand_whole(text, 1, 0);
}

char *expand_here(const char *text)
{
        return expand_whole(text, 1, 0);
}
