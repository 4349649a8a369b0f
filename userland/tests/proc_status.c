/* SPDX-License-Identifier: MIT */
/* /proc/self/status and statm: the memory lines to the byte but for their numbers, and how these
 * hang together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 14];

/* Labels and widths: numbers are not the same everywhere. */
static void show_lines(void)
{
        char *line = text, *end;
        int shown = 0;

        read_file("/proc/self/status", text, sizeof(text));
        for (; *line; line = end + 1) {
                end = strchr(line, '\n');
                *end = 0;
                shown |= strncmp(line, "VmPeak:", 7) == 0;
                if (shown)
                        say("     [%.*s] %zu long", (int)strcspn(line, "\t"), line, strlen(line));
                if (strncmp(line, "untag_mask", 10) == 0)
                        break;
        }
}

static void show_constant(const char *label)
{
        char *at;

        read_file("/proc/self/status", text, sizeof(text));
        at = strstr(text, label);
        step_text(at ? (at[strcspn(at, "\n")] = 0, at) : "missing", "%s", label);
}

/* The number on a line of what was read last. */
static long number_of(const char *label)
{
        char *at = strstr(text, label);

        return at ? strtol(at + strlen(label), NULL, 10) : -1;
}

static int nearly(long pages, long kb)
{
        return labs(pages * 4 - kb) <= 1024;
}

/* Given status' numbers. What is resident Linux counts by processor, and adds up roughly here. */
static void show_statm(long size, long rss, long shared, long exe, long data)
{
        long statm[7];

        read_file("/proc/self/statm", text, sizeof(text));
        check(sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", &statm[0], &statm[1], &statm[2],
                     &statm[3], &statm[4], &statm[5], &statm[6]) == 7,
              "statm has seven numbers");
        check(text[strcspn(text, "\n") + 1] == 0, "and nothing else");
        check(statm[0] * 4 == size, "size");
        check(nearly(statm[1], rss), "resident");
        check(nearly(statm[2], shared), "shared");
        check(statm[3] * 4 == exe, "text");
        check(statm[5] * 4 == data, "data and stack");
        step(statm[4] + statm[6], "the two that are always 0");
}

static void relations(void)
{
        long size, rss, file, shmem, exe, data;

        scene_in_arena("numbers");
        map(0, 100, "rw-");
        stamp(0, 50, 'A');
        map_with(200, 10, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        stamp(200, 10, 'A');
        raw_call(NR_mlock, at(0), 10 * PAGE);
        read_file("/proc/self/status", text, sizeof(text));
        size = number_of("VmSize:");
        rss = number_of("VmRSS:");
        file = number_of("RssFile:");
        shmem = number_of("RssShmem:");
        exe = number_of("VmExe:");
        data = number_of("VmData:") + number_of("VmStk:");
        check(rss == number_of("RssAnon:") + file + shmem, "VmRSS is the sum of its kinds");
        check(number_of("VmPeak:") >= size, "VmPeak is the most");
        check(number_of("VmHWM:") >= rss, "VmHWM is the most");
        check(shmem >= 40, "RssShmem");
        step(number_of("VmLck:"), "VmLck");
        step(number_of("VmPin:"), "VmPin");
        step(number_of("VmSwap:"), "VmSwap");
        step(number_of("HugetlbPages:"), "HugetlbPages");
        show_statm(size, rss, file + shmem, exe, data);
}

int main(void)
{
        scene("lines");
        show_lines();
        show_constant("CoreDumping:");
        show_constant("THP_enabled:");
        show_constant("untag_mask:");
        raw_call(NR_prctl, 41, 1, 0, 0, 0);
        show_constant("THP_enabled:");
        raw_call(NR_prctl, 41, 0, 0, 0, 0);
        relations();
        return 0;
}
