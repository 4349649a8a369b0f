/* SPDX-License-Identifier: MIT */
/*
 * demo-move: two arenas and the pages that are moved between them, drawn before and after each
 * call.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/lib/strip.h"
#include "userland/lib/tool.h"

static const char help[] =
        "usage: demo-move\n\n"
        "Moves, grows and shrinks mappings between two arenas with mremap, and draws\n"
        "both after each call, with their lines of /proc/self/maps.\n";

#define PAGES 16

static struct strip left, right;

static void draw(void)
{
        strip_draw(&left);
        strip_draw_maps(&left);
        strip_draw(&right);
        strip_draw_maps(&right);
}

/* One mremap, told and drawn. */
static void call(const char *why, struct strip *from, int page, int pages, int new_pages,
                 struct strip *to, int target)
{
        int flags = to ? MREMAP_MAYMOVE | MREMAP_FIXED : 0;
        void *result = mremap(strip_at(from, page), (size_t)pages * 4096, (size_t)new_pages * 4096,
                              flags, to ? strip_at(to, target) : NULL);

        printf("\n%s\n  mremap(%s+%d, %d, %d, ", why, from->name, page, pages, new_pages);
        if (to)
                printf("MAYMOVE|FIXED, %s+%d)", to->name, target);
        else
                printf("0)");
        printf(" = %s\n", result == MAP_FAILED ? strerror(errno) : "ok");
        draw();
}

int main(int argc, char **argv)
{
        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        if (strip_reserve(&left, "left", PAGES) != 0 || strip_reserve(&right, "right", PAGES) != 0)
                return tool_error("reserving memory");
        strip_map(&left, 0, 8);
        for (int i = 0; i < 8; i++)
                strip_stamp(&left, i, 'A' + i);
        strip_map(&right, 4, 6);
        for (int i = 4; i < 10; i++)
                strip_stamp(&right, i, 'p' + i - 4);
        puts("Two arenas of sixteen pages. A letter is a page that was written, 0 one that reads zero,\n"
             ". nothing. Lengths are in pages.\n");
        draw();
        call("The middle moves across, over what lies there.", &left, 2, 3, 3, &right, 6);
        call("The end grows where it is.", &left, 5, 3, 6, NULL, 0);
        call("It cannot grow into a neighbour.", &right, 4, 2, 4, NULL, 0);
        call("It moves home and grows on the way; what comes new is zero.", &right, 6, 3, 4, &left,
             12);
        call("It shrinks on the way: the tail is unmapped.", &left, 5, 6, 2, &right, 12);
        call("A hole cannot be moved.", &left, 8, 2, 2, &right, 0);
        return 0;
}
