/* SPDX-License-Identifier: MIT */
/*
 * The grammar, by recursive descent, one function a rule. Every function begins at the first token
 * of its rule and ends with the current token behind it.
 *
 *   command   list up to the end of the line
 *   list      and_or, separated by ; & or newlines
 *   and_or    pipeline, joined by && and ||
 *   pipeline  [!] part, joined by |
 *   part      simple command, or a compound one with redirections, or a function
 */
#include "userland/sh/lex.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 200

static struct node *parse_list(struct parser *p, int to_line_end);
static struct node *parse_part(struct parser *p);

void parse_incomplete(struct parser *p)
{
        longjmp(p->failed, PARSE_INCOMPLETE);
}

void parse_unexpected(struct parser *p)
{
        if (p->token == TOKEN_END)
                parse_incomplete(p);
        complain("syntax error: unexpected %s%s%s", p->token == TOKEN_NEWLINE ? "" : "\"", p->word,
                 p->token == TOKEN_NEWLINE ? "" : "\"");
        longjmp(p->failed, PARSE_ERROR);
}

static struct node *new_node(struct parser *p, enum node_kind kind, struct node *a, struct node *b)
{
        struct node *node = pool_alloc(p->pool, sizeof(*node));

        node->kind = kind;
        node->a = a;
        node->b = b;
        return node;
}

static int at_word(const struct parser *p, const char *word)
{
        return p->token == TOKEN_WORD && strcmp(p->word, word) == 0;
}

static void expect_word(struct parser *p, const char *word)
{
        if (!at_word(p, word))
                parse_unexpected(p);
        lex_next(p);
}

static void skip_newlines(struct parser *p)
{
        while (p->token == TOKEN_NEWLINE)
                lex_next(p);
}

/* Words that end a list because they belong to the command around it. */
static int at_list_end(const struct parser *p)
{
        static const char *const words[] = {
                "then", "elif", "else", "fi", "do", "done", "esac", "}"
        };

        if (p->token == TOKEN_END || p->token == TOKEN_CLOSE || p->token == TOKEN_SEMICOLON2)
                return 1;
        for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (at_word(p, words[i]))
                        return 1;
        return 0;
}

static void add_word(struct parser *p, struct word ***end, const char *text)
{
        struct word *word = pool_alloc(p->pool, sizeof(*word));

        word->text = text;
        **end = word;
        *end = &word->next;
}

static int redirect_kind(enum token token, enum redirect_kind *kind, int *fd)
{
        switch (token) {
        case TOKEN_LESS: *kind = REDIRECT_READ; break;
        case TOKEN_LESS_AND: *kind = REDIRECT_DUP; break;
        case TOKEN_LESS2:
        case TOKEN_LESS2_DASH: *kind = REDIRECT_HERE; break;
        case TOKEN_LESS_GREATER: *kind = REDIRECT_READWRITE; break;
        case TOKEN_GREATER:
        case TOKEN_GREATER_PIPE: *kind = REDIRECT_WRITE; break;
        case TOKEN_GREATER2: *kind = REDIRECT_APPEND; break;
        case TOKEN_GREATER_AND: *kind = REDIRECT_DUP; break;
        default: return 0;
        }
        *fd = token >= TOKEN_GREATER;
        return 1;
}

/* Takes one redirection when there is one here: whether there was. */
static int parse_redirect(struct parser *p, struct redirect ***end)
{
        enum redirect_kind kind;
        struct redirect *redirect;
        enum token op;
        int fd, given = -1;

        if (p->token == TOKEN_NUMBER) {
                given = atoi(p->word);
                lex_next(p);
        }
        op = p->token;
        if (!redirect_kind(op, &kind, &fd))
                return 0;
        lex_next(p);
        if (p->token != TOKEN_WORD && p->token != TOKEN_NUMBER)
                parse_unexpected(p);
        redirect = pool_alloc(p->pool, sizeof(*redirect));
        redirect->kind = kind;
        redirect->fd = given >= 0 ? given : fd;
        redirect->target = p->word;
        if (kind == REDIRECT_HERE)
                lex_expect_here(p, redirect, p->word, op == TOKEN_LESS2_DASH);
        **end = redirect;
        *end = &redirect->next;
        lex_next(p);
        return 1;
}

static int is_assignment(const char *word)
{
        if (!is_name_start(*word))
                return 0;
        while (is_name_char(*word))
                word++;
        return *word == '=';
}

static int is_plain_name(const char *word)
{
        return is_name_start(*word) &&
               word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == 0;
}

/* name() part, with the current token the "(". */
static struct node *parse_function(struct parser *p, const char *name)
{
        struct node *node = new_node(p, NODE_FUNCTION, NULL, NULL);

        if (!is_plain_name(name))
                parse_unexpected(p);
        lex_next(p);
        if (p->token != TOKEN_CLOSE)
                parse_unexpected(p);
        lex_next(p);
        skip_newlines(p);
        node->name = name;
        node->a = parse_part(p);
        return node;
}

