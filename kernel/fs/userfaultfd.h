/* SPDX-License-Identifier: MIT */
/* userfaultfd(2): what the rest of kernel/fs and kernel/sys know of it. */
#ifndef KERNEL_FS_USERFAULTFD_H
#define KERNEL_FS_USERFAULTFD_H

#include "kernel/fs/open_file.h"

/* /proc/sys/vm/unprivileged_userfaultfd: everybody may handle faults of the kernel, too. */
extern u64 userfaultfd_for_all;

/* /dev/userfaultfd: its ioctl makes descriptors, for whoever may open it. */
extern const struct file_ops userfaultfd_device_ops;

/* The descriptor's ioctls (userfaultfd_ioctl.c). */
long userfaultfd_ioctl(struct file *file, unsigned cmd, uaddr arg);

/* Bits of `ioctls` in what UFFDIO_API and UFFDIO_REGISTER answer. */
#define UFFD_IOCTL(number)      (1ULL << (number))
#define UFFD_IOCTLS_OF_FD       (1ULL << 63 | UFFD_IOCTL(0) | UFFD_IOCTL(1))
#define UFFD_IOCTLS_OF_RANGE    0x13cULL /* WAKE, COPY, ZEROPAGE, MOVE, POISON */
#define UFFD_IOCTL_WRITEPROTECT UFFD_IOCTL(6)
#define UFFD_IOCTL_CONTINUE     UFFD_IOCTL(7)

#endif
