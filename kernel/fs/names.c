/* SPDX-License-Identifier: MIT */
/*
 * Making and removing names: mkdir, mknod, symlink, link, unlink, rmdir.
 *
 * Each walks to the directory, then takes tree_lock, looks the last name up again and acts: what
 * it saw holds until it is done. The order of the checks is that of Linux, whose errno wins when
 * several apply: kind of the last component, the name's existence, read-only mount, permission on
 * the directory, type of the victim.
 */
#include "kernel/fs/calls.h"

#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/walk.h"
#include "kernel/sched/cred.h"
#include "mm/slab.h"

#define LINK_COUNT_MAX 0xffffffffu

/* ---------------------------------------------------------------- permission */

int may_add(const struct place *dir)
{
        if (!dir->dentry->linked)
                return -ENOENT;
        return inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory only the owner of the file or of the directory removes a name. */
static bool sticky_forbids(const struct inode *dir, const struct inode *victim)
{
        u32 uid = caller_fsuid();

        return (dir->mode & S_ISVTX) && uid != victim->uid && uid != dir->uid &&
               !caller_has(CAP_FOWNER);
}

int may_remove(const struct place *dir, struct dentry *child)
{
        int err = inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);

        if (err)
                return err;
        return sticky_forbids(dir->dentry->inode, child->inode) ? -EPERM : 0;
}

/* ---------------------------------------------------------------- adding */

/* A new inode's owner and mode, as its directory wants them. */
u32 mode_inherit(const struct inode *dir, u32 mode, u32 *gid)
{
        *gid = caller_fsgid();
        if (!(dir->mode & S_ISGID))
                return mode;
        *gid = dir->gid;
        if (mode_is(mode, S_IFDIR))
                return mode | S_ISGID;
        if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && !caller_in_group(*gid) &&
            !caller_has(CAP_FSETID))
                mode &= ~(u32)S_ISGID;
        return mode;
}

int name_add(struct place *dir, const char *name, size_t len, u32 mode, u64 rdev, const char *link,
             struct dentry **out)
{
        struct inode *parent = dir->dentry->inode, *inode;
        struct dentry *dentry;
        u32 gid;

        mode = mode_inherit(parent, mode, &gid);
        inode = tmpfs_inode(dir->dentry->super, mode, rdev, link);
        if (!inode)
                return -ENOMEM;
        inode->gid = gid;
        dentry = dentry_create(dir->dentry, inode, name, len);
        if (!dentry)
                return -ENOMEM;
        dir_link(dir->dentry, dentry);
        if (mode_is(mode, S_IFDIR))
                parent->nlink++;
        inode_touch(parent, false, true, true);
        *out = dentry;
        return 0;
}

/*
 * Stand at the directory of a name that is to be made, with tree_lock held if the result is 0;
 * may_add() is the caller's to ask. -EEXIST, -ENOENT, -EROFS. walk_end() in any case.
 */
static int add_begin(struct walk *w, int dirfd, const char *path, bool directory)
{
        struct dentry *there;
        int err = walk_begin(w, dirfd, path, 0, 0);

        if (!err)
                err = walk_to_last(w);
        if (err)
                return err;
        if (w->kind != LAST_NAME)
                return -EEXIST;
        err = lookup_child(w->at.dentry, w->name, w->len, &there);
        if (!err) {
                dentry_put(there);
                return -EEXIST;
        }
        if (err != -ENOENT || (w->slash && !directory))
                return err;
        if (!w->at.dentry->super->type->kept)
                return -ENOENT;
        if (place_is_read_only(&w->at))
                return -EROFS;
        mutex_lock(&tree_lock);
        if (!dir_find(w->at.dentry, w->name, w->len))
                return 0;
        mutex_unlock(&tree_lock);
        return -EEXIST;
}

static int add_new(int dirfd, const char *path, u32 mode, u64 rdev, const char *link)
{
        struct dentry *dentry;
        struct walk w;
        int err = add_begin(&w, dirfd, path, mode_is(mode, S_IFDIR));

        if (!err) {
                err = may_add(&w.at);
                if (!err && (mode_is(mode, S_IFCHR) || mode_is(mode, S_IFBLK)) &&
                    !caller_has(CAP_MKNOD))
                        err = -EPERM;
                if (!err)
                        err = name_add(&w.at, w.name, w.len, mode, rdev, link, &dentry);
                mutex_unlock(&tree_lock);
                if (!err)
                        dentry_put(dentry);
        }
        walk_end(&w);
        return err;
}

long call_mkdir(int dirfd, const char *path, u32 mode)
{
        mode &= (0777 | S_ISVTX) & ~fs_umask();
        return add_new(dirfd, path, S_IFDIR | mode, 0, NULL);
}

long call_mknod(int dirfd, const char *path, u32 mode, u64 dev)
{
        u32 type = mode & S_IFMT;

        if (type == S_IFDIR)
                return -EPERM;
        if (type == 0)
                type = S_IFREG;
        if (type != S_IFREG && type != S_IFCHR && type != S_IFBLK && type != S_IFIFO &&
            type != S_IFSOCK)
                return -EINVAL;
        mode = type | (mode & S_IRWXA & ~fs_umask());
        return add_new(dirfd, path, mode, type == S_IFCHR || type == S_IFBLK ? dev : 0, NULL);
}

long call_symlink(const char *target, int dirfd, const char *path)
{
        if (!*target)
                return -ENOENT;
        return add_new(dirfd, path, S_IFLNK | 0777, 0, target);
}

/* Others' files get a second name only if one could read and write them anyway, so that nobody
 * keeps a set-user-ID program alive that its owner has removed. */
