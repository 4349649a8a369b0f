/* SPDX-License-Identifier: MIT */
/* Seals of memfds, for fcntl(2). */
#ifndef KERNEL_FS_MEMFD_H
#define KERNEL_FS_MEMFD_H

#include "kernel/fs/open_file.h"

long memfd_add_seals(struct file *file, unsigned seals);
long memfd_get_seals(struct file *file);

#endif
