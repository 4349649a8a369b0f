/* SPDX-License-Identifier: MIT */
/*
 * Sending signals, and the queues they wait in.
 *
 * A signal waits in the set of one thread or in that of the process. The bit says that it waits; an
 * entry in the queue says what came with it. Standard signals have at most one entry, real-time
 * ones one for each time they were sent. A signal that would be ignored is not queued. One that
 * will end the process by default does so at once: process_begin_exit(), so that every thread hears
 * of it.
 *
 * All under process_lock; nothing here sleeps. An interrupt handler must not send signals: it wakes
 * somebody who does.
 */
#include "kernel/sched/signal.h"
#include "kernel/sched/strace.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "mm/slab.h"

#define FAULT_SIGNALS                                                              \
        (sig_bit(SIGSEGV) | sig_bit(SIGBUS) | sig_bit(SIGILL) | sig_bit(SIGTRAP) | \
         sig_bit(SIGFPE) | sig_bit(SIGSYS))

struct signal_entry {
        struct list node;
        struct user_account *user; /* charged for it */
        struct siginfo info;
};

/* ------------------------------------------------------------------ sets */

void signal_set_init(struct signal_set *set)
{
        set->set = 0;
        list_init(&set->queue);
}

static void entry_free(struct signal_entry *entry)
{
        list_del(&entry->node);
        user_uncharge_signal(entry->user);
        kfree(entry);
}

/* The same, but the process may have it back: most have one signal at a time, again and again. */
static void entry_recycle(struct process *process, struct signal_entry *entry)
{
        if (process->spare_signal) {
                entry_free(entry);
                return;
        }
        list_del(&entry->node);
        user_uncharge_signal(entry->user);
        process->spare_signal = entry;
}

void signal_set_flush(struct signal_set *set, u64 which)
{
        struct list *it, *tmp;

        if (!(set->set & which))
                return;
        set->set &= ~which;
        list_for_each_safe (it, tmp, &set->queue) {
                struct signal_entry *entry = list_entry(it, struct signal_entry, node);

                if (sig_bit(entry->info.si_signo) & which)
                        entry_free(entry);
        }
}

/* A new entry charged to the user of `task`; NULL at the limit or without memory. */
static struct signal_entry *entry_create(struct process *process, struct task *task, bool force)
{
        struct user_account *user = task->user;
        struct signal_entry *entry;

        if (!force && user->nr_signals >= rlimit_of(process, RLIMIT_SIGPENDING))
                return NULL;
        entry = process->spare_signal ? process->spare_signal : kmalloc(sizeof(*entry));
        if (!entry)
                return NULL;
        process->spare_signal = NULL;
        user_charge_signal(user);
        entry->user = user;
        return entry;
}

static int signal_queue(struct process *process, struct task *task, struct signal_set *set,
                        const struct siginfo *info)
{
        int signo = info->si_signo;
        bool standard = signo < SIGRTMIN;
        struct signal_entry *entry;

        if (standard && (set->set & sig_bit(signo)))
                return 0;
        entry = entry_create(process, task, standard && info->si_code >= 0);
        if (entry) {
                entry->info = *info;
                list_add_tail(&set->queue, &entry->node);
        } else if (!standard && info->si_code != SI_USER) {
                return -EAGAIN;
        }
        set->set |= sig_bit(signo);
        return 0;
}

/* Take the signal out of the set of one of `process`, or one entry of several. */
static void signal_unqueue(struct process *process, struct signal_set *set, int signo,
                           struct siginfo *out)
{
        struct signal_entry *first = NULL;
        struct list *it;
        bool more = false;

        list_for_each (it, &set->queue) {
                struct signal_entry *entry = list_entry(it, struct signal_entry, node);

                if (entry->info.si_signo != signo)
                        continue;
                more = first;
                if (more)
                        break;
                first = entry;
        }
        if (first) {
                *out = first->info;
                entry_recycle(process, first);
        } else {
                *out = (struct siginfo){ .si_signo = signo, .si_code = SI_USER };
        }
        if (!more)
                set->set &= ~sig_bit(signo);
}

/* Faults first: the handler must find the registers of the instruction that faulted. */
static int signal_lowest(u64 set)
{
        u64 first = set & FAULT_SIGNALS ? set & FAULT_SIGNALS : set;

        return first ? __builtin_ctzll(first) + 1 : 0;
}

int signal_take(u64 mask, struct siginfo *out)
{
        struct task *me = current_task();
        int signo = signal_lowest(me->pending.set & mask);

        if (signo) {
                signal_unqueue(me->process, &me->pending, signo, out);
                return signo;
        }
        signo = signal_lowest(me->process->pending.set & mask);
        if (signo)
                signal_unqueue(me->process, &me->process->pending, signo, out);
        return signo;
}