static struct node *parse_simple(struct parser *p)
{
        struct node *node = new_node(p, NODE_SIMPLE, NULL, NULL);
        struct word **assignments = &node->assignments, **words = &node->words;
        struct redirect **redirects = &node->redirects;

        for (;;) {
                if (parse_redirect(p, &redirects))
                        continue;
                if (p->token != TOKEN_WORD)
                        break;
                if (!node->words && is_assignment(p->word)) {
                        add_word(p, &assignments, p->word);
                        lex_next(p);
                        continue;
                }
                add_word(p, &words, p->word);
                lex_next(p);
                if (p->token == TOKEN_OPEN && node->words->next == NULL && !node->assignments &&
                    !node->redirects)
                        return parse_function(p, node->words->text);
        }
        if (!node->words && !node->assignments && !node->redirects)
                parse_unexpected(p);
        return node;
}

/* A list that may not be empty. */
static struct node *parse_body(struct parser *p)
{
        struct node *body = parse_list(p, 0);

        if (!body)
                parse_unexpected(p);
        return body;
}

/* Behind "if" or "elif". */
static struct node *parse_if(struct parser *p)
{
        struct node *node = new_node(p, NODE_IF, parse_body(p), NULL);

        expect_word(p, "then");
        node->b = parse_body(p);
        if (at_word(p, "elif")) {
                lex_next(p);
                node->c = parse_if(p);
                return node;
        }
        if (at_word(p, "else")) {
                lex_next(p);
                node->c = parse_body(p);
        }
        expect_word(p, "fi");
        return node;
}

static struct node *parse_loop_body(struct parser *p)
{
        struct node *body;

        expect_word(p, "do");
        body = parse_body(p);
        expect_word(p, "done");
        return body;
}

static struct node *parse_while(struct parser *p, enum node_kind kind)
{
        struct node *node = new_node(p, kind, parse_body(p), NULL);

        node->b = parse_loop_body(p);
        return node;
}

static struct node *parse_for(struct parser *p)
{
        struct node *node = new_node(p, NODE_FOR, NULL, NULL);
        struct word **end = &node->words;

        if (p->token != TOKEN_WORD || !is_plain_name(p->word))
                parse_unexpected(p);
        node->name = p->word;
        lex_next(p);
        skip_newlines(p);
        if (at_word(p, "in")) {
                for (lex_next(p); p->token == TOKEN_WORD; lex_next(p))
                        add_word(p, &end, p->word);
                if (p->token != TOKEN_SEMICOLON && p->token != TOKEN_NEWLINE)
                        parse_unexpected(p);
                lex_next(p);
        } else {
                node->every_argument = 1;
                if (p->token == TOKEN_SEMICOLON)
                        lex_next(p);
        }
        skip_newlines(p);
        node->a = parse_loop_body(p);
        return node;
}

static struct case_item *parse_case_item(struct parser *p)
{
        struct case_item *item = pool_alloc(p->pool, sizeof(*item));
        struct word **end = &item->patterns;

        if (p->token == TOKEN_OPEN)
                lex_next(p);
        for (;;) {
                if (p->token != TOKEN_WORD)
                        parse_unexpected(p);
                add_word(p, &end, p->word);
                lex_next(p);
                if (p->token != TOKEN_PIPE)
                        break;
                lex_next(p);
        }
        if (p->token != TOKEN_CLOSE)
                parse_unexpected(p);
        lex_next(p);
        item->body = parse_list(p, 0);
        if (p->token == TOKEN_SEMICOLON2)
                lex_next(p);
        else if (!at_word(p, "esac"))
                parse_unexpected(p);
        skip_newlines(p);
        return item;
}

static struct node *parse_case(struct parser *p)
{
        struct node *node = new_node(p, NODE_CASE, NULL, NULL);
        struct case_item **end = &node->items;

        if (p->token != TOKEN_WORD)
                parse_unexpected(p);
        node->name = p->word;
        lex_next(p);
        skip_newlines(p);
        expect_word(p, "in");
        skip_newlines(p);
        while (!at_word(p, "esac")) {
                *end = parse_case_item(p);
                end = &(*end)->next;
        }
        lex_next(p);
        return node;
}

/* A compound command without its redirections, or NULL when there is none here. */
static struct node *parse_compound(struct parser *p)
{
        struct node *node;

        if (p->token == TOKEN_OPEN) {
                lex_next(p);
                node = new_node(p, NODE_SUBSHELL, parse_body(p), NULL);
                if (p->token != TOKEN_CLOSE)
                        parse_unexpected(p);
                lex_next(p);
                return node;
        }
        if (at_word(p, "{")) {
                lex_next(p);
                node = new_node(p, NODE_GROUP, parse_body(p), NULL);
                expect_word(p, "}");
                return node;
        }
        if (at_word(p, "if"))
                return lex_next(p), parse_if(p);
        if (at_word(p, "while"))
                return lex_next(p), parse_while(p, NODE_WHILE);
        if (at_word(p, "until"))
                return lex_next(p), parse_while(p, NODE_UNTIL);
        if (at_word(p, "for"))
                return lex_next(p), parse_for(p);
        if (at_word(p, "case"))
                return lex_next(p), parse_case(p);
        return NULL;
}

