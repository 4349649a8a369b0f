/* SPDX-License-Identifier: MIT */
/*
 * Mounts: which file system lies over which directory, and paths as seen through them.
 *
 * A mount is attached under a place of another mount; walking down crosses by place_descend(),
 * ".." by place_ascend(). The attached list holds one reference on a mount, every place one more;
 * the last one, after it was detached, takes the file system down when no other mount shows it.
 * No propagation, one namespace.
 */
#include "kernel/fs/inode.h"

#include "kernel/base/abi/mount.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "mm/slab.h"

struct list mounts = LIST_INIT(mounts);

/* Seen by umount2(MNT_EXPIRE) and not used since; only compared. */
static struct mount *expiring;

static u32 next_mount_id = 20;
static u32 next_dev = 20; /* minors below belong to file systems that are never mounted */

/* ---------------------------------------------------------------- file systems */

static const struct fs_type *const fs_types[] = { &sysfs_type, &tmpfs_type, &devtmpfs_type,
                                                  &proc_type };

const struct fs_type *fs_type_next(const struct fs_type *type)
{
        if (!type)
                return fs_types[0];
        for (unsigned i = 0; i + 1 < ARRAY_SIZE(fs_types); i++)
                if (fs_types[i] == type)
                        return fs_types[i + 1];
        return NULL;
}

const struct fs_type *fs_type_find(const char *name)
{
        for (const struct fs_type *t = fs_type_next(NULL); t; t = fs_type_next(t))
                if (strcmp(t->name, name) == 0)
                        return t;
        return NULL;
}

struct super *super_create(const struct fs_type *type, u32 dev)
{
        struct super *super = kzalloc(sizeof(*super));

        if (!super)
                return NULL;
        refcount_init(&super->ref);
        super->type = type;
        super->dev = dev;
        return super;
}

/* Every name of a file system goes, the deepest first; nobody can reach it any more. */
static void tree_destroy(struct dentry *root)
{
        struct dentry *at = root;

        for (;;) {
                struct dentry *parent = at->parent;

                if (mode_is(at->inode->mode, S_IFDIR) && !list_empty(&at->inode->dir.children)) {
                        at = list_first(&at->inode->dir.children, struct dentry, siblings);
                        continue;
                }
                if (at == root)
                        return;
                dir_unlink(at);
                at = parent;
        }
}

void super_put(struct super *super)
{
        if (!refcount_put(&super->ref))
                return;
        if (super->root && super->type->kept)
                tree_destroy(super->root);
        dentry_put(super->root);
        kfree(super);
}

/* ---------------------------------------------------------------- references */

void mount_get(struct mount *mount)
{
        refcount_get(&mount->ref);
}

struct mount *mount_expiring(void)
{
        return expiring;
}

void mount_set_expiring(struct mount *mount)
{
        expiring = mount;
}

void mount_put(struct mount *mount)
{
        if (mount && mount == expiring)
                expiring = NULL;
        if (!mount || !refcount_put(&mount->ref))
                return;
        ASSERT(!mount->attached && !mount->parent);
        dentry_put(mount->root);
        super_put(mount->super);
        kfree(mount->source);
        kfree(mount);
}

void place_get(const struct place *place)
{
        if (place->mount)
                mount_get(place->mount);
        if (place->dentry)
                dentry_get(place->dentry);
}

void place_put(const struct place *place)
{
        dentry_put(place->dentry);
        mount_put(place->mount);
}

void place_root(struct place *out)
{
        mutex_lock(&tree_lock);
        out->mount = list_first(&mounts, struct mount, node);
        out->dentry = out->mount->root;
        place_get(out);
        mutex_unlock(&tree_lock);
}

static struct mount *mount_on(const struct place *at)
{
        struct list *it;

        list_for_each (it, &mounts) {
                struct mount *m = list_entry(it, struct mount, node);

                if (m->parent == at->mount && m->mountpoint == at->dentry)
                        return m;
        }
        return NULL;
}

void place_descend(struct place *place)
{
        if (!place->dentry->nr_mounts)
                return;
        mutex_lock(&tree_lock);
        for (struct mount *m = mount_on(place); m; m = mount_on(place)) {
                struct place old = *place;

                *place = (struct place){ m, m->root };
                place_get(place);
                place_put(&old);
        }
        mutex_unlock(&tree_lock);
}

bool place_ascend(struct place *place, const struct place *root)
{
        bool moved = false;

        mutex_lock(&tree_lock);
        while (place->dentry == place->mount->root && place->mount->parent &&
               !place_equal(place, root)) {
                struct place old = *place;

                *place = (struct place){ old.mount->parent, old.mount->mountpoint };
                place_get(place);
                place_put(&old);
                moved = true;
        }
        mutex_unlock(&tree_lock);
        return moved;
}

