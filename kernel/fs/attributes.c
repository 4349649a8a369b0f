/* SPDX-License-Identifier: MIT */
/* What files are like: stat, statfs, chmod, chown, times, access, size, link text. */
#include "kernel/fs/calls.h"

#include "kernel/base/abi/mount.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/walk.h"
#include "kernel/sched/task.h"
#include "mm/page.h"

#define NO_CHANGE (~0u) /* of an owner or group */

/* ---------------------------------------------------------------- stat */

static void place_stat(const struct place *place, struct kstat *st)
{
        inode_stat(place->dentry->inode, st);
        if (place->mount) {
                st->mount_id = place->mount->id;
                st->mount_root = place->dentry == place->mount->root;
        }
}

long call_stat(int dirfd, const char *path, unsigned flags, struct kstat *st)
{
        struct place place;
        int err = walk_path(dirfd, path, walk_flags_of(flags), &place);

        if (err)
                return err;
        place_stat(&place, st);
        place_put(&place);
        return 0;
}

long call_fstat(int fd, struct kstat *st)
{
        struct file *file = file_from_fd(fd, true);

        if (!file)
                return -EBADF;
        place_stat(&file->place, st);
        file_put(file);
        return 0;
}

static s64 mount_statfs_flags(const struct mount *mount)
{
        s64 flags = ST_VALID;

        if (!mount)
                return flags;
        flags |= mount->flags & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME);
        return flags & ST_NOATIME ? flags : flags | ST_RELATIME;
}

static void place_statfs(const struct place *place, struct statfs_abi *out)
{
        const struct super *super = place->dentry->super;

        *out = (struct statfs_abi){
                .type = super->type->magic,
                .bsize = PAGE_SIZE,
                .frsize = PAGE_SIZE,
                .namelen = 255,
                .fsid = { (s32)super->dev, 0 },
                .flags = mount_statfs_flags(place->mount),
        };
        if (super->type->kept && super->quota.max) {
                u64 used = (u64)atomic_get(&super->quota.used);

                out->blocks = super->quota.max;
                out->bfree = out->bavail = used < out->blocks ? out->blocks - used : 0;
                out->files = super->max_inodes;
                out->ffree = super->max_inodes - min_u64(super->next_ino, super->max_inodes);
        }
}

long call_statfs(const char *path, struct statfs_abi *out)
{
        struct place place;
        int err = walk_path(AT_FDCWD, path, WALK_FOLLOW, &place);

        if (err)
                return err;
        place_statfs(&place, out);
        place_put(&place);
        return 0;
}

long call_fstatfs(int fd, struct statfs_abi *out)
{
        struct file *file = file_from_fd(fd, true);

        if (!file)
                return -EBADF;
        place_statfs(&file->place, out);
        file_put(file);
        return 0;
}

/* ---------------------------------------------------------------- mode and owner */

/* Why the attributes of this inode cannot be changed by anyone, or 0. */
static int may_change(const struct place *place)
{
        return place_is_read_only(place) ? -EROFS : 0;
}

static int set_mode(const struct place *place, u32 mode)
{
        struct inode *inode = place->dentry->inode;
        int err = may_change(place);

        if (err)
                return err;
        if (mode_is(inode->mode, S_IFLNK))
                return -EOPNOTSUPP;
        if (!inode_is_owner(inode))
                return -EPERM;
        if (inode->super->type->magic == PROC_MAGIC)
                return -EPERM;
        mode &= S_IRWXA;
        if ((inode->seals & F_SEAL_EXEC) && ((inode->mode ^ mode) & S_IXALL))
                return -EPERM;
        if (!caller_in_group(inode->gid) && !caller_has(CAP_FSETID))
                mode &= ~(u32)S_ISGID;
        inode->mode = (inode->mode & S_IFMT) | mode;
        inode_touch(inode, false, false, true);
        return 0;
}

