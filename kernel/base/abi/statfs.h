/* SPDX-License-Identifier: MIT */
/* statfs(2). */
#ifndef KERNEL_BASE_ABI_STATFS_H
#define KERNEL_BASE_ABI_STATFS_H

#include "kernel/base/types.h"

struct statfs_abi {
        s64 type, bsize;
        u64 blocks, bfree, bavail, files, ffree;
        s32 fsid[2];
        s64 namelen, frsize, flags, spare[4];
};

#define TMPFS_MAGIC      0x01021994
#define SYSFS_MAGIC      0x62656572
#define PROC_MAGIC       0x9fa0
#define PIPEFS_MAGIC     0x50495045
#define SOCKFS_MAGIC     0x534f434b
#define ANON_INODE_MAGIC 0x09041934

/* `flags` */
#define ST_RDONLY   0x0001
#define ST_NOSUID   0x0002
#define ST_NODEV    0x0004
#define ST_NOEXEC   0x0008
#define ST_VALID    0x0020
#define ST_NOATIME  0x0400
#define ST_RELATIME 0x1000

#endif
