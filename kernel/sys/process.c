/* SPDX-License-Identifier: MIT */
/* System calls that make, replace, end and wait for processes and threads. */
#include "kernel/sys/process.h"
#include "kernel/base/abi/sched.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sys/syscall.h"

/* ------------------------------------------------------------------ making */

long sys_clone(u64 flags, uaddr stack, uaddr parent_tid, uaddr child_tid, u64 tls)
{
        struct clone_request req = {
                .flags = (u32)flags & ~CSIGNAL,
                .stack = stack,
                .parent_tid = parent_tid,
                .child_tid = child_tid,
                .pidfd = parent_tid,
                .tls = tls,
                .exit_signal = flags & CSIGNAL,
        };

        if ((req.flags & CLONE_PIDFD) && (req.flags & CLONE_PARENT_SETTID))
                return -EINVAL;
        return task_clone(&req);
}

long sys_fork(void)
{
        struct clone_request req = { .exit_signal = SIGCHLD };

        return task_clone(&req);
}

long sys_vfork(void)
{
        struct clone_request req = { .flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD };

        return task_clone(&req);
}

/*
 * A struct that has grown with time: what the caller's is shorter is zero; what it is longer must
 * be zero. -E2BIG, -EFAULT.
 */
static int struct_in(void *dst, size_t known, uaddr src, size_t size)
{
        u8 rest[64];

        memset(dst, 0, known);
        if (copy_in(dst, src, min_u64(known, size)))
                return -EFAULT;
        for (size_t at = known; at < size; at += sizeof(rest)) {
                size_t part = min_u64(sizeof(rest), size - at);

                if (copy_in(rest, src + at, part))
                        return -EFAULT;
                for (size_t i = 0; i < part; i++)
                        if (rest[i])
                                return -E2BIG;
        }
        return 0;
}

