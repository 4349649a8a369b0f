/* SPDX-License-Identifier: MIT */
/* Start-up: the root, /dev, /proc, /tmp, /dev/shm, and the first descriptors. */
#include "kernel/base/abi/mount.h"
#include "kernel/base/abi/statfs.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/tmpfs.h"
#include "kernel/fs/tty.h"
#include "kernel/fs/walk.h"

struct super *pipe_super, *socket_super, *anon_super, *memfd_super;

static const struct fs_type memfd_type = { .name = "tmpfs", .magic = TMPFS_MAGIC, .kept = true };
static const struct fs_type socket_type = { .name = "sockfs", .magic = SOCKFS_MAGIC };
static const struct fs_type pipe_type = { .name = "pipefs", .magic = PIPEFS_MAGIC };
static const struct fs_type anon_type = { .name = "anon_inodefs", .magic = ANON_INODE_MAGIC };

static struct super *internal_super(const struct fs_type *type, u32 dev)
{
        struct super *super = super_create(type, dev);

        CHECK(super);
        return super;
}

/* Make a directory if it is not there, and mount on it. */
static void mount_at(const char *path, u32 mode, const struct fs_type *type, u32 flags,
                     const char *options)
{
        struct place root, at;
        struct inode *inode;

        if (walk_path(AT_FDCWD, path, WALK_FOLLOW, &at) != 0) {
                place_root(&root);
                inode = tmpfs_inode(root.dentry->super, S_IFDIR | mode, 0, NULL);
                CHECK(inode && tmpfs_add(root.dentry, path + 1, inode, NULL) == 0);
                place_put(&root);
                CHECK(walk_path(AT_FDCWD, path, WALK_FOLLOW, &at) == 0);
        }
        if (type)
                CHECK(mount_add(type, &at, flags, type->name, options) == 0);
        place_put(&at);
}

void fs_init(void)
{
        mutex_init(&tree_lock, RANK_FS, "directory tree");
        tty_init();
        memfd_super = internal_super(&memfd_type, 1);
        socket_super = internal_super(&socket_type, 9);
        pipe_super = internal_super(&pipe_type, 15);
        anon_super = internal_super(&anon_type, 16);
        CHECK(mount_add(&tmpfs_type, NULL, 0, "rootfs", "mode=0755") == 0);
        mount_at("/dev", 0755, &devtmpfs_type, 0, NULL);
        mount_at("/dev/shm", 01777, &tmpfs_type, MS_NOSUID | MS_NODEV, NULL);
        mount_at("/proc", 0555, &proc_type, 0, NULL);
        mount_at("/sys", 0555, &sysfs_type, 0, NULL);
}

int files_open_console(struct files *files)
{
        struct place place;
        struct file *file;
        int err = walk_path(AT_FDCWD, "/dev/console", WALK_FOLLOW, &place);

        if (!err)
                err = file_open_inode(&place, O_RDWR | O_LARGEFILE, &file);
        if (err)
                return err;
        for (int fd = 0; fd < 3; fd++) {
                file_get(file);
                files_set(files, fd, file);
        }
        file_put(file);
        return 0;
}
