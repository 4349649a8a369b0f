/* SPDX-License-Identifier: MIT */
/*
 * Moves of memory at the three levels that /proc/sys/vm/move_level knows: what can be seen of them
 * is the same. Where there is no such switch, the program does the same thing three times.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define PAGE  4096UL
#define MIB   (1UL << 20)
#define GIB   (1UL << 30)
#define FROM  0x2000000000UL
#define TO    0x3000000000UL
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE)

#define MAYMOVE   1
#define FIXED     2
#define DONTUNMAP 4

static char text[1 << 18];
static const char *level;

static int set_level(const char *name)
{
        long fd = raw_call(NR_open, "/proc/sys/vm/move_level", O_WRONLY, 0);
        long n = fd == -2 /* ENOENT */ ? (long)strlen(name)
                                       : raw_call(NR_write, fd, name, strlen(name));

        if (fd >= 0)
                raw_call(NR_close, fd);
        return n == (long)strlen(name);
}

/* A counter of /proc/self/mmstat; -1 where there is no such file. */
static long counter(const char *name)
{
        char *at;

        if (read_file("/proc/self/mmstat", text, sizeof(text)) < 0)
                return -1;
        at = strstr(text, name);
        return at ? atol(at + strlen(name)) : -2;
}

/* How many entries have moved at each level; -1 for a kernel that does not count. */
static void check_moved(long pte, long pmd, long pud)
{
        long got[] = { counter("moved_pte "), counter("moved_pmd "), counter("moved_pud ") };

        check(got[0] == -1 || (got[0] == pte && got[1] == pmd && got[2] == pud),
              "entries moved as the level says");
        if (got[0] != -1 && (got[0] != pte || got[1] != pmd || got[2] != pud))
                say("     %ld %ld %ld at level %s", got[0], got[1], got[2], level);
}

/* The lines of maps that begin in [from, to), and what is resident there. */
static void show_range(const char *what, unsigned long from, unsigned long to)
{
        char *line = text, *end;
        long rss = 0;
        int in = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (; *line; line = end + 1) {
                end = strchr(line, '\n');
                *end = 0;
                if (*line >= '0' && *line <= 'f' && strchr(line, '-') && !strchr(line, ':')) {
                        in = 0;
                } else if (strchr(line, '-') && strtoul(line, NULL, 16) > PAGE) {
                        unsigned long start = strtoul(line, NULL, 16);

                        in = start >= from && start < to;
                        if (in)
                                say("     %s %.49s", what, line);
                } else if (in && strncmp(line, "Rss:", 4) == 0) {
                        rss += atol(line + 4);
                }
        }
        say("     %s %ld kB resident", what, rss);
}

static void show_both(void)
{
        show_range("from", FROM, FROM + 8 * GIB);
        show_range("to", TO, TO + 8 * GIB);
}

/* Write a number to every `step`th byte; read a page in the middle of each step. */
static void fill(unsigned long addr, unsigned long len, unsigned long step)
{
        for (unsigned long at = 0; at < len; at += step) {
                *(volatile unsigned long *)(addr + at) = at + 1;
                if (step > PAGE)
                        (void)*(volatile char *)(addr + at + step / 2);
        }
}

static void check_filled(unsigned long addr, unsigned long len, unsigned long step)
{
        int right = 1;

        for (unsigned long at = 0; at < len; at += step)
                right &= *(volatile unsigned long *)(addr + at) == at + 1;
        check(right, "every page has arrived");
}

static void map_at(unsigned long addr, unsigned long len)
{
        raw_call(NR_mmap, addr, len, PROT_READ | PROT_WRITE, FLAGS, -1, 0);
}

static void move_gibibyte(void)
{
        map_at(FROM, GIB);
        fill(FROM, GIB, 16 * MIB);
        step(raw_call(NR_mremap, FROM, GIB, GIB, MAYMOVE | FIXED, TO) == (long)TO, "move 1 GiB");
        if (strcmp(level, "pte") == 0)
                check_moved(128, 0, 0);
        else if (strcmp(level, "pmd") == 0)
                check_moved(0, 128, 0);
        else
                check_moved(0, 0, 1);
        show_both();
        check_filled(TO, GIB, 16 * MIB);
        touch_step(FROM, ACCESS_READ);
}

/* Equal offsets within a table, and pages on either side that belong to others. */
static void move_middle(void)
{
        unsigned long head = 16 * PAGE;

        map_at(FROM, 6 * MIB);
        fill(FROM, 6 * MIB, PAGE);
        step(raw_call(NR_mremap, FROM + head, 4 * MIB, 4 * MIB, MAYMOVE | FIXED, TO + head) ==
                     (long)(TO + head),
             "move 4 MiB out of the middle");
        if (strcmp(level, "pte") == 0)
                check_moved(1024, 0, 0);
        else
                check_moved(512, 1, 0);
        show_both();
        touch_step(FROM + head, ACCESS_READ);
        *(volatile char *)FROM = 1;
}

static void move_keeping_source(void)
{
        map_at(FROM, 4 * MIB);
        fill(FROM, 4 * MIB, PAGE);
        step(raw_call(NR_madvise, FROM + PAGE, PAGE, 102), "a guard in the second page");
        step(raw_call(NR_mremap, FROM, 4 * MIB, 4 * MIB, MAYMOVE | FIXED | DONTUNMAP, TO) ==
                     (long)TO,
             "move and keep the source");
        if (strcmp(level, "pte") == 0)
                check_moved(1024, 0, 0);
        else
                check_moved(0, 2, 0);
        show_both();
        touch_step(TO + PAGE, ACCESS_READ);
        touch_step(FROM + PAGE, ACCESS_READ);
        check(*(volatile long *)(TO + 2 * PAGE) == 2 * PAGE + 1, "the data is at the target");
        check(*(volatile long *)(FROM + 2 * PAGE) == 0, "the source reads zero");
        step(raw_call(NR_munmap, TO, GIB), "unmap the target");
        show_both();
}

static void grow_elsewhere(void)
{
        map_at(FROM, 2 * MIB);
        map_at(FROM + 2 * MIB, 2 * MIB);
        fill(FROM, 4 * MIB, PAGE);
        step(raw_call(NR_mremap, FROM, 4 * MIB, 8 * MIB, MAYMOVE | FIXED, TO) == (long)TO,
             "move and grow to 8 MiB");
        if (strcmp(level, "pte") == 0)
                check_moved(1024, 0, 0);
        else
                check_moved(0, 2, 0);
        show_both();
        check_filled(TO, 4 * MIB, PAGE);
        check(*(volatile long *)(TO + 8 * MIB - PAGE) == 0, "the new end reads zero");
}

int main(void)
{
        static const char *const levels[] = { "pte", "pmd", "pud" };

        for (unsigned i = 0; i < 3; i++) {
                level = levels[i];
                scene("once more");
                check(set_level(level), "the level is set, if there is such a thing");
                in_child(move_gibibyte, "a gibibyte");
                in_child(move_middle, "the middle of a mapping");
                in_child(move_keeping_source, "with the source kept");
                in_child(grow_elsewhere, "growth");
        }
        return 0;
}
