/* SPDX-License-Identifier: MIT */
/*
 * Every call that changes or asks about memory, with every bad value in every place of its
 * arguments, then in every two places; and the bits of prot, flags and advice one by one. A line
 * has the values that give a result after it; what the call changed is part of the result. See
 * userland/tests/lib/args_try.h for how, and
 * lay_out() for what the calls find.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/args.h"
#include "userland/tests/lib/args_try.h"

#define RW       (PROT_READ | PROT_WRITE)
#define ANON     (MAP_PRIVATE | MAP_ANONYMOUS)
#define A(page)  (ARENA + (page)*PAGE)
#define LEN(n)   ((n)*PAGE)
#define NO_FD    (~0UL)
#define MAYMOVE  1
#define FIXED    2
#define KEEP     4
#define FD_MEMFD 9

static const struct args_call calls[] = {
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
                args_group(text, break_result(args, now));
        }
        for (int i = 0; i < ARGS_VALUES; i++) {
                args[0] = args_value(i, now);
                args_group(args_value_name(i), break_result(args, now));
        }
        args_print("argument 1 ->");
}

/* Every advice there is, but for huge pages', and some that are not, with each start and length. */
static void try_advice(void)
{
        for (long advice = -1; advice <= 104; advice++) {
                char title[48];
                struct args_call call = { title, NR_madvise, 2, SINGLES, { A(2), LEN(2), advice } };

                if (advice == 25 || (advice > 27 && advice < 100))
                        continue;
                snprintf(title, sizeof(title), "madvise %ld", advice);
                args_try_all(&call);
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
                        args_group(text, try_call(NR_mprotect, args));
                }
                for (unsigned long bit = 24; bit < 32; bit++) {
                        args[2] = PROT_READ | 1UL << bit;
                        snprintf(text, sizeof(text), "1<<%lu", bit);
                        args_group(text, try_call(NR_mprotect, args));
                }
                snprintf(text, sizeof(text), "at +%d ->", pages[place]);
                args_print(text);
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
                                args_group(text, try_call(NR_mmap, args));
                        }
                        snprintf(text, sizeof(text), "type %lu, 1<<%d, protection ->", type, bit);
                        args_print(text);
                }
}

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
        unsigned long *iovec = (unsigned long *)IOVEC;

        for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
                raw_call(NR_mmap, at(parts[i].page), parts[i].pages * PAGE, parts[i].prot,
                         parts[i].flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memset((void *)at(0), 1, 4 * PAGE);
        memset((void *)at(16), 1, 4 * PAGE);
        iovec[0] = at(2);
        iovec[1] = 2 * PAGE;
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
        tries_prepare(lay_out, NULL);
        for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                args_try_all(&calls[i]);
        try_break();
        try_advice();
        try_protections();
        try_flags(-1, "mmap, each flag");
        try_flags(FD_MEMFD, "mmap of a file, each flag");
        return 0;
}
