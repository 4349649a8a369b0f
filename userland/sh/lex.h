/* SPDX-License-Identifier: MIT */
/*
 * Between lexer and parser: the current token, and how both give up. Whoever meets the end of the
 * text inside something, or a mistake, jumps to `failed` with the result for parse_command.
 */
#ifndef USERLAND_SH_LEX_H
#define USERLAND_SH_LEX_H

#include <setjmp.h>

#include "userland/sh/sh.h"

enum token {
        TOKEN_END,
        TOKEN_NEWLINE,
        TOKEN_WORD,
        TOKEN_NUMBER, /* digits directly before < or > */
        TOKEN_SEMICOLON,
        TOKEN_SEMICOLON2,
        TOKEN_AND,
        TOKEN_AND2,
        TOKEN_PIPE,
        TOKEN_PIPE2,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_LESS,
        TOKEN_LESS2,
        TOKEN_LESS2_DASH,
        TOKEN_LESS_AND,
        TOKEN_LESS_GREATER,
        TOKEN_GREATER,
        TOKEN_GREATER2,
        TOKEN_GREATER_AND,
        TOKEN_GREATER_PIPE,
};

/* A here-document whose text begins on the line after this one. */
struct pending_here {
        struct pending_here *next;
        struct redirect *redirect;
        const char *delimiter; /* without quotes */
        int strip_tabs;
};

struct parser {
        const char *text;
        size_t position; /* behind the current token */
        struct pool *pool;
        enum token token;
        const char *word; /* WORD, NUMBER: its text; otherwise the operator's */
        struct pending_here *pending;
        int depth;
        jmp_buf failed;
};

/* Moves to the next token. The texts of here-documents are read as their line ends. */
void lex_next(struct parser *p);

/* A here-document to be read. */
void lex_expect_here(struct parser *p, struct redirect *redirect, const char *word, int strip_tabs);

/* Parses commands up to the ")" of a "$(", which is consumed; leaves the current token alone. */
void parse_substitution(struct parser *p);

void parse_incomplete(struct parser *p) __attribute__((noreturn));
void parse_unexpected(struct parser *p) __attribute__((noreturn));

#endif
