/* SPDX-License-Identifier: MIT */
/*
 * What the kernel sees of interrupted code: r15 .. ss are in the order of Linux's struct pt_regs.
 *
 * The frame of an entry from user mode always lies at the top of the kernel stack, so the three
 * fields before it keep the last exception of the thread (zero in a new thread): trapno, error and
 * cr2 as the signal frame's sigcontext wants them. cr2 changes with page faults only. They are
 * overwritten by a fault that is resolved, so copy them when a signal is raised.
 *
 * orig_rax is the number of the system call, or -1 for every other entry. A frame may be changed
 * freely before it is left; cs, ss and eflags from outside must go through trapframe_sanitize().
 */
#ifndef MACHINE_TRAP_H
#define MACHINE_TRAP_H

#include "kernel/base/types.h"

struct trapframe {
        u64 trapno, error, cr2;
        u64 r15, r14, r13, r12, rbp, rbx;
        u64 r11, r10, r9, r8;
        u64 rax, rcx, rdx, rsi, rdi;
        u64 orig_rax;
        u64 rip, cs, eflags, rsp, ss;
};

/* Selectors, in the order that SYSRET wants, with Linux's values for user code. */
#define X86_SEL_KERNEL_CS 0x10
#define X86_SEL_KERNEL_DS 0x18
#define X86_SEL_USER_CS32 0x23
#define X86_SEL_USER_DS   0x2b
#define X86_SEL_USER_CS   0x33
#define X86_SEL_TSS       0x40

#define X86_EFLAGS_CF    (1UL << 0)
#define X86_EFLAGS_FIXED (1UL << 1) /* always set */
#define X86_EFLAGS_PF    (1UL << 2)
#define X86_EFLAGS_AF    (1UL << 4)
#define X86_EFLAGS_ZF    (1UL << 6)
#define X86_EFLAGS_SF    (1UL << 7)
#define X86_EFLAGS_TF    (1UL << 8)
#define X86_EFLAGS_IF    (1UL << 9)
#define X86_EFLAGS_DF    (1UL << 10)
#define X86_EFLAGS_OF    (1UL << 11)
#define X86_EFLAGS_IOPL  (3UL << 12)
#define X86_EFLAGS_NT    (1UL << 14)
#define X86_EFLAGS_RF    (1UL << 16)
#define X86_EFLAGS_AC    (1UL << 18)
#define X86_EFLAGS_ID    (1UL << 21)

/* What a program may set in its own flags: Linux's FIX_EFLAGS. */
#define X86_EFLAGS_USER                                                                  \
        (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | \
         X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_RF | X86_EFLAGS_AC)

static inline bool trapframe_from_user(const struct trapframe *tf)
{
        return (tf->cs & 3) == 3;
}

/* A zeroed frame becomes that of a program about to run its first instruction. */
static inline void trapframe_start(struct trapframe *tf, u64 rip, u64 rsp)
{
        *tf = (struct trapframe){ .orig_rax = ~0UL,
                                  .rip = rip,
                                  .cs = X86_SEL_USER_CS,
                                  .eflags = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
                                  .rsp = rsp,
                                  .ss = X86_SEL_USER_DS };
}

/*
 * Make selectors and flags that came from user memory (a signal frame) safe to return with:
 * 64-bit user segments, interrupts on, IOPL as it was in `old_eflags`.
 */
static inline void trapframe_sanitize(struct trapframe *tf, u64 old_eflags)
{
        tf->cs = X86_SEL_USER_CS;
        tf->ss = X86_SEL_USER_DS;
        tf->eflags = (tf->eflags & X86_EFLAGS_USER) | (old_eflags & ~X86_EFLAGS_USER) |
                     X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

#endif
