/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd(2): the descriptor. Its messages are read, and its ioctls resolve faults; what they
 * do to memory is mm/uffd.h's. Every check, its errno and what a failed call stores are those of
 * Linux.
 *
 * Locks: none of its own.
 */
#include "kernel/fs/userfaultfd.h"

#include "arch/usercopy.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/poll.h"
#include "kernel/fs/seq.h"
#include "kernel/sched/process.h"
#include "mm/uffd.h"

#define SHARED_FLAGS    (O_CLOEXEC | O_NONBLOCK)
#define FEATURES_AGREED (1ULL << 31) /* how fdinfo shows that there was an UFFDIO_API */

u64 userfaultfd_for_all;

static const struct file_ops userfaultfd_ops;
static const struct inode_ops userfaultfd_inode_ops = { 0 };

/* ------------------------------------------------------------------ making one */

/* A descriptor for the context, whose reference becomes the file's if all goes well. */
static int install(struct uffd *u, unsigned flags)
{
        struct inode *inode = inode_create(anon_super, &userfaultfd_inode_ops, 0600);
        struct file *file;
        int fd;

        if (!inode)
                return -ENOMEM;
        fd = file_open_anon(inode, "anon_inode:[userfaultfd]", &userfaultfd_ops,
                            O_RDONLY | (flags & O_NONBLOCK), u, &file);
        if (fd)
                return fd;
        fd = fd_install_from(file, 0, flags & O_CLOEXEC);
        if (fd < 0) {
                file->data = NULL;
                file_put(file);
        }
        return fd;
}

static long create(unsigned flags)
{
        struct uffd *u;
        long fd;

        if (flags & ~(unsigned)(SHARED_FLAGS | UFFD_USER_MODE_ONLY))
                return -EINVAL;
        u = uffd_create(current_mm(), flags);
        if (!u)
                return -ENOMEM;
        fd = install(u, flags);
        if (fd < 0)
                uffd_put(u);
        return fd;
}

long call_userfaultfd(unsigned flags)
{
        if (!(flags & UFFD_USER_MODE_ONLY) && !capable(CAP_SYS_PTRACE) && !userfaultfd_for_all)
                return -EPERM;
        return create(flags);
}

static long device_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        (void)file;
        return cmd == USERFAULTFD_IOC_NEW ? create((unsigned)arg) : -EINVAL;
}

const struct file_ops userfaultfd_device_ops = {
        .seek = seek_noop,
        .ioctl = device_ioctl,
};

static void userfaultfd_release(struct file *file)
{
        if (file->data)
                uffd_release(file->data);
}

/* ------------------------------------------------------------------ read, poll, fdinfo */

static u32 thread_id(struct task *task)
{
        return (u32)task->tid;
}

/* One message: 1, 0 if there is none, or an errno. */
static int next_message(struct uffd *u, struct uffd_msg *msg)
{
        struct uffd_event *fork;
        int found = uffd_next(u, msg, &fork, thread_id);

        if (found && fork) {
                int fd = install(fork->child, fork->child->flags);

                uffd_fork_read(u, fork, fd >= 0);
                if (fd < 0)
                        return fd;
                msg->fork.ufd = (u32)fd;
        }
        return found;
}

static bool has_message(void *arg)
{
        return uffd_has_message(arg);
}

/* 1, or -EAGAIN, -ERESTARTSYS, or what a descriptor for a child could not be had for. */
static int await_message(struct uffd *u, struct uffd_msg *msg, bool wait)
{
        int found = next_message(u, msg);

        while (!found) {
                if (!wait)
                        return -EAGAIN;
                if (wait_event(&u->readers, has_message, u, true, PARK_FOREVER))
                        return -ERESTARTSYS;
                found = next_message(u, msg);
        }
        return found;
}

static ssize_t userfaultfd_read(struct file *file, struct uio *to, s64 *pos)
{
        struct uffd *u = file->data;
        struct uffd_msg msg;
        ssize_t done = 0;

        (void)pos;
        if (!uffd_is_agreed(u))
                return -EINVAL;
        while (to->left >= sizeof(msg)) {
                int err = await_message(u, &msg, !done && !(file->flags & O_NONBLOCK));

                if (err < 0)
                        return done ? done : err;
                if (uio_put(to, &msg, sizeof(msg)) < sizeof(msg))
                        return done ? done : -EFAULT;
                done += sizeof(msg);
        }
        return done ? done : -EINVAL;
}

/* A blocking descriptor cannot be polled: the fault may be gone by the time of the read. */
static unsigned userfaultfd_poll(struct file *file, struct poll_set *set)
{
        struct uffd *u = file->data;

        poll_add(set, &u->readers);
        if (!uffd_is_agreed(u) || !(file->flags & O_NONBLOCK))
                return POLLERR;
        return uffd_has_message(u) ? POLLIN : 0;
}

static void userfaultfd_info(struct file *file, struct seq *seq)
{
        struct uffd *u = file->data;
        u64 pending, total;

        uffd_counts(u, &pending, &total);
        seq_printf(seq, "pending:\t%llu\ntotal:\t%llu\nAPI:\t%llx:%llx:%llx\n",
                   (unsigned long long)pending, (unsigned long long)total,
                   (unsigned long long)UFFD_API,
                   (unsigned long long)(u->features | (uffd_is_agreed(u) ? FEATURES_AGREED : 0)),
                   UFFD_IOCTLS_OF_FD | UFFD_IOCTLS_OF_RANGE | UFFD_IOCTL_WRITEPROTECT |
                           UFFD_IOCTL_CONTINUE);
}

static const struct file_ops userfaultfd_ops = {
        .read = userfaultfd_read,
        .seek = seek_noop,
        .poll = userfaultfd_poll,
        .ioctl = userfaultfd_ioctl,
        .release = userfaultfd_release,
        .info = userfaultfd_info,
};
