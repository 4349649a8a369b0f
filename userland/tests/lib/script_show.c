/* SPDX-License-Identifier: MIT */
/* What a script's memory looks like: /proc/self/smaps in short, and a letter a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/script_words.h"
#include "userland/tests/lib/transcript.h"

#define DRAWN 160 /* pages at most */

/* One mapping of smaps: its first line taken apart, and the line of its flags. */
struct mapping {
        unsigned long start, end, offset;
        char perms[5];
        char name[64];
        char flags[96];
};

static char smaps_text[1 << 19];

static void parse_head(char *line, struct mapping *m)
{
        char *p = line;

        m->start = strtoul(p, &p, 16);
        m->end = strtoul(p + 1, &p, 16);
        memcpy(m->perms, p + 1, 4);
        m->perms[4] = 0;
        m->offset = strtoul(p + 6, &p, 16);
        p = strchr(p + 1, ' ');
        strtoul(p, &p, 10);
        snprintf(m->name, sizeof(m->name), "%s", p + strspn(p, " "));
        m->flags[0] = 0;
}

/* Takes the next mapping from *text; 0 at the end. Its last line is the one with the flags. */
static int next_mapping(char **text, struct mapping *m)
{
        char *line = *text;
        char *end;

        for (int first = 1; (end = strchr(line, '\n')); line = end + 1, first = 0) {
                *end = 0;
                if (first)
                        parse_head(line, m);
                if (strncmp(line, "VmFlags: ", 9) != 0)
                        continue;
                snprintf(m->flags, sizeof(m->flags), "%s", line + 9);
                *text = end + 1;
                return 1;
        }
        return 0;
}

/* The flags but for those that follow from permissions and sharing, each behind a blank. */
static void put_flags(const char *flags)
{
        for (; strlen(flags) >= 2; flags += strcspn(flags, " "), flags += strspn(flags, " ")) {
                char two[4] = { flags[0], flags[1], ' ', 0 };

                if (!strstr("rd wr ex sh mr mw me ms ", two))
                        put(" %.2s", flags);
        }
}

/* Its range in pages from the origin, or if that is 0 as it is. */
static void put_mapping(const struct mapping *m, unsigned long origin)
{
        if (origin)
                put("%ld-%ld %s", ((long)m->start - (long)origin) / (long)PAGE,
                    ((long)m->end - (long)origin) / (long)PAGE, m->perms);
        else
                put("%lx-%lx %s", m->start, m->end, m->perms);
        if (m->offset)
                put(" @%lx", m->offset / PAGE);
        put_flags(m->flags);
        if (m->name[0])
                put(" %s", m->name);
}

/* Whether the page table has a page there, as /proc/self/pagemap says. */
static int is_present(unsigned long addr)
{
        unsigned long entry = 0;
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);

        raw_call(NR_pread64, fd, &entry, sizeof(entry), addr / PAGE * sizeof(entry));
        raw_call(NR_close, fd);
        return (long)entry < 0;
}

/* Reading a missing page of userfaultfd's would ask its reader, who may be the one that reads. */
static int would_wait(const struct mapping *m, unsigned long addr)
{
        return (strstr(m->flags, "um") || strstr(m->flags, "uw") || strstr(m->flags, "ui")) &&
               !is_present(addr);
}

static char letter_at(const struct mapping *m, unsigned long addr)
{
        if (would_wait(m, addr))
                return '_';
        return touch(addr, ACCESS_READ).signo ? '!' : page_letter(addr);
}

static void draw(const struct mapping *m, unsigned long start, char *strip)
{
        unsigned long addr = m->start < start ? start : m->start;

        for (; addr < m->end && addr < start + DRAWN * PAGE; addr += PAGE)
                strip[(addr - start) / PAGE] = m->perms[0] == 'r' ? letter_at(m, addr) : '-';
}

/* More than 16 of a letter are written as A*17. */
static void put_strip(const char *strip)
{
        int run;

        for (; *strip; strip += run) {
                for (run = 1; strip[run] == *strip; run++)
                        ;
                if (run > 16)
                        put("%c*%d%s", *strip, run, strip[run] ? " " : "");
                else
                        put("%.*s", run, strip);
        }
}

static void put_mappings(unsigned long start, unsigned long end, unsigned long origin)
{
        char strip[DRAWN + 1];
        char *text = smaps_text;
        struct mapping m;
        int length = DRAWN;
        int count = 0;

        memset(strip, '.', DRAWN);
        put("%s     ", line_is_open ? "\n" : "");
        line_is_open = 0;
        if (read_file("/proc/self/smaps", smaps_text, sizeof(smaps_text)) < 0)
                put("smaps cannot be read");
        while (next_mapping(&text, &m)) {
                if (m.end <= start || m.start >= end)
                        continue;
                put("%s", count++ ? " | " : "");
                put_mapping(&m, origin);
                if (m.end > end)
                        m.end = end;
                draw(&m, start, strip);
        }
        while (length > 0 && strip[length - 1] == '.')
                length--;
        strip[length] = 0;
        put("%s", count ? "   " : "nothing");
        put_strip(strip);
        put("\n");
}

void put_arena(void)
{
        put_mappings(ARENA, ARENA_END, ARENA);
}

void put_range(unsigned long start, unsigned long end)
{
        unsigned long origin = 0;

        if (start >= ARENA && start < ARENA_END)
                origin = ARENA;
        else if (is_in_heap(start))
                origin = heap_start();
        put_mappings(start, end, origin);
}

const char *vm_flags_at(unsigned long addr)
{
        static struct mapping m;
        char *text = smaps_text;

        if (read_file("/proc/self/smaps", smaps_text, sizeof(smaps_text)) < 0)
                return "smaps cannot be read";
        while (next_mapping(&text, &m))
                if (m.start <= addr && addr < m.end)
                        return m.flags;
        return "no mapping";
}

unsigned long mapping_named(const char *name)
{
        static struct mapping m;
        char *text = smaps_text;

        if (read_file("/proc/self/smaps", smaps_text, sizeof(smaps_text)) < 0)
                return 0;
        while (next_mapping(&text, &m))
                if (strcmp(m.name, name) == 0)
                        return m.start;
        return 0;
}
