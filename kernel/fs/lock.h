/* SPDX-License-Identifier: MIT */
/*
 * Advisory locks: record locks of fcntl(2), owned by a process' descriptor table or (OFD) by an
 * open file, and whole-file locks of flock(2), owned by an open file. The two kinds do not see
 * each other.
 */
#ifndef KERNEL_FS_LOCK_H
#define KERNEL_FS_LOCK_H

#include "kernel/fs/open_file.h"

/* F_SETLK and its kin; `cmd` tells which. The range is relative to the file's offset or size. */
int lock_record(struct file *file, int cmd, struct flock64 *lock);
int lock_flock(struct file *file, int operation);

/* Drop every record lock that `owner` (a descriptor table or a file) has on the inode. */
void locks_drop(struct inode *inode, const void *owner);
void flock_release(struct file *file); /* the open file goes away */

#endif
