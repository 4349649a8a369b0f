/* SPDX-License-Identifier: MIT */
/*
 * demo-multi: one mremap() that moves two mappings and the hole between them, the maps before and
 * after, and what the kernel did for it by its own count. docs/mm.md follows this call.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/lib/counters.h"
#include "userland/lib/tool.h"

static const char help[] =
        "usage: demo-multi\n\n"
        "Moves private memory of 4 MiB and 3 pages, a hole of 4 pages and shared memory of\n"
        "2 pages with one mremap, and shows the mappings and /proc/self/mmstat around it.\n";

#define PAGE   4096UL
#define SOURCE 0x200000000UL
#define TARGET 0x240000000UL
#define SECOND (4 * 1024 * 1024 + 7 * PAGE) /* where the shared memory begins: after the hole */
#define LENGTH (SECOND + 2 * PAGE)

static int map(unsigned long at, unsigned long len, int kind, int fd, const char *name)
{
        unsigned char *p = mmap((void *)at, len, PROT_READ | PROT_WRITE,
                                kind | MAP_FIXED_NOREPLACE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

        if (p == MAP_FAILED)
                return tool_error(name);
        for (unsigned long i = 0; i < len; i += PAGE)
                p[i] = 1;
        return 0;
}

static void show_maps(void)
{
        char *text = tool_read_file("/proc/self/maps");
        const char *rest = text;
        struct tool_mapping m;

        while (text && tool_next_mapping(&rest, &m))
                if (m.start >= SOURCE && m.end <= TARGET + 2 * LENGTH)
                        printf("  %s +%6lu  %6lu pages  %s  %s\n",
                               m.start < TARGET ? "source" : "target",
                               (m.start - (m.start < TARGET ? SOURCE : TARGET)) / PAGE,
                               (m.end - m.start) / PAGE, m.perms, m.name[0] ? m.name : "private");
}

int main(int argc, char **argv)
{
        static struct counters before, after;
        void *result;
        int fd;

        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        fd = memfd_create("shared", 0);
        if (fd < 0 || ftruncate(fd, 2 * PAGE))
                return tool_error("memfd");
        if (map(SOURCE, 4 * 1024 * 1024 + 3 * PAGE, MAP_PRIVATE, -1, "source") ||
            map(SOURCE + SECOND, 2 * PAGE, MAP_SHARED, fd, "shared memory") ||
            map(TARGET + SECOND - 3 * PAGE, 4 * PAGE, MAP_PRIVATE, -1, "target"))
                return 1;
        puts("Two mappings with a hole of four pages between them. At the target something lies under\n"
             "the hole and under the page behind it:");
        show_maps();
        counters_read(&before);
        counters_read(&before);
        result = mremap((void *)SOURCE, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED,
                        (void *)TARGET);
        counters_read(&after);
        printf("\nmremap(source, %lu pages, %lu pages, MAYMOVE|FIXED, target) = %s\n",
               LENGTH / PAGE, LENGTH / PAGE, result == MAP_FAILED ? strerror(errno) : "target");
        show_maps();
        puts("\nWhat the kernel did for it:");
        counters_show(&before, &after);
        return 0;
}
