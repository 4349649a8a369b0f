/* SPDX-License-Identifier: MIT */
/*
 * wordexp(): the words of a command line, expanded as a shell would: ~, $NAME and ${NAME}, $(...)
 * and
 * `...`, quotes, field splitting, patterns. newlib's own asks a shell that has bash's private
 * options.
 *
 * A word is built twice at once: as text, and as a pattern for glob() in which what was quoted has
 * a backslash. Not here: arithmetic and the modifying forms of ${...}, which are WRDE_SYNTAX.
 */
#include <ctype.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

struct text {
        char *s;
        size_t len;
        size_t room;
};

struct state {
        const char *at;
        int flags;
        struct text word;
        struct text pattern;
        int begun;   /* there is a word, perhaps an empty one */
        int special; /* the pattern has an unquoted *, ? or [ */
        wordexp_t *out;
};

static int text_add(struct text *t, char c)
{
        if (t->len + 2 > t->room) {
                size_t room = t->room * 2 + 64;
                char *s = realloc(t->s, room);

                if (!s)
                        return WRDE_NOSPACE;
                t->s = s;
                t->room = room;
        }
        t->s[t->len++] = c;
        t->s[t->len] = '\0';
        return 0;
}

static int add_char(struct state *st, char c, int quoted)
{
        int r = text_add(&st->word, c);

        st->begun = 1;
        if (!quoted && strchr("*?[", c))
                st->special = 1;
        if (r == 0 && (c == '\\' || (quoted && strchr("*?[]-", c))))
                r = text_add(&st->pattern, '\\');
        if (r == 0)
                r = text_add(&st->pattern, c);
        return r;
}

static int add_result(wordexp_t *out, const char *s)
{
        size_t offs = out->we_offs;
        size_t n = offs + out->we_wordc;
        char **v = realloc(out->we_wordv, (n + 2) * sizeof(*v));

        if (!v)
                return WRDE_NOSPACE;
        out->we_wordv = v;
        if (out->we_wordc == 0)
                memset(v, 0, offs * sizeof(*v));
        v[n] = strdup(s);
        v[n + 1] = NULL;
        if (!v[n])
                return WRDE_NOSPACE;
        out->we_wordc++;
        return 0;
}

static int end_word(struct state *st)
{
        int r = 0, matched = 0;
        glob_t g;

        if (!st->begun)
                return 0;
        if (st->special) {
                r = glob(st->pattern.s, 0, NULL, &g);
                matched = r == 0;
                r = r == GLOB_NOSPACE ? WRDE_NOSPACE : 0;
                for (int i = 0; matched && r == 0 && i < g.gl_pathc; i++)
                        r = add_result(st->out, g.gl_pathv[i]);
                if (matched)
                        globfree(&g);
        }
        if (r == 0 && !matched)
                r = add_result(st->out, st->word.len ? st->word.s : "");
        st->word.len = st->pattern.len = 0;
        st->begun = st->special = 0;
        return r;
}

/* What an expansion gave: split into words unless it stands in double quotes. */
static int add_expansion(struct state *st, const char *value, int quoted)
{
        const char *ifs = getenv("IFS");
        int r = 0;

        if (!ifs)
                ifs = " \t\n";
        if (quoted)
                st->begun = 1;
        for (; *value && r == 0; value++)
                r = !quoted && strchr(ifs, *value) ? end_word(st) : add_char(st, *value, quoted);
        return r;
}

static int expand_variable(struct state *st, int quoted)
{
        int brace = *st->at == '{';
        char name[256];
        const char *value;
        size_t n = 0;

        st->at += brace;
        while (isalnum((unsigned char)st->at[n]) || st->at[n] == '_')
                n++;
        if (n == 0 && !brace)
                return add_char(st, '$', quoted);
        if (n == 0 || n >= sizeof(name) || (brace && st->at[n] != '}'))
                return WRDE_SYNTAX;
        memcpy(name, st->at, n);
        name[n] = '\0';
        st->at += n + (size_t)brace;
        value = getenv(name);
        if (!value && (st->flags & WRDE_UNDEF))
                return WRDE_BADVAL;
        return value ? add_expansion(st, value, quoted) : 0;
}

/* Run len bytes of command and expand to its output without the newlines at its end. */
static int run_command(struct state *st, size_t len, int quoted)
{
        struct text output = { 0 };
        char *command;
        FILE *f;
        int c, r = 0;

        if (st->flags & WRDE_NOCMD)
                return WRDE_CMDSUB;
        command = strndup(st->at, len);
        f = command ? popen(command, "r") : NULL;
        free(command);
        if (!f)
                return WRDE_NOSPACE;
        while (r == 0 && (c = getc(f)) != EOF)
                r = text_add(&output, (char)c);
        pclose(f);
        while (output.len && output.s[output.len - 1] == '\n')
                output.s[--output.len] = '\0';
        if (r == 0 && output.s)
                r = add_expansion(st, output.s, quoted);
        free(output.s);
        return r;
}

