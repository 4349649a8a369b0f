/* SPDX-License-Identifier: MIT */
/*
 * random [--seed N] [--rounds N] [--ops N] [--verbose] [--alone]
 *
 * Random memory calls and accesses, made on this machine's Linux and on mm/: every result, signal,
 * mapping, flag, page state and content must be the same after each. A round is a process of its
 * own, so that nothing is left of it. The first difference is printed with what led to it, and its
 * round can be repeated with --seed.
 *
 * The reference is Linux 6.18; on another release the program says so and does nothing. With
 * --alone mm/ makes the calls by itself, on any machine: then only what mm/ checks of itself is
 * tested.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/diff/sides.h"

#define TEXT_MAX 16384

static uint64_t state;
static bool alone; /* without Linux's side */

static uint64_t below(uint64_t n)
{
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (state * 2685821657736338717ULL >> 16) % n;
}

static uint64_t pick(const uint64_t *values, unsigned n)
{
        return values[below(n)];
}

#define PICK(...)                               \
        pick((const uint64_t[]){ __VA_ARGS__ }, \
             sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* ------------------------------------------------------------------ arguments */

static uint64_t page_address(void)
{
        uint64_t addr = ARENA + below(40) * PAGE;

        return below(60) ? addr : addr + 1 + below(PAGE - 1);
}

static uint64_t length(void)
{
        uint64_t len = (1 + below(below(3) ? 6 : 16)) * PAGE;

        switch (below(80)) {
        case 0: return 0;
        case 1: return ~0UL;
        case 2: return len - 1 - below(PAGE - 1);
        case 3: return 1UL << 46;
        default: return len;
        }
}

static uint64_t protection(void)
{
        return PICK(PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
                    PROT_READ | PROT_WRITE, PROT_READ, PROT_READ, PROT_NONE, PROT_WRITE,
                    PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void make_mmap(struct op *op)
{
        uint64_t how = PICK(MAP_FIXED, MAP_FIXED, MAP_FIXED, MAP_FIXED, MAP_FIXED_NOREPLACE, 0);
        uint64_t type = PICK(MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED, 0, 8);
        uint64_t extra = PICK(0, 0, 0, 0, 0, 0, 0, MAP_NORESERVE, MAP_STACK, MAP_POPULATE,
                              MAP_LOCKED, MAP_GROWSDOWN);

        op->a[0] = page_address();
        op->a[1] = below(20) ? (1 + below(12)) * PAGE : length();
        if (op->a[1] == 1UL << 46) /* which populating would take for ever */
                op->a[1] = 1UL << 47;
        op->a[2] = protection();
        op->a[3] = how | (below(20) ? type : MAP_PRIVATE) | extra | MAP_ANONYMOUS;
        op->a[4] = ~0UL;
        op->a[5] = 0;
}

static void make_mremap(struct op *op)
{
        op->a[0] = page_address();
        op->a[1] = below(12) ? length() : 0;
        op->a[2] = below(2) ? op->a[1] : length();
        if (op->a[2] == 1UL << 46)
                op->a[2] = 1UL << 47;
        op->a[3] = PICK(0, 1, 1, 3, 3, 3, 3, 3, 5, 7, 7, 2, 4, 6, 8);
        /* Linux charges a move that shrinks twice, and may refuse it for that: not copied. */
        if ((op->a[3] & MREMAP_FIXED) && op->a[1] == 1UL << 46)
                op->a[1] = PAGE;
        op->a[4] = page_address();
}

static void make_madvise(struct op *op)
{
        op->a[0] = page_address();
        op->a[1] = length();
        op->a[2] =
                PICK(MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
                     MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,
                     MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_DONTDUMP, MADV_DODUMP,
                     MADV_COLD, MADV_POPULATE_READ, MADV_POPULATE_WRITE, 24, 102, 102, 103, 103, 7);
}

static struct op make_op(bool seals)
{
        struct op op = { 0 };

        op.kind = (enum op_kind)PICK(OP_MMAP, OP_MMAP, OP_MMAP, OP_MUNMAP, OP_MPROTECT, OP_MPROTECT,
                                     OP_MREMAP, OP_MREMAP, OP_MREMAP, OP_MREMAP, OP_MREMAP,
                                     OP_MADVISE, OP_MADVISE, OP_MLOCK, OP_MUNLOCK, OP_MSYNC,
                                     OP_MINCORE, OP_READ, OP_WRITE, OP_WRITE, OP_WRITE, OP_WRITE,
                                     OP_MSEAL, OP_FORK);
        if (op.kind == OP_MSEAL && (!seals || below(4)))
                op.kind = OP_WRITE;
        if (op.kind == OP_FORK && below(2))
                op.kind = OP_WRITE;
        op.a[0] = page_address();
        op.a[1] = length();
        switch (op.kind) {
        case OP_MMAP: make_mmap(&op); break;
        case OP_MREMAP: make_mremap(&op); break;
        case OP_MADVISE: make_madvise(&op); break;
        case OP_MPROTECT: op.a[2] = protection(); break;
        case OP_MSYNC: op.a[2] = PICK(1, 2, 4, 4, 5, 8); break;
        case OP_MINCORE:
                op.a[0] &= ~(PAGE - 1);
                op.a[1] = (1 + below(16)) * PAGE;
                break;
        case OP_FORK: op.a[0] = below(seals ? 2 : 3); break; /* a sealed arena cannot go */
        case OP_READ:
        case OP_WRITE:
                op.a[0] += below(PAGE);
                op.a[1] = 1 + below(255);
                break;
        default: break;
        }
        return op;
}

/* ------------------------------------------------------------------ comparison */

static void print_op(const struct op *op, const struct outcome *n, const struct outcome *m)
{
        static const char *const names[OP_KINDS] = { "mmap",    "munmap",  "mprotect", "mremap",
                                                     "madvise", "mlock",   "munlock",  "mseal",
                                                     "msync",   "mincore", "read",     "write",
                                                     "fork" };

        printf("%s(%#lx, %#lx, %#lx, %#lx, %#lx)", names[op->kind], (long)op->a[0], (long)op->a[1],
               (long)op->a[2], (long)op->a[3], (long)op->a[4]);
        printf(" linux %ld [%d %d %#lx]  mm %ld [%d %d %#lx]\n", (long)n->result, n->signo, n->code,
               (long)n->addr, (long)m->result, m->signo, m->code, (long)m->addr);
}

static bool outcomes_equal(const struct outcome *n, const struct outcome *m)
{
        /* Outside the arena each side places as it likes: other things are mapped there. */
        bool both_out = n->result > 0 && m->result > 0 && !in_arena((uint64_t)n->result) &&
                        !in_arena((uint64_t)m->result) && n->result > 4096;

        return (n->result == m->result || both_out) && n->signo == m->signo && n->code == m->code &&
               n->addr == m->addr && memcmp(n->vec, m->vec, sizeof(n->vec)) == 0;
}

static bool run_op(const struct op *op, bool verbose)
{
        static char native_text[TEXT_MAX], model_text[TEXT_MAX];
        struct outcome n = { 0 }, m = { 0 };
        bool equal;

        model_do(op, &m);
        if (alone)
                return true;
        native_do(op, &n);
        native_describe(native_text, TEXT_MAX);
        model_describe(model_text, TEXT_MAX);
        equal = outcomes_equal(&n, &m) && strcmp(native_text, model_text) == 0;
        if (verbose || !equal)
                print_op(op, &n, &m);
        if (verbose && equal)
                printf("%s\n", native_text);
        if (!equal)
                printf("--- linux\n%s\n--- mm\n%s\n", native_text, model_text);
        return equal;
}

static bool run_round(uint64_t seed, unsigned ops, bool verbose)
{
        bool seals;

        state = seed * 0x9e3779b97f4a7c15ULL + 1;
        seals = below(4) == 0;
        if (!alone)
                native_start();
        model_start();
        while (ops--) {
                struct op op = make_op(seals);

                if (!run_op(&op, verbose))
                        return false;
        }
        return true;
}

static bool child_round(uint64_t seed, unsigned ops, bool verbose)
{
        pid_t pid;
        int status;

        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                bool equal;

                alarm(ROUND_SECONDS);
                equal = run_round(seed, ops, verbose);

                fflush(stdout);
                _exit(equal ? 0 : 1);
        }
        waitpid(pid, &status, 0);
        return status == 0;
}

int main(int argc, char **argv)
{
        unsigned rounds = 200, ops = 60, failed = 0;
        uint64_t seed = 1;
        bool verbose = false;
        struct utsname uts;

        side_is_root = true;
        for (int i = 1; i < argc; i++) {
                if (!strcmp(argv[i], "--seed") && i + 1 < argc)
                        seed = strtoull(argv[++i], NULL, 0);
                else if (!strcmp(argv[i], "--rounds") && i + 1 < argc)
                        rounds = (unsigned)atoi(argv[++i]);
                else if (!strcmp(argv[i], "--ops") && i + 1 < argc)
                        ops = (unsigned)atoi(argv[++i]);
                else if (!strcmp(argv[i], "--verbose"))
                        verbose = true;
                else if (!strcmp(argv[i], "--alone"))
                        alone = true;
                else
                        return fprintf(stderr,
                                       "random [--seed N] [--rounds N] [--ops N] [--verbose] [--alone]\n"),
                               2;
        }
        uname(&uts);
        printf("KTAP version 1\n1..1\n");
        if (!alone && (strncmp(uts.release, "6.18.", 5) != 0 || geteuid() != 0)) {
                printf("ok 1 diff.random # SKIP the reference is Linux 6.18 as root; this is %s\n",
                       uts.release);
                return 0;
        }
        for (unsigned i = 0; i < rounds && failed < 5; i++) {
                if (!child_round(seed + i, ops, verbose)) {
                        printf("=== round --seed %lu --rounds 1\n", (long)(seed + i));
                        failed++;
                }
        }
        printf("%s 1 diff.random # %u rounds of %u operations\n", failed ? "not ok" : "ok", rounds,
               ops);
        return failed != 0;
}
