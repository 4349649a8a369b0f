/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: what happens to bytes between the wire and read() and write().
 *
 *      ring     tail ........ line ........ head
 *               | lines that are | the line that is |
 *               | complete       | being edited     |
 *
 * In canonical mode only what lies before `line` can be read, a line at a time; in raw mode all of
 * it. A mark at a byte says that a line ends with it. All of it is guarded by the terminal's lock.
 */
#ifndef KERNEL_FS_TTY_LINE_H
#define KERNEL_FS_TTY_LINE_H

#include "kernel/base/abi/termios.h"

#define LINE_RING 4096u /* bytes; a power of two */

struct line {
        struct termios_abi t;
        u32 tail, line, head; /* running numbers */
        u8 ring[LINE_RING];
        u8 mark[LINE_RING / 8];
        unsigned column;      /* of the cursor */
        unsigned line_column; /* where the cursor was when the edited line began */
        bool literal;         /* the next byte is data: ^V was typed */
        bool stopped;         /* ^S: output waits */
        bool erasing;         /* under ECHOPRT, between a backslash and a slash */
};

void line_init(struct line *l);
/* One byte from the wire: edits, echoes. A signal to be raised, or 0. */
int line_input(struct line *l, u8 c);
/* Bytes for the wire, with output processing. */
void line_output(struct line *l, const char *text, size_t len);
/* Up to `size` bytes to a reader; in canonical mode at most a line. 0 with *eof: ^D was typed. */
size_t line_read(struct line *l, char *buf, size_t size, bool *eof);
u32 line_readable(const struct line *l);  /* bytes */
bool line_has_line(const struct line *l); /* canonical: read() would not wait */
void line_flush(struct line *l);
/* New settings; what was typed so far is kept. */
void line_configure(struct line *l, const struct termios_abi *t);

#endif
