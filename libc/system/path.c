/* SPDX-License-Identifier: MIT */
/* Calls that take a path: stat, links, modes, owners, times, the current directory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utime.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include "raw.h"

int stat(const char *restrict path, struct stat *restrict buf)
{
        return (int)call2(SYS_stat, path, buf);
}

int fstat(int fd, struct stat *buf)
{
        return (int)call2(SYS_fstat, fd, buf);
}

int lstat(const char *restrict path, struct stat *restrict buf)
{
        return (int)call2(SYS_lstat, path, buf);
}

int fstatat(int dirfd, const char *restrict path, struct stat *restrict buf, int flags)
{
        return (int)call4(SYS_newfstatat, dirfd, path, buf, flags);
}

int statx(int dirfd, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict buf)
{
        return (int)call5(SYS_statx, dirfd, path, flags, mask, buf);
}

int statfs(const char *path, struct statfs *buf)
{
        return (int)call2(SYS_statfs, path, buf);
}

int fstatfs(int fd, struct statfs *buf)
{
        return (int)call2(SYS_fstatfs, fd, buf);
}

static int convert_statfs(int result, const struct statfs *from, struct statvfs *to)
{
        if (result != 0)
                return result;
        *to = (struct statvfs){
                .f_bsize = (unsigned long)from->f_bsize,
                .f_frsize = (unsigned long)(from->f_frsize ? from->f_frsize : from->f_bsize),
                .f_blocks = from->f_blocks,
                .f_bfree = from->f_bfree,
                .f_bavail = from->f_bavail,
                .f_files = from->f_files,
                .f_ffree = from->f_ffree,
                .f_favail = from->f_ffree,
                .f_fsid = (unsigned)from->f_fsid.val[0],
                .f_flag = (unsigned long)from->f_flags,
                .f_namemax = (unsigned long)from->f_namelen,
        };
        return 0;
}

int statvfs(const char *path, struct statvfs *buf)
{
        struct statfs fs;

        return convert_statfs(statfs(path, &fs), &fs, buf);
}

int fstatvfs(int fd, struct statvfs *buf)
{
        struct statfs fs;

        return convert_statfs(fstatfs(fd, &fs), &fs, buf);
}

int access(const char *path, int mode)
{
        return (int)call2(SYS_access, path, mode);
}

/* Only faccessat2 knows flags; the plain call is for kernels without it. */
int faccessat(int dirfd, const char *path, int mode, int flags)
{
        if (flags == 0)
                return (int)call3(SYS_faccessat, dirfd, path, mode);
        return (int)call4(SYS_faccessat2, dirfd, path, mode, flags);
}

int eaccess(const char *path, int mode)
{
        return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int euidaccess(const char *path, int mode)
{
        return eaccess(path, mode);
}

int chmod(const char *path, mode_t mode)
{
        return (int)call2(SYS_chmod, path, mode);
}

int fchmod(int fd, mode_t mode)
{
        return (int)call2(SYS_fchmod, fd, mode);
}

int fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
        if (flags == 0)
                return (int)call3(SYS_fchmodat, dirfd, path, mode);
        return (int)call4(SYS_fchmodat2, dirfd, path, mode, flags);
}

int chown(const char *path, uid_t owner, gid_t group)
{
        return (int)call3(SYS_chown, path, owner, group);
}

int fchown(int fd, uid_t owner, gid_t group)
{
        return (int)call3(SYS_fchown, fd, owner, group);
}

int lchown(const char *path, uid_t owner, gid_t group)
{
        return (int)call3(SYS_lchown, path, owner, group);
}

int fchownat(int dirfd, const char *path, uid_t owner, gid_t group, int flags)
{
        return (int)call5(SYS_fchownat, dirfd, path, owner, group, flags);
}

mode_t umask(mode_t mask)
{
        return (mode_t)raw1(SYS_umask, mask);
}

int mkdir(const char *path, mode_t mode)
{
        return (int)call2(SYS_mkdir, path, mode);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
        return (int)call3(SYS_mkdirat, dirfd, path, mode);
}

int rmdir(const char *path)
{
        return (int)call1(SYS_rmdir, path);
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
        return (int)call3(SYS_mknod, path, mode, dev);
}

int mknodat(int dirfd, const char *path, mode_t mode, dev_t dev)
{
        return (int)call4(SYS_mknodat, dirfd, path, mode, dev);
}

int mkfifo(const char *path, mode_t mode)
{
        return mknod(path, (mode & 07777) | S_IFIFO, 0);
}

int mkfifoat(int dirfd, const char *path, mode_t mode)
{
        return mknodat(dirfd, path, (mode & 07777) | S_IFIFO, 0);
}

int link(const char *from, const char *to)
{
        return (int)call2(SYS_link, from, to);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
        return (int)call5(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int symlink(const char *target, const char *path)
{
        return (int)call2(SYS_symlink, target, path);
}

int symlinkat(const char *target, int dirfd, const char *path)
{
        return (int)call3(SYS_symlinkat, target, dirfd, path);
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t len)
{
        return call3(SYS_readlink, path, buf, len);
}

ssize_t readlinkat(int dirfd, const char *restrict path, char *restrict buf, size_t len)
{
        return call4(SYS_readlinkat, dirfd, path, buf, len);
}

int unlink(const char *path)
{
        return (int)call1(SYS_unlink, path);
}

int unlinkat(int dirfd, const char *path, int flags)
{
        return (int)call3(SYS_unlinkat, dirfd, path, flags);
}

/* newlib's own removes only files. */
int remove(const char *path)
{
        long r = raw1(SYS_unlink, (long)path);

        if (r == -EISDIR || r == -EPERM)
                r = raw1(SYS_rmdir, (long)path);
        return (int)system_result(r);
}

/* The name that newlib's tmpfile() knows. */
int _remove_r(struct _reent *reent, const char *path)
{
        (void)reent;
        return remove(path);
}

int rename(const char *from, const char *to)
{
        return (int)call2(SYS_rename, from, to);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
        return (int)call4(SYS_renameat, from_fd, from, to_fd, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
        return (int)call5(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int chdir(const char *path)
{
        return (int)call1(SYS_chdir, path);
}

int fchdir(int fd)
{
        return (int)call1(SYS_fchdir, fd);
}

int chroot(const char *path)
{
        return (int)call1(SYS_chroot, path);
}

int utimensat(int dirfd, const char *path, const struct timespec times[2], int flags)
{
        return (int)call4(SYS_utimensat, dirfd, path, times, flags);
}

int futimens(int fd, const struct timespec times[2])
{
        return utimensat(fd, NULL, times, 0);
}

int utimes(const char *path, const struct timeval *times)
{
        return (int)call2(SYS_utimes, path, times);
}

int futimesat(int dirfd, const char *path, const struct timeval times[2])
{
        return (int)call3(SYS_futimesat, dirfd, path, times);
}

int utime(const char *path, const struct utimbuf *times)
{
        return (int)call2(SYS_utime, path, times);
}
