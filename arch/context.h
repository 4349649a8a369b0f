/* SPDX-License-Identifier: MIT */
/* Kernel stacks, switching between them, and the floating-point state of user code. */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "arch/trap.h"

/* At the start of struct task. */
struct context {
        u64 sp;        /* while it does not run: callee-saved state, all of it, lies on its stack */
        u32 exit_work; /* [A] not 0: it reaches user mode by way of trap_exit_to_user() */
};

/*
 * Something is to be done before the thread is in user mode again, or its trapframe is another than
 * that of its entry. Whoever makes it so says it, in interrupts too; it is seen by the machine in a
 * single look, after which no interrupt comes any more.
 */
static inline void context_ask_exit(struct context *context)
{
        __atomic_store_n(&context->exit_work, 1, __ATOMIC_RELEASE);
}

/* trap_exit_to_user() is about to look for what there is to do: what is asked from now on counts.
 */
static inline void context_begin_exit(struct context *context)
{
        __atomic_exchange_n(&context->exit_work, 0, __ATOMIC_SEQ_CST);
}

static inline bool context_exit_asked(const struct context *context)
{
        return __atomic_load_n(&context->exit_work, __ATOMIC_ACQUIRE);
}

/* A kernel stack with an unmapped guard page below; NULL if there is no memory. */
void *kstack_alloc(void);
void kstack_free(void *stack);
#define KSTACK_SIZE (16 * 1024UL)

/* The trapframe that a thread on `stack` uses for entries from user mode. */
struct trapframe *kstack_frame(void *stack);

/*
 * Prepare `ctx` to call fn(arg) on `stack` when first switched to; fn must not return. It starts
 * with interrupts disabled, as context_switch() was called.
 */
void context_init(struct context *ctx, void *stack, void (*fn)(void *arg), void *arg);

/*
 * Prepare `ctx` so that the first switch to it calls fn(arg), then goes to user mode with the
 * frame at kstack_frame(stack), through trap_exit_to_user(). fn starts with interrupts disabled and
 * enables them.
 */
void context_init_user(struct context *ctx, void *stack, void (*fn)(void *arg), void *arg);

/*
 * Save this thread in `from`, go on in `to`, whose stack is `stack` (for traps from user mode;
 * NULL: the boot stack, which never goes to user mode). Interrupts are disabled.
 */
void context_switch(struct context *from, struct context *to, void *stack);

/* TLS base of user code (FS), and GS; read and set on this CPU, kept per thread by the caller. */
void context_set_user_tls(u64 fs_base, u64 gs_base);
void context_get_user_tls(u64 *fs_base, u64 *gs_base);

/* Whether user code may use the in and out instructions; never more than that (no cli). */
void context_set_user_ports(bool open);

/* Floating-point and vector state in the XSAVE (or FXSAVE) format; areas are 64-byte aligned. */
size_t fpu_size(void);
void fpu_init(void *area);          /* what a new program starts with */
void fpu_save(void *area);          /* from the registers */
void fpu_load(const void *area);    /* into the registers; the area is trusted */
bool fpu_check(void *area, size_t); /* make a user-supplied image loadable; false: hopeless */
u64 fpu_features(void);             /* XCR0, or 3 with FXSAVE */

#endif