bool place_is_read_only(const struct place *place)
{
        const struct mount *mount = place->mount;

        return mount && ((mount->flags & MS_RDONLY) || mount->super->read_only);
}

void place_count_writer(const struct place *place, int change)
{
        if (!place->mount)
                return;
        atomic_add(&place->mount->writers, change);
        atomic_add(&place->mount->super->writers, change);
}

/* ---------------------------------------------------------------- attaching */

/* A mount of `super`, whose reference it takes over, with `root` on top. */
static struct mount *mount_create(struct super *super, struct dentry *root, u32 flags,
                                  const char *source)
{
        struct mount *mount = kzalloc(sizeof(*mount));
        size_t len = strlen(source) + 1;
        char *copy = kmalloc(len);

        if (!mount || !copy) {
                kfree(mount);
                kfree(copy);
                super_put(super);
                return NULL;
        }
        memcpy(copy, source, len);
        refcount_init(&mount->ref);
        mount->super = super;
        mount->root = root;
        dentry_get(root);
        mount->flags = flags;
        mount->source = copy;
        return mount;
}

static void attach_locked(struct mount *mount, const struct place *at)
{
        mount->id = next_mount_id++;
        if (at) {
                mount->parent = at->mount;
                mount->mountpoint = at->dentry;
                place_get(at);
                at->dentry->nr_mounts++;
        }
        mount->attached = true;
        list_add_tail(&mounts, &mount->node);
}

static void mount_attach(struct mount *mount, const struct place *at)
{
        mutex_lock(&tree_lock);
        attach_locked(mount, at);
        mutex_unlock(&tree_lock);
}

int mount_add(const struct fs_type *type, const struct place *at, u32 flags, const char *source,
              const char *options)
{
        struct super *super = super_create(type, next_dev);
        struct mount *mount;
        int err;

        if (!super)
                return -ENOMEM;
        next_dev++;
        super->read_only = flags & MS_RDONLY;
        err = type->fill(super, options);
        if (err) {
                super_put(super);
                return err;
        }
        mount = mount_create(super, super->root, flags, source);
        if (!mount)
                return -ENOMEM;
        mount_attach(mount, at);
        return 0;
}

/* Another mount that shows what `mount` shows from `root` on; NULL: no memory. */
static struct mount *mount_clone(const struct mount *mount, struct dentry *root)
{
        refcount_get(&mount->super->ref);
        return mount_create(mount->super, root, mount->flags, mount->source);
}

/* Off the list and from its parent; what that held is put by the caller through *held. */
static void mount_detach(struct mount *mount, struct place *held)
{
        *held = (struct place){ mount->parent, mount->mountpoint };
        mount->mountpoint->nr_mounts--;
        mount->parent = NULL;
        mount->mountpoint = NULL;
        mount->attached = false;
        list_del(&mount->node);
}

static void detach_and_put(struct mount *mount)
{
        struct place held;

        mount_detach(mount, &held);
        place_put(&held);
        mount_put(mount);
}

/*
 * Copies of what is attached below `from` at `root`, attached below `copy`. What comes after `last`
 * in the list was made by this copying.
 */
static int mount_copy_below(const struct mount *from, const struct dentry *root, struct mount *copy,
                            const struct list *last)
{
        for (struct list *it = &mounts; it != last;) {
                struct mount *m, *below;
                int err;

                it = it->next;
                m = list_entry(it, struct mount, node);
                if (m->parent != from || !dentry_is_below(m->mountpoint, root))
                        continue;
                below = mount_clone(m, m->root);
                if (!below)
                        return -ENOMEM;
                attach_locked(below, &(struct place){ copy, m->mountpoint });
                err = mount_copy_below(m, m->root, below, last);
                if (err)
                        return err;
        }
        return 0;
}

int mount_bind(const struct place *from, const struct place *at, bool whole)
{
        struct mount *mount;
        struct list *last;
        int err = 0;

        if (mode_is(from->dentry->inode->mode, S_IFDIR) !=
            mode_is(at->dentry->inode->mode, S_IFDIR))
                return -ENOTDIR;
        mount = mount_clone(from->mount, from->dentry);
        if (!mount)
                return -ENOMEM;
        mutex_lock(&tree_lock);
        last = mounts.prev;
        attach_locked(mount, at);
        if (whole)
                err = mount_copy_below(from->mount, from->dentry, mount, last);
        while (err && mounts.prev != last)
                detach_and_put(list_entry(mounts.prev, struct mount, node));
        mutex_unlock(&tree_lock);
        return err;
}

