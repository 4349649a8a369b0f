/* SPDX-License-Identifier: MIT */
/*
 * Between the parts of expansion: expand.c makes fields, parameter.c says what $name and ${name...}
 * put into them.
 */
#ifndef USERLAND_SH_EXPAND_H
#define USERLAND_SH_EXPAND_H

#include "userland/sh/sh.h"

struct field {
        struct field *next;
        char *text;
};

struct expansion {
        struct field *fields, **end; /* those that are done, in the scratch pool */
        int count;
        struct string text;   /* the field that is being made */
        struct string quoted; /* as long: q where the character was quoted */
        int started;          /* there is such a field, even if it is empty */
        int after_blank;      /* a blank ended the last one, and nothing came since */
        int split;            /* make several fields, and match file names */
        int failed;
};

/* Puts a value in, split when it was not quoted. */
void expand_value(struct expansion *e, const char *value, int quoted);
/* $@ or $*. */
void expand_parameters(struct expansion *e, char which, int quoted);
/* A word as it was written, into the expansion. */
void expand_text(struct expansion *e, const char *text);
/* One character of text inside double quotes, or the substitution that begins there. */
void expand_quoted_char(struct expansion *e, const char **p);
/* All of the text as if inside double quotes. */
char *expand_one_quoted(const char *text);

/* $name, or ${...} with what is between the braces. */
void expand_parameter(struct expansion *e, const char *name, int quoted);
void expand_braces(struct expansion *e, const char *inside, int quoted);

/* At a "(" or "{" behind a $: where it is closed. */
const char *find_close(const char *open);

#endif
