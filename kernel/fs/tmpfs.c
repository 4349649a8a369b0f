/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: inodes that live in memory. How names are made and removed is in names.c, what the
 * regular files do in shmem.c.
 *
 * Mount options: size=, nr_inodes=, mode=, uid=, gid=. Only the size limits anything; without it,
 * half of the machine's memory does.
 */
#include "kernel/fs/tmpfs.h"

#include "kernel/base/abi/fcntl.h"
#include "kernel/base/abi/mount.h"
#include "kernel/base/abi/statfs.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/device.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/pipe.h"
#include "mm/page.h"
#include "mm/slab.h"

#define SHORT_LINK 128 /* bytes with the NUL; a longer one counts as a page on Linux */

/* ---------------------------------------------------------------- inodes */

struct inode *tmpfs_inode(struct super *super, u32 mode, u64 rdev, const char *link)
{
        struct object_quota *quota = super->quota.max ? &super->quota : NULL;
        struct inode *inode = inode_create(super, &tmpfs_inode_ops, mode);

        if (!inode)
                return NULL;
        inode->rdev = rdev;
        if (mode_is(mode, S_IFREG)) {
                inode->seals = F_SEAL_SEAL; /* a memfd may take it off */
                inode->object = object_create_limited(0, OBJECT_CHARGE_PAGES, quota);
        } else if (mode_is(mode, S_IFLNK)) {
                size_t len = strlen(link) + 1;

                inode->link = kmalloc(len);
                if (inode->link)
                        memcpy(inode->link, link, len);
        } else if (mode_is(mode, S_IFDIR)) {
                list_init(&inode->dir.children);
                inode->dir.next_cookie = 4; /* 0 to 3: ".", "..", the newest child, the end */
                inode->nlink = 2;
                return inode;
        } else {
                return inode;
        }
        if (!inode->data) {
                kfree(inode);
                return NULL;
        }
        return inode;
}

static void tmpfs_destroy(struct inode *inode)
{
        if (mode_is(inode->mode, S_IFREG))
                object_put(inode->object);
        else if (mode_is(inode->mode, S_IFLNK))
                kfree(inode->link);
        else if (mode_is(inode->mode, S_IFDIR))
                kfree(inode->dir.buckets);
}

static ssize_t tmpfs_readlink(struct inode *inode, char *buf, size_t size)
{
        size_t len = min_u64(strlen(inode->link), size);

        memcpy(buf, inode->link, len);
        return (ssize_t)len;
}

static void tmpfs_getattr(struct inode *inode, struct kstat *st)
{
        if (!mode_is(inode->mode, S_IFLNK))
                return;
        st->size = strlen(inode->link);
        if (st->size + 1 > SHORT_LINK)
                st->blocks = PAGE_SIZE / 512;
}

static int tmpfs_open(struct inode *inode, struct file *file)
{
        switch (inode->mode & S_IFMT) {
        case S_IFREG:
                file->ops = &shmem_file_ops;
                file->backing.object = inode->object;
                file->backing.flags = BACKING_SHMEM | BACKING_REGULAR;
                return 0;
        case S_IFDIR: file->ops = &dir_file_ops; return 0;
        case S_IFIFO: return fifo_open(inode, file);
        case S_IFCHR:
                if (file->place.mount && (file->place.mount->flags & MS_NODEV))
                        return -EACCES;
                return device_open(inode, file);
        default: return -ENXIO;
        }
}

const struct inode_ops tmpfs_inode_ops = {
        .readlink = tmpfs_readlink,
        .open = tmpfs_open,
        .getattr = tmpfs_getattr,
        .destroy = tmpfs_destroy,
};

int tmpfs_add(struct dentry *dir, const char *name, struct inode *inode, struct dentry **out)
{
        struct dentry *dentry = dentry_create(dir, inode, name, strlen(name));

        if (!dentry)
                return -ENOMEM;
        mutex_lock(&tree_lock);
        dir_link(dir, dentry);
        if (mode_is(inode->mode, S_IFDIR))
                dir->inode->nlink++;
        mutex_unlock(&tree_lock);
        if (out)
                *out = dentry;
        else
                dentry_put(dentry);
        return 0;
}

/* ---------------------------------------------------------------- mount options */

/* A number with an optional suffix k, m, g or % (of RAM); false if it is something else. */
static bool parse_size(const char *text, size_t len, unsigned base, u64 *out)
{
        u64 v = 0;
        size_t i = 0;

        for (; i < len && text[i] >= '0' && (u64)(text[i] - '0') < base; i++)
                v = v * base + (u64)(text[i] - '0');
        *out = v;
        if (i == 0 || i + 1 < len)
                return false;
        if (i == len)
                return true;
        switch (text[i] | 0x20) {
        case 'k': *out = v << 10; return true;
        case 'm': *out = v << 20; return true;
        case 'g': *out = v << 30; return true;
        default: break;
        }
        if (text[i] == '%') {
                struct memory_stats ms;

                memory_stats(&ms);
                *out = ms.total * v / 100 * PAGE_SIZE;
                return true;
        }
        return false;
}

