/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes.
 *
 * A task is a thread: a kernel stack, registers, a run state. A process is a thread group: what
 * its threads share by definition (pid, parent, signal actions, limits). Memory, files and the
 * working directory hang on the task, because clone() can share each of them alone.
 */
#ifndef KERNEL_SCHED_TASK_H
#define KERNEL_SCHED_TASK_H

#include "arch/context.h"
#include "arch/park.h"
#include "kernel/base/list.h"
#include "kernel/base/refcount.h"
#include "kernel/sched/cred.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/mm.h"

struct files;      /* descriptor table: kernel/fs/file.h */
struct fs_context; /* cwd, root, umask: kernel/fs/file.h */
struct file;
struct signal_queue;

enum {
        RLIMIT_CPU,
        RLIMIT_FSIZE,
        RLIMIT_DATA,
        RLIMIT_STACK,
        RLIMIT_CORE,
        RLIMIT_RSS,
        RLIMIT_NPROC,
        RLIMIT_NOFILE,
        RLIMIT_MEMLOCK,
        RLIMIT_AS,
        RLIMIT_LOCKS,
        RLIMIT_SIGPENDING,
        RLIMIT_MSGQUEUE,
        RLIMIT_NICE,
        RLIMIT_RTPRIO,
        RLIMIT_RTTIME,
        RLIMIT_COUNT
};

struct rlimit64 {
        u64 cur, max;
};

#define TASK_COMM_LEN 16

struct task;
struct process;

static inline struct task *current_task(void)
{
        return park_self();
}
struct process *current_process(void);

/* What mm/ wants to know of the calling thread, from its limits and capabilities. */
struct mm_caller current_mm_caller(void);
struct mm *current_mm(void);
struct files *current_files(void);
struct fs_context *current_fs(void);
const struct cred *current_cred(void);
u64 current_rlimit(unsigned resource); /* the soft limit */
bool signal_pending(void);             /* a signal that is not blocked waits for this thread */

/* Processes by pid, with a reference; NULL if there is none. */
struct process *process_find(int pid);
/* The process with the lowest pid >= `pid`, with a reference: how /proc lists them. */
struct process *process_next(int pid);
void process_put(struct process *process);

/* What /proc/PID shows, copied under the right locks. */
struct process_info {
        int pid, tgid, ppid, pgid, sid, nr_threads;
        char state; /* R S D T Z */
        char comm[TASK_COMM_LEN];
        u64 utime_ns, stime_ns, start_ns;
        struct cred cred;
        u64 sig_pending, sig_shared_pending, sig_blocked, sig_ignored, sig_caught;
        struct rlimit64 rlimits[RLIMIT_COUNT];
};
void process_info(struct process *process, struct process_info *out);
/* Its effective user and group: whom its files in /proc belong to. */
void process_owner(struct process *process, u32 *uid, u32 *gid);
/* Thread ids of a process: the lowest tid >= `tid`, or -1. */
int process_next_thread(struct process *process, int tid);

/* Parts of a process with a reference, or NULL (a zombie has none). */
struct mm *process_mm(struct process *process);
struct files *process_files(struct process *process);
struct fs_context *process_fs(struct process *process);
struct file *process_exe(struct process *process);

/* Start the first user process from `path`. Panics with a sentence if it cannot. */
void process_start_init(const char *path, char *const argv[], char *const envp[]);

/* A thread of the kernel itself. NULL if there is no memory. */
struct task *kthread_create(const char *name, void (*fn)(void *arg), void *arg);

#endif