/* ------------------------------------------------------------------ pending? */

bool signal_pending(void)
{
        return task_signal_pending(current_task());
}

/* ------------------------------------------------------------------ sending */

static void flush_everywhere(struct process *process, u64 which)
{
        struct list *it;

        signal_set_flush(&process->pending, which);
        list_for_each (it, &process->threads)
                signal_set_flush(&list_entry(it, struct task, thread_node)->pending, which);
}

void signal_end_stop_locked(struct process *process)
{
        struct list *it;

        if (!process->stopping)
                return;
        process->stopping = false;
        process->stop_unreported = false;
        list_for_each (it, &process->threads)
                unpark(list_entry(it, struct task, thread_node));
}

/* What a stop signal or SIGCONT does even if it is blocked or ignored. */
static void job_control(struct process *process, int signo)
{
        if (signal_default_stops(signo)) {
                flush_everywhere(process, sig_bit(SIGCONT));
        } else if (signo == SIGCONT) {
                bool stopped = process->stopping;

                flush_everywhere(process, STOP_SIGNALS);
                if (!stopped)
                        return;
                signal_end_stop_locked(process);
                /* The parent hears of it when the first thread runs again, as on Linux. */
                process->continue_unreported = process->continue_untold = true;
        }
}

/* Would `task` do nothing on it? What is blocked may be wanted later. */
static bool signal_is_ignored(struct task *task, int signo)
{
        u64 handler = task->sighand->action[signo - 1].handler;

        if ((task->blocked | task->waiting_for) & sig_bit(signo))
                return false;
        if (handler == SIG_DFL && task->process == init_process)
                return true;
        return handler == SIG_IGN || (handler == SIG_DFL && signal_default_ignores(signo));
}

static bool signal_is_fatal(struct task *task, int signo)
{
        return signo == SIGKILL ||
               (task->sighand->action[signo - 1].handler == SIG_DFL &&
                !signal_default_ignores(signo) && !signal_default_stops(signo) &&
                !(task->waiting_for & sig_bit(signo)));
}

static bool thread_wants(struct task *task, int signo)
{
        if (task->state == TASK_DEAD || (task->stopped && signo != SIGKILL))
                return false;
        return !(task->blocked & sig_bit(signo) & ~task->waiting_for);
}

/* The thread that a signal to the process is for: the first one, or any that does not block it. */
static struct task *thread_choose(struct process *process, struct task *first, int signo)
{
        struct list *it;

        if (thread_wants(first, signo))
                return first;
        list_for_each (it, &process->threads) {
                struct task *t = list_entry(it, struct task, thread_node);

                if (thread_wants(t, signo))
                        return t;
        }
        return NULL;
}

int signal_send_locked(struct process *process, struct task *task, const struct siginfo *info)
{
        int signo = info->si_signo, err;
        struct task *target = task ? task : process_first_thread(process);

        if (!target || process->zombie || process->exiting)
                return 0;
        job_control(process, signo);
        if (signal_is_ignored(target, signo))
                return 0;
        err = signal_queue(process, target, task ? &task->pending : &process->pending, info);
        if (err)
                return err;
        if (!task)
                target = thread_choose(process, target, signo);
        else if (!thread_wants(task, signo))
                target = NULL;
        if (!target)
                return 0;
        if (signal_is_fatal(target, signo) && process != init_process)
                process_begin_exit(process, signo);
        else
                task_interrupt(target, SLEEP_LIGHT);
        return 0;
}

/* ------------------------------------------------------------------ for the rest of the kernel */

void signal_process(struct process *process, int signo)
{
        struct siginfo info = { .si_signo = signo, .si_code = SI_KERNEL };

        spin_lock(&process_lock);
        signal_send_locked(process, NULL, &info);
        spin_unlock(&process_lock);
}

void signal_self(int signo)
{
        struct siginfo info = { .si_signo = signo, .si_code = SI_USER };
        struct process *me = current_process();

        if (!me)
                return;
        info.pid = me->pid;
        info.uid = current_cred()->uid;
        spin_lock(&process_lock);
        signal_send_locked(me, current_task(), &info);
        spin_unlock(&process_lock);
}

void signal_pgrp(int pgid, int signo)
{
        struct siginfo info = { .si_signo = signo, .si_code = SI_KERNEL };
        struct process *p;

        spin_lock(&process_lock);
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1)
                if (p->pgid == pgid)
                        signal_send_locked(p, NULL, &info);
        spin_unlock(&process_lock);
}

int signal_background(int signo)
{
        struct task *me = current_task();
        bool declined, orphaned;

        spin_lock(&process_lock);
        declined =
                (me->blocked & sig_bit(signo)) || me->sighand->action[signo - 1].handler == SIG_IGN;
        orphaned = process_group_is_orphaned(me->process);
        spin_unlock(&process_lock);
        if (declined)
                return 0;
        if (orphaned)
                return -EIO;
        signal_pgrp(me->process->pgid, signo);
        return -ERESTARTSYS;
}

