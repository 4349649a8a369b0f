/* SPDX-License-Identifier: MIT */
/*
 * /proc/meminfo and /proc/vmstat: labels, order and widths, how the numbers hang together, and that
 * they follow what a program does. The numbers are the machine's: what changes them is done
 * again until nobody else was at it at the same time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 15];

/* The number behind a label at the beginning of a line, or -1. */
static long number_in(const char *path, const char *label)
{
        char *line = text;
        size_t length = strlen(label);

        read_file(path, text, sizeof(text));
        for (; *line; line += strcspn(line, "\n") + 1)
                if (strncmp(line, label, length) == 0)
                        return strtol(line + length, NULL, 10);
        return -1;
}

static long meminfo(const char *label)
{
        return number_in("/proc/meminfo", label);
}

/* A line as label, width and unit. */
static void show_lines(void)
{
        char *line = text, *end;

        scene("meminfo");
        read_file("/proc/meminfo", text, sizeof(text));
        for (; *line; line = end + 1) {
                end = strchr(line, '\n');
                *end = 0;
                /* Large numbers make a line longer: how large they are is the machine's. */
                say("     [%.*s] %s, unit %s", (int)strcspn(line, " "), line,
                    strlen(line) >= (strstr(line, " kB") ? 27 : 24) ? "wide enough" : "short",
                    strstr(line, " kB") ? "kB" : "none");
        }
}

static void show_relations(void)
{
        long total, ratio, kbytes, of[4];

        scene("meminfo: what hangs together");
        read_file("/proc/meminfo", text, sizeof(text));
        total = meminfo("MemTotal:");
        check(total > 0 && meminfo("MemFree:") < total, "some memory is in use");
        check(meminfo("MemAvailable:") <= total, "no more is available than there is");
        of[0] = meminfo("Slab:");
        of[1] = meminfo("SReclaimable:") + meminfo("SUnreclaim:");
        check(labs(of[0] - of[1]) < 1024, "Slab is the sum of its kinds");
        check(meminfo("SwapTotal:") >= meminfo("SwapFree:"), "swap");
        check(meminfo("PageTables:") > 0, "there are page tables");
        check(meminfo("KernelStack:") > 0, "and stacks of the kernel");
        ratio = number_in("/proc/sys/vm/overcommit_ratio", "");
        kbytes = number_in("/proc/sys/vm/overcommit_kbytes", "");
        total = (total / 4 - meminfo("HugePages_Total:") * 512) * ratio / 100 * 4;
        check(meminfo("CommitLimit:") == (kbytes ? kbytes : total) + meminfo("SwapTotal:"),
              "CommitLimit");
        step(meminfo("Hugepagesize:"), "Hugepagesize");
}

/* What a program does to a number, of which others' noise has to be told apart. */
struct use {
        const char *label;
        unsigned long mapped, written; /* MiB */
        int flags;
        long more; /* MiB */
};

static long change_by(const struct use *u, long *back)
{
        long before = meminfo(u->label), during;

        raw_call(NR_mmap, at(0), u->mapped << 20, 3, u->flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        raw_call(NR_madvise, at(0), u->mapped << 20, MADV_NOHUGEPAGE);
        for (unsigned long i = 0; i < u->written << 20; i += PAGE)
                *(volatile char *)(at(0) + i) = 1;
        during = meminfo(u->label);
        raw_call(NR_munmap, at(0), u->mapped << 20);
        *back = meminfo(u->label) - during;
        return during - before;
}

static void follow(const struct use *u, const char *what)
{
        long wanted = u->more << 10, back, more;
        int tries = 0;

        do {
                more = change_by(u, &back);
        } while (++tries < 50 && (labs(more - wanted) > 4096 || labs(more + back) > 4096));
        check(tries < 50, "%s %s", u->label, what);
}

static void show_changes(void)
{
        static const struct use uses[] = {
                { "Committed_AS:", 64, 0, MAP_PRIVATE, 64 },
                { "Committed_AS:", 64, 0, MAP_PRIVATE | MAP_NORESERVE, 0 },
                { "Committed_AS:", 64, 16, MAP_SHARED, 64 },
                { "Committed_AS:", 64, 16, MAP_SHARED | MAP_NORESERVE, 16 },
                { "AnonPages:", 64, 16, MAP_PRIVATE, 16 },
                { "AnonPages:", 64, 16, MAP_SHARED, 0 },
                { "Shmem:", 64, 16, MAP_SHARED, 16 },
                { "Shmem:", 64, 16, MAP_PRIVATE, 0 },
                { "Cached:", 64, 16, MAP_SHARED, 16 },
                { "Mapped:", 64, 16, MAP_SHARED, 16 },
        };

        scene_in_arena("meminfo: what a program does");
        for (unsigned i = 0; i < sizeof(uses) / sizeof(*uses); i++)
                follow(&uses[i],
                       uses[i].flags & MAP_SHARED ? "of shared memory" : "of private memory");
}

/* The names of all counters, in their order. */
static void show_names(void)
{
        static char all[1 << 14];
        char *line = all;

        read_file("/proc/vmstat", all, sizeof(all));
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                if (strchr(line, ' '))
                        *strchr(line, ' ') = 0;
                say("     %s", line);
        }
}

static void show_vmstat(void)
{
        long before;

        scene_in_arena("vmstat");
        show_names();
        check(labs(number_in("/proc/vmstat", "nr_shmem ") * 4 - meminfo("Shmem:")) < 4096,
              "nr_shmem is Shmem in pages");
        before = number_in("/proc/vmstat", "pgfault ");
        map(0, 3000, "rw-");
        raw_call(NR_madvise, at(0), 3000 * PAGE, 15);
        for (unsigned long i = 0; i < 3000; i++)
                *(volatile char *)at(i) = 1;
        check(number_in("/proc/vmstat", "pgfault ") - before >= 3000, "pgfault counts faults");
        check(number_in("/proc/vmstat", "no such name ") == -1, "no other");
}

int main(void)
{
        show_lines();
        show_relations();
        show_changes();
        show_vmstat();
        return 0;
}
