/* SPDX-License-Identifier: MIT */
/*
 * Open files: making, closing, and what exec and mm want to know of them.
 *
 * The last put may happen under mmap_lock (a mapping was the last user), so nothing on that path
 * takes a lock that ranks before it; files that need more when they close cannot be mapped.
 */
#include "kernel/fs/open_file.h"

#include "kernel/base/abi/mount.h"
#include "kernel/base/string.h"
#include "kernel/fs/lock.h"
#include "kernel/fs/walk.h"
#include "mm/slab.h"

static void file_release(struct backing *backing)
{
        struct file *file = container_of(backing, struct file, backing);

        if (file->flocked)
                flock_release(file);
        if (file->ops && file->ops->release)
                file->ops->release(file);
        if (file->holds_writer) {
                inode_put_writer(file->inode);
                place_count_writer(&file->place, -1);
        }
        if (file->denies_writers)
                inode_allow_writers(file->inode);
        inode_put(file->inode);
        place_put(&file->place);
        kfree(file);
}

static struct file *file_create(struct inode *inode, u32 flags)
{
        struct file *file = kzalloc(sizeof(*file));

        if (!file)
                return NULL;
        refcount_init(&file->backing.ref);
        file->backing.release = file_release;
        file->backing.ino = inode->ino;
        file->backing.dev = inode->super->dev;
        mutex_init(&file->pos_lock, RANK_FILE_POS, "file position");
        file->inode = inode;
        file->flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
        file->readable = (flags & O_ACCMODE) == O_RDONLY || (flags & O_ACCMODE) == O_RDWR;
        file->writable = (flags & O_ACCMODE) == O_WRONLY || (flags & O_ACCMODE) == O_RDWR;
        return file;
}

int file_open_inode(const struct place *place, u32 flags, struct file **out)
{
        struct inode *inode = place->dentry->inode;
        struct file *file = file_create(inode, flags);
        int err = 0;

        if (!file) {
                place_put(place);
                return -ENOMEM;
        }
        file->place = *place;
        inode_get(inode);
        file->ops = &bad_file_ops;
        if (flags & O_PATH) {
                file->flags = flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW);
                file->readable = file->writable = false;
                file->path_only = true;
                *out = file;
                return 0;
        }
        file->positioned = true;
        if (file->writable && mode_is(inode->mode, S_IFREG)) {
                err = inode_get_writer(inode);
                file->holds_writer = !err;
                if (!err)
                        place_count_writer(place, 1);
        }
        if (!err && inode->ops->open)
                err = inode->ops->open(inode, file);
        if (err) {
                file->ops = &bad_file_ops;
                file_put(file);
                return err;
        }
        *out = file;
        return 0;
}

int file_open_anon(struct inode *inode, const char *name, const struct file_ops *ops, u32 flags,
                   void *data, struct file **out)
{
        struct file *file = file_create(inode, flags);
        struct dentry *dentry;

        if (!file) {
                inode_put(inode);
                return -ENOMEM;
        }
        inode_get(inode);
        dentry = dentry_create(NULL, inode, name, strlen(name));
        if (!dentry) {
                inode_put(inode);
                kfree(file);
                return -ENOMEM;
        }
        file->place.dentry = dentry;
        file->ops = ops;
        file->data = data;
        *out = file;
        return 0;
}

void file_get(struct file *file)
{
        backing_get(&file->backing);
}

void file_put(struct file *file)
{
        backing_put(&file->backing);
}

/* ---------------------------------------------------------------- for mm and exec */

u64 file_size(const struct file *file)
{
        return inode_size(file->inode);
}

struct backing *file_backing(struct file *file)
{
        struct backing *backing = &file->backing;

        if (backing->object || (backing->flags & BACKING_ZERO) || backing_has_frames(backing))
                return backing;
        return NULL;
}

struct file *backing_file(struct backing *backing)
{
        if (backing->release != file_release)
                return NULL;
        return container_of(backing, struct file, backing);
}

