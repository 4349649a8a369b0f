/* SPDX-License-Identifier: MIT */
/* System calls on the attributes of files. */
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/sys/file.h"

/* A path that may be empty or even NULL with AT_EMPTY_PATH: then it is "". */
static long path_or_empty(uaddr from, unsigned flags, char **out)
{
        if (from || !(flags & AT_EMPTY_PATH))
                return path_get(from, out);
        *out = NULL;
        return 0;
}

static const char *text_of(const char *path)
{
        return path ? path : "";
}

/* ---------------------------------------------------------------- stat */

static long give_stat(const struct kstat *st, uaddr out)
{
        struct stat_abi s = {
                .st_dev = st->dev,
                .st_ino = st->ino,
                .st_nlink = st->nlink,
                .st_mode = st->mode,
                .st_uid = st->uid,
                .st_gid = st->gid,
                .st_rdev = st->rdev,
                .st_size = (s64)st->size,
                .st_blksize = st->blksize,
                .st_blocks = (s64)st->blocks,
                .atime_sec = st->atime.sec,
                .atime_nsec = st->atime.nsec,
                .mtime_sec = st->mtime.sec,
                .mtime_nsec = st->mtime.nsec,
                .ctime_sec = st->ctime.sec,
                .ctime_nsec = st->ctime.nsec,
        };

        return copy_out(out, &s, sizeof(s));
}

long sys_newfstatat(int dirfd, uaddr path, uaddr out, int flags)
{
        struct kstat st;
        char *name;
        long err;

        if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
                return -EINVAL;
        err = path_or_empty(path, (unsigned)flags, &name);
        if (err)
                return err;
        err = call_stat(dirfd, text_of(name), (unsigned)flags, &st);
        path_put(name);
        return err ? err : give_stat(&st, out);
}

long sys_stat(uaddr path, uaddr out)
{
        return sys_newfstatat(AT_FDCWD, path, out, 0);
}

