/* SPDX-License-Identifier: MIT */
/*
 * The system calls on processes, signals, clocks, identities and limits: handlers as syscall.h
 * says, and what their files share.
 */
#ifndef KERNEL_SYS_PROCESS_H
#define KERNEL_SYS_PROCESS_H

#include "kernel/base/types.h"

struct siginfo;

/* siginfo to and from its 128 bytes in user memory. */
int siginfo_out(uaddr dst, const struct siginfo *info);
int siginfo_in(struct siginfo *info, uaddr src, int signo);

/* The pid that a pidfd stands for; -EBADF. */
int pidfd_pid(int fd);

/* process.c */
long sys_clone(u64 flags, uaddr stack, uaddr parent_tid, uaddr child_tid, u64 tls);
long sys_fork(void);
long sys_vfork(void);
long sys_clone3(uaddr args, u64 size);
long sys_set_tid_address(uaddr addr);
long sys_execve(uaddr path, uaddr argv, uaddr envp);
long sys_execveat(int dirfd, uaddr path, uaddr argv, uaddr envp, int flags);
long sys_exit(int code);
long sys_exit_group(int code);
long sys_wait4(int pid, uaddr status, int options, uaddr usage);
long sys_waitid(int type, int id, uaddr info, int options, uaddr usage);
long sys_setpgid(int pid, int pgid);
long sys_getpgid(int pid);
long sys_getpgrp(void);
long sys_getsid(int pid);
long sys_setsid(void);
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);

/* signal.c */
long sys_rt_sigaction(int signo, uaddr act, uaddr old, u64 size);
long sys_rt_sigprocmask(int how, uaddr set, uaddr old, u64 size);
long sys_rt_sigpending(uaddr set, u64 size);
long sys_rt_sigreturn(void);
long sys_sigaltstack(uaddr new, uaddr old);
long sys_pause(void);
long sys_rt_sigsuspend(uaddr set, u64 size);
long sys_rt_sigtimedwait(uaddr set, uaddr info, uaddr timeout, u64 size);
long sys_kill(int pid, int signo);
long sys_tgkill(int tgid, int tid, int signo);
long sys_tkill(int tid, int signo);
long sys_rt_sigqueueinfo(int pid, int signo, uaddr uinfo);
long sys_rt_tgsigqueueinfo(int tgid, int tid, int signo, uaddr uinfo);

/* time.c */
long sys_clock_gettime(int id, uaddr out);
long sys_clock_getres(int id, uaddr out);
long sys_gettimeofday(uaddr tv, uaddr tz);
long sys_time(uaddr out);
long sys_times(uaddr out);
long sys_nanosleep(uaddr request, uaddr rest);
long sys_clock_nanosleep(int id, int flags, uaddr request, uaddr rest);
long sys_restart_syscall(void);
long sys_getitimer(int which, uaddr out);
long sys_setitimer(int which, uaddr in, uaddr out);
long sys_alarm(unsigned seconds);

/* cred.c */
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_getresuid(uaddr ruid, uaddr euid, uaddr suid);
long sys_getresgid(uaddr rgid, uaddr egid, uaddr sgid);
long sys_setuid(u32 uid);
long sys_setreuid(u32 ruid, u32 euid);
long sys_setresuid(u32 ruid, u32 euid, u32 suid);
long sys_setfsuid(u32 uid);
long sys_setgid(u32 gid);
long sys_setregid(u32 rgid, u32 egid);
long sys_setresgid(u32 rgid, u32 egid, u32 sgid);
long sys_setfsgid(u32 gid);
long sys_getgroups(int size, uaddr list);
long sys_setgroups(int size, uaddr list);
long sys_capget(uaddr header_at, uaddr data_at);
long sys_capset(uaddr header_at, uaddr data_at);

/* futex.c */
long sys_futex(uaddr addr, int op, u32 value, u64 timeout, uaddr addr2, u32 value3);
long sys_set_robust_list(uaddr head, u64 size);
long sys_rseq(uaddr area, u32 len, int flags, u32 signature);
long sys_get_robust_list(int tid, uaddr head_out, uaddr size_out);

/* sched.c */
long sys_sched_yield(void);
long sys_sched_getaffinity(int tid, unsigned len, uaddr mask);
long sys_sched_setaffinity(int tid, unsigned len, uaddr mask);
long sys_sched_setscheduler(int tid, int policy, uaddr param);
long sys_sched_setparam(int tid, uaddr param);
long sys_sched_getscheduler(int tid);
long sys_sched_getparam(int tid, uaddr param);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_getcpu(uaddr cpu, uaddr node, uaddr unused);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);
long sys_membarrier(int cmd, unsigned flags, int cpu);

/* resource.c */
long sys_prlimit64(int tid, unsigned resource, uaddr new_at, uaddr old_at);
long sys_getrlimit(unsigned resource, uaddr out);
long sys_setrlimit(unsigned resource, uaddr in);
long sys_getrusage(int who, uaddr out);
long sys_sysinfo(uaddr out);
long sys_uname(uaddr out);
long sys_sethostname(uaddr src, int len);
long sys_setdomainname(uaddr src, int len);
long sys_reboot(u32 magic1, u32 magic2, u32 cmd, uaddr arg);
long sys_getrandom(uaddr dst, u64 len, unsigned flags);

/* prctl.c */
long sys_prctl(int op, u64 arg2, u64 arg3, u64 arg4, u64 arg5);
long sys_arch_prctl(int op, u64 arg);
long sys_personality(u32 personality);
long sys_iopl(unsigned level);

/* pidfd.c */
long sys_pidfd_open(int pid, unsigned flags);
long sys_pidfd_send_signal(int fd, int signo, uaddr uinfo, unsigned flags);

#endif
