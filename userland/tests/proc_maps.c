/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/maps to the byte, for mappings at fixed addresses, and what /proc says about sizes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 18];

/* The arena's lines as they are, with device and inode blotted out where there is a file. */
static void show_lines(void)
{
        char *line = text;

        if (read_file("/proc/self/maps", text, sizeof(text)) < 0) {
                say("     cannot be read");
                return;
        }
        while (*line) {
                char *end = strchr(line, '\n');
                unsigned long start = strtoul(line, NULL, 16);

                *end = 0;
                if (start >= ARENA && start < ARENA_END) {
                        size_t name = strlen(line) > 73 ? 73 : strlen(line);

                        if (strlen(line) <= 49)
                                say("     [%s] %zu characters", line, strlen(line));
                        else
                                say("     [%.33s] name in column %zu: [%s]", line,
                                    strcspn(line, "/[") + 1, line + name);
                }
                line = end + 1;
        }
}

static void anonymous_lines(void)
{
        scene_in_arena("anonymous");
        map(0, 1, "rw-");
        map(2, 1, "r--");
        map(4, 1, "---");
        map(6, 1, "rwx");
        map(8, 1, "r-x");
        map(10, 1, "-w-");
        map(12, 300, "rw-");
        show_lines();
        stamp(0, 1, 'A');
        raw_call(NR_mremap, at(0), PAGE, PAGE, 3, at(400));
        show_lines(); /* no offset shows, though the page remembers one */
        raw_call(NR_mmap, 0x10000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        read_file("/proc/self/maps", text, sizeof(text));
        say("     [%.*s]", (int)strcspn(text, "\n"), text);
        raw_call(NR_munmap, 0x10000, PAGE);
}

static void named_lines(void)
{
        int fd = open("/tmp/terrane maps", O_RDWR | O_CREAT | O_TRUNC, 0600);
        long memfd = raw_call(NR_memfd_create, "a name", 0);

        scene_in_arena("files");
        check(fd >= 0 && memfd >= 0, "files to map");
        check(ftruncate(fd, 4 * PAGE) == 0, "of four pages");
        raw_call(NR_ftruncate, memfd, 4 * PAGE);
        raw_call(NR_mmap, at(0), 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
        raw_call(NR_mmap, at(4), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 2 * PAGE);
        raw_call(NR_mmap, at(6), PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, memfd, PAGE);
        map_with(8, 1, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        show_lines();
        unlink("/tmp/terrane maps");
        show_lines();
        close(fd);
        raw_call(NR_close, memfd);
}

static void sizes(void)
{
        static const char *const names[] = { "VmSize", "VmLck", "VmRSS", "RssAnon",
                                             "VmData", "VmStk", "VmExe", "VmLib" };
        long before[8];

        scene_in_arena("sizes: what they grow by");
        for (int i = 0; i < 8; i++)
                before[i] = status_value(names[i]);
        raw_call(NR_mmap, at(0), 64 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        for (int i = 0; i < 16; i++)
                *(volatile char *)at(i) = 1;
        raw_call(NR_mlock, at(0), 4 * PAGE);
        for (int i = 0; i < 8; i++)
                if (strcmp(names[i], "VmRSS") != 0)
                        step(status_value(names[i]) - before[i], "%s", names[i]);
}

static void reading(void)
{
        char small[64];
        long fd = raw_call(NR_open, "/proc/self/maps", 0, 0);
        long total = 0, n, whole;

        scene("reading in small pieces");
        map(0, 1, "rw-");
        whole = read_file("/proc/self/maps", text, sizeof(text));
        while ((n = raw_call(NR_read, fd, small, 7)) > 0)
                total += n;
        check(total == whole, "as long as read at once");
        check(n == 0, "and then the end");
        step(raw_call(NR_write, fd, "x", 1), "write");
        step(raw_call(NR_close, fd), "close");
        step(raw_call(NR_open, "/proc/self/none", 0, 0), "a file that is not there");
        step(raw_call(NR_open, "/proc/999999/maps", 0, 0), "a process that is not there");
}

/* Names that are not paths, one with a newline, and the line that is the last. */
static void odd_names(void)
{
        long memfd = raw_call(NR_memfd_create, "two\nlines", 0);
        char *line, *end;

        scene_in_arena("odd names");
        raw_call(NR_ftruncate, memfd, PAGE);
        raw_call(NR_mmap, at(0), PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, memfd, 0);
        show_lines();
        raw_call(NR_close, memfd);
        read_file("/proc/self/maps", text, sizeof(text));
        line = strstr(text, "[stack]");
        check(line && line[7] == '\n' && !strstr(line + 7, "[stack"), "one [stack]");
        for (line = text; (end = strchr(line, '\n')) && end[1]; line = end + 1)
                ;
        say("     [%.*s]", (int)strcspn(line, "\n"), line);
}

int main(void)
{
        anonymous_lines();
        named_lines();
        sizes();
        reading();
        odd_names();
        return 0;
}
