/* SPDX-License-Identifier: MIT */
/* getdents64(2) records. */
#ifndef KERNEL_BASE_ABI_DIRENT_H
#define KERNEL_BASE_ABI_DIRENT_H

#include "kernel/base/types.h"

#define NAME_MAX 255

/* Followed by the name, its NUL, and padding to a multiple of 8 bytes. */
struct dirent64 {
        u64 d_ino;
        s64 d_off; /* position of the next record, for lseek */
        u16 d_reclen;
        u8 d_type;
        char d_name[];
} __attribute__((packed));

/* d_type is the file type bits of the mode. */
#define DT_OF_MODE(mode) ((mode) >> 12 & 15)

#endif