long sys_lstat(uaddr path, uaddr out)
{
        return sys_newfstatat(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(int fd, uaddr out)
{
        struct kstat st;
        long err = call_fstat(fd, &st);

        return err ? err : give_stat(&st, out);
}

static struct statx_time statx_time_of(const struct timespec_abi *t)
{
        return (struct statx_time){ t->sec, (u32)t->nsec, 0 };
}

static long give_statx(const struct kstat *st, unsigned mask, uaddr out)
{
        struct statx_abi s = {
                .mask = STATX_BASIC_STATS | STATX_BTIME |
                        (mask & STATX_MNT_ID_UNIQUE ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID),
                .blksize = st->blksize,
                .attributes = st->mount_root ? STATX_ATTR_MOUNT_ROOT : 0,
                .attributes_mask = STATX_ATTR_MOUNT_ROOT,
                .nlink = st->nlink,
                .uid = st->uid,
                .gid = st->gid,
                .mode = (u16)st->mode,
                .ino = st->ino,
                .size = st->size,
                .blocks = st->blocks,
                .atime = statx_time_of(&st->atime),
                .btime = statx_time_of(&st->btime),
                .ctime = statx_time_of(&st->ctime),
                .mtime = statx_time_of(&st->mtime),
                .rdev_major = dev_major(st->rdev),
                .rdev_minor = dev_minor(st->rdev),
                .dev_major = dev_major(st->dev),
                .dev_minor = dev_minor(st->dev),
                .mnt_id = st->mount_id,
        };

        return copy_out(out, &s, sizeof(s));
}

long sys_statx(int dirfd, uaddr path, unsigned flags, unsigned mask, uaddr out)
{
        struct kstat st;
        char *name;
        long err;

        if ((mask & STATX_RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
                return -EINVAL;
        if (flags &
            ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
                return -EINVAL;
        err = path_or_empty(path, flags, &name);
        if (err)
                return err;
        err = call_stat(dirfd, text_of(name), flags, &st);
        path_put(name);
        return err ? err : give_statx(&st, mask, out);
}

long sys_statfs(uaddr path, uaddr out)
{
        struct statfs_abi st;
        char *name;
        long err = path_get(path, &name);

        if (err)
                return err;
        err = call_statfs(name, &st);
        path_put(name);
        return err ? err : copy_out(out, &st, sizeof(st));
}

long sys_fstatfs(int fd, uaddr out)
{
        struct statfs_abi st;
        long err = call_fstatfs(fd, &st);

        return err ? err : copy_out(out, &st, sizeof(st));
}

/* ---------------------------------------------------------------- access */

long sys_faccessat2(int dirfd, uaddr path, int mode, int flags)
{
        char *name;
        long err;

        if ((mode & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
                return -EINVAL;
        err = path_get(path, &name);
        if (err)
                return err;
        err = call_access(dirfd, name, (unsigned)mode, (unsigned)flags);
        path_put(name);
        return err;
}

long sys_faccessat(int dirfd, uaddr path, int mode)
{
        return sys_faccessat2(dirfd, path, mode, 0);
}

long sys_access(uaddr path, int mode)
{
        return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

/* ---------------------------------------------------------------- mode, owner, size */

long sys_fchmodat2(int dirfd, uaddr path, u32 mode, unsigned flags)
{
        char *name;
        long err;

        if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        err = path_get(path, &name);
        if (err)
                return err;
        err = call_chmod(dirfd, name, mode, flags);
        path_put(name);
        return err;
}

long sys_fchmodat(int dirfd, uaddr path, u32 mode)
{
        return sys_fchmodat2(dirfd, path, mode, 0);
}

long sys_chmod(uaddr path, u32 mode)
{
        return sys_fchmodat2(AT_FDCWD, path, mode, 0);
}

long sys_fchmod(int fd, u32 mode)
{
        return call_fchmod(fd, mode);
}

long sys_fchownat(int dirfd, uaddr path, u32 uid, u32 gid, int flags)
{
        char *name;
        long err;

        if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        err = path_get(path, &name);
        if (err)
                return err;
        err = call_chown(dirfd, name, uid, gid, (unsigned)flags);
        path_put(name);
        return err;
}

long sys_chown(uaddr path, u32 uid, u32 gid)
{
        return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(uaddr path, u32 uid, u32 gid)
{
        return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, u32 uid, u32 gid)
{
        return call_fchown(fd, uid, gid);
}

long sys_truncate(uaddr path, s64 length)
{
        char *name;
        long err;

        if (length < 0)
                return -EINVAL;
        err = path_get(path, &name);
        if (err)
                return err;
        err = call_truncate(name, length);
        path_put(name);
        return err;
}

/* ---------------------------------------------------------------- times */

/* `path` 0: the descriptor itself. */
static long set_times(int dirfd, uaddr path, const struct timespec_abi *times, unsigned flags)
{
        char *name;
        long err;

        if (!path && dirfd != AT_FDCWD)
                return call_utimens(dirfd, NULL, times, flags);
        err = path_get(path, &name);
        if (err)
                return err;
        err = call_utimens(dirfd, name, times, flags);
        path_put(name);
        return err;
}

long sys_utimensat(int dirfd, uaddr path, uaddr from, int flags)
{
        struct timespec_abi times[2];

        if (from && copy_in(times, from, sizeof(times)))
                return -EFAULT;
        return set_times(dirfd, path, from ? times : NULL, (unsigned)flags);
}

long sys_futimesat(int dirfd, uaddr path, uaddr from)
{
        struct timeval_abi tv[2];
        struct timespec_abi times[2];

        if (!from)
                return set_times(dirfd, path, NULL, 0);
        if (copy_in(tv, from, sizeof(tv)))
                return -EFAULT;
        for (unsigned i = 0; i < 2; i++) {
                if (tv[i].usec < 0 || tv[i].usec >= 1000000)
                        return -EINVAL;
                times[i] = (struct timespec_abi){ tv[i].sec, tv[i].usec * 1000 };
        }
        return set_times(dirfd, path, times, 0);
}

long sys_utimes(uaddr path, uaddr from)
{
        return sys_futimesat(AT_FDCWD, path, from);
}

long sys_utime(uaddr path, uaddr from)
{
        struct timespec_abi times[2] = { { 0, 0 }, { 0, 0 } };
        s64 seconds[2];

        if (!from)
                return set_times(AT_FDCWD, path, NULL, 0);
        if (copy_in(seconds, from, sizeof(seconds)))
                return -EFAULT;
        times[0].sec = seconds[0];
        times[1].sec = seconds[1];
        return set_times(AT_FDCWD, path, times, 0);
}
