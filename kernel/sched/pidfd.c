/* SPDX-License-Identifier: MIT */
/*
 * pidfds: open files that hold a reference on a process. They can be polled (readable once the
 * process has ended), waited on and signalled through; they cannot be read or written.
 */
#include "kernel/sched/pidfd.h"
#include "kernel/base/abi/fcntl.h"
#include "kernel/base/errno.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/poll.h"
#include "kernel/sched/process.h"

static unsigned pidfd_poll(struct file *file, struct poll_set *set)
{
        struct process *p = file->data;

        poll_add(set, &p->exit_wait);
        return p->zombie ? POLLIN : 0;
}

static void pidfd_release(struct file *file)
{
        process_put(file->data);
}

static const struct file_ops pidfd_ops = {
        .seek = seek_noop,
        .poll = pidfd_poll,
        .release = pidfd_release,
};

static const struct inode_ops pidfd_inode_ops = { 0 };

int pidfd_create(struct process *process, u32 flags)
{
        struct inode *inode = inode_create(anon_super, &pidfd_inode_ops, 0600);
        struct file *file;
        int err;

        if (!inode)
                return -ENOMEM;
        process_get(process);
        err = file_open_anon(inode, "anon_inode:[pidfd]", &pidfd_ops, O_RDWR | flags, process,
                             &file);
        if (err) {
                process_put(process);
                return err;
        }
        return fd_install(file, true);
}

struct process *pidfd_process(int fd)
{
        struct file *file = file_of_fd(fd);
        struct process *p = NULL;

        if (!file)
                return NULL;
        if (file->ops == &pidfd_ops) {
                p = file->data;
                process_get(p);
        }
        file_put(file);
        return p;
}