/* Behind "$(" or "`": up to the end of the command. */
static int expand_command(struct state *st, char end, int quoted)
{
        size_t len = 0;
        int depth = 1, r;

        for (;; len++) {
                char c = st->at[len];

                if (!c)
                        return WRDE_SYNTAX;
                depth += (end == ')' && c == '(') - (c == end);
                if (depth == 0)
                        break;
        }
        r = run_command(st, len, quoted);
        st->at += len + 1;
        return r;
}

static int expand_dollar(struct state *st, int quoted)
{
        if (*st->at != '(')
                return expand_variable(st, quoted);
        if (st->at[1] == '(')
                return WRDE_SYNTAX;
        st->at++;
        return expand_command(st, ')', quoted);
}

static int double_quotes(struct state *st)
{
        int r = 0;

        st->begun = 1;
        while (*st->at != '"' && r == 0) {
                char c = *st->at++;

                if (!c)
                        return WRDE_SYNTAX;
                if (c == '$')
                        r = expand_dollar(st, 1);
                else if (c == '`')
                        r = expand_command(st, '`', 1);
                else if (c == '\\' && *st->at && strchr("$`\"\\", *st->at))
                        r = add_char(st, *st->at++, 1);
                else
                        r = add_char(st, c, 1);
        }
        if (r == 0)
                st->at++;
        return r;
}

static int single_quotes(struct state *st)
{
        const char *end = strchr(st->at, '\'');
        int r = 0;

        if (!end)
                return WRDE_SYNTAX;
        st->begun = 1;
        while (st->at < end && r == 0)
                r = add_char(st, *st->at++, 1);
        st->at = end + 1;
        return r;
}

/* ~ or ~NAME at the beginning of a word. */
static int expand_tilde(struct state *st)
{
        size_t n = strcspn(st->at, "/ \t\n'\"\\$`");
        char name[64];
        struct passwd *pw;
        const char *home;

        if (n >= sizeof(name))
                return add_char(st, '~', 1);
        memcpy(name, st->at, n);
        name[n] = '\0';
        home = n ? NULL : getenv("HOME");
        if (!home) {
                pw = n ? getpwnam(name) : getpwuid(getuid());
                if (!pw)
                        return add_char(st, '~', 1);
                home = pw->pw_dir;
        }
        st->at += n;
        return add_expansion(st, home, 1);
}

static int one_step(struct state *st)
{
        char c = *st->at++;

        switch (c) {
        case ' ':
        case '\t': return end_word(st);
        case '\'': return single_quotes(st);
        case '"': return double_quotes(st);
        case '$': return expand_dollar(st, 0);
        case '`': return expand_command(st, '`', 0);
        case '~': return st->begun ? add_char(st, c, 0) : expand_tilde(st);
        case '\\': return *st->at ? add_char(st, *st->at++, 1) : WRDE_SYNTAX;
        case '\n':
        case '|':
        case '&':
        case ';':
        case '<':
        case '>':
        case '(':
        case ')':
        case '{':
        case '}': return WRDE_BADCHAR;
        default: return add_char(st, c, 0);
        }
}

int wordexp(const char *restrict words, wordexp_t *restrict out, int flags)
{
        struct state st = { .at = words, .flags = flags, .out = out };
        wordexp_t kept = *out;
        int r = 0;

        if (flags & WRDE_REUSE)
                wordfree(out);
        if (!(flags & WRDE_APPEND)) {
                out->we_wordc = 0;
                out->we_wordv = NULL;
                if (!(flags & WRDE_DOOFFS))
                        out->we_offs = 0;
        }
        while (*st.at && r == 0)
                r = one_step(&st);
        if (r == 0)
                r = end_word(&st);
        if (r == 0 && !out->we_wordv) {
                out->we_wordv = calloc(out->we_offs + 1, sizeof(char *));
                r = out->we_wordv ? 0 : WRDE_NOSPACE;
        }
        free(st.word.s);
        free(st.pattern.s);
        if (r != 0 && r != WRDE_NOSPACE && !(flags & WRDE_APPEND)) {
                wordfree(out);
                if (!(flags & WRDE_REUSE))
                        *out = kept;
        }
        return r;
}

void wordfree(wordexp_t *out)
{
        for (size_t i = 0; out->we_wordv && i < (size_t)out->we_wordc; i++)
                free(out->we_wordv[out->we_offs + i]);
        free(out->we_wordv);
        out->we_wordv = NULL;
        out->we_wordc = 0;
}
