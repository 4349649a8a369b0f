/* SPDX-License-Identifier: MIT */
/* Processes: making, replacing, waiting for and ending them; groups, limits, scheduling. */
#include <stdarg.h>
#include <stdlib.h>
#include <signal.h>
#include <sched.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/personality.h>
#include "raw.h"
#include "../thread/thread.h"

/* The child has one thread; newlib's locks are free in it. */
pid_t fork(void)
{
        long pid;

        atfork_run_prepare();
        locks_before_fork();
        pid = raw0(SYS_fork);
        if (pid == 0) {
                thread_after_fork();
                locks_free_streams();
        }
        locks_after_fork();
        if (pid == 0)
                atfork_run_child();
        else
                atfork_run_parent();
        return (pid_t)system_result(pid);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
        return (int)call3(SYS_execve, path, argv, envp);
}

int execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags)
{
        return (int)call5(SYS_execveat, dirfd, path, argv, envp, flags);
}

int fexecve(int fd, char *const argv[], char *const envp[])
{
        return execveat(fd, "", argv, envp, 0x1000 /* AT_EMPTY_PATH */);
}

void _exit(int status)
{
        for (;;)
                raw1(SYS_exit_group, status);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
        return (pid_t)call4(SYS_wait4, pid, status, options, usage);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
        return wait4(-1, status, options, usage);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
        return wait4(pid, status, options, NULL);
}

pid_t wait(int *status)
{
        return wait4(-1, status, 0, NULL);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
        return (int)call5(SYS_waitid, type, id, info, options, 0);
}

pid_t getpid(void)
{
        return (pid_t)raw0(SYS_getpid);
}

pid_t getppid(void)
{
        return (pid_t)raw0(SYS_getppid);
}

pid_t gettid(void)
{
        return (pid_t)raw0(SYS_gettid);
}

int setpgid(pid_t pid, pid_t group)
{
        return (int)call2(SYS_setpgid, pid, group);
}

pid_t getpgid(pid_t pid)
{
        return (pid_t)call1(SYS_getpgid, pid);
}

pid_t getpgrp(void)
{
        return (pid_t)raw0(SYS_getpgrp);
}

int setpgrp(void)
{
        return setpgid(0, 0);
}

pid_t setsid(void)
{
        return (pid_t)call0(SYS_setsid);
}

pid_t getsid(pid_t pid)
{
        return (pid_t)call1(SYS_getsid, pid);
}

int getrusage(int who, struct rusage *usage)
{
        return (int)call2(SYS_getrusage, who, usage);
}

int getrlimit(int resource, struct rlimit *limit)
{
        return (int)call2(SYS_getrlimit, resource, limit);
}

int setrlimit(int resource, const struct rlimit *limit)
{
        return (int)call2(SYS_setrlimit, resource, limit);
}

int prlimit(pid_t pid, int resource, const struct rlimit *set, struct rlimit *old)
{
        return (int)call4(SYS_prlimit64, pid, resource, set, old);
}

/* The kernel answers 20 - nice, so that no answer looks like an error. */
int getpriority(int which, id_t who)
{
        long r = call2(SYS_getpriority, which, who);

        return r < 0 ? -1 : (int)(20 - r);
}

int setpriority(int which, id_t who, int value)
{
        return (int)call3(SYS_setpriority, which, who, value);
}

int nice(int increment)
{
        int now = getpriority(PRIO_PROCESS, 0);

        if (setpriority(PRIO_PROCESS, 0, now + increment) != 0)
                return -1;
        return getpriority(PRIO_PROCESS, 0);
}

int prctl(int option, ...)
{
        va_list ap;
        long a[4];

        va_start(ap, option);
        for (int i = 0; i < 4; i++)
                a[i] = va_arg(ap, long);
        va_end(ap);
        return (int)call5(SYS_prctl, option, a[0], a[1], a[2], a[3]);
}

int arch_prctl(int code, unsigned long value)
{
        return (int)call2(SYS_arch_prctl, code, value);
}

int personality(unsigned long persona)
{
        return (int)call1(SYS_personality, persona);
}

int pidfd_open(pid_t pid, unsigned flags)
{
        return (int)call2(SYS_pidfd_open, pid, flags);
}

int pidfd_getfd(int pidfd, int fd, unsigned flags)
{
        return (int)call3(SYS_pidfd_getfd, pidfd, fd, flags);
}

int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned flags)
{
        return (int)call4(SYS_pidfd_send_signal, pidfd, sig, info, flags);
}
