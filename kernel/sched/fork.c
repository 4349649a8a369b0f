/* SPDX-License-Identifier: MIT */
/*
 * clone: a new thread, as a copy of the calling one.
 *
 * Everything that can fail is done on a task that nobody knows; task_publish() then puts it into
 * the tree under process_lock and it may run. What the flags do not share is copied. A vfork parent
 * waits on a small counted structure, because either side may be killed before the other.
 */
#include "arch/context.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/prctl.h"
#include "kernel/base/abi/sched.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/file.h"
#include "kernel/sched/pidfd.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "mm/slab.h"

#define CLONE_NAMESPACES                                                               \
        (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
         CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME | CLONE_INTO_CGROUP)

static u64 nr_threads; /* [P] of programs, in the whole system */

static int clone_check(const struct clone_request *req)
{
        u64 f = req->flags;

        if (f & CLONE_NAMESPACES)
                return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM;
        if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
                return -EINVAL;
        if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
                return -EINVAL;
        if ((f & CLONE_SIGHAND) && (f & CLONE_CLEAR_SIGHAND))
                return -EINVAL;
        if ((f & CLONE_PARENT) && current_process() == init_process)
                return -EINVAL;
        if ((f & CLONE_PIDFD) && (f & CLONE_DETACHED))
                return -EINVAL;
        return 0;
}

