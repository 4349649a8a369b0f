/* SPDX-License-Identifier: MIT */
/*
 * demo-dontunmap: the pages of a mapping are taken away while the mapping stays, so that a
 * collector or a debugger can look at them in peace and the program faults in new ones.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/lib/strip.h"
#include "userland/lib/tool.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static const char help[] =
        "usage: demo-dontunmap\n\n"
        "Moves the pages of a mapping away with MREMAP_DONTUNMAP, in steps, and draws\n"
        "both places after each.\n";

#define PAGES 12

static void draw(const char *title, struct strip *heap, struct strip *taken)
{
        printf("\n%s\n", title);
        strip_draw(heap);
        strip_draw(taken);
}

int main(int argc, char **argv)
{
        struct strip heap, taken;

        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        if (strip_reserve(&heap, "heap", PAGES) != 0 || strip_reserve(&taken, "taken", PAGES) != 0)
                return tool_error("reserving memory");

        strip_map(&heap, 0, PAGES);
        for (int i = 0; i < PAGES; i++)
                strip_stamp(&heap, i, 'A' + i);
        draw("A heap of twelve pages with a letter each; the other place is empty (.):", &heap,
             &taken);

        if (mremap(strip_at(&heap, 2), 6 * 4096, 6 * 4096,
                   MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                   strip_at(&taken, 2)) == MAP_FAILED)
                return tool_error("mremap");
        draw("Pages C to H were taken. The heap's mapping is still there, and reads zero (0):",
             &heap, &taken);

        strip_stamp(&heap, 3, 'x');
        strip_stamp(&heap, 5, 'y');
        draw("The program goes on and writes x and y to fresh pages; what was taken does not change:",
             &heap, &taken);

        if (mremap(strip_at(&taken, 4), 2 * 4096, 2 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
                   strip_at(&heap, 4)) == MAP_FAILED)
                return tool_error("mremap");
        draw("E and F are given back, over what lies there now. y is gone:", &heap, &taken);

        puts("\nNot a byte was copied: only entries of page tables were moved.");
        return 0;
}
