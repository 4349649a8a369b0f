/* SPDX-License-Identifier: MIT */
/* tmpfs: a file system whose names are dentries and whose contents are mm's objects. */
#ifndef KERNEL_FS_TMPFS_H
#define KERNEL_FS_TMPFS_H

#include "kernel/fs/inode.h"

extern const struct inode_ops tmpfs_inode_ops;

/* A new inode of any type; no name yet. NULL: no memory. `link`: a symbolic link's text. */
struct inode *tmpfs_inode(struct super *super, u32 mode, u64 rdev, const char *link);

/* Add a name to a directory; for whoever fills a file system while the kernel starts. */
int tmpfs_add(struct dentry *dir, const char *name, struct inode *inode, struct dentry **out);

/* ---- contents of regular files, memfds included (shmem.c) */
int shmem_truncate(struct inode *inode, u64 size);
int shmem_fallocate(struct inode *inode, int mode, s64 offset, s64 len);

#endif
