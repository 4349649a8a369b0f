/* SPDX-License-Identifier: MIT */
/* File modes, struct stat and struct statx: the Linux x86-64 ABI. */
#ifndef KERNEL_BASE_ABI_STAT_H
#define KERNEL_BASE_ABI_STAT_H

#include "kernel/base/types.h"

#define S_IFMT   0170000
#define S_IFSOCK 0140000
#define S_IFLNK  0120000
#define S_IFREG  0100000
#define S_IFBLK  0060000
#define S_IFDIR  0040000
#define S_IFCHR  0020000
#define S_IFIFO  0010000
#define S_ISUID  04000
#define S_ISGID  02000
#define S_ISVTX  01000
#define S_IXGRP  00010
#define S_IXALL  00111 /* any execute bit */
#define S_IRWXA  07777 /* what chmod can change */

static inline bool mode_is(u32 mode, u32 type)
{
        return (mode & S_IFMT) == type;
}

/* A device number as user space sees it (makedev of the C library), and its parts. */
static inline u64 dev_encode(u32 major, u32 minor)
{
        return (minor & 0xff) | (u64)(major & 0xfff) << 8 | (u64)(minor & ~0xffu) << 12;
}

static inline u32 dev_major(u64 dev)
{
        return dev >> 8 & 0xfff;
}

static inline u32 dev_minor(u64 dev)
{
        return (dev & 0xff) | (dev >> 12 & 0xfff00);
}

struct stat_abi {
        u64 st_dev, st_ino, st_nlink;
        u32 st_mode, st_uid, st_gid, pad0;
        u64 st_rdev;
        s64 st_size, st_blksize, st_blocks;
        s64 atime_sec, atime_nsec, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
        s64 unused[3];
};

struct statx_time {
        s64 sec;
        u32 nsec;
        s32 pad;
};

struct statx_abi {
        u32 mask, blksize;
        u64 attributes;
        u32 nlink, uid, gid;
        u16 mode, pad0;
        u64 ino, size, blocks, attributes_mask;
        struct statx_time atime, btime, ctime, mtime;
        u32 rdev_major, rdev_minor, dev_major, dev_minor;
        u64 mnt_id;
        u32 dio_mem_align, dio_offset_align;
        u64 spare[12];
};

#define STATX_BASIC_STATS     0x07ffu
#define STATX_BTIME           0x0800u
#define STATX_MNT_ID          0x1000u
#define STATX_MNT_ID_UNIQUE   0x4000u
#define STATX_RESERVED        0x80000000u
#define STATX_ATTR_MOUNT_ROOT 0x2000u

/* utimensat(2) */
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

struct timespec_abi {
        s64 sec, nsec;
};

struct timeval_abi {
        s64 sec, usec;
};

#endif