static bool link_is_safe(struct inode *inode)
{
        u32 mode = inode->mode;

        if (caller_fsuid() == inode->uid || caller_has(CAP_FOWNER))
                return true;
        if (!mode_is(mode, S_IFREG) || (mode & S_ISUID) ||
            (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
                return false;
        return inode_permission(inode, MAY_READ | MAY_WRITE) == 0;
}

static int link_inode(struct walk *w, const struct place *old)
{
        struct inode *inode = old->dentry->inode;
        struct dentry *dentry;

        if (mode_is(inode->mode, S_IFDIR))
                return -EPERM;
        if (inode->nlink == 0 && !inode->linkable)
                return -ENOENT;
        if (inode->nlink == LINK_COUNT_MAX)
                return -EMLINK;
        inode_get(inode);
        dentry = dentry_create(w->at.dentry, inode, w->name, w->len);
        if (!dentry)
                return -ENOMEM;
        dir_link(w->at.dentry, dentry);
        inode->nlink++;
        inode->linkable = false;
        inode_touch(inode, false, false, true);
        inode_touch(w->at.dentry->inode, false, true, true);
        dentry_put(dentry);
        return 0;
}

long call_link(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path, int flags)
{
        unsigned walk_flags = flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0;
        struct place old;
        struct walk w;
        int err;

        if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        if (flags & AT_EMPTY_PATH) {
                if (!*old_path && !caller_has(CAP_DAC_READ_SEARCH))
                        return -ENOENT;
                walk_flags |= WALK_EMPTY;
        }
        err = walk_path(old_dirfd, old_path, walk_flags, &old);
        if (err)
                return err;
        err = add_begin(&w, new_dirfd, new_path, false);
        if (!err) {
                if (old.mount != w.at.mount)
                        err = -EXDEV;
                else if (!link_is_safe(old.dentry->inode))
                        err = -EPERM;
                else
                        err = may_add(&w.at);
                if (!err)
                        err = link_inode(&w, &old);
                mutex_unlock(&tree_lock);
        }
        walk_end(&w);
        place_put(&old);
        return err;
}

/* ---------------------------------------------------------------- removing */

/* Walk to the last name, without following it. */
static int remove_begin(struct walk *w, int dirfd, const char *path)
{
        int err = walk_begin(w, dirfd, path, 0, 0);

        return err ? err : walk_to_last(w);
}

/* Nothing is removed from a file system that is generated; what is there decides the errno. */
static int refuse_generated(struct walk *w, bool directory)
{
        struct dentry *child;
        int err = lookup_child(w->at.dentry, w->name, w->len, &child);

        if (err)
                return err;
        if (mode_is(child->inode->mode, S_IFDIR) != directory)
                err = directory ? -ENOTDIR : -EISDIR;
        dentry_put(child);
        return err ? err : -EPERM;
}

/* The name under the lock: -ENOENT, -EROFS, -EPERM. */
static int remove_find(struct walk *w, bool directory, struct dentry **out)
{
        int err = name_check(w->at.dentry, w->len);

        if (place_is_read_only(&w->at))
                return -EROFS;
        if (!w->at.dentry->super->type->kept)
                return refuse_generated(w, directory);
        if (err)
                return err;
        mutex_lock(&tree_lock);
        *out = dir_find(w->at.dentry, w->name, w->len);
        if (*out)
                return 0;
        mutex_unlock(&tree_lock);
        return -ENOENT;
}

static int unlink_locked(struct walk *w, struct dentry *child)
{
        struct inode *inode = child->inode;
        bool directory = mode_is(inode->mode, S_IFDIR);
        int err;

        if (w->slash)
                return directory ? -EISDIR : -ENOTDIR;
        err = may_remove(&w->at, child);
        if (err)
                return err;
        if (directory)
                return -EISDIR;
        if (child->nr_mounts)
                return -EBUSY;
        inode_get(inode);
        dir_unlink(child);
        inode->nlink--;
        inode_touch(inode, false, false, true);
        inode_touch(w->at.dentry->inode, false, true, true);
        inode_put(inode);
        return 0;
}

long call_unlink(int dirfd, const char *path)
{
        struct dentry *child;
        struct walk w;
        int err = remove_begin(&w, dirfd, path);

        if (!err && w.kind != LAST_NAME)
                err = -EISDIR;
        if (!err)
                err = remove_find(&w, false, &child);
        if (!err) {
                err = unlink_locked(&w, child);
                mutex_unlock(&tree_lock);
        }
        walk_end(&w);
        return err;
}

static int rmdir_locked(struct walk *w, struct dentry *child)
{
        struct inode *inode = child->inode;
        int err = may_remove(&w->at, child);

        if (err)
                return err;
        if (!mode_is(inode->mode, S_IFDIR))
                return -ENOTDIR;
        if (child->nr_mounts)
                return -EBUSY;
        if (inode->dir.nr)
                return -ENOTEMPTY;
        inode_get(inode);
        dir_unlink(child);
        inode->nlink = 0;
        w->at.dentry->inode->nlink--;
        inode_touch(inode, false, false, true);
        inode_touch(w->at.dentry->inode, false, true, true);
        inode_put(inode);
        return 0;
}

long call_rmdir(int dirfd, const char *path)
{
        struct dentry *child;
        struct walk w;
        int err = remove_begin(&w, dirfd, path);

        if (!err && w.kind == LAST_DOTDOT)
                err = -ENOTEMPTY;
        else if (!err && w.kind == LAST_DOT)
                err = -EINVAL;
        else if (!err && w.kind == LAST_ROOT)
                err = -EBUSY;
        if (!err)
                err = remove_find(&w, true, &child);
        if (!err) {
                err = rmdir_locked(&w, child);
                mutex_unlock(&tree_lock);
        }
        walk_end(&w);
        return err;
}
