/* SPDX-License-Identifier: MIT */
/* Editing, echo and signals of a terminal's input, as termios(3) tells. No flow of its own. */
#include "kernel/fs/tty_line.h"

#include "kernel/base/abi/signal.h"
#include "kernel/base/string.h"
#include "kernel/dev/console.h"

#define EOF_BYTE  '\0' /* stands in the ring for ^D */
#define TAB_WIDTH 8

static const u8 default_cc[NCCS] = {
        [VINTR] = 003,    [VQUIT] = 034,   [VERASE] = 0177, [VKILL] = 025, [VEOF] = 004,
        [VMIN] = 1,       [VSTART] = 021,  [VSTOP] = 023,   [VSUSP] = 032, [VREPRINT] = 022,
        [VDISCARD] = 017, [VWERASE] = 027, [VLNEXT] = 026,
};

void line_init(struct line *l)
{
        memset(l, 0, sizeof(*l));
        l->t.iflag = ICRNL | IXON;
        l->t.oflag = OPOST | ONLCR;
        l->t.cflag = B38400 | CS8 | CREAD | HUPCL;
        l->t.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
        memcpy(l->t.cc, default_cc, NCCS);
}

static bool has(const struct line *l, u32 lflag)
{
        return l->t.lflag & lflag;
}

/* ---------------------------------------------------------------- the ring */

static u8 *byte_at(struct line *l, u32 i)
{
        return &l->ring[i & (LINE_RING - 1)];
}

static void mark_set(struct line *l, u32 i, bool on)
{
        u32 at = i & (LINE_RING - 1);

        l->mark[at / 8] = (u8)((l->mark[at / 8] & ~(1u << at % 8)) | (unsigned)on << at % 8);
}

static bool mark_get(const struct line *l, u32 i)
{
        u32 at = i & (LINE_RING - 1);

        return l->mark[at / 8] >> at % 8 & 1;
}

static bool ring_put(struct line *l, u8 c, bool ends_line)
{
        if (l->head - l->tail >= LINE_RING)
                return false;
        *byte_at(l, l->head) = c;
        mark_set(l, l->head, ends_line);
        l->head++;
        if (ends_line || !has(l, ICANON))
                l->line = l->head;
        return true;
}

u32 line_readable(const struct line *l)
{
        return l->line - l->tail;
}

bool line_has_line(const struct line *l)
{
        return l->line != l->tail;
}

void line_flush(struct line *l)
{
        l->tail = l->line = l->head;
}

size_t line_read(struct line *l, char *buf, size_t size, bool *eof)
{
        size_t n = 0;

        *eof = false;
        while (n < size && l->tail != l->line) {
                u8 c = *byte_at(l, l->tail);
                bool ends = mark_get(l, l->tail) && has(l, ICANON);

                l->tail++;
                if (ends && c == EOF_BYTE) {
                        *eof = n == 0;
                        break;
                }
                buf[n++] = (char)c;
                if (ends)
                        break;
        }
        return n;
}

void line_configure(struct line *l, const struct termios_abi *t)
{
        bool was_canonical = has(l, ICANON);

        l->t = *t;
        if (was_canonical != has(l, ICANON)) {
                /* Unfinished lines become readable, or what is there becomes a finished line. */
                l->line = l->head;
                if (has(l, ICANON) && l->head != l->tail)
                        mark_set(l, l->head - 1, true);
        }
        if (!(t->iflag & IXON))
                l->stopped = false;
}

/* ---------------------------------------------------------------- output */

static bool outputs(const struct line *l, u32 oflag)
{
        return (l->t.oflag & OPOST) && (l->t.oflag & oflag) == oflag;
}

static bool is_control(u8 c)
{
        return c < ' ' || c == 0177;
}

/* A byte of UTF-8 that is not the first of its character. */
static bool continues_character(const struct line *l, u8 c)
{
        return (l->t.iflag & IUTF8) && (c & 0xc0) == 0x80;
}

/* A carriage return: it may be left out at the left edge, or be a new line. */
static void put_return(struct line *l)
{
        if (outputs(l, ONOCR) && l->column == 0)
                return;
        if (!outputs(l, OCRNL) || outputs(l, ONLRET))
                l->column = 0;
        console_write(outputs(l, OCRNL) ? "\n" : "\r", 1);
}

