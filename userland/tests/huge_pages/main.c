/* SPDX-License-Identifier: MIT */
/*
 * Huge pages, as far as programs can see them: which faults map them, what splits them, what moves
 * them whole, fork, MADV_COLLAPSE. The scripts' words are in huge.h. What is seen with
 * MADV_HUGEPAGE does not depend on whether huge pages are for all or for those who ask.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/huge_pages/huge.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define PR_SET_THP_DISABLE 41
#define PR_GET_THP_DISABLE 42

static char *word[8];
static int words;

static int child; /* in a process that `fork` made: its end is _exit() */

/* "3", "1h", "2h+1", "1h-3": pages. */
static unsigned long pages(const char *text)
{
        unsigned long n;
        char *end;

        n = strtoul(text, &end, 10);
        if (*end == 'h') {
                n *= 512;
                end++;
        }
        if (*end)
                n += (unsigned long)strtol(end, NULL, 10);
        return n;
}

static unsigned long place(const char *text)
{
        return ARENA + pages(text) * PAGE;
}

static unsigned long bytes(const char *text)
{
        return words > 2 && text ? pages(text) * PAGE : PAGE;
}

static int perms(const char *text)
{
        return (strchr(text, 'r') ? PROT_READ : 0) | (strchr(text, 'w') ? PROT_WRITE : 0) |
               (strchr(text, 'x') ? PROT_EXEC : 0);
}

static void result(long r)
{
        char line[128] = "";

        for (int i = 0; i < words; i++) {
                strcat(line, word[i]);
                strcat(line, " ");
        }
        if (r >= 0 && (unsigned long)r >= ARENA)
                say("  %s-> +%ld", line, (r - (long)ARENA) / (long)PAGE);
        else
                say("  %s-> %s", line, r < 0 ? errno_name(r) : "ok");
}

static char letter_at(unsigned long addr)
{
        return (char)('A' + addr / PAGE % 23);
}

/* ------------------------------------------------------------------ commands */

