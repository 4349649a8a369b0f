/* SPDX-License-Identifier: MIT */
/* kill: a signal to processes. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/lib/tool.h"

static const char help[] = "usage: kill [-SIGNAL] PID...\n\n"
                           "Sends SIGNAL (TERM), a name or a number, to every process.\n";

static const struct {
        const char *name;
        int number;
} names[] = { { "HUP", 1 },   { "INT", 2 },   { "QUIT", 3 },  { "ILL", 4 },   { "ABRT", 6 },
              { "BUS", 7 },   { "FPE", 8 },   { "KILL", 9 },  { "USR1", 10 }, { "SEGV", 11 },
              { "USR2", 12 }, { "PIPE", 13 }, { "ALRM", 14 }, { "TERM", 15 }, { "CHLD", 17 },
              { "CONT", 18 }, { "STOP", 19 } };

static int signal_number(const char *text)
{
        char *end;
        long value = strtol(text, &end, 10);

        if (*text && !*end)
                return (int)value;
        if (strncmp(text, "SIG", 3) == 0)
                text += 3;
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(names[i].name, text) == 0)
                        return names[i].number;
        tool_misused(help);
}

int main(int argc, char **argv)
{
        int signo = 15, status = 0;

        /* A signal looks like an option, so it is taken before those. */
        if (argc > 1 && argv[1][0] == '-' && argv[1][1] && argv[1][1] != '-') {
                signo = signal_number(argv[1] + 1);
                argv[1] = argv[0];
                argc--;
                argv++;
        }
        tool_options(&argc, &argv, "", help);
        if (argc == 0)
                tool_misused(help);
        for (int i = 0; i < argc; i++) {
                char *end;
                long pid = strtol(argv[i], &end, 10);

                if (*end || end == argv[i])
                        status |= tool_complain(argv[i], "not a process");
                else if (kill((pid_t)pid, signo) != 0)
                        status |= tool_error(argv[i]);
        }
        return status;
}
