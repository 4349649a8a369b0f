/* SPDX-License-Identifier: MIT */
/*
 * Every call that changes or asks about memory, with every bad value in every place of its
 * arguments, then in every two places; and the bits of prot, flags and advice one by one. A line
 * has the values that give a result after it; what the call changed is part of the result. See
 * tries.h for how, and what the calls find.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/mm_args/tries.h"

static const struct value {
        const char *name;
        unsigned long value;
        int alone; /* left out when two values are bad */
} values[] = {
        { "0", 0, 0 },
        { "1", 1, 0 },
        { "P-1", PAGE - 1, 1 },
        { "P", PAGE, 0 },
        { "P+1", PAGE + 1, 1 },
        { "good+1", 0, 0 }, /* the good value and 1: not aligned */
        { "2^47-2P", 0x7fffffffe000UL, 1 },
        { "2^47-P", 0x7ffffffff000UL, 0 },
        { "2^47", 0x800000000000UL, 0 },
        { "2^63-P", 0x7ffffffffffff000UL, 1 },
        { "2^63", 0x8000000000000000UL, 0 },
        { "noncanon", 0xffff700000000000UL, 1 },
        { "kernel", 0xffffffff81000000UL, 1 },
        { "-2P", -2 * PAGE, 1 },
        { "-P", -PAGE, 0 },
        { "~0-P", ~0UL - PAGE, 0 },
        { "~0", ~0UL, 0 },
};
#define VALUES (int)(sizeof(values) / sizeof(values[0]))
#define GOOD_1 5

enum { SINGLES, PAIRS };

/* Results with the values that gave them, in the order in which they came up first. */
static struct group {
        char result[320];
        char names[400];
} groups[64];
static int nr_groups;

static void group_add(const char *name, const char *result)
{
        struct group *g = groups;
        size_t length;

        while (g < groups + nr_groups && strcmp(g->result, result) != 0)
                g++;
        if (g == groups + 64)
                exit(96);
        if (g == groups + nr_groups) {
                nr_groups++;
                snprintf(g->result, sizeof(g->result), "%s", result);
                g->names[0] = 0;
        }
        length = strlen(g->names);
        snprintf(g->names + length, sizeof(g->names) - length, " %s", name);
}

/* One line of all groups, of any length. */
static void groups_print(const char *head)
{
        static char line[16384];
        int length = snprintf(line, sizeof(line), "%s", head);

        for (int i = 0; i < nr_groups; i++)
                length += snprintf(line + length, sizeof(line) - length, "%s %s:%s", i ? " |" : "",
                                   groups[i].result, groups[i].names);
        line[length++] = '\n';
        if (write(1, line, length) != length)
                exit(97);
        nr_groups = 0;
}

/* ---------------------------------------------------------------- the calls */

struct call {
        const char *name;
        int nr;
        int count;
        int depth; /* SINGLES or PAIRS */
        unsigned long good[6];
};

static unsigned long value_for(const struct call *call, int place, int i)
{
        return i == GOOD_1 ? call->good[place] + 1 : values[i].value;
}

/* All values in one place; the others are `args`. */
static void try_place(const struct call *call, const char *head, int place, unsigned long args[6],
                      int depth)
{
        unsigned long good = args[place];

        for (int i = 0; i < VALUES; i++) {
                if (depth == PAIRS && values[i].alone)
                        continue;
                args[place] = value_for(call, place, i);
                group_add(values[i].name, try_call(call->nr, args));
        }
        args[place] = good;
        groups_print(head);
}

static void try_singles(const struct call *call, unsigned long args[6])
{
        char head[64];

        for (int place = 0; place < call->count; place++) {
                snprintf(head, sizeof(head), "argument %d ->", place + 1);
                try_place(call, head, place, args, SINGLES);
        }
}

static void try_pairs(const struct call *call, unsigned long args[6])
{
        char head[64];

        for (int a = 0; a < call->count; a++)
                for (int b = a + 1; b < call->count; b++)
                        for (int i = 0; i < VALUES; i++) {
                                if (values[i].alone)
                                        continue;
                                args[a] = value_for(call, a, i);
                                snprintf(head, sizeof(head), "argument %d is %s, %d ->", a + 1,
                                         values[i].name, b + 1);
                                try_place(call, head, b, args, PAIRS);
                                args[a] = call->good[a];
                        }
}

static void try_all(const struct call *call)
{
        unsigned long args[6];

        memcpy(args, call->good, sizeof(args));
        scene(call->name);
        group_add("all good", try_call(call->nr, args));
        groups_print("");
        try_singles(call, args);
        if (call->depth == PAIRS)
                try_pairs(call, args);
}

#define RW       (PROT_READ | PROT_WRITE)
#define ANON     (MAP_PRIVATE | MAP_ANONYMOUS)
#define A(page)  (ARENA + (page)*PAGE)
#define LEN(n)   ((n)*PAGE)
#define NO_FD    (~0UL)
#define MAYMOVE  1
#define FIXED    2
#define KEEP     4
#define FD_MEMFD 9

