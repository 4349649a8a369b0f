/* SPDX-License-Identifier: MIT */
/* The first process: made from nothing, then an exec like any other. */
#include "arch/context.h"
#include "kernel/base/assert.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

static struct {
        const char *path;
        char *const *argv, *const *envp;
} first;

static void init_main(void *arg)
{
        struct file *file;
        int err;

        (void)arg;
        task_first_run(NULL);
        err = file_open_exec(first.path, &file);
        if (err)
                panic("cannot open the first program %s: error %d", first.path, -err);
        err = exec_run_kernel(file, first.path, first.argv, first.envp);
        if (err)
                panic("cannot execute the first program %s: error %d", first.path, -err);
}

static const struct cred root_cred = {
        .cap_effective = CAP_ALL,
        .cap_permitted = CAP_ALL,
        .cap_bounding = CAP_ALL,
};

/* All of it happens at boot: there is no memory shortage to survive. */
void process_start_init(const char *path, char *const argv[], char *const envp[])
{
        struct task *task = task_create(true);
        struct process *p;
        int pid;

        first.path = path;
        first.argv = argv;
        first.envp = envp;
        spin_lock(&process_lock);
        pid = pid_alloc();
        spin_unlock(&process_lock);
        p = process_create(pid, NULL);
        CHECK(task && p && pid == 1);
        task->process = p;
        task->tid = p->pgid = p->sid = pid;
        task->cred = p->cred = root_cred;
        task->user = user_get(0);
        task->sighand = sighand_create();
        task->files = files_create();
        task->fs = fs_context_create();
        task->in_kernel = true;
        CHECK(task->user && task->sighand && task->files && task->fs);
        CHECK(files_open_console(task->files) == 0);
        process_get(p);
        user_charge_tasks(task->user, 1);
        init_process = p;
        spin_lock(&process_lock);
        pid_get(pid);
        pid_get(pid);
        pid_get(pid);
        process_hash(p);
        task_hash(task);
        list_add_tail(&p->threads, &task->thread_node);
        p->nr_threads = 1;
        task_remember();
        spin_unlock(&process_lock);
        task_set_comm(task, "init");
        context_init_user(&task->context, task->stack, init_main, NULL);
        task_start(task);
}
