/* SPDX-License-Identifier: MIT */
/* Memory devices (null, zero, full, random, urandom) and the table of all character devices. */
#include "kernel/fs/device.h"

#include "arch/cpu.h"
#include "kernel/base/string.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/tty.h"
#include "kernel/fs/userfaultfd.h"
#include "kernel/sched/task.h"
#include "mm/page.h"

/* ---------------------------------------------------------------- null, zero, full */

static ssize_t null_read(struct file *file, struct uio *to, s64 *pos)
{
        (void)file;
        (void)to;
        (void)pos;
        return 0;
}

/* Takes everything without looking at it: even bytes at a bad address. */
static ssize_t null_write(struct file *file, struct uio *from, s64 *pos)
{
        ssize_t n = (ssize_t)from->left;

        (void)file;
        (void)pos;
        uio_skip(from, from->left);
        return n;
}

static ssize_t zero_read(struct file *file, struct uio *to, s64 *pos)
{
        size_t done = 0;

        (void)file;
        (void)pos;
        while (to->left) {
                size_t n = min_u64(to->left, PAGE_SIZE), moved = uio_clear(to, n);

                done += moved;
                if (moved < n)
                        return done ? (ssize_t)done : -EFAULT;
                if (signal_pending())
                        return (ssize_t)done;
        }
        return (ssize_t)done;
}

static ssize_t full_write(struct file *file, struct uio *from, s64 *pos)
{
        (void)file;
        (void)from;
        (void)pos;
        return -ENOSPC;
}

/* ---------------------------------------------------------------- random */

static ssize_t random_read(struct file *file, struct uio *to, s64 *pos)
{
        u8 bytes[256];
        size_t done = 0;

        (void)file;
        (void)pos;
        while (to->left) {
                size_t n = min_u64(to->left, sizeof(bytes)), moved;

                cpu_random(bytes, n);
                moved = uio_put(to, bytes, n);
                done += moved;
                if (moved < n)
                        return done ? (ssize_t)done : -EFAULT;
                if (done % PAGE_SIZE == 0 && signal_pending())
                        break;
        }
        return (ssize_t)done;
}

/* Bytes written would stir the pool; the generator here takes none, but they must be readable. */
static ssize_t random_write(struct file *file, struct uio *from, s64 *pos)
{
        u8 bytes[64];
        size_t done = 0;

        (void)file;
        (void)pos;
        while (from->left) {
                size_t n = min_u64(from->left, sizeof(bytes)), moved = uio_take(from, bytes, n);

                done += moved;
                if (moved < n)
                        return done ? (ssize_t)done : -EFAULT;
        }
        return (ssize_t)done;
}

/* ---------------------------------------------------------------- the table */

static const struct file_ops null_ops = {
        .read = null_read,
        .write = null_write,
        .seek = seek_null,
};

static const struct file_ops zero_ops = {
        .read = zero_read,
        .write = null_write,
        .seek = seek_null,
};

static const struct file_ops full_ops = {
        .read = zero_read,
        .write = full_write,
        .seek = seek_null,
};

static const struct file_ops random_ops = {
        .read = random_read,
        .write = random_write,
        .seek = seek_noop,
};

struct device {
        const char *name;
        u16 major, minor, mode;
        const struct file_ops *ops; /* NULL: the terminal */
};

static const struct device devices[] = {
        { "mem", 1, 1, 0600, &mem_ops },
        { "null", 1, 3, 0666, &null_ops },
        { "zero", 1, 5, 0666, &zero_ops },
        { "full", 1, 7, 0666, &full_ops },
        { "random", 1, 8, 0666, &random_ops },
        { "urandom", 1, 9, 0666, &random_ops },
        { "tty", 5, 0, 0666, NULL },
        { "console", 5, 1, 0600, NULL },
        { "ttyS0", 4, 64, 0620, NULL },
        { "userfaultfd", 10, 257, 0600, &userfaultfd_device_ops },
};

int device_open(struct inode *inode, struct file *file)
{
        for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
                const struct device *d = &devices[i];

                if (inode->rdev != dev_encode(d->major, d->minor))
                        continue;
                if (!d->ops)
                        return tty_open(file);
                file->ops = d->ops;
                if (d->ops == &mem_ops)
                        return device_mem_open(file);
                if (d->ops == &zero_ops)
                        file->backing.flags = BACKING_ZERO | BACKING_APART;
                return 0;
        }
        return -ENXIO;
}

/* ---------------------------------------------------------------- /dev */

static int add_link(struct dentry *root, const char *name, const char *target)
{
        struct inode *inode = tmpfs_inode(root->super, S_IFLNK | 0777, 0, target);

        return inode ? tmpfs_add(root, name, inode, NULL) : -ENOMEM;
}

int devices_populate(struct dentry *root)
{
        struct inode *inode;
        int err;

        for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
                const struct device *d = &devices[i];

                inode = tmpfs_inode(root->super, S_IFCHR | d->mode, dev_encode(d->major, d->minor),
                                    NULL);
                err = inode ? tmpfs_add(root, d->name, inode, NULL) : -ENOMEM;
                if (err)
                        return err;
        }
        inode = tmpfs_inode(root->super, S_IFDIR | 0755, 0, NULL);
        err = inode ? tmpfs_add(root, "shm", inode, NULL) : -ENOMEM;
        if (!err)
                err = add_link(root, "fd", "/proc/self/fd");
        if (!err)
                err = add_link(root, "stdin", "/proc/self/fd/0");
        if (!err)
                err = add_link(root, "stdout", "/proc/self/fd/1");
        if (!err)
                err = add_link(root, "stderr", "/proc/self/fd/2");
        return err;
}
