/* SPDX-License-Identifier: MIT */
/*
 * Random calls without memory: of each call of a stream (tests/diff/stream.h) the first allocation
 * fails, then the second, and so on until it needs no more; each of them once alone and once with
 * all that come after it. After a failure everything is as it was, or the call is one of those that
 * do what they can (may_leave()). The call that then succeeds is where the next one begins.
 *
 * Nothing may be lost by it: after each sequence all memory is back.
 */
#include "kernel/base/abi/madvise.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "kernel/sync/trace.h"
#include "mm/fail_alloc.h"
#include "mm/mm_types.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "mm/vma.h"
#include "tests/diff/stream.h"
#include "tests/diff/terrane.h"
#include "tests/unit/nth_state.h"

/* So many allocations no call makes. */
#define FAULTS_MAX 5000

/* What a test with the usual number of operations does, and at least has to have done. */
#define SEQUENCES  60
#define FAULTS_MIN 2000

static struct {
        unsigned calls, faults, partial, swallowed;
} done;

struct trial {
        u64 seed;
        unsigned index; /* of the call */
        const struct op *op;
        unsigned leaves; /* of nth.h */
        struct nth_state before, after;
};

static void complain(const struct trial *t, unsigned n, bool forever, const char *what)
{
        const u64 *a = t->op->a;

        test_fail(__FILE__, 0, false,
                  "seed %lu, call %u: %s(%#lx, %#lx, %#lx, %#lx, %#lx), allocation %u%s: %s",
                  (long)t->seed, t->index, op_name(t->op->kind), (long)a[0], (long)a[1], (long)a[2],
                  (long)a[3], (long)a[4], n, forever ? " and all after it" : "", what);
}

/* ------------------------------------------------------------------ what may be left */

/* More than one VMA, or holes: done piece by piece, and those before a failure stay done. */
static bool has_pieces(u64 start, u64 len)
{
        u64 end = start + len < start ? TASK_SIZE : start + len;
        struct vma *vma = vma_meeting(terrane_mm(), start, end);

        return vma && (vma->start > start || vma->end < end);
}

/* Advice that fills pages in, one after the other, and keeps those it has. */
static bool populates(u64 advice)
{
        return advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE;
}

/* NTH_LEAVES_* of a call, as things are before it: what a failure midway leaves on Linux, too. */
static unsigned may_leave(const struct op *op)
{
        const u64 *a = op->a;
        unsigned several = has_pieces(a[0], a[1]) ? NTH_LEAVES_PARTS : 0;

        switch (op->kind) {
        case OP_MPROTECT: /* pages of locked memory are copied afterwards, errors forgotten */
        case OP_MSEAL:
        case OP_MUNLOCK: return several | NTH_SWALLOWS;
        case OP_MLOCK:
        case OP_MLOCK2:
        case OP_MLOCKALL:
        case OP_MUNLOCKALL: return NTH_LEAVES_PARTS | NTH_SWALLOWS; /* pages one by one */
        case OP_MADVISE: return populates(a[2]) ? NTH_LEAVES_PARTS | NTH_SWALLOWS : several;
        case OP_MREMAP: return (a[3] & MREMAP_FIXED ? several : 0) | NTH_SWALLOWS;
        case OP_MMAP:
        case OP_BRK:
        case OP_REMAP_FILE_PAGES: return NTH_SWALLOWS; /* populated when all is done */
        case OP_UFFD_REGISTER:
        case OP_UFFD_UNREGISTER: return several;
        case OP_UFFD_OPEN: /* and closes what had the number */
        case OP_UFFD_CLOSE:
                return NTH_LEAVES_PARTS | NTH_SWALLOWS; /* what could be merged is not */
        case OP_UFFD_COPY:
        case OP_UFFD_MOVE:
        case OP_UFFD_ZEROPAGE:
        case OP_UFFD_CONTINUE:
        case OP_UFFD_POISON: return NTH_LEAVES_PARTS | NTH_SWALLOWS; /* so many bytes are done */
        case OP_UFFD_PROTECT: return NTH_LEAVES_PARTS;               /* table by table */
        case OP_READ:
        case OP_WRITE: /* tables, an anon_vma, a stack that has grown; small pages for a huge one */
                return NTH_LEAVES_PARTS | NTH_SWALLOWS;
        default: return 0;
        }
}

/* ------------------------------------------------------------------ one call */

static void state_take(struct nth_state *state, unsigned leaves)
{
        struct nth_world world = { .mm = terrane_mm() };

        nth_state_take(state, &world, leaves);
}

static bool has_failed(const struct op *op, const struct snapshot *s)
{
        if (op->kind == OP_BRK)
                return (u64)s->result != op->a[0];
        return s->result < 0 || s->signo;
}

