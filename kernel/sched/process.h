/* SPDX-License-Identifier: MIT */
/*
 * The inside of tasks and processes: for kernel/sched and for the system calls on processes.
 *
 *      process --threads--> task, task, ...      each with mm, files, fs, sighand (often shared)
 *         |
 *         `--children--> process ...             the tree that wait4() and exit walk
 *
 * Life of a process: its tasks leave one by one (task_exit()); with the last one it becomes a
 * zombie, which is the struct process alone; the parent's wait takes it off the tree. The struct
 * goes when the last reference is put (/proc, a pidfd may hold one). A task is freed by whatever
 * thread runs next on the CPU it left.
 *
 * Locks:
 *   [P] process_lock: the tree, the thread lists, the numbers, signals and job control. A spinlock:
 *       nothing under it sleeps.
 *   [S] the task itself only, or nobody else yet/any more
 *   [Q] the run queue's lock
 *   [I] constant after creation
 */
#ifndef KERNEL_SCHED_PROCESS_H
#define KERNEL_SCHED_PROCESS_H

#include "kernel/base/abi/resource.h"
#include "kernel/base/abi/signal.h"
#include "kernel/sched/task.h"
#include "kernel/sched/timer.h"
#include "kernel/sync/trace.h"

enum task_state {
        TASK_RUNNABLE, /* on the run queue, or running */
        TASK_SLEEPING, /* in park() */
        TASK_DEAD      /* never runs again */
};

/* What may end a sleep besides unpark() and the deadline. */
enum sleep_kind {
        SLEEP_DEEP,     /* nothing */
        SLEEP_KILLABLE, /* a signal that will end the process */
        SLEEP_LIGHT     /* any signal that is not blocked */
};

struct signal_set {        /* [P] signals that wait to be taken */
        u64 set;           /* bit signo-1 */
        struct list queue; /* of struct signal_entry; a set bit may have no entry */
};

struct sighand { /* [P] what to do on each signal */
        struct refcount ref;
        struct sigaction_abi action[NSIG];
};

/* Per real user: what RLIMIT_NPROC and RLIMIT_SIGPENDING count. */
struct user_account {
        struct list node;
        u32 uid;
        u32 nr_refs;
        u64 nr_tasks, nr_signals;
};

/* A parent that waits in vfork() until the child has left its memory. */
struct vfork {
        struct refcount ref;
        struct task *parent;
        bool done;
};

/* Where restart_syscall() goes on. */
struct restart_block {
        long (*fn)(struct restart_block *block);
        u64 args[4];
};

/* ITIMER_VIRTUAL and ITIMER_PROF: CPU time at which it is due (0: not armed), and its period. */
struct cpu_timer {
        u64 when, interval;
};

struct rseq_state {
        uaddr area; /* 0: none */
        u32 len, signature;
        bool interrupted; /* switched out since it was last in user mode */
};

struct fault_info { /* what a signal frame tells of the last fault */
        u64 addr, error, trap;
};

struct task {
        struct context context; /* [S] */
        void *stack;            /* [I] NULL: the boot stack */
        void *fpu;              /* [I] NULL: a thread of the kernel */
        u64 fs_base, gs_base;   /* [S] valid while it does not run */
        struct lock_trace locks;

        /* scheduling */
        enum task_state state; /* [Q] */
        enum sleep_kind sleep; /* [Q] */
        bool permit;           /* [Q] of unpark() */
        bool timed_out;        /* [Q] */
        struct list run_node;  /* [Q] */
        struct timer park_timer;
        u64 since;      /* [S] time up to which CPU time is accounted */
        bool in_kernel; /* [S] time is charged to the kernel: that is where the last tick found it
                         */
        u64 utime_ns, stime_ns, start_ns;
        u64 nr_switches_wanted, nr_switches_forced, nr_faults;

        /* what it is */
        int tid;                   /* [P] 0: a thread of the kernel */
        char comm[TASK_COMM_LEN];  /* [P] */
        struct process *process;   /* [I] NULL: a thread of the kernel */
        struct list thread_node;   /* [P] in process->threads */
        struct list hash_node;     /* [P] by tid */
        struct cred cred;          /* [S] others read it under [P] */
        struct user_account *user; /* [P] of the real uid */
        bool keep_caps, no_new_privs;
        bool over_nproc; /* became a user of more than RLIMIT_NPROC: exec looks at that again */
        u32 personality;
        u32 iopl; /* 3: may use I/O ports */

        /* what it uses; changed by itself under [P], read by others under [P] */
        struct mm *mm;
        struct files *files;
        bool files_shared; /* with another process, or was once (CLONE_FILES without THREAD) */
        struct fs_context *fs;
        struct sighand *sighand;

        /* signals */
        struct signal_set pending;    /* [P] for this thread alone */
        u64 blocked;                  /* [P] */
        u64 saved_mask;               /* [S] to be restored after sigsuspend and the like */
        bool restore_mask;            /* [S] saved_mask is valid */
        u64 waiting_for;              /* [P] signals that rt_sigtimedwait() would take */
        struct stack_abi altstack;    /* [S] */
        struct restart_block restart; /* [S] */
        bool call_interrupted;        /* [S] the system call ended with an ERESTART number */
        struct fault_info fault;      /* [S] */
        bool stopped;                 /* [P] parked by job control */
        int pdeath_signal;            /* [P] */

