/* SPDX-License-Identifier: MIT */
/*
 * open(2), openat(2), openat2(2): flags, creation, permission.
 *
 * Creating walks to the directory, then tries under tree_lock to find or make the name; a
 * symbolic link in its place is walked into, and the search goes on where it leads.
 */
#include "kernel/fs/calls.h"

#include "kernel/base/abi/mount.h"
#include "kernel/base/printf.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/walk.h"

#define OPEN_KNOWN                                                                             \
        (O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |  \
         O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | \
         O_PATH | O_TMPFILE_BIT)
#define OPEN_PATH_OK (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define RESOLVE_KNOWN                                                                      \
        (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | \
         RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* open() and openat() ignore what they do not know. */
void open_flags_clean(struct open_how *how)
{
        how->flags = (how->flags & OPEN_KNOWN) | O_LARGEFILE;
        how->mode &= S_IRWXA;
        if (how->flags & O_PATH)
                how->flags &= OPEN_PATH_OK;
        if (!(how->flags & (O_CREAT | O_TMPFILE_BIT)))
                how->mode = 0;
        how->resolve = 0;
}

static int open_check_flags(const struct open_how *how)
{
        u64 flags = how->flags;

        if ((flags & ~(u64)OPEN_KNOWN) || (how->resolve & ~(u64)RESOLVE_KNOWN))
                return -EINVAL;
        if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
                return -EINVAL;
        if (flags & (O_CREAT | O_TMPFILE_BIT)) {
                if (how->mode & ~(u64)S_IRWXA)
                        return -EINVAL;
        } else if (how->mode) {
                return -EINVAL;
        }
        if ((flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT))
                return -EINVAL;
        if (flags & O_TMPFILE_BIT) {
                if ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_ACCMODE) == O_RDONLY)
                        return -EINVAL;
        }
        if ((flags & O_PATH) && (flags & ~(u64)OPEN_PATH_OK))
                return -EINVAL;
        return 0;
}

/* ---------------------------------------------------------------- permission */

