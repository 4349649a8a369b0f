/* SPDX-License-Identifier: MIT */
/* maps: the mappings of a process, with sizes, gaps and totals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: maps [-g] [PID]\n\n"
        "Shows the mappings of a process (its own without PID): where, how large, what may be done, what\n"
        "it is. Letters: r read, w write, x execute, p private, s shared. With -g also the gaps between.\n"
        "At the end, what it comes to.\n";

struct totals {
        unsigned long mappings, bytes, writable, executable, shared;
};

static void print_mapping(const struct tool_mapping *m)
{
        printf("%016lx-%016lx %10s  %s  ", m->start, m->end, tool_size(m->end - m->start),
               m->perms);
        if (m->offset)
                printf("+%#lx ", m->offset);
        puts(*m->name ? m->name : "anonymous");
}

static void count(struct totals *t, const struct tool_mapping *m)
{
        unsigned long size = m->end - m->start;

        t->mappings++;
        t->bytes += size;
        t->writable += m->perms[1] == 'w' && m->perms[3] == 'p' ? size : 0;
        t->executable += m->perms[2] == 'x' ? size : 0;
        t->shared += m->perms[3] == 's' ? size : 0;
}

int main(int argc, char **argv)
{
        unsigned gaps = tool_options(&argc, &argv, "g", help);
        struct totals totals = { 0, 0, 0, 0, 0 };
        struct tool_mapping mapping;
        unsigned long before = 0;
        const char *text;
        char path[64];
        char *file;

        if (argc > 1)
                tool_misused(help);
        snprintf(path, sizeof(path), "/proc/%.20s/maps", argc ? *argv : "self");
        text = file = tool_read_file(path);
        if (!file)
                return tool_error(path);
        while (tool_next_mapping(&text, &mapping)) {
                if (gaps && before && mapping.start > before)
                        printf("%33s %10s  gap\n", "", tool_size(mapping.start - before));
                print_mapping(&mapping);
                count(&totals, &mapping);
                before = mapping.end;
        }
        free(file);
        printf("%lu mappings, %s; private and writable %s, executable %s, shared %s\n",
               totals.mappings, tool_size(totals.bytes), tool_size(totals.writable),
               tool_size(totals.executable), tool_size(totals.shared));
        return 0;
}
