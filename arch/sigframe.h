/* SPDX-License-Identifier: MIT */
/*
 * Signal frames on the user stack: how a handler is entered and left. The layout is Linux's
 * (struct rt_sigframe with ucontext, siginfo and the XSAVE image), because programs read and write
 * it.
 */
#ifndef ARCH_SIGFRAME_H
#define ARCH_SIGFRAME_H

#include "arch/trap.h"
#include "kernel/base/abi/signal.h"

struct sigframe_request {
        int signo;
        const struct siginfo *info;
        const struct sigaction_abi *action;
        u64 mask;                  /* the mask that sigreturn restores */
        struct stack_abi altstack; /* as uc_stack shows it */
        u64 sp;         /* where the frame goes below; the red zone is already left out */
        u64 fault_addr; /* cr2, error code, trap number of the last fault */
        u64 fault_error, fault_trap;
};

/*
 * Write a frame below `sp` and make `tf` enter the handler with fresh floating-point state.
 * -EFAULT: the stack cannot be written; `tf` is unchanged then.
 */
int sigframe_push(struct trapframe *tf, const struct sigframe_request *req);

struct sigframe_state {
        u64 mask;
        struct stack_abi altstack;
};

/*
 * rt_sigreturn: read the frame that `tf`'s stack pointer designates, restore registers and the
 * floating-point state. Whatever user space wrote there, the result is a user-mode frame without
 * privileges. -EFAULT: not a frame.
 */
int sigframe_pop(struct trapframe *tf, struct sigframe_state *out);

/* The smallest stack a handler can run on: AT_MINSIGSTKSZ. */
u64 sigframe_min_stack(void);

#endif
