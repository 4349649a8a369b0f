/* SPDX-License-Identifier: MIT */
/*
 * Regular files in memory: those of tmpfs and memfds. Their bytes are the pages of an mm object.
 *
 * A writer holds inode->lock for writing, so that a write is one piece and appending finds the
 * end; a reader takes no lock and sees pages as they are, as on Linux. User memory is copied with
 * a reference to the page and no lock of mm held: it may be a mapping of the same file.
 */
#include "kernel/fs/tmpfs.h"

#include "kernel/base/abi/resource.h"
#include "kernel/base/assert.h"
#include "kernel/fs/open_file.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/task.h"
#include "mm/page.h"

#define FILE_MAX                                                                        \
        0x7fffffffffffffffULL /* size of the largest file; one byte less can be written \
                               */

static u64 file_limit(void)
{
        return current_task() ? current_rlimit(RLIMIT_FSIZE) : RLIM_INFINITY;
}

static int over_file_limit(void)
{
        signal_self(SIGXFSZ);
        return -EFBIG;
}

/* May the file become `size` bytes long? Making it no longer than it is may be asked always. */
static int check_size(const struct inode *inode, u64 size)
{
        return size > object_size(inode->object) && size > file_limit() ? over_file_limit() : 0;
}

/* ---------------------------------------------------------------- read and write */

static ssize_t shmem_read(struct file *file, struct uio *to, s64 *pos)
{
        struct object *object = file->inode->object;
        size_t done = 0;

        while (to->left) {
                u64 size = object_size(object), offset = (u64)*pos & (PAGE_SIZE - 1);
                struct page *page;
                size_t n, moved;
                int err;

                if ((u64)*pos >= size)
                        break;
                n = min_u64(min_u64(PAGE_SIZE - offset, size - (u64)*pos), to->left);
                err = object_get_page(object, (u64)*pos >> PAGE_SHIFT, false, &page);
                if (err)
                        return done ? (ssize_t)done : err;
                if (page) {
                        moved = uio_put(to, (char *)page_to_virt(page) + offset, n);
                        page_put(page);
                } else {
                        moved = uio_clear(to, n);
                }
                *pos += (s64)moved;
                done += moved;
                if (moved < n)
                        return done ? (ssize_t)done : -EFAULT;
        }
        if (!(file->flags & O_NOATIME))
                inode_touch(file->inode, true, false, false);
        return (ssize_t)done;
}

static int page_for_write(struct object *object, u64 index, struct page **out)
{
        int err = object_get_page(object, index, true, out);

        return err == -ENOMEM ? -ENOSPC : err;
}

static int seals_allow_write(struct inode *inode, u64 end)
{
        if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
                return -EPERM;
        if ((inode->seals & F_SEAL_GROW) && end > object_size(inode->object))
                return -EPERM;
        return 0;
}

/*
 * Up to the end of one page; bytes written or an errno. As on Linux the page is there before the
 * bytes are asked for, and a file reaches to where it was to be written even if none can be had.
 */
static ssize_t write_piece(struct inode *inode, struct uio *from, u64 pos, size_t n)
{
        struct page *page;
        size_t moved;
        int err = seals_allow_write(inode, pos + n);

        if (!err)
                err = page_for_write(inode->object, pos >> PAGE_SHIFT, &page);
        if (err)
                return err;
        moved = uio_take(from, (char *)page_to_virt(page) + (pos & (PAGE_SIZE - 1)), n);
        page_set_flags(page, PAGE_DIRTY);
        page_put(page);
        object_extend(inode->object, pos + moved);
        return moved ? (ssize_t)moved : -EFAULT;
}

/*
 * Cut what goes past the limits; -EFBIG when nothing is left. A limit from 2^63 on that is not
 * infinity lies below all positions here, as it does on Linux.
 */
static int limit_write(struct uio *from, u64 pos)
{
        u64 limit = file_limit();

        if (limit != RLIM_INFINITY) {
                if ((s64)pos >= (s64)limit)
                        return over_file_limit();
                from->left = min_u64(from->left, limit - pos);
        }
        if (pos >= FILE_MAX)
                return -EFBIG;
        from->left = min_u64(from->left, FILE_MAX - pos);
        return 0;
}

