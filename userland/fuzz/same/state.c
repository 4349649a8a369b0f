/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of the arena: its mappings, the process's counters (less what they were
 * before the first call), its pages as pagemap has them, with a hash of what they hold. Every few
 * calls the whole of smaps, too.
 *
 * Pages are only read when they are there, so that looking does not change what is looked at.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "userland/fuzz/same/same.h"

#define SMAPS_EVERY 8 /* calls */

static char file[65536];

static const char *const counters[] = { "VmSize",  "VmLck",   "VmData",
                                        "RssAnon", "RssFile", "RssShmem" };
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
static long base[COUNTERS];

/* Which pages of the arena may be read. */
static bool readable[ARENA_PAGES];

/* Reads as much of a file as there is room for, and a mapping beyond the arena is enough. */
static long read_whole(const char *path)
{
        long length = 0, n = 0;
        long fd = raw_call(NR_open, path, O_RDONLY, 0);

        while (fd >= 0 && (n = raw_call(NR_read, fd, file + length,
                                        sizeof(file) - 1 - (unsigned long)length)) > 0)
                length += n;
        raw_call(NR_close, fd);
        file[length] = 0;
        return length;
}

static void count(long *values)
{
        memset(values, 0, COUNTERS * sizeof(*values));
        read_whole("/proc/self/status");
        for (char *line = file; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (line[0] != 'V' && line[0] != 'R')
                        continue;
                for (unsigned i = 0; i < COUNTERS; i++) {
                        unsigned long n = strlen(counters[i]);

                        if (strncmp(line, counters[i], n) == 0 && line[n] == ':')
                                values[i] = strtol(line + n + 1, NULL, 10);
                }
        }
}

void state_base(void)
{
        count(base);
}

static void put_counters(void)
{
        long now[COUNTERS];

        count(now);
        for (unsigned i = 0; i < COUNTERS; i++)
                put(" %s %ld", counters[i], now[i] - base[i]);
        put("\n");
}

struct mapping {
        unsigned long start, end, offset;
        char perms[5];
        const char *name; /* up to the end of the line */
};

/* A line of maps, or the first of a mapping in smaps: false for any other. */
static bool parse_mapping(const char *line, struct mapping *m)
{
        char *p;

        m->start = strtoul(line, &p, 16);
        if (p == line || *p != '-')
                return false;
        m->end = strtoul(p + 1, &p, 16);
        memcpy(m->perms, p + 1, 4);
        m->perms[4] = 0;
        m->offset = strtoul(p + 6, &p, 16);
        p = strchr(p + 1, ' '); /* behind the device */
        strtoul(p, &p, 10);     /* the inode is not the same */
        while (*p == ' ')
                p++;
        m->name = p;
        return true;
}

static const char *next_line(const char *line)
{
        const char *end = strchr(line, '\n');

        return end && end[1] ? end + 1 : NULL;
}

static void put_mapping(const struct mapping *m)
{
        put_place(m->start);
        put("-");
        put_place(m->end);
        put(" %s %lx %.*s", m->perms, m->offset, (int)strcspn(m->name, "\n"), m->name);
}

static void put_mappings(void)
{
        struct mapping m;

        memset(readable, 0, sizeof(readable));
        read_whole("/proc/self/maps");
        for (const char *line = file; line; line = next_line(line)) {
                if (!parse_mapping(line, &m) || m.end <= ARENA || m.start >= ARENA_END)
                        continue;
                put(" ");
                put_mapping(&m);
                put(" |");
                for (unsigned long a = m.start; a < m.end; a += PAGE)
                        if (in_arena(a))
                                readable[(a - ARENA) / PAGE] = m.perms[0] == 'r';
        }
        put("\n");
}

static uint64_t sum_page(unsigned long addr)
{
        const uint64_t *word = (const uint64_t *)addr;
        uint64_t sum = 0;

        for (unsigned i = 0; i < PAGE / 8; i++)
                sum = sum * 31 + word[i];
        return sum ^ sum >> 32;
}

static void put_pages(void)
{
        static uint64_t words[ARENA_PAGES];
        long fd = raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);
        long n = raw_call(NR_pread64, fd, words, sizeof(words), ARENA / PAGE * 8);

        raw_call(NR_close, fd);
        if (n != sizeof(words))
                put(" pagemap %ld", n);
        for (unsigned i = 0; i < ARENA_PAGES; i++) {
                if (!words[i])
                        continue;
                put(" %u:%lx", i, words[i] >> 55);
                if (words[i] >> 63 && readable[i])
                        put(":%lx", sum_page(ARENA + i * PAGE) & 0xffffffff);
        }
        put("\n");
}

static void put_smaps(void)
{
        bool inside = false;
        struct mapping m;

        read_whole("/proc/self/smaps");
        for (const char *line = file; line; line = next_line(line)) {
                if (parse_mapping(line, &m)) {
                        inside = m.end > ARENA && m.start < ARENA_END;
                        if (inside) {
                                put("\n   ");
                                put_place(m.start);
                        }
                } else if (inside) {
                        unsigned long head = strcspn(line, " \n");
                        const char *value = line + head + strspn(line + head, " ");

                        if (strncmp(value, "0 kB", 4) != 0)
                                put(" %.*s%.*s", (int)head, line, (int)strcspn(value, "\n"), value);
                }
        }
        put("\n");
}

void state_put(void)
{
        put_mappings();
        put_counters();
        put_pages();
        if (control->number % SMAPS_EVERY == SMAPS_EVERY - 1 || control->next == control->count)
                put_smaps();
}

void state_own_mappings(void (*fn)(unsigned long start, unsigned long end, const char *perms))
{
        struct mapping m;

        read_whole("/proc/self/maps");
        for (const char *line = file; line; line = next_line(line))
                if (parse_mapping(line, &m) && m.end <= ARENA)
                        fn(m.start, m.end, m.perms);
}
