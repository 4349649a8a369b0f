/* SPDX-License-Identifier: MIT */
/*
 * shmget, shmat, shmdt and shmctl with every bad value in every place of their arguments, then in
 * every two; every flag and every command; and the memory calls with every bad value, flag and
 * advice on a mapping of a segment. See segments.h for what they find, and args.h for the lines.
 *
 * Every segment there is is looked at, and any may be removed: where there are namespaces the
 * program takes one of its own, and where it may not have one it does nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/args.h"
#include "userland/tests/lib/args_try.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/shm_args/segments.h"

/* Not in the table that every kernel here has. */
enum { NR_unshare = 272, NEW_IPC = 0x8000000 };

#define A(page) (ARENA + (page)*PAGE)
#define LEN(n)  ((n)*PAGE)
#define FREE    A(48)
#define CREATE  (IPC_CREATE | 0600)
#define MAYMOVE 1
#define FIXED   2
#define KEEP    4

static const struct args_call calls[] = {
        { "shmget", NR_shmget, 3, PAIRS, { KEY_B, 1, 0600 } },
        { "shmget, making", NR_shmget, 3, PAIRS, { KEY_NEW, LEN(2), CREATE } },
        { "shmget, private", NR_shmget, 3, SINGLES, { 0, LEN(1) + 1, 0600 } },
        { "shmat of a page", NR_shmat, 3, PAIRS, { SEG(SEG_B), FREE, 0 } },
        { "shmat of a byte", NR_shmat, 3, SINGLES, { SEG(SEG_A), FREE, 0 } },
        { "shmat of a page and a byte", NR_shmat, 3, SINGLES, { SEG(SEG_C), FREE, 0 } },
        { "shmat of a byte, anywhere", NR_shmat, 3, SINGLES, { SEG(SEG_A), 0, 0 } },
        { "shmat of 6 pages over some", NR_shmat, 3, SINGLES, { SEG(SEG_D), A(1), 040000 } },
        { "shmdt of a byte", NR_shmdt, 1, SINGLES, { A(0) } },
        { "shmdt of a page and a byte", NR_shmdt, 1, SINGLES, { A(2) } },
        { "shmdt of 6 pages", NR_shmdt, 1, SINGLES, { A(8) } },
        { "shmctl", NR_shmctl, 3, PAIRS, { SEG(SEG_A), IPC_STATS, BUFFER } },
        { "shmctl, setting", NR_shmctl, 3, PAIRS, { SEG(SEG_A), IPC_SETS, BUFFER } },
        { "shmctl, removing", NR_shmctl, 3, SINGLES, { SEG(SEG_B), IPC_REMOVE, 0 } },
        { "shmctl, locking", NR_shmctl, 3, SINGLES, { SEG(SEG_C), SHM_LOCKS, 0 } },
        { "munmap", NR_munmap, 2, PAIRS, { A(9), LEN(2) } },
        { "mprotect", NR_mprotect, 3, SINGLES, { A(9), LEN(2), PROT_READ } },
        { "mremap", NR_mremap, 5, SINGLES, { A(8), LEN(6), LEN(7), MAYMOVE, FREE } },
        { "mremap, fixed", NR_mremap, 5, PAIRS, { A(8), LEN(6), LEN(6), MAYMOVE | FIXED, FREE } },
        { "mremap, keeping",
          NR_mremap,
          5,
          SINGLES,
          { A(9), LEN(2), LEN(2), MAYMOVE | FIXED | KEEP, FREE } },
        { "mremap, duplicating",
          NR_mremap,
          5,
          SINGLES,
          { A(9), 0, LEN(2), MAYMOVE | FIXED, FREE } },
        { "mlock", NR_mlock, 2, SINGLES, { A(9), LEN(2) } },
        { "mlock2", NR_mlock2, 3, SINGLES, { A(9), LEN(2), 1 } },
        { "munlock", NR_munlock, 2, SINGLES, { A(9), LEN(2) } },
        { "msync", NR_msync, 3, SINGLES, { A(9), LEN(2), 4 } },
        { "mincore", NR_mincore, 3, SINGLES, { A(9), LEN(2), VECTOR } },
        { "mseal", NR_mseal, 3, SINGLES, { A(9), LEN(2), 0 } },
        { "process_madvise",
          NR_process_madvise,
          5,
          SINGLES,
          { OWN_PIDFD, IOVEC, 1, MADV_DONTNEED, 0 } },
        { "remap_file_pages", NR_remap_file_pages, 5, SINGLES, { A(9), LEN(2), 0, 3, 0 } },
};