/* set-user-ID and set-group-ID do not survive a write by someone without CAP_FSETID. */
static void drop_set_ids(struct inode *inode)
{
        if (!(inode->mode & (S_ISUID | S_ISGID)) || caller_has(CAP_FSETID))
                return;
        inode->mode &= ~(u32)S_ISUID;
        if (inode->mode & S_IXGRP)
                inode->mode &= ~(u32)S_ISGID;
}

static ssize_t shmem_write(struct file *file, struct uio *from, s64 *pos)
{
        struct inode *inode = file->inode;
        ssize_t done = 0, err = 0;

        if (from->left == 0)
                return 0;
        rwsem_write_lock(&inode->lock);
        if ((file->flags & O_APPEND) || from->append)
                *pos = (s64)object_size(inode->object);
        err = limit_write(from, (u64)*pos);
        if (!err) {
                drop_set_ids(inode);
                inode_touch(inode, false, true, true);
        }
        while (!err && from->left) {
                size_t n = min_u64(PAGE_SIZE - ((u64)*pos & (PAGE_SIZE - 1)), from->left);
                ssize_t moved = write_piece(inode, from, (u64)*pos, n);

                if (moved < 0) {
                        err = moved;
                        break;
                }
                *pos += moved;
                done += moved;
                if ((size_t)moved < n)
                        err = -EFAULT;
        }
        rwsem_write_unlock(&inode->lock);
        return done ? done : err;
}

/* ---------------------------------------------------------------- size */

static s64 shmem_seek(struct file *file, s64 offset, int whence)
{
        struct object *object = file->inode->object;
        s64 at;

        if (whence != SEEK_DATA && whence != SEEK_HOLE)
                return seek_sized(file, offset, whence, object_size(object));
        if (offset < 0 || (u64)offset >= object_size(object))
                return -ENXIO;
        at = object_seek(object, (u64)offset, whence == SEEK_DATA);
        if (at >= 0)
                file->pos = at;
        return at;
}

int shmem_truncate(struct inode *inode, u64 size)
{
        u64 old;
        int err;

        rwsem_write_lock(&inode->lock);
        old = object_size(inode->object);
        err = check_size(inode, size);
        if (!err && ((size < old && (inode->seals & F_SEAL_SHRINK)) ||
                     (size > old && (inode->seals & F_SEAL_GROW))))
                err = -EPERM;
        /* Growing keeps what was set aside behind the end; the same size frees it. */
        if (!err && size > old)
                object_extend(inode->object, size);
        else if (!err)
                err = object_truncate(inode->object, size);
        if (!err) {
                drop_set_ids(inode);
                inode_touch(inode, false, true, true);
        }
        rwsem_write_unlock(&inode->lock);
        return err;
}

static int punch_locked(struct inode *inode, u64 start, u64 end)
{
        if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
                return -EPERM;
        return object_punch(inode->object, start, end);
}

/* The limit counts for pages that are set aside behind the end, too. */
static int allocate_locked(struct inode *inode, u64 start, u64 end, bool keep_size)
{
        int err = check_size(inode, end);

        if (err)
                return err;
        if (end > object_size(inode->object) && (inode->seals & F_SEAL_GROW))
                return -EPERM;
        err = object_allocate(inode->object, start, end, keep_size);
        return err == -ENOMEM ? -ENOSPC : err;
}

int shmem_fallocate(struct inode *inode, int mode, s64 offset, s64 len)
{
        u64 start = (u64)offset, end = start + (u64)len;
        int err;

        if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
                return -EOPNOTSUPP;
        rwsem_write_lock(&inode->lock);
        if (mode & FALLOC_FL_PUNCH_HOLE)
                err = punch_locked(inode, start, end);
        else
                err = allocate_locked(inode, start, end, mode & FALLOC_FL_KEEP_SIZE);
        if (!err) {
                drop_set_ids(inode);
                inode_touch(inode, false, true, true);
        }
        rwsem_write_unlock(&inode->lock);
        return err;
}

const struct file_ops shmem_file_ops = {
        .read = shmem_read,
        .write = shmem_write,
        .seek = shmem_seek,
        .fsync = fsync_nothing,
};
