/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of what the calls have made: mappings, the process's counters (less what
 * they were before the first call), its pages as pagemap has them, with a hash of what they hold.
 * Every few calls the whole of smaps, too, but for what on Linux is a guess: Referenced and
 * LazyFree.
 *
 * Pages are only read when they are there, so that looking does not change what is looked at.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "userland/fuzz/same/same.h"

#define SMAPS_EVERY 8 /* calls */

#define OWN_START 0x400000UL /* where the program begins */
#define MAPPINGS  200

static char file[65536];

static const char *const counters[] = { "VmSize",  "VmLck",   "VmData",
                                        "RssAnon", "RssFile", "RssShmem" };
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
static long base[COUNTERS];

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

/* What the worker is made of: its program, its stack, the memory that all workers share. */
bool state_is_own(const struct mapping *m)
{
        if (!strncmp(m->name, "[heap]", 6))
                return false;
        if (!strncmp(m->name, "[vsyscall]", 10)) /* is no mapping, and not everywhere */
                return true;
        return (m->start >= OWN_START && m->end <= ARENA) || !strncmp(m->name, "[stack]", 7) ||
               (m->start >= (unsigned long)control &&
                m->end <= (unsigned long)(control + 1) + PAGE);
}

static struct mapping mappings[MAPPINGS];
static unsigned nr_mappings;

static void put_mappings(void)
{
        struct mapping m;

        nr_mappings = 0;
        read_whole("/proc/self/maps");
        for (const char *line = file; line; line = next_line(line)) {
                if (!parse_mapping(line, &m) || state_is_own(&m))
                        continue;
                put(" ");
                put_mapping(&m);
                put(" |");
                if (nr_mappings < MAPPINGS)
                        mappings[nr_mappings++] = m;
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

/* The first pages of a mapping: usually there are no more. */
static void put_pages_of(const struct mapping *m, long fd)
{
        static uint64_t words[ARENA_PAGES];
        unsigned long pages = (m->end - m->start) / PAGE;

        pages = pages < ARENA_PAGES ? pages : ARENA_PAGES;
        if (raw_call(NR_pread64, fd, words, pages * 8, m->start / PAGE * 8) != (long)pages * 8)
                return;
        for (unsigned i = 0; i < pages; i++) {
                if (!words[i])
                        continue;
                put(" ");
                put_place(m->start + i * PAGE);
                put(":%lx", words[i] >> 55);
                if (words[i] >> 63 && m->perms[0] == 'r')
                        put(":%lx", sum_page(m->start + i * PAGE) & 0xffffffff);
        }
}

static void put_pages(void)
{
        long fd = raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);

        for (unsigned i = 0; i < nr_mappings; i++)
                put_pages_of(&mappings[i], fd);
        raw_call(NR_close, fd);
        put("\n");
}

static void put_smaps(void)
{
        bool inside = false;
        struct mapping m;

        read_whole("/proc/self/smaps");
        for (const char *line = file; line; line = next_line(line)) {
                if (parse_mapping(line, &m)) {
                        inside = !state_is_own(&m);
                        if (inside) {
                                put("\n   ");
                                put_place(m.start);
                        }
                } else if (inside) {
                        unsigned long head = strcspn(line, " \n");
                        const char *value = line + head + strspn(line + head, " ");

                        if (strncmp(value, "0 kB", 4) != 0 &&
                            strncmp(line, "Referenced", 10) != 0 &&
                            strncmp(line, "LazyFree", 8) != 0)
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

bool state_is_locked(unsigned long start, unsigned long end)
{
        bool inside = false;
        struct mapping m;

        read_whole("/proc/self/smaps");
        for (const char *line = file; line; line = next_line(line)) {
                const char *end_of_line = strchr(line, '\n');
                const char *locked;

                if (parse_mapping(line, &m)) {
                        inside = m.end > start && m.start < end;
                } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
                        locked = strstr(line, " lo ");
                        if (locked && locked < end_of_line)
                                return true;
                }
        }
        return false;
}

bool state_is_shared(unsigned long start, unsigned long end)
{
        struct mapping m;

        read_whole("/proc/self/maps");
        for (const char *line = file; line; line = next_line(line))
                if (parse_mapping(line, &m) && m.end > start && m.start < end && m.perms[3] == 's')
                        return true;
        return false;
}

void state_each_mapping(mapping_fn *fn)
{
        static struct mapping all[MAPPINGS];
        unsigned count = 0;

        read_whole("/proc/self/maps");
        for (const char *line = file; line && count < MAPPINGS; line = next_line(line))
                count += parse_mapping(line, &all[count]);
        for (unsigned i = 0; i < count; i++)
                fn(&all[i]);
}