        /* futexes and threads */
        uaddr clear_child_tid;  /* [S] */
        uaddr set_child_tid;    /* [S] written by the new thread itself */
        uaddr robust_list;      /* [S] */
        struct rseq_state rseq; /* [S] */
        struct vfork *vfork;    /* [P] */
        int exit_code;          /* [P] wait status */
        bool leaving;           /* [S] in task_exit() */
};

struct process {
        struct refcount ref;
        int pid;                   /* [I] */
        int pgid, sid;             /* [P] */
        struct process *parent;    /* [P] */
        struct list children;      /* [P] */
        struct list sibling;       /* [P] in parent->children */
        struct list hash_node;     /* [P] by pid */
        struct list threads;       /* [P] */
        int nr_threads;            /* [P] */
        char comm[TASK_COMM_LEN];  /* [P] of the first thread, kept for the zombie */
        struct cred cred;          /* [P] the same */
        struct user_account *user; /* [P] of the first thread, once it has ended: it counts on */
        struct file *exe;          /* [P] */
        struct signal_set pending; /* [P] */
        struct signal_entry *spare_signal;     /* [P] one that was taken, for the next; or NULL */
        struct rlimit64 rlimits[RLIMIT_COUNT]; /* [P] */
        u64 start_ns;                          /* [I] */

        /* exit */
        bool exiting;        /* [P] all threads are to end with exit_code */
        bool zombie;         /* [P] no threads are left */
        bool did_exec;       /* [P] setpgid() refuses it from then on */
        bool subreaper;      /* [P] */
        int exit_code;       /* [P] wait status */
        int exit_signal;     /* [I] to the parent; 0: none */
        struct task *execer; /* [P] the thread in exec that waits for the others to end */

        /* job control */
        bool stopping;                             /* [P] threads are to park */
        int stop_signal;                           /* [P] */
        bool stop_unreported, continue_unreported; /* [P] for wait */
        bool continue_untold;                      /* [P] SIGCHLD for it is to be sent */

        struct waitq child_wait; /* its threads in wait4() */
        struct waitq exit_wait;  /* pollers of its pidfds */

        /* time and resources */
        u64 utime_ns, stime_ns;                                /* [P] of threads that have ended */
        u64 cutime_ns, cstime_ns;                              /* [P] of children waited for */
        u64 nr_faults, nr_switches_wanted, nr_switches_forced; /* [P] like utime_ns */
        u64 child_faults, child_switches_wanted, child_switches_forced;
        u64 maxrss, child_maxrss;       /* [P] KiB */
        struct timer real_timer;        /* ITIMER_REAL */
        struct cpu_timer cpu_timers[2]; /* [P] ITIMER_VIRTUAL, ITIMER_PROF */
        u32 membarriers;                /* registered with membarrier(2) */
        u64 real_interval;              /* [P] ns */
        int dumpable;                   /* [P] */
        int nice;                       /* [P] */
};

extern struct spinlock process_lock;

/* ------------------------------------------------------------------ run.c */
void sched_init(void); /* the boot thread becomes the idle thread */
_Noreturn void sched_idle(void);
void task_start(struct task *task); /* a new task may run from here on */
int task_sleep(enum sleep_kind kind, u64 deadline_ns);
/* End the sleep of `task` if it is of the kind or lighter. */
void task_interrupt(struct task *task, enum sleep_kind kind);
void task_yield(void);
_Noreturn void task_leave(void); /* the calling task is dead; frees it */
void task_first_run(void *arg);  /* what every new task begins with */
bool sched_work_pending(void);
void sched_work(void);                 /* due timers, and other threads if the quantum is over */
void sched_timer_interrupt(bool user); /* which has interrupted user code, or the kernel */
void sched_interrupt_enter(void);      /* locks taken from here on are the interrupt's */
void sched_interrupt_leave(void);
void sched_switch_mm(struct mm *mm); /* the calling task is about to change its mm to this */
void sched_account(struct task *task, u64 now); /* charge the time since the last call */
unsigned sched_nr_runnable(void);

/* ------------------------------------------------------------------ task.c */
void task_init(void);
/* A task with a stack and nothing else, state new; NULL: no memory. */
struct task *task_create(bool user);
void task_free(struct task *task);
struct trapframe *task_frame(struct task *task);
void task_set_comm(struct task *task, const char *comm);

/* ------------------------------------------------------------------ pid.c; all under [P] */
int pid_alloc(void);   /* -EAGAIN: none is left */
void pid_get(int pid); /* one more use of the number: tid, pid, pgid or sid */
void pid_put(int pid);
bool pid_is_used(int pid); /* by anything */
void task_hash(struct task *task);
void task_unhash(struct task *task);
struct task *task_find_locked(int tid);
void process_hash(struct process *process);
void process_unhash(struct process *process);
struct process *process_find_locked(int pid);
/* The process with the lowest pid >= `pid`, or NULL. */
struct process *process_next_locked(int pid);
#define PID_MAX 32768

