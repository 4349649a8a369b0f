/* SPDX-License-Identifier: MIT */
/* eventfd(2): a 64-bit counter that readers take from and writers add to. */
#include "kernel/base/assert.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/poll.h"
#include "mm/slab.h"

#define COUNT_MAX (~0ULL - 1)

struct eventfd {
        struct mutex lock; /* RANK_FILE; guards count */
        struct waitq queue;
        u64 count;
        bool semaphore; /* a read takes one, not all */
};

/* Sleep until the counter changes; the lock is held before and after. */
static int eventfd_wait(struct eventfd *e)
{
        struct waiter w;
        int err;

        waitq_add(&e->queue, &w);
        mutex_unlock(&e->lock);
        err = park(true, PARK_FOREVER);
        waitq_remove(&e->queue, &w);
        mutex_lock(&e->lock);
        return err == -EINTR ? -ERESTARTSYS : 0;
}

static ssize_t eventfd_read(struct file *file, struct uio *to, s64 *pos)
{
        struct eventfd *e = file->data;
        u64 value;
        int err = 0;

        (void)pos;
        if (to->left < sizeof(value))
                return -EINVAL;
        mutex_lock(&e->lock);
        while (!e->count && !err)
                err = file->flags & O_NONBLOCK ? -EAGAIN : eventfd_wait(e);
        value = e->semaphore && e->count ? 1 : e->count;
        if (!err)
                e->count -= value;
        mutex_unlock(&e->lock);
        if (err)
                return err;
        waitq_wake_all(&e->queue);
        return uio_put(to, &value, sizeof(value)) < sizeof(value) ? -EFAULT
                                                                  : (ssize_t)sizeof(value);
}

static ssize_t eventfd_write(struct file *file, struct uio *from, s64 *pos)
{
        struct eventfd *e = file->data;
        u64 value;
        int err = 0;

        (void)pos;
        if (from->left < sizeof(value))
                return -EINVAL;
        if (uio_take(from, &value, sizeof(value)) < sizeof(value))
                return -EFAULT;
        if (value == ~0ULL)
                return -EINVAL;
        mutex_lock(&e->lock);
        while (value > COUNT_MAX - e->count && !err)
                err = file->flags & O_NONBLOCK ? -EAGAIN : eventfd_wait(e);
        if (!err)
                e->count += value;
        mutex_unlock(&e->lock);
        if (err)
                return err;
        waitq_wake_all(&e->queue);
        return sizeof(value);
}

static unsigned eventfd_poll(struct file *file, struct poll_set *set)
{
        struct eventfd *e = file->data;

        poll_add(set, &e->queue);
        return (e->count ? POLLIN : 0) | (e->count < COUNT_MAX ? POLLOUT : 0);
}

static void eventfd_release(struct file *file)
{
        kfree(file->data);
}

static const struct file_ops eventfd_ops = {
        .read = eventfd_read,
        .write = eventfd_write,
        .seek = seek_noop,
        .poll = eventfd_poll,
        .release = eventfd_release,
};

static const struct inode_ops eventfd_inode_ops = { 0 };

long call_eventfd(u32 count, unsigned flags)
{
        struct eventfd *e;
        struct inode *inode;
        struct file *file;
        int err;

        if (flags & ~(unsigned)(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
                return -EINVAL;
        e = kzalloc(sizeof(*e));
        inode = e ? inode_create(anon_super, &eventfd_inode_ops, 0600) : NULL;
        if (!inode) {
                kfree(e);
                return -ENOMEM;
        }
        mutex_init(&e->lock, RANK_FILE, "eventfd");
        waitq_init(&e->queue);
        e->count = count;
        e->semaphore = flags & EFD_SEMAPHORE;
        err = file_open_anon(inode, "anon_inode:[eventfd]", &eventfd_ops,
                             O_RDWR | (flags & EFD_NONBLOCK), e, &file);
        if (err) {
                kfree(e);
                return err;
        }
        return fd_install(file, flags & EFD_CLOEXEC);
}