/* ---------------------------------------------------------------- flags and commands */

/* Each bit of one argument, alone and then with all of `with`, for each value of another. */
static void try_bits(const struct args_call *call, int place, unsigned long with)
{
        unsigned long args[6];
        char text[32];

        for (int i = 0; i < 6; i++)
                args[i] = call->good[i];
        for (int bit = 0; bit < 33; bit++) {
                args[place] = with | 1UL << bit;
                snprintf(text, sizeof(text), "1<<%d", bit);
                args_group(text, try_call(call->nr, args));
        }
        snprintf(text, sizeof(text), "with %#lo ->", with);
        args_print(text);
}

static void try_get_flags(const char *title)
{
        static const struct args_call known = { "", NR_shmget, 3, SINGLES, { KEY_B, 1, 0 } };
        static const struct args_call fresh = { "", NR_shmget, 3, SINGLES, { KEY_NEW, 1, 0 } };

        scene(title);
        try_bits(&known, 2, 0);
        try_bits(&known, 2, IPC_CREATE);
        try_bits(&known, 2, IPC_CREATE | IPC_EXCLUSIVE);
        try_bits(&fresh, 2, 0);
        try_bits(&fresh, 2, IPC_CREATE);
        try_bits(&fresh, 2, IPC_CREATE | IPC_EXCLUSIVE);
}

/* What SHM_HUGETLB is answered where no huge pages are set aside, for each size of them. */
static void try_huge_sizes(void)
{
        static const unsigned long sizes[] = { 0, 1, 1UL << 47, 1UL << 63 };
        char text[32];

        scene("shmget of huge pages, each size");
        for (int i = 0; i < 4; i++) {
                for (unsigned long order = 0; order < 64; order++) {
                        unsigned long args[6] = { 0, sizes[i], 04600 | order << 26 };

                        snprintf(text, sizeof(text), "%lu", order);
                        args_group(text, try_call(NR_shmget, args));
                }
                snprintf(text, sizeof(text), "size 0x%lx ->", sizes[i]);
                args_print(text);
        }
}

/* Sizes at each edge, charged and not. */
static void try_sizes(void)
{
        static const struct {
                const char *name;
                unsigned long size;
        } sizes[] = {
                { "2^63-P", (1UL << 63) - PAGE },
                { "2^63-P+1", (1UL << 63) - PAGE + 1 },
                { "2^63-1", (1UL << 63) - 1 },
                { "2^63", 1UL << 63 },
                { "shmmax", ~0UL - (1UL << 24) },
                { "shmmax+1", 0UL - (1UL << 24) },
                { "-P+1", 1 - PAGE },
        };

        scene("shmget, each edge of size");
        for (unsigned long flags = CREATE; flags <= (CREATE | 010000); flags += 010000) {
                for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                        unsigned long args[6] = { KEY_NEW, sizes[i].size, flags };

                        args_group(sizes[i].name, try_call(NR_shmget, args));
                }
                args_print(flags == CREATE ? "charged ->" : "not charged ->");
        }
}

static const struct {
        const char *name;
        unsigned long addr;
} places[] = {
        { "0", 0 },
        { "123", 123 },
        { "P", PAGE },
        { "free", FREE },
        { "free+123", FREE + 123 },
        { "taken", A(8) },
        { "taken+P-1", A(9) - 1 },
        { "partly taken", A(7) },
        { "just below", A(6) },
        { "the last", 0x7fffffffe000UL },
        { "2^47-P", 0x7ffffffff000UL },
        { "2^63-P", 0x7ffffffffffff000UL },
        { "2^63", 1UL << 63 },
        { "-P", -PAGE },
        { "-1", -1UL },
};
#define PLACES (int)(sizeof(places) / sizeof(places[0]))

