/* SPDX-License-Identifier: MIT */
/*
 * The calls of a round: memory calls, and among them what only processes can do. Which there are
 * follows from the seed alone, not from what becomes of them, so that any of them may be left out.
 */
#include <string.h>
#include <sys/mman.h>

#include "userland/fuzz/same/same.h"

static uint64_t state;
/* Where the last memory call was: where it is worth looking. */
static uint64_t last_addr, last_target, last_len;

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

/* ------------------------------------------------------------------ memory calls */

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
                    PROT_READ, PROT_READ, PROT_NONE, PROT_WRITE, PROT_READ | PROT_EXEC,
                    PROT_READ | PROT_WRITE | PROT_EXEC);
}

static uint64_t mapping_flags(void)
{
        return PICK(MAP_FIXED, MAP_FIXED, MAP_FIXED, MAP_FIXED, MAP_FIXED_NOREPLACE, 0) |
               PICK(MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED, MAP_SHARED) |
               PICK(0, 0, 0, 0, 0, 0, 0, MAP_NORESERVE, MAP_STACK, MAP_POPULATE, MAP_LOCKED,
                    MAP_GROWSDOWN);
}

static void make_mremap(struct op *op)
{
        op->a[1] = below(12) ? length() : 0;
        op->a[2] = below(2) ? op->a[1] : length();
        if (op->a[2] == 1UL << 46)
                op->a[2] = 1UL << 47;
        op->a[3] = PICK(0, 1, 1, 3, 3, 3, 3, 3, 5, 7, 7, 2, 4, 6, 8);
        /* Linux charges a move that shrinks twice, and never gives it back: not done to it. */
        if ((op->a[3] & MREMAP_FIXED) && op->a[2] < op->a[1])
                op->a[2] = op->a[1];
        op->a[4] = page_address();
        last_target = op->a[4];
}

static struct op make_op(bool seals)
{
        struct op op = { .a = { page_address(), length() } };

        op.kind = (enum op_kind)PICK(OP_MMAP, OP_MMAP, OP_MMAP, OP_MUNMAP, OP_MPROTECT, OP_MPROTECT,
                                     OP_MREMAP, OP_MREMAP, OP_MREMAP, OP_MREMAP, OP_MADVISE,
                                     OP_MADVISE, OP_MLOCK, OP_MUNLOCK, OP_MSYNC, OP_MINCORE,
                                     OP_READ, OP_WRITE, OP_WRITE, OP_WRITE, OP_MSEAL);
        if (op.kind == OP_MSEAL && (!seals || below(4)))
                op.kind = OP_WRITE;
        last_addr = last_target = op.a[0];
        switch (op.kind) {
        case OP_MMAP:
                if (op.a[1] == 1UL << 46) /* which populating would take for ever */
                        op.a[1] = 1UL << 47;
                op.a[2] = protection();
                op.a[3] = mapping_flags() | MAP_ANONYMOUS;
                op.a[4] = ~0UL;
                break;
        case OP_MREMAP: make_mremap(&op); break;
        case OP_MADVISE:
                op.a[2] = PICK(MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
                               MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,
                               MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_DONTDUMP,
                               MADV_DODUMP, MADV_COLD, MADV_POPULATE_READ, MADV_POPULATE_WRITE, 24,
                               102, 102, 103, 103, 7);
                break;
        case OP_MPROTECT: op.a[2] = protection(); break;
        case OP_MSYNC: op.a[2] = PICK(1, 2, 4, 4, 5, 8); break;
        case OP_MINCORE:
                op.a[0] &= ~(PAGE - 1);
                op.a[1] = (1 + below(16)) * PAGE;
                break;
        case OP_READ:
        case OP_WRITE:
                op.a[0] += below(PAGE);
                op.a[1] = 1 + below(255);
                break;
        default: break;
        }
        last_len = op.a[1];
        return op;
}

/* ------------------------------------------------------------------ what processes can do */

/* Where a copy goes: often across the end of a page. */
static void choose_span(struct call *call)
{
        call->a[0] = page_address() + below(2) * below(PAGE);
        call->a[1] = PICK(1, 8, 100, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE + 7, 8 * PAGE, below(PAGE));
}

