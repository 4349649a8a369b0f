/* SPDX-License-Identifier: MIT */
/*
 * Names: dentries and the tables of directories that are kept in memory.
 *
 * A directory finds a name by a hash table that doubles as it fills, and lists its children newest
 * first, in falling order of a cookie that is never used again: so a reader of the directory goes
 * on at the right place whatever was removed in between.
 */
#include "kernel/fs/inode.h"

#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "mm/slab.h"

struct mutex tree_lock;

#define FIRST_BUCKETS 8

/* FNV-1a: short, and good enough for names. */
u32 name_hash(const char *name, size_t len)
{
        u32 h = 2166136261u;

        for (size_t i = 0; i < len; i++)
                h = (h ^ (u8)name[i]) * 16777619u;
        return h;
}

struct dentry *dentry_create(struct dentry *parent, struct inode *inode, const char *name,
                             size_t len)
{
        struct dentry *dentry = kzalloc(sizeof(*dentry));
        char *copy = kmalloc(len + 1);

        if (!dentry || !copy) {
                kfree(dentry);
                kfree(copy);
                inode_put(inode);
                return NULL;
        }
        memcpy(copy, name, len);
        copy[len] = '\0';
        refcount_init(&dentry->ref);
        list_init(&dentry->siblings);
        dentry->super = inode->super;
        dentry->inode = inode;
        dentry->name = copy;
        dentry->name_len = (u16)len;
        dentry->hash = name_hash(name, len);
        dentry->parent = parent;
        if (parent)
                dentry_get(parent);
        return dentry;
}

void dentry_get(struct dentry *dentry)
{
        refcount_get(&dentry->ref);
}

/* Dropping a name may drop the last user of its parent, and so on up. */
void dentry_put(struct dentry *dentry)
{
        while (dentry && refcount_put(&dentry->ref)) {
                struct dentry *parent = dentry->parent;

                inode_put(dentry->inode);
                kfree(dentry->name);
                kfree(dentry);
                dentry = parent;
        }
}

/* ---------------------------------------------------------------- tables */

static struct dentry **dir_bucket(struct dir *dir, u32 hash)
{
        return &dir->buckets[hash & (dir->nr_buckets - 1)];
}

static bool dentry_has_name(const struct dentry *d, u32 hash, const char *name, size_t len)
{
        return d->hash == hash && d->name_len == len && memcmp(d->name, name, len) == 0;
}

struct dentry *dir_find(struct dentry *dentry, const char *name, size_t len)
{
        struct dir *dir = &dentry->inode->dir;
        u32 hash = name_hash(name, len);
        struct list *it;

        if (dir->nr_buckets) {
                for (struct dentry *d = *dir_bucket(dir, hash); d; d = d->hash_next)
                        if (dentry_has_name(d, hash, name, len))
                                return d;
                return NULL;
        }
        list_for_each (it, &dir->children) {
                struct dentry *d = list_entry(it, struct dentry, siblings);

                if (dentry_has_name(d, hash, name, len))
                        return d;
        }
        return NULL;
}

/* Twice as many buckets. Without memory the old table serves on, only slower. */
static void dir_grow(struct dir *dir)
{
        u32 nr = dir->nr_buckets ? dir->nr_buckets * 2 : FIRST_BUCKETS;
        struct dentry **buckets = kzalloc(nr * sizeof(*buckets));
        struct list *it;

        if (!buckets)
                return;
        kfree(dir->buckets);
        dir->buckets = buckets;
        dir->nr_buckets = nr;
        list_for_each (it, &dir->children) {
                struct dentry *d = list_entry(it, struct dentry, siblings);
                struct dentry **bucket = dir_bucket(dir, d->hash);

                d->hash_next = *bucket;
                *bucket = d;
        }
}

void dir_link(struct dentry *parent, struct dentry *child)
{
        struct dir *dir = &parent->inode->dir;

        ASSERT(mutex_is_mine(&tree_lock) && !child->linked && child->parent == parent);
        if (dir->nr >= dir->nr_buckets * 2)
                dir_grow(dir);
        if (dir->nr_buckets) {
                struct dentry **bucket = dir_bucket(dir, child->hash);

                child->hash_next = *bucket;
                *bucket = child;
        }
        child->cookie = dir->next_cookie++;
        child->linked = true;
        list_add(&dir->children, &child->siblings);
        dir->nr++;
        dentry_get(child);
}

void dir_unlink(struct dentry *child)
{
        struct dir *dir = &child->parent->inode->dir;

        ASSERT(child->linked);
        if (dir->nr_buckets) {
                struct dentry **at = dir_bucket(dir, child->hash);

                while (*at != child)
                        at = &(*at)->hash_next;
                *at = child->hash_next;
        }
        child->linked = false;
        list_del(&child->siblings);
        dir->nr--;
        if (dir->nr == 0 && dir->nr_buckets > FIRST_BUCKETS) {
                kfree(dir->buckets);
                dir->buckets = NULL;
                dir->nr_buckets = 0;
        }
        dentry_put(child);
}

struct dentry *dir_next(struct dentry *parent, u64 from)
{
        struct list *it;

        list_for_each (it, &parent->inode->dir.children) {
                struct dentry *d = list_entry(it, struct dentry, siblings);

                if (d->cookie <= from)
                        return d;
        }
        return NULL;
}

bool dentry_is_below(const struct dentry *dentry, const struct dentry *ancestor)
{
        for (; dentry; dentry = dentry->parent)
                if (dentry == ancestor)
                        return true;
        return false;
}
