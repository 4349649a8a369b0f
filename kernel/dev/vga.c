/* SPDX-License-Identifier: MIT */
/*
 * VGA text mode, 80 x 25.
 *
 * The screen is a window on 32 KiB of cells (204 rows). A new line moves the window down, which
 * costs two register writes; only when it reaches the end are 24 rows copied back to the start.
 * Device memory is slow in a virtual machine, so cells are written once and never read. Of the
 * terminal's control sequences those that a line editor uses are obeyed (cursor left and right,
 * erase the line, clear the screen), the others swallowed.
 */
#include "kernel/dev/vga.h"
#include "arch/port.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"

#define VGA_TEXT    0xb8000UL
#define VGA_SIZE    0x8000UL
#define COLUMNS     80u
#define ROWS        25u
#define BUFFER_ROWS 204u /* of 80 cells of 2 bytes in 32 KiB */
#define GREY        0x0700

#define CRTC_INDEX         0x3d4
#define CRTC_DATA          0x3d5
#define CRTC_START         0x0c /* high byte; the low one follows */
#define CRTC_CURSOR        0x0e
#define MISC_READ          0x3cc
#define MISC_COLOUR        0x01 /* registers at 3dx; all ones when nothing answers */
#define GRAPHICS           0x3ce
#define GRAPHICS_MISC      6
#define MISC_GRAPHICS_MODE 0x01

static volatile u16 *cells;              /* NULL: no screen */
static u16 shadow[BUFFER_ROWS][COLUMNS]; /* what the cells hold */
static bool in_sequence;                 /* after ESC */
static unsigned parameter;               /* of the sequence */
static unsigned top, row, column;        /* first row shown; row and column of the cursor */

static void crtc_write16(u8 reg, unsigned value)
{
        port_out8(CRTC_INDEX, reg);
        port_out8(CRTC_DATA, (u8)(value >> 8));
        port_out8(CRTC_INDEX, reg + 1);
        port_out8(CRTC_DATA, (u8)value);
}

static void cell_write(unsigned r, unsigned c, u16 value)
{
        if (shadow[r][c] == value)
                return;
        shadow[r][c] = value;
        cells[r * COLUMNS + c] = value;
}

static void row_clear(unsigned r)
{
        for (unsigned c = 0; c < COLUMNS; c++)
                cell_write(r, c, GREY | ' ');
}

/* The window is at the end of the buffer: its last 24 rows go to the start. */
static void window_rewind(void)
{
        for (unsigned r = 0; r < ROWS - 1; r++)
                for (unsigned c = 0; c < COLUMNS; c++)
                        cell_write(r, c, shadow[top + 1 + r][c]);
        top = 0;
        row = ROWS - 1;
}

static void line_feed(void)
{
        column = 0;
        row++;
        if (row == BUFFER_ROWS)
                window_rewind();
        else if (row - top == ROWS)
                top++;
        row_clear(row);
}

static void line_erase(void)
{
        for (unsigned c = column; c < COLUMNS; c++)
                cell_write(row, c, GREY | ' ');
}

static void screen_clear(void)
{
        for (unsigned r = top; r < top + ROWS; r++)
                row_clear(r);
        row = top;
        column = 0;
}

static void sequence_obey(char final)
{
        unsigned n = parameter ? parameter : 1;

        switch (final) {
        case 'C': column = (unsigned)min_u64(column + n, COLUMNS - 1); break;
        case 'D': column -= (unsigned)min_u64(n, column); break;
        case 'K': line_erase(); break;
        case 'J': screen_clear(); break;
        }
}

/* One byte after ESC: `[`, digits of the parameter that counts (the last), the letter. */
static void sequence_byte(char c)
{
        if (c == '[') {
                parameter = 0;
        } else if (c >= '0' && c <= '9') {
                parameter = (parameter * 10 + (unsigned)(c - '0')) % 1000;
        } else if (c == ';') {
                parameter = 0;
        } else if (c != '?') {
                sequence_obey(c);
                in_sequence = false;
        }
}

static void char_write(char c)
{
        if (in_sequence) {
                sequence_byte(c);
                return;
        }
        switch (c) {
        case '\033': in_sequence = true; return;
        case '\n': line_feed(); return;
        case '\r': column = 0; return;
        case '\b': column -= column != 0; return;
        case '\t': column = (column + 8) & ~7u; break;
        default:
                if ((u8)c < ' ' || (u8)c > '~')
                        return;
                cell_write(row, column++, GREY | (u8)c);
        }
        if (column >= COLUMNS)
                line_feed();
}

void vga_write(const char *text, size_t len)
{
        if (!cells)
                return;
        while (len--)
                char_write(*text++);
        crtc_write16(CRTC_START, top * COLUMNS);
        crtc_write16(CRTC_CURSOR, row * COLUMNS + column);
}

/* A card that is there, at the colour addresses, and not in a graphics mode (UEFI leaves one). */
static bool vga_present(void)
{
        u8 misc = port_in8(MISC_READ);

        if (misc == 0xff || !(misc & MISC_COLOUR))
                return false;
        port_out8(GRAPHICS, GRAPHICS_MISC);
        return !(port_in8(GRAPHICS + 1) & MISC_GRAPHICS_MODE);
}

void vga_open(void)
{
        char text[256];
        u64 position = 0;
        size_t n;

        if (!vga_present())
                return;
        cells = device_map(VGA_TEXT, VGA_SIZE);
        if (!cells)
                return;
        for (unsigned r = 0; r < ROWS; r++)
                row_clear(r);
        while ((n = log_read(&position, text, sizeof(text))))
                vga_write(text, n);
}
