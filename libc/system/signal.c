/* SPDX-License-Identifier: MIT */
/* Signals: sending, handling, blocking, waiting. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "raw.h"
#include "../thread/thread.h"

#define SET_SIZE 8

void signal_return(void); /* signal_return.S */

int kill(pid_t pid, int sig)
{
        return (int)call2(SYS_kill, pid, sig);
}

int killpg(pid_t group, int sig)
{
        if (group < 0) {
                errno = EINVAL;
                return -1;
        }
        return kill(-group, sig);
}

int tgkill(pid_t tgid, pid_t tid, int sig)
{
        return (int)call3(SYS_tgkill, tgid, tid, sig);
}

/* To the calling thread; with all signals blocked, so that a fork in between cannot misdirect it.
 */
int raise(int sig)
{
        sigset_t all = ~0UL, old;
        long r;

        raw4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&all, (long)&old, SET_SIZE);
        r = raw3(SYS_tgkill, raw0(SYS_getpid), raw0(SYS_gettid), sig);
        raw4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, SET_SIZE);
        return (int)system_result(r);
}

/* newlib's reentrant name for it. */
int _raise_r(struct _reent *reent, int sig)
{
        (void)reent;
        return raise(sig);
}

int sigaction(int sig, const struct sigaction *restrict act, struct sigaction *restrict old)
{
        struct sigaction copy;

        if (act) {
                copy = *act;
                copy.sa_flags |= SA_RESTORER;
                copy.sa_restorer = signal_return;
        }
        return (int)call4(SYS_rt_sigaction, sig, act ? &copy : NULL, old, SET_SIZE);
}

/* BSD's: the handler stays, calls are restarted. */
_sig_func_ptr signal(int sig, _sig_func_ptr handler)
{
        struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

        return sigaction(sig, &act, &old) != 0 ? SIG_ERR : old.sa_handler;
}

int siginterrupt(int sig, int flag)
{
        struct sigaction act;

        if (sigaction(sig, NULL, &act) != 0)
                return -1;
        if (flag)
                act.sa_flags &= ~(unsigned long)SA_RESTART;
        else
                act.sa_flags |= SA_RESTART;
        return sigaction(sig, &act, NULL);
}

static int bad_signal(int sig)
{
        if (sig >= 1 && sig <= SIGRTMAX)
                return 0;
        errno = EINVAL;
        return 1;
}

int sigemptyset(sigset_t *set)
{
        *set = 0;
        return 0;
}

int sigfillset(sigset_t *set)
{
        *set = ~0UL;
        return 0;
}

int sigaddset(sigset_t *set, int sig)
{
        if (bad_signal(sig))
                return -1;
        *set |= 1UL << (sig - 1);
        return 0;
}

int sigdelset(sigset_t *set, int sig)
{
        if (bad_signal(sig))
                return -1;
        *set &= ~(1UL << (sig - 1));
        return 0;
}

int sigismember(const sigset_t *set, int sig)
{
        if (bad_signal(sig))
                return -1;
        return (*set >> (sig - 1)) & 1;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
        return (int)call4(SYS_rt_sigprocmask, how, set, old, SET_SIZE);
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
        return (int)-raw4(SYS_rt_sigprocmask, how, (long)set, (long)old, SET_SIZE);
}

int sigpending(sigset_t *set)
{
        return (int)call2(SYS_rt_sigpending, set, SET_SIZE);
}

int sigsuspend(const sigset_t *set)
{
        return (int)call2(SYS_rt_sigsuspend, set, SET_SIZE);
}

int pause(void)
{
        return (int)call0(SYS_pause);
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
        return (int)call4(SYS_rt_sigtimedwait, set, info, timeout, SET_SIZE);
}

int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
        return sigtimedwait(set, info, NULL);
}

/* The error is the result; a handler running in between is not one. */
int sigwait(const sigset_t *set, int *sig)
{
        long r;

        do {
                r = raw4(SYS_rt_sigtimedwait, (long)set, 0, 0, SET_SIZE);
        } while (r == -EINTR);
        if (r < 0)
                return (int)-r;
        *sig = (int)r;
        return 0;
}

int sigqueue(pid_t pid, int sig, const union sigval value)
{
        siginfo_t info;

        memset(&info, 0, sizeof(info));
        info.si_signo = sig;
        info.si_code = SI_QUEUE;
        info.si_pid = getpid();
        info.si_uid = getuid();
        info.si_value = value;
        return (int)call3(SYS_rt_sigqueueinfo, pid, sig, &info);
}

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
        return (int)call2(SYS_sigaltstack, stack, old);
}

/* Ends the process by SIGABRT even when that is blocked, ignored, or a handler returns. */
void abort(void)
{
        struct sigaction fall = { .sa_handler = SIG_DFL };
        sigset_t abrt = 1UL << (SIGABRT - 1);

        raise(SIGABRT);
        sigaction(SIGABRT, &fall, NULL);
        sigprocmask(SIG_UNBLOCK, &abrt, NULL);
        raise(SIGABRT);
        for (;;)
                _exit(127);
}