static const struct call calls[] = {
        { "munmap", NR_munmap, 2, PAIRS, { A(2), LEN(2) } },
        { "mprotect", NR_mprotect, 3, PAIRS, { A(2), LEN(2), PROT_READ } },
        { "mmap", NR_mmap, 6, PAIRS, { 0, LEN(2), RW, ANON, NO_FD, 0 } },
        { "mmap, fixed", NR_mmap, 4, PAIRS, { A(2), LEN(2), RW, ANON | MAP_FIXED, NO_FD, 0 } },
        { "mmap, a file", NR_mmap, 6, SINGLES, { 0, LEN(2), RW, MAP_SHARED, FD_MEMFD, 0 } },
        { "mremap", NR_mremap, 5, PAIRS, { A(34), LEN(2), LEN(2), MAYMOVE, A(48) } },
        { "mremap, fixed", NR_mremap, 5, PAIRS, { A(9), LEN(2), LEN(2), MAYMOVE | FIXED, A(48) } },
        { "mremap, keeping",
          NR_mremap,
          5,
          SINGLES,
          { A(9), LEN(2), LEN(2), MAYMOVE | FIXED | KEEP, A(48) } },
        { "mlock", NR_mlock, 2, PAIRS, { A(2), LEN(2) } },
        { "mlock2", NR_mlock2, 3, SINGLES, { A(2), LEN(2), 1 } },
        { "munlock", NR_munlock, 2, PAIRS, { A(2), LEN(2) } },
        { "mlockall", NR_mlockall, 1, SINGLES, { 2 } },
        { "msync", NR_msync, 3, PAIRS, { A(18), LEN(2), 4 } },
        { "mincore", NR_mincore, 3, PAIRS, { A(2), LEN(2), VECTOR } },
        { "mseal", NR_mseal, 3, PAIRS, { A(2), LEN(2), 0 } },
        { "remap_file_pages", NR_remap_file_pages, 5, SINGLES, { A(18), LEN(2), 0, 1, 0 } },
        { "process_madvise",
          NR_process_madvise,
          5,
          SINGLES,
          { OWN_PIDFD, IOVEC, 1, MADV_DONTNEED, 0 } },
        { "madvise", NR_madvise, 3, PAIRS, { A(2), LEN(2), MADV_DONTNEED } },
};

/* ---------------------------------------------------------------- bits */

static const char *break_result(const unsigned long args[6], unsigned long now)
{
        unsigned long result;

        try_call(NR_brk, args);
        result = *(volatile unsigned long *)CONTROL;
        return result == args[0] ? "as asked" : result == now ? "as it was" : "else";
}

/* brk's good value is not known before: the break is where the program ends. */
static void try_break(void)
{
        unsigned long now = raw_call(NR_brk, 0), args[6] = { now };
        char text[64];

        scene("brk");
        for (long pages = -2; pages <= 2; pages++) {
                snprintf(text, sizeof(text), "%+ld", pages);
                args[0] = now + pages * PAGE;
                group_add(text, break_result(args, now));
        }
        for (int i = 0; i < VALUES; i++) {
                args[0] = i == GOOD_1 ? now + 1 : values[i].value;
                group_add(values[i].name, break_result(args, now));
        }
        groups_print("argument 1 ->");
}

/* Every advice there is, but for huge pages', and some that are not, with each start and length. */
static void try_advice(void)
{
        for (long advice = -1; advice <= 104; advice++) {
                char title[48];
                struct call call = { title, NR_madvise, 2, SINGLES, { A(2), LEN(2), advice } };

                if (advice == 25 || (advice > 27 && advice < 100))
                        continue;
                snprintf(title, sizeof(title), "madvise %ld", advice);
                try_all(&call);
        }
}

static void try_protections(void)
{
        unsigned long args[6] = { A(2), LEN(2) };
        char text[32];

        scene("mprotect, each protection");
        for (int place = 0; place < 3; place++) {
                static const int pages[] = { 2, 18, 42 };

                args[0] = A(pages[place]);
                for (unsigned long bits = 0; bits < 32; bits++) {
                        args[2] = bits;
                        snprintf(text, sizeof(text), "%lx", bits);
                        group_add(text, try_call(NR_mprotect, args));
                }
                for (unsigned long bit = 24; bit < 32; bit++) {
                        args[2] = PROT_READ | 1UL << bit;
                        snprintf(text, sizeof(text), "1<<%lu", bit);
                        group_add(text, try_call(NR_mprotect, args));
                }
                snprintf(text, sizeof(text), "at +%d ->", pages[place]);
                groups_print(text);
        }
}

/* The flags of mmap one by one beside each type, with and without a file, and each protection. */
static void try_flags(int fd, const char *title)
{
        unsigned long args[6] = { 0, LEN(2), 0, 0, fd, 0 };
        char text[48];

        scene(title);
        for (unsigned long type = 0; type < 10; type++)
                for (int bit = 4; bit < (type < 4 ? 22 : 5); bit++) {
                        if (bit == 18)
                                continue; /* huge pages */
                        args[3] = type | (fd < 0 ? MAP_ANONYMOUS : 0) | 1UL << bit;
                        args[0] = bit == 4 || bit == 20 ? A(50) : 0;
                        for (int prot = 0; prot < 8; prot += type < 4 ? 1 : 7) {
                                args[2] = prot;
                                snprintf(text, sizeof(text), "%d", prot);
                                group_add(text, try_call(NR_mmap, args));
                        }
                        snprintf(text, sizeof(text), "type %lu, 1<<%d, protection ->", type, bit);
                        groups_print(text);
                }
}

int main(void)
{
        long fd = raw_call(NR_memfd_create, "file", 0);

        raw_call(NR_ftruncate, fd, 4 * PAGE);
        if (fd != FD_MEMFD) {
                raw_call(NR_dup2, fd, FD_MEMFD);
                raw_call(NR_close, fd);
        }
        scene("the layout");
        tries_prepare();
        for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                try_all(&calls[i]);
        try_break();
        try_advice();
        try_protections();
        try_flags(-1, "mmap, each flag");
        try_flags(FD_MEMFD, "mmap of a file, each flag");
        return 0;
}
