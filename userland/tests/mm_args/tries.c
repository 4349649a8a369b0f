/* SPDX-License-Identifier: MIT */
/* The process that makes a call and stops, and its mappings as they are then. See tries.h. */
#include "userland/tests/mm_args/tries.h"

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

static char maps[1 << 16];
static struct picture before;
static volatile long *const result_slot = (volatile long *)CONTROL;

/* ---------------------------------------------------------------- the layout */

static void lay_out(void)
{
        static const struct {
                long page, pages;
                int prot, flags;
        } parts[] = {
                { 0, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE },
                { 8, 4, PROT_READ, MAP_PRIVATE },
                { 16, 8, PROT_READ | PROT_WRITE, MAP_SHARED },
                { 32, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE },
                { 40, 4, PROT_NONE, MAP_PRIVATE },
        };

        for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
                raw_call(NR_mmap, at(parts[i].page), parts[i].pages * PAGE, parts[i].prot,
                         parts[i].flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memset((void *)at(0), 1, 4 * PAGE);
        memset((void *)at(16), 1, 4 * PAGE);
}

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
        if (read_file(path, maps, sizeof(maps)) < 0)
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
        if (read_file(path, maps, sizeof(maps)) < 0)
                return;
        line = strstr(maps, "VmLck:");
        p->locked = line ? strtol(line + 6, NULL, 10) / 4 : -1;
}

/* What the kernel put into every process: it would answer for the ranges that reach it. */
static void unmap_special(void)
{
        char *line, *end;

        if (read_file("/proc/self/maps", maps, sizeof(maps)) < 0)
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
        call_and_stop(nr, real, getpid());
}

static int describe_result(char *text, size_t size, long result)
{
        if (result < 0 && result > -4096)
                return snprintf(text, size, "%s", errno_name(result));
        if (result >= (long)ARENA && result < (long)ARENA_END)
                return snprintf(text, size, "%s", place_name(result));
        if (result >= (long)PAGE)
                return snprintf(text, size, "0x%lx", result);
        return snprintf(text, size, "%ld", result);
}

static void describe_change(char *text, size_t size, const struct picture *after)
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
                snprintf(text + length, size - length, " %s",
                         *after->strip ? after->strip : "none");
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
                snprintf(text, sizeof(text), "%s",
                         WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "ended");
                return text;
        }
        take_picture(&after, pid);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        length = describe_result(text, sizeof(text), *result_slot);
        describe_change(text + length, sizeof(text) - length, &after);
        return text;
}

void tries_prepare(void)
{
        static const unsigned long none[6];
        unsigned long *iovec = (unsigned long *)IOVEC;
        int status;
        pid_t pid;

        raw_call(NR_mmap, CONTROL, PAGE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        unmap_special();
        lay_out();
        iovec[0] = at(2);
        iovec[1] = 2 * PAGE;
        pid = start(NR_getppid, none);
        waitpid(pid, &status, WUNTRACED);
        take_picture(&before, pid);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        say("     %s, locked %ld", before.strip, before.locked);
}
