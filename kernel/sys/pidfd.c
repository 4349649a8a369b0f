/* SPDX-License-Identifier: MIT */
/* System calls on pidfds. */
#include "kernel/sched/pidfd.h"
#include "kernel/base/abi/sched.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"

int pidfd_pid(int fd)
{
        struct process *p = pidfd_process(fd);
        int pid;

        if (!p)
                return -EBADF;
        pid = p->pid;
        process_put(p);
        return pid;
}

long sys_pidfd_open(int pid, unsigned flags)
{
        struct process *p;
        int fd;

        if (flags & ~(unsigned)(PIDFD_NONBLOCK | PIDFD_THREAD))
                return -EINVAL;
        if (pid <= 0)
                return -EINVAL;
        p = process_find(pid);
        if (!p)
                return -ESRCH;
        fd = pidfd_create(p, flags & PIDFD_NONBLOCK);
        process_put(p);
        return fd;
}

long sys_pidfd_send_signal(int fd, int signo, uaddr uinfo, unsigned flags)
{
        struct siginfo info = { .si_signo = signo, .si_code = SI_USER };
        struct process *p, *me = current_process();
        s32 claimed;
        int err = 0;

        if (flags)
                return -EINVAL;
        p = pidfd_process(fd);
        if (!p)
                return -EBADF;
        info.pid = me->pid;
        info.uid = current_cred()->uid;
        if (uinfo) {
                err = copy_in(&claimed, uinfo, sizeof(claimed));
                if (!err)
                        err = siginfo_in(&info, uinfo, signo);
                if (!err && claimed != signo)
                        err = -EINVAL;
                if (!err && p != me && (info.si_code >= 0 || info.si_code == SI_TKILL))
                        err = -EPERM;
        }
        if (!err && (signo < 0 || signo > NSIG))
                err = -EINVAL;
        spin_lock(&process_lock);
        if (!err && !p->parent && p != init_process)
                err = -ESRCH;
        if (!err)
                err = signal_may_send(p, signo);
        if (!err && signo)
                err = signal_send_locked(p, NULL, &info);
        spin_unlock(&process_lock);
        process_put(p);
        return err;
}