static void fault_send(const struct siginfo *info)
{
        struct task *me = current_task();
        const struct trapframe *tf = task_frame(me);
        int signo = info->si_signo;
        struct sigaction_abi *act;

        me->fault = (struct fault_info){ .addr = tf->cr2, .error = tf->error, .trap = tf->trapno };
        spin_lock(&process_lock);
        act = &me->sighand->action[signo - 1];
        if ((me->blocked & sig_bit(signo)) || act->handler == SIG_IGN) {
                act->handler = SIG_DFL;
                me->blocked &= ~sig_bit(signo);
        }
        if (act->handler == SIG_DFL) {
                strace_signal(info);
                process_begin_exit(me->process, signo);
        } else {
                signal_queue(me->process, me, &me->pending, info);
                context_ask_exit(&me->context);
        }
        spin_unlock(&process_lock);
}

void signal_fault(int signo, int code, u64 addr)
{
        struct siginfo info = { .si_signo = signo, .si_code = code };

        info.addr = addr;
        fault_send(&info);
}

void signal_fault_key(u64 addr, u32 key)
{
        struct siginfo info = { .si_signo = SIGSEGV, .si_code = SEGV_PKUERR };

        info.addr = addr;
        info.pkey = key;
        fault_send(&info);
}

void signal_kill_self(int signo)
{
        spin_lock(&process_lock);
        process_begin_exit(current_process(), signo);
        spin_unlock(&process_lock);
}

/* ------------------------------------------------------------------ kill */

int signal_may_send(struct process *process, int signo)
{
        const struct cred *me = current_cred(), *him;
        struct task *t;

        if (process == current_task()->process)
                return 0;
        t = process_first_thread(process);
        him = t ? &t->cred : &process->cred;
        if (me->euid == him->suid || me->euid == him->uid || me->uid == him->suid ||
            me->uid == him->uid || cred_has(me, CAP_KILL))
                return 0;
        if (signo == SIGCONT && process->sid == current_process()->sid)
                return 0;
        return -EPERM;
}

static int kill_one(struct process *process, const struct siginfo *info, bool check)
{
        int err = check ? signal_may_send(process, info->si_signo) : 0;

        if (err || !info->si_signo)
                return err;
        return signal_send_locked(process, NULL, info);
}

/* To all of a group (pgid > 0), or to all but init and the caller (pgid < 0). */
static int kill_many(int pgid, const struct siginfo *info, bool check)
{
        int result = pgid > 0 ? -ESRCH : 0, found = 0, denied = 0;
        struct process *p;

        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1) {
                if (pgid > 0 ? p->pgid != pgid : p == init_process || p == current_process())
                        continue;
                found++;
                result = kill_one(p, info, check);
                denied += result == -EPERM;
        }
        if (!found)
                return -ESRCH;
        if (pgid > 0)
                return denied == found ? -EPERM : result == -EPERM ? 0 : result;
        return result == -EPERM ? 0 : result;
}

int signal_kill(int pid, const struct siginfo *info, bool check)
{
        struct process *p;
        int result;

        if (pid == (int)0x80000000)
                return -ESRCH;
        spin_lock(&process_lock);
        if (pid > 0) {
                p = process_find_locked(pid);
                if (!p) {
                        struct task *t = task_find_locked(pid);

                        p = t ? t->process : NULL;
                }
                result = p ? kill_one(p, info, check) : -ESRCH;
        } else if (pid == -1) {
                result = kill_many(-1, info, check);
        } else {
                result = kill_many(pid ? -pid : current_process()->pgid, info, check);
        }
        spin_unlock(&process_lock);
        return result;
}

/* ------------------------------------------------------------------ masks */

void signal_pass_on(struct process *process, u64 which)
{
        struct list *it;

        if (!(process->pending.set & which))
                return;
        list_for_each (it, &process->threads)
                task_interrupt(list_entry(it, struct task, thread_node), SLEEP_LIGHT);
}

static void blocked_set(struct task *me, u64 mask)
{
        spin_lock(&process_lock);
        me->blocked = mask & ~(sig_bit(SIGKILL) | sig_bit(SIGSTOP));
        signal_pass_on(me->process, me->blocked);
        if (signal_deliver_pending(me))
                context_ask_exit(&me->context);
        spin_unlock(&process_lock);
}

void signal_set_blocked(u64 mask)
{
        blocked_set(current_task(), mask);
}

void signal_set_blocked_for_call(u64 mask)
{
        struct task *me = current_task();

        me->saved_mask = me->blocked;
        me->restore_mask = true;
        blocked_set(me, mask);
}
