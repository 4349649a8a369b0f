/* SPDX-License-Identifier: MIT */
/*
 * A line from the terminal, with editing and recall.
 *
 * While a line is typed the terminal passes every key on as it is and echoes nothing; it is put
 * back before a command runs. The line is drawn on one row, and scrolls sideways when it is longer.
 * Characters of UTF-8 are moved over and deleted whole, and taken to be one column wide.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "userland/sh/sh.h"

#define HISTORY 200

enum key {
        KEY_END = -1,
        KEY_UP = 0x100,
        KEY_DOWN,
        KEY_LEFT,
        KEY_RIGHT,
        KEY_HOME,
        KEY_LAST,
        KEY_DELETE,
        KEY_NONE,
};

#define CONTROL(c) ((c)&31)

static char *history[HISTORY];
static int history_count;

struct editor {
        const char *prompt;
        struct string line;
        size_t cursor;
        int recalled; /* which line of the history is shown; history_count for the new one */
        char *unsent; /* the new line while another is shown */
};

void history_add(const char *line)
{
        size_t length = strcspn(line, "\n");

        if (line[strspn(line, " \t\n")] == 0 || line[length + (line[length] == '\n')] != 0)
                return; /* blank, or of several lines */
        if (history_count && strncmp(history[history_count - 1], line, length) == 0 &&
            history[history_count - 1][length] == 0)
                return;
        if (history_count == HISTORY) {
                free(history[0]);
                memmove(history, history + 1, (HISTORY - 1) * sizeof(*history));
                history_count--;
        }
        history[history_count] = must_copy(line);
        history[history_count++][length] = 0;
}

void history_print(void)
{
        for (int i = 0; i < history_count; i++)
                printf("%4d  %s\n", i + 1, history[i]);
}

static void send(const char *text, size_t length)
{
        while (length > 0) {
                ssize_t n = write(2, text, length);

                if (n < 0 && errno != EINTR)
                        return;
                text += n > 0 ? n : 0;
                length -= n > 0 ? (size_t)n : 0;
        }
}

static int is_continuation(char c)
{
        return (c & 0xc0) == 0x80;
}

static size_t columns_of(const char *text, size_t length)
{
        size_t columns = 0;

        for (size_t i = 0; i < length; i++)
                columns += !is_continuation(text[i]);
        return columns;
}

static size_t screen_columns(void)
{
        struct winsize size;

        if (ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 10)
                return size.ws_col;
        return 80;
}

static void draw(const struct editor *e)
{
        struct string out = { NULL, 0, 0 };
        size_t prompt = columns_of(e->prompt, strlen(e->prompt));
        size_t room = screen_columns() - 1;
        size_t start = 0, end = e->line.length;
        char back[24];

        room = room > prompt + 8 ? room - prompt : 8;
        while (columns_of(e->line.text + start, e->cursor - start) > room)
                start++;
        while (start < e->line.length && is_continuation(e->line.text[start]))
                start++;
        while (columns_of(e->line.text + start, end - start) > room)
                end--;
        string_append(&out, "\r", 1);
        string_append(&out, e->prompt, strlen(e->prompt));
        string_append(&out, e->line.text + start, end - start);
        string_append(&out, "\033[K\r", 4);
        snprintf(back, sizeof(back), "\033[%zuC",
                 prompt + columns_of(e->line.text + start, e->cursor - start));
        if (prompt + e->cursor - start > 0)
                string_append(&out, back, strlen(back));
        send(out.text, out.length);
        string_free(&out);
}

static int read_byte(void)
{
        unsigned char c;
        ssize_t n;

        do {
                n = read(0, &c, 1);
        } while (n < 0 && errno == EINTR && !shell.interrupted);
        if (n < 0 && errno == EINTR)
                return CONTROL('C');
        return n == 1 ? c : KEY_END;
}

