/* SPDX-License-Identifier: MIT */
/*
 * Parameters: $name, $1, $?, and ${name:-word} and its kin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/sh/expand.h"
#include "userland/sh/sh.h"

/* The value of a parameter that is one string, or NULL when it is not set. */
static const char *value_of(const char *name)
{
        static char number[24];
        long value;
        char *end;

        if (is_name_start(*name))
                return var_get(name);
        value = strtol(name, &end, 10);
        if (end != name) {
                if (value == 0)
                        return shell.name;
                return value <= parameters.count ? parameters.values[value - 1] : NULL;
        }
        switch (*name) {
        case '?': value = shell.status; break;
        case '$': value = shell.pid; break;
        case '#': value = parameters.count; break;
        case '!':
                if (!shell.background)
                        return NULL;
                value = shell.background;
                break;
        case '-':
                snprintf(number, sizeof(number), "%s%s%s%s", shell.exit_on_error ? "e" : "",
                         shell.interactive ? "i" : "", shell.unset_is_error ? "u" : "",
                         shell.trace ? "x" : "");
                return number;
        }
        snprintf(number, sizeof(number), "%ld", value);
        return number;
}

void expand_parameter(struct expansion *e, const char *name, int quoted)
{
        const char *value;

        if (*name == '@' || *name == '*') {
                expand_parameters(e, *name, quoted);
                return;
        }
        value = value_of(name);
        if (!value && shell.unset_is_error) {
                complain("%s: parameter not set", name);
                e->failed = 1;
        }
        if (value)
                expand_value(e, value, quoted);
}

/* ${name#pattern} and its kin: the value without the shortest or longest match at one end. */
static char *without_match(const char *value, const char *pattern, int at_end, int longest)
{
        size_t length = strlen(value);
        char *copy = pool_string(shell.scratch, value, length);

        for (size_t i = 0; i <= length; i++) {
                size_t cut = longest ? length - i : i; /* characters to be taken away */

                if (at_end && pattern_match(pattern, copy + length - cut)) {
                        copy[length - cut] = 0;
                        return copy;
                }
                if (!at_end) {
                        char saved = copy[cut];
                        int matches;

                        copy[cut] = 0;
                        matches = pattern_match(pattern, copy);
                        copy[cut] = saved;
                        if (matches)
                                return copy + cut;
                }
        }
        return copy;
}

/* Put the word in as if it stood there itself; within "..." its own double quotes fall away. */
static void put_word(struct expansion *e, const char *word, int quoted)
{
        if (!quoted) {
                expand_text(e, word);
                return;
        }
        while (*word && !e->failed) {
                if (*word == '"')
                        word++;
                else
                        expand_quoted_char(e, &word);
        }
}

/* ${name-word} ${name=word} ${name?word} ${name+word}; set says whether the name counts as set. */
static void expand_default(struct expansion *e, const char *name, char op, const char *word,
                           int set, int quoted)
{
        const char *value;

        if (op == '+') {
                if (set)
                        put_word(e, word, quoted);
                return;
        }
        if (set) {
                expand_parameter(e, name, quoted);
                return;
        }
        switch (op) {
        case '-': put_word(e, word, quoted); break;
        case '=':
                value = expand_one(word);
                if (!is_name_start(*name)) {
                        complain("%s: cannot be assigned", name);
                        e->failed = 1;
                        break;
                }
                var_set(name, value);
                expand_value(e, value, quoted);
                break;
        case '?':
                complain("%s: %s", name, *word ? expand_one(word) : "parameter not set");
                e->failed = 1;
                break;
        }
}

static size_t name_length(const char *text)
{
        size_t n = 0;

        if (is_name_start(*text))
                while (is_name_char(text[n]))
                        n++;
        else if (*text >= '0' && *text <= '9')
                n = strspn(text, "0123456789");
        else if (*text && strchr("?$!#@*-", *text))
                n = 1;
        return n;
}

static int is_set(const char *name)
{
        if (*name == '@' || *name == '*')
                return parameters.count > 0;
        return value_of(name) != NULL;
}

static int is_null(const char *name)
{
        const char *value;

        if (*name == '@' || *name == '*')
                return parameters.count == 0;
        value = value_of(name);
        return !value || !*value;
}

static void expand_length(struct expansion *e, const char *name, int quoted)
{
        const char *value = *name == '@' || *name == '*' ? NULL : value_of(name);
        char number[24];

        snprintf(number, sizeof(number), "%zu",
                 *name == '@' || *name == '*' ? (size_t)parameters.count
                 : value                      ? strlen(value)
                                              : 0);
        expand_value(e, number, quoted);
}

static void expand_trimmed(struct expansion *e, const char *name, const char *rest, int quoted)
{
        int longest = rest[0] == rest[1];
        const char *value = value_of(name);
        char *pattern = expand_pattern(rest + 1 + longest);

        if (value)
                expand_value(e, without_match(value, pattern, *rest == '%', longest), quoted);
}

void expand_braces(struct expansion *e, const char *inside, int quoted)
{
        size_t length = name_length(inside);
        const char *rest;
        char *name;
        int colon;

        if (inside[0] == '#' && inside[1] && name_length(inside + 1) == strlen(inside + 1)) {
                expand_length(e, inside + 1, quoted);
                return;
        }
        name = pool_string(shell.scratch, inside, length);
        rest = inside + length;
        if (length > 0 && !*rest) {
                expand_parameter(e, name, quoted);
                return;
        }
        if (length > 0 && (*rest == '#' || *rest == '%')) {
                expand_trimmed(e, name, rest, quoted);
                return;
        }
        colon = *rest == ':';
        if (length == 0 || !rest[colon] || !strchr("-=?+", rest[colon])) {
                complain("${%s}: bad substitution", inside);
                e->failed = 1;
                return;
        }
        expand_default(e, name, rest[colon], rest + colon + 1,
                       colon ? !is_null(name) : is_set(name), quoted);
}

/* Behind a quoted part, or the next character. */
static const char *skip_part(const char *p)
{
        char close = *p;

        if (*p == '\\')
                return p[1] ? p + 2 : p + 1;
        if (*p == '$' && (p[1] == '(' || p[1] == '{'))
                return find_close(p + 1) + 1;
        if (*p != '\'' && *p != '"' && *p != '`')
                return p + 1;
        for (p++; *p && *p != close;)
                p = close == '\'' ? p + 1 : skip_part(p);
        return *p ? p + 1 : p;
}

/*
 * The lexer has found the end of all of this once already; here it is enough to go by brackets and
 * quotes, but for "case" inside "$(", whose patterns have a lone ")". So commands are parsed again.
 */
const char *find_close(const char *open)
{
        char close = *open == '(' ? ')' : '}';
        const char *p = open + 1;
        int depth = 1;

        if (*open == '(' && open[1] != '(')
                return open + substitution_length(open);
        while (*p) {
                if (close == ')' && *p == '(')
                        depth++;
                if (*p == close && --depth == 0)
                        return p;
                p = *p == close || *p == '(' ? p + 1 : skip_part(p);
        }
        return p;
}
