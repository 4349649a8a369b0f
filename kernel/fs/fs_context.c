/* SPDX-License-Identifier: MIT */
/* A thread's root, working directory and umask; threads share one with CLONE_FS. */
#include "kernel/fs/walk.h"

#include "kernel/fs/file.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "mm/slab.h"

struct fs_context {
        struct refcount ref;
        struct spinlock lock; /* guards the rest */
        struct place root, cwd;
        u32 umask;
};

struct fs_context *fs_context_create(void)
{
        struct fs_context *fs = kzalloc(sizeof(*fs));

        if (!fs)
                return NULL;
        refcount_init(&fs->ref);
        spin_init(&fs->lock, RANK_LEAF, "fs_context");
        place_root(&fs->root);
        fs->cwd = fs->root;
        place_get(&fs->cwd);
        fs->umask = 022;
        return fs;
}

void fs_context_places(struct fs_context *fs, struct place *root, struct place *cwd)
{
        spin_lock(&fs->lock);
        *root = fs->root;
        *cwd = fs->cwd;
        place_get(root);
        place_get(cwd);
        spin_unlock(&fs->lock);
}

struct fs_context *fs_context_copy(struct fs_context *from)
{
        struct fs_context *fs = kzalloc(sizeof(*fs));

        if (!fs)
                return NULL;
        refcount_init(&fs->ref);
        spin_init(&fs->lock, RANK_LEAF, "fs_context");
        fs_context_places(from, &fs->root, &fs->cwd);
        fs->umask = from->umask;
        return fs;
}

void fs_context_get(struct fs_context *fs)
{
        refcount_get(&fs->ref);
}

void fs_context_put(struct fs_context *fs)
{
        if (!fs || !refcount_put(&fs->ref))
                return;
        place_put(&fs->root);
        place_put(&fs->cwd);
        kfree(fs);
}

/* NULL for a thread of the kernel, which lives in the root. */
static struct fs_context *caller_fs(void)
{
        return current_task() ? current_fs() : NULL;
}

static void get_one(bool root, struct place *out)
{
        struct fs_context *fs = caller_fs();

        if (!fs) {
                place_root(out);
                return;
        }
        spin_lock(&fs->lock);
        *out = root ? fs->root : fs->cwd;
        place_get(out);
        spin_unlock(&fs->lock);
}

void fs_root(struct place *out)
{
        get_one(true, out);
}

void fs_cwd(struct place *out)
{
        get_one(false, out);
}

static void set_one(bool root, const struct place *place)
{
        struct fs_context *fs = current_fs();
        struct place old;

        spin_lock(&fs->lock);
        old = root ? fs->root : fs->cwd;
        if (root)
                fs->root = *place;
        else
                fs->cwd = *place;
        spin_unlock(&fs->lock);
        place_put(&old);
}

void fs_set_root(const struct place *place)
{
        set_one(true, place);
}

void fs_set_cwd(const struct place *place)
{
        set_one(false, place);
}

u32 fs_umask(void)
{
        struct fs_context *fs = caller_fs();

        return fs ? fs->umask : 0;
}

u32 fs_context_umask(struct fs_context *fs)
{
        return fs->umask;
}

u32 fs_set_umask(u32 mask)
{
        struct fs_context *fs = current_fs();
        u32 old = fs->umask;

        fs->umask = mask & 0777;
        return old;
}
