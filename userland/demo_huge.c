/* SPDX-License-Identifier: MIT */
/*
 * demo-huge: huge pages moved whole, with their edges split, and all of them split; what smaps says
 * about the memory each time, and what the kernel did for the move by its own count.
 * docs/huge-pages.md tells how.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/lib/counters.h"
#include "userland/lib/tool.h"

static const char help[] =
        "usage: demo-huge\n\n"
        "Moves 32 MiB of huge pages to three places with mremap, each of which lies\n"
        "differently within 2 MiB, and shows what became of the pages.\n";

#define PAGE   4096UL
#define HUGE   (512 * PAGE)
#define LENGTH (16 * HUGE)
#define SOURCE 0x200000000UL
#define TARGET 0x240000000UL

/* Pages of [start, start + len) that are mapped 2 MiB at a time; -1: smaps cannot be read. */
static long huge_pages(unsigned long start, unsigned long len)
{
        char *text = tool_read_file("/proc/self/smaps");
        const char *line = text;
        long kib = 0;
        int within = 0;

        if (!text)
                return -1;
        for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                unsigned long from, to, value;

                if (sscanf(line, "%lx-%lx", &from, &to) == 2)
                        within = from < start + len && to > start;
                else if (within && sscanf(line, "AnonHugePages: %lu kB", &value) == 1)
                        kib += (long)value;
        }
        return kib / 2048;
}

/* 32 MiB of huge pages at SOURCE, every page written to. */
static int make_memory(void)
{
        unsigned char *p = mmap((void *)SOURCE, LENGTH, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

        if (p == MAP_FAILED)
                return tool_error("mmap");
        if (madvise(p, LENGTH, MADV_HUGEPAGE))
                return tool_error("MADV_HUGEPAGE");
        for (unsigned long i = 0; i < LENGTH; i += PAGE)
                p[i] = (unsigned char)(i / PAGE + i / HUGE);
        return 0;
}

/* Pages that do not hold what make_memory() wrote, or what lay `from` the start of it. */
static unsigned long count_wrong(const unsigned char *p, unsigned long from, unsigned long len)
{
        unsigned long wrong = 0;

        for (unsigned long i = 0; i < len; i += PAGE) {
                unsigned long at = from + i;

                wrong += p[i] != (unsigned char)(at / PAGE + at / HUGE);
        }
        return wrong;
}

/* Move [SOURCE + from, + len) to `to`, and tell. */
static int show_move(const char *title, unsigned long from, unsigned long len, unsigned long to)
{
        static struct counters before, after;
        void *result;

        if (make_memory())
                return 1;
        printf("%s\n  %ld huge pages\n", title, huge_pages(SOURCE, LENGTH));
        counters_read(&before);
        counters_read(&before);
        result = mremap((void *)(SOURCE + from), len, len, MREMAP_MAYMOVE | MREMAP_FIXED,
                        (void *)to);
        counters_read(&after);
        if (result == MAP_FAILED)
                return tool_error("mremap");
        printf("  mremap(source + 0x%lx, 0x%lx, 0x%lx, MAYMOVE|FIXED, target + 0x%lx)\n", from, len,
               len, to - TARGET);
        printf("  %ld huge pages moved, %ld stayed; %lu pages are wrong\n", huge_pages(to, len),
               huge_pages(SOURCE, LENGTH), count_wrong(result, from, len));
        counters_show(&before, &after);
        puts("");
        munmap(result, len);
        munmap((void *)SOURCE, LENGTH);
        return 0;
}

int main(int argc, char **argv)
{
        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        return show_move("Source and target lie alike within 2 MiB:", 0, LENGTH,
                         TARGET + 3 * HUGE) ||
               show_move("They do, but both begin in the middle of a huge page:", PAGE,
                         LENGTH - HUGE, TARGET + PAGE) ||
               show_move("They do not:", 0, LENGTH, TARGET + PAGE);
}
