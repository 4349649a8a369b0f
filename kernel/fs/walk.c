/* SPDX-License-Identifier: MIT */
/*
 * The walk of walk.h. No lock is held between components: another thread may rename what lies
 * ahead, and the walk sees the tree as it is when it gets there, as path_resolution(7) allows.
 */
#include "kernel/fs/walk.h"

#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/fs/open_file.h"
#include "mm/slab.h"

#define LINK_MAX_TEXT 4096

int name_check(const struct dentry *dir, size_t len)
{
        if (dir->parent && !dir->linked)
                return -ENOENT;
        return len > NAME_MAX ? -ENAMETOOLONG : 0;
}

int lookup_child(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
        struct dentry *child;
        int err = name_check(dir, len);

        if (err)
                return err;
        if (!dir->super->type->kept)
                return dir->inode->ops->lookup(dir, name, len, out);
        mutex_lock(&tree_lock);
        child = dir_find(dir, name, len);
        if (child)
                dentry_get(child);
        mutex_unlock(&tree_lock);
        *out = child;
        return child ? 0 : -ENOENT;
}

static bool place_is_dir(const struct place *place)
{
        return mode_is(place->dentry->inode->mode, S_IFDIR);
}

static void walk_move(struct walk *w, const struct place *to)
{
        place_put(&w->at);
        w->at = *to;
}

/* ---------------------------------------------------------------- beginning and end */

static int walk_start_at(struct walk *w, int dirfd, const char *path)
{
        struct file *file;

        if (dirfd == AT_FDCWD) {
                fs_cwd(&w->at);
                return 0;
        }
        file = file_from_fd(dirfd, true);
        if (!file)
                return -EBADF;
        w->at = file->place;
        place_get(&w->at);
        file_put(file);
        return *path && !place_is_dir(&w->at) ? -ENOTDIR : 0;
}

int walk_begin(struct walk *w, int dirfd, const char *path, unsigned flags, u32 resolve)
{
        int err;

        w->at = w->root = (struct place){ NULL, NULL };
        w->flags = flags;
        w->resolve = resolve;
        w->nr_links = 0;
        w->depth = 1;
        w->stack[0].rest = path;
        w->stack[0].text = NULL;
        if (!*path && !(flags & WALK_EMPTY))
                return -ENOENT;
        if (*path == '/' && !(resolve & RESOLVE_IN_ROOT)) {
                if (resolve & RESOLVE_BENEATH)
                        return -EXDEV;
                fs_root(&w->root);
                w->at = w->root;
                place_get(&w->at);
                return 0;
        }
        err = walk_start_at(w, dirfd, path);
        if (err)
                return err;
        if (resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) {
                w->root = w->at;
                place_get(&w->root);
        } else {
                fs_root(&w->root);
        }
        return 0;
}

void walk_end(struct walk *w)
{
        while (w->depth > 0)
                kfree(w->stack[--w->depth].text);
        place_put(&w->at);
        place_put(&w->root);
        w->at = w->root = (struct place){ NULL, NULL };
}

/* ---------------------------------------------------------------- one step */

static int walk_up(struct walk *w)
{
        struct place up;

        if (place_equal(&w->at, &w->root))
                return w->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
        if (place_ascend(&w->at, &w->root) && (w->resolve & RESOLVE_NO_XDEV))
                return -EXDEV;
        if (place_equal(&w->at, &w->root))
                return 0;
        mutex_lock(&tree_lock);
        up = (struct place){ w->at.mount, w->at.dentry->parent };
        if (up.dentry)
                place_get(&up);
        mutex_unlock(&tree_lock);
        if (up.dentry)
                walk_move(w, &up);
        place_descend(&w->at);
        return 0;
}

/* The child w->name of where the walk stands, with references. */
static int walk_child(struct walk *w, struct place *out)
{
        int err = lookup_child(w->at.dentry, w->name, w->len, &out->dentry);

        if (err)
                return err;
        out->mount = w->at.mount;
        mount_get(out->mount);
        place_descend(out);
        if (out->mount != w->at.mount && (w->resolve & RESOLVE_NO_XDEV)) {
                place_put(out);
                return -EXDEV;
        }
        return 0;
}

/* The text of a link that is walked next. */
static int walk_push(struct walk *w, struct inode *inode)
{
        char *text = kmalloc(LINK_MAX_TEXT + 1);
        ssize_t len;

        if (!text)
                return -ENOMEM;
        len = inode->ops->readlink(inode, text, LINK_MAX_TEXT);
        if (len <= 0) {
                kfree(text);
                return len ? (int)len : -ENOENT;
        }
        text[len] = '\0';
        w->stack[w->depth].rest = text;
        w->stack[w->depth].text = text;
        w->depth++;
        if (*text != '/')
                return 0;
        if (w->resolve & RESOLVE_BENEATH)
                return -EXDEV;
        if ((w->resolve & RESOLVE_NO_XDEV) && w->root.mount != w->at.mount)
                return -EXDEV;
        place_get(&w->root);
        walk_move(w, &w->root);
        return 0;
}

