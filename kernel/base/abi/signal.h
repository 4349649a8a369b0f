/* SPDX-License-Identifier: MIT */
/* Signals: numbers, flags, codes and structures of the Linux x86-64 ABI. */
#ifndef KERNEL_BASE_ABI_SIGNAL_H
#define KERNEL_BASE_ABI_SIGNAL_H

#include "kernel/base/types.h"

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGBUS    7
#define SIGFPE    8
#define SIGKILL   9
#define SIGUSR1   10
#define SIGSEGV   11
#define SIGUSR2   12
#define SIGPIPE   13
#define SIGALRM   14
#define SIGTERM   15
#define SIGSTKFLT 16
#define SIGCHLD   17
#define SIGCONT   18
#define SIGSTOP   19
#define SIGTSTP   20
#define SIGTTIN   21
#define SIGTTOU   22
#define SIGURG    23
#define SIGXCPU   24
#define SIGXFSZ   25
#define SIGVTALRM 26
#define SIGPROF   27
#define SIGWINCH  28
#define SIGIO     29
#define SIGPWR    30
#define SIGSYS    31
#define SIGRTMIN  32 /* the first that queues */
#define NSIG      64 /* signals are 1 .. NSIG */

/* sa_handler */
#define SIG_DFL 0UL
#define SIG_IGN 1UL

/* sa_flags */
#define SA_NOCLDSTOP      0x00000001UL
#define SA_NOCLDWAIT      0x00000002UL
#define SA_SIGINFO        0x00000004UL
#define SA_UNSUPPORTED    0x00000400UL
#define SA_EXPOSE_TAGBITS 0x00000800UL
#define SA_RESTORER       0x04000000UL
#define SA_ONSTACK        0x08000000UL
#define SA_RESTART        0x10000000UL
#define SA_NODEFER        0x40000000UL
#define SA_RESETHAND      0x80000000UL

/* rt_sigprocmask */
#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

/* si_code: anything */
#define SI_USER   0
#define SI_KERNEL 0x80
#define SI_QUEUE  (-1)
#define SI_TIMER  (-2)
#define SI_TKILL  (-6)

/* si_code: SIGILL */
#define ILL_ILLOPC 1
#define ILL_ILLOPN 2

/* si_code: SIGFPE */
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7

/* si_code: SIGSEGV, SIGBUS, SIGTRAP */
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define SEGV_PKUERR 4
#define BUS_ADRALN  1
#define BUS_ADRERR  2
#define BUS_OBJERR  3
#define TRAP_BRKPT  1
#define TRAP_TRACE  2
#define TRAP_HWBKPT 4

/* si_code: SIGCHLD */
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/*
 * What a handler learns: 128 bytes for user space. Only the first 48 are ever filled; the kernel
 * keeps those and clears the rest on the way out.
 */
struct siginfo {
        s32 si_signo, si_errno, si_code, pad;
        union {
                struct {
                        s32 pid;
                        u32 uid;
                        union {
                                u64 value;  /* SI_QUEUE, SI_TIMER: sigval */
                                s32 status; /* SIGCHLD */
                        };
                        s64 utime, stime; /* SIGCHLD: in ticks */
                };
                struct {
                        u64 addr;
                        u16 addr_lsb;
                        u16 reserved[3];
                        u32 pkey; /* SEGV_PKUERR */
                };
                u8 bytes[32];
        };
};
#define SIGINFO_USER_SIZE 128

struct sigaction_abi { /* of rt_sigaction; sigset_t is 8 bytes */
        u64 handler, flags, restorer, mask;
};

struct stack_abi { /* stack_t */
        u64 sp;
        s32 flags;
        u32 pad;
        u64 size;
};
#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000U
#define MINSIGSTKSZ   2048

static inline u64 sig_bit(int signo)
{
        return 1ULL << (signo - 1);
}

#endif