static int set_owner(const struct place *place, u32 uid, u32 gid)
{
        struct inode *inode = place->dentry->inode;
        int err = may_change(place);

        if (err)
                return err;
        if (inode->super->type->magic == PROC_MAGIC)
                return -EPERM;
        if (uid != NO_CHANGE && !caller_has(CAP_CHOWN) &&
            (caller_fsuid() != inode->uid || uid != inode->uid))
                return -EPERM;
        if (gid != NO_CHANGE && !caller_has(CAP_CHOWN) &&
            (caller_fsuid() != inode->uid || (!caller_in_group(gid) && gid != inode->gid)))
                return -EPERM;
        if (uid != NO_CHANGE)
                inode->uid = uid;
        if (gid != NO_CHANGE)
                inode->gid = gid;
        if (!mode_is(inode->mode, S_IFDIR)) {
                inode->mode &= ~(u32)S_ISUID;
                if (inode->mode & S_IXGRP)
                        inode->mode &= ~(u32)S_ISGID;
        }
        inode_touch(inode, false, false, true);
        return 0;
}

long call_chmod(int dirfd, const char *path, u32 mode, unsigned flags)
{
        struct place place;
        int err;

        if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        err = walk_path(dirfd, path, walk_flags_of(flags), &place);
        if (err)
                return err;
        err = set_mode(&place, mode);
        place_put(&place);
        return err;
}

long call_fchmod(int fd, u32 mode)
{
        struct file *file = file_from_fd(fd, false);
        int err;

        if (!file)
                return -EBADF;
        err = set_mode(&file->place, mode);
        file_put(file);
        return err;
}

long call_chown(int dirfd, const char *path, u32 uid, u32 gid, unsigned flags)
{
        struct place place;
        int err;

        if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        err = walk_path(dirfd, path, walk_flags_of(flags), &place);
        if (err)
                return err;
        err = set_owner(&place, uid, gid);
        place_put(&place);
        return err;
}

long call_fchown(int fd, u32 uid, u32 gid)
{
        struct file *file = file_from_fd(fd, false);
        int err;

        if (!file)
                return -EBADF;
        err = set_owner(&file->place, uid, gid);
        file_put(file);
        return err;
}

/* ---------------------------------------------------------------- times */

static void set_one_time(struct timespec_abi *to, const struct timespec_abi *from)
{
        if (from->nsec == UTIME_OMIT)
                return;
        *to = from->nsec == UTIME_NOW ? time_now() : *from;
}

static bool time_is_valid(const struct timespec_abi *t)
{
        return t->nsec == UTIME_NOW || t->nsec == UTIME_OMIT ||
               (t->nsec >= 0 && t->nsec < 1000000000);
}

static int set_times(const struct place *place, const struct timespec_abi *times)
{
        static const struct timespec_abi now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
        struct inode *inode = place->dentry->inode;
        bool both_now = !times || (times[0].nsec == UTIME_NOW && times[1].nsec == UTIME_NOW);
        int err = may_change(place);

        if (err)
                return err;
        if (!inode_is_owner(inode)) {
                if (!both_now)
                        return -EPERM;
                err = inode_permission(inode, MAY_WRITE);
                if (err)
                        return err;
        }
        if (!times)
                times = now;
        set_one_time(&inode->atime, &times[0]);
        set_one_time(&inode->mtime, &times[1]);
        inode_touch(inode, false, false, true);
        return 0;
}

