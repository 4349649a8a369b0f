/* SPDX-License-Identifier: MIT */
/*
 * Tokens. A word ends at a blank or an operator that is not quoted; what is in quotes, in ${...},
 * in
 * $(...) or in backquotes belongs to it whole, and stays as it was written until it is expanded.
 */
#include "userland/sh/lex.h"

#include <ctype.h>
#include <string.h>

int is_name_start(char c)
{
        return c == '_' || isalpha((unsigned char)c);
}

int is_name_char(char c)
{
        return c == '_' || isalnum((unsigned char)c);
}

static void skip_quoted_part(struct parser *p);

/* From behind the opening ' to behind the closing one. */
static void skip_single(struct parser *p)
{
        const char *end = strchr(p->text + p->position, '\'');

        if (!end)
                parse_incomplete(p);
        p->position = (size_t)(end - p->text) + 1;
}

/* From behind an opening " ` or {, to behind what closes it. */
static void skip_until(struct parser *p, char close)
{
        for (;;) {
                char c = p->text[p->position];

                if (c == 0)
                        parse_incomplete(p);
                if (c == close) {
                        p->position++;
                        return;
                }
                if (c == '\\' || c == '$' || (c == '`' && close != '`') ||
                    (close == '}' && (c == '"' || c == '\'')))
                        skip_quoted_part(p);
                else
                        p->position++;
        }
}

/* From behind "$((" to behind "))". */
static void skip_sum(struct parser *p)
{
        int depth = 2;

        while (depth > 0) {
                char c = p->text[p->position];

                if (c == 0)
                        parse_incomplete(p);
                if (c == '$' || c == '`' || c == '\\') {
                        skip_quoted_part(p);
                        continue;
                }
                depth += (c == '(') - (c == ')');
                p->position++;
        }
}

/* From the $ to behind what it begins. */
static void skip_dollar(struct parser *p)
{
        const char *at = p->text + p->position;

        p->position += 2;
        if (at[1] == '{')
                skip_until(p, '}');
        else if (at[1] == '(' && at[2] == '(') {
                p->position++;
                skip_sum(p);
        } else if (at[1] == '(')
                parse_substitution(p);
        else
                p->position--;
}

/* At a character that quotes or substitutes: moves behind all of it. */
static void skip_quoted_part(struct parser *p)
{
        switch (p->text[p->position]) {
        case '\\':
                if (p->text[p->position + 1] == 0)
                        parse_incomplete(p);
                p->position += 2;
                if (p->text[p->position - 1] == '\n' && p->text[p->position] == 0)
                        parse_incomplete(p);
                break;
        case '\'':
                p->position++;
                skip_single(p);
                break;
        case '"':
                p->position++;
                skip_until(p, '"');
                break;
        case '`':
                p->position++;
                skip_until(p, '`');
                break;
        case '$': skip_dollar(p); break;
        }
}

static int ends_word(char c)
{
        return c == 0 || strchr(" \t\n;&|()<>", c) != NULL;
}

static void lex_word(struct parser *p)
{
        size_t start = p->position;
        char c;

        while (!ends_word(c = p->text[p->position])) {
                if (strchr("\\'\"`$", c))
                        skip_quoted_part(p);
                else
                        p->position++;
        }
        p->word = pool_string(p->pool, p->text + start, p->position - start);
        p->token = TOKEN_WORD;
        if ((c == '<' || c == '>') && strspn(p->word, "0123456789") == strlen(p->word))
                p->token = TOKEN_NUMBER;
}

static const struct operator_text {
        char text[4];
        enum token token;
} operators[] = {
        /* longer ones before those they begin with */
        { "<<-", TOKEN_LESS2_DASH },  { "<<", TOKEN_LESS2 },        { "<&", TOKEN_LESS_AND },
        { "<>", TOKEN_LESS_GREATER }, { "<", TOKEN_LESS },          { ">>", TOKEN_GREATER2 },
        { ">&", TOKEN_GREATER_AND },  { ">|", TOKEN_GREATER_PIPE }, { ">", TOKEN_GREATER },
        { "&&", TOKEN_AND2 },         { "&", TOKEN_AND },           { "||", TOKEN_PIPE2 },
        { "|", TOKEN_PIPE },          { ";;", TOKEN_SEMICOLON2 },   { ";", TOKEN_SEMICOLON },
        { "(", TOKEN_OPEN },          { ")", TOKEN_CLOSE },
};

static void lex_operator(struct parser *p)
{
        for (unsigned i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
                size_t length = strlen(operators[i].text);

                if (strncmp(p->text + p->position, operators[i].text, length) == 0) {
                        p->position += length;
                        p->token = operators[i].token;
                        p->word = operators[i].text;
                        return;
                }
        }
}

/* One line of the here-document, or -1 at its delimiter. */
static int here_line(struct parser *p, const struct pending_here *here, struct string *body)
{
        const char *line = p->text + p->position;
        const char *end = strchr(line, '\n');
        size_t length;

        if (!end && *line == 0)
                parse_incomplete(p);
        length = end ? (size_t)(end - line) : strlen(line);
        p->position += length + (end ? 1 : 0);
        while (here->strip_tabs && length > 0 && *line == '\t') {
                line++;
                length--;
        }
        if (length == strlen(here->delimiter) && strncmp(line, here->delimiter, length) == 0)
                return -1;
        string_append(body, line, length);
        string_add(body, '\n');
        return 0;
}

static void read_pending(struct parser *p)
{
        while (p->pending) {
                struct pending_here *here = p->pending;
                struct string body = { NULL, 0, 0 };

                while (here_line(p, here, &body) == 0)
                        ;
                here->redirect->target =
                        pool_string(p->pool, body.text ? body.text : "", body.length);
                string_free(&body);
                p->pending = here->next;
        }
}

void lex_expect_here(struct parser *p, struct redirect *redirect, const char *word, int strip_tabs)
{
        struct pending_here *here = pool_alloc(p->pool, sizeof(*here));
        struct pending_here **end = &p->pending;
        char *plain = pool_alloc(p->pool, strlen(word) + 1);

        redirect->literal = strpbrk(word, "'\"\\") != NULL;
        here->delimiter = plain;
        for (; *word; word++)
                if (!strchr("'\"\\", *word))
                        *plain++ = *word;
        here->redirect = redirect;
        here->strip_tabs = strip_tabs;
        while (*end)
                end = &(*end)->next;
        *end = here;
}

static void skip_blanks(struct parser *p)
{
        for (;;) {
                const char *at = p->text + p->position;

                if (*at == ' ' || *at == '\t' || *at == '\r')
                        p->position++;
                else if (at[0] == '\\' && at[1] == '\n')
                        p->position += 2;
                else if (*at == '#')
                        p->position += strcspn(at, "\n");
                else
                        return;
        }
}

void lex_next(struct parser *p)
{
        char c;

        skip_blanks(p);
        c = p->text[p->position];
        if (c == 0) {
                if (p->pending)
                        parse_incomplete(p);
                p->token = TOKEN_END;
                p->word = "end of input";
        } else if (c == '\n') {
                p->position++;
                p->token = TOKEN_NEWLINE;
                p->word = "newline";
                read_pending(p);
        } else if (ends_word(c)) {
                lex_operator(p);
        } else {
                lex_word(p);
        }
}
