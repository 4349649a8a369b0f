/* SPDX-License-Identifier: MIT */
/* The process that makes a call and stops, and its mappings as they are then. See args_try.h. */
#include "userland/tests/lib/args_try.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define NO_RESULT 0x7e57
#define STRIP     256 /* characters for 64 pages and the bars between */

/* The mappings of a process: the arena as a strip, and a sum over what lies elsewhere. */
struct picture {
        char strip[STRIP];
        unsigned long elsewhere; /* a sum over the lines */
        long pages;              /* elsewhere */
        char perms[8];           /* of the mapping where the result points to */
        long locked;
};

/* Not a part of every program that is linked with this. */
static char *const maps = (char *)SCRATCH;
#define MAPS_SIZE 65536UL

static struct picture before;
static struct try_hooks hooks;
static volatile long *const result_slot = (volatile long *)CONTROL;

/* ---------------------------------------------------------------- pictures */

/* The mapping's pages of the arena, behind what is in the strip. */
static void draw(char *strip, unsigned long start, unsigned long end, const char *perms)
{
        static unsigned long drawn;
        size_t length = strlen(strip);
        char letter = perms[0] == '-' ? '-' : perms[2] == 'x' ? 'x' : perms[1] == 'w' ? 'w' : 'r';

        if (length == 0)
                drawn = ARENA;
        if (length && start == drawn)
                strip[length++] = '|';
        for (; drawn < start && length < STRIP - 2; drawn += PAGE)
                strip[length++] = '.';
        if (perms[3] == 's')
                letter = letter == 'w' ? 's' : letter == 'r' ? 'S' : letter;
        for (; drawn < end && length < STRIP - 2; drawn += PAGE)
                strip[length++] = letter;
        strip[length] = 0;
}

/* Where the heap ends is not of interest; where anything else begins or ends is. */
static unsigned long summed(unsigned long sum, const char *line)
{
        for (; *line && *line != ' '; line++)
                sum = (sum ^ (unsigned char)*line) * 0x100000001b3UL;
        for (int i = 0; i < 5 && *line; i++, line++)
                sum = (sum ^ (unsigned char)*line) * 0x100000001b3UL;
        return sum;
}

static void take_picture(struct picture *p, pid_t pid)
{
        char path[64];
        char *line, *end;

        memset(p, 0, sizeof(*p));
        snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
        if (read_file(path, maps, MAPS_SIZE) < 0)
                return;
        for (line = maps; (end = strchr(line, '\n')); line = end + 1) {
                char *rest;
                unsigned long from = strtoul(line, &rest, 16), to = strtoul(rest + 1, &rest, 16);

                *end = 0;
                if (from >= ARENA && to <= at(64))
                        draw(p->strip, from, to, rest + 1);
                else {
                        p->elsewhere = summed(p->elsewhere, line);
                        p->pages += (to - from) / PAGE;
                        if ((unsigned long)*result_slot - from < to - from)
                                snprintf(p->perms, sizeof(p->perms), " %.4s", rest + 1);
                }
        }
        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        if (read_file(path, maps, MAPS_SIZE) < 0)
                return;
        line = strstr(maps, "VmLck:");
        p->locked = line ? strtol(line + 6, NULL, 10) / 4 : -1;
}

/* What the kernel put into every process: it would answer for the ranges that reach it. */
static void unmap_special(void)
{
        char *line, *end;

        if (read_file("/proc/self/maps", maps, MAPS_SIZE) < 0)
                return;
        for (line = maps; (end = strchr(line, '\n')); line = end + 1) {
                char *rest;
                unsigned long from = strtoul(line, &rest, 16), to = strtoul(rest + 1, &rest, 16);

                *end = 0;
                if (strstr(rest, "[vvar") || strstr(rest, "[vdso"))
                        raw_call(NR_munmap, from, to - from);
        }
}

/* ---------------------------------------------------------------- a try */

