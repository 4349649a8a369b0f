/* SPDX-License-Identifier: MIT */
/*
 * Inodes: life, times, permissions, and who may write while it runs.
 *
 * Permissions follow the mode bits with the caller's fsuid and fsgid; CAP_DAC_OVERRIDE and
 * CAP_DAC_READ_SEARCH as in capabilities(7). No access control lists.
 */
#include "kernel/fs/inode.h"

#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/fs/lock.h"
#include "kernel/fs/pipe.h"
#include "kernel/sched/task.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- time */

#define NS_PER_SEC 1000000000ULL

struct timespec_abi time_now(void)
{
        u64 ns = clock_boot_unix_ns() + clock_ns();

        return (struct timespec_abi){ (s64)(ns / NS_PER_SEC), (s64)(ns % NS_PER_SEC) };
}

void inode_touch(struct inode *inode, bool atime, bool mtime, bool ctime)
{
        struct timespec_abi now = time_now();

        if (atime)
                inode->atime = now;
        if (mtime)
                inode->mtime = now;
        if (ctime)
                inode->ctime = now;
}

/* ---------------------------------------------------------------- life */

struct inode *inode_create(struct super *super, const struct inode_ops *ops, u32 mode)
{
        struct inode *inode = kzalloc(sizeof(*inode));

        if (!inode)
                return NULL;
        refcount_init(&inode->ref);
        rwsem_init(&inode->lock, RANK_INODE, "inode");
        list_init(&inode->locks);
        inode->ops = ops;
        inode->super = super;
        inode->ino = ++super->next_ino;
        inode->mode = mode;
        inode->nlink = 1;
        inode->uid = caller_fsuid();
        inode->gid = caller_fsgid();
        inode_touch(inode, true, true, true);
        inode->btime = inode->mtime;
        return inode;
}

void inode_get(struct inode *inode)
{
        refcount_get(&inode->ref);
}

void inode_put(struct inode *inode)
{
        if (!refcount_put(&inode->ref))
                return;
        ASSERT(list_empty(&inode->locks));
        if (inode->ops->destroy)
                inode->ops->destroy(inode);
        kfree(inode);
}

/* ---------------------------------------------------------------- permissions */

/* The identity of the calling thread; NULL while the kernel starts, when all is allowed. */
static const struct cred *caller_cred(void)
{
        return current_task() ? current_cred() : NULL;
}

bool caller_has(int cap)
{
        const struct cred *cred = caller_cred();

        return !cred || cred_has(cred, cap);
}

u32 caller_fsuid(void)
{
        const struct cred *cred = caller_cred();

        return cred ? cred->fsuid : 0;
}

u32 caller_fsgid(void)
{
        const struct cred *cred = caller_cred();

        return cred ? cred->fsgid : 0;
}

static bool cred_in_group(const struct cred *cred, u32 gid, u32 group)
{
        if (gid == group)
                return true;
        for (u32 i = 0; i < cred->nr_groups; i++)
                if (cred->groups[i] == group)
                        return true;
        return false;
}

bool caller_in_group(u32 gid)
{
        const struct cred *cred = caller_cred();

        return !cred || cred_in_group(cred, cred->fsgid, gid);
}

bool inode_is_owner(const struct inode *inode)
{
        return caller_fsuid() == inode->uid || caller_has(CAP_FOWNER);
}

int inode_permission_as(struct inode *inode, unsigned mask, const struct cred *cred, u32 uid,
                        u32 gid)
{
        u32 bits = inode->mode;

        if (uid == inode->uid)
                bits >>= 6;
        else if (cred_in_group(cred, gid, inode->gid))
                bits >>= 3;
        if ((mask & ~bits & 7) == 0)
                return 0;
        if (mode_is(inode->mode, S_IFDIR)) {
                if (cred_has(cred, CAP_DAC_OVERRIDE) ||
                    (!(mask & MAY_WRITE) && cred_has(cred, CAP_DAC_READ_SEARCH)))
                        return 0;
                return -EACCES;
        }
        if (mask == MAY_READ && cred_has(cred, CAP_DAC_READ_SEARCH))
                return 0;
        /* Being root makes nothing a program that has no x bit at all. */
        if (!(mask & MAY_EXEC) || (inode->mode & S_IXALL))
                if (cred_has(cred, CAP_DAC_OVERRIDE))
                        return 0;
        return -EACCES;
}

int inode_permission(struct inode *inode, unsigned mask)
{
        const struct cred *cred = caller_cred();

        if (inode->ops->permission)
                return inode->ops->permission(inode, mask);
        if (!cred)
                return 0;
        return inode_permission_as(inode, mask, cred, cred->fsuid, cred->fsgid);
}

/* ---------------------------------------------------------------- writers against programs */

int inode_get_writer(struct inode *inode)
{
        if (inode->writers < 0)
                return -ETXTBSY;
        inode->writers++;
        return 0;
}

void inode_put_writer(struct inode *inode)
{
        ASSERT(inode->writers > 0);
        inode->writers--;
}

int inode_deny_writers(struct inode *inode)
{
        if (inode->writers > 0)
                return -ETXTBSY;
        inode->writers--;
        return 0;
}

void inode_allow_writers(struct inode *inode)
{
        ASSERT(inode->writers < 0);
        inode->writers++;
}

/* ---------------------------------------------------------------- what stat() tells */

/* A directory of tmpfs counts 20 bytes an entry, "." and ".." included. */
#define DIR_ENTRY_SIZE 20

u64 inode_size(const struct inode *inode)
{
        if (!inode->super->type->kept)
                return 0;
        if (mode_is(inode->mode, S_IFREG))
                return object_size(inode->object);
        if (mode_is(inode->mode, S_IFDIR))
                return (inode->dir.nr + 2) * DIR_ENTRY_SIZE;
        return 0;
}

void inode_stat(struct inode *inode, struct kstat *st)
{
        *st = (struct kstat){
                .dev = dev_encode(0, inode->super->dev),
                .ino = inode->ino,
                .rdev = inode->rdev,
                .mode = inode->mode,
                .nlink = inode->nlink,
                .uid = inode->uid,
                .gid = inode->gid,
                .size = inode_size(inode),
                .blksize = PAGE_SIZE,
                .atime = inode->atime,
                .mtime = inode->mtime,
                .ctime = inode->ctime,
                .btime = inode->btime,
        };
        if (inode->super->type->kept && mode_is(inode->mode, S_IFREG))
                st->blocks = object_pages(inode->object) * (PAGE_SIZE / 512);
        if (inode->ops->getattr)
                inode->ops->getattr(inode, st);
}
