/* SPDX-License-Identifier: MIT */
/*
 * The shell, from a line of text to a process:
 *
 *   input.c  text, a line at a time (edit.c: from a terminal, with editing and history)
 *   lex.c    words and operators; a word keeps its quotes
 *   parse.c  a tree of nodes for one complete command
 *   expand.c words to fields: parameters, $(command), $((sum)), splitting, quotes   (pattern.c: * ?
 * []) exec.c   runs a tree: pipelines, lists, loops, functions                        (redirect.c:
 * < > 2>&1) builtin.c, test.c, printf.c   commands that are part of the shell vars.c   variables,
 * positional parameters, environment pool.c   memory that is given back all at once
 *
 * It follows the POSIX shell as far as it goes. Left out: job control, aliases, traps other than
 * EXIT.
 */
#ifndef USERLAND_SH_SH_H
#define USERLAND_SH_SH_H

#include <stddef.h>

/* ---------------------------------------------------------------- pool.c */

/* A stack of memory: what is allocated after a mark is released together. Never returns NULL. */
struct pool;
struct pool *pool_new(void);
void pool_free(struct pool *pool);
void *pool_alloc(struct pool *pool, size_t size); /* zeroed */
char *pool_string(struct pool *pool, const char *text, size_t length);

struct pool_mark {
        struct chunk *chunk;
        size_t used;
};
struct pool_mark pool_mark(struct pool *pool);
void pool_release(struct pool *pool, struct pool_mark mark);

/* A string that grows; `text` is NUL-terminated and malloc'ed, or NULL while it is empty. */
struct string {
        char *text;
        size_t length, room;
};
void string_add(struct string *s, char c);
void string_append(struct string *s, const char *text, size_t length);
void string_free(struct string *s);

/* malloc and its kin that end the shell when there is no memory. */
void *must_alloc(size_t size);
void *must_realloc(void *old, size_t size);
char *must_copy(const char *text);

/* ---------------------------------------------------------------- the tree */

/* A word as it was written, quotes and all. */
struct word {
        struct word *next;
        const char *text;
};

enum redirect_kind {
        REDIRECT_READ,      /* < file */
        REDIRECT_WRITE,     /* > file, >| file */
        REDIRECT_APPEND,    /* >> file */
        REDIRECT_READWRITE, /* <> file */
        REDIRECT_DUP,       /* <&n, >&n, n is - to close */
        REDIRECT_HERE,      /* << word: `target` is the text itself */
};

struct redirect {
        struct redirect *next;
        enum redirect_kind kind;
        int fd;
        int literal; /* HERE: the delimiter was quoted, so nothing in the text is expanded */
        const char *target;
};

enum node_kind {
        NODE_SIMPLE,     /* words: NAME=value..., command, arguments */
        NODE_PIPE,       /* list, joined by | */
        NODE_NOT,        /* ! a */
        NODE_AND,        /* a && b */
        NODE_OR,         /* a || b */
        NODE_SEQUENCE,   /* a ; b */
        NODE_BACKGROUND, /* a & */
        NODE_SUBSHELL,   /* ( a ) */
        NODE_GROUP,      /* { a; } */
        NODE_IF,         /* if a; then b; else c; fi */
        NODE_WHILE,      /* while a; do b; done */
        NODE_UNTIL,      /* until a; do b; done */
        NODE_FOR,        /* for name in words; do a; done */
        NODE_CASE,       /* case name in items; esac */
        NODE_FUNCTION,   /* name() a */
};

struct case_item {
        struct case_item *next;
        struct word *patterns;
        struct node *body; /* may be NULL */
};

struct node {
        enum node_kind kind;
        struct node *next; /* in a pipeline */
        struct node *a, *b, *c;
        const char *name;
        struct word *assignments, *words;
        int every_argument; /* FOR without `in` */
        struct case_item *items;
        struct redirect *redirects;
};

/* ---------------------------------------------------------------- parse.c, lex.c */

enum parse_result {
        PARSE_COMMAND,    /* *out is a command, or NULL for an empty line */
        PARSE_END,        /* there is no more text */
        PARSE_INCOMPLETE, /* the text ends inside a command */
        PARSE_ERROR,      /* and a message was printed */
};

/*
 * Takes one complete command off the text at *position, which moves past it (past the line when
 * there is an error). The tree lies in the pool.
 */
enum parse_result parse_command(const char *text, size_t *position, struct pool *pool,
                                struct node **out);

/* At the "(" of a "$(" that is known to be complete: how far behind it its ")" is. */
size_t substitution_length(const char *open);