int walk_into_link(struct walk *w, const struct place *link, bool *jumped)
{
        struct inode *inode = link->dentry->inode;
        struct place to;
        int err;

        *jumped = false;
        if (w->resolve & RESOLVE_NO_SYMLINKS)
                return -ELOOP;
        if (++w->nr_links > WALK_MAX_LINKS)
                return -ELOOP;
        if (!inode->ops->jump)
                return walk_push(w, inode);
        if (w->resolve & RESOLVE_NO_MAGICLINKS)
                return -ELOOP;
        err = inode->ops->jump(inode, &to);
        if (err)
                return err;
        if (w->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV)) {
                place_put(&to);
                return -EXDEV;
        }
        walk_move(w, &to);
        *jumped = true;
        return 0;
}

/* ---------------------------------------------------------------- components */

/* Cut the next component off; w->kind is LAST_ROOT when there is none left anywhere. */
static void walk_next_component(struct walk *w)
{
        const char *p = w->stack[w->depth - 1].rest;
        size_t len = 0;

        while (*p == '/')
                p++;
        while (!*p && w->depth > 1) {
                kfree(w->stack[--w->depth].text);
                p = w->stack[w->depth - 1].rest;
                while (*p == '/')
                        p++;
        }
        while (p[len] && p[len] != '/')
                len++;
        w->stack[w->depth - 1].rest = p + len;
        w->len = (u16)min_u64(len, NAME_MAX + 1);
        memcpy(w->name, p, min_u64(len, NAME_MAX));
        w->name[min_u64(len, NAME_MAX)] = '\0';
        if (len == 0)
                w->kind = LAST_ROOT;
        else if (len == 1 && p[0] == '.')
                w->kind = LAST_DOT;
        else if (len == 2 && p[0] == '.' && p[1] == '.')
                w->kind = LAST_DOTDOT;
        else
                w->kind = LAST_NAME;
}

/* Does nothing but slashes follow, on every level? Notes the slashes. */
static bool walk_at_end(struct walk *w)
{
        w->slash = false;
        for (unsigned i = w->depth; i > 0; i--) {
                const char *p = w->stack[i - 1].rest;

                for (; *p == '/'; p++)
                        w->slash = true;
                if (*p)
                        return false;
        }
        return true;
}

static int walk_middle(struct walk *w)
{
        struct place child;
        bool jumped;
        int err;

        if (w->kind == LAST_DOT)
                return 0;
        if (w->kind == LAST_DOTDOT)
                return walk_up(w);
        err = walk_child(w, &child);
        if (err)
                return err;
        if (mode_is(child.dentry->inode->mode, S_IFLNK)) {
                err = walk_into_link(w, &child, &jumped);
                place_put(&child);
                return err ? err : jumped && !place_is_dir(&w->at) ? -ENOTDIR : 0;
        }
        walk_move(w, &child);
        return place_is_dir(&w->at) ? 0 : -ENOTDIR;
}

int walk_to_last(struct walk *w)
{
        for (;;) {
                int err;

                walk_next_component(w);
                if (w->kind == LAST_ROOT) {
                        w->slash = false;
                        return 0;
                }
                err = inode_permission(w->at.dentry->inode, MAY_EXEC);
                if (err || walk_at_end(w))
                        return err;
                err = walk_middle(w);
                if (err)
                        return err;
        }
}

/* Where the walk stands is the result. */
static int walk_finish(struct walk *w, bool directory, struct place *out)
{
        if (directory && !place_is_dir(&w->at))
                return -ENOTDIR;
        *out = w->at;
        place_get(out);
        return 0;
}

int walk_last(struct walk *w, struct place *out)
{
        bool directory = w->flags & WALK_DIRECTORY;

        for (;;) {
                struct place child;
                bool jumped;
                int err;

                if (w->kind == LAST_DOTDOT) {
                        err = walk_up(w);
                        if (err)
                                return err;
                }
                if (w->kind != LAST_NAME)
                        return walk_finish(w, directory, out);
                err = walk_child(w, &child);
                if (err)
                        return err;
                directory |= w->slash;
                if (!mode_is(child.dentry->inode->mode, S_IFLNK) ||
                    !(w->slash || (w->flags & WALK_FOLLOW))) {
                        walk_move(w, &child);
                        return walk_finish(w, directory, out);
                }
                err = walk_into_link(w, &child, &jumped);
                place_put(&child);
                if (err)
                        return err;
                if (jumped)
                        return walk_finish(w, directory, out);
                err = walk_to_last(w);
                if (err)
                        return err;
        }
}

unsigned walk_flags_of(unsigned at_flags)
{
        return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW) |
               (at_flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
}

int walk_path(int dirfd, const char *path, unsigned flags, struct place *out)
{
        struct walk w;
        int err = walk_begin(&w, dirfd, path, flags, 0);

        if (!err)
                err = walk_to_last(&w);
        if (!err)
                err = walk_last(&w, out);
        walk_end(&w);
        return err;
}