/* ------------------------------------------------------------------ process.c */
extern struct process *init_process;
/* A process without threads, child of `parent`; NULL: no memory. Not yet in the tree. */
struct process *process_create(int pid, struct process *parent);
void process_get(struct process *process);
struct task *process_first_thread(struct process *process); /* [P] NULL: a zombie */
u64 rlimit_of(struct process *process, unsigned resource);
u64 task_utime(struct task *task);
u64 task_stime(struct task *task);
void process_times(struct process *process, u64 *utime_ns, u64 *stime_ns); /* [P] */
void process_usage(struct process *process, struct rusage *out);           /* [P] */
void process_child_usage(struct process *process, struct rusage *out);     /* [P] */
u64 sched_max_threads(void);
bool process_has_child_group(struct process *process, int pgid);

/* ------------------------------------------------------------------ fork.c */
struct clone_request {
        u64 flags;
        uaddr stack; /* the new stack pointer; 0: the parent's */
        uaddr parent_tid, child_tid, pidfd;
        u64 tls;
        int exit_signal;
};
/* The new thread's id, or -errno. */
long task_clone(const struct clone_request *req);
void vfork_done(struct task *task); /* it no longer uses the parent's memory */

/* ------------------------------------------------------------------ exit.c, wait.c */
_Noreturn void task_exit(int exit_code);    /* the calling thread ends; wait status */
_Noreturn void process_exit(int exit_code); /* the calling process ends */
/* Make the other threads end; -EAGAIN if the process is ending anyway. May sleep. */
int process_kill_other_threads(void);
void process_begin_exit(struct process *process, int exit_code); /* [P] */
/* [P] A zombie goes off the tree; the caller then puts the tree's reference. */
void process_unlink(struct process *process);
bool process_group_is_orphaned(struct process *process);  /* [P] */
void task_remember(void);                                 /* [P] one task more in the system */
void task_forget(void);                                   /* [P] and one fewer */
void child_state_changed(struct process *child, int why); /* [P] CLD_*: tell the parent */

struct wait_request {
        int type; /* P_ALL, P_PID, P_PGID, P_PIDFD (a number by then) */
        int id;
        unsigned options; /* W* of abi/sched.h */
        /* what was found */
        int pid, why, status, wait_status; /* CLD_*, its status; the same as wait4() has it */
        u32 uid;
        struct rusage usage;
};
/* The pid of a child that changed as asked; 0 with WNOHANG; -ECHILD, -ERESTARTSYS. */
long process_wait(struct wait_request *req);

/* ------------------------------------------------------------------ itimer.c */
void itimer_real_get(struct process *p, struct itimerval64 *out);
void itimer_real_set(struct process *p, u64 value_ns, u64 interval_ns);
/* ITIMER_PROF or ITIMER_VIRTUAL. */
void itimer_cpu_get(struct process *p, bool prof, struct itimerval64 *out);
void itimer_cpu_set(struct process *p, bool prof, u64 value_ns, u64 interval_ns);
bool itimer_cpu_armed(const struct process *p);
void itimer_cpu_check(struct process *p); /* send what is due; RLIMIT_CPU, too */

/* ------------------------------------------------------------------ cred.c */
struct file;
/* exec: set-user-ID bits and what capabilities root gets. *secure: AT_SECURE. */
void cred_exec(struct file *file, bool *secure);
/* Replace the calling thread's; the account follows the real uid. -EAGAIN: no memory. */
int cred_commit(const struct cred *cred);

/*
 * May the calling thread, taken as `uid` and `gid`, look into the memory of `process`
 * (PTRACE_MODE_READ of ptrace(2))? Its own always; else ids must agree, the process be dumpable and
 * have no capability that the caller has not, or the caller have CAP_SYS_PTRACE.
 */
bool process_may_access(struct process *process, u32 uid, u32 gid);

/* ------------------------------------------------------------------ user.c */
struct user_account *user_get(u32 uid); /* NULL: no memory */
void user_put(struct user_account *user);
void user_charge_tasks(struct user_account *user, s64 n);
/* One signal more in a queue, which keeps the account; one less. */
void user_charge_signal(struct user_account *user);
void user_uncharge_signal(struct user_account *user);

/* ------------------------------------------------------------------ is there a signal? [P] */

static inline bool signal_fatal_pending(const struct task *task)
{
        const struct process *p = task->process;

        return p->exiting || (p->execer && p->execer != task) ||
               ((task->pending.set | p->pending.set) & sig_bit(SIGKILL));
}

static inline bool task_signal_pending(const struct task *task)
{
        const struct process *p = task->process;

        return ((task->pending.set | p->pending.set) & ~task->blocked) ||
               signal_fatal_pending(task) || (p->stopping && !task->stopped);
}

/* Must the thread come by signal_deliver() on its way to user mode? */
static inline bool signal_deliver_pending(const struct task *task)
{
        return task_signal_pending(task) || task->restore_mask;
}

#endif
