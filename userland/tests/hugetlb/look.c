/* SPDX-License-Identifier: MIT */
/* How memory looks: meminfo, smaps, pagemap, PAGEMAP_SCAN. hugetlb.h has the picture. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/base/abi/procfs.h"
#include "userland/tests/hugetlb/hugetlb.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 17];
static long pte_before;
static unsigned long long word;

void look_begin(void)
{
        pte_before = status_value("VmPTE");
}

static long meminfo(const char *name)
{
        static char info[1 << 13];
        const char *line;

        if (read_file("/proc/meminfo", info, sizeof(info)) < 0)
                return -1;
        line = strstr(info, name);
        return line ? atol(line + strlen(name)) : -1;
}

const char *pool_state(void)
{
        static char state[96];

        snprintf(state, sizeof(state), "total %ld free %ld rsvd %ld surp %ld",
                 meminfo("HugePages_Total:"), meminfo("HugePages_Free:"),
                 meminfo("HugePages_Rsvd:"), meminfo("HugePages_Surp:"));
        return state;
}

/* What the mappings of the arena have in all. */
struct sums {
        long rss, private, shared, maps;
        unsigned char mapped[64]; /* by 2 MiB */
};

static void add_line(struct sums *s, const char *line)
{
        if (!strncmp(line, "Rss:", 4))
                s->rss += atol(line + 4) / 4;
        if (!strncmp(line, "Private_Hugetlb:", 16))
                s->private += atol(line + 16) / 2048;
        if (!strncmp(line, "Shared_Hugetlb:", 15))
                s->shared += atol(line + 15) / 2048;
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
        read_file("/proc/self/smaps", text, sizeof(text));
        for (; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long from, to;

                if (!is_header(line, &from, &to)) {
                        if (in)
                                add_line(s, line);
                        continue;
                }
                in = from >= ARENA && from < ARENA + SPACE;
                s->maps += in;
                for (unsigned long at = from / HUGE * HUGE; in && at < to && at < ARENA + SPACE;
                     at += HUGE)
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
        return regions[0].categories & PAGE_IS_HUGE ? 'H' : 's';
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
        say("     %s   %s   mine %ld private %ld shared %ld   maps %ld rss %ld pte %ld", letters,
            pool_state(), status_value("HugetlbPages") / 2048, s.private, s.shared, s.maps, s.rss,
            status_value("VmPTE") - pte_before);
}

/* The arena's mappings without address and inode number. */
void look_maps(void)
{
        char *line = text, *end;

        read_file("/proc/self/maps", text, sizeof(text));
        for (; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long from, to;
                char perms[8], offset[20], dev[12], name[64] = "";

                *end = 0;
                if (!is_header(line, &from, &to) || from < ARENA || from >= ARENA + SPACE)
                        continue;
                sscanf(line, "%*s %7s %19s %11s %*s %63[^\n]", perms, offset, dev, name);
                say("     +%lu %lu pages %s %s %s", (from - ARENA) / PAGE, (to - from) / PAGE,
                    perms, offset, name);
        }
}

void look_flags(void)
{
        static const char *const shown[] = { "KernelPageSize:", "MMUPageSize:", "Rss:",
                                             "Referenced:",     "Locked:",      "THPeligible:",
                                             "VmFlags:" };
        char *line = text, *end;
        int in = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long from, to;

                *end = 0;
                if (is_header(line, &from, &to))
                        in = from >= ARENA && from < ARENA + SPACE;
                for (unsigned i = 0; in && i < sizeof(shown) / sizeof(shown[0]); i++)
                        if (!strncmp(line, shown[i], strlen(shown[i])))
                                say("     %s", line);
        }
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

        raw_call(NR_pread64, fd, &word, 8, addr / PAGE * 8);
        raw_call(NR_close, fd);
        say("     pagemap %#llx%s", (word & ~frames) >> 55, word & frames ? "" : " no frame");
}
