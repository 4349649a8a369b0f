/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and processes.
 *
 *      task_exit: user memory is told (robust list, clear_child_tid) -> memory, files go ->
 *                 off the tree under process_lock -> last thread? then the process becomes a
 * zombie, its children go to init, its parent is told -> the CPU goes to somebody else, who frees
 * the task
 *
 * A process ends as a whole by `exiting`: every thread finds it on its way to user mode.
 */
#include "arch/cpu.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/sched.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/strace.h"

/* ------------------------------------------------------------------ telling others */

/* SIGCHLD's siginfo about `child`. */
static struct siginfo child_info(struct process *child, int why, int status)
{
        struct siginfo info = { .si_signo = child->exit_signal, .si_code = why };
        u64 utime, stime;

        process_times(child, &utime, &stime);
        info.pid = child->pid;
        info.uid = child->cred.uid;
        info.status = status;
        info.utime = utime / NSEC_PER_TICK;
        info.stime = stime / NSEC_PER_TICK;
        return info;
}

void child_state_changed(struct process *child, int why)
{
        struct process *parent = child->parent;
        struct task *t = process_first_thread(parent);
        struct siginfo info;

        if (t) {
                const struct sigaction_abi *act = &t->sighand->action[SIGCHLD - 1];

                info = child_info(child, why, why == CLD_CONTINUED ? SIGCONT : child->stop_signal);
                info.si_signo = SIGCHLD;
                if (act->handler != SIG_IGN && !(act->flags & SA_NOCLDSTOP))
                        signal_send_locked(parent, NULL, &info);
        }
        waitq_wake_all(&parent->child_wait);
}

/*
 * Tell the parent that `p`, a zombie, has ended. True if nobody will wait for it, so that it must
 * be reaped at once: the parent ignores SIGCHLD or has SA_NOCLDWAIT.
 */
static bool parent_notify(struct process *p)
{
        struct process *parent = p->parent;
        struct task *t = process_first_thread(parent);
        bool reap = false, send = p->exit_signal != 0;
        struct siginfo info;

        if (t && p->exit_signal == SIGCHLD) {
                const struct sigaction_abi *act = &t->sighand->action[SIGCHLD - 1];

                reap = act->handler == SIG_IGN || (act->flags & SA_NOCLDWAIT);
                send = act->handler != SIG_IGN;
        }
        if (p->exit_code & 0x7f)
                info = child_info(p, CLD_KILLED, p->exit_code & 0x7f);
        else
                info = child_info(p, CLD_EXITED, p->exit_code >> 8 & 0xff);
        if (send && t)
                signal_send_locked(parent, NULL, &info);
        waitq_wake_all(&parent->child_wait);
        return reap;
}

/* ------------------------------------------------------------------ the tree */

/* The first thread's place is free: it is not counted any more. process_lock is held. */
static void first_thread_forget(struct process *p)
{
        if (!p->user)
                return;
        user_charge_tasks(p->user, -1);
        user_put(p->user);
        p->user = NULL;
}

void process_unlink(struct process *process)
{
        list_del(&process->sibling);
        process_unhash(process);
        process->parent = NULL;
        first_thread_forget(process);
        pid_put(process->pid);
        pid_put(process->pgid);
        pid_put(process->sid);
}

/* The process that takes over the children of `p`: the nearest subreaper, or init. */
static struct process *reaper_of(struct process *p)
{
        for (struct process *up = p->parent; up; up = up->parent)
                if (up->subreaper && !up->zombie && !up->exiting)
                        return up;
        return init_process;
}

/*
 * Hand over the children; those that are zombies and that the new parent would not wait for go to
 * `reap`, for the caller to put. process_lock is held.
 */
