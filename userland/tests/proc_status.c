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

static void relations(void)
{
        long statm[7], rss;

        scene_in_arena("numbers");
        map(0, 100, "rw-");
        stamp(0, 50, 'A');
        map_with(200, 10, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        stamp(200, 10, 'A');
        raw_call(NR_mlock, at(0), 10 * PAGE);
        rss = status_value("RssAnon") + status_value("RssFile") + status_value("RssShmem");
        check(status_value("VmRSS") == rss, "VmRSS is the sum of its kinds");
        check(status_value("VmPeak") >= status_value("VmSize"), "VmPeak is the most");
        check(status_value("VmHWM") >= status_value("VmRSS"), "VmHWM is the most");
        step(status_value("RssShmem"), "RssShmem");
        step(status_value("VmLck"), "VmLck");
        step(status_value("VmPin"), "VmPin");
        step(status_value("VmSwap"), "VmSwap");
        step(status_value("HugetlbPages"), "HugetlbPages");
        read_file("/proc/self/statm", text, sizeof(text));
        check(sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", &statm[0], &statm[1], &statm[2],
                     &statm[3], &statm[4], &statm[5], &statm[6]) == 7,
              "statm has seven numbers");
        check(statm[0] * 4 == status_value("VmSize"), "size");
        check(statm[1] * 4 == status_value("VmRSS"), "resident");
        check(statm[2] * 4 == status_value("RssFile") + status_value("RssShmem"), "shared");
        check(statm[3] * 4 == status_value("VmExe"), "text");
        check(statm[5] * 4 == status_value("VmData") + status_value("VmStk"), "data and stack");
        step(statm[4] + statm[6], "the two that are always 0");
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
