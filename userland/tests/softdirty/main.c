/* SPDX-License-Identifier: MIT */
/*
 * Soft-dirty pages: which mappings and pages count as written since clear_refs was written to, and
 * what calls make of that. The scripts' words are in softdirty.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/softdirty/softdirty.h"

#define PAGE      4096UL
#define ARENA     0x4000000000UL
#define ARENA_END (ARENA + 16 * 512 * PAGE)

#define SOFT_DIRTY (1UL << 55)
#define BITS_MAX   (4 * 512) /* pages whose bits are looked at together */
#define WHOLE_MAX  16        /* pages that are shown one by one */

static char *word[8];
static int words;
static int child;          /* in a process that `fork` made: its end is _exit() */
static unsigned long heap; /* the first break */

/* "3", "1h", "2h+1", "1h-3": pages. */
static unsigned long pages(const char *text)
{
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*end == 'h') {
                n *= 512;
                end++;
        }
        return n + (*end ? (unsigned long)strtol(end, NULL, 10) : 0);
}

static unsigned long place(const char *text)
{
        if (!strcmp(text, "heap"))
                return heap;
        if (!strcmp(text, "stack"))
                return (unsigned long)__builtin_frame_address(0) & ~(PAGE - 1);
        return ARENA + pages(text) * PAGE;
}

static unsigned long bytes(int i)
{
        return words > i ? pages(word[i]) * PAGE : PAGE;
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

/* ------------------------------------------------------------------ how it looks */

static unsigned long entries[BITS_MAX];

/* The bits of [start, end), as many as there is room for. */
static void put_bits(char *line, unsigned long start, unsigned long end)
{
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);
        unsigned long n = (end - start) / PAGE, run = 0;

        if (n > BITS_MAX)
                n = BITS_MAX;
        memset(entries, 0, sizeof(entries));
        raw_call(NR_pread64, fd, entries, n * 8, start / PAGE * 8);
        raw_call(NR_close, fd);
        line += strlen(line);
        for (unsigned long i = 0; i < n; i++) {
                int bit = (entries[i] & SOFT_DIRTY) != 0;

                run++;
                if (n <= WHOLE_MAX)
                        line += sprintf(line, "%d", bit);
                else if (i + 1 == n || ((entries[i + 1] & SOFT_DIRTY) != 0) != bit) {
                        line += sprintf(line, "%dx%lu ", bit, run);
                        run = 0;
                }
        }
}

static void put_place(char *line, unsigned long addr)
{
        unsigned long page = (addr - ARENA) / PAGE;

        line += strlen(line);
        if (page >= 512 && page % 512 == 0)
                sprintf(line, "%luh", page / 512);
        else if (page >= 512)
                sprintf(line, "%luh+%lu", page / 512, page % 512);
        else
                sprintf(line, "%lu", page);
}

static void put_mapping(char *line, unsigned long start, unsigned long end, const char *rights,
                        const char *flags)
{
        if (*line)
                strcat(line, " | ");
        put_place(line, start);
        strcat(line, "-");
        put_place(line, end);
        sprintf(line + strlen(line), " %.3s %s", rights, strstr(flags, " sd") ? "sd " : "");
        put_bits(line, start, end);
}

static void look(void)
{
        static char buf[131072], line[4096];
        long fd = raw_call(NR_open, "/proc/self/smaps", 0, 0), n, len = 0;
        unsigned long start = 0, end = 0, from, to;
        char rights[8] = "", now[8];

        while (fd >= 0 &&
               (n = raw_call(NR_read, fd, buf + len, sizeof(buf) - 1 - (unsigned long)len)) > 0)
                len += n;
        raw_call(NR_close, fd);
        buf[len] = 0;
        *line = 0;
        for (char *at = strtok(buf, "\n"); at; at = strtok(NULL, "\n")) {
                if (sscanf(at, "%lx-%lx %4s", &from, &to, now) == 3) {
                        start = from;
                        end = to;
                        strcpy(rights, now);
                } else if (!strncmp(at, "VmFlags:", 8) && start >= ARENA && end <= ARENA_END) {
                        put_mapping(line, start, end, rights, at);
                }
        }
        say("     %s", line);
}

/* ------------------------------------------------------------------ commands */

static long file_of_four_pages(void)
{
        static const char text[4 * PAGE] = "dirty";
        long fd = raw_call(NR_memfd_create, "softdirty", 0);

        raw_call(NR_write, fd, text, sizeof(text));
        return fd;
}

static void do_map(void)
{
        const char *kind = words > 4 ? word[4] : "";
        int flags = MAP_PRIVATE | MAP_ANONYMOUS;
        long fd = -1, r;

        if (!strcmp(kind, "shared"))
                flags = MAP_SHARED | MAP_ANONYMOUS;
        if (!strcmp(kind, "growsdown"))
                flags |= MAP_GROWSDOWN;
        if (strstr(kind, "file")) {
                fd = file_of_four_pages();
                flags = *kind == 'p' ? MAP_PRIVATE : MAP_SHARED;
        }
        r = raw_call(NR_mmap, place(word[1]), bytes(2), perms(word[3]), flags | MAP_FIXED, fd, 0);
        if (fd >= 0)
                raw_call(NR_close, fd);
        result(r);
}

static void do_unmap(void)
{
        result(raw_call(NR_munmap, place(word[1]), bytes(2)));
}

static void do_clear(void)
{
        const char *what = words > 1 ? word[1] : "4";
        long fd = raw_call(NR_open, "/proc/self/clear_refs", 1, 0);
        long r = raw_call(NR_write, fd, what, strlen(what));

        raw_call(NR_close, fd);
        result(r < 0 ? r : 0);
}

