/* SPDX-License-Identifier: MIT */
/* ps: the processes, from /proc. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

static const char help[] =
        "usage: ps\n\n"
        "Lists all processes: number, parent, state, threads, size of the address space and of what is\n"
        "in memory (KiB), and the command.\n";

/* The command line with blanks between the words, or the name in brackets when it has none. */
static void print_command(const char *pid, const char *status)
{
        const char *name = tool_text_field(status, "Name");
        char path[64];
        FILE *file;
        int c, any = 0;

        snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
        file = fopen(path, "r");
        while (file && (c = getc(file)) != EOF) {
                putchar(c ? c : ' ');
                any = 1;
        }
        if (file)
                fclose(file);
        if (!any && name)
                printf("[%.*s]", (int)strcspn(name, "\n"), name);
        putchar('\n');
}

static void print_process(const char *pid)
{
        const char *state;
        char path[64];
        char *status;

        snprintf(path, sizeof(path), "/proc/%s/status", pid);
        status = tool_read_file(path);
        if (!status)
                return; /* it has ended since */
        state = tool_text_field(status, "State");
        printf("%7s %7ld %c %4ld %9ld %8ld  ", pid, tool_field(status, "PPid"),
               state ? *state : '?', tool_field(status, "Threads"),
               tool_field(status, "VmSize") < 0 ? 0 : tool_field(status, "VmSize"),
               tool_field(status, "VmRSS") < 0 ? 0 : tool_field(status, "VmRSS"));
        print_command(pid, status);
        free(status);
}

static int by_number(const void *a, const void *b)
{
        int x = *(const int *)a, y = *(const int *)b;

        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        struct dirent *entry;
        static int pids[4096];
        size_t count = 0;
        DIR *proc;

        tool_options(&argc, &argv, "", help);
        if (argc > 0)
                tool_misused(help);
        proc = opendir("/proc");
        if (!proc)
                return tool_error("/proc");
        while (count < sizeof(pids) / sizeof(pids[0]) && (entry = readdir(proc)))
                if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
                        pids[count++] = atoi(entry->d_name);
        closedir(proc);
        qsort(pids, count, sizeof(pids[0]), by_number);
        printf("%7s %7s %c %4s %9s %8s  %s\n", "PID", "PPID", 'S', "THR", "SIZE", "MEMORY",
               "COMMAND");
        for (size_t i = 0; i < count; i++) {
                char pid[16];

                snprintf(pid, sizeof(pid), "%d", pids[i]);
                print_process(pid);
        }
        return 0;
}
