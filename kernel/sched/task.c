/* SPDX-License-Identifier: MIT */
/* Making and freeing tasks, and what the rest of the kernel asks of the running one. */
#include "arch/context.h"
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "mm/slab.h"

static struct slab_cache *task_cache, *fpu_cache;

void task_init(void)
{
        task_cache = slab_cache_create("task", sizeof(struct task), 16);
        fpu_cache = slab_cache_create("fpu", fpu_size(), 64);
}

struct task *task_create(bool user)
{
        struct task *task = slab_zalloc(task_cache);

        if (!task)
                return NULL;
        task->stack = kstack_alloc();
        if (user)
                task->fpu = slab_zalloc(fpu_cache);
        if (!task->stack || (user && !task->fpu)) {
                task_free(task);
                return NULL;
        }
        task->start_ns = clock_ns();
        signal_set_init(&task->pending);
        list_init(&task->thread_node);
        list_init(&task->hash_node);
        return task;
}

void task_free(struct task *task)
{
        if (task->stack)
                kstack_free(task->stack);
        if (task->fpu)
                slab_free(fpu_cache, task->fpu);
        if (task->process)
                process_put(task->process);
        slab_free(task_cache, task);
}

struct trapframe *task_frame(struct task *task)
{
        return kstack_frame(task->stack);
}

void task_set_comm(struct task *task, const char *comm)
{
        char name[TASK_COMM_LEN] = { 0 };

        memcpy(name, comm, strnlen(comm, TASK_COMM_LEN - 1));
        spin_lock(&process_lock);
        memcpy(task->comm, name, TASK_COMM_LEN);
        if (task->process && task->tid == task->process->pid)
                memcpy(task->process->comm, name, TASK_COMM_LEN);
        spin_unlock(&process_lock);
}

/* ------------------------------------------------------------------ threads of the kernel */

struct kthread_start {
        void (*fn)(void *arg);
        void *arg;
};

static void kthread_main(void *arg)
{
        struct kthread_start start = *(struct kthread_start *)arg;

        task_first_run(NULL);
        kfree(arg);
        start.fn(start.arg);
        task_leave();
}

struct task *kthread_create(const char *name, void (*fn)(void *arg), void *arg)
{
        struct kthread_start *start = kmalloc(sizeof(*start));
        struct task *task = task_create(false);

        if (!start || !task) {
                kfree(start);
                if (task)
                        task_free(task);
                return NULL;
        }
        *start = (struct kthread_start){ .fn = fn, .arg = arg };
        task->in_kernel = true;
        task_set_comm(task, name);
        context_init(&task->context, task->stack, kthread_main, start);
        task_start(task);
        return task;
}

/* ------------------------------------------------------------------ the running task */

struct process *current_process(void)
{
        return current_task()->process;
}

struct mm *current_mm(void)
{
        return current_task()->mm;
}

struct files *current_files(void)
{
        return current_task()->files;
}

struct fs_context *current_fs(void)
{
        return current_task()->fs;
}

/* A thread of the kernel acts with all rights. */
static const struct cred kernel_cred = {
        .cap_effective = ~0ULL,
        .cap_permitted = ~0ULL,
        .cap_bounding = ~0ULL,
};

const struct cred *current_cred(void)
{
        return current_process() ? &current_task()->cred : &kernel_cred;
}

bool capable(enum capability cap)
{
        return cred_has(current_cred(), cap);
}

u64 current_rlimit(unsigned resource)
{
        struct process *p = current_process();

        return p ? rlimit_of(p, resource) : RLIM_INFINITY;
}

/* Made anew at every page fault, so without a call for each part. */
struct mm_caller current_mm_caller(void)
{
        static const struct rlimit64 none[RLIMIT_COUNT] = {
                [0 ... RLIMIT_COUNT - 1] = { RLIM_INFINITY, RLIM_INFINITY }
        };
        const struct task *me = current_task();
        const struct rlimit64 *limits = me->process ? me->process->rlimits : none;
        const struct cred *cred = me->process ? &me->cred : &kernel_cred;

        return (struct mm_caller){
                .rlimit_as = limits[RLIMIT_AS].cur,
                .rlimit_data = limits[RLIMIT_DATA].cur,
                .rlimit_data_max = limits[RLIMIT_DATA].max,
                .rlimit_stack = limits[RLIMIT_STACK].cur,
                .rlimit_memlock = limits[RLIMIT_MEMLOCK].cur,
                .caps = (cred_has(cred, CAP_IPC_LOCK) ? MM_CAP_IPC_LOCK : 0) |
                        (cred_has(cred, CAP_SYS_ADMIN) ? MM_CAP_SYS_ADMIN : 0) |
                        (cred_has(cred, CAP_SYS_RAWIO) ? MM_CAP_SYS_RAWIO : 0),
                .leaving = me->leaving,
        };
}