/* Behind an escape: "[A", "OA", "[3~" and the like. */
static int read_sequence(void)
{
        static const struct {
                char letter;
                enum key key;
        } letters[] = { { 'A', KEY_UP },   { 'B', KEY_DOWN }, { 'C', KEY_RIGHT },
                        { 'D', KEY_LEFT }, { 'H', KEY_HOME }, { 'F', KEY_LAST } };
        int c = read_byte(), number = 0;

        if (c != '[' && c != 'O')
                return KEY_NONE;
        for (c = read_byte(); (c >= '0' && c <= '9') || c == ';'; c = read_byte())
                number = c == ';' ? 0 : number * 10 + c - '0';
        if (c == '~') {
                switch (number) {
                case 1:
                case 7: return KEY_HOME;
                case 4:
                case 8: return KEY_LAST;
                case 3: return KEY_DELETE;
                }
                return KEY_NONE;
        }
        for (unsigned i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
                if (letters[i].letter == c)
                        return letters[i].key;
        return c == KEY_END ? KEY_END : KEY_NONE;
}

static int read_key(void)
{
        int c = read_byte();

        return c == 27 ? read_sequence() : c;
}

/* Takes the bytes between two places away. */
static void cut(struct editor *e, size_t from, size_t to)
{
        memmove(e->line.text + from, e->line.text + to, e->line.length - to + 1);
        e->line.length -= to - from;
        e->cursor = from;
}

static void insert(struct editor *e, const char *text, size_t length)
{
        size_t behind = e->line.length - e->cursor;

        string_append(&e->line, text, length); /* makes room */
        memmove(e->line.text + e->cursor + length, e->line.text + e->cursor, behind);
        memcpy(e->line.text + e->cursor, text, length);
        e->cursor += length;
}

static size_t place_left(const struct editor *e)
{
        size_t at = e->cursor;

        while (at > 0 && is_continuation(e->line.text[--at]))
                ;
        return at;
}

static size_t place_right(const struct editor *e)
{
        size_t at = e->cursor;

        if (at < e->line.length)
                at++;
        while (at < e->line.length && is_continuation(e->line.text[at]))
                at++;
        return at;
}

static size_t word_start(const struct editor *e)
{
        size_t at = e->cursor;

        while (at > 0 && e->line.text[at - 1] == ' ')
                at--;
        while (at > 0 && e->line.text[at - 1] != ' ')
                at--;
        return at;
}

static void recall(struct editor *e, int which)
{
        const char *text;

        if (which < 0 || which > history_count)
                return;
        if (e->recalled == history_count) {
                free(e->unsent);
                e->unsent = must_copy(e->line.text);
        }
        e->recalled = which;
        text = which == history_count ? e->unsent : history[which];
        cut(e, 0, e->line.length);
        insert(e, text, strlen(text));
}

/* How many bytes all the names have in common. */
static size_t common_length(char **names, int count)
{
        size_t length = strlen(names[0]);

        for (int i = 1; i < count; i++) {
                size_t same = 0;

                while (same < length && names[i][same] == names[0][same])
                        same++;
                length = same;
        }
        return length;
}

/* Completes the file name before the cursor, or lists what it could become. */
static void complete(struct editor *e)
{
        struct pool_mark mark = pool_mark(shell.scratch);
        size_t start = word_start(e), length = e->cursor - start, common;
        char *pattern = pool_alloc(shell.scratch, length + 2);
        char **names;
        int count;

        if (length > 0 && e->line.text[e->cursor - 1] == ' ') {
                start = e->cursor;
                length = 0;
        }
        memcpy(pattern, e->line.text + start, length);
        pattern[length] = '*';
        count = pattern_expand(pattern, &names);
        common = count ? common_length(names, count) : 0;
        if (common > length) {
                insert(e, names[0] + length, common - length);
                if (count == 1) {
                        /* A directory is completed with its slash, which matches nothing else. */
                        size_t size = common + 2;
                        char *below = pool_alloc(shell.scratch, size);

                        snprintf(below, size, "%s/", names[0]);
                        insert(e, pattern_expand(below, &names) ? "/" : " ", 1);
                }
        } else if (count > 1) {
                send("\r\n", 2);
                for (int i = 0; i < count; i++) {
                        send(names[i], strlen(names[i]));
                        send(i + 1 < count ? "  " : "\r\n", 2);
                }
        }
        pool_release(shell.scratch, mark);
}

/* What a key does to the line. 1: the line is done. -1: it is given up. 0: go on. */
static int press(struct editor *e, int key)
{
        char c = (char)key;

        switch (key) {
        case '\r':
        case '\n': return 1;
        case CONTROL('C'): return -1;
        case CONTROL('A'):
        case KEY_HOME: e->cursor = 0; break;
        case CONTROL('E'):
        case KEY_LAST: e->cursor = e->line.length; break;
        case CONTROL('B'):
        case KEY_LEFT: e->cursor = place_left(e); break;
        case CONTROL('F'):
        case KEY_RIGHT: e->cursor = place_right(e); break;
        case CONTROL('P'):
        case KEY_UP: recall(e, e->recalled - 1); break;
        case CONTROL('N'):
        case KEY_DOWN: recall(e, e->recalled + 1); break;
        case CONTROL('H'):
        case 127: cut(e, place_left(e), e->cursor); break;
        case CONTROL('D'):
        case KEY_DELETE: cut(e, e->cursor, place_right(e)); break;
        case CONTROL('U'): cut(e, 0, e->cursor); break;
        case CONTROL('K'): cut(e, e->cursor, e->line.length); break;
        case CONTROL('W'): cut(e, word_start(e), e->cursor); break;
        case CONTROL('L'): send("\033[H\033[2J", 7); break;
        case '\t': complete(e); break;
        default:
                if (key >= ' ' && key < KEY_UP)
                        insert(e, &c, 1);
        }
        return 0;
}

/* The keys of one line. 1: it is done. 0: the input is at its end. -1: Ctrl-C. */
static int edit(struct editor *e)
{
        for (;;) {
                int key, done;

                draw(e);
                key = read_key();
                if (key == KEY_END || (key == CONTROL('D') && e->line.length == 0))
                        return 0;
                done = press(e, key);
                if (done == 0)
                        continue;
                e->cursor = e->line.length;
                draw(e);
                send(done < 0 ? "^C\r\n" : "\r\n", done < 0 ? 4 : 2);
                return done;
        }
}

/* A terminal that cannot be set, or input that is none: as it comes. */
static int plain_line(const char *prompt, struct string *text)
{
        int got;

        send(prompt, strlen(prompt));
        got = input_line(0, text);
        if (shell.interrupted) {
                send("\n", 1);
                return -1;
        }
        return got;
}

int edit_line(const char *prompt, struct string *text)
{
        struct editor e = { prompt, { NULL, 0, 0 }, 0, history_count, NULL };
        struct termios before, raw;
        int got;

        if (tcgetattr(0, &before) != 0)
                return plain_line(prompt, text);
        raw = before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
        raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        if (tcsetattr(0, TCSADRAIN, &raw) != 0)
                return plain_line(prompt, text);
        string_append(&e.line, "", 0);
        got = edit(&e);
        tcsetattr(0, TCSADRAIN, &before);
        if (got > 0) {
                string_append(text, e.line.text, e.line.length);
                string_add(text, '\n');
        } else if (got == 0) {
                send("\r\n", 2);
        }
        string_free(&e.line);
        free(e.unsent);
        return got;
}
