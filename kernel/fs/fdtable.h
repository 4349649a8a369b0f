/* SPDX-License-Identifier: MIT */
/* Descriptor tables inside the kernel's upper half; file.h has what everybody uses. */
#ifndef KERNEL_FS_FDTABLE_H
#define KERNEL_FS_FDTABLE_H

#include "kernel/fs/open_file.h"

/*
 * A call that may leave something behind asks for its descriptor first, so that it fails before it
 * has done anything: the lowest free one >= `from`, for which fd_publish() or fd_unreserve() must
 * follow. Until then it is neither open nor free. -EMFILE at RLIMIT_NOFILE, -ENOMEM.
 */
int fd_reserve(int from);
int fd_reserve_pair(int fds[2]);                          /* two, or none */
void fd_publish(int fd, struct file *file, bool cloexec); /* the file is consumed */
void fd_unreserve(int fd);

/* The lowest free descriptor >= `from`, for `file`, which is consumed on success only. -EMFILE. */
int fd_install_from(struct file *file, int from, bool cloexec);
/* Two descriptors at once (pipe); both files are consumed, also on failure. */
int fd_install_pair(struct file *first, struct file *second, bool cloexec, int fds[2]);
int fd_close(int fd);                            /* -EBADF */
int fd_dup(int fd, int from, bool cloexec);      /* dup */
int fd_dup_from(int fd, int from, bool cloexec); /* F_DUPFD: -EINVAL from the limit on */
/* dup2, dup3: `to` is closed first; -EBUSY when a call is about to open it. */
int fd_dup_to(int fd, int to, bool cloexec);
int fd_get_cloexec(int fd);               /* 0, 1, -EBADF */
int fd_set_cloexec(int fd, bool cloexec); /* -EBADF */
int fd_close_range(unsigned first, unsigned last, unsigned flags);

/* Put a file into a free slot of a table that nobody else uses yet; consumed. */
void files_set(struct files *files, int fd, struct file *file);

/* For /proc: the file behind `fd`, with a reference, or NULL; and the next open descriptor. */
struct file *files_file(struct files *files, int fd, bool *cloexec);
int files_next(struct files *files, int fd); /* the lowest one >= fd, or -1 */
unsigned files_capacity(struct files *files);

#endif