long call_utimens(int dirfd, const char *path, const struct timespec_abi *times, unsigned flags)
{
        struct place place;
        int err;

        if (times && (!time_is_valid(&times[0]) || !time_is_valid(&times[1])))
                return -EINVAL;
        if (times && times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
                return 0;
        if (path) {
                if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
                        return -EINVAL;
                err = walk_path(dirfd, path, walk_flags_of(flags), &place);
                if (err)
                        return err;
        } else {
                struct file *file = file_from_fd(dirfd, false);

                if (!file)
                        return -EBADF;
                if (flags) {
                        file_put(file);
                        return -EINVAL;
                }
                place = file->place;
                place_get(&place);
                file_put(file);
        }
        err = set_times(&place, times);
        place_put(&place);
        return err;
}

/* ---------------------------------------------------------------- access */

/* As the real user and group, whose capabilities count only if it is root. */
static int access_as_real(struct inode *inode, unsigned mask)
{
        struct cred cred = *current_cred();

        if (inode->ops->permission)
                return inode->ops->permission(inode, mask);
        cred.cap_effective = cred.uid == 0 ? cred.cap_permitted : 0;
        cred.fsgid = cred.gid;
        return inode_permission_as(inode, mask, &cred, cred.uid, cred.gid);
}

long call_access(int dirfd, const char *path, unsigned mode, unsigned flags)
{
        struct place place;
        struct inode *inode;
        int err;

        if ((mode & ~7u) || (flags & ~(unsigned)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
                return -EINVAL;
        err = walk_path(dirfd, path, walk_flags_of(flags), &place);
        if (err)
                return err;
        inode = place.dentry->inode;
        if ((mode & X_OK) && mode_is(inode->mode, S_IFREG) && place.mount &&
            (place.mount->flags & MS_NOEXEC))
                err = -EACCES;
        if (!err && mode)
                err = flags & AT_EACCESS ? inode_permission(inode, mode)
                                         : access_as_real(inode, mode);
        if (!err && (mode & W_OK) && place_is_read_only(&place) &&
            (mode_is(inode->mode, S_IFREG) || mode_is(inode->mode, S_IFDIR) ||
             mode_is(inode->mode, S_IFLNK)))
                err = -EROFS;
        place_put(&place);
        return err;
}

/* ---------------------------------------------------------------- size */

long call_truncate(const char *path, s64 length)
{
        struct place place;
        struct inode *inode;
        int err;

        if (length < 0)
                return -EINVAL;
        err = walk_path(AT_FDCWD, path, WALK_FOLLOW, &place);
        if (err)
                return err;
        inode = place.dentry->inode;
        if (mode_is(inode->mode, S_IFDIR))
                err = -EISDIR;
        else if (!mode_is(inode->mode, S_IFREG))
                err = -EINVAL;
        else if (place_is_read_only(&place))
                err = -EROFS;
        else
                err = inode_permission(inode, MAY_WRITE);
        if (!err && inode->super->type->kept) {
                err = inode_get_writer(inode);
                if (!err) {
                        err = shmem_truncate(inode, (u64)length);
                        inode_put_writer(inode);
                }
        }
        place_put(&place);
        return err;
}

long call_ftruncate(int fd, s64 length)
{
        struct file *file;
        int err;

        if (length < 0)
                return -EINVAL;
        file = file_from_fd(fd, false);
        if (!file)
                return -EBADF;
        if (file->ops != &shmem_file_ops || !file->writable)
                err = -EINVAL;
        else
                err = shmem_truncate(file->inode, (u64)length);
        file_put(file);
        return err;
}

static int fallocate_check(const struct file *file, int mode, s64 offset, s64 len)
{
        s64 end;

        if (offset < 0 || len <= 0)
                return -EINVAL;
        if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
                     FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE))
                return -EOPNOTSUPP;
        if ((mode & FALLOC_FL_PUNCH_HOLE) && mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
                return -EOPNOTSUPP;
        if (!file->writable)
                return -EBADF;
        if (mode_is(file->inode->mode, S_IFIFO))
                return -ESPIPE;
        if (mode_is(file->inode->mode, S_IFDIR))
                return -EISDIR;
        if (!mode_is(file->inode->mode, S_IFREG))
                return -ENODEV;
        if (__builtin_add_overflow(offset, len, &end))
                return -EFBIG;
        return file->ops == &shmem_file_ops ? 0 : -EOPNOTSUPP;
}

long call_fallocate(int fd, int mode, s64 offset, s64 len)
{
        struct file *file = file_from_fd(fd, false);
        int err;

        if (!file)
                return -EBADF;
        err = fallocate_check(file, mode, offset, len);
        if (!err)
                err = shmem_fallocate(file->inode, mode, offset, len);
        file_put(file);
        return err;
}

/* ---------------------------------------------------------------- links */

long call_readlink(int dirfd, const char *path, char *buf, size_t size)
{
        struct place place;
        struct inode *inode;
        ssize_t n;
        int err = walk_path(dirfd, path, WALK_EMPTY, &place);

        if (err)
                return err;
        inode = place.dentry->inode;
        if (mode_is(inode->mode, S_IFLNK))
                n = inode->ops->readlink(inode, buf, size);
        else
                n = *path ? -EINVAL : -ENOENT;
        place_put(&place);
        return n;
}