/* RLIMIT_NPROC and the limit of the system; process_lock is held. */
static int limits_check(void)
{
        struct task *me = current_task();

        if (me->user->nr_tasks >= rlimit_of(me->process, RLIMIT_NPROC) && me->cred.uid &&
            !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
                return -EAGAIN;
        me->over_nproc = false;
        if (nr_threads >= sched_max_threads())
                return -EAGAIN;
        return 0;
}

/* What the child has of its own or shares by reference: memory, files, signal actions. */
static int resources_take(struct task *child, u64 flags)
{
        struct task *me = current_task();
        struct mm_caller who = current_mm_caller();
        int err = -ENOMEM;

        if (flags & CLONE_SIGHAND) {
                child->sighand = me->sighand;
                sighand_get(child->sighand);
        } else {
                child->sighand = sighand_copy(me->sighand);
                if (!child->sighand)
                        return -ENOMEM;
                if (flags & CLONE_CLEAR_SIGHAND)
                        sighand_reset(child->sighand, true);
        }
        child->files = me->files;
        child->files_shared =
                (flags & CLONE_FILES) && (me->files_shared || !(flags & CLONE_THREAD));
        me->files_shared |= child->files_shared;
        if (flags & CLONE_FILES)
                files_get(child->files);
        else if (!(child->files = files_copy(me->files)))
                return -ENOMEM;
        child->fs = me->fs;
        if (flags & CLONE_FS)
                fs_context_get(child->fs);
        else if (!(child->fs = fs_context_copy(me->fs)))
                return -ENOMEM;
        if (flags & CLONE_VM) {
                child->mm = me->mm;
                mm_get(child->mm);
        } else {
                child->mm = mm_fork(me->mm, &who, &err);
                if (!child->mm)
                        return err;
        }
        return 0;
}

static void resources_drop(struct task *child)
{
        if (child->mm)
                mm_put(child->mm);
        if (child->fs)
                fs_context_put(child->fs);
        if (child->files)
                files_put(child->files);
        if (child->sighand)
                sighand_put(child->sighand);
        if (child->vfork && refcount_put(&child->vfork->ref))
                kfree(child->vfork);
        child->mm = NULL;
        child->fs = NULL;
        child->files = NULL;
        child->sighand = NULL;
        child->vfork = NULL;
}

static void registers_copy(struct task *child, const struct clone_request *req)
{
        struct task *me = current_task();
        struct trapframe *tf = task_frame(child);

        *tf = *task_frame(me);
        tf->rax = 0;
        if (req->stack)
                tf->rsp = req->stack;
        fpu_save(me->fpu);
        memcpy(child->fpu, me->fpu, fpu_size());
        context_get_user_tls(&child->fs_base, &child->gs_base);
        if (req->flags & CLONE_SETTLS)
                child->fs_base = req->tls;
}

static void attributes_copy(struct task *child, const struct clone_request *req)
{
        struct task *me = current_task();

        memcpy(child->comm, me->comm, TASK_COMM_LEN);
        child->cred = me->cred;
        child->keep_caps = me->keep_caps;
        child->no_new_privs = me->no_new_privs;
        child->personality = me->personality;
        child->iopl = me->iopl;
        child->blocked = me->restore_mask ? me->saved_mask : me->blocked;
        child->altstack.flags = SS_DISABLE;
        if ((req->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
                child->altstack = me->altstack;
        if (!(req->flags & CLONE_VM))
                child->rseq = me->rseq;
        if (req->flags & CLONE_CHILD_SETTID)
                child->set_child_tid = req->child_tid;
        if (req->flags & CLONE_CHILD_CLEARTID)
                child->clear_child_tid = req->child_tid;
}

static void clone_main(void *arg)
{
        struct task *me = arg;
        s32 tid = me->tid;

        task_first_run(NULL);
        /* As on Linux: nobody hears of a bad address. */
        if (me->set_child_tid)
                user_copy_out(me->set_child_tid, &tid, sizeof(tid));
}

/* Into the tree of processes. process_lock is held. */
static void process_publish(struct process *p, const struct clone_request *req)
{
        struct process *mine = current_process();

        p->parent = mine;
        p->exit_signal = req->exit_signal;
        if (req->flags & CLONE_PARENT) {
                p->parent = mine->parent;
                p->exit_signal = mine->exit_signal;
        }
        p->pgid = mine->pgid;
        p->sid = mine->sid;
        p->exe = mine->exe;
        if (p->exe)
                file_get(p->exe);
        pid_get(p->pid);
        pid_get(p->pgid);
        pid_get(p->sid);
        memcpy(p->comm, current_task()->comm, TASK_COMM_LEN);
        process_get(p); /* the tree's; the task has the first */
        process_hash(p);
        list_add_tail(&p->parent->children, &p->sibling);
}

/*
 * Number the task and make it known. process_lock is held. -EAGAIN at a limit; -ERESTARTNOINTR if
 * this process is being killed or stopped, so that no new thread escapes that.
 */
static int task_publish(struct task *child, const struct clone_request *req)
{
        struct task *me = current_task();
        struct process *p = child->process;
        int err = limits_check();
        int tid = err ? err : pid_alloc();

        if (tid < 0)
                return tid;
        if (me->process->exiting || me->process->execer)
                return -ERESTARTNOINTR;
        child->tid = tid;
        if (p != me->process) {
                p->pid = tid;
                process_publish(p, req);
        } else {
                pid_get(tid);
        }
        child->user = me->user;
        child->user->nr_refs++;
        user_charge_tasks(child->user, 1);
        task_hash(child);
        list_add_tail(&p->threads, &child->thread_node);
        p->nr_threads++;
        task_remember();
        return tid;
}

void task_remember(void)
{
        nr_threads++;
}

void task_forget(void)
{
        nr_threads--;
}

/* ------------------------------------------------------------------ vfork */

static int vfork_prepare(struct task *child)
{
        struct vfork *v = kzalloc(sizeof(*v));

        if (!v)
                return -ENOMEM;
        refcount_init(&v->ref);
        refcount_get(&v->ref); /* one is the child's, one the parent's */
        v->parent = current_task();
        child->vfork = v;
        return 0;
}

void vfork_done(struct task *task)
{
        struct vfork *v;

        spin_lock(&process_lock);
        v = task->vfork;
        task->vfork = NULL;
        if (v) {
                v->done = true;
                if (v->parent)
                        unpark(v->parent);
        }
        spin_unlock(&process_lock);
        if (v && refcount_put(&v->ref))
                kfree(v);
}

static void vfork_wait(struct vfork *v)
{
        bool done;

        do {
                task_sleep(SLEEP_KILLABLE, PARK_FOREVER);
                spin_lock(&process_lock);
                done = v->done || signal_fatal_pending(current_task());
                if (done)
                        v->parent = NULL;
                spin_unlock(&process_lock);
        } while (!done);
        if (refcount_put(&v->ref))
                kfree(v);
}

/* ------------------------------------------------------------------ the call */

static struct task *child_create(const struct clone_request *req, int *err)
{
        struct task *me = current_task(), *child = task_create(true);

        *err = -ENOMEM;
        if (!child)
                return NULL;
        if (req->flags & CLONE_THREAD) {
                child->process = me->process;
                process_get(child->process);
        } else {
                child->process = process_create(0, me->process);
        }
        if (!child->process)
                goto fail;
        attributes_copy(child, req);
        registers_copy(child, req);
        *err = resources_take(child, req->flags);
        if (!*err && (req->flags & CLONE_VFORK))
                *err = vfork_prepare(child);
        if (*err)
                goto fail;
        context_init_user(&child->context, child->stack, clone_main, child);
        return child;
fail:
        if (child->vfork)
                refcount_put(&child->vfork->ref);
        resources_drop(child);
        task_free(child);
        return NULL;
}

/* With CLONE_PIDFD: the parent's descriptor for the child. Made before the child can be seen. */
static int pidfd_for(struct task *child, const struct clone_request *req, int *fd)
{
        s32 number;

        if (!(req->flags & CLONE_PIDFD))
                return 0;
        *fd = pidfd_create(child->process, 0);
        number = *fd;
        if (number < 0)
                return number;
        return user_copy_out(req->pidfd, &number, sizeof(number)) ? -EFAULT : 0;
}

long task_clone(const struct clone_request *req)
{
        struct task *child;
        struct vfork *vfork;
        int err = clone_check(req), pidfd = -1;
        bool over_nproc = current_task()->over_nproc;
        s32 tid;

        if (err)
                return err;
        /* Before anything is told of the child; again when it is counted, for others may be
         * quicker. */
        spin_lock(&process_lock);
        err = limits_check();
        spin_unlock(&process_lock);
        if (err)
                return err;
        child = child_create(req, &err);
        if (!child)
                return err;
        child->over_nproc = over_nproc;
        vfork = child->vfork;
        err = pidfd_for(child, req, &pidfd);
        if (!err) {
                spin_lock(&process_lock);
                err = task_publish(child, req);
                spin_unlock(&process_lock);
        }
        if (err < 0) {
                if (pidfd >= 0)
                        fd_close(pidfd);
                if (vfork)
                        refcount_put(&vfork->ref);
                resources_drop(child);
                task_free(child);
                return err;
        }
        tid = err;
        if (req->flags & CLONE_PARENT_SETTID)
                user_copy_out(req->parent_tid, &tid, sizeof(tid));
        task_start(child);
        if (vfork)
                vfork_wait(vfork);
        return tid;
}