int mount_change(struct mount *mount, u32 flags, bool alone, const char *options)
{
        const struct fs_type *type = mount->super->type;
        bool read_only = flags & MS_RDONLY;
        int err = 0;

        if (!alone && type->remount)
                err = type->remount(mount->super, options);
        if (err)
                return err;
        if (read_only && atomic_get(alone ? &mount->writers : &mount->super->writers))
                return -EBUSY;
        if (!alone)
                mount->super->read_only = read_only;
        mount->flags = flags;
        return 0;
}

/* The newest mount attached to `mount` or below it: one that carries no other. */
static struct mount *mount_innermost(struct mount *mount)
{
        struct list *it = mounts.next;

        while (it != &mounts) {
                struct mount *m = list_entry(it, struct mount, node);

                if (m->parent == mount) {
                        mount = m;
                        it = mounts.next;
                } else {
                        it = it->next;
                }
        }
        return mount;
}

/* Where it hangs is itself below the mount, directly or through others. */
static bool mount_carries(const struct mount *mount, const struct mount *other)
{
        while (other && other != mount)
                other = other->parent;
        return other;
}

static int move_check(const struct place *from, const struct place *at)
{
        const struct mount *mount = from->mount;

        if (from->dentry != mount->root || !mount->attached || !mount->parent)
                return -EINVAL;
        if (mode_is(mount->root->inode->mode, S_IFDIR) != mode_is(at->dentry->inode->mode, S_IFDIR))
                return -EINVAL;
        return mount_carries(mount, at->mount) ? -ELOOP : 0;
}

int mount_move(const struct place *from, const struct place *at)
{
        struct mount *mount = from->mount;
        struct place held = { NULL, NULL };
        int err;

        mutex_lock(&tree_lock);
        err = move_check(from, at);
        if (!err) {
                held = (struct place){ mount->parent, mount->mountpoint };
                mount->mountpoint->nr_mounts--;
                mount->parent = at->mount;
                mount->mountpoint = at->dentry;
                at->dentry->nr_mounts++;
                place_get(at);
        }
        mutex_unlock(&tree_lock);
        place_put(&held);
        return err;
}

int mount_remove(const struct place *at, unsigned flags, bool unused)
{
        struct mount *top = at->mount, *mount;

        if (at->dentry != top->root || !top->parent)
                return -EINVAL;
        if ((flags & MNT_EXPIRE) && (flags & (MNT_FORCE | MNT_DETACH)))
                return -EINVAL;
        mutex_lock(&tree_lock);
        if (!top->attached || !top->parent) {
                mutex_unlock(&tree_lock);
                return -EINVAL;
        }
        /* One reference is the list's, one the caller's place. */
        if (!(flags & MNT_DETACH) && refcount_read(&top->ref) > 2) {
                mutex_unlock(&tree_lock);
                return -EBUSY;
        }
        if ((flags & MNT_EXPIRE) && !unused) {
                mutex_unlock(&tree_lock);
                return -EAGAIN;
        }
        do {
                mount = mount_innermost(top);
                detach_and_put(mount);
        } while (mount != top);
        mutex_unlock(&tree_lock);
        return 0;
}

/* ---------------------------------------------------------------- paths */

/* Put text in front of what is at *at. */
static bool prepend(const char *buf, size_t *at, const char *text, size_t len)
{
        if (*at < len)
                return false;
        *at -= len;
        memcpy((char *)buf + *at, text, len);
        return true;
}

ssize_t place_path(const struct place *place, const struct place *root, char *buf, size_t size,
                   bool *reachable)
{
        static const char deleted[] = " (deleted)";
        struct place at = *place;
        size_t pos = size;
        bool ok = true;

        mutex_lock(&tree_lock);
        if (at.dentry->parent && !at.dentry->linked)
                ok = prepend(buf, &pos, deleted, sizeof(deleted) - 1);
        *reachable = true;
        while (ok && !place_equal(&at, root)) {
                if (at.dentry == at.mount->root) {
                        if (!at.mount->parent) {
                                *reachable = !root->mount;
                                break;
                        }
                        at = (struct place){ at.mount->parent, at.mount->mountpoint };
                        continue;
                }
                ok = prepend(buf, &pos, at.dentry->name, at.dentry->name_len) &&
                     prepend(buf, &pos, "/", 1);
                at.dentry = at.dentry->parent;
        }
        if (ok && (pos == size || buf[pos] != '/'))
                ok = prepend(buf, &pos, "/", 1);
        mutex_unlock(&tree_lock);
        return ok ? (ssize_t)pos : -ENAMETOOLONG;
}
