/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses, and the chain of calls. The table comes from symbols.sh, which says what is
 * in it; it is small, and read from its beginning. Frames are linked through rbp
 * (-fno-omit-frame-pointer).
 *
 * Runs in a panic, so it trusts nothing: a frame must lie on one of our stacks, above the last.
 */
#include "arch/context.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"

#define MAX_FRAMES 1000 /* of a stack that has overflowed */
#define MAX_LINES  40

struct symbol_table {
        u32 count;
        u16 steps[]; /* then the names */
};

/* Absent (NULL) in the first of the two links. */
extern const struct symbol_table symbol_table __attribute__((weak));

static bool is_text(u64 addr)
{
        return addr >= (u64)image_start && addr < (u64)text_end;
}

/* The function before the first that begins behind `addr`: its number and its start; what follows
 * the steps is returned. */
static const char *table_find(u32 addr, u32 *number, u32 *start)
{
        const u16 *step = symbol_table.steps;
        u32 at = (u32)KERNEL_BASE;

        for (u32 i = 0; i < symbol_table.count; i++) {
                u32 distance = *step++;

                if (distance == 0xffff) {
                        distance = step[0] | (u32)step[1] << 16;
                        step += 2;
                }
                at += distance;
                if (at <= addr) {
                        *number = i;
                        *start = at;
                }
        }
        return (const char *)step;
}

bool symbol_describe(u64 addr, char *buf, size_t size)
{
        char name[96] = "";
        u32 number = ~0u, start = 0;
        const char *names;

        if (!&symbol_table || !is_text(addr))
                return false;
        names = table_find((u32)addr, &number, &start);
        if (number == ~0u)
                return false;
        for (u32 i = 0; i <= number; i++) {
                size_t same = (u8)*names++, rest = strlen(names) + 1;

                /* Each name begins like the one before. */
                if (same + rest <= sizeof(name))
                        memcpy(name + same, names, rest);
                names += rest;
        }
        snprintf(buf, size, "%s+%#x", name, (u32)addr - start);
        return true;
}

static void print_call(u64 addr)
{
        char name[96];

        if (symbol_describe(addr, name, sizeof(name)))
                log_error("  %016lx  %s", addr, name);
        else
                log_error("  %016lx", addr);
}

/* May `addr` be the start of `size` bytes of some stack? */
static bool on_stack(u64 addr, size_t size)
{
        u64 image = addr - (u64)&guarded_stacks;
        unsigned shift;

        if (addr % 8)
                return false;
        if (image >= sizeof(guarded_stacks) && addr - KSTACK_AREA >= KSTACK_AREA_SIZE)
                return false;
        return (paging_lookup(addr, &shift) & X86_PTE_P) &&
               (paging_lookup(addr + size - 1, &shift) & X86_PTE_P);
}

/* One line of the chain; recursion is counted, not repeated. */
struct chain {
        u64 last;
        unsigned repeats, lines;
};

static void chain_end(struct chain *c)
{
        if (c->repeats)
                log_error("  ... and %u more from there", c->repeats);
        c->repeats = 0;
}

static void chain_add(struct chain *c, u64 addr)
{
        if (addr == c->last) {
                c->repeats++;
                return;
        }
        chain_end(c);
        c->last = addr;
        c->lines++;
        print_call(addr);
}

void backtrace_print(u64 rip, u64 rbp, u64 rsp)
{
        struct chain chain = { 0 };

        log_error("calls, innermost first:");
        chain_add(&chain, rip);
        /* A call to where no code is leaves its return address on top, and no frame. */
        if (!is_text(rip) && on_stack(rsp, 8) && is_text(*(const u64 *)rsp))
                chain_add(&chain, *(const u64 *)rsp - 1);
        for (unsigned i = 0; i < MAX_FRAMES && chain.lines < MAX_LINES && on_stack(rbp, 16); i++) {
                const u64 *frame = (const u64 *)rbp;
                const struct trapframe *tf = (const void *)(frame + 2);

                if (!is_text(frame[1]))
                        break;
                /* A return address is that of the next instruction, maybe of the next function. */
                chain_add(&chain, frame[1] - 1);
                if (frame[1] == (u64)entry_kernel_trap && on_stack((u64)tf, sizeof(*tf))) {
                        log_error("  interrupted:");
                        chain_add(&chain, tf->rip);
                }
                if (frame[0] <= rbp)
                        break;
                rbp = frame[0];
        }
        chain_end(&chain);
}
