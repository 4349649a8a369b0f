/* SPDX-License-Identifier: MIT */
/* One call: what it is, and what comes of it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "userland/fuzz/same/same.h"

#define RET 0xc3 /* the instruction */

static const char *const op_names[OP_KINDS] = { "mmap",  "munmap",  "mprotect", "mremap", "madvise",
                                                "mlock", "munlock", "mseal",    "msync",  "mincore",
                                                "read",  "write",   "fork" };
static const int op_numbers[OP_KINDS] = {
        [OP_MMAP] = NR_mmap,       [OP_MUNMAP] = NR_munmap,   [OP_MPROTECT] = NR_mprotect,
        [OP_MREMAP] = NR_mremap,   [OP_MADVISE] = NR_madvise, [OP_MLOCK] = NR_mlock,
        [OP_MUNLOCK] = NR_munlock, [OP_MSEAL] = NR_mseal,     [OP_MSYNC] = NR_msync,
        [OP_MINCORE] = NR_mincore,
};

/* What was placed outside the arena is taken away. */
static void discard(enum op_kind kind, const uint64_t *a, long result)
{
        uint64_t len = kind == OP_MMAP ? a[1] : a[2];

        if (result > 4096 && !in_arena((uint64_t)result))
                raw_call(NR_munmap, result, len);
}

static void put_outcome(const struct fault *fault, unsigned char byte)
{
        if (fault->signo)
                put_fault(fault);
        else
                put("%x", byte);
}

static void do_access(const struct op *op)
{
        unsigned char byte = (unsigned char)op->a[1];
        struct fault fault =
                op->kind == OP_READ ? user_load(op->a[0], &byte) : user_store(op->a[0], byte);

        put_outcome(&fault, byte);
}

static void do_op(const struct op *op)
{
        static unsigned char residence[ARENA_PAGES];
        const uint64_t *a = op->a;
        long result;

        put("%s(", op_names[op->kind]);
        put_place(a[0]);
        put(", %#lx, %#lx, %#lx, ", a[1], a[2], a[3]);
        put_place(a[4]);
        put(") = ");
        if (op->kind == OP_READ || op->kind == OP_WRITE) {
                do_access(op);
        } else if (op->kind == OP_MINCORE) {
                result = raw_call(NR_mincore, a[0], a[1], residence);
                put_result(result);
                put(" ");
                put_bytes(residence, a[1] / PAGE);
        } else {
                result = raw_call(op_numbers[op->kind], a[0], a[1], a[2], a[3], a[4], a[5]);
                put_result(result);
                if (op->kind == OP_MMAP || op->kind == OP_MREMAP)
                        discard(op->kind, a, result);
        }
}

/* Page after page, read, written, or read and written: each that faults says how. */
static void do_probe(const uint64_t *a)
{
        put("probe ");
        put_place(a[0]);
        put(" %s ", a[2] == PROBE_READ ? "r" : a[2] == PROBE_WRITE ? "w" : "rw");
        for (uint64_t i = 0; i < a[1]; i++) {
                unsigned char byte = (unsigned char)(a[0] / PAGE + i);
                struct fault fault = { 0 };

                if (a[2] != PROBE_WRITE)
                        fault = user_load(a[0] + i * PAGE, &byte);
                if (a[2] == PROBE_BOTH && !fault.signo)
                        byte++;
                if (a[2] != PROBE_READ)
                        fault = user_store(a[0] + i * PAGE, byte);
                put(i ? ", " : "");
                put_outcome(&fault, byte);
        }
}

static void do_run(uint64_t addr)
{
        struct fault fault = user_store(addr, RET);
        unsigned char byte = 0;

        put("run ");
        put_place(addr);
        put(": ");
        put_outcome(&fault, RET);
        fault = user_load(addr, &byte);
        put(" ");
        put_outcome(&fault, byte);
        if (byte == RET) {
                fault = user_run(addr);
                put(" ");
                put_outcome(&fault, 0);
        }
}

static void do_map(const uint64_t *a)
{
        long result;

        put("mmap(");
        put_place(a[0]);
        put(", %#lx, %#lx, %#lx, object %lu, %#lx) = ", a[1], a[2], a[3], a[4], a[5]);
        result = raw_call(NR_mmap, a[0], a[1], a[2], a[3], FD_OBJECT + a[4], a[5]);
        put_result(result);
        discard(OP_MMAP, a, result);
}

static void do_resize(const uint64_t *a)
{
        put("ftruncate(object %lu, %#lx) = ", a[0], a[1]);
        put_result(raw_call(NR_ftruncate, FD_OBJECT + a[0], a[1]));
}

static void do_punch(const uint64_t *a)
{
        put("punch a hole(object %lu, %#lx, %#lx) = ", a[0], a[1], a[2]);
        put_result(raw_call(NR_fallocate, FD_OBJECT + a[0],
                            FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, a[1], a[2]));
}

enum turn make_call(unsigned self, const struct call *call)
{
        static const char *const worker_calls[CALL_KINDS] = {
                [CALL_FORK] = "fork",     [CALL_VFORK] = "vfork",   [CALL_CLONE_VM] = "clone",
                [CALL_THREAD] = "thread", [CALL_SWITCH] = "switch", [CALL_EXIT] = "exit",
                [CALL_EXEC] = "exec",
        };

        switch (call->kind) {
        case CALL_OP: do_op(&call->op); break;
        case CALL_PROBE: do_probe(call->a); break;
        case CALL_RUN: do_run(call->a[0]); break;
        case CALL_MAP: do_map(call->a); break;
        case CALL_RESIZE: do_resize(call->a); break;
        case CALL_PUNCH: do_punch(call->a); break;
        case CALL_FORK:
        case CALL_VFORK:
        case CALL_CLONE_VM:
        case CALL_THREAD:
        case CALL_SWITCH:
        case CALL_EXIT:
        case CALL_EXEC:
                put("%s(%lu): ", worker_calls[call->kind], call->a[0]);
                return worker_call(self, call);
        default: copy_call(call); break;
        }
        return TURN_KEPT;
}
