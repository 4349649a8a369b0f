/* SPDX-License-Identifier: MIT */
/* fcntl(2) and the ioctls that every file understands. */
#include "arch/usercopy.h"
#include "kernel/base/abi/termios.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/lock.h"
#include "kernel/fs/memfd.h"
#include "kernel/fs/pipe.h"

#define SETFL_CHANGES (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC)

static long set_flags(struct file *file, u32 flags)
{
        if ((flags & O_NOATIME) && !(file->flags & O_NOATIME) && !inode_is_owner(file->inode))
                return -EPERM;
        if ((flags & O_DIRECT) && !mode_is(file->inode->mode, S_IFREG) &&
            !mode_is(file->inode->mode, S_IFIFO))
                return -EINVAL;
        file->flags = (file->flags & ~(u32)SETFL_CHANGES) | (flags & SETFL_CHANGES);
        return 0;
}

static long record_lock(struct file *file, int cmd, uaddr arg)
{
        struct flock64 lock;
        long err;

        if (user_copy_in(&lock, arg, sizeof(lock)))
                return -EFAULT;
        err = lock_record(file, cmd, &lock);
        if (!err && (cmd == F_GETLK || cmd == F_OFD_GETLK) &&
            user_copy_out(arg, &lock, sizeof(lock)))
                return -EFAULT;
        return err;
}

static bool path_only_allows(unsigned cmd)
{
        return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD || cmd == F_SETFD ||
               cmd == F_GETFL || cmd == F_DUPFD_QUERY;
}

static long same_file(const struct file *file, int fd)
{
        struct file *other = file_from_fd(fd, true);
        bool same = other == file;

        if (!other)
                return -EBADF;
        file_put(other);
        return same;
}

static long fcntl_file(struct file *file, int fd, unsigned cmd, u64 arg)
{
        switch (cmd) {
        case F_DUPFD: return fd_dup_from(fd, (int)arg, false);
        case F_DUPFD_CLOEXEC: return fd_dup_from(fd, (int)arg, true);
        case F_DUPFD_QUERY: return same_file(file, (int)arg);
        case F_GETFD: return fd_get_cloexec(fd);
        case F_SETFD: return fd_set_cloexec(fd, arg & FD_CLOEXEC);
        case F_GETFL: return file->flags;
        case F_SETFL: return set_flags(file, (u32)arg);
        case F_GETLK:
        case F_SETLK:
        case F_SETLKW:
        case F_OFD_GETLK:
        case F_OFD_SETLK:
        case F_OFD_SETLKW: return record_lock(file, (int)cmd, arg);
        case F_GETOWN:
        case F_GETSIG: return 0;
        case F_SETOWN: return 0;
        case F_SETSIG: return arg > 64 ? -EINVAL : 0;
        case F_GETLEASE: return F_UNLCK;
        case F_SETPIPE_SZ: return pipe_set_size(file, (u32)arg);
        case F_GETPIPE_SZ: return pipe_get_size(file);
        case F_ADD_SEALS: return memfd_add_seals(file, (u32)arg);
        case F_GET_SEALS: return memfd_get_seals(file);
        default: return -EINVAL;
        }
}

long call_fcntl(int fd, unsigned cmd, u64 arg)
{
        struct file *file = file_from_fd(fd, path_only_allows(cmd));
        long result;

        if (!file)
                return -EBADF;
        result = fcntl_file(file, fd, cmd, arg);
        file_put(file);
        return result;
}

/* ---------------------------------------------------------------- ioctl */

static long set_flag_from(struct file *file, u32 flag, uaddr arg)
{
        s32 on;

        if (user_copy_in(&on, arg, sizeof(on)))
                return -EFAULT;
        file->flags = on ? file->flags | flag : file->flags & ~flag;
        return 0;
}

static long bytes_ahead(struct file *file, uaddr arg)
{
        s32 bytes = (s32)((s64)inode_size(file->inode) - file->pos);

        return user_copy_out(arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

static long ioctl_file(struct file *file, int fd, unsigned cmd, uaddr arg)
{
        switch (cmd) {
        case FIOCLEX: return fd_set_cloexec(fd, true);
        case FIONCLEX: return fd_set_cloexec(fd, false);
        case FIONBIO: return set_flag_from(file, O_NONBLOCK, arg);
        case FIONREAD:
                if (mode_is(file->inode->mode, S_IFREG) && file->ops == &shmem_file_ops)
                        return bytes_ahead(file, arg);
                break;
        default: break;
        }
        return file->ops->ioctl ? file->ops->ioctl(file, cmd, arg) : -ENOTTY;
}

long call_ioctl(int fd, unsigned cmd, uaddr arg)
{
        struct file *file = file_from_fd(fd, false);
        long result;

        if (!file)
                return -EBADF;
        result = ioctl_file(file, fd, cmd, arg);
        file_put(file);
        return result;
}