bool file_readable(const struct file *file)
{
        return file->readable;
}

bool file_writable(const struct file *file)
{
        return file->writable;
}

bool file_is_path_only(const struct file *file)
{
        return file->path_only;
}

bool file_is_noexec(const struct file *file)
{
        return file->place.mount && (file->place.mount->flags & MS_NOEXEC);
}

void file_exec_identity(const struct file *file, u32 *mode, u32 *uid, u32 *gid)
{
        *mode = file->inode->mode;
        if (file->place.mount && (file->place.mount->flags & MS_NOSUID))
                *mode &= ~(u32)(S_ISUID | S_ISGID);
        *uid = file->inode->uid;
        *gid = file->inode->gid;
}

int file_open_exec_at(int dirfd, const char *path, int flags, struct file **out)
{
        struct place place;
        struct inode *inode;
        int err = walk_path(dirfd, path, walk_flags_of((unsigned)flags), &place);

        if (err)
                return err;
        inode = place.dentry->inode;
        if (mode_is(inode->mode, S_IFLNK))
                err = -ELOOP;
        else if (!mode_is(inode->mode, S_IFREG))
                err = -EACCES;
        else if (place.mount && (place.mount->flags & MS_NOEXEC))
                err = -EACCES;
        else
                err = inode_permission(inode, MAY_EXEC);
        if (!err)
                err = inode_deny_writers(inode);
        if (err) {
                place_put(&place);
                return err;
        }
        inode_get(inode);
        err = file_open_inode(&place, O_RDONLY, out);
        if (err)
                inode_allow_writers(inode);
        else
                (*out)->denies_writers = true;
        inode_put(inode);
        return err;
}

int file_open_exec(const char *path, struct file **out)
{
        return file_open_exec_at(AT_FDCWD, path, 0, out);
}

ssize_t file_read_kernel(struct file *file, void *buf, size_t len, u64 offset)
{
        struct uio u;
        s64 pos = (s64)offset;

        if (!file->ops->read)
                return -EINVAL;
        uio_kernel(&u, buf, len);
        return file->ops->read(file, &u, &pos);
}

size_t file_path(struct file *file, char *buf, size_t size)
{
        struct place root;
        bool reachable;
        ssize_t at;
        size_t len;

        if (size == 0)
                return 0;
        if (!file->place.mount) {
                len = min_u64(file->place.dentry->name_len, size - 1);
                memcpy(buf, file->place.dentry->name, len);
                buf[len] = '\0';
                return len;
        }
        fs_root(&root);
        at = place_path(&file->place, &root, buf, size - 1, &reachable);
        place_put(&root);
        len = at < 0 ? 0 : size - 1 - (size_t)at;
        memmove(buf, buf + (at < 0 ? 0 : at), len);
        buf[len] = '\0';
        return len;
}

/* ---------------------------------------------------------------- pieces for operations */

const struct file_ops bad_file_ops = { 0 };

/* For files without a notion of an offset that still accept lseek(). */
s64 seek_noop(struct file *file, s64 offset, int whence)
{
        (void)offset;
        return whence < SEEK_SET || whence > SEEK_HOLE ? -EINVAL : file->pos;
}

s64 seek_null(struct file *file, s64 offset, int whence)
{
        (void)offset;
        (void)whence;
        return file->pos = 0;
}

s64 seek_sized(struct file *file, s64 offset, int whence, u64 size)
{
        s64 base = 0, pos;

        if (whence == SEEK_CUR)
                base = file->pos;
        else if (whence == SEEK_END)
                base = (s64)size;
        else if (whence != SEEK_SET)
                return -EINVAL;
        if (__builtin_add_overflow(base, offset, &pos) || pos < 0)
                return -EINVAL;
        return file->pos = pos;
}

int fsync_nothing(struct file *file)
{
        (void)file;
        return 0;
}
