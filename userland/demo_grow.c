/* SPDX-License-Identifier: MIT */
/*
 * demo-grow: a block of memory that grows with realloc, which has the kernel move the pages by
 * mremap instead of copying them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: demo-grow [MIB]\n\n"
        "Doubles a block from 1 MiB to MIB (256) with realloc, then the same by hand with malloc and memcpy.\n"
        "Shows after each step where the block lies, what is in memory and how long it took.\n";

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static long resident(void)
{
        char *status = tool_read_file("/proc/self/status");
        long kib = status ? tool_field(status, "VmRSS") : -1;

        free(status);
        return kib;
}

/* A word in every page says which page it is. */
static void number_pages(char *block, size_t from, size_t to)
{
        for (size_t at = from; at < to; at += 4096)
                *(volatile size_t *)(block + at) = at;
}

static size_t count_wrong(const char *block, size_t size)
{
        size_t wrong = 0;

        for (size_t at = 0; at < size; at += 4096)
                wrong += *(const volatile size_t *)(block + at) != at;
        return wrong;
}

static char *grow_by_copy(char *block, size_t size)
{
        char *larger = malloc(2 * size);

        if (larger)
                memcpy(larger, block, size);
        free(block);
        return larger;
}

static char *grow_by_realloc(char *block, size_t size)
{
        return realloc(block, 2 * size);
}

static int run(const char *title, size_t most, char *(*grow)(char *, size_t))
{
        char *block = malloc(1u << 20);
        size_t size = 1u << 20;

        printf("\n%s\n%10s  %-18s %-8s %14s %10s\n", title, "size", "address", "", "in memory",
               "time");
        if (!block)
                return tool_error("malloc");
        number_pages(block, 0, size);
        while (size < most) {
                uintptr_t before = (uintptr_t)block;
                double began = now(), took;

                block = grow(block, size);
                took = now() - began;
                if (!block)
                        return tool_error("growing");
                number_pages(block, size, 2 * size);
                size *= 2;
                printf("%6zu MiB  %#-18lx %-8s %10ld KiB %7.2f ms\n", size >> 20,
                       (unsigned long)block, (uintptr_t)block == before ? "in place" : "moved",
                       resident(), took);
        }
        printf("%zu of %zu pages are wrong\n", count_wrong(block, size), size / 4096);
        free(block);
        return 0;
}

int main(int argc, char **argv)
{
        size_t most = 256;

        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                most = strtoul(*argv, NULL, 10);
        if (argc > 1 || most < 2 || most > 1u << 20)
                tool_misused(help);
        most <<= 20;
        puts("A block of memory is doubled until it is large. Every page says which one it is.");
        if (run("realloc: the kernel moves page-table entries, the pages stay where they are", most,
                grow_by_realloc) != 0)
                return 1;
        return run("malloc and memcpy: every byte is copied, and for a while there are two of it",
                   most, grow_by_copy);
}
