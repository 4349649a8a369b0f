/* SPDX-License-Identifier: MIT */
/* System calls on descriptors: reading, writing, duplicating, controlling. */
#include "kernel/sys/file.h"

#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/lock.h"

#define RWF_KNOWN (RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND)

long sys_read(int fd, uaddr buf, size_t count)
{
        struct uio u;

        uio_user(&u, buf, count);
        return call_read(fd, &u);
}

long sys_write(int fd, uaddr buf, size_t count)
{
        struct uio u;

        uio_user(&u, buf, count);
        return call_write(fd, &u);
}

long sys_pread64(int fd, uaddr buf, size_t count, s64 pos)
{
        struct uio u;

        uio_user(&u, buf, count);
        return call_pread(fd, &u, pos);
}

long sys_pwrite64(int fd, uaddr buf, size_t count, s64 pos)
{
        struct uio u;

        uio_user(&u, buf, count);
        return call_pwrite(fd, &u, pos);
}

long sys_readv(int fd, uaddr vec, u64 nr)
{
        struct uio u;
        long n;

        uio_vectors(&u, vec, nr);
        n = call_read(fd, &u);
        uio_release(&u);
        return n;
}

long sys_writev(int fd, uaddr vec, u64 nr)
{
        struct uio u;
        long n;

        uio_vectors(&u, vec, nr);
        n = call_write(fd, &u);
        uio_release(&u);
        return n;
}

long sys_preadv(int fd, uaddr vec, u64 nr, s64 pos)
{
        struct uio u;
        long n;

        uio_vectors(&u, vec, nr);
        n = call_pread(fd, &u, pos);
        uio_release(&u);
        return n;
}

long sys_pwritev(int fd, uaddr vec, u64 nr, s64 pos)
{
        struct uio u;
        long n;

        uio_vectors(&u, vec, nr);
        n = call_pwrite(fd, &u, pos);
        uio_release(&u);
        return n;
}

long sys_preadv2(int fd, uaddr vec, u64 nr, s64 pos, u64 pos_high, u32 flags)
{
        (void)pos_high; /* a 64-bit offset is whole in `pos` */
        if (flags & ~(u32)(RWF_KNOWN & ~RWF_APPEND))
                return -EOPNOTSUPP;
        return pos == -1 ? sys_readv(fd, vec, nr) : sys_preadv(fd, vec, nr, pos);
}

long sys_pwritev2(int fd, uaddr vec, u64 nr, s64 pos, u64 pos_high, u32 flags)
{
        struct uio u;
        long n;

        (void)pos_high;
        if (flags & ~(u32)RWF_KNOWN)
                return -EOPNOTSUPP;
        if ((flags & (RWF_APPEND | RWF_NOAPPEND)) == (RWF_APPEND | RWF_NOAPPEND))
                return -EINVAL;
        uio_vectors(&u, vec, nr);
        u.append = flags & RWF_APPEND;
        n = pos == -1 ? call_write(fd, &u) : call_pwrite(fd, &u, pos);
        uio_release(&u);
        return n;
}

long sys_lseek(int fd, s64 offset, unsigned whence)
{
        return call_lseek(fd, offset, (int)whence);
}

long sys_sendfile(int out_fd, int in_fd, uaddr offset, size_t count)
{
        s64 pos;
        long n;

        if (!offset)
                return call_sendfile(out_fd, in_fd, NULL, count);
        if (copy_in(&pos, offset, sizeof(pos)))
                return -EFAULT;
        n = call_sendfile(out_fd, in_fd, &pos, count);
        if (copy_out(offset, &pos, sizeof(pos)))
                return -EFAULT;
        return n;
}

/* ---------------------------------------------------------------- descriptors */

long sys_close(int fd)
{
        return fd_close(fd);
}

long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
        return fd_close_range(first, last, flags);
}

long sys_dup(int fd)
{
        return fd_dup(fd, 0, false);
}

long sys_dup2(int fd, int to)
{
        if (fd == to)
                return fd_get_cloexec(fd) < 0 ? -EBADF : fd;
        return fd_dup_to(fd, to, false);
}

long sys_dup3(int fd, int to, unsigned flags)
{
        if ((flags & ~(unsigned)O_CLOEXEC) || fd == to)
                return -EINVAL;
        return fd_dup_to(fd, to, flags & O_CLOEXEC);
}

long sys_fcntl(int fd, unsigned cmd, u64 arg)
{
        return call_fcntl(fd, cmd, arg);
}

long sys_ioctl(int fd, unsigned cmd, uaddr arg)
{
        return call_ioctl(fd, cmd, arg);
}

long sys_flock(int fd, int operation)
{
        struct file *file;
        int kind = operation & ~LOCK_NB;
        long err;

        if (operation & LOCK_MAND)
                return 0;
        if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
                return -EINVAL;
        file = file_from_fd(fd, false);
        if (!file)
                return -EBADF;
        err = kind == LOCK_UN || file->readable || file->writable ? lock_flock(file, operation)
                                                                  : -EBADF;
        file_put(file);
        return err;
}

/* ---------------------------------------------------------------- contents */

long sys_fsync(int fd)
{
        return call_fsync(fd);
}

long sys_fdatasync(int fd)
{
        return call_fsync(fd);
}

/* Everything is in memory: there is nothing to write back. */
long sys_syncfs(int fd)
{
        struct file *file = file_from_fd(fd, false);

        if (!file)
                return -EBADF;
        file_put(file);
        return 0;
}

long sys_sync(void)
{
        return 0;
}

long sys_ftruncate(int fd, s64 length)
{
        return call_ftruncate(fd, length);
}

long sys_fallocate(int fd, int mode, s64 offset, s64 len)
{
        return call_fallocate(fd, mode, offset, len);
}

long sys_fadvise64(int fd, s64 offset, s64 len, int advice)
{
        struct file *file = file_from_fd(fd, false);
        long err = 0;

        (void)offset;
        if (!file)
                return -EBADF;
        if (mode_is(file->inode->mode, S_IFIFO))
                err = -ESPIPE;
        else if (len < 0 || advice < 0 || advice > 5)
                err = -EINVAL;
        file_put(file);
        return err;
}

long sys_getdents64(int fd, uaddr buf, unsigned size)
{
        return call_getdents(fd, buf, size);
}
