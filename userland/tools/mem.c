/* SPDX-License-Identifier: MIT */
/* mem: what one process uses, and a picture of its address space. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

#define WIDTH 64UL

static const char help[] =
        "usage: mem [PID]\n\n"
        "Shows the sizes that the kernel keeps for a process (this one without PID), and a picture of each\n"
        "stretch of its address space, 64 columns wide: w private and writable, x executable, r readable,\n"
        "s shared, - no access, . nothing mapped.\n";

static void print_sizes(const char *status)
{
        static const char *const names[][2] = {
                { "VmPeak", "largest size so far" },
                { "VmSize", "size of the address space" },
                { "VmLck", "locked" },
                { "VmHWM", "most in memory so far" },
                { "VmRSS", "in memory" },
                { "RssAnon", "  anonymous" },
                { "RssFile", "  of files" },
                { "RssShmem", "  shared" },
                { "VmData", "private and writable" },
                { "VmStk", "stack" },
                { "VmExe", "code" },
                { "VmPTE", "page tables" },
        };

        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                long value = tool_field(status, names[i][0]);

                if (value >= 0)
                        printf("%-9s %10ld KiB  %s\n", names[i][0], value, names[i][1]);
        }
}

static char letter_of(const struct tool_mapping *m)
{
        if (m->perms[3] == 's')
                return 's';
        if (m->perms[1] == 'w')
                return 'w';
        if (m->perms[2] == 'x')
                return 'x';
        return m->perms[0] == 'r' ? 'r' : '-';
}

/*
 * One stretch: mappings that lie close to each other. Every column stands for the same number of
 * bytes, and shows the last mapping that has a byte in it.
 */
static void print_stretch(const struct tool_mapping *list, int count)
{
        unsigned long start = list[0].start, end = list[count - 1].end;
        unsigned long column = (end - start + WIDTH - 1) / WIDTH;
        char picture[WIDTH + 1];

        column = column < 4096 ? 4096 : (column + 4095) & ~4095UL;
        memset(picture, '.', WIDTH);
        picture[(end - start + column - 1) / column] = 0;
        for (int i = 0; i < count; i++)
                for (unsigned long at = (list[i].start - start) / column;
                     at <= (list[i].end - 1 - start) / column; at++)
                        picture[at] = letter_of(&list[i]);
        printf("%016lx %s  %s a column\n", start, picture, tool_size(column));
}

/* A gap that is wider than this, or than what the stretch has so far, ends a stretch. */
#define GAP (64UL << 20)
#define MAX 1024

static void print_picture(const char *text)
{
        static struct tool_mapping list[MAX];
        int count = 0;

        while (tool_next_mapping(&text, &list[count])) {
                if (count > 0 &&
                    (list[count].start - list[count - 1].end > GAP || count == MAX - 1)) {
                        struct tool_mapping next = list[count];

                        print_stretch(list, count);
                        list[0] = next;
                        count = 0;
                }
                count++;
        }
        if (count > 0)
                print_stretch(list, count);
}

int main(int argc, char **argv)
{
        char path[64];
        char *text;

        tool_options(&argc, &argv, "", help);
        if (argc > 1)
                tool_misused(help);
        snprintf(path, sizeof(path), "/proc/%.20s/status", argc ? *argv : "self");
        text = tool_read_file(path);
        if (!text)
                return tool_error(path);
        print_sizes(text);
        free(text);
        snprintf(path, sizeof(path), "/proc/%.20s/maps", argc ? *argv : "self");
        text = tool_read_file(path);
        if (!text)
                return tool_error(path);
        print_picture(text);
        free(text);
        return 0;
}