static struct node *parse_part(struct parser *p)
{
        struct redirect **redirects;
        struct node *node;

        if (++p->depth > DEPTH_MAX) {
                complain("syntax error: nested too deeply");
                longjmp(p->failed, PARSE_ERROR);
        }
        if (at_list_end(p))
                parse_unexpected(p);
        node = parse_compound(p);
        if (node) {
                redirects = &node->redirects;
                while (parse_redirect(p, &redirects))
                        ;
                if (p->token == TOKEN_WORD && !at_list_end(p))
                        parse_unexpected(p);
        } else {
                node = parse_simple(p);
        }
        p->depth--;
        return node;
}

static struct node *parse_pipeline(struct parser *p)
{
        struct node *first, *last;
        int negated = 0;

        while (at_word(p, "!")) {
                negated = !negated;
                lex_next(p);
        }
        first = last = parse_part(p);
        while (p->token == TOKEN_PIPE) {
                lex_next(p);
                skip_newlines(p);
                last->next = parse_part(p);
                last = last->next;
        }
        if (first != last)
                first = new_node(p, NODE_PIPE, first, NULL);
        return negated ? new_node(p, NODE_NOT, first, NULL) : first;
}

static struct node *parse_and_or(struct parser *p)
{
        struct node *left = parse_pipeline(p);

        while (p->token == TOKEN_AND2 || p->token == TOKEN_PIPE2) {
                enum node_kind kind = p->token == TOKEN_AND2 ? NODE_AND : NODE_OR;

                lex_next(p);
                skip_newlines(p);
                left = new_node(p, kind, left, parse_pipeline(p));
        }
        return left;
}

/* NULL when it is empty. With to_line_end a newline ends it, and stays the current token. */
static struct node *parse_list(struct parser *p, int to_line_end)
{
        struct node *list = NULL;

        for (;;) {
                struct node *node;

                if (!to_line_end)
                        skip_newlines(p);
                if (p->token == TOKEN_NEWLINE || at_list_end(p))
                        return list;
                node = parse_and_or(p);
                if (p->token == TOKEN_AND)
                        node = new_node(p, NODE_BACKGROUND, node, NULL);
                list = list ? new_node(p, NODE_SEQUENCE, list, node) : node;
                if (p->token == TOKEN_AND || p->token == TOKEN_SEMICOLON)
                        lex_next(p);
                else if (p->token != TOKEN_NEWLINE)
                        return list;
        }
}

void parse_substitution(struct parser *p)
{
        struct parser inner;

        memset(&inner, 0, sizeof(inner));
        inner.text = p->text;
        inner.position = p->position;
        inner.pool = p->pool;
        inner.depth = p->depth;
        switch (setjmp(inner.failed)) {
        case 0: break;
        case PARSE_INCOMPLETE: longjmp(p->failed, PARSE_INCOMPLETE);
        default: longjmp(p->failed, PARSE_ERROR);
        }
        if (inner.depth > DEPTH_MAX)
                parse_unexpected(&inner);
        inner.depth++;
        lex_next(&inner);
        parse_list(&inner, 0);
        if (inner.token != TOKEN_CLOSE)
                parse_unexpected(&inner);
        p->position = inner.position;
}

size_t substitution_length(const char *open)
{
        struct parser p;

        memset(&p, 0, sizeof(p));
        p.text = open;
        p.position = 1;
        p.pool = pool_new();
        if (setjmp(p.failed) == 0)
                parse_substitution(&p);
        else
                p.position = strlen(open) + 1;
        pool_free(p.pool);
        return p.position - 1;
}

enum parse_result parse_command(const char *text, size_t *position, struct pool *pool,
                                struct node **out)
{
        struct parser p;
        int failed;

        memset(&p, 0, sizeof(p));
        p.text = text;
        p.position = *position;
        p.pool = pool;
        *out = NULL;
        failed = setjmp(p.failed);
        if (failed == PARSE_INCOMPLETE)
                return PARSE_INCOMPLETE;
        if (failed) {
                *position += strcspn(text + *position, "\n");
                *position += text[*position] == '\n';
                return PARSE_ERROR;
        }
        lex_next(&p);
        if (p.token == TOKEN_END)
                return PARSE_END;
        *out = parse_list(&p, 1);
        if (p.token != TOKEN_NEWLINE && p.token != TOKEN_END)
                parse_unexpected(&p);
        *position = p.position;
        return PARSE_COMMAND;
}