static void put_tab(struct line *l)
{
        unsigned next = (l->column | (TAB_WIDTH - 1)) + 1;

        if (outputs(l, XTABS))
                console_write("        ", next - l->column);
        else
                console_write("\t", 1);
        l->column = next;
}

static void put_newline(struct line *l)
{
        if (outputs(l, ONLCR) || outputs(l, ONLRET))
                l->column = 0;
        if (outputs(l, ONLCR))
                console_write("\r\n", 2);
        else
                console_write("\n", 1);
}

static void put_byte(struct line *l, char c)
{
        if (c == '\n') {
                put_newline(l);
        } else if (c == '\r') {
                put_return(l);
        } else if (c == '\t') {
                put_tab(l);
        } else {
                if (c == '\b')
                        l->column -= l->column > 0;
                else if (!is_control((u8)c) && !continues_character(l, (u8)c))
                        l->column++;
                if (outputs(l, OLCUC) && c >= 'a' && c <= 'z')
                        c -= 'a' - 'A';
                console_write(&c, 1);
        }
}

void line_output(struct line *l, const char *text, size_t len)
{
        size_t from = 0;

        /* Plain text goes out in one piece. */
        for (size_t i = 0; i < len; i++) {
                if (text[i] >= ' ' && text[i] != 0177 && !outputs(l, OLCUC)) {
                        l->column++;
                        continue;
                }
                console_write(text + from, i - from);
                put_byte(l, text[i]);
                from = i + 1;
        }
        console_write(text + from, len - from);
}

static void echo_text(struct line *l, const char *text, size_t len)
{
        for (size_t i = 0; i < len; i++)
                put_byte(l, text[i]);
}

static bool shown_as_caret(const struct line *l, u8 c)
{
        return has(l, ECHOCTL) && is_control(c) && c != '\t' && c != '\n';
}

static void echo_byte(struct line *l, u8 c)
{
        char caret[2] = { '^', (char)(c ^ 0100) };

        if (shown_as_caret(l, c))
                echo_text(l, caret, 2);
        else
                put_byte(l, (char)c);
}

/* ---------------------------------------------------------------- editing */

/* Where the cursor was before the byte at `end`, which is of the edited line. */
static unsigned column_before(struct line *l, u32 end)
{
        unsigned column = l->line_column;

        for (u32 i = l->line; i != end; i++) {
                u8 c = *byte_at(l, i);

                if (c == '\t')
                        column = (column | (TAB_WIDTH - 1)) + 1;
                else if (shown_as_caret(l, c))
                        column += 2;
                else if (!is_control(c) && !continues_character(l, c))
                        column++;
        }
        return column;
}

/* Under ECHOPRT what is erased is shown between a backslash and a slash: the slash. */
static void end_erasing(struct line *l)
{
        if (l->erasing)
                echo_text(l, "/", 1);
        l->erasing = false;
}

/* What was between `l->head` and `end` is gone: take it off the screen. */
static void unecho(struct line *l, u32 end)
{
        u8 c = *byte_at(l, l->head);
        unsigned wide;

        if (has(l, ECHOPRT)) {
                if (!l->erasing)
                        echo_text(l, "\\", 1);
                l->erasing = true;
                echo_byte(l, c);
                for (u32 i = l->head + 1; i != end; i++)
                        put_byte(l, (char)*byte_at(l, i));
                return;
        }
        if (c == '\t') {
                wide = TAB_WIDTH - column_before(l, l->head) % TAB_WIDTH;
                echo_text(l, "\b\b\b\b\b\b\b\b", wide);
                return;
        }
        for (wide = shown_as_caret(l, c) ? 2 : !is_control(c); wide; wide--)
                echo_text(l, "\b \b", 3);
}

/* The last character, all its bytes. `single`: it is what was asked for, not part of a word. */
static void erase_one(struct line *l, bool single)
{
        u32 end = l->head;

        do
                l->head--;
        while (l->head != l->line && continues_character(l, *byte_at(l, l->head)));
        if (!has(l, ECHO))
                return;
        if (single && !has(l, ECHOE) && !has(l, ECHOPRT))
                echo_byte(l, l->t.cc[VERASE]);
        else
                unecho(l, end);
        if (l->head == l->line)
                end_erasing(l);
}

static bool is_word_byte(u8 c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c >= 0x80;
}