static void children_reparent(struct process *p, struct list *reap)
{
        struct process *reaper = reaper_of(p);
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, &p->children) {
                struct process *child = list_entry(it, struct process, sibling);
                struct task *t = process_first_thread(child);

                list_del(&child->sibling);
                child->parent = reaper;
                child->exit_signal = SIGCHLD;
                list_add_tail(&reaper->children, &child->sibling);
                if (t && t->pdeath_signal) {
                        struct siginfo info = { .si_signo = t->pdeath_signal, .si_code = SI_USER };

                        info.pid = p->pid;
                        info.uid = p->cred.uid;
                        signal_send_locked(child, NULL, &info);
                }
                if (child->zombie && parent_notify(child)) {
                        process_unlink(child);
                        list_add_tail(reap, &child->sibling);
                }
        }
}

/* Is there a member of the group with a parent outside of it in the same session? */
static bool group_is_orphaned(int pgid, const struct process *but)
{
        struct process *p;

        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1) {
                if (p->pgid != pgid || p == but || p->zombie || !p->parent)
                        continue;
                if (p->parent->pgid != pgid && p->parent->sid == p->sid)
                        return false;
        }
        return true;
}

bool process_group_is_orphaned(struct process *p)
{
        return group_is_orphaned(p->pgid, NULL);
}

/* A stopped group that nobody can continue any more gets SIGHUP and SIGCONT. */
static void group_hangup_if_orphaned(struct process *leaving, int pgid)
{
        struct process *p;
        bool stopped = false;

        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1)
                stopped |= p->pgid == pgid && p != leaving && p->stopping;
        if (!stopped || !group_is_orphaned(pgid, leaving))
                return;
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1) {
                struct siginfo hup = { .si_signo = SIGHUP, .si_code = SI_KERNEL };
                struct siginfo cont = { .si_signo = SIGCONT, .si_code = SI_KERNEL };

                if (p->pgid != pgid || p == leaving || p->zombie)
                        continue;
                signal_send_locked(p, NULL, &hup);
                signal_send_locked(p, NULL, &cont);
        }
}

/* ------------------------------------------------------------------ one thread */

/* Leave user memory as other threads expect to find it, then leave it. */
static void memory_leave(struct task *me)
{
        struct mm *mm = me->mm;

        futex_exit(me);
        vfork_done(me);
        spin_lock(&process_lock);
        me->mm = NULL;
        spin_unlock(&process_lock);
        sched_switch_mm(NULL);
        if (mm)
                mm_put(mm);
}

static void resources_leave(struct task *me)
{
        struct files *files = me->files;
        struct fs_context *fs = me->fs;

        spin_lock(&process_lock);
        me->files = NULL;
        me->fs = NULL;
        spin_unlock(&process_lock);
        if (files)
                files_put(files);
        if (fs)
                fs_context_put(fs);
}

/* Remember the highest resident size before the address space goes. */
static void maxrss_note(struct task *me)
{
        struct mm_stats stats;

        if (!me->mm)
                return;
        mm_stats(me->mm, &stats);
        if (stats.hiwater_rss * (PAGE_SIZE / 1024) > me->process->maxrss)
                me->process->maxrss = stats.hiwater_rss * (PAGE_SIZE / 1024);
}

/* Off the thread list; what it used is added to the process. process_lock is held. */
static void thread_unlink(struct task *me)
{
        struct process *p = me->process;

        sched_account(me, clock_ns());
        p->utime_ns += me->utime_ns;
        p->stime_ns += me->stime_ns;
        p->nr_faults += me->nr_faults;
        p->nr_switches_wanted += me->nr_switches_wanted;
        p->nr_switches_forced += me->nr_switches_forced;
        me->utime_ns = me->stime_ns = 0;
        p->cred = me->cred;
        signal_set_flush(&me->pending, ~0ULL);
        task_unhash(me);
        list_del(&me->thread_node);
        p->nr_threads--;
        task_forget();
        signal_pass_on(p, ~0ULL);
        if (me->tid != p->pid)
                pid_put(me->tid);
        if (p->execer && p->nr_threads == 1)
                unpark(p->execer);
        if (me->tid == p->pid) {
                p->user = me->user;
                p->user->nr_refs++;
        } else {
                user_charge_tasks(me->user, -1);
        }
}

