/* SPDX-License-Identifier: MIT */
/*
 * The first files: a cpio archive in the "newc" format, unpacked into the root.
 *
 *      header (110 ASCII bytes) | name, NUL | pad to 4 | contents | pad to 4 | header ...
 *
 * Several archives may follow each other, with zeroes between them. Hard links share an inode
 * number and device; the last of them carries the contents. Directories that the archive does not
 * list are made. Nothing is freed on an error: the kernel does not go on then.
 */
#include "kernel/base/log.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/tmpfs.h"
#include "mm/slab.h"

#define HEADER_SIZE 110
#define TRAILER     "TRAILER!!!"

struct cpio {
        const u8 *data;
        size_t size, at;   /* at: of the header in hand */
        struct list links; /* struct link_seen, of this archive */
        struct dentry *root;
};

struct header {
        u32 ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor;
        u32 namesize, check;
};

struct link_seen {
        struct list node;
        u32 ino, devmajor, devminor;
        struct inode *inode; /* with a reference */
};

static int broken(const struct cpio *c, const char *why)
{
        log_error("initramfs: broken at byte %zu: %s", c->at, why);
        return -EINVAL;
}

/* ---------------------------------------------------------------- headers */

static bool parse_hex(const u8 *text, u32 *out)
{
        u32 v = 0;

        for (unsigned i = 0; i < 8; i++) {
                u8 c = text[i] | 0x20;

                if (c >= '0' && c <= '9')
                        v = v << 4 | (u32)(c - '0');
                else if (c >= 'a' && c <= 'f')
                        v = v << 4 | (u32)(c - 'a' + 10);
                else
                        return false;
        }
        *out = v;
        return true;
}

static int parse_header(const struct cpio *c, struct header *h)
{
        u32 *fields[] = { &h->ino,       &h->mode,     &h->uid,      &h->gid,      &h->nlink,
                          &h->mtime,     &h->filesize, &h->devmajor, &h->devminor, &h->rdevmajor,
                          &h->rdevminor, &h->namesize, &h->check };
        const u8 *p = c->data + c->at;

        if (c->size - c->at < HEADER_SIZE)
                return broken(c, "the header is cut off");
        if (memcmp(p, "070701", 6) != 0 && memcmp(p, "070702", 6) != 0)
                return broken(c, "no cpio newc header here");
        for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
                if (!parse_hex(p + 6 + 8 * i, fields[i]))
                        return broken(c, "a field of the header is not hexadecimal");
        return 0;
}

static size_t align4(size_t n)
{
        return (n + 3) & ~(size_t)3;
}

/* ---------------------------------------------------------------- names */

/* The directory that `path` lies in, made if it is not there; *last is the final component. */
static int find_parent(struct cpio *c, const char *path, struct dentry **dir, const char **last)
{
        *dir = c->root;
        for (;;) {
                struct dentry *child;
                const char *end;
                char name[256];
                size_t len;

                while (*path == '/' || (path[0] == '.' && (path[1] == '/' || !path[1])))
                        path++;
                end = strchr(path, '/');
                if (!end) {
                        *last = path;
                        return 0;
                }
                len = (size_t)(end - path);
                if (len >= sizeof(name))
                        return broken(c, "a name has more than 255 bytes");
                child = dir_find(*dir, path, len);
                if (!child) {
                        struct inode *inode = tmpfs_inode(c->root->super, S_IFDIR | 0755, 0, NULL);
                        int err;

                        memcpy(name, path, len);
                        name[len] = '\0';
                        err = inode ? tmpfs_add(*dir, name, inode, &child) : -ENOMEM;
                        if (err)
                                return err;
                        dentry_put(child);
                }
                if (!mode_is(child->inode->mode, S_IFDIR))
                        return broken(c, "a path leads through something that is no directory");
                *dir = child;
                path = end;
        }
}

static struct link_seen *find_link(struct cpio *c, const struct header *h)
{
        struct list *it;

        list_for_each (it, &c->links) {
                struct link_seen *l = list_entry(it, struct link_seen, node);

                if (l->ino == h->ino && l->devmajor == h->devmajor && l->devminor == h->devminor)
                        return l;
        }
        return NULL;
}

static int remember_link(struct cpio *c, const struct header *h, struct inode *inode)
{
        struct link_seen *l = kmalloc(sizeof(*l));

        if (!l)
                return -ENOMEM;
        *l = (struct link_seen){ { NULL, NULL }, h->ino, h->devmajor, h->devminor, inode };
        inode_get(inode);
        list_add(&c->links, &l->node);
        return 0;
}

static void forget_links(struct cpio *c)
{
        while (!list_empty(&c->links)) {
                struct link_seen *l = list_first(&c->links, struct link_seen, node);

                list_del(&l->node);
                inode_put(l->inode);
                kfree(l);
        }
}

/* ---------------------------------------------------------------- entries */

