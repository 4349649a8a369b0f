/* SPDX-License-Identifier: MIT */
/* read, write, lseek and their relatives: checks and offsets; the files do the rest. */
#include "kernel/fs/calls.h"

#include "kernel/fs/fdtable.h"
#include "kernel/sched/task.h"
#include "mm/page.h"
#include "mm/slab.h"

/* Offsets are signed, except in /proc/PID/mem, where they are addresses. */
static bool position_fits(const struct file *file, s64 pos, size_t len)
{
        return file->unsigned_pos || (pos >= 0 && (u64)pos + len <= (u64)INT64_MAX);
}

static ssize_t file_read(struct file *file, struct uio *to, s64 *pos)
{
        if (!file->readable)
                return -EBADF;
        if (!file->ops->read && !file->ops->iterate)
                return -EINVAL;
        if (to->err)
                return to->err;
        if (!position_fits(file, *pos, to->left))
                return -EINVAL;
        return file->ops->read ? file->ops->read(file, to, pos) : -EISDIR;
}

static ssize_t file_write(struct file *file, struct uio *from, s64 *pos)
{
        if (!file->writable)
                return -EBADF;
        if (!file->ops->write)
                return -EINVAL;
        if (from->err)
                return from->err;
        if (!position_fits(file, *pos, from->left))
                return -EINVAL;
        return file->ops->write(file, from, pos);
}

/* At the file's own offset. */
static ssize_t at_offset(struct file *file, struct uio *u,
                         ssize_t (*move)(struct file *, struct uio *, s64 *))
{
        s64 pos = 0;
        ssize_t n;

        if (!file->positioned)
                return move(file, u, &pos);
        mutex_lock(&file->pos_lock);
        pos = file->pos;
        n = move(file, u, &pos);
        if (n >= 0)
                file->pos = pos;
        mutex_unlock(&file->pos_lock);
        return n;
}

long call_read(int fd, struct uio *to)
{
        struct file *file = file_from_fd(fd, false);
        ssize_t n;

        if (!file)
                return -EBADF;
        n = at_offset(file, to, file_read);
        file_put(file);
        return n;
}

long call_write(int fd, struct uio *from)
{
        struct file *file = file_from_fd(fd, false);
        ssize_t n;

        if (!file)
                return -EBADF;
        n = at_offset(file, from, file_write);
        file_put(file);
        return n;
}

static ssize_t at_position(int fd, struct uio *u, s64 pos,
                           ssize_t (*move)(struct file *, struct uio *, s64 *))
{
        struct file *file;
        ssize_t n;

        if (pos < 0)
                return -EINVAL;
        file = file_from_fd(fd, false);
        if (!file)
                return -EBADF;
        if (!file->positioned)
                n = -ESPIPE;
        else
                n = move(file, u, &pos);
        file_put(file);
        return n;
}

long call_pread(int fd, struct uio *to, s64 pos)
{
        return at_position(fd, to, pos, file_read);
}

long call_pwrite(int fd, struct uio *from, s64 pos)
{
        return at_position(fd, from, pos, file_write);
}

long call_lseek(int fd, s64 offset, int whence)
{
        struct file *file = file_from_fd(fd, false);
        s64 pos = -EINVAL;

        if (!file)
                return -EBADF;
        if (whence >= SEEK_SET && whence <= SEEK_HOLE) {
                mutex_lock(&file->pos_lock);
                pos = file->ops->seek ? file->ops->seek(file, offset, whence) : -ESPIPE;
                mutex_unlock(&file->pos_lock);
        }
        file_put(file);
        return pos;
}

long call_fsync(int fd)
{
        struct file *file = file_from_fd(fd, false);
        long err;

        if (!file)
                return -EBADF;
        err = file->ops->fsync ? file->ops->fsync(file) : -EINVAL;
        file_put(file);
        return err;
}

/* ---------------------------------------------------------------- sendfile */

/* Write all of a kernel buffer, or as much as goes; bytes written, or an errno if none. */
static ssize_t send_piece(struct file *out, const void *buf, size_t len)
{
        struct uio u;

        uio_kernel(&u, buf, len);
        return at_offset(out, &u, file_write);
}

static ssize_t send_loop(struct file *out, struct file *in, s64 *pos, size_t count)
{
        char *buf = kmalloc(PAGE_SIZE);
        ssize_t done = 0, n = 0;

        if (!buf)
                return -ENOMEM;
        while ((size_t)done < count) {
                s64 at = *pos;
                struct uio u;
                ssize_t got;

                uio_kernel(&u, buf, min_u64(PAGE_SIZE, count - (size_t)done));
                got = file_read(in, &u, &at);
                n = got > 0 ? send_piece(out, buf, (size_t)got) : got;
                if (n <= 0)
                        break;
                *pos += n;
                done += n;
                /* What was not taken is offered again: a full file answers with its signal. */
                if (signal_pending())
                        break;
        }
        kfree(buf);
        return done ? done : n;
}

static long sendfile_checked(struct file *out, struct file *in, s64 *offset, size_t count)
{
        ssize_t n;

        if (!in->readable || !out->writable)
                return -EBADF;
        if (offset && !in->positioned)
                return -ESPIPE;
        if (!in->ops->read || !out->ops->write || !in->positioned)
                return -EINVAL;
        if ((offset && *offset < 0) || (out->flags & O_APPEND))
                return -EINVAL;
        if (count > RW_MAX)
                count = RW_MAX;
        if (offset)
                return send_loop(out, in, offset, count);
        n = send_loop(out, in, &in->pos, count);
        return n;
}

long call_sendfile(int out_fd, int in_fd, s64 *offset, size_t count)
{
        struct file *in = file_from_fd(in_fd, false);
        struct file *out;
        long n;

        if (!in)
                return -EBADF;
        out = file_from_fd(out_fd, false);
        n = out ? sendfile_checked(out, in, offset, count) : -EBADF;
        if (out)
                file_put(out);
        file_put(in);
        return n;
}
