/* SPDX-License-Identifier: MIT */
/* Directories as files and as places: getdents, chdir, chroot, getcwd; mounting on them. */
#include "arch/usercopy.h"
#include "kernel/base/abi/dirent.h"
#include "kernel/base/abi/mount.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/walk.h"
#include "kernel/sched/task.h"
#include "mm/page.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- reading */

/*
 * Positions in a directory that is kept in memory: 0 ".", 1 "..", 2 the newest child, then the
 * cookie of the next child to list. Cookies fall and begin at 4, so 3 is the end.
 */
#define POS_NEWEST 2
#define POS_END    3

static bool emit_dots(struct file *file, struct dir_sink *sink)
{
        struct inode *inode = file->inode;
        struct dentry *parent = file->place.dentry->parent;

        if (file->pos == 0) {
                if (!sink->emit(sink, ".", 1, inode->ino, inode->mode, 1))
                        return false;
                file->pos = 1;
        }
        if (file->pos == 1) {
                struct inode *up = parent ? parent->inode : inode;

                if (!sink->emit(sink, "..", 2, up->ino, up->mode, POS_NEWEST))
                        return false;
                file->pos = POS_NEWEST;
        }
        return true;
}

static int dir_iterate(struct file *file, struct dir_sink *sink)
{
        struct dentry *dir = file->place.dentry;
        struct list *head = &dir->inode->dir.children;
        struct dentry *d;

        mutex_lock(&tree_lock);
        if (!emit_dots(file, sink)) {
                mutex_unlock(&tree_lock);
                return 0;
        }
        d = dir_next(dir, file->pos == POS_NEWEST ? ~0ULL : (u64)file->pos);
        while (d) {
                struct list *next = d->siblings.next;

                if (!sink->emit(sink, d->name, d->name_len, d->inode->ino, d->inode->mode,
                                (s64)d->cookie - 1))
                        break;
                file->pos = (s64)d->cookie - 1;
                d = next == head ? NULL : list_entry(next, struct dentry, siblings);
        }
        if (!d)
                file->pos = POS_END;
        mutex_unlock(&tree_lock);
        return 0;
}

static s64 dir_seek(struct file *file, s64 offset, int whence)
{
        if (whence == SEEK_CUR)
                offset += file->pos;
        else if (whence != SEEK_SET)
                return -EINVAL;
        if (offset < 0)
                return -EINVAL;
        return file->pos = offset;
}

const struct file_ops dir_file_ops = {
        .seek = dir_seek,
        .iterate = dir_iterate,
        .fsync = fsync_nothing,
};

/* Collects records in a kernel buffer; user memory is written when the directory is unlocked. */
struct dents {
        struct dir_sink sink;
        char *buf;
        size_t used, size;
        bool full;
};

static bool dents_emit(struct dir_sink *sink, const char *name, size_t len, u64 ino, u32 mode,
                       s64 next)
{
        struct dents *d = container_of(sink, struct dents, sink);
        size_t reclen = (offsetof(struct dirent64, d_name) + len + 1 + 7) & ~7UL;
        struct dirent64 *rec = (struct dirent64 *)(d->buf + d->used);

        if (reclen > d->size - d->used) {
                d->full = true;
                return false;
        }
        memset(rec, 0, reclen);
        rec->d_ino = ino;
        rec->d_off = next;
        rec->d_reclen = (u16)reclen;
        rec->d_type = DT_OF_MODE(mode & S_IFMT);
        memcpy(rec->d_name, name, len);
        d->used += reclen;
        return true;
}

/*
 * The records that reached the user stay read; the position follows the last of them. What pads a
 * record is not written, but must lie in user space like the rest.
 */
static ssize_t dents_copy(struct file *file, const struct dents *d, uaddr to, s64 start)
{
        s64 end = file->pos;
        size_t done = 0;

        file->pos = start;
        while (done < d->used) {
                const struct dirent64 *rec = (const struct dirent64 *)(d->buf + done);
                size_t len = offsetof(struct dirent64, d_name) + strlen(rec->d_name) + 1;

                if (to + done + rec->d_reclen > TASK_SIZE || user_copy_out(to + done, rec, len))
                        return done ? (ssize_t)done : -EFAULT;
                done += rec->d_reclen;
                file->pos = rec->d_off;
        }
        file->pos = end;
        return (ssize_t)done;
}

static long getdents_locked(struct file *file, uaddr buf, size_t size)
{
        struct dents d = { .sink = { dents_emit }, .size = min_u64(size, 8 * PAGE_SIZE) };
        s64 start = file->pos;
        long result;

        if (!file->ops->iterate)
                return -ENOTDIR;
        if (file->ops == &dir_file_ops && !file->place.dentry->linked)
                return -ENOENT;
        d.buf = kmalloc(d.size ? d.size : 1);
        if (!d.buf)
                return -ENOMEM;
        result = file->ops->iterate(file, &d.sink);
        if (!result && d.used)
                result = dents_copy(file, &d, buf, start);
        else if (!result && d.full)
                result = -EINVAL;
        kfree(d.buf);
        return result;
}

long call_getdents(int fd, uaddr buf, size_t size)
{
        struct file *file = file_from_fd(fd, false);
        long result;

        if (!file)
                return -EBADF;
        mutex_lock(&file->pos_lock);
        result = getdents_locked(file, buf, size);
        mutex_unlock(&file->pos_lock);
        file_put(file);
        return result;
}

