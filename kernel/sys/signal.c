/* SPDX-License-Identifier: MIT */
/* System calls on signals: actions, masks, stacks, sending, waiting. */
#include "arch/cpu.h"
#include "kernel/base/abi/sched.h"
#include "kernel/base/abi/time.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"
#include "kernel/sys/time.h"

#define UNBLOCKABLE (sig_bit(SIGKILL) | sig_bit(SIGSTOP))

long sys_rt_sigaction(int signo, uaddr act, uaddr old, u64 size)
{
        struct sigaction_abi new, was;
        int err;

        if (size != sizeof(u64))
                return -EINVAL;
        if (act && copy_in(&new, act, sizeof(new)))
                return -EFAULT;
        err = signal_set_action(signo, act ? &new : NULL, &was);
        if (err)
                return err;
        return old ? copy_out(old, &was, sizeof(was)) : 0;
}

long sys_rt_sigprocmask(int how, uaddr set, uaddr old, u64 size)
{
        u64 was = current_task()->blocked, mask;

        if (size != sizeof(u64))
                return -EINVAL;
        if (set) {
                if (copy_in(&mask, set, sizeof(mask)))
                        return -EFAULT;
                if (how == SIG_BLOCK)
                        mask |= was;
                else if (how == SIG_UNBLOCK)
                        mask = was & ~mask;
                else if (how != SIG_SETMASK)
                        return -EINVAL;
                signal_set_blocked(mask);
        }
        return old ? copy_out(old, &was, sizeof(was)) : 0;
}

long sys_rt_sigpending(uaddr set, u64 size)
{
        struct task *me = current_task();
        u64 pending;

        if (size > sizeof(pending))
                return -EINVAL;
        pending = (me->pending.set | me->process->pending.set) & me->blocked;
        return copy_out(set, &pending, size);
}

long sys_rt_sigreturn(void)
{
        return signal_return(task_frame(current_task()));
}

/* ------------------------------------------------------------------ the alternate stack */

long sys_sigaltstack(uaddr new, uaddr old)
{
        struct task *me = current_task();
        u64 sp = task_frame(me)->rsp;
        struct stack_abi was = me->altstack, next;
        int err;

        was.flags &= (s32)SS_AUTODISARM;
        if (!was.size)
                was.flags |= SS_DISABLE;
        else if (signal_on_altstack(me, sp))
                was.flags |= SS_ONSTACK;
        if (new) {
                if (copy_in(&next, new, sizeof(next)))
                        return -EFAULT;
                err = signal_set_altstack(&next, sp);
                if (err)
                        return err;
        }
        return old ? copy_out(old, &was, sizeof(was)) : 0;
}

/* ------------------------------------------------------------------ waiting */

/* Until a signal is delivered. */
static long sleep_for_signal(void)
{
        while (park(true, PARK_FOREVER) != -EINTR)
                continue;
        return -ERESTARTNOHAND;
}

long sys_pause(void)
{
        return sleep_for_signal();
}

long sys_rt_sigsuspend(uaddr set, u64 size)
{
        u64 mask;

        if (size != sizeof(mask))
                return -EINVAL;
        if (copy_in(&mask, set, sizeof(mask)))
                return -EFAULT;
        signal_set_blocked_for_call(mask);
        return sleep_for_signal();
}