static int clone3_check(const struct clone_args *a)
{
        if (a->flags & ~(0xffffffffULL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
                return -EINVAL;
        if (a->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
                return -EINVAL;
        if (a->exit_signal > NSIG)
                return -EINVAL;
        if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
                return -EINVAL;
        if (!a->stack != !a->stack_size || a->set_tid_size || a->set_tid)
                return -EINVAL;
        if (a->stack >= TASK_SIZE || a->stack_size > TASK_SIZE - a->stack)
                return -EINVAL;
        return 0;
}

long sys_clone3(uaddr args, u64 size)
{
        struct clone_args a;
        int err;

        if (size > PAGE_SIZE)
                return -E2BIG;
        if (size < CLONE_ARGS_SIZE_VER0)
                return -EINVAL;
        err = struct_in(&a, sizeof(a), args, size);
        if (!err)
                err = clone3_check(&a);
        if (err)
                return err;
        return task_clone(&(struct clone_request){
                .flags = a.flags,
                .stack = a.stack ? a.stack + a.stack_size : 0,
                .parent_tid = a.parent_tid,
                .child_tid = a.child_tid,
                .pidfd = a.pidfd,
                .tls = a.tls,
                .exit_signal = (int)a.exit_signal,
        });
}

long sys_set_tid_address(uaddr addr)
{
        current_task()->clear_child_tid = addr;
        return current_task()->tid;
}

/* ------------------------------------------------------------------ exec */

long sys_execve(uaddr path, uaddr argv, uaddr envp)
{
        struct file *file;
        char *name;
        int err = path_get(path, &name);

        if (err)
                return err;
        err = exec_check();
        if (!err)
                err = file_open_exec(name, &file);
        if (!err)
                err = exec_run(file, name, argv, envp);
        path_put(name);
        return err;
}

/* What a program run by descriptor is called: argv[0] of a script, AT_EXECFN. */
static void fd_name(char *buf, size_t size, int dirfd, const char *path)
{
        if (dirfd == -100 || path[0] == '/')
                snprintf(buf, size, "%s", path);
        else if (path[0])
                snprintf(buf, size, "/dev/fd/%d/%s", dirfd, path);
        else
                snprintf(buf, size, "/dev/fd/%d", dirfd);
}

long sys_execveat(int dirfd, uaddr path, uaddr argv, uaddr envp, int flags)
{
        struct file *file;
        char *name, *shown;
        int err = path_get(path, &name);

        if (err)
                return err;
        err = exec_check();
        if (!err)
                err = string_buffer(&shown);
        if (!err) {
                fd_name(shown, PATH_MAX, dirfd, name);
                err = file_open_exec_at(dirfd, name, flags, &file);
                if (!err)
                        err = exec_run(file, shown, argv, envp);
                path_put(shown);
        }
        path_put(name);
        return err;
}

/* ------------------------------------------------------------------ exit */

long sys_exit(int code)
{
        task_exit((code & 0xff) << 8);
}

long sys_exit_group(int code)
{
        process_exit((code & 0xff) << 8);
}

/* ------------------------------------------------------------------ wait */

#define WAIT_CLONE (W_NOTHREAD | W_CLONE | W_ALL)

long sys_wait4(int pid, uaddr status, int options, uaddr usage)
{
        struct wait_request req = { .options = (unsigned)options | WEXITED };
        s32 wait_status;
        long result;

        if ((unsigned)options & ~(WNOHANG | WUNTRACED | WCONTINUED | WAIT_CLONE))
                return -EINVAL;
        if (pid == (int)0x80000000)
                return -ESRCH;
        if (pid == -1) {
                req.type = P_ALL;
        } else if (pid > 0) {
                req.type = P_PID;
                req.id = pid;
        } else {
                req.type = P_PGID;
                req.id = pid ? -pid : current_process()->pgid;
        }
        result = process_wait(&req);
        if (result <= 0)
                return result;
        wait_status = req.wait_status;
        if (status && copy_out(status, &wait_status, sizeof(wait_status)))
                return -EFAULT;
        if (usage && copy_out(usage, &req.usage, sizeof(req.usage)))
                return -EFAULT;
        return result;
}

/* The fields that waitid fills; what lies between them is left alone, as on Linux. */
static int wait_info_out(uaddr dst, const struct wait_request *req, bool found)
{
        s32 head[3] = { found ? SIGCHLD : 0, 0, found ? req->why : 0 };
        s32 body[3] = { found ? req->pid : 0, found ? (s32)req->uid : 0, found ? req->status : 0 };

        if (copy_out(dst, head, sizeof(head)) ||
            copy_out(dst + offsetof(struct siginfo, pid), body, sizeof(body)))
                return -EFAULT;
        return 0;
}

long sys_waitid(int type, int id, uaddr info, int options, uaddr usage)
{
        struct wait_request req = { .type = type, .id = id, .options = (unsigned)options };
        long result;

        if ((unsigned)options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | WAIT_CLONE))
                return -EINVAL;
        if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
                return -EINVAL;
        if (type < P_ALL || type > P_PIDFD || (type == P_PID && id <= 0) ||
            (type != P_ALL && id < 0))
                return -EINVAL;
        if (type == P_PIDFD) {
                req.id = pidfd_pid(id);
                if (req.id < 0)
                        return req.id;
        }
        if (type == P_PGID && !id)
                req.id = current_process()->pgid;
        result = process_wait(&req);
        if (result < 0)
                return result;
        if (usage && result && copy_out(usage, &req.usage, sizeof(req.usage)))
                return -EFAULT;
        return info ? wait_info_out(info, &req, result > 0) : 0;
}

/* ------------------------------------------------------------------ groups and sessions */

/* The process that `pid` names (0: the caller); process_lock is held. */
static struct process *process_named(int pid)
{
        return pid ? process_find_locked(pid) : current_process();
}

static int pgid_check(struct process *p, struct process *me, int pgid)
{
        struct process *q;

        if (!p || (p != me && p->parent != me))
                return -ESRCH;
        if (p != me && p->sid != me->sid)
                return -EPERM;
        if (p != me && p->did_exec)
                return -EACCES;
        if (p->sid == p->pid)
                return -EPERM;
        if (pgid == p->pid)
                return 0;
        for (int pid = 1; (q = process_next_locked(pid)); pid = q->pid + 1)
                if (q->pgid == pgid && q->sid == me->sid)
                        return 0;
        return -EPERM;
}

long sys_setpgid(int pid, int pgid)
{
        struct process *me = current_process(), *p;
        int err;

        if (!pid)
                pid = me->pid;
        if (!pgid)
                pgid = pid;
        if (pgid < 0)
                return -EINVAL;
        spin_lock(&process_lock);
        p = process_find_locked(pid);
        err = pgid_check(p, me, pgid);
        if (!err && p->pgid != pgid) {
                pid_get(pgid);
                pid_put(p->pgid);
                p->pgid = pgid;
        }
        spin_unlock(&process_lock);
        return err;
}

long sys_getpgid(int pid)
{
        struct process *p;
        long pgid;

        spin_lock(&process_lock);
        p = process_named(pid);
        pgid = p ? p->pgid : -ESRCH;
        spin_unlock(&process_lock);
        return pgid;
}

long sys_getpgrp(void)
{
        return sys_getpgid(0);
}

long sys_getsid(int pid)
{
        struct process *p;
        long sid;

        spin_lock(&process_lock);
        p = process_named(pid);
        sid = p ? p->sid : -ESRCH;
        spin_unlock(&process_lock);
        return sid;
}

long sys_setsid(void)
{
        struct process *me = current_process(), *p;
        bool leader = false;

        spin_lock(&process_lock);
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1)
                leader |= p->pgid == me->pid;
        if (!leader) {
                pid_get(me->pid);
                pid_get(me->pid);
                pid_put(me->pgid);
                pid_put(me->sid);
                me->pgid = me->sid = me->pid;
        }
        spin_unlock(&process_lock);
        return leader ? -EPERM : me->pid;
}

long sys_getpid(void)
{
        return current_process()->pid;
}

long sys_gettid(void)
{
        return current_task()->tid;
}

long sys_getppid(void)
{
        const struct process *parent = current_task()->process->parent;

        return parent ? parent->pid : 0;
}
