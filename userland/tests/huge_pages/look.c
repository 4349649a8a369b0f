/* SPDX-License-Identifier: MIT */
/* How memory looks: smaps, pagemap, PAGEMAP_SCAN. huge.h has the picture. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/base/abi/procfs.h"
#include "userland/tests/huge_pages/huge.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 17];
static long pte_before;
static unsigned long long words[512];

void look_begin(void)
{
        pte_before = status_value("VmPTE");
}

/* What the mappings of the arena have in all. */
struct sums {
        long rss, huge, lazy, eligible;
        unsigned char mapped[64]; /* by 2 MiB */
};

static void add_line(struct sums *s, const char *line)
{
        if (!strncmp(line, "Rss:", 4))
                s->rss += atol(line + 4) / 4;
        if (!strncmp(line, "AnonHugePages:", 14))
                s->huge += atol(line + 14) / 2048;
        if (!strncmp(line, "LazyFree:", 9))
                s->lazy += atol(line + 9) / 4;
        if (!strncmp(line, "THPeligible:", 12) && s->eligible < 0)
                s->eligible = atol(line + 12);
}

static int is_header(const char *line, unsigned long *start, unsigned long *end)
{
        char *at;

        *start = strtoul(line, &at, 16);
        if (at == line || *at != '-')
                return 0;
        *end = strtoul(at + 1, NULL, 16);
        return 1;
}

static void sum_up(struct sums *s)
{
        int in = 0;
        char *line = text, *end;

        memset(s, 0, sizeof(*s));
        s->eligible = -1;
        read_file("/proc/self/smaps", text, sizeof(text));
        for (; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long from, to;

                if (!is_header(line, &from, &to)) {
                        if (in)
                                add_line(s, line);
                        continue;
                }
                in = from >= ARENA && from < ARENA + SPACE;
                for (unsigned long at = from / HUGE * HUGE; in && at < to; at += HUGE)
                        s->mapped[(at - ARENA) / HUGE] = 1;
        }
}

static long open_pagemap(void)
{
        return raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);
}

/* The regions of [start, end) whose pages have something of `any`. */
static long find_regions(unsigned long start, unsigned long end, unsigned long long any,
                         struct page_region *regions, unsigned long nr)
{
        struct pm_scan_arg arg;
        long fd = open_pagemap(), n;

        memset(&arg, 0, sizeof(arg));
        arg.size = sizeof(arg);
        arg.start = start;
        arg.end = end;
        arg.vec = (unsigned long)regions;
        arg.vec_len = nr;
        arg.category_anyof_mask = any;
        arg.return_mask = 0x1ff;
        n = raw_call(NR_ioctl, fd, PAGEMAP_SCAN, &arg);
        raw_call(NR_close, fd);
        return n;
}

static char letter_of(unsigned long start)
{
        struct page_region regions[64];
        long n = find_regions(start, start + HUGE, PAGE_IS_PRESENT, regions, 64);

        if (n <= 0)
                return '-';
        if (!(regions[0].categories & PAGE_IS_HUGE))
                return 's';
        return regions[0].categories & PAGE_IS_PFNZERO ? '0' : 'H';
}

void look(void)
{
        char letters[65];
        struct sums s;
        unsigned last = 0;

        sum_up(&s);
        for (unsigned i = 0; i < 64; i++) {
                letters[i] = s.mapped[i] ? letter_of(ARENA + i * HUGE) : '.';
                if (s.mapped[i])
                        last = i + 1;
        }
        letters[last] = 0;
        say("     %s   rss %ld huge %ld hg %ld pte %ld", letters, s.rss, s.huge, s.eligible,
            status_value("VmPTE") - pte_before);
}

void look_lazy(void)
{
        struct sums s;

        sum_up(&s);
        say("     lazy %ld", s.lazy);
}

static const char *categories_name(unsigned long long c)
{
        static char name[16];
        static const char letters[] = "AWFPSZHDG";
        unsigned n = 0;

        for (unsigned i = 0; i < 9; i++)
                if (c >> i & 1)
                        name[n++] = letters[i];
        name[n] = 0;
        return name;
}

void scan(unsigned long start, unsigned long end)
{
        struct page_region regions[32];
        long n = find_regions(start, end, 0, regions, 32);

        if (n < 0)
                say("     scan %s", errno_name(n));
        for (long i = 0; i < n; i++)
                say("     %lu pages %s",
                    (unsigned long)((regions[i].end - regions[i].start) / PAGE),
                    categories_name(regions[i].categories));
}

void mark(unsigned long addr)
{
        long fd = open_pagemap();
        unsigned long long frames = (1ULL << 55) - 1;

        raw_call(NR_pread64, fd, words, 8, addr / PAGE * 8);
        raw_call(NR_close, fd);
        say("     pagemap %#llx", (words[0] & ~frames) >> 55);
}