static void do_map(void)
{
        int prot = words > 3 ? perms(word[3]) : PROT_READ | PROT_WRITE;
        static const struct {
                const char *name;
                int flags;
        } kinds[] = {
                { "shared", MAP_SHARED },
                { "droppable", 8 },
                { "growsdown", MAP_PRIVATE | MAP_GROWSDOWN },
                { "noreserve", MAP_PRIVATE | MAP_NORESERVE },
        };
        int kind = MAP_PRIVATE;

        for (size_t i = 0; words > 4 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (!strcmp(word[4], kinds[i].name))
                        kind = kinds[i].flags;
        result(raw_call(NR_mmap, place(word[1]), bytes(word[2]), prot,
                        kind | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static void do_unmap(void)
{
        result(raw_call(NR_munmap, place(word[1]), bytes(word[2])));
}

static void do_adv(void)
{
        static const struct {
                const char *name;
                int advice;
        } advices[] = {
                { "hugepage", 14 },  { "nohugepage", 15 },      { "dontneed", 4 },
                { "free", 8 },       { "collapse", 25 },        { "cold", 20 },
                { "pageout", 21 },   { "willneed", 3 },         { "guard", 102 },
                { "unguard", 103 },  { "populate-read", 22 },   { "populate-write", 23 },
                { "dontfork", 10 },  { "dontneed-locked", 24 }, { "wipeonfork", 18 },
                { "mergeable", 12 },
        };

        for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
                if (!strcmp(word[3], advices[i].name))
                        result(raw_call(NR_madvise, place(word[1]), bytes(word[2]),
                                        advices[i].advice));
}

static void do_write(void)
{
        unsigned long end = place(word[1]) + bytes(word[2]);

        for (unsigned long at = place(word[1]); at < end; at += PAGE) {
                volatile char *byte = (volatile char *)at;

                *byte = letter_at(at);
        }
}

static void do_read(void)
{
        unsigned long end = place(word[1]) + bytes(word[2]);

        for (unsigned long at = place(word[1]); at < end; at += PAGE)
                (void)*(volatile char *)at;
}

static void do_touch(void)
{
        struct touch t = touch(place(word[1]), *word[2] == 'w' ? ACCESS_WRITE : ACCESS_READ);

        say("  touch %s %s -> %s", word[1], word[2], t.signo ? code_name(t.signo, t.code) : "ok");
}

static void do_find(void)
{
        unsigned long len = bytes(word[2]), wrong = 0, from = place(word[3]);

        for (unsigned long at = 0; at < len; at += PAGE)
                wrong += *(volatile char *)(place(word[1]) + at) != letter_at(from + at);
        say("  find %s %s %s -> %s", word[1], word[2], word[3], wrong ? "OTHERS" : "all");
}

static void do_zeroes(void)
{
        unsigned long len = bytes(word[2]), wrong = 0;

        for (unsigned long at = 0; at < len; at += 64)
                wrong += *(volatile char *)(place(word[1]) + at) != 0;
        say("  zeroes %s %s -> %s", word[1], word[2], wrong ? "OTHERS" : "all");
}

static void do_prot(void)
{
        result(raw_call(NR_mprotect, place(word[1]), bytes(word[2]), perms(word[3])));
}

static void do_lock(void)
{
        result(raw_call(*word[0] == 'u' ? NR_munlock : NR_mlock, place(word[1]), bytes(word[2])));
}

static void do_remap(void)
{
        unsigned flags = 0;

        for (const char *f = word[4]; *f; f++)
                flags |= *f == 'M' ? 1 : *f == 'F' ? 2 : *f == 'D' ? 4 : 0;
        result(raw_call(NR_mremap, place(word[1]), pages(word[2]) * PAGE, pages(word[3]) * PAGE,
                        flags, words > 5 ? place(word[5]) : 0));
}

static void do_fork(void)
{
        int status;
        long pid;

        result(0);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                child = 1;
                look_begin();
                return;
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("  child: status %#x", (unsigned)status);
}

static void do_incore(void)
{
        unsigned char vec[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
        long r = raw_call(NR_mincore, place(word[1]), 4 * PAGE, vec);

        say("  incore %s -> %s %d%d%d%d", word[1], errno_name(r), vec[0], vec[1], vec[2], vec[3]);
}

static void do_disable(void)
{
        long r = raw_call(NR_prctl, PR_SET_THP_DISABLE, atol(word[1]), atol(word[2]), 0, 0);

        say("  disable %s %s -> %s, then %ld, enabled %ld", word[1], word[2], errno_name(r),
            raw_call(NR_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0), status_value("THP_enabled"));
}

static void do_scan(void)
{
        scan(place(word[1]), place(word[1]) + bytes(word[2]));
}

static void do_mark(void)
{
        mark(place(word[1]));
}

static void do_file(void)
{
        char path[128] = "/sys/kernel/mm/transparent_hugepage/", text[256] = "";
        long fd, r = 0;

        strcat(path, word[1]);
        if (words > 2) {
                fd = raw_call(NR_open, path, O_WRONLY, 0);
                r = fd < 0 ? fd : raw_call(NR_write, fd, word[2], strlen(word[2]));
                raw_call(NR_close, fd);
        }
        fd = read_file(path, text, sizeof(text));
        text[strcspn(text, "\n")] = 0;
        say("  file %s %s -> %s: %s", word[1], words > 2 ? word[2] : "",
            r < 0 ? errno_name(r) : "ok", fd < 0 ? errno_name(fd) : text);
}

static void do_lazy(void)
{
        look_lazy();
}

static void do_look(void)
{
        look();
}

static const struct {
        const char *name;
        void (*fn)(void);
} commands[] = {
        { "map", do_map },     { "unmap", do_unmap },   { "adv", do_adv },
        { "write", do_write }, { "read", do_read },     { "touch", do_touch },
        { "find", do_find },   { "zeroes", do_zeroes }, { "prot", do_prot },
        { "lock", do_lock },   { "unlock", do_lock },   { "remap", do_remap },
        { "fork", do_fork },   { "incore", do_incore }, { "disable", do_disable },
        { "scan", do_scan },   { "mark", do_mark },     { "look", do_look },
        { "lazy", do_lazy },   { "file", do_file },
};

/* ------------------------------------------------------------------ cases */

static void run_command(char *text)
{
        words = 0;
        for (char *w = strtok(text, " "); w && words < 8; w = strtok(NULL, " "))
                word[words++] = w;
        for (size_t i = 0; words && i < sizeof(commands) / sizeof(commands[0]); i++)
                if (!strcmp(word[0], commands[i].name)) {
                        commands[i].fn();
                        return;
                }
        if (words)
                say("  %s?", word[0]);
}

/* "parent" ends what a child does; what comes then its parent does. */
static void run_script(const char *script)
{
        char text[1024], *rest = text, *end;

        strcpy(text, script);
        look_begin();
        for (int skip = 0; rest; rest = end) {
                char *c = rest;
                int was_child = child;

                end = strchr(rest, ';');
                if (end)
                        *end++ = 0;
                while (*c == ' ')
                        c++;
                if (!strcmp(c, "parent")) {
                        if (child) {
                                look();
                                _exit(0);
                        }
                        skip = 0;
                        continue;
                }
                if (skip)
                        continue;
                run_command(c);
                if (!strncmp(c, "fork", 4) && child == was_child)
                        skip = 1; /* the child has done it */
        }
        look();
        _exit(0);
}

void run_case(const struct huge_case *c)
{
        int status;
        long pid;

        say("# %s", c->name);
        pid = raw_call(NR_fork);
        if (pid == 0)
                run_script(c->script);
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("     ended with status %#x", (unsigned)status);
}

int main(void)
{
        const struct huge_case *const tables[] = { fault_cases,  split_cases,    move_cases,
                                                   family_cases, collapse_cases, file_cases };

        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
                for (const struct huge_case *c = tables[i]; c->name; c++)
                        run_case(c);
        return 0;
}
