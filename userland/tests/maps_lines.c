/* SPDX-License-Identifier: MIT */
/* /proc/self/maps with more lines than fit into a page, read at once and in pieces of many sizes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 18];

/* The arena's lines, without device and inode, and with the name if there is one. */
static void show_lines(void)
{
        for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
                unsigned long start = strtoul(line, NULL, 16);
                size_t len = strcspn(line, "\n");

                if (start >= ARENA && start < ARENA_END)
                        say("     [%.33s] %.*s", line, len > 73 ? (int)(len - 73) : 0, line + 73);
        }
}

/* The file again in pieces of `size`, each read where the last one ended: is it `text`? */
static int same_in_pieces(size_t size)
{
        static char piece[8192];
        long fd = raw_call(NR_open, "/proc/self/maps", 0, 0);
        size_t at = 0;
        long n;

        while ((n = raw_call(NR_pread64, fd, piece, size, at)) > 0) {
                if (memcmp(text + at, piece, (size_t)n) != 0)
                        break;
                at += (size_t)n;
        }
        raw_call(NR_close, fd);
        return n == 0 && text[at] == 0;
}

/* With names in the middle that come and go. */
int main(void)
{
        static const size_t sizes[] = { 49, 1000, 4095, 4096, 5000 };
        long one = raw_call(NR_memfd_create, "one", 0), two = raw_call(NR_memfd_create, "two", 0);

        scene_in_arena("many lines");
        raw_call(NR_ftruncate, one, 8 * PAGE);
        raw_call(NR_ftruncate, two, 8 * PAGE);
        for (int i = 0; i < 200; i++)
                raw_call(NR_mmap, at(2 * i), PAGE, i % 3, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
                         -1, 0);
        for (int i = 60; i < 90; i++)
                raw_call(NR_mmap, at(2 * i), PAGE, PROT_READ, MAP_SHARED | MAP_FIXED,
                         i % 5 < 3 ? one : two, i % 8 * PAGE);
        check(read_file("/proc/self/maps", text, sizeof(text)) > 0, "maps can be read");
        show_lines();
        for (int i = 0; i < 5; i++)
                check(same_in_pieces(sizes[i]), "the same in pieces of %zu", sizes[i]);
        return 0;
}
