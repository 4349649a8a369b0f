/* SPDX-License-Identifier: MIT */
/* Scheduling, CPU affinity, and clone(2) with its flags. */
#ifndef _SCHED_H_
#define _SCHED_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/sched.h>
#include <sys/_timespec.h>

#define CSIGNAL              0x000000ff
#define CLONE_VM             0x00000100
#define CLONE_FS             0x00000200
#define CLONE_FILES          0x00000400
#define CLONE_SIGHAND        0x00000800
#define CLONE_PIDFD          0x00001000
#define CLONE_PTRACE         0x00002000
#define CLONE_VFORK          0x00004000
#define CLONE_PARENT         0x00008000
#define CLONE_THREAD         0x00010000
#define CLONE_NEWNS          0x00020000
#define CLONE_SYSVSEM        0x00040000
#define CLONE_SETTLS         0x00080000
#define CLONE_PARENT_SETTID  0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_DETACHED       0x00400000
#define CLONE_UNTRACED       0x00800000
#define CLONE_CHILD_SETTID   0x01000000
#define CLONE_NEWCGROUP      0x02000000
#define CLONE_NEWUTS         0x04000000
#define CLONE_NEWIPC         0x08000000
#define CLONE_NEWUSER        0x10000000
#define CLONE_NEWPID         0x20000000
#define CLONE_NEWNET         0x40000000
#define CLONE_IO             0x80000000
#define CLONE_CLEAR_SIGHAND  0x100000000ULL

#define CPU_SETSIZE 1024

typedef struct {
        unsigned long bits[CPU_SETSIZE / 64];
} cpu_set_t;

#define CPU_BIT_(n)       (1UL << ((n) % 64))
#define CPU_ZERO(set)     __builtin_memset((set), 0, sizeof(cpu_set_t))
#define CPU_SET(n, set)   ((void)((set)->bits[(n) / 64] |= CPU_BIT_(n)))
#define CPU_CLR(n, set)   ((void)((set)->bits[(n) / 64] &= ~CPU_BIT_(n)))
#define CPU_ISSET(n, set) (((set)->bits[(n) / 64] & CPU_BIT_(n)) != 0)
#define CPU_COUNT(set)    sched_count_cpus(set)

__BEGIN_DECLS
int sched_count_cpus(const cpu_set_t *set);
int sched_yield(void);
int sched_getcpu(void);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setparam(pid_t pid, const struct sched_param *param);
int sched_getparam(pid_t pid, struct sched_param *param);
int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param);
int sched_getscheduler(pid_t pid);
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);
int sched_rr_get_interval(pid_t pid, struct timespec *interval);
int unshare(int flags);
int setns(int fd, int type);

/*
 * Run fn(arg) in a new task on the stack that ends at `stack`; what fn returns is its exit status.
 * Further arguments as flags ask for them: pid_t *parent_tid, void *tls, pid_t *child_tid.
 */
int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
__END_DECLS

#endif