static void do_prot(void)
{
        result(raw_call(NR_mprotect, place(word[1]), bytes(2), perms(word[3])));
}

static void do_lock(void)
{
        result(raw_call(*word[0] == 'u' ? NR_munlock : NR_mlock, place(word[1]), bytes(2)));
}

static void do_adv(void)
{
        static const struct {
                const char *name;
                int advice;
        } advices[] = {
                { "hugepage", 14 },      { "dontneed", 4 },        { "free", 8 },
                { "collapse", 25 },      { "dontfork", 10 },       { "dofork", 11 },
                { "populate-read", 22 }, { "populate-write", 23 },
        };

        for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
                if (!strcmp(word[3], advices[i].name))
                        result(raw_call(NR_madvise, place(word[1]), bytes(2), advices[i].advice));
}

static void do_write(void)
{
        for (unsigned long n = 0; n < bytes(2); n += PAGE)
                *(volatile char *)(place(word[1]) + n) = 'D';
}

static void do_read(void)
{
        for (unsigned long n = 0; n < bytes(2); n += PAGE)
                (void)*(volatile char *)(place(word[1]) + n);
}

static void do_remap(void)
{
        unsigned flags = 0;

        for (const char *f = word[4]; *f; f++)
                flags |= *f == 'M' ? 1 : *f == 'F' ? 2 : *f == 'D' ? 4 : 0;
        result(raw_call(NR_mremap, place(word[1]), bytes(2), bytes(3), flags,
                        words > 5 ? place(word[5]) : 0));
}

static void do_fork(void)
{
        int status;
        long pid;

        result(0);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                child = 1;
                return;
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("  child: status %#x", (unsigned)status);
}

static void do_heap(void)
{
        unsigned long now = (unsigned long)raw_call(NR_brk, 0);

        if (!heap) {
                heap = (now + PAGE - 1) & ~(PAGE - 1);
                now = heap;
        }
        result((unsigned long)raw_call(NR_brk, now + bytes(1)) == now + bytes(1) ? 0 : -12);
}

static void do_bits(void)
{
        char line[512] = "";

        put_bits(line, place(word[1]), place(word[1]) + bytes(2));
        say("  bits %s %s -> %s", word[1], word[2], line);
}

static void do_remote(void)
{
        char byte = 'R';
        struct iovec own = { &byte, 1 }, other = { (void *)place(word[1]), 1 };

        result(raw_call(NR_process_vm_writev, raw_call(NR_getpid), &own, 1, &other, 1, 0) - 1);
}

static void do_mem(void)
{
        long fd = raw_call(NR_open, "/proc/self/mem", 2, 0);
        long r = raw_call(NR_pwrite64, fd, "M", 1, place(word[1]));

        raw_call(NR_close, fd);
        result(r < 0 ? r : 0);
}

/* "in": the kernel writes there, "out": it reads. */
static void do_copy(void)
{
        int pipe[2];
        long r = 0;

        raw_call(NR_pipe, pipe);
        if (*word[0] == 'o')
                r = raw_call(NR_write, pipe[1], place(word[1]), 1);
        else if (raw_call(NR_write, pipe[1], "P", 1) == 1)
                r = raw_call(NR_read, pipe[0], place(word[1]), 1);
        raw_call(NR_close, pipe[0]);
        raw_call(NR_close, pipe[1]);
        result(r < 0 ? r : 0);
}

static void do_swap(void)
{
        char line[16] = "";

        put_bits(line, place(word[1]), place(word[1]) + PAGE);
        say("  swap %s -> %lx.%s", word[1], entries[0] >> 61, line);
}

struct scan {
        unsigned long size, flags, start, end, walk_end, vec, vec_len, max_pages;
        unsigned long inverted, mask, anyof, shown;
};

struct region {
        unsigned long start, end, categories;
};

#define CATEGORY_DIRTY 0x80
/* All that kernels with soft-dirty pages agree on: without WRITTEN, and guards, which came later.
 */
#define CATEGORIES 0xfc

static void do_scan(void)
{
        struct region regions[16];
        struct scan scan = {
                .size = sizeof(scan),
                .start = place(word[1]),
                .end = place(word[1]) + bytes(2),
                .vec = (unsigned long)regions,
                .vec_len = 16,
                .shown = CATEGORIES,
        };
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0), n;
        char line[1024];

        if (words > 3) {
                scan.mask = CATEGORY_DIRTY;
                scan.inverted = *word[3] == 'c' ? CATEGORY_DIRTY : 0;
        }
        n = raw_call(NR_ioctl, fd, 0xc0606610, &scan);
        raw_call(NR_close, fd);
        sprintf(line, "  scan %s %s %s-> %s", word[1], word[2], words > 3 ? word[3] : "",
                n < 0 ? errno_name(n) : "");
        for (long i = 0; i < n; i++) {
                put_place(line, regions[i].start);
                strcat(line, "-");
                put_place(line, regions[i].end);
                sprintf(line + strlen(line), ":%lx ", regions[i].categories);
        }
        say("%s", line);
}

static const struct {
        const char *name;
        void (*fn)(void);
} commands[] = {
        { "map", do_map },   { "unmap", do_unmap }, { "clear", do_clear },   { "prot", do_prot },
        { "lock", do_lock }, { "unlock", do_lock }, { "adv", do_adv },       { "write", do_write },
        { "read", do_read }, { "remap", do_remap }, { "fork", do_fork },     { "heap", do_heap },
        { "bits", do_bits }, { "mem", do_mem },     { "remote", do_remote }, { "in", do_copy },
        { "out", do_copy },  { "swap", do_swap },   { "scan", do_scan },     { "look", look },
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

int main(void)
{
        for (const struct dirty_case *c = dirty_cases; c->name; c++) {
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
        return 0;
}
