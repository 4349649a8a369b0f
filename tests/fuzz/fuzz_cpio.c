/* SPDX-License-Identifier: MIT */
/*
 * The first files: the bytes are what the boot loader gives for a cpio archive. It is unpacked into
 * a fresh root, as at the kernel's start, which is then taken down with all that is in it.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/fs/device.h"
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/pipe.h"
#include "kernel/sched/cred.h"
#include "kernel/sched/process.h"
#include "tests/diff/terrane.h"
#include "tests/fuzz/fuzz.h"

/* ------------------------------------------------------------------ what nobody comes to ask for
 */

const struct file_ops dir_file_ops, shmem_file_ops;
const struct fs_type proc_type;
const struct fs_type sysfs_type;

/* The kernel itself, during start-up. */
const struct cred *current_cred(void)
{
        return NULL;
}

int fifo_open(struct inode *inode, struct file *file)
{
        (void)inode, (void)file;
        return -ENXIO;
}

int device_open(struct inode *inode, struct file *file)
{
        (void)inode, (void)file;
        return -ENXIO;
}

int devices_populate(struct dentry *dir)
{
        (void)dir;
        return 0;
}

/* ------------------------------------------------------------------ one archive */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        terrane_boot(TERRANE_RAM);
        mutex_init(&tree_lock, RANK_FS, "directory tree");
        return 0;
}

static void root_end(void)
{
        struct mount *mount = list_first(&mounts, struct mount, node);

        list_del(&mount->node);
        mount->attached = false;
        mount_put(mount);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint64_t before = fuzz_free_pages();

        CHECK(mount_add(&tmpfs_type, NULL, 0, "rootfs", "mode=0755") == 0);
        CHECK(initramfs_unpack(data, size) <= 0);
        root_end();
        CHECK(fuzz_free_pages() == before);
        return 0;
}
