/* SPDX-License-Identifier: MIT */
/*
 * Lines, steps, names of errnos and signals, children. See transcript.h.
 */
#include "userland/tests/lib/transcript.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/names.h"

/* Shared with children, so that their steps are numbered on; see in_child(). */
static int step_number;

long raw_call6(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
               unsigned long e, unsigned long f)
{
        register unsigned long r10 __asm__("r10") = d;
        register unsigned long r8 __asm__("r8") = e;
        register unsigned long r9 __asm__("r9") = f;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return result;
}

static void write_all(const char *text, size_t length)
{
        while (length > 0) {
                long done = raw_call(NR_write, 1, text, length);

                if (done == -EINTR)
                        continue;
                if (done <= 0)
                        _exit(99);
                text += done;
                length -= done;
        }
}

static void write_line(const char *head, const char *fmt, va_list args, const char *arrow,
                       const char *result)
{
        char line[1024];
        size_t room = sizeof(line) - 2;
        size_t length = 0;

        length += snprintf(line + length, room - length, "%s", head);
        length += vsnprintf(line + length, room - length, fmt, args);
        if (length < room && arrow)
                length += snprintf(line + length, room - length, "%s%s", arrow, result);
        if (length > room)
                length = room;
        line[length++] = '\n';
        write_all(line, length);
}

void say(const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        write_line("", fmt, args, NULL, NULL);
        va_end(args);
}

void scene(const char *title)
{
        say("%s", "");
        say("# %s", title);
}

static void write_step(const char *fmt, va_list args, const char *result)
{
        char head[16];

        snprintf(head, sizeof(head), "%03d ", ++step_number);
        write_line(head, fmt, args, " -> ", result);
}

void step(long result, const char *fmt, ...)
{
        char number[32];
        va_list args;

        snprintf(number, sizeof(number), "%ld", result);
        va_start(args, fmt);
        write_step(fmt, args, result < 0 && result > -4096 ? errno_name(result) : number);
        va_end(args);
}

void step_text(const char *result, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        write_step(fmt, args, result);
        va_end(args);
}

void check(int holds, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        write_step(fmt, args, holds ? "ok" : "WRONG");
        va_end(args);
}

const char *errno_name(long err)
{
        static char unknown[32];

        err = err < 0 ? -err : err;
        if (err >= 0 && err < (long)(sizeof(errno_names) / sizeof(errno_names[0])) &&
            errno_names[err])
                return errno_names[err];
        snprintf(unknown, sizeof(unknown), "E%ld", err);
        return unknown;
}

const char *signal_name(int signo)
{
        static char unknown[32];

        if (signo > 0 && signo < (int)(sizeof(signal_names) / sizeof(signal_names[0])))
                return signal_names[signo];
        snprintf(unknown, sizeof(unknown), "SIG%d", signo);
        return unknown;
}

/*
 * The child tells how many steps it took through a pipe; when it is killed the parent goes on from
 * its own number, which is as good as any because it is the same everywhere.
 */
void in_child(void (*fn)(void), const char *what)
{
        int fds[2];
        int status = 0;
        int taken;
        pid_t pid;

        if (pipe(fds) != 0)
                exit(98);
        pid = fork();
        if (pid < 0)
                exit(98);
        if (pid == 0) {
                close(fds[0]);
                fn();
                if (write(fds[1], &step_number, sizeof(step_number)) < 0)
                        _exit(97);
                _exit(0);
        }
        close(fds[1]);
        if (read(fds[0], &taken, sizeof(taken)) == (ssize_t)sizeof(taken))
                step_number = taken;
        close(fds[0]);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        if (WIFSIGNALED(status))
                step_text(signal_name(WTERMSIG(status)), "%s: killed by", what);
        else
                step(WEXITSTATUS(status), "%s: exit", what);
}

long read_file(const char *path, char *buffer, unsigned long size)
{
        unsigned long length = 0;
        long fd = raw_call(NR_open, path, 0, 0);
        long n = 0;

        if (fd < 0)
                return fd;
        while (length + 1 < size) {
                n = raw_call(NR_read, fd, buffer + length, size - 1 - length);
                if (n <= 0)
                        break;
                length += n;
        }
        raw_call(NR_close, fd);
        buffer[length] = 0;
        return n < 0 ? n : (long)length;
}

long status_value(const char *name)
{
        static char text[8192];
        size_t length = strlen(name);
        char *line;

        if (read_file("/proc/self/status", text, sizeof(text)) < 0)
                return -1;
        for (line = text; line; line = strchr(line, '\n')) {
                if (*line == '\n')
                        line++;
                if (strncmp(line, name, length) == 0 && line[length] == ':')
                        return strtol(line + length + 1, NULL, 10);
        }
        return -1;
}
