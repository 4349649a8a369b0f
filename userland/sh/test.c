/* SPDX-License-Identifier: MIT */
/*
 * test and [: files, strings and numbers. Expressions of up to four words have one meaning only, by
 * their number; longer ones are read with ! before -a before -o.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/sh/sh.h"

struct words {
        char **at;
        int left;
        int failed;
};

static int either(struct words *w);

static int file_test(char op, const char *path)
{
        struct stat info;

        switch (op) {
        case 'h':
        case 'L': return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
        case 'r': return access(path, R_OK) == 0;
        case 'w': return access(path, W_OK) == 0;
        case 'x': return access(path, X_OK) == 0;
        }
        if (stat(path, &info) != 0)
                return 0;
        switch (op) {
        case 'd': return S_ISDIR(info.st_mode);
        case 'f': return S_ISREG(info.st_mode);
        case 'p': return S_ISFIFO(info.st_mode);
        case 'c': return S_ISCHR(info.st_mode);
        case 'b': return S_ISBLK(info.st_mode);
        case 'S': return S_ISSOCK(info.st_mode);
        case 's': return info.st_size > 0;
        default: return 1; /* -e */
        }
}

static long number(struct words *w, const char *text)
{
        char *end;
        long value = strtol(text, &end, 10);

        if (end == text || end[strspn(end, " \t\n")] != 0) {
                if (!w->failed)
                        complain("test: %s: not a number", text);
                w->failed = 1;
        }
        return value;
}

static int is_binary(const char *op)
{
        static const char *const ops[] = {
                "=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"
        };

        for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
                if (strcmp(op, ops[i]) == 0)
                        return 1;
        return 0;
}

static int is_unary(const char *op)
{
        return op[0] == '-' && op[1] && !op[2] && strchr("bcdefhLnprsStwxz", op[1]);
}

static int binary(struct words *w, const char *left, const char *op, const char *right)
{
        long a, b;

        if (op[0] == '=')
                return strcmp(left, right) == 0;
        if (op[0] == '!')
                return strcmp(left, right) != 0;
        a = number(w, left);
        b = number(w, right);
        switch (op[1] << 8 | op[2]) {
        case 'e' << 8 | 'q': return a == b;
        case 'n' << 8 | 'e': return a != b;
        case 'l' << 8 | 't': return a < b;
        case 'l' << 8 | 'e': return a <= b;
        case 'g' << 8 | 't': return a > b;
        default: return a >= b;
        }
}

static int unary(struct words *w, const char *op, const char *word)
{
        switch (op[1]) {
        case 'n': return *word != 0;
        case 'z': return *word == 0;
        case 't': return isatty((int)number(w, word));
        default: return file_test(op[1], word);
        }
}

static void take(struct words *w, int count)
{
        w->at += count;
        w->left -= count;
}

static int one(struct words *w)
{
        char **at = w->at;

        if (w->left >= 3 && is_binary(at[1])) {
                take(w, 3);
                return binary(w, at[0], at[1], at[2]);
        }
        if (w->left >= 2 && strcmp(at[0], "!") == 0) {
                take(w, 1);
                return !one(w);
        }
        if (w->left >= 3 && strcmp(at[0], "(") == 0) {
                int value;

                take(w, 1);
                value = either(w);
                if (w->left < 1 || strcmp(w->at[0], ")") != 0) {
                        w->failed = 1;
                        return 0;
                }
                take(w, 1);
                return value;
        }
        if (w->left >= 2 && is_unary(at[0])) {
                take(w, 2);
                return unary(w, at[0], at[1]);
        }
        if (w->left < 1) {
                w->failed = 1;
                return 0;
        }
        take(w, 1);
        return *at[0] != 0;
}

static int both(struct words *w)
{
        int value = one(w);

        while (w->left > 1 && strcmp(w->at[0], "-a") == 0) {
                int right;

                take(w, 1);
                right = one(w);
                value = value && right;
        }
        return value;
}

static int either(struct words *w)
{
        int value = both(w);

        while (w->left > 1 && strcmp(w->at[0], "-o") == 0) {
                int right;

                take(w, 1);
                right = both(w);
                value = value || right;
        }
        return value;
}

int builtin_test(int argc, char **argv)
{
        struct words w = { argv + 1, argc - 1, 0 };
        int value;

        if (strcmp(argv[0], "[") == 0) {
                if (argc < 2 || strcmp(argv[argc - 1], "]") != 0) {
                        complain("[: ] is missing");
                        return 2;
                }
                w.left--;
        }
        if (w.left == 0)
                return 1;
        if (w.left == 1)
                return *w.at[0] == 0;
        value = either(&w);
        if (w.left > 0 && !w.failed) {
                complain("test: %s: unexpected", w.at[0]);
                w.failed = 1;
        }
        return w.failed ? 2 : !value;
}