/* Sleep until one of `mask` is there; it may be one that is blocked. process_lock is held. */
static int wait_for(u64 mask, u64 deadline, struct siginfo *info)
{
        struct task *me = current_task();
        u64 blocked = me->blocked;
        int signo = 0, err = 0;

        me->waiting_for = mask;
        me->blocked &= ~mask;
        while (!err && !signo) {
                spin_unlock(&process_lock);
                err = park(true, deadline);
                spin_lock(&process_lock);
                signo = signal_take(mask, info);
        }
        me->waiting_for = 0;
        me->blocked = blocked;
        if (signo)
                return signo;
        return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

long sys_rt_sigtimedwait(uaddr set, uaddr info, uaddr timeout, u64 size)
{
        u64 mask, deadline = PARK_FOREVER;
        struct siginfo found;
        int signo, err;

        if (size != sizeof(mask))
                return -EINVAL;
        if (copy_in(&mask, set, sizeof(mask)))
                return -EFAULT;
        if (timeout) {
                err = timespec_in(timeout, &deadline);
                if (err)
                        return err;
                deadline = time_after(deadline);
        }
        mask &= ~UNBLOCKABLE;
        spin_lock(&process_lock);
        signo = signal_take(mask, &found);
        if (!signo)
                signo = wait_for(mask, deadline, &found);
        spin_unlock(&process_lock);
        if (signo > 0 && info && siginfo_out(info, &found))
                return -EFAULT;
        return signo;
}

/* ------------------------------------------------------------------ sending */

static struct siginfo own_info(int signo, int code)
{
        const struct task *me = current_task();

        return (struct siginfo){
                .si_signo = signo, .si_code = code, .pid = me->process->pid, .uid = me->cred.uid
        };
}

long sys_kill(int pid, int signo)
{
        struct siginfo info = own_info(signo, SI_USER);

        if (signo < 0 || signo > NSIG)
                return -EINVAL;
        return signal_kill(pid, &info, true);
}

/* To one thread; `tgid` 0: whatever process it is of. */
static long thread_kill(int tgid, int tid, const struct siginfo *info)
{
        struct task *t;
        long err = -ESRCH;

        if (info->si_signo < 0 || info->si_signo > NSIG)
                return -EINVAL;
        spin_lock(&process_lock);
        t = task_find_locked(tid);
        if (t && (!tgid || t->process->pid == tgid)) {
                err = signal_may_send(t->process, info->si_signo);
                if (!err && info->si_signo)
                        err = signal_send_locked(t->process, t, info);
        }
        spin_unlock(&process_lock);
        return err;
}

long sys_tgkill(int tgid, int tid, int signo)
{
        struct siginfo info = own_info(signo, SI_TKILL);

        if (tgid <= 0 || tid <= 0)
                return -EINVAL;
        return thread_kill(tgid, tid, &info);
}

long sys_tkill(int tid, int signo)
{
        struct siginfo info = own_info(signo, SI_TKILL);

        if (tid <= 0)
                return -EINVAL;
        return thread_kill(0, tid, &info);
}

int siginfo_out(uaddr dst, const struct siginfo *info)
{
        u8 rest[SIGINFO_USER_SIZE - sizeof(*info)] = { 0 };

        if (copy_out(dst, info, sizeof(*info)))
                return -EFAULT;
        return copy_out(dst + sizeof(*info), rest, sizeof(rest));
}

int siginfo_in(struct siginfo *info, uaddr src, int signo)
{
        u8 rest[SIGINFO_USER_SIZE - sizeof(*info)];

        if (copy_in(info, src, sizeof(*info)))
                return -EFAULT;
        /* What the kernel would have to forget must be empty, unless it knows the layout. */
        if (info->si_code > 0 || info->si_code < SI_TKILL) {
                if (copy_in(rest, src + sizeof(*info), sizeof(rest)))
                        return -EFAULT;
                for (size_t i = 0; i < sizeof(rest); i++)
                        if (rest[i])
                                return -E2BIG;
        }
        info->si_signo = signo;
        return 0;
}

/* Only the kernel itself may claim to be it, or another sender; to oneself one may say anything. */
static bool info_is_forged(const struct siginfo *info, int pid)
{
        return (info->si_code >= 0 || info->si_code == SI_TKILL) && pid != current_process()->pid;
}

long sys_rt_sigqueueinfo(int pid, int signo, uaddr uinfo)
{
        struct siginfo info;
        int err = siginfo_in(&info, uinfo, signo);

        if (err)
                return err;
        if (info_is_forged(&info, pid))
                return -EPERM;
        if (signo < 0 || signo > NSIG)
                return -EINVAL;
        return pid > 0 ? signal_kill(pid, &info, true) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int signo, uaddr uinfo)
{
        struct siginfo info;
        int err = siginfo_in(&info, uinfo, signo);

        if (err)
                return err;
        if (tgid <= 0 || tid <= 0)
                return -EINVAL;
        if (info_is_forged(&info, tgid))
                return -EPERM;
        return thread_kill(tgid, tid, &info);
}
