/* SPDX-License-Identifier: MIT */
/* Processes as such: making one, finding one, what /proc and the resource calls say of one. */
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "mm/page.h"
#include "mm/slab.h"

struct spinlock process_lock = SPINLOCK_INIT(RANK_SIGNAL, "processes");
struct process *init_process;

/* ------------------------------------------------------------------ life */

static const struct rlimit64 first_limits[RLIMIT_COUNT] = {
        [RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_STACK] = { 8 << 20, RLIM_INFINITY },
        [RLIMIT_CORE] = { 0, RLIM_INFINITY },
        [RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_NOFILE] = { 1024, 4096 },
        [RLIMIT_MEMLOCK] = { 8 << 20, 8 << 20 },
        [RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_MSGQUEUE] = { 819200, 819200 },
        [RLIMIT_NICE] = { 0, 0 },
        [RLIMIT_RTPRIO] = { 0, 0 },
        [RLIMIT_RTTIME] = { RLIM_INFINITY, RLIM_INFINITY },
};

/* The limits of the first process; the number of tasks follows from the size of memory. */
static void limits_init(struct rlimit64 *limits)
{
        u64 half = sched_max_threads() / 2;

        memcpy(limits, first_limits, sizeof(first_limits));
        limits[RLIMIT_NPROC] = (struct rlimit64){ half, half };
        limits[RLIMIT_SIGPENDING] = limits[RLIMIT_NPROC];
}

u64 sched_max_threads(void)
{
        struct memory_stats stats;
        u64 max;

        memory_stats(&stats);
        max = stats.total * PAGE_SIZE / (8 * KSTACK_SIZE);
        return max < 64 ? 64 : min_u64(max, PID_MAX - 1);
}

struct process *process_create(int pid, struct process *parent)
{
        struct process *p = kzalloc(sizeof(*p));

        if (!p)
                return NULL;
        refcount_init(&p->ref);
        p->pid = pid;
        p->parent = parent;
        p->dumpable = 1;
        p->start_ns = clock_ns();
        list_init(&p->children);
        list_init(&p->sibling);
        list_init(&p->hash_node);
        list_init(&p->threads);
        signal_set_init(&p->pending);
        waitq_init(&p->child_wait);
        waitq_init(&p->exit_wait);
        if (parent) {
                p->nice = parent->nice;
                p->dumpable = parent->dumpable;
                memcpy(p->rlimits, parent->rlimits, sizeof(p->rlimits));
                p->cred = parent->cred;
        } else {
                limits_init(p->rlimits);
        }
        return p;
}

void process_get(struct process *process)
{
        refcount_get(&process->ref);
}

void process_put(struct process *process)
{
        if (!refcount_put(&process->ref))
                return;
        kfree(process->spare_signal);
        kfree(process);
}

/* ------------------------------------------------------------------ finding */

struct process *process_find(int pid)
{
        struct process *p;

        spin_lock(&process_lock);
        p = process_find_locked(pid);
        if (p)
                process_get(p);
        spin_unlock(&process_lock);
        return p;
}

struct process *process_next(int pid)
{
        struct process *p;

        spin_lock(&process_lock);
        p = process_next_locked(pid);
        if (p)
                process_get(p);
        spin_unlock(&process_lock);
        return p;
}

struct task *process_first_thread(struct process *process)
{
        struct list *it;

        list_for_each (it, &process->threads) {
                struct task *t = list_entry(it, struct task, thread_node);

                if (t->tid == process->pid)
                        return t;
        }
        if (list_empty(&process->threads))
                return NULL;
        return list_first(&process->threads, struct task, thread_node);
}

int process_next_thread(struct process *process, int tid)
{
        struct list *it;
        int best = -1;

        spin_lock(&process_lock);
        list_for_each (it, &process->threads) {
                struct task *t = list_entry(it, struct task, thread_node);

                if (t->tid >= tid && (best < 0 || t->tid < best))
                        best = t->tid;
        }
        spin_unlock(&process_lock);
        return best;
}

/* ------------------------------------------------------------------ time and limits */

u64 rlimit_of(struct process *process, unsigned resource)
{
        return process->rlimits[resource].cur;
}