/* ---------------------------------------------------------------- working directory */

static int may_enter(const struct place *place)
{
        if (!mode_is(place->dentry->inode->mode, S_IFDIR))
                return -ENOTDIR;
        return inode_permission(place->dentry->inode, MAY_EXEC);
}

long call_chdir(const char *path)
{
        struct place place;
        int err = walk_path(AT_FDCWD, path, WALK_FOLLOW | WALK_DIRECTORY, &place);

        if (err)
                return err;
        err = may_enter(&place);
        if (err)
                place_put(&place);
        else
                fs_set_cwd(&place);
        return err;
}

long call_fchdir(int fd)
{
        struct file *file = file_from_fd(fd, true);
        int err;

        if (!file)
                return -EBADF;
        err = may_enter(&file->place);
        if (!err) {
                place_get(&file->place);
                fs_set_cwd(&file->place);
        }
        file_put(file);
        return err;
}

long call_chroot(const char *path)
{
        struct place place;
        int err = walk_path(AT_FDCWD, path, WALK_FOLLOW | WALK_DIRECTORY, &place);

        if (err)
                return err;
        err = may_enter(&place);
        if (!err && !caller_has(CAP_SYS_CHROOT))
                err = -EPERM;
        if (err)
                place_put(&place);
        else
                fs_set_root(&place);
        return err;
}

#define UNREACHABLE "(unreachable)"

long call_getcwd(char **out)
{
        size_t size = PAGE_SIZE, front = sizeof(UNREACHABLE) - 1, len;
        char *buf = kmalloc(size);
        struct place root, cwd;
        bool reachable;
        ssize_t at;

        if (!buf)
                return -ENOMEM;
        fs_root(&root);
        fs_cwd(&cwd);
        at = place_path(&cwd, &root, buf + front, size - front - 1, &reachable);
        if (at >= 0 && cwd.dentry->parent && !cwd.dentry->linked)
                at = -ENOENT;
        place_put(&root);
        place_put(&cwd);
        if (at < 0) {
                kfree(buf);
                return at;
        }
        len = size - front - 1 - (size_t)at;
        memmove(buf + (reachable ? 0 : front), buf + front + at, len);
        if (!reachable) {
                memcpy(buf, UNREACHABLE, front);
                len += front;
        }
        buf[len++] = '\0';
        *out = buf;
        return (long)len;
}

/* ---------------------------------------------------------------- mounting */

#define MS_PROPAGATION (MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED)
#define MS_KEPT        (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)

static int mount_new(const struct place *at, const char *source, const char *type, u32 flags,
                     const char *options)
{
        const struct fs_type *fs;

        if (!type)
                return -EINVAL;
        fs = fs_type_find(type);
        if (!fs)
                return -ENODEV;
        if (!mode_is(at->dentry->inode->mode, S_IFDIR))
                return -ENOTDIR;
        return mount_add(fs, at, flags, source && *source ? source : "none", options);
}

/* MS_BIND and MS_MOVE: what is named by a path, here. */
static int mount_from(const struct place *at, const char *source, u64 flags)
{
        struct place from;
        int err;

        if (!source || !*source)
                return -EINVAL;
        err = walk_path(AT_FDCWD, source, WALK_FOLLOW, &from);
        if (err)
                return err;
        if (!from.mount)
                err = -EINVAL;
        else if (flags & MS_BIND)
                err = mount_bind(&from, at, flags & MS_REC);
        else
                err = mount_move(&from, at);
        place_put(&from);
        return err;
}

/* At the root of a mount: other flags, or how mounts are passed on, of which there is one way. */
static int mount_again(const struct place *at, u64 flags, const char *options)
{
        if (at->dentry != at->mount->root)
                return -EINVAL;
        if (!(flags & MS_REMOUNT))
                return 0;
        return mount_change(at->mount, (u32)flags & MS_KEPT, flags & MS_BIND, options);
}

long call_mount(const char *source, const char *target, const char *type, u64 flags,
                const char *options)
{
        struct place at;
        int err;

        if ((flags & MS_MGC_MASK) == MS_MGC_VAL)
                flags &= ~(u64)MS_MGC_MASK;
        err = walk_path(AT_FDCWD, target, WALK_FOLLOW, &at);
        if (err)
                return err;
        if (!caller_has(CAP_SYS_ADMIN))
                err = -EPERM;
        else if (!at.mount)
                err = -EINVAL;
        else if ((flags & MS_REMOUNT) || (!(flags & MS_BIND) && (flags & MS_PROPAGATION)))
                err = mount_again(&at, flags, options);
        else if (flags & (MS_BIND | MS_MOVE))
                err = mount_from(&at, source, flags);
        else
                err = mount_new(&at, source, type, (u32)flags & MS_KEPT, options);
        place_put(&at);
        return err;
}

long call_umount(const char *target, int flags)
{
        struct mount *mount;
        struct place at;
        bool unused;
        int err;

        if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
                return -EINVAL;
        mount = mount_expiring();
        err = walk_path(AT_FDCWD, target, flags & UMOUNT_NOFOLLOW ? 0 : WALK_FOLLOW, &at);
        if (err)
                return err;
        unused = mount && mount == at.mount;
        mount = at.mount;
        err = caller_has(CAP_SYS_ADMIN) ? mount_remove(&at, (unsigned)flags, unused) : -EPERM;
        place_put(&at);
        if (err == -EAGAIN)
                mount_set_expiring(mount);
        return err;
}
