/* SPDX-License-Identifier: MIT */
/* Processes: clone's arguments, what wait and waitid tell, groups and sessions, orphans, pidfds. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define CLONE_VM_BIT      0x100
#define CLONE_SIGHAND_BIT 0x800
#define CLONE_PIDFD_BIT   0x1000
#define CLONE_THREAD_BIT  0x10000
#define CLONE_DETACHED    0x400000

#define P_ALL_ID   0
#define P_PID_ID   1
#define P_PGID_ID  2
#define P_PIDFD_ID 3

static int shared = 5;

/* A child that ends with `status`, after `msec`. */
static pid_t child_that_exits(int status, int msec)
{
        pid_t pid = fork();

        if (pid)
                return pid;
        if (msec)
                usleep((useconds_t)msec * 1000);
        _exit(status);
}

static pid_t child_that_waits(void)
{
        pid_t pid = fork();

        if (!pid)
                for (;;)
                        pause();
        return pid;
}

/* ------------------------------------------------------------------ making */

static void vforking(void)
{
        int status = 0;
        pid_t pid;

        scene("fork and vfork");
        pid = fork();
        if (!pid) {
                shared = 6;
                _exit(shared);
        }
        waitpid(pid, &status, 0);
        step(status, "fork: the child's status");
        step(shared, "fork: memory is the parent's own");
        pid = vfork();
        if (!pid) {
                shared = 7;
                _exit(1);
        }
        waitpid(pid, &status, 0);
        step(status, "vfork: the child's status");
        step(shared, "vfork: memory is shared");
}

struct clone3_args {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        uint64_t set_tid, set_tid_size, cgroup, later;
};

static void clone3_step(const char *what, uint64_t flags, uint64_t signo, uint64_t stack,
                        uint64_t stack_size, uint64_t later, size_t size)
{
        struct clone3_args args = { .flags = flags,
                                    .exit_signal = signo,
                                    .stack = stack,
                                    .stack_size = stack_size,
                                    .later = later };
        long pid = raw_call(NR_clone3, &args, size);

        if (!pid)
                _exit(0);
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        step(pid > 0 ? 1 : pid, "%s", what);
}

static void clone_arguments(void)
{
        scene("what clone refuses");
        step(raw_call(NR_clone, CLONE_THREAD_BIT), "CLONE_THREAD without CLONE_SIGHAND");
        step(raw_call(NR_clone, CLONE_SIGHAND_BIT), "CLONE_SIGHAND without CLONE_VM");
        step(raw_call(NR_clone3, 0, 0), "clone3: size 0");
        step(raw_call(NR_clone3, 8, 64), "clone3: a bad address");
        step(raw_call(NR_clone3, 8, 5000), "clone3: more than a page");
        clone3_step("clone3 as fork", 0, SIGCHLD, 0, 0, 0, 64);
        clone3_step("clone3 with the whole structure", 0, SIGCHLD, 0, 0, 0, 88);
        clone3_step("clone3 of the future, with zeros", 0, SIGCHLD, 0, 0, 0, 96);
        clone3_step("clone3 of the future, in earnest", 0, SIGCHLD, 0, 0, 1, 96);
        clone3_step("clone3 with an exit signal in the flags", SIGCHLD, 0, 0, 0, 0, 64);
        clone3_step("clone3 with signal 65", 0, 65, 0, 0, 0, 64);
        clone3_step("clone3 with a stack of size 0", 0, SIGCHLD, 4096, 0, 0, 64);
        clone3_step("clone3 with a size but no stack", 0, SIGCHLD, 0, 4096, 0, 64);
        clone3_step("clone3 with CLONE_DETACHED", CLONE_DETACHED, SIGCHLD, 0, 0, 0, 64);
        clone3_step("clone3 with a thread's signal",
                    CLONE_VM_BIT | CLONE_SIGHAND_BIT | CLONE_THREAD_BIT, SIGCHLD, 0, 0, 0, 64);
}

/* ------------------------------------------------------------------ waiting */

