/* SPDX-License-Identifier: MIT */
/*
 * rename(2) and renameat2(2).
 *
 * tree_lock is held from the lookup of both names to the end, so nothing can slip in between; the
 * one thing that needs memory, the copies of the new names, is taken before anything changes.
 */
#include "kernel/fs/calls.h"

#include "kernel/base/string.h"
#include "kernel/fs/walk.h"
#include "mm/slab.h"

struct rename {
        struct walk *from, *to;
        unsigned flags;
        struct dentry *source, *target; /* target: NULL if the new name is free */
        char *new_name, *old_name;      /* copies for source, and for target in an exchange */
};

static bool is_dir(const struct dentry *d)
{
        return mode_is(d->inode->mode, S_IFDIR);
}

/* Trailing slashes are for directories only, and a directory may not move into itself. */
static int rename_check_shape(const struct rename *r)
{
        bool exchange = r->flags & RENAME_EXCHANGE;

        if (r->target && (r->flags & RENAME_NOREPLACE))
                return -EEXIST;
        if (exchange && !r->target)
                return -ENOENT;
        if (exchange && !is_dir(r->target) && r->to->slash)
                return -ENOTDIR;
        if (!is_dir(r->source) && (r->from->slash || (!exchange && r->to->slash)))
                return -ENOTDIR;
        if (dentry_is_below(r->to->at.dentry, r->source))
                return -EINVAL;
        if (r->target && dentry_is_below(r->from->at.dentry, r->target))
                return exchange ? -EINVAL : -ENOTEMPTY;
        return 0;
}

/* A directory that gets a new parent has its ".." rewritten: that is a write to it. */
static int may_change_parent(const struct rename *r, struct dentry *d)
{
        if (r->from->at.dentry == r->to->at.dentry || !is_dir(d))
                return 0;
        return inode_permission(d->inode, MAY_WRITE);
}

static int rename_check_permission(const struct rename *r)
{
        bool exchange = r->flags & RENAME_EXCHANGE;
        int err = may_remove(&r->from->at, r->source);

        if (err)
                return err;
        if (!r->target) {
                err = may_add(&r->to->at);
        } else {
                err = may_remove(&r->to->at, r->target);
                if (!err && !exchange && is_dir(r->source) != is_dir(r->target))
                        err = is_dir(r->source) ? -ENOTDIR : -EISDIR;
        }
        if (!err)
                err = may_change_parent(r, r->source);
        if (!err && exchange)
                err = may_change_parent(r, r->target);
        if (err)
                return err;
        if (r->source->nr_mounts || (r->target && r->target->nr_mounts))
                return -EBUSY;
        if (r->target && !exchange && is_dir(r->target) && r->target->inode->dir.nr)
                return -ENOTEMPTY;
        return 0;
}

static char *copy_name(const char *name, size_t len)
{
        char *copy = kmalloc(len + 1);

        if (copy) {
                memcpy(copy, name, len);
                copy[len] = '\0';
        }
        return copy;
}

/* Off its directory; the caller holds a reference, and gives it a new place. */
static void name_lift(struct dentry *d)
{
        if (is_dir(d))
                d->parent->inode->nlink--;
        inode_touch(d->parent->inode, false, true, true);
        dir_unlink(d);
}

static void name_drop(struct dentry *d, struct dentry *parent, char *name, size_t len)
{
        struct dentry *old_parent = d->parent;

        kfree(d->name);
        d->name = name;
        d->name_len = (u16)len;
        d->hash = name_hash(name, len);
        d->parent = parent;
        dentry_get(parent);
        dir_link(parent, d);
        if (is_dir(d))
                parent->inode->nlink++;
        inode_touch(parent->inode, false, true, true);
        inode_touch(d->inode, false, false, true);
        dentry_put(old_parent);
}

/* Nothing can fail any more. What was renamed is listed as the newest, after an exchange both. */
static void rename_commit(struct rename *r)
{
        struct dentry *source = r->source, *target = r->target;
        bool exchange = r->flags & RENAME_EXCHANGE;

        dentry_get(source);
        if (target)
                dentry_get(target);
        name_lift(source);
        if (target)
                name_lift(target);
        if (exchange) {
                name_drop(target, r->from->at.dentry, r->old_name, r->from->len);
                r->old_name = NULL;
        } else if (target) {
                target->inode->nlink = is_dir(target) ? 0 : target->inode->nlink - 1;
                inode_touch(target->inode, false, false, true);
        }
        name_drop(source, r->to->at.dentry, r->new_name, r->to->len);
        r->new_name = NULL;
        dentry_put(target);
        dentry_put(source);
}

static int rename_locked(struct rename *r)
{
        int err = name_check(r->from->at.dentry, r->from->len);

        if (err)
                return err;
        r->source = dir_find(r->from->at.dentry, r->from->name, r->from->len);
        if (!r->source)
                return -ENOENT;
        err = name_check(r->to->at.dentry, r->to->len);
        if (err)
                return err;
        r->target = dir_find(r->to->at.dentry, r->to->name, r->to->len);
        err = rename_check_shape(r);
        if (err)
                return err;
        if (r->target && r->source->inode == r->target->inode)
                return 0;
        err = rename_check_permission(r);
        if (err)
                return err;
        r->new_name = copy_name(r->to->name, r->to->len);
        r->old_name = copy_name(r->from->name, r->from->len);
        if (!r->new_name || !r->old_name)
                err = -ENOMEM;
        else
                rename_commit(r);
        kfree(r->new_name);
        kfree(r->old_name);
        return err;
}

static int rename_walked(struct walk *from, struct walk *to, unsigned flags)
{
        struct rename r = { .from = from, .to = to, .flags = flags };
        int err;

        if (from->at.mount != to->at.mount)
                return -EXDEV;
        if (from->kind != LAST_NAME)
                return -EBUSY;
        if (to->kind != LAST_NAME)
                return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
        if (place_is_read_only(&from->at))
                return -EROFS;
        if (!from->at.dentry->super->type->kept)
                return -EPERM;
        mutex_lock(&tree_lock);
        err = rename_locked(&r);
        mutex_unlock(&tree_lock);
        return err;
}

long call_rename(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path,
                 unsigned flags)
{
        struct walk *w;
        int err;

        if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
            flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
                return -EINVAL;
        w = kmalloc(2 * sizeof(*w));
        if (!w)
                return -ENOMEM;
        err = walk_begin(&w[0], old_dirfd, old_path, 0, 0);
        if (!err)
                err = walk_to_last(&w[0]);
        if (!err) {
                err = walk_begin(&w[1], new_dirfd, new_path, 0, 0);
                if (!err)
                        err = walk_to_last(&w[1]);
                if (!err)
                        err = rename_walked(&w[0], &w[1], flags);
                walk_end(&w[1]);
        }
        walk_end(&w[0]);
        kfree(w);
        return err;
}
