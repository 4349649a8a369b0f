/* SPDX-License-Identifier: MIT */
/*
 * $((...)): the integer operators of C with their precedence, variables by name, assignment.
 */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "userland/sh/sh.h"

struct sum {
        const char *p;
        const char *text;
        int failed;
        int skipping; /* > 0: the value is not wanted, as behind 0 && */
};

static long expression(struct sum *s);

static void fail(struct sum *s, const char *why)
{
        if (!s->failed)
                complain("arithmetic: %s in \"%s\"", why, s->text);
        s->failed = 1;
        s->p += strlen(s->p);
}

static int take(struct sum *s, const char *op)
{
        size_t length = strlen(op);

        s->p += strspn(s->p, " \t\n");
        if (strncmp(s->p, op, length) != 0)
                return 0;
        s->p += length;
        return 1;
}

/* The value of a variable, which may be an expression in itself. */
static long variable_value(struct sum *s, const char *name)
{
        const char *value = var_get(name);
        char *end;
        long number;

        if (!value || !*value)
                return 0;
        number = strtol(value, &end, 0);
        if (*end)
                fail(s, "a variable that is no number");
        return number;
}

/* The two characters of an operator followed by =, or the character itself; 0 when there is none.
 */
static int assignment_operator(const char *p, size_t *length)
{
        static const char *const ops[] = { "<<=", ">>=", "+=", "-=", "*=",
                                           "/=",  "%=",  "&=", "|=", "^=" };

        if (p[0] == '=' && p[1] != '=') {
                *length = 1;
                return '=';
        }
        for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
                if (strncmp(p, ops[i], strlen(ops[i])) == 0) {
                        *length = strlen(ops[i]);
                        return ops[i][0];
                }
        }
        return 0;
}

static long divide(struct sum *s, long a, long b, int remainder)
{
        if (s->skipping)
                return 0;
        if (b == 0) {
                fail(s, "division by zero");
                return 0;
        }
        if (b == -1)
                return remainder ? 0 : (long)(0UL - (unsigned long)a);
        return remainder ? a % b : a / b;
}

static long apply(struct sum *s, int op, long a, long b)
{
        unsigned long x = (unsigned long)a, y = (unsigned long)b;

        switch (op) {
        case '+': return (long)(x + y);
        case '-': return (long)(x - y);
        case '*': return (long)(x * y);
        case '/': return divide(s, a, b, 0);
        case '%': return divide(s, a, b, 1);
        case '<': return (long)(x << (y & 63));
        case '>': return a >> (y & 63);
        case '&': return a & b;
        case '|': return a | b;
        case '^': return a ^ b;
        default: return b;
        }
}

static long name_or_assignment(struct sum *s)
{
        const char *start = s->p;
        char name[64], number[24];
        size_t length;
        long value;
        int op;

        while (is_name_char(*s->p))
                s->p++;
        snprintf(name, sizeof(name), "%.*s", (int)(s->p - start), start);
        s->p += strspn(s->p, " \t\n");
        op = assignment_operator(s->p, &length);
        if (!op)
                return variable_value(s, name);
        s->p += length;
        value = expression(s);
        value = apply(s, op, op == '=' ? 0 : variable_value(s, name), value);
        if (!s->failed && !s->skipping) {
                snprintf(number, sizeof(number), "%ld", value);
                var_set(name, number);
        }
        return value;
}

static long primary(struct sum *s)
{
        char *end;
        long value;

        s->p += strspn(s->p, " \t\n");
        if (take(s, "(")) {
                value = expression(s);
                if (!take(s, ")"))
                        fail(s, "no )");
                return value;
        }
        if (take(s, "-"))
                return (long)(0UL - (unsigned long)primary(s));
        if (take(s, "+"))
                return primary(s);
        if (take(s, "~"))
                return ~primary(s);
        if (s->p[0] == '!' && s->p[1] != '=') {
                s->p++;
                return !primary(s);
        }
        if (is_name_start(*s->p))
                return name_or_assignment(s);
        value = strtol(s->p, &end, 0);
        if (end == s->p)
                fail(s, "a number is missing");
        s->p = end > s->p ? end : s->p;
        return value;
}

/* Binary operators from the loosest to the tightest; those of one level are evaluated in order. */
static const char *const levels[][5] = {
        { "|" },        { "^" },      { "&" },           { "==", "!=" }, { "<=", ">=", "<", ">" },
        { "<<", ">>" }, { "+", "-" }, { "*", "/", "%" },
};
#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/* The operator of this level that stands here, not the beginning of a longer one. */
static const char *operator_here(struct sum *s, unsigned level)
{
        s->p += strspn(s->p, " \t\n");
        for (unsigned i = 0; i < 5 && levels[level][i]; i++) {
                const char *op = levels[level][i];
                size_t length = strlen(op);
                char behind;

                if (strncmp(s->p, op, length) != 0)
                        continue;
                behind = s->p[length];
                if (length == 1 && behind && (behind == *op || behind == '=') &&
                    strchr("|&<>", *op))
                        continue;
                s->p += length;
                return op;
        }
        return NULL;
}

static long compare(const char *op, long a, long b)
{
        switch (op[0]) {
        case '=': return a == b;
        case '!': return a != b;
        case '<': return op[1] ? a <= b : a < b;
        default: return op[1] ? a >= b : a > b;
        }
}

static long binary(struct sum *s, unsigned level)
{
        const char *op;
        long value;

        if (level == LEVELS)
                return primary(s);
        value = binary(s, level + 1);
        while (!s->failed && (op = operator_here(s, level))) {
                long right = binary(s, level + 1);

                if (op[0] == '=' || op[0] == '!' || (level == 4))
                        value = compare(op, value, right);
                else
                        value = apply(s, op[0], value, right);
        }
        return value;
}

static long logical_and(struct sum *s)
{
        long value = binary(s, 0);

        while (!s->failed && take(s, "&&")) {
                long right;

                s->skipping += !value;
                right = binary(s, 0);
                s->skipping -= !value;
                value = value && right;
        }
        return value;
}

static long logical_or(struct sum *s)
{
        long value = logical_and(s);

        while (!s->failed && take(s, "||")) {
                long right;

                s->skipping += !!value;
                right = logical_and(s);
                s->skipping -= !!value;
                value = value || right;
        }
        return value;
}

static long expression(struct sum *s)
{
        long condition = logical_or(s), yes, no;

        if (s->failed || !take(s, "?"))
                return condition;
        s->skipping += !condition;
        yes = expression(s);
        s->skipping -= !condition;
        if (!take(s, ":"))
                fail(s, "no :");
        s->skipping += !!condition;
        no = expression(s);
        s->skipping -= !!condition;
        return condition ? yes : no;
}

int arith_value(const char *text, long *value)
{
        struct sum s = { text, text, 0, 0 };

        *value = 0;
        if (text[strspn(text, " \t\n")] == 0)
                return 0;
        *value = expression(&s);
        s.p += strspn(s.p, " \t\n");
        if (*s.p && !s.failed)
                fail(&s, "something is left");
        return s.failed ? -1 : 0;
}