static void check_errno(const struct trial *t, unsigned n, bool forever, const struct snapshot *s)
{
        char text[80];

        if (t->op->kind == OP_BRK || s->signo == MM_FAULT_OOM || s->signo)
                return;
        if (s->result == -ENOMEM || s->result == -EAGAIN)
                return;
        if (t->op->kind == OP_UFFD_COPY && s->result == -EFAULT) /* its source has no page */
                return;
        snprintf(text, sizeof(text), "the result is %ld", (long)s->result);
        complain(t, n, forever, text);
}

/* What is done in part is done right: no page has other contents for having gone elsewhere. */
static void check_state(struct trial *t, unsigned n, bool forever)
{
        const char *difference;

        state_take(&t->after, 0);
        difference = nth_state_differs(&t->before, &t->after);
        if (!difference)
                return;
        if (!(t->leaves & NTH_LEAVES_PARTS))
                complain(t, n, forever, difference);
        else if (t->after.pages == t->before.pages && t->after.contents != t->before.contents)
                complain(t, n, forever, "pages have other contents");
        done.partial++;
        terrane_validate();
        state_take(&t->before, 0);
}

enum ending { UNHURT, FAILED, DONE };

/* UNHURT: it did not come to that allocation; DONE: it did, and the call succeeded all the same. */
static enum ending try_once(struct trial *t, unsigned n, bool forever)
{
        struct snapshot s;

        fail_alloc_nth(n, forever);
        terrane_do(t->op, &s);
        forever = forever && fail_alloc_failed();
        if (!fail_alloc_failed()) {
                fail_alloc_nth(0, false);
                return UNHURT;
        }
        fail_alloc_nth(0, false);
        done.faults++;
        lock_trace_check_none();
        if (!has_failed(t->op, &s)) {
                done.swallowed++;
                if (!(t->leaves & NTH_SWALLOWS))
                        complain(t, n, forever, "it succeeds all the same");
                return DONE;
        }
        check_errno(t, n, forever, &s);
        check_state(t, n, forever);
        return FAILED;
}

/* fork() as far as it can fail; the one that counts is made without a failure. */
static void fork_without_memory(struct trial *t)
{
        const struct mm_caller root = { ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0U, false };
        struct mm *child = NULL;
        int err;

        state_take(&t->before, NTH_LEAVES_RDONLY);
        for (unsigned n = 1; !child && n < FAULTS_MAX; n++) {
                const char *difference;

                fail_alloc_nth(n, n % 2);
                child = mm_fork(terrane_mm(), &root, &err);
                done.faults += fail_alloc_failed() > 0;
                fail_alloc_nth(0, false);
                if (child)
                        break;
                state_take(&t->after, NTH_LEAVES_RDONLY);
                difference = nth_state_differs(&t->before, &t->after);
                if (difference)
                        complain(t, n, n % 2, difference);
        }
        if (child)
                mm_put(child);
}

static void call_without_memory(struct trial *t)
{
        enum ending ending = FAILED;
        struct snapshot s;

        done.calls++;
        if (t->op->kind == OP_FORK) {
                fork_without_memory(t);
                terrane_do(t->op, &s);
                return;
        }
        t->leaves = may_leave(t->op);
        state_take(&t->before, 0);
        for (unsigned n = 1; ending == FAILED && n < FAULTS_MAX; n++) {
                ending = try_once(t, n, true);
                if (ending == FAILED)
                        ending = try_once(t, n, false);
        }
        if (ending == FAILED)
                complain(t, FAULTS_MAX, false, "there is no end to it");
}

/* ------------------------------------------------------------------ sequences */

static u64 free_pages(void)
{
        struct memory_stats stats;

        slab_shrink_all();
        memory_stats(&stats);
        return stats.free;
}

static void run_sequence(u64 seed)
{
        struct stream_options options = stream_defaults;
        struct trial trial = { .seed = seed };
        u64 before = free_pages();
        struct stream stream;
        struct op op;

        options.length = 100;
        stream_start(&stream, &options, seed);
        terrane_start(stream.root);
        trial.op = &op;
        for (; stream_next(&stream, &op); trial.index++) {
                call_without_memory(&trial);
                if (test_failures())
                        break;
        }
        terrane_validate();
        terrane_end();
        nth_state_free(&trial.before);
        nth_state_free(&trial.after);
        if (free_pages() != before)
                test_fail(__FILE__, 0, false, "seed %lu: memory was not given back", (long)seed);
}

/* --operations is what to multiply the usual number of sequences by. */
TEST_BARE(random_calls_without_memory_leave_no_trace)
{
        u64 sequences = SEQUENCES * test_operations / TEST_OPERATIONS;

        terrane_boot(TERRANE_RAM);
        for (u64 seed = 1; seed <= sequences && !test_failures(); seed++)
                run_sequence(seed);
        test_note("%lu sequences, %u calls, %u injected faults, %u left a part, %u did no harm",
                  (long)sequences, done.calls, done.faults, done.partial, done.swallowed);
        EXPECT_LE(FAULTS_MIN, done.faults);
}