static bool option_is(const char *option, const char *name, const char **value)
{
        size_t len = strlen(name);

        *value = option + len + 1;
        return strncmp(option, name, len) == 0 && option[len] == '=';
}

static int parse_option(struct super *super, const char *option, size_t len, u32 *mode, u32 *uid,
                        u32 *gid)
{
        const char *value;
        const char *end = option + len;
        u64 n = 0;
        bool ok;

        if (option_is(option, "size", &value)) {
                ok = parse_size(value, (size_t)(end - value), 10, &n);
                super->quota.max = page_align_up(n) / PAGE_SIZE;
                super->show_size = true;
        } else if (option_is(option, "nr_inodes", &value)) {
                ok = parse_size(value, (size_t)(end - value), 10, &n);
                super->max_inodes = n;
        } else if (option_is(option, "mode", &value)) {
                ok = parse_size(value, (size_t)(end - value), 8, &n);
                *mode = n & S_IRWXA;
                super->show_mode_set = true;
        } else if (option_is(option, "uid", &value)) {
                ok = parse_size(value, (size_t)(end - value), 10, &n);
                *uid = (u32)n;
        } else if (option_is(option, "gid", &value)) {
                ok = parse_size(value, (size_t)(end - value), 10, &n);
                *gid = (u32)n;
        } else {
                return -EINVAL;
        }
        return ok ? 0 : -EINVAL;
}

static int parse_options(struct super *super, const char *options, u32 *mode, u32 *uid, u32 *gid)
{
        while (options && *options) {
                const char *comma = strchr(options, ',');
                size_t len = comma ? (size_t)(comma - options) : strlen(options);
                int err = len ? parse_option(super, options, len, mode, uid, gid) : 0;

                if (err)
                        return err;
                options += len + (comma ? 1 : 0);
        }
        return 0;
}

static int tmpfs_fill_mode(struct super *super, const char *options, u32 mode)
{
        u32 uid = caller_fsuid(), gid = caller_fsgid();
        struct memory_stats ms;
        struct inode *inode;
        int err;

        memory_stats(&ms);
        super->quota.max = ms.total / 2;
        super->max_inodes = ms.total / 2;
        err = parse_options(super, options, &mode, &uid, &gid);
        if (err)
                return err;
        super->show_mode = mode;
        inode = tmpfs_inode(super, S_IFDIR | mode, 0, NULL);
        if (!inode)
                return -ENOMEM;
        inode->uid = uid;
        inode->gid = gid;
        super->root = dentry_create(NULL, inode, "/", 1);
        if (!super->root)
                return -ENOMEM;
        super->root->linked = true;
        return 0;
}

/* The limits may change, not below what is in use; the other options stay what they were. */
static int tmpfs_remount(struct super *super, const char *options)
{
        struct super asked = { .quota = { .max = super->quota.max } };
        u32 mode, uid, gid;
        int err = parse_options(&asked, options, &mode, &uid, &gid);

        if (err)
                return err;
        if (asked.show_size && asked.quota.max &&
            (!super->show_size || asked.quota.max < (u64)atomic_get(&super->quota.used)))
                return -EINVAL;
        super->quota.max = asked.quota.max;
        if (asked.max_inodes)
                super->max_inodes = asked.max_inodes;
        return 0;
}

static int tmpfs_fill(struct super *super, const char *options)
{
        return tmpfs_fill_mode(super, options, S_ISVTX | 0777);
}

static int devtmpfs_fill(struct super *super, const char *options)
{
        int err = tmpfs_fill_mode(super, options, 0755);

        super->is_devtmpfs = true;
        return err ? err : devices_populate(super->root);
}

const struct fs_type tmpfs_type = {
        .name = "tmpfs",
        .magic = TMPFS_MAGIC,
        .kept = true,
        .nodev = true,
        .fill = tmpfs_fill,
        .remount = tmpfs_remount,
};

const struct fs_type devtmpfs_type = {
        .name = "devtmpfs",
        .magic = TMPFS_MAGIC,
        .kept = true,
        .nodev = true,
        .fill = devtmpfs_fill,
        .remount = tmpfs_remount,
};

size_t super_options(const struct super *super, char *buf, size_t size)
{
        size_t n = 0;

        buf[0] = '\0';
        if (!super->type->kept)
                return 0;
        if (super->show_size || super->is_devtmpfs)
                n += (size_t)scnprintf(buf + n, size - n, ",size=%lluk",
                                       (unsigned long long)super->quota.max * (PAGE_SIZE / 1024));
        if (super->is_devtmpfs)
                n += (size_t)scnprintf(buf + n, size - n, ",nr_inodes=%llu",
                                       (unsigned long long)super->max_inodes);
        if (super->show_mode_set || super->is_devtmpfs)
                n += (size_t)scnprintf(buf + n, size - n, ",mode=%o", super->show_mode);
        return n;
}