static void set_attributes(struct inode *inode, const struct header *h)
{
        inode->mode = (inode->mode & S_IFMT) | (h->mode & S_IRWXA);
        inode->uid = h->uid;
        inode->gid = h->gid;
        inode->mtime = (struct timespec_abi){ h->mtime, 0 };
}

/* The inode of a new entry, with a reference; one that exists already if it is a hard link. */
static int make_inode(struct cpio *c, const struct header *h, const u8 *body, struct inode **out)
{
        bool linked = mode_is(h->mode, S_IFREG) && h->nlink > 1;
        struct link_seen *seen = linked ? find_link(c, h) : NULL;
        char *target = NULL;

        if (seen) {
                *out = seen->inode;
                inode_get(*out);
                (*out)->nlink++;
                return 0;
        }
        if (mode_is(h->mode, S_IFLNK)) {
                target = kzalloc(h->filesize + 1);
                if (!target)
                        return -ENOMEM;
                memcpy(target, body, h->filesize);
        }
        *out = tmpfs_inode(c->root->super, h->mode, dev_encode(h->rdevmajor, h->rdevminor), target);
        kfree(target);
        if (!*out)
                return -ENOMEM;
        return linked ? remember_link(c, h, *out) : 0;
}

static int fill_file(struct inode *inode, const u8 *body, size_t size)
{
        ssize_t n = size ? object_write(inode->object, 0, body, size) : 0;

        return n < 0 ? (int)n : (size_t)n < size ? -ENOMEM : 0;
}

static int unpack_entry(struct cpio *c, const struct header *h, const char *path, const u8 *body)
{
        struct dentry *dir, *old;
        struct inode *inode;
        const char *name;
        int err = find_parent(c, path, &dir, &name);

        if (err)
                return err;
        if (!*name) {
                set_attributes(dir->inode, h);
                return 0;
        }
        if (strlen(name) > 255)
                return broken(c, "a name has more than 255 bytes");
        old = dir_find(dir, name, strlen(name));
        if (old && mode_is(old->inode->mode, S_IFDIR)) {
                if (!mode_is(h->mode, S_IFDIR))
                        return broken(c, "a directory has the name of a file");
                set_attributes(old->inode, h);
                return 0;
        }
        if (old) {
                mutex_lock(&tree_lock);
                old->inode->nlink--;
                dir_unlink(old);
                mutex_unlock(&tree_lock);
        }
        err = make_inode(c, h, body, &inode);
        if (err)
                return err;
        if (mode_is(h->mode, S_IFREG) && h->filesize)
                err = fill_file(inode, body, h->filesize);
        set_attributes(inode, h);
        if (err) {
                inode_put(inode);
                return err;
        }
        return tmpfs_add(dir, name, inode, NULL);
}

/* One header and what follows; *end tells that it was the archive's trailer. */
static int unpack_one(struct cpio *c, bool *end)
{
        struct header h;
        size_t body, next;
        const char *name;
        u32 type;
        int err = parse_header(c, &h);

        if (err)
                return err;
        body = align4(c->at + HEADER_SIZE + h.namesize);
        next = align4(body + h.filesize);
        if (h.namesize == 0 || h.namesize > 4096 || body > c->size)
                return broken(c, "the name is cut off or too long");
        name = (const char *)c->data + c->at + HEADER_SIZE;
        if (name[h.namesize - 1])
                return broken(c, "the name does not end with a NUL");
        if (body + h.filesize > c->size)
                return broken(c, "the contents are cut off");
        *end = strcmp(name, TRAILER) == 0;
        if (!*end) {
                type = h.mode & S_IFMT;
                if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK && type != S_IFCHR &&
                    type != S_IFBLK && type != S_IFIFO && type != S_IFSOCK)
                        return broken(c, "the mode names no type of file");
                if (type == S_IFLNK && (h.filesize == 0 || h.filesize > 4095))
                        return broken(c, "a symbolic link has no text, or too much");
                err = unpack_entry(c, &h, name, c->data + body);
        }
        if (err == -ENOMEM || err == -ENOSPC)
                log_error("initramfs: no memory for %s (%u bytes)", name, h.filesize);
        c->at = min_u64(next, c->size);
        return err;
}

int initramfs_unpack(const void *archive, size_t size)
{
        struct cpio c = { .data = archive, .size = size, .links = LIST_INIT(c.links) };
        bool end = true;
        struct place root;
        int err = 0;

        place_root(&root);
        c.root = root.dentry;
        while (!err && c.at < c.size) {
                if (end && c.data[c.at] == 0) {
                        c.at++; /* padding between archives */
                        continue;
                }
                err = unpack_one(&c, &end);
                if (end)
                        forget_links(&c);
        }
        if (!err && !end)
                err = broken(&c, "the archive has no trailer");
        forget_links(&c);
        place_put(&root);
        return err;
}
