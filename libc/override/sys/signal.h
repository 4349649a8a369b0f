/* SPDX-License-Identifier: MIT */
/*
 * Signals as Linux x86-64 numbers and lays them out. sigset_t is the kernel's eight bytes and
 * struct sigaction the kernel's 32, so both may be handed to a system call as they are.
 */
#ifndef _SYS_SIGNAL_H
#define _SYS_SIGNAL_H

#include <_ansi.h>
#include <sys/cdefs.h>
#include <sys/features.h>
#include <sys/types.h>
#include <sys/_sigset.h>
#include <sys/_timespec.h>

#ifndef _SIGSET_T_DECLARED
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGIOT    6
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
#define SIGCLD    17
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
#define SIGPOLL   29
#define SIGPWR    30
#define SIGSYS    31
#define SIGRTMIN  32
#define SIGRTMAX  64
#define NSIG      65
#define _NSIG     65

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP      0x00000001
#define SA_NOCLDWAIT      0x00000002
#define SA_SIGINFO        0x00000004
#define SA_EXPOSE_TAGBITS 0x00000800
#define SA_RESTORER       0x04000000
#define SA_ONSTACK        0x08000000
#define SA_RESTART        0x10000000
#define SA_NODEFER        0x40000000
#define SA_RESETHAND      0x80000000
#define SA_NOMASK         SA_NODEFER
#define SA_ONESHOT        SA_RESETHAND

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (1U << 31)
#define MINSIGSTKSZ   2048
#define SIGSTKSZ      8192

union sigval {
        int sival_int;
        void *sival_ptr;
};
typedef union sigval sigval_t;

typedef struct {
        int si_signo;
        int si_errno;
        int si_code;
        int si_pad0;
        union {
                int pad[28];
                struct {
                        int pid;
                        unsigned uid;
                        union sigval value;
                } rt; /* kill, sigqueue */
                struct {
                        int id;
                        int overrun;
                        union sigval value;
                } timer;
                struct {
                        int pid;
                        unsigned uid;
                        int status;
                        int pad0;
                        long utime;
                        long stime;
                } child;
                struct {
                        void *addr;
                        short addr_lsb;
                        short pad0[3];
                        union {
                                struct {
                                        void *lower;
                                        void *upper;
                                } bounds;
                                unsigned pkey;
                        } u;
                } fault;
                struct {
                        long band;
                        int fd;
                } poll;
                struct {
                        void *call_addr;
                        int syscall;
                        unsigned arch;
                } sys;
        } si_fields;
} siginfo_t;

#define si_pid       si_fields.rt.pid
#define si_uid       si_fields.rt.uid
#define si_value     si_fields.rt.value
#define si_int       si_value.sival_int
#define si_ptr       si_value.sival_ptr
#define si_timerid   si_fields.timer.id
#define si_overrun   si_fields.timer.overrun
#define si_status    si_fields.child.status
#define si_utime     si_fields.child.utime
#define si_stime     si_fields.child.stime
#define si_addr      si_fields.fault.addr
#define si_addr_lsb  si_fields.fault.addr_lsb
#define si_lower     si_fields.fault.u.bounds.lower
#define si_upper     si_fields.fault.u.bounds.upper
#define si_pkey      si_fields.fault.u.pkey
#define si_band      si_fields.poll.band
#define si_fd        si_fields.poll.fd
#define si_call_addr si_fields.sys.call_addr
#define si_syscall   si_fields.sys.syscall
#define si_arch      si_fields.sys.arch

#define SI_USER    0
#define SI_KERNEL  0x80
#define SI_QUEUE   (-1)
#define SI_TIMER   (-2)
#define SI_MESGQ   (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO   (-5)
#define SI_TKILL   (-6)

#define ILL_ILLOPC    1
#define ILL_ILLOPN    2
#define ILL_ILLADR    3
#define ILL_ILLTRP    4
#define ILL_PRVOPC    5
#define ILL_PRVREG    6
#define ILL_COPROC    7
#define ILL_BADSTK    8
#define FPE_INTDIV    1
#define FPE_INTOVF    2
#define FPE_FLTDIV    3
#define FPE_FLTOVF    4
#define FPE_FLTUND    5
#define FPE_FLTRES    6
#define FPE_FLTINV    7
#define FPE_FLTSUB    8
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define SEGV_BNDERR   3
#define SEGV_PKUERR   4
#define BUS_ADRALN    1
#define BUS_ADRERR    2
#define BUS_OBJERR    3
#define BUS_MCEERR_AR 4
#define BUS_MCEERR_AO 5
#define TRAP_BRKPT    1
#define TRAP_TRACE    2
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6
#define POLL_IN       1
#define POLL_OUT      2
#define POLL_MSG      3
#define POLL_ERR      4
#define POLL_PRI      5
#define POLL_HUP      6

typedef void (*_sig_func_ptr)(int);

struct sigaction {
        union {
                _sig_func_ptr handler;
                void (*sigaction)(int, siginfo_t *, void *);
        } sa_u;
        unsigned long sa_flags;
        void (*sa_restorer)(void); /* filled in by sigaction() */
        sigset_t sa_mask;
};
#define sa_handler   sa_u.handler
#define sa_sigaction sa_u.sigaction

typedef struct sigaltstack {
        void *ss_sp;
        int ss_flags;
        size_t ss_size;
} stack_t;

#define SIGEV_SIGNAL    0
#define SIGEV_NONE      1
#define SIGEV_THREAD    2
#define SIGEV_THREAD_ID 4

struct sigevent {
        union sigval sigev_value;
        int sigev_signo;
        int sigev_notify;
        union {
                int pad[12];
                int tid;
                struct {
                        void (*function)(union sigval);
                        pthread_attr_t *attributes;
                } thread;
        } sigev_u;
};
#define sigev_notify_function   sigev_u.thread.function
#define sigev_notify_attributes sigev_u.thread.attributes
#define sigev_notify_thread_id  sigev_u.tid

#include <sys/ucontext.h>

_BEGIN_STD_C
int kill(pid_t pid, int sig);
int killpg(pid_t pgrp, int sig);
int tgkill(pid_t tgid, pid_t tid, int sig);
int sigaction(int sig, const struct sigaction *__restrict act, struct sigaction *__restrict old);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *set);
int sigwait(const sigset_t *set, int *sig);
int sigwaitinfo(const sigset_t *set, siginfo_t *info);
int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout);
int sigqueue(pid_t pid, int sig, const union sigval value);
int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old);
int siginterrupt(int sig, int flag);
void psiginfo(const siginfo_t *info, const char *message);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int pthread_kill(pthread_t thread, int sig);
int pthread_sigqueue(pthread_t thread, int sig, const union sigval value);
_END_STD_C

#ifndef _SIGNAL_H_
#include <signal.h>
#endif

#endif
