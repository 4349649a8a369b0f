/* SPDX-License-Identifier: MIT */
/* free: the machine's memory, from /proc/meminfo. */
#include <stdio.h>
#include <stdlib.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: free\n\n"
        "Shows how much memory there is, how much is used and for what, in KiB.\n";

/* A line with a bar of forty columns; nothing when the kernel does not tell. */
static void print_line(const char *text, const char *name, const char *label, long total)
{
        long value = tool_field(text, name);
        int columns;

        if (value < 0)
                return;
        columns = total > 0 ? (int)(value * 40 / total) : 0;
        printf("%-14s %12ld  ", label, value);
        for (int i = 0; i < columns && i < 40; i++)
                putchar('#');
        putchar('\n');
}

int main(int argc, char **argv)
{
        char *text;
        long total;

        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        text = tool_read_file("/proc/meminfo");
        if (!text)
                return tool_error("/proc/meminfo");
        total = tool_field(text, "MemTotal");
        print_line(text, "MemTotal", "total", total);
        print_line(text, "MemFree", "free", total);
        print_line(text, "MemAvailable", "available", total);
        print_line(text, "AnonPages", "anonymous", total);
        print_line(text, "Shmem", "shared", total);
        print_line(text, "Mapped", "mapped", total);
        print_line(text, "Slab", "slab", total);
        print_line(text, "PageTables", "page tables", total);
        print_line(text, "KernelStack", "kernel stacks", total);
        print_line(text, "Committed_AS", "promised", total);
        print_line(text, "CommitLimit", "may promise", total);
        free(text);
        return 0;
}