/* Each flag of shmat, with and without SHM_RND and SHM_REMAP, at each kind of address. */
static void try_attach_flags(void)
{
        char title[64];

        for (int i = 0; i < PLACES; i++) {
                struct args_call call = {
                        "", NR_shmat, 3, SINGLES, { SEG(SEG_C), places[i].addr, 0 }
                };

                snprintf(title, sizeof(title), "shmat, each flag, at %s", places[i].name);
                scene(title);
                for (unsigned long known = 0; known < 8; known += 2)
                        try_bits(&call, 2, known << 12);
        }
}

/* From 0 on over all that the process has: nothing would be left to stop. */
static int is_fatal(int id, unsigned long addr, unsigned long flags)
{
        return id == SEG_E && addr == 123 && (flags & 6) == 2;
}

/* Each segment at each place, with sets of the four known flags. */
static void try_attach(const char *title, unsigned long step)
{
        char text[64];

        scene(title);
        for (int id = SEG_A; id <= NO_SLOT; id++)
                for (unsigned long flags = 0; flags < 16; flags += step) {
                        unsigned long args[6] = { SEG(id), 0, flags << 12 };

                        for (int i = 0; i < PLACES; i++) {
                                args[1] = places[i].addr;
                                if (!is_fatal(id, args[1], flags))
                                        args_group(places[i].name, try_call(NR_shmat, args));
                        }
                        snprintf(text, sizeof(text), "segment %d, flags %#lo ->", id, flags << 12);
                        args_print(text);
                }
}

static void try_commands(const char *title)
{
        static const struct {
                const char *name;
                unsigned long id;
        } numbers[] = {
                { "A", SEG(SEG_A) },
                { "B", SEG(SEG_B) },
                { "C", SEG(SEG_C) },
                { "D", SEG(SEG_D) },
                { "F", SEG(SEG_F) },
                { "another's slot", SEG(ANOTHER_SEQ) },
                { "no slot", SEG(NO_SLOT) },
                { "-1", -1UL },
                { "slot 2", 2 },
                { "2^32 and slot 2", 1UL << 32 | 2 },
                { "the highest number", 0x7fffffff },
        };
        char text[64];

        scene(title);
        for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                unsigned long args[6] = { numbers[i].id, 0, BUFFER };

                for (long command = -1; command < 48; command++) {
                        args[1] = command <= 40 ? command : 0x100 + (command - 41) * 3;
                        snprintf(text, sizeof(text), "%ld", (long)args[1]);
                        args_group(text, try_call(NR_shmctl, args));
                }
                snprintf(text, sizeof(text), "of %s ->", numbers[i].name);
                args_print(text);
        }
}

static void try_buffers(const char *title)
{
        static const struct {
                const char *name;
                unsigned long addr;
        } buffers[] = {
                { "0", 0 },
                { "good", BUFFER },
                { "odd", BUFFER + 1 },
                { "a hole", A(30) },
                { "before a hole", A(14) - 8 },
                { "after a hole", A(8) - 8 },
                { "a segment", A(8) },
                { "reading only", A(16) },
                { "2^47-P-8", 0x7fffffffeff8UL },
                { "2^47-P", 0x7ffffffff000UL },
                { "2^47", 0x800000000000UL },
                { "kernel", 0xffffffff81000000UL },
                { "-8", -8UL },
        };
        char text[64];

        scene(title);
        for (int command = 0; command < 16; command++) {
                for (int id = SEG_A; id <= NO_SLOT; id += NO_SLOT) {
                        unsigned long args[6] = { SEG(id), command };

                        for (unsigned i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
                                args[2] = buffers[i].addr;
                                args_group(buffers[i].name, try_call(NR_shmctl, args));
                        }
                        snprintf(text, sizeof(text), "command %d of %s ->", command,
                                 id == SEG_A ? "A" : "no slot");
                        args_print(text);
                }
        }
}

/* ---------------------------------------------------------------- memory calls */