static void erase_word(struct line *l)
{
        while (l->head != l->line && !is_word_byte(*byte_at(l, l->head - 1)))
                erase_one(l, false);
        while (l->head != l->line && is_word_byte(*byte_at(l, l->head - 1)))
                erase_one(l, false);
}

static void kill_line(struct line *l)
{
        if (has(l, ECHOK) && has(l, ECHOKE) && has(l, ECHOE)) {
                while (l->head != l->line)
                        erase_one(l, false);
                return;
        }
        l->head = l->line;
        if (has(l, ECHO)) {
                end_erasing(l);
                echo_byte(l, l->t.cc[VKILL]);
                if (has(l, ECHOK))
                        put_byte(l, '\n');
        }
}

static void reprint_line(struct line *l)
{
        end_erasing(l);
        echo_byte(l, l->t.cc[VREPRINT]);
        put_byte(l, '\n');
        l->line_column = 0;
        for (u32 i = l->line; i != l->head; i++)
                echo_byte(l, *byte_at(l, i));
}

/* Is `c` the control character at `which`? 0 in cc[] turns one off. */
static bool is_cc(const struct line *l, unsigned which, u8 c)
{
        return c && l->t.cc[which] == c;
}

/* True if the byte was a command to the editor. */
static bool edit(struct line *l, u8 c)
{
        if (is_cc(l, VERASE, c)) {
                if (l->head != l->line)
                        erase_one(l, true);
        } else if (is_cc(l, VKILL, c))
                kill_line(l);
        else if (is_cc(l, VWERASE, c) && has(l, IEXTEN))
                erase_word(l);
        else if (is_cc(l, VREPRINT, c) && has(l, IEXTEN) && has(l, ECHO))
                reprint_line(l);
        else if (is_cc(l, VEOF, c))
                ring_put(l, EOF_BYTE, true);
        else
                return false;
        return true;
}

/*
 * A byte that is data. The ring keeps room for the end of the line; when all else is full the byte
 * takes the place of the last.
 */
static void add(struct line *l, u8 c, bool ends_line)
{
        if (!ends_line && l->head - l->tail >= LINE_RING - 1) {
                if (l->head == l->line)
                        return;
                l->head--;
        }
        if (l->head == l->line)
                l->line_column = l->column;
        if (has(l, ECHO) || (c == '\n' && has(l, ECHONL) && has(l, ICANON))) {
                end_erasing(l);
                echo_byte(l, c);
        }
        ring_put(l, c, ends_line);
}

static int signal_of(const struct line *l, u8 c)
{
        if (!has(l, ISIG))
                return 0;
        return is_cc(l, VINTR, c)   ? SIGINT
               : is_cc(l, VQUIT, c) ? SIGQUIT
               : is_cc(l, VSUSP, c) ? SIGTSTP
                                    : 0;
}

/* ^S and ^Q. */
static bool flow(struct line *l, u8 c)
{
        if (!(l->t.iflag & IXON))
                return false;
        if (is_cc(l, VSTART, c))
                l->stopped = false;
        else if (is_cc(l, VSTOP, c))
                l->stopped = true;
        else
                return false;
        return true;
}

int line_input(struct line *l, u8 c)
{
        bool canonical = has(l, ICANON);
        int signo;

        if (l->t.iflag & ISTRIP)
                c &= 0x7f;
        if (l->literal) {
                l->literal = false;
                add(l, c, false);
                return 0;
        }
        if (flow(l, c))
                return 0;
        signo = signal_of(l, c);
        if (!signo && (l->t.iflag & IXANY))
                l->stopped = false;
        if (signo) {
                if (!has(l, NOFLSH))
                        line_flush(l);
                if (has(l, ECHO))
                        echo_byte(l, c);
                l->stopped = false;
                return signo;
        }
        if (c == '\r' && (l->t.iflag & IGNCR))
                return 0;
        if (c == '\r' && (l->t.iflag & ICRNL))
                c = '\n';
        else if (c == '\n' && (l->t.iflag & INLCR))
                c = '\r';
        if (canonical && edit(l, c))
                return 0;
        if (canonical && is_cc(l, VLNEXT, c) && has(l, IEXTEN)) {
                l->literal = true;
                if (has(l, ECHO) && has(l, ECHOCTL))
                        echo_text(l, "^\b", 2);
                return 0;
        }
        add(l, c, canonical && (c == '\n' || is_cc(l, VEOL, c) || is_cc(l, VEOL2, c)));
        return 0;
}
