/* SPDX-License-Identifier: MIT */
/*
 * Signals on the way to user mode: which one, what it does, and how an interrupted system call
 * ends.
 *
 * An interrupted call has left one of the ERESTART numbers in the frame. If a handler runs, the
 * call fails with EINTR or, by the number and SA_RESTART, is set up to run again after the handler.
 * If none runs it is run again at once: by backing up to the syscall instruction (two bytes).
 */
#include "arch/context.h"
#include "arch/sigframe.h"
#include "kernel/base/abi/sched.h"
#include "kernel/base/errno.h"
#include "kernel/sched/process.h"
#include "kernel/sched/rseq.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/strace.h"

#define SYSCALL_LENGTH     2
#define NR_RESTART_SYSCALL 219

/* ------------------------------------------------------------------ interrupted system calls */

static void call_again(struct trapframe *tf, u64 number)
{
        tf->rax = number;
        tf->rip -= SYSCALL_LENGTH;
}

static void settle_call_for_handler(struct trapframe *tf, const struct sigaction_abi *act)
{
        switch (-(s64)tf->rax) {
        case ERESTART_RESTARTBLOCK:
        case ERESTARTNOHAND: tf->rax = -EINTR; break;
        case ERESTARTSYS:
                if (!(act->flags & SA_RESTART)) {
                        tf->rax = -EINTR;
                        break;
                }
                call_again(tf, tf->orig_rax);
                break;
        case ERESTARTNOINTR: call_again(tf, tf->orig_rax); break;
        }
}

static void settle_call_without_handler(struct trapframe *tf)
{
        switch (-(s64)tf->rax) {
        case ERESTARTNOHAND:
        case ERESTARTSYS:
        case ERESTARTNOINTR: call_again(tf, tf->orig_rax); break;
        case ERESTART_RESTARTBLOCK: call_again(tf, NR_RESTART_SYSCALL); break;
        }
}

/* ------------------------------------------------------------------ handlers */

bool signal_on_altstack(const struct task *me, u64 sp)
{
        return !(me->altstack.flags & SS_AUTODISARM) && me->altstack.size && sp > me->altstack.sp &&
               sp - me->altstack.sp <= me->altstack.size;
}

int signal_set_altstack(const struct stack_abi *stack, u64 sp)
{
        struct task *me = current_task();
        u32 mode = (u32)stack->flags & ~SS_AUTODISARM;

        if (signal_on_altstack(me, sp))
                return -EPERM;
        if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
                return -EINVAL;
        /* As on Linux, what changes nothing is not looked at further: not even whether it is large.
         */
        if (stack->sp == me->altstack.sp && stack->size == me->altstack.size &&
            stack->flags == me->altstack.flags)
                return 0;
        if (mode == SS_DISABLE) {
                me->altstack = (struct stack_abi){ .flags = stack->flags };
                return 0;
        }
        if (stack->size < MINSIGSTKSZ)
                return -ENOMEM;
        me->altstack = *stack;
        return 0;
}

/* Where the frame goes; 0 if it would leave the alternate stack. */
static u64 frame_top(struct task *me, const struct trapframe *tf, const struct sigaction_abi *act)
{
        u64 sp = tf->rsp - 128; /* the red zone of the ABI */

        if (signal_on_altstack(me, tf->rsp))
                return signal_on_altstack(me, sp) ? sp : 0;
        if ((act->flags & SA_ONSTACK) && me->altstack.size)
                sp = me->altstack.sp + me->altstack.size;
        return sp;
}

/* A frame could not be written: SIGSEGV, and if that was it, to the default action. */
static void frame_failed(struct task *me, int signo)
{
        spin_lock(&process_lock);
        if (signo == SIGSEGV)
                me->sighand->action[SIGSEGV - 1].handler = SIG_DFL;
        spin_unlock(&process_lock);
        signal_fault(SIGSEGV, SI_KERNEL, 0);
}

static void handler_enter(struct trapframe *tf, int signo, const struct siginfo *info,
                          const struct sigaction_abi *act)
{
        struct task *me = current_task();
        struct sigframe_request req;

        req.signo = signo;
        req.info = info;
        req.action = act;
        req.mask = me->restore_mask ? me->saved_mask : me->blocked;
        req.altstack = me->altstack;
        req.fault_addr = me->fault.addr;
        req.fault_error = me->fault.error;
        req.fault_trap = me->fault.trap;
        if (me->call_interrupted)
                settle_call_for_handler(tf, act);
        me->call_interrupted = false;
        if (me->rseq.area)
                rseq_interrupted(tf); /* the frame must not lead back into a section that was cut */
        req.sp = frame_top(me, tf, act);
        if (!req.sp || sigframe_push(tf, &req)) {
                frame_failed(me, signo);
                return;
        }
        if ((u32)me->altstack.flags & SS_AUTODISARM)
                me->altstack = (struct stack_abi){ .flags = SS_DISABLE };
        me->restore_mask = false;
        signal_set_blocked(me->blocked | act->mask |
                           (act->flags & SA_NODEFER ? 0 : sig_bit(signo)));
}

