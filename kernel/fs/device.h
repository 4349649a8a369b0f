/* SPDX-License-Identifier: MIT */
/* Character devices: what a device node leads to. */
#ifndef KERNEL_FS_DEVICE_H
#define KERNEL_FS_DEVICE_H

#include "kernel/fs/open_file.h"

/* Give the file the operations of inode->rdev; -ENXIO if there is no such device. */
int device_open(struct inode *inode, struct file *file);

/* /dev/mem (device_mem.c): -EPERM without CAP_SYS_RAWIO. */
extern const struct file_ops mem_ops;
int device_mem_open(struct file *file);

/* The nodes of a fresh /dev. */
int devices_populate(struct dentry *root);

#endif