int is_name_start(char c);
int is_name_char(char c);

/* ---------------------------------------------------------------- vars.c */

const char *var_get(const char *name);             /* NULL when unset */
void var_set(const char *name, const char *value); /* exported ones stay exported */
int var_assign(const char *assignment);            /* NAME=value; -1 when it is none */
int var_unset(const char *name);
void var_export(const char *name);
void vars_import(char **environment);
void vars_print(int exported_only);
char **vars_environment(struct pool *pool);

/* $1 and on; the strings are copied. */
struct parameters {
        int count;
        char **values;
};
extern struct parameters parameters;
void parameters_set(int count, char **values);
void parameters_free(struct parameters *old);

/* ---------------------------------------------------------------- expand.c, arith.c, pattern.c */

/* The fields that a list of words becomes: an array in the scratch pool, NULL at the end. */
char **expand_words(const struct word *words, int *count);
/* One field, without splitting or matching of file names. */
char *expand_one(const char *word);
/* As expand_one, but quoted characters have a backslash before them: for pattern_match. */
char *expand_pattern(const char *word);
/* The text of a here-document. */
char *expand_here(const char *text);

/* The value of an arithmetic expression; -1 and a message when it is none. */
int arith_value(const char *text, long *value);

/* Whether all of the text is what the pattern (* ? [...] and \) describes. */
int pattern_match(const char *pattern, const char *text);
int pattern_is_plain(const char *pattern);
/* The path names that match, sorted; their number. In the scratch pool. */
int pattern_expand(const char *pattern, char ***names);

/* ---------------------------------------------------------------- exec.c, redirect.c */

/* Runs the tree: its exit status, which is also $? then. */
int run(const struct node *node);
/* Runs text as commands, in this shell. */
int run_text(const char *text);
int run_file(const char *path);
/* What `command` writes to its output, without newlines at the end; a malloc'ed string. */
char *run_and_capture(const char *command);
int function_defined(const char *name);
void function_unset(const char *name);
/* Replaces the shell; comes back with 126 or 127 when it cannot. */
int execute(char **argv);
/* Waits for a child: its status as $? has it. */
int wait_for(int pid);
/* `wait`: for one of the background children, or for all (pid 0). */
int wait_background(int pid);
void reap_background(void);

/* Applies redirections in this process: 0, or -1 after a message. */
int redirect_apply(const struct redirect *list);
/* The same, to be undone. Undo in any case. */
struct saved_fd {
        struct saved_fd *next;
        int fd, copy; /* copy < 0: it was closed */
};
int redirect_save(const struct redirect *list, struct saved_fd **saved);
void redirect_undo(struct saved_fd *saved);

/* ---------------------------------------------------------------- builtin.c, test.c, printf.c */

typedef int builtin_fn(int argc, char **argv);
builtin_fn *builtin_find(const char *name);
/* Those that POSIX calls special: assignments before them stay. */
int builtin_is_special(const char *name);
builtin_fn builtin_test, builtin_printf;

/* ---------------------------------------------------------------- input.c, edit.c */

/* One more line (with its newline) of a descriptor, added to the text: 0 at the end. */
int input_line(int fd, struct string *text);
/* The same from the terminal, with a prompt. -1 when Ctrl-C was typed. */
int edit_line(const char *prompt, struct string *text);
void history_add(const char *line);
void history_print(void);

/* ---------------------------------------------------------------- main.c: the state of the shell
 */

enum unwind {
        UNWIND_NONE,
        UNWIND_BREAK,
        UNWIND_CONTINUE,
        UNWIND_RETURN,
        UNWIND_GIVE_UP, /* this command line; at the prompt the shell goes on */
        UNWIND_EXIT,
};

struct shell {
        const char *name; /* $0 */
        int status;       /* $? */
        int pid;          /* $$ */
        int background;   /* $!, 0 when there was none */
        int interactive;
        int exit_on_error;  /* set -e */
        int trace;          /* set -x */
        int parse_only;     /* sh -n */
        int unset_is_error; /* set -u */
        int no_globbing;    /* set -f */
        enum unwind unwind; /* what is being left */
        int unwind_count;   /* how many loops, for break and continue */
        int loops, calls;   /* how many loops and functions are being run */
        int conditions;     /* > 0: a failure here is an answer, so -e does not apply */
        const char *exit_trap;
        volatile int interrupted; /* SIGINT came */
        struct pool *scratch;     /* what expansions are made in */
};
extern struct shell shell;

/* "sh: ..." on stderr. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Runs the EXIT trap and ends the process. */
void leave(int status) __attribute__((noreturn));

#endif
