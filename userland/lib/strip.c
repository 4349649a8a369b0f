/* SPDX-License-Identifier: MIT */
/*
 * Drawing address space. See strip.h.
 */
#include "userland/lib/strip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/lib/tool.h"

#define PAGE  4096UL
#define DRAWN 128

/* Strips are laid out one behind the other, far from what the library and the kernel use. */
static unsigned long next_base = 0x200000000UL;

int strip_reserve(struct strip *strip, const char *name, int pages)
{
        void *there = mmap((void *)next_base, (size_t)pages * PAGE, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (there == MAP_FAILED)
                return -1;
        munmap(there, (size_t)pages * PAGE);
        strip->name = name;
        strip->base = (unsigned long)there;
        strip->pages = pages < DRAWN ? pages : DRAWN;
        next_base = strip->base + 16 * (unsigned long)pages * PAGE;
        return 0;
}

void *strip_at(const struct strip *strip, int page)
{
        return (void *)(strip->base + (unsigned long)page * PAGE);
}

void strip_map(const struct strip *strip, int page, int pages)
{
        if (mmap(strip_at(strip, page), (size_t)pages * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
                exit(tool_error("mmap"));
}

void strip_stamp(const struct strip *strip, int page, int letter)
{
        memset(strip_at(strip, page), letter, PAGE);
}

static char letter_of(const volatile unsigned char *page)
{
        for (unsigned i = 1; i < PAGE; i++)
                if (page[i] != page[0])
                        return '?';
        return page[0] ? (char)page[0] : '0';
}

/* Calls the function for each of the strip's mappings, in pages of the strip. */
static void each_mapping(const struct strip *strip,
                         void (*fn)(const struct strip *, long, long, const char *, void *),
                         void *arg)
{
        char *file = tool_read_file("/proc/self/maps");
        struct tool_mapping m;
        const char *text = file;
        unsigned long end = strip->base + (unsigned long)strip->pages * PAGE;

        while (file && tool_next_mapping(&text, &m))
                if (m.start < end && m.end > strip->base)
                        fn(strip, ((long)m.start - (long)strip->base) / (long)PAGE,
                           ((long)m.end - (long)strip->base) / (long)PAGE, m.perms, arg);
        free(file);
}

static void draw_letters(const struct strip *strip, long from, long to, const char *perms,
                         void *arg)
{
        char *picture = arg;

        for (long i = from < 0 ? 0 : from; i < to && i < strip->pages; i++)
                picture[i] = perms[0] == 'r' ? letter_of(strip_at(strip, (int)i)) : '-';
}

void strip_draw(const struct strip *strip)
{
        char picture[DRAWN + 1];

        memset(picture, '.', (size_t)strip->pages);
        picture[strip->pages] = 0;
        each_mapping(strip, draw_letters, picture);
        printf("  %-8s %s\n", strip->name, picture);
}

static void print_mapping(const struct strip *strip, long from, long to, const char *perms,
                          void *arg)
{
        (void)strip;
        printf("%s%ld-%ld %s", *(int *)arg ? " | " : "           ", from, to, perms);
        *(int *)arg = 1;
}

void strip_draw_maps(const struct strip *strip)
{
        int any = 0;

        each_mapping(strip, print_mapping, &any);
        puts(any ? "" : "           none");
}
