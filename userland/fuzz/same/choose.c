/* SPDX-License-Identifier: MIT */
/*
 * The calls of a round: those of tests/diff/stream.h, and among them what only processes can do.
 * Which there are follows from the seed alone, not from what becomes of them, so that any of them
 * may be left out.
 */
#include <string.h>

#include "tests/diff/stream.h"
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

static uint64_t page_address(void)
{
        uint64_t addr = ARENA + below(40) * PAGE;

        return below(60) ? addr : addr + 1 + below(PAGE - 1);
}

/* Where the next probe may find something that has just changed. */
static void note_place(const struct op *op)
{
        last_addr = last_target = op->a[0];
        last_len = op_args(op->kind) > 1 ? op->a[1] : PAGE;
        if (op->kind == OP_MREMAP)
                last_target = op->a[4];
}

/* madvise() goes on behind holes, and would find the worker's stack at the end of all addresses. */
static void tame(struct op *op)
{
        if (op->kind == OP_MADVISE && op->a[1] == 1UL << 47)
                op->a[1] = 1UL << 46;
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
                call->a[2] = below(FILES);
                call->a[3] = below(2) * below(2 * SMALL_FILE_SIZE);
                break;
        case CALL_VECTORS:
                call->a[2] = call->a[1];
                call->a[1] = call->a[0];
                call->a[0] = page_address() & ~15UL;
                call->a[3] = page_address();
                call->a[4] = below(VECTORS);
                break;
        case CALL_STRUCT: call->a[1] = below(STRUCTS); break;
        case CALL_SIGNAL: call->a[1] = PICK(4 * PAGE, 8 * PAGE); break;
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
                CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_PROBE, CALL_RUN, CALL_TO_PIPE,
                CALL_FROM_PIPE, CALL_TO_FILE, CALL_FROM_FILE, CALL_VECTORS, CALL_VM_READ,
                CALL_VM_WRITE, CALL_MEM_READ, CALL_MEM_WRITE, CALL_STRUCT, CALL_SIGNAL);
        switch (call->kind) {
        case CALL_PROBE: choose_probe(call); break;
        case CALL_RUN: call->a[0] = page_address(); break;
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
        struct stream_options options = stream_defaults;
        struct stream stream;

        options.length = count;
        options.shape = SHAPE_SMALL;
        options.weight[OP_FORK] = 0; /* CALL_FORK */
        options.weight[OP_SCAN] = 0;
        options.huge = options.uffd = 0;
        stream_start(&stream, &options, seed);
        control->root = stream.root;
        state = (seed + 1) * 0x9e3779b97f4a7c15ULL;
        for (unsigned i = 0; i < count; i++) {
                struct call *call = &control->calls[i];

                memset(call, 0, sizeof(*call));
                if (i >= stream.to_lay && below(20) == 0) {
                        choose_worker_call(call);
                } else if (i >= stream.to_lay && below(3) == 0) {
                        choose_other(call);
                } else {
                        call->kind = CALL_OP;
                        stream_next(&stream, &call->op);
                        tame(&call->op);
                        note_place(&call->op);
                        call->quiet = below(3) == 0;
                }
        }
        control->calls[count - 1].quiet = false;
}