/* Charge what the calling thread has used up to now: what was told once is not taken back. */
static void times_update(struct task *task)
{
        unsigned long irq = cpu_irq_save();

        if (task == current_task())
                sched_account(task, clock_ns());
        cpu_irq_restore(irq);
}

u64 task_utime(struct task *task)
{
        times_update(task);
        return task->utime_ns;
}

u64 task_stime(struct task *task)
{
        times_update(task);
        return task->stime_ns;
}

void process_times(struct process *process, u64 *utime_ns, u64 *stime_ns)
{
        struct list *it;

        *utime_ns = process->utime_ns;
        *stime_ns = process->stime_ns;
        list_for_each (it, &process->threads) {
                struct task *t = list_entry(it, struct task, thread_node);

                *utime_ns += task_utime(t);
                *stime_ns += task_stime(t);
        }
}

/* ------------------------------------------------------------------ for /proc */

static char process_state(struct process *process)
{
        struct task *t = process_first_thread(process);

        if (!t)
                return 'Z';
        if (t->stopped)
                return 'T';
        if (t->state == TASK_RUNNABLE)
                return 'R';
        return t->sleep == SLEEP_LIGHT ? 'S' : 'D';
}

static void info_signals(struct task *t, struct process_info *out)
{
        out->sig_pending = t->pending.set;
        out->sig_blocked = t->blocked;
        for (int signo = 1; signo <= NSIG && t->sighand; signo++) {
                u64 handler = t->sighand->action[signo - 1].handler;

                if (handler == SIG_IGN)
                        out->sig_ignored |= sig_bit(signo);
                else if (handler != SIG_DFL)
                        out->sig_caught |= sig_bit(signo);
        }
}

void process_info(struct process *process, struct process_info *out)
{
        struct task *t;

        memset(out, 0, sizeof(*out));
        spin_lock(&process_lock);
        t = process_first_thread(process);
        out->pid = out->tgid = process->pid;
        out->ppid = process->parent ? process->parent->pid : 0;
        out->pgid = process->pgid;
        out->sid = process->sid;
        out->nr_threads = process->nr_threads;
        out->state = process_state(process);
        memcpy(out->comm, process->comm, TASK_COMM_LEN);
        process_times(process, &out->utime_ns, &out->stime_ns);
        out->start_ns = process->start_ns;
        out->cred = t ? t->cred : process->cred;
        out->sig_shared_pending = process->pending.set;
        if (t)
                info_signals(t, out);
        memcpy(out->rlimits, process->rlimits, sizeof(out->rlimits));
        spin_unlock(&process_lock);
}

void process_owner(struct process *process, u32 *uid, u32 *gid)
{
        const struct cred *cred = &process->cred;
        struct task *t;

        spin_lock(&process_lock);
        t = process_first_thread(process);
        if (t)
                cred = &t->cred;
        *uid = cred->euid;
        *gid = cred->egid;
        spin_unlock(&process_lock);
}

struct mm *process_mm(struct process *process)
{
        struct task *t;
        struct mm *mm;

        spin_lock(&process_lock);
        t = process_first_thread(process);
        mm = t ? t->mm : NULL;
        if (mm)
                mm_get(mm);
        spin_unlock(&process_lock);
        return mm;
}

struct files *process_files(struct process *process)
{
        struct files *files;
        struct task *t;

        spin_lock(&process_lock);
        t = process_first_thread(process);
        files = t ? t->files : NULL;
        if (files)
                files_get(files);
        spin_unlock(&process_lock);
        return files;
}

struct fs_context *process_fs(struct process *process)
{
        struct fs_context *fs;
        struct task *t;

        spin_lock(&process_lock);
        t = process_first_thread(process);
        fs = t ? t->fs : NULL;
        if (fs)
                fs_context_get(fs);
        spin_unlock(&process_lock);
        return fs;
}

struct file *process_exe(struct process *process)
{
        struct file *exe;

        spin_lock(&process_lock);
        exe = process->exe;
        if (exe)
                file_get(exe);
        spin_unlock(&process_lock);
        return exe;
}
