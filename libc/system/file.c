/* SPDX-License-Identifier: MIT */
/* Descriptors: opening, reading, writing, and what fcntl and ioctl do to them. */
#include <stdarg.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <sys/file.h>
#include "raw.h"

int openat(int dirfd, const char *path, int flags, ...)
{
        mode_t mode = 0;

        if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
                va_list ap;

                va_start(ap, flags);
                mode = va_arg(ap, mode_t);
                va_end(ap);
        }
        return (int)call4(SYS_openat, dirfd, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
        mode_t mode = 0;

        if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
                va_list ap;

                va_start(ap, flags);
                mode = va_arg(ap, mode_t);
                va_end(ap);
        }
        return (int)call3(SYS_open, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
        return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int close(int fd)
{
        return (int)call1(SYS_close, fd);
}

ssize_t read(int fd, void *buf, size_t len)
{
        return call3(SYS_read, fd, buf, len);
}

ssize_t write(int fd, const void *buf, size_t len)
{
        return call3(SYS_write, fd, buf, len);
}

ssize_t pread(int fd, void *buf, size_t len, off_t offset)
{
        return call4(SYS_pread64, fd, buf, len, offset);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
        return call4(SYS_pwrite64, fd, buf, len, offset);
}

ssize_t readv(int fd, const struct iovec *iov, int n)
{
        return call3(SYS_readv, fd, iov, n);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
        return call3(SYS_writev, fd, iov, n);
}

/* The kernel takes an offset in two halves; on a 64-bit machine the low one holds all of it. */
ssize_t preadv(int fd, const struct iovec *iov, int n, off_t offset)
{
        return call5(SYS_preadv, fd, iov, n, offset, 0);
}

ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t offset)
{
        return call5(SYS_pwritev, fd, iov, n, offset, 0);
}

ssize_t preadv2(int fd, const struct iovec *iov, int n, off_t offset, int flags)
{
        return call6(SYS_preadv2, fd, iov, n, offset, 0, flags);
}

ssize_t pwritev2(int fd, const struct iovec *iov, int n, off_t offset, int flags)
{
        return call6(SYS_pwritev2, fd, iov, n, offset, 0, flags);
}

off_t lseek(int fd, off_t offset, int whence)
{
        return call3(SYS_lseek, fd, offset, whence);
}

int fcntl(int fd, int cmd, ...)
{
        va_list ap;
        long arg;

        va_start(ap, cmd);
        arg = va_arg(ap, long);
        va_end(ap);
        return (int)call3(SYS_fcntl, fd, cmd, arg);
}

int ioctl(int fd, unsigned long request, ...)
{
        va_list ap;
        long arg;

        va_start(ap, request);
        arg = va_arg(ap, long);
        va_end(ap);
        return (int)call3(SYS_ioctl, fd, request, arg);
}

int dup(int fd)
{
        return (int)call1(SYS_dup, fd);
}

int dup2(int from, int to)
{
        return (int)call2(SYS_dup2, from, to);
}

int dup3(int from, int to, int flags)
{
        return (int)call3(SYS_dup3, from, to, flags);
}

int pipe(int fds[2])
{
        return (int)call1(SYS_pipe, fds);
}

int pipe2(int fds[2], int flags)
{
        return (int)call2(SYS_pipe2, fds, flags);
}

int flock(int fd, int operation)
{
        return (int)call2(SYS_flock, fd, operation);
}

int lockf(int fd, int cmd, off_t len)
{
        struct flock lock = { F_WRLCK, SEEK_CUR, 0, len, 0 };

        switch (cmd) {
        case F_ULOCK: lock.l_type = F_UNLCK; return fcntl(fd, F_SETLK, &lock);
        case F_LOCK: return fcntl(fd, F_SETLKW, &lock);
        case F_TLOCK: return fcntl(fd, F_SETLK, &lock);
        case F_TEST:
                if (fcntl(fd, F_GETLK, &lock) < 0)
                        return -1;
                if (lock.l_type == F_UNLCK || lock.l_pid == getpid())
                        return 0;
                errno = EACCES;
                return -1;
        default: errno = EINVAL; return -1;
        }
}

int fsync(int fd)
{
        return (int)call1(SYS_fsync, fd);
}

int fdatasync(int fd)
{
        return (int)call1(SYS_fdatasync, fd);
}

int syncfs(int fd)
{
        return (int)call1(SYS_syncfs, fd);
}

void sync(void)
{
        raw0(SYS_sync);
}

int truncate(const char *path, off_t len)
{
        return (int)call2(SYS_truncate, path, len);
}

int ftruncate(int fd, off_t len)
{
        return (int)call2(SYS_ftruncate, fd, len);
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
        return (int)call4(SYS_fallocate, fd, mode, offset, len);
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
        return (int)-raw4(SYS_fallocate, fd, 0, offset, len);
}

int posix_fadvise(int fd, off_t offset, off_t len, int advice)
{
        return (int)-raw4(SYS_fadvise64, fd, offset, len, advice);
}

int close_range(unsigned first, unsigned last, int flags)
{
        return (int)call3(SYS_close_range, first, last, flags);
}
