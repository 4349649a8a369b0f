/* SPDX-License-Identifier: MIT */
/*
 * What a signal handler's third argument points to on Linux x86-64. The layout is the kernel's;
 * the mask at the end is its eight bytes.
 */
#ifndef _SYS_UCONTEXT_H
#define _SYS_UCONTEXT_H

#include <sys/signal.h>

enum {
        REG_R8,
        REG_R9,
        REG_R10,
        REG_R11,
        REG_R12,
        REG_R13,
        REG_R14,
        REG_R15,
        REG_RDI,
        REG_RSI,
        REG_RBP,
        REG_RBX,
        REG_RDX,
        REG_RAX,
        REG_RCX,
        REG_RSP,
        REG_RIP,
        REG_EFL,
        REG_CSGSFS, /* cs, gs, fs, ss: 16 bits each */
        REG_ERR,
        REG_TRAPNO,
        REG_OLDMASK,
        REG_CR2
};
#define NGREG 23

typedef long long greg_t;
typedef greg_t gregset_t[NGREG];

/* the legacy area of FXSAVE; an XSAVE frame follows it when sw_reserved says so */
struct _libc_fpstate {
        unsigned short cwd;
        unsigned short swd;
        unsigned short ftw;
        unsigned short fop;
        unsigned long rip;
        unsigned long rdp;
        unsigned mxcsr;
        unsigned mxcr_mask;
        struct {
                unsigned short significand[4];
                unsigned short exponent;
                unsigned short pad[3];
        } _st[8];
        struct {
                unsigned element[4];
        } _xmm[16];
        unsigned sw_reserved[24];
};
typedef struct _libc_fpstate *fpregset_t;

typedef struct {
        gregset_t gregs;
        fpregset_t fpregs;
        unsigned long long reserved[8];
} mcontext_t;

typedef struct ucontext_t {
        unsigned long uc_flags;
        struct ucontext_t *uc_link;
        stack_t uc_stack;
        mcontext_t uc_mcontext;
        sigset_t uc_sigmask;
} ucontext_t;

#endif
