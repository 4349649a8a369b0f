/* SPDX-License-Identifier: MIT */
/* memfd_create(2): a file in memory without a name, and its seals. */
#include "kernel/fs/memfd.h"

#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/tmpfs.h"

#define MEMFD_NAME_MAX 249 /* NAME_MAX less "memfd:" */
#define SEALS_KNOWN                                                                       \
        (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | \
         F_SEAL_EXEC)

long call_memfd(const char *name, unsigned flags)
{
        char path[MEMFD_NAME_MAX + 32];
        struct inode *inode;
        struct file *file;
        int err;

        if ((flags & MFD_EXEC) && (flags & MFD_NOEXEC_SEAL))
                return -EINVAL;
        inode = tmpfs_inode(memfd_super, S_IFREG | 0777, 0, NULL);
        if (!inode)
                return -ENOMEM;
        inode->nlink = 0;
        if (flags & MFD_NOEXEC_SEAL) {
                inode->mode &= ~(u32)S_IXALL;
                inode->seals = F_SEAL_EXEC;
        } else if (flags & MFD_ALLOW_SEALING) {
                inode->seals = 0;
        }
        scnprintf(path, sizeof(path), "/memfd:%s (deleted)", name);
        err = file_open_anon(inode, path, &shmem_file_ops, O_RDWR | O_LARGEFILE, NULL, &file);
        if (err)
                return err;
        file->positioned = true;
        file->holds_writer = inode_get_writer(inode) == 0;
        file->backing.object = inode->object;
        file->backing.flags = BACKING_SHMEM | BACKING_REGULAR | BACKING_PATHLESS;
        return fd_install(file, flags & MFD_CLOEXEC);
}

/* -EBUSY: someone could still write through a mapping. */
static int seal_locked(struct inode *inode, unsigned seals)
{
        if (inode->seals & F_SEAL_SEAL)
                return -EPERM;
        if ((seals & F_SEAL_WRITE) && !(inode->seals & F_SEAL_WRITE)) {
                int err = object_deny_shared_writable(inode->object);

                if (err)
                        return err;
        }
        if ((seals & F_SEAL_EXEC) && (inode->mode & S_IXALL))
                seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
        if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
                object_deny_new_writable(inode->object);
        inode->seals |= seals;
        return 0;
}

static bool has_seals(const struct file *file)
{
        return file->inode->super->type->kept && mode_is(file->inode->mode, S_IFREG);
}

long memfd_add_seals(struct file *file, unsigned seals)
{
        int err;

        if (!file->writable)
                return -EPERM;
        if (seals & ~(unsigned)SEALS_KNOWN)
                return -EINVAL;
        if (!has_seals(file))
                return -EINVAL;
        rwsem_write_lock(&file->inode->lock);
        err = seal_locked(file->inode, seals);
        rwsem_write_unlock(&file->inode->lock);
        return err;
}

long memfd_get_seals(struct file *file)
{
        return has_seals(file) ? (long)file->inode->seals : -EINVAL;
}
