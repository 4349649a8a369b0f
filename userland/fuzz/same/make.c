/* SPDX-License-Identifier: MIT */
/* One call: what it is, and what comes of it. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "userland/fuzz/same/same.h"

#define RET 0xc3 /* the instruction */

static const int op_numbers[OP_KINDS] = {
        [OP_MMAP] = NR_mmap,
        [OP_MUNMAP] = NR_munmap,
        [OP_MPROTECT] = NR_mprotect,
        [OP_MREMAP] = NR_mremap,
        [OP_MADVISE] = NR_madvise,
        [OP_MLOCK] = NR_mlock,
        [OP_MLOCK2] = NR_mlock2,
        [OP_MUNLOCK] = NR_munlock,
        [OP_MLOCKALL] = NR_mlockall,
        [OP_MUNLOCKALL] = NR_munlockall,
        [OP_MSEAL] = NR_mseal,
        [OP_MSYNC] = NR_msync,
        [OP_REMAP_FILE_PAGES] = NR_remap_file_pages,
};

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

/* Linux 6.18 never forgets the locked pages that DONTUNMAP moves: what follows would differ. */
static bool is_known_defect(const struct op *op)
{
        return op->kind == OP_MREMAP && (op->a[3] & MREMAP_DONTUNMAP) &&
               state_is_locked(op->a[0], op->a[0] + op->a[1]);
}

static long do_rlimit(const uint64_t *a)
{
        static const int resources[LIMITS] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK,
                                               RLIMIT_MEMLOCK };
        const struct rlimit limit = { a[1], a[2] };

        return raw_call(NR_prlimit64, 0, resources[a[0]], &limit, 0);
}

static long do_brk(uint64_t addr)
{
        static uint64_t start;

        if (!start)
                start = (uint64_t)raw_call(NR_brk, 0);
        return raw_call(NR_brk, addr - HEAP_WINDOW + start) - (long)start;
}

static long do_mincore(const uint64_t *a)
{
        static unsigned char residence[MINCORE_PAGES];
        long result = raw_call(NR_mincore, a[0], a[1], residence);

        if (result == 0) {
                put_bytes(residence, a[1] / PAGE);
                put(" ");
        }
        return result;
}

static long result_of(const struct op *op)
{
        const uint64_t *a = op->a;

        switch (op->kind) {
        case OP_MMAP:
                return raw_call(NR_mmap, a[0], a[1], a[2], a[3],
                                a[4] == FILE_NONE ? a[4] : FD_FILE + a[4], a[5]);
        case OP_MINCORE: return do_mincore(a);
        case OP_BRK: return do_brk(a[0]);
        case OP_RLIMIT: return do_rlimit(a);
        case OP_TRUNCATE: return raw_call(NR_ftruncate, FD_FILE + a[0], a[1]);
        case OP_PUNCH:
                return raw_call(NR_fallocate, FD_FILE + a[0],
                                FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, a[1], a[2]);
        case OP_FWRITE: return raw_call(NR_pwrite64, FD_FILE + a[0], &a[2], 1, a[1]);
        default: return raw_call(op_numbers[op->kind], a[0], a[1], a[2], a[3], a[4], a[5]);
        }
}

static void do_op(const struct op *op)
{
        put("%s(", op_name(op->kind));
        for (unsigned i = 0; i < op_args(op->kind); i++) {
                put(i ? ", " : "");
                if (in_arena(op->a[i]))
                        put_place(op->a[i]);
                else
                        put("%#lx", op->a[i]);
        }
        put(") = ");
        if (op->kind == OP_READ || op->kind == OP_WRITE)
                do_access(op);
        else if (is_known_defect(op))
                put("left out");
        else
                put_result(result_of(op));
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