static void waitid_step(const char *what, int type, int id, int options)
{
        siginfo_t info;
        long result;

        memset(&info, 0, sizeof(info));
        result = raw_call(NR_waitid, type, id, &info, options, 0);
        step(result, "%s", what);
        if (!result)
                say("     signo %d, code %d, status %d, pid %s", info.si_signo, info.si_code,
                    info.si_status, info.si_pid ? "set" : "0");
}

static void waiting(void)
{
        int status;
        pid_t pid;

        scene("wait4 and waitid");
        step(raw_call(NR_wait4, -1, 0, 0, 0), "no children");
        step(raw_call(NR_wait4, -1, 0, 0x1000, 0), "a bad option");
        step(raw_call(NR_wait4, 0x80000000, 0, 0, 0), "pid INT_MIN");
        step(raw_call(NR_waitid, P_ALL_ID, 0, 0, 0, 0), "waitid: nothing to wait for");
        step(raw_call(NR_waitid, 9, 0, 0, WEXITED, 0), "waitid: a bad type");
        step(raw_call(NR_waitid, P_PID_ID, 0, 0, WEXITED, 0), "waitid: pid 0");
        step(raw_call(NR_waitid, P_ALL_ID, 0, 0, WEXITED | 0x100, 0), "waitid: a bad option");
        pid = child_that_exits(9, 60);
        waitid_step("waitid WNOHANG: it lives", P_PID_ID, pid, WEXITED | WNOHANG);
        step(raw_call(NR_wait4, pid, &status, WNOHANG, 0), "wait4 WNOHANG: it lives");
        waitid_step("waitid WNOWAIT", P_PID_ID, pid, WEXITED | WNOWAIT);
        waitid_step("waitid again", P_PID_ID, pid, WEXITED);
        waitid_step("and again", P_PID_ID, pid, WEXITED);
        pid = child_that_waits();
        kill(pid, SIGSTOP);
        waitid_step("stopped", P_PID_ID, pid, WSTOPPED);
        kill(pid, SIGCONT);
        waitid_step("continued", P_PID_ID, pid, WCONTINUED);
        kill(pid, SIGKILL);
        waitid_step("killed", P_PID_ID, pid, WEXITED);
        pid = child_that_exits(1, 0);
        step(raw_call(NR_wait4, pid, 8, 0, 0), "the status to a bad address");
        step(raw_call(NR_wait4, pid, 0, 0, 0), "the child is gone all the same");
        pid = child_that_exits(2, 0);
        step(raw_call(NR_wait4, -getpgrp(), &status, 0, 0) == pid, "by group");
        pid = child_that_exits(3, 0);
        step(raw_call(NR_wait4, 0, &status, 0, 0) == pid, "by one's own group");
}

static void exit_signals(void)
{
        int status;
        long pid;

        scene("a child without exit signal");
        pid = raw_call(NR_clone, 0, 0, 0, 0, 0);
        if (!pid)
                _exit(4);
        usleep(20000);
        step(raw_call(NR_wait4, pid, &status, 0, 0), "plain wait does not see it");
        step(raw_call(NR_wait4, pid, &status, 0x80000000, 0) == pid, "__WCLONE does");
        pid = raw_call(NR_clone, SIGUSR1, 0, 0, 0, 0);
        if (!pid)
                _exit(4);
        signal(SIGUSR1, SIG_IGN);
        step(raw_call(NR_wait4, pid, &status, 0x40000000, 0) == pid, "__WALL does");
        signal(SIGUSR1, SIG_DFL);
}

/* ------------------------------------------------------------------ orphans */