/* The call, its result stored, and a stop: nothing but registers is used in between. */
static _Noreturn void call_and_stop(long nr, const unsigned long a[6], pid_t self)
{
        register unsigned long r10 __asm__("r10") = a[3];
        register unsigned long r8 __asm__("r8") = a[4];
        register unsigned long r9 __asm__("r9") = a[5];
        register volatile long *slot __asm__("r12") = result_slot;
        register long pid __asm__("r13") = self;

        __asm__ volatile("syscall\n\t"
                         "movq %%rax, (%%r12)\n\t"
                         "movl $62, %%eax\n\t" /* kill */
                         "movq %%r13, %%rdi\n\t"
                         "movl $19, %%esi\n\t" /* SIGSTOP */
                         "syscall\n\t"
                         "ud2"
                         :
                         : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9),
                           "r"(slot), "r"(pid)
                         : "rcx", "r11", "memory");
        __builtin_unreachable();
}

static pid_t start(long nr, const unsigned long args[6])
{
        unsigned long real[6];
        pid_t pid;

        *result_slot = NO_RESULT;
        pid = fork();
        if (pid)
                return pid;
        raw_call(NR_alarm, 20);
        memcpy(real, args, sizeof(real));
        if (real[0] == OWN_PIDFD)
                real[0] = raw_call(NR_pidfd_open, getpid(), 0);
        if (hooks.translate)
                hooks.translate(nr, real);
        call_and_stop(nr, real, getpid());
}

static int describe_result(char *text, size_t size, long nr, long result)
{
        const char *name = hooks.result_name ? hooks.result_name(nr, result) : NULL;

        if (name)
                return snprintf(text, size, "%s", name);
        if (result < 0 && result > -4096)
                return snprintf(text, size, "%s", errno_name(result));
        if (result >= (long)ARENA && result < (long)ARENA_END)
                return snprintf(text, size, "%s", place_name(result));
        if (result >= (long)PAGE)
                return snprintf(text, size, "0x%lx", result);
        return snprintf(text, size, "%ld", result);
}

static int describe_change(char *text, size_t size, const struct picture *after)
{
        int length = 0;

        if (after->elsewhere != before.elsewhere)
                length += snprintf(text + length, size - length, " elsewhere %+ld%s",
                                   after->pages - before.pages, after->perms);
        /* All memory is as much as the program is large. */
        if (after->locked > 64)
                length += snprintf(text + length, size - length, " lck all");
        else if (after->locked != before.locked)
                length += snprintf(text + length, size - length, " lck %ld", after->locked);
        if (strcmp(after->strip, before.strip) != 0)
                length += snprintf(text + length, size - length, " %s",
                                   *after->strip ? after->strip : "none");
        return length;
}

const char *try_call(long nr, const unsigned long args[6])
{
        static char text[512];
        struct picture after;
        pid_t pid = start(nr, args);
        int status = 0, length;

        if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid)
                exit(95);
        if (!WIFSTOPPED(status)) {
                if (hooks.restore)
                        hooks.restore();
                snprintf(text, sizeof(text), "%s",
                         WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "ended");
                return text;
        }
        take_picture(&after, pid);
        length = describe_result(text, sizeof(text), nr, *result_slot);
        length += describe_change(text + length, sizeof(text) - length, &after);
        if (hooks.look)
                hooks.look(text + length, sizeof(text) - length);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        if (hooks.restore)
                hooks.restore();
        return text;
}

void tries_prepare(void (*lay_out)(void), const struct try_hooks *given)
{
        static const unsigned long none[6];
        int status;
        pid_t pid;

        raw_call(NR_mmap, CONTROL, PAGE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        raw_call(NR_mmap, SCRATCH, SCRATCH_SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (given)
                hooks = *given;
        unmap_special();
        lay_out();
        pid = start(NR_getppid, none);
        waitpid(pid, &status, WUNTRACED);
        take_picture(&before, pid);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        say("     %s, locked %ld", before.strip, before.locked);
}