/* ------------------------------------------------------------------ default actions */

/* The whole process is to stop. process_lock is held. */
static void stop_begin(struct process *p, int signo)
{
        struct list *it;

        if (p->stopping || p->exiting)
                return;
        p->stopping = true;
        p->stop_signal = signo;
        list_for_each (it, &p->threads)
                task_interrupt(list_entry(it, struct task, thread_node), SLEEP_LIGHT);
}

static bool all_stopped(struct process *p)
{
        struct list *it;

        list_for_each (it, &p->threads)
                if (!list_entry(it, struct task, thread_node)->stopped)
                        return false;
        return true;
}

/* Park until continued or killed. process_lock is held, and dropped meanwhile. */
static void stop_here(struct task *me)
{
        struct process *p = me->process;

        me->stopped = true;
        if (all_stopped(p)) {
                p->stop_unreported = true;
                p->continue_unreported = false;
                child_state_changed(p, CLD_STOPPED);
        }
        while (p->stopping && !signal_fatal_pending(me)) {
                spin_unlock(&process_lock);
                task_sleep(SLEEP_KILLABLE, PARK_FOREVER);
                spin_lock(&process_lock);
        }
        me->stopped = false;
        if (p->continue_untold) {
                p->continue_untold = false;
                child_state_changed(p, CLD_CONTINUED);
        }
}

/* SIGTSTP and the terminal's do not stop a group that nobody could continue. */
static bool stop_applies(struct process *p, int signo)
{
        return p != init_process && (signo == SIGSTOP || !process_group_is_orphaned(p));
}

/*
 * Take signals until one has a handler: its number, with the action in *act. 0: none is left. Does
 * not return if the thread is to end.
 */
static int signal_next(struct siginfo *info, struct sigaction_abi *act)
{
        struct task *me = current_task();
        struct process *p = me->process;
        int signo;

        spin_lock(&process_lock);
        for (;;) {
                if (signal_fatal_pending(me)) {
                        int code = p->exiting ? p->exit_code : SIGKILL;
                        bool killed = !p->exiting && !p->execer;

                        spin_unlock(&process_lock);
                        if (killed)
                                process_exit(code);
                        task_exit(p->exiting ? code : 0);
                }
                if (p->stopping) {
                        stop_here(me);
                        continue;
                }
                signo = signal_take(~me->blocked, info);
                if (!signo)
                        break;
                strace_signal(info);
                *act = me->sighand->action[signo - 1];
                if (act->handler == SIG_IGN)
                        continue;
                if (act->handler != SIG_DFL) {
                        if (act->flags & SA_RESETHAND)
                                me->sighand->action[signo - 1].handler = SIG_DFL;
                        break;
                }
                if (signal_default_ignores(signo) || p == init_process)
                        continue;
                if (signal_default_stops(signo)) {
                        if (stop_applies(p, signo))
                                stop_begin(p, signo);
                        continue;
                }
                process_begin_exit(p, signo);
        }
        spin_unlock(&process_lock);
        return signo;
}

void signal_deliver(struct trapframe *tf)
{
        struct task *me = current_task();
        struct sigaction_abi act;
        struct siginfo info;
        int signo = signal_next(&info, &act);

        if (signo) {
                handler_enter(tf, signo, &info, &act);
                return;
        }
        if (me->call_interrupted)
                settle_call_without_handler(tf);
        me->call_interrupted = false;
        if (me->restore_mask) {
                me->restore_mask = false;
                signal_set_blocked(me->saved_mask);
        }
}

long signal_return(struct trapframe *tf)
{
        struct task *me = current_task();
        struct sigframe_state state;

        context_ask_exit(&me->context); /* the frame will be another */
        if (sigframe_pop(tf, &state)) {
                signal_fault(SIGSEGV, SI_KERNEL, 0);
                return 0;
        }
        signal_set_blocked(state.mask);
        /* A bad one is left as it is: nobody asked for a change. */
        signal_set_altstack(&state.altstack, tf->rsp);
        return (long)tf->rax;
}
