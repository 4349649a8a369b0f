/* SPDX-License-Identifier: MIT */
/* Raising signals, for the rest of the kernel; and the inside of it, for sched and sys. */
#ifndef KERNEL_SCHED_SIGNAL_H
#define KERNEL_SCHED_SIGNAL_H

#include "kernel/base/abi/signal.h"
#include "kernel/base/types.h"

struct task;
struct process;
struct sighand;
struct signal_set;
struct trapframe;

/* A signal with nothing to say (code SI_KERNEL) to a whole process. */
void signal_process(struct process *process, int signo);

/* What the calling thread has done ends in this signal: to it alone, as if it had sent it. */
void signal_self(int signo);

/* To every process of a group: Ctrl-C, hang-up. */
void signal_pgrp(int pgid, int signo);

/*
 * The caller's group is in the background of its terminal and did what only the foreground may:
 * the group gets `signo` and the call is to be restarted, -ERESTARTSYS; 0 when the caller ignores
 * or blocks it, -EIO when nobody could continue the group again.
 */
int signal_background(int signo);

/* A fault of the calling thread; not blockable: a blocked or ignored one kills. */
void signal_fault(int signo, int code, u64 addr);
/* SIGSEGV for what protection key `key` denies. */
void signal_fault_key(u64 addr, u32 key);

/* The calling process ends of `signo`, whatever it has asked for. */
void signal_kill_self(int signo);

/* ------------------------------------------------------------------ signal.c: sending */

/*
 * To a process, or to `task` of it alone if that is not NULL. process_lock is held. -EAGAIN: the
 * queue is full, and the signal is one that must not be lost (code below 0, real-time).
 */
int signal_send_locked(struct process *process, struct task *task, const struct siginfo *info);
/* May the calling thread send `signo` to `process`? 0, -EPERM. process_lock is held. */
int signal_may_send(struct process *process, int signo);
/* kill(2): by the four meanings of `pid`. */
int signal_kill(int pid, const struct siginfo *info, bool check);

/* Take the next pending signal of the calling thread that is in `mask`; 0: none. */
int signal_take(u64 mask, struct siginfo *out);
void signal_set_init(struct signal_set *set);
void signal_set_flush(struct signal_set *set, u64 which); /* process_lock is held */
/* Process-wide signals that the calling thread will not take: wake the others for them. Locked. */
void signal_pass_on(struct process *process, u64 which);
/* Replace the blocked set of the calling thread (KILL and STOP are left out). */
void signal_set_blocked(u64 mask);
/* Block `mask` until the system call has ended or a handler was entered. */
void signal_set_blocked_for_call(u64 mask);
void signal_end_stop_locked(struct process *process);

/* ------------------------------------------------------------------ sighand.c: actions */
struct sighand *sighand_create(void);
struct sighand *sighand_copy(struct sighand *from);
void sighand_get(struct sighand *sighand);
void sighand_put(struct sighand *sighand);
int signal_set_action(int signo, const struct sigaction_abi *act, struct sigaction_abi *old);
/* exec: handlers go, ignored signals stay ignored. `all`: those, too (CLONE_CLEAR_SIGHAND). */
void sighand_reset(struct sighand *sighand, bool all);

#define STOP_SIGNALS (sig_bit(SIGSTOP) | sig_bit(SIGTSTP) | sig_bit(SIGTTIN) | sig_bit(SIGTTOU))

static inline bool signal_default_ignores(int signo)
{
        return sig_bit(signo) &
               (sig_bit(SIGCHLD) | sig_bit(SIGCONT) | sig_bit(SIGURG) | sig_bit(SIGWINCH));
}

static inline bool signal_default_stops(int signo)
{
        return sig_bit(signo) & STOP_SIGNALS;
}

/* ------------------------------------------------------------------ deliver.c */
/* Before user mode: take signals, stop, die, or enter a handler; settle an interrupted call. */
void signal_deliver(struct trapframe *tf);
long signal_return(struct trapframe *tf); /* rt_sigreturn */
/* sigaltstack by a thread whose stack pointer is `sp`: -EPERM (it is in use), -EINVAL, -ENOMEM. */
int signal_set_altstack(const struct stack_abi *stack, u64 sp);
bool signal_on_altstack(const struct task *task, u64 sp);

#endif