static unsigned access_wanted(u32 flags)
{
        static const u8 by_mode[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
                                      MAY_READ | MAY_WRITE };

        return by_mode[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* May the caller open what lies at `place`? */
static int open_permission(const struct place *place, u32 flags)
{
        struct inode *inode = place->dentry->inode;
        unsigned want = access_wanted(flags);
        u32 type = inode->mode & S_IFMT;
        int err;

        if (type == S_IFLNK)
                return -ELOOP;
        if (type == S_IFDIR && (want & MAY_WRITE))
                return -EISDIR;
        if ((type == S_IFCHR || type == S_IFBLK) && place->mount &&
            (place->mount->flags & MS_NODEV))
                return -EACCES;
        if ((want & MAY_WRITE) && place_is_read_only(place) && (type == S_IFREG || type == S_IFDIR))
                return -EROFS;
        err = inode_permission(inode, want);
        if (err)
                return err;
        if ((flags & O_NOATIME) && !inode_is_owner(inode))
                return -EPERM;
        return 0;
}

/* ---------------------------------------------------------------- creating */

/*
 * The last name of the walk, made if it is not there. *created tells. -EEXIST with O_EXCL,
 * -ENOENT, -EROFS, -EACCES.
 */
static int find_or_create(struct walk *w, u32 flags, u32 mode, struct place *out, bool *created)
{
        int err = name_check(w->at.dentry, w->len);

        *created = false;
        if (!w->at.dentry->super->type->kept) {
                err = lookup_child(w->at.dentry, w->name, w->len, &out->dentry);
        } else if (!err) {
                mutex_lock(&tree_lock);
                out->dentry = dir_find(w->at.dentry, w->name, w->len);
                if (out->dentry) {
                        dentry_get(out->dentry);
                } else {
                        err = place_is_read_only(&w->at) ? -EROFS : may_add(&w->at);
                        if (!err)
                                err = name_add(&w->at, w->name, w->len,
                                               S_IFREG | (mode & ~fs_umask()), 0, NULL,
                                               &out->dentry);
                        *created = !err;
                }
                mutex_unlock(&tree_lock);
        }
        if (err)
                return err;
        out->mount = w->at.mount;
        mount_get(out->mount);
        if (!*created && (flags & O_EXCL)) {
                place_put(out);
                return -EEXIST;
        }
        place_descend(out);
        return 0;
}

/* O_CREAT: the walk stands in the directory. */
static int open_creating(struct walk *w, u32 flags, u32 mode, struct place *out, bool *created)
{
        for (;;) {
                bool jumped;
                int err;

                if (w->kind != LAST_NAME)
                        return flags & O_EXCL ? -EEXIST : -EISDIR;
                if (w->slash)
                        return -EISDIR;
                err = find_or_create(w, flags, mode, out, created);
                if (err)
                        return err;
                if (!mode_is(out->dentry->inode->mode, S_IFLNK) || (flags & O_NOFOLLOW)) {
                        if (!mode_is(out->dentry->inode->mode, S_IFDIR))
                                return 0;
                        place_put(out);
                        return -EISDIR;
                }
                err = walk_into_link(w, out, &jumped);
                place_put(out);
                if (err)
                        return err;
                if (jumped) {
                        *out = w->at;
                        place_get(out);
                        return 0;
                }
                err = walk_to_last(w);
                if (err)
                        return err;
        }
}

/* O_TMPFILE: an inode without a name, in the directory that the path names. */
static int open_nameless(const struct place *dir, u32 flags, u32 mode, struct file **out)
{
        struct place place = { dir->mount, NULL };
        struct inode *inode;
        char name[24];
        int len, err;
        u32 gid;

        if (!mode_is(dir->dentry->inode->mode, S_IFDIR))
                return -ENOTDIR;
        if (!dir->dentry->super->type->kept)
                return -EOPNOTSUPP;
        if (place_is_read_only(dir))
                return -EROFS;
        err = inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
        if (err)
                return err;
        mode = mode_inherit(dir->dentry->inode, S_IFREG | (mode & ~fs_umask()), &gid);
        inode = tmpfs_inode(dir->dentry->super, mode, 0, NULL);
        if (!inode)
                return -ENOMEM;
        inode->gid = gid;
        inode->nlink = 0;
        inode->linkable = !(flags & O_EXCL);
        len = scnprintf(name, sizeof(name), "#%llu", (unsigned long long)inode->ino);
        place.dentry = dentry_create(dir->dentry, inode, name, (size_t)len);
        if (!place.dentry)
                return -ENOMEM;
        mount_get(place.mount);
        return file_open_inode(&place, flags, out);
}

/* ---------------------------------------------------------------- the call */

/* A place was found: from it to an open file. Consumes the place. */
static int open_place(const struct place *place, u32 flags, bool created, struct file **out)
{
        struct inode *inode = place->dentry->inode;
        bool truncate = (flags & O_TRUNC) && mode_is(inode->mode, S_IFREG) && !created;
        int err = 0;

        if ((flags & O_DIRECTORY) && !mode_is(inode->mode, S_IFDIR))
                err = -ENOTDIR;
        else if (!(flags & O_PATH) && !created)
                err = open_permission(place, flags);
        if (err) {
                place_put(place);
                return err;
        }
        inode_get(inode);
        err = file_open_inode(place, flags, out);
        if (!err && truncate && inode->super->type->kept) {
                err = shmem_truncate(inode, 0);
                if (err)
                        file_put(*out);
        }
        inode_put(inode);
        return err;
}

static int open_walk(struct walk *w, u32 flags, u32 mode, struct file **out)
{
        struct place place;
        bool created = false;
        int err = walk_to_last(w);

        if (err)
                return err;
        if (flags & O_CREAT)
                err = open_creating(w, flags, mode, &place, &created);
        else
                err = walk_last(w, &place);
        if (err)
                return err;
        if (flags & O_TMPFILE_BIT) {
                err = open_nameless(&place, flags, mode, out);
                place_put(&place);
                return err;
        }
        return open_place(&place, flags, created, out);
}

long call_open(int dirfd, const char *path, const struct open_how *how)
{
        u32 flags = (u32)how->flags;
        struct file *file;
        struct walk w;
        int err = open_check_flags(how), fd;

        if (!err && !*path)
                err = -ENOENT;
        if (err)
                return err;
        fd = fd_reserve(0); /* without one nothing is to be created or truncated */
        if (fd < 0)
                return fd;
        err = walk_begin(&w, dirfd, path,
                         (flags & O_NOFOLLOW ? 0 : WALK_FOLLOW) |
                                 (flags & O_DIRECTORY ? WALK_DIRECTORY : 0),
                         (u32)how->resolve);
        if (!err)
                err = open_walk(&w, flags, (u32)how->mode, &file);
        walk_end(&w);
        if (err) {
                fd_unreserve(fd);
                return err;
        }
        fd_publish(fd, file, flags & O_CLOEXEC);
        return fd;
}