/* Every advice there is, but for huge pages', and some that are not. */
static void try_advice(void)
{
        static const struct {
                const char *name;
                unsigned long start, length;
        } ranges[] = {
                { "the first", A(0), LEN(1) },       { "the whole", A(8), LEN(6) },
                { "a middle", A(9), LEN(2) },        { "no bytes", A(9), 0 },
                { "reading only", A(16), LEN(6) },   { "with the hole behind", A(12), LEN(4) },
                { "two with a hole", A(8), LEN(14) }
        };
        char text[64];

        scene("madvise, each advice");
        for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
                for (long advice = -1; advice <= 104; advice++) {
                        unsigned long args[6] = { ranges[i].start, ranges[i].length, advice };

                        if (advice == 25 || (advice > 27 && advice < 100))
                                continue;
                        snprintf(text, sizeof(text), "%ld", advice);
                        args_group(text, try_call(NR_madvise, args));
                }
                snprintf(text, sizeof(text), "%s ->", ranges[i].name);
                args_print(text);
        }
}

static void try_protections(void)
{
        static const struct args_call at_write = { "", NR_mprotect, 3, SINGLES, { A(9), LEN(2) } };
        static const struct args_call at_read = { "", NR_mprotect, 3, SINGLES, { A(17), LEN(2) } };
        static const struct args_call at_end = { "", NR_mprotect, 3, SINGLES, { A(12), LEN(4) } };

        scene("mprotect, each protection");
        for (unsigned long prot = 0; prot < 8; prot++) {
                try_bits(&at_write, 2, prot);
                try_bits(&at_read, 2, prot);
                try_bits(&at_end, 2, prot);
        }
}

static void try_syncs(void)
{
        static const struct args_call whole = { "", NR_msync, 3, SINGLES, { A(8), LEN(6) } };
        static const struct args_call hole = { "", NR_msync, 3, SINGLES, { A(8), LEN(14) } };

        scene("msync, each flag");
        for (unsigned long flags = 0; flags < 8; flags++) {
                try_bits(&whole, 2, flags);
                try_bits(&hole, 2, flags);
        }
}

/* Lengths from 0 to more than the segment has, at each place and with each set of flags. */
static void try_moves(void)
{
        static const long lengths[] = { 0, 1, 5, 6, 7, 14 };
        static const long starts[] = { 2, 8, 9, 13, 16 };
        char text[64];

        for (unsigned s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
                snprintf(text, sizeof(text), "mremap of page %ld, each length", starts[s]);
                scene(text);
                for (unsigned o = 0; o < sizeof(lengths) / sizeof(lengths[0]); o++)
                        for (unsigned long flags = 0; flags < 8; flags++) {
                                unsigned long args[6] = { A(starts[s]), LEN(lengths[o]), 0, flags,
                                                          FREE };

                                for (unsigned n = 0; n < sizeof(lengths) / sizeof(lengths[0]);
                                     n++) {
                                        args[2] = LEN(lengths[n]);
                                        snprintf(text, sizeof(text), "%ld", lengths[n]);
                                        args_group(text, try_call(NR_mremap, args));
                                }
                                snprintf(text, sizeof(text), "%ld pages, flags %lu, to ->",
                                         lengths[o], flags);
                                args_print(text);
                        }
        }
}

int main(void)
{
        static const struct try_hooks hooks = { segments_translate, segments_result_name,
                                                segments_look, segments_restore };
        unsigned long *iovec = (unsigned long *)IOVEC;
        long refused = raw_call(NR_unshare, NEW_IPC);

        if (refused && refused != -ENOSYS) {
                say("not allowed to have segments of its own here: skipped");
                return 0;
        }
        scene("the layout");
        /* What SHM_RND of an address in page 0 may come to lie over. */
        raw_call(NR_mmap, 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0);
        tries_prepare(segments_lay_out, &hooks);
        iovec[0] = A(9);
        iovec[1] = LEN(2);
        for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                args_try_all(&calls[i]);
        try_get_flags("shmget, each flag");
        try_huge_sizes();
        try_sizes();
        try_attach_flags();
        try_attach("shmat of each segment", 1);
        try_commands("shmctl, each command");
        try_buffers("shmctl, each buffer");
        try_advice();
        try_protections();
        try_syncs();
        try_moves();
        segments_as_nobody();
        try_get_flags("shmget by another user, each flag");
        try_attach("shmat of each segment by another user", 5);
        try_commands("shmctl by another user, each command");
        try_buffers("shmctl by another user, each buffer");
        return 0;
}
