/* SPDX-License-Identifier: MIT */
/*
 * System calls: numbers, handlers, user copies of the common shapes.
 *
 * A handler is `long sys_NAME(...)` with the argument types of its man page, except that user
 * pointers are `uaddr` (so that only the copy routines can follow them). It returns a result or a
 * negative errno. Handlers live in kernel/sys and only unpack arguments; the work is done by
 * kernel/fs, kernel/sched and mm.
 */
#ifndef KERNEL_SYS_SYSCALL_H
#define KERNEL_SYS_SYSCALL_H

#include "arch/usercopy.h"
#include "kernel/base/errno.h"
#include "kernel/base/types.h"

/* 0 or -EFAULT. */
int copy_in(void *dst, uaddr src, size_t n);
int copy_out(uaddr dst, const void *src, size_t n);

#define PATH_MAX 4096

/*
 * A NUL-terminated string into a new kernel buffer of at most PATH_MAX bytes, to be released with
 * path_put(). -EFAULT, -ENAMETOOLONG, -ENOMEM.
 */
int path_get(uaddr src, char **out);
void path_put(char *path);
/* An uninitialised buffer of PATH_MAX bytes, to be released the same way. -ENOMEM. */
int string_buffer(char **out);

/* At most `size` bytes of a string, NUL included: its length, -EFAULT, or -ENAMETOOLONG. */
ssize_t string_in(char *dst, uaddr src, size_t size);

#endif
