/* SPDX-License-Identifier: MIT */
/*
 * The situations that Linux's own selftests of mremap look at, as a KTAP report of our own: moves
 * at every alignment of source and target with the data verified, growth beside other mappings,
 * moves of several mappings, DONTUNMAP on every kind of memory. It is "ok" on Linux 6.18 and here
 * alike.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/script.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/mremap_selftests/parts.h"

static unsigned number, failed;

void report(int holds, const char *fmt, ...)
{
        char name[200];
        va_list args;

        va_start(args, fmt);
        vsnprintf(name, sizeof(name), fmt, args);
        va_end(args);
        failed += !holds;
        say("%s %u %s", holds ? "ok" : "not ok", ++number, name);
}

/* Runs the script in a child; its output, NUL-terminated. 0 if the child did not end well. */
static int run_script(const char *script, char *text, unsigned long size)
{
        unsigned long length = 0;
        int fds[2], status;
        long n;
        pid_t pid;

        if (pipe(fds) != 0)
                return 0;
        pid = fork();
        if (pid == 0) {
                dup2(fds[1], 1);
                close(fds[0]);
                close(fds[1]);
                script_run(script);
                _exit(0);
        }
        close(fds[1]);
        while (length + 1 < size && (n = read(fds[0], text + length, size - 1 - length)) > 0)
                length += n;
        text[length] = 0;
        close(fds[0]);
        return waitpid(pid, &status, 0) == pid && status == 0;
}

void run_situations(const struct situation *table, unsigned count)
{
        static char text[8192];

        for (unsigned i = 0; i < count; i++) {
                int ended = run_script(table[i].script, text, sizeof(text));
                char *rest = text, *line, *last = text;

                while ((line = strsep(&rest, "\n")) && (*line || rest)) {
                        say("# %s", line);
                        last = line;
                }
                last += strspn(last, " ");
                report(ended && strcmp(last, table[i].end) == 0, "%s", table[i].name);
        }
}

int main(void)
{
        say("KTAP version 1");
        say("1..%u", alignment_count() + situation_count());
        alignment_tests();
        script_prepare();
        situation_tests();
        say("# %u failed", failed);
        return failed != 0;
}
