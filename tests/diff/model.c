/* SPDX-License-Identifier: MIT */
/* mm/ on the host machine, as a side of the comparison. */
#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/host/user.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "mm/mm_types.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "mm/vma_flags.h"
#include "tests/diff/sides.h"

bool side_is_root;

static struct mm *mm;
static struct mm_caller who = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = 8UL << 20,
        .rlimit_memlock = 8UL << 20,
};

void model_start(void)
{
        static const struct mem_range ram = { 16UL << 20, 48UL << 20 };
        struct mm_layout layout = { .stack_rlimit = 8UL << 20 };

        host_memory_map(ram.start, ram.end);
        page_init(&ram, 1, NULL, 0);
        slab_init();
        mm_init();
        mm = mm_create(&layout);
        CHECK(mm);
        if (side_is_root)
                who.caps = MM_CAP_IPC_LOCK | MM_CAP_SYS_ADMIN | MM_CAP_SYS_RAWIO;
}

static s64 do_mmap(const u64 *a)
{
        struct mmap_request req = { .addr = a[0], .len = a[1], .prot = a[2], .flags = a[3] };

        return mm_mmap(mm, &who, &req);
}

static void do_access(const struct op *op, struct outcome *out)
{
        u8 byte = (u8)op->a[1];
        struct mm_fault fault;

        if (op->kind == OP_WRITE)
                fault = host_store(mm, &who, op->a[0], &byte, 1);
        else
                fault = host_load(mm, &who, op->a[0], &byte, 1);
        out->signo = fault.signo;
        out->code = fault.signo ? fault.code : 0;
        out->addr = fault.signo ? fault.addr : 0;
        if (!fault.signo && op->kind == OP_READ)
                out->result = byte;
}

static s64 do_fork(enum fork_kind kind)
{
        int err;
        struct mm *child = mm_fork(mm, &who, &err), *parent = mm;

        if (!child)
                return err;
        if (kind == FORK_SIBLING)
                return 0; /* which holds its pages until the round ends */
        mm = child;
        if (kind == FORK_INHERITOR)
                CHECK(mm_munmap(parent, &who, ARENA, ARENA_PAGES * PAGE) == 0);
        return 0;
}

static s64 do_call(const struct op *op, struct outcome *out)
{
        const u64 *a = op->a;
        u64 done;

        switch (op->kind) {
        case OP_MMAP: return do_mmap(a);
        case OP_MUNMAP: return mm_munmap(mm, &who, a[0], a[1]);
        case OP_MPROTECT: return mm_mprotect(mm, &who, a[0], a[1], a[2]);
        case OP_MREMAP: return mm_mremap(mm, &who, a[0], a[1], a[2], a[3], a[4]);
        case OP_MADVISE: return mm_madvise(mm, &who, a[0], a[1], (int)a[2]);
        case OP_MLOCK: return mm_mlock(mm, &who, a[0], a[1], false);
        case OP_MUNLOCK: return mm_munlock(mm, &who, a[0], a[1]);
        case OP_MSEAL: return mm_mseal(mm, a[0], a[1], a[2]);
        case OP_MSYNC: return mm_msync(mm, a[0], a[1], (int)a[2]);
        case OP_MINCORE: return mm_mincore(mm, a[0], a[1] / PAGE, out->vec, &done);
        case OP_FORK: return do_fork(a[0]);
        default: return 0;
        }
}

void model_do(const struct op *op, struct outcome *out)
{
        if (op->kind == OP_READ || op->kind == OP_WRITE) {
                do_access(op, out);
                return;
        }
        out->result = do_call(op, out);
        if ((op->kind == OP_MMAP || op->kind == OP_MREMAP) && out->result > 0 &&
            !in_arena((u64)out->result))
                mm_munmap(mm, &who, (u64)out->result, op->kind == OP_MMAP ? op->a[1] : op->a[2]);
        host_tlb_verify(&mm->mmu);
}

/* ------------------------------------------------------------------ description */

static unsigned describe_vmas(char *text, unsigned size)
{
        struct mm_region region;
        unsigned len = 0;

        for (u64 at = ARENA; mm_next_region(mm, at, &region); at = region.end) {
                if (region.backing)
                        backing_put(region.backing);
                if (region.start >= ARENA + ARENA_PAGES * PAGE)
                        break;
                len += (unsigned)snprintf(text + len, size - len, "%ld-%ld +%lx ",
                                          ((long)region.start - (long)ARENA) / 4096,
                                          ((long)region.end - (long)ARENA) / 4096,
                                          (long)region.offset);
                for (unsigned bit = 0; bit < 64; bit++) {
                        if ((region.flags >> bit & 1) && vm_flag_letters(bit))
                                len += (unsigned)snprintf(text + len, size - len, "%s ",
                                                          vm_flag_letters(bit));
                }
                len += (unsigned)snprintf(text + len, size - len, "\n");
        }
        return len;
}

void model_describe(char *text, unsigned size)
{
        static u64 words[ARENA_PAGES];
        unsigned len = describe_vmas(text, size);

        mm_pagemap(mm, ARENA, ARENA_PAGES, words, false);
        for (unsigned i = 0; i < ARENA_PAGES; i++) {
                struct op op = { .kind = OP_READ, .a = { ARENA + i * PAGE } };
                struct outcome out = { 0 };

                if (words[i] >> 63)
                        do_access(&op, &out);
                if (words[i])
                        len += (unsigned)snprintf(text + len, size - len, "%u:%lx:%ld ", i,
                                                  (long)(words[i] >> 55), (long)out.result);
        }
}