/*
 * The last thread has gone: what is left of the process, and of children nobody waits for, goes to
 * `reap` unless its parent will wait for it. process_lock is held.
 */
static void process_become_zombie(struct process *p, struct list *reap)
{
        struct process *parent = p->parent;

        if (p == init_process)
                panic("the first process has ended: wait status 0x%x", p->exit_code);
        signal_set_flush(&p->pending, ~0ULL);
        children_reparent(p, reap);
        p->zombie = true;
        p->stopping = p->stop_unreported = p->continue_unreported = false;
        if (parent->pgid != p->pgid && parent->sid == p->sid)
                group_hangup_if_orphaned(p, p->pgid);
        waitq_wake_all(&p->exit_wait);
        if (parent_notify(p)) {
                process_unlink(p);
                list_add_tail(reap, &p->sibling);
        }
}

static void reap_all(struct list *reap)
{
        while (!list_empty(reap)) {
                struct process *p = list_first(reap, struct process, sibling);

                list_del(&p->sibling);
                process_put(p);
        }
}

_Noreturn void task_exit(int exit_code)
{
        struct task *me = current_task();
        struct process *p = me->process;
        struct list reap = LIST_INIT(reap);
        struct file *exe = NULL;
        bool last;

        strace_end(p->exiting ? p->exit_code : exit_code);
        maxrss_note(me);
        me->leaving = true;
        memory_leave(me);
        resources_leave(me);
        spin_lock(&process_lock);
        thread_unlink(me);
        last = p->nr_threads == 0;
        if (last && !p->exiting)
                p->exit_code = exit_code; /* of the last thread, whichever it was */
        if (last) {
                exe = p->exe;
                p->exe = NULL;
                process_become_zombie(p, &reap);
        }
        spin_unlock(&process_lock);
        if (last)
                timer_stop(&p->real_timer);
        if (exe)
                file_put(exe);
        sighand_put(me->sighand);
        user_put(me->user);
        reap_all(&reap);
        lock_trace_check_none();
        task_leave();
}

/* ------------------------------------------------------------------ the whole process */

void process_begin_exit(struct process *process, int exit_code)
{
        struct list *it;

        if (process->exiting)
                return;
        process->exiting = true;
        process->exit_code = exit_code;
        process->stopping = false;
        list_for_each (it, &process->threads)
                task_interrupt(list_entry(it, struct task, thread_node), SLEEP_KILLABLE);
}

_Noreturn void process_exit(int exit_code)
{
        struct process *p = current_process();

        spin_lock(&process_lock);
        process_begin_exit(p, exit_code);
        exit_code = p->exit_code;
        spin_unlock(&process_lock);
        task_exit(exit_code);
}

int process_kill_other_threads(void)
{
        struct task *me = current_task();
        struct process *p = me->process;
        struct list *it;
        int err = 0;

        spin_lock(&process_lock);
        if (p->exiting || p->execer) {
                spin_unlock(&process_lock);
                return -EAGAIN;
        }
        p->execer = me;
        list_for_each (it, &p->threads)
                task_interrupt(list_entry(it, struct task, thread_node), SLEEP_KILLABLE);
        while (p->nr_threads > 1 && !p->exiting) {
                spin_unlock(&process_lock);
                task_sleep(SLEEP_KILLABLE, PARK_FOREVER);
                spin_lock(&process_lock);
        }
        p->execer = NULL;
        if (p->exiting) {
                err = -EAGAIN;
        } else if (me->tid != p->pid) {
                /* The only thread left is the process: it takes the process's number. */
                task_unhash(me);
                pid_put(me->tid);
                me->tid = p->pid;
                task_hash(me);
                first_thread_forget(p);
        }
        spin_unlock(&process_lock);
        return err;
}