static void choose_copy(struct call *call)
{
        choose_span(call);
        switch (call->kind) {
        case CALL_TO_FILE:
        case CALL_FROM_FILE:
                call->a[2] = below(OBJECTS);
                call->a[3] = below(2) * below(OBJECT_PAGES * PAGE);
                break;
        case CALL_VECTORS:
                call->a[2] = call->a[1];
                call->a[1] = call->a[0];
                call->a[0] = page_address() & ~15UL;
                call->a[3] = page_address();
                call->a[4] = below(VECTORS);
                break;
        case CALL_STRUCT: call->a[1] = below(STRUCTS); break;
        case CALL_SIGNAL: call->a[1] = PICK(PAGE, 4 * PAGE, 16 * PAGE, 2048, 1024); break;
        default: call->a[2] = below(below(2) ? 1 : WORKERS); break;
        }
}

/* Looks at where something has just moved from or to, at once. */
static void choose_probe(struct call *call)
{
        uint64_t pages = last_len / PAGE + 1;

        call->a[0] = (below(2) ? last_addr : last_target) & ~(PAGE - 1);
        if (below(3) == 0)
                call->a[0] = page_address() & ~(PAGE - 1);
        call->a[1] = pages > 8 ? 8 : pages;
        call->a[2] = below(PROBES);
}

static void choose_other(struct call *call)
{
        call->kind = (enum call_kind)PICK(
                CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_RUN, CALL_MAP,
                CALL_MAP, CALL_MAP, CALL_MAP, CALL_RESIZE, CALL_PUNCH, CALL_TO_PIPE, CALL_FROM_PIPE,
                CALL_TO_FILE, CALL_FROM_FILE, CALL_VECTORS, CALL_VM_READ, CALL_VM_WRITE,
                CALL_MEM_READ, CALL_MEM_WRITE, CALL_STRUCT, CALL_SIGNAL);
        switch (call->kind) {
        case CALL_PROBE: choose_probe(call); break;
        case CALL_RUN: call->a[0] = page_address(); break;
        case CALL_MAP:
                call->a[0] = page_address();
                call->a[1] = (1 + below(12)) * PAGE;
                call->a[2] = protection();
                call->a[3] = mapping_flags();
                call->a[4] = below(OBJECTS);
                call->a[5] = below(4) * below(OBJECT_PAGES) * PAGE;
                break;
        case CALL_RESIZE:
                call->a[0] = below(OBJECTS);
                call->a[1] = below(OBJECT_PAGES) * PAGE + below(2) * below(PAGE);
                break;
        case CALL_PUNCH:
                call->a[0] = below(OBJECTS);
                call->a[1] = below(OBJECT_PAGES) * PAGE + below(2) * below(PAGE);
                call->a[2] = (1 + below(4)) * PAGE - below(2) * below(PAGE);
                break;
        default: choose_copy(call); break;
        }
}

static void choose_worker_call(struct call *call)
{
        call->kind = (enum call_kind)PICK(CALL_FORK, CALL_FORK, CALL_FORK, CALL_VFORK,
                                          CALL_CLONE_VM, CALL_THREAD, CALL_SWITCH, CALL_SWITCH,
                                          CALL_SWITCH, CALL_SWITCH, CALL_SWITCH, CALL_SWITCH,
                                          CALL_EXIT, CALL_EXIT, CALL_EXIT, CALL_EXEC);
        if (call->kind == CALL_EXEC && below(3))
                call->kind = CALL_SWITCH;
        call->a[0] = call->kind == CALL_FORK ? below(3) : below(WORKERS);
}

void choose_calls(uint64_t seed, unsigned count)
{
        bool seals;

        state = seed * 0x9e3779b97f4a7c15ULL + 1;
        seals = below(4) == 0;
        for (unsigned i = 0; i < count; i++) {
                struct call *call = &control->calls[i];

                memset(call, 0, sizeof(*call));
                if (below(20) == 0) {
                        choose_worker_call(call);
                } else if (below(5) < 3) {
                        call->kind = CALL_OP;
                        call->op = make_op(seals);
                        call->quiet = below(3) == 0;
                } else {
                        choose_other(call);
                }
        }
        control->calls[count - 1].quiet = false;
}