static void orphans(void)
{
        int fds[2], status;
        char c = 0;
        pid_t pid;

        scene("orphans");
        if (pipe(fds))
                _exit(90);
        pid = fork();
        if (!pid) {
                if (fork() == 0) {
                        usleep(40000);
                        c = getppid() == 1 ? 'i' : '?';
                        raw_call(NR_write, fds[1], &c, 1);
                        _exit(0);
                }
                _exit(0);
        }
        waitpid(pid, &status, 0);
        close(fds[1]);
        step(raw_call(NR_read, fds[0], &c, 1), "it outlives its parent");
        step(raw_call(NR_read, fds[0], &c, 1), "and ends");
        close(fds[0]);
        step(prctl(PR_SET_CHILD_SUBREAPER, 1), "a subreaper");
        pid = fork();
        if (!pid) {
                child_that_exits(8, 30);
                _exit(0);
        }
        waitpid(pid, &status, 0);
        pid = (pid_t)raw_call(NR_wait4, -1, &status, 0, 0);
        step(status, "gets the grandchild");
        prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* ------------------------------------------------------------------ groups */

static void own_session(void)
{
        step(raw_call(NR_setsid) == getpid(), "setsid");
        step(raw_call(NR_setsid), "setsid by a leader");
        step(raw_call(NR_setpgid, 0, 0), "setpgid by a session leader");
        step(raw_call(NR_getsid, 0) == getpid(), "getsid");
        step(raw_call(NR_getpgid, 0) == getpid(), "getpgid");
}

static void groups(void)
{
        int status;
        pid_t pid;

        scene("groups and sessions");
        step(raw_call(NR_setpgid, 0, -1), "a negative group");
        step(raw_call(NR_setpgid, 0x3fffff, 0), "of nobody");
        step(raw_call(NR_getpgid, 0x3fffff), "getpgid of nobody");
        step(raw_call(NR_getsid, 0x3fffff), "getsid of nobody");
        pid = child_that_waits();
        step(raw_call(NR_setpgid, pid, 0x3fffff), "into a group that is not there");
        step(raw_call(NR_setpgid, pid, pid), "a child into its own");
        step(raw_call(NR_getpgid, pid) == pid, "there it is");
        step(raw_call(NR_kill, -pid, SIGTERM), "kill the group");
        step(raw_call(NR_wait4, -pid, &status, 0, 0) == pid, "wait for the group");
        step(status, "its status");
        step(raw_call(NR_kill, -pid, 0), "kill a group that is gone");
        in_child(own_session, "a session of one's own");
}

/* ------------------------------------------------------------------ pidfds */

static void pidfds(void)
{
        struct pollfd p = { .events = POLLIN };
        struct clone3_args args = { .flags = CLONE_PIDFD_BIT, .exit_signal = SIGCHLD };
        int fd = -1, status;
        pid_t pid;

        scene("pidfds");
        step(raw_call(NR_pidfd_open, 0, 0), "of process 0");
        step(raw_call(NR_pidfd_open, 0x3fffff, 0), "of nobody");
        step(raw_call(NR_pidfd_open, getpid(), 1), "a bad flag");
        pid = child_that_waits();
        p.fd = (int)raw_call(NR_pidfd_open, pid, 0);
        step(p.fd >= 0, "of a child");
        step(raw_call(NR_poll, &p, 1, 0), "poll: it lives");
        step(raw_call(NR_read, p.fd, &status, 4), "read");
        step(raw_call(NR_pidfd_send_signal, p.fd, 0, 0, 0), "signal 0 through it");
        step(raw_call(NR_pidfd_send_signal, p.fd, SIGTERM, 0, 0), "SIGTERM through it");
        step(raw_call(NR_poll, &p, 1, 1000), "poll: it has ended");
        waitid_step("waitid by it", P_PIDFD_ID, p.fd, WEXITED);
        step(raw_call(NR_pidfd_send_signal, p.fd, 0, 0, 0), "a signal after that");
        step(raw_call(NR_pidfd_send_signal, 1, 0, 0, 0), "through what is none");
        close(p.fd);
        args.pidfd = (uint64_t)(uintptr_t)&fd;
        pid = (pid_t)raw_call(NR_clone3, &args, 64);
        if (!pid)
                _exit(11);
        step(fd >= 0, "clone3 with CLONE_PIDFD gives one");
        waitid_step("waitid by that", P_PIDFD_ID, fd, WEXITED);
        close(fd);
}

int main(void)
{
        vforking();
        clone_arguments();
        waiting();
        exit_signals();
        orphans();
        groups();
        pidfds();
        return 0;
}
