/* SPDX-License-Identifier: MIT */
/*
 * What the system calls on files do, for kernel/sys to call once it has unpacked the arguments.
 * Paths are kernel strings; `dirfd` and flags are those of the *at() calls. Results are 0, a
 * count, a descriptor or a negative errno, as in the man page of the call.
 */
#ifndef KERNEL_FS_CALLS_H
#define KERNEL_FS_CALLS_H

#include "kernel/base/abi/statfs.h"
#include "kernel/fs/open_file.h"

/* ---- open.c */
/* Flags are checked as openat2(2) does; open() and openat() clean theirs with open_flags_clean. */
long call_open(int dirfd, const char *path, const struct open_how *how);
void open_flags_clean(struct open_how *how);

/* ---- names.c */
long call_mknod(int dirfd, const char *path, u32 mode, u64 dev);
long call_mkdir(int dirfd, const char *path, u32 mode);
long call_symlink(const char *target, int dirfd, const char *path);
long call_link(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path, int flags);
long call_unlink(int dirfd, const char *path);
long call_rmdir(int dirfd, const char *path);
/* A name of its own for a new inode; open.c makes files by it. tree_lock is held. */
int name_add(struct place *dir, const char *name, size_t len, u32 mode, u64 rdev, const char *link,
             struct dentry **out);
u32 mode_inherit(const struct inode *dir, u32 mode, u32 *gid); /* of a new inode in it */
int may_add(const struct place *dir);                          /* a name here */
int may_remove(const struct place *dir, struct dentry *child); /* this name */

/* ---- rename.c */
long call_rename(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path,
                 unsigned flags);

/* ---- attributes.c */
long call_stat(int dirfd, const char *path, unsigned flags, struct kstat *st);
long call_fstat(int fd, struct kstat *st);
long call_statfs(const char *path, struct statfs_abi *out);
long call_fstatfs(int fd, struct statfs_abi *out);
long call_chmod(int dirfd, const char *path, u32 mode, unsigned flags);
long call_fchmod(int fd, u32 mode);
long call_chown(int dirfd, const char *path, u32 uid, u32 gid, unsigned flags);
long call_fchown(int fd, u32 uid, u32 gid);
/* times[0] access, times[1] modification; UTIME_NOW and UTIME_OMIT in nsec. NULL: now. `path`
 * NULL: the descriptor itself. */
long call_utimens(int dirfd, const char *path, const struct timespec_abi *times, unsigned flags);
long call_access(int dirfd, const char *path, unsigned mode, unsigned flags);
long call_truncate(const char *path, s64 length);
long call_ftruncate(int fd, s64 length);
long call_fallocate(int fd, int mode, s64 offset, s64 len);
/* Bytes of the link's text stored in a kernel buffer. */
long call_readlink(int dirfd, const char *path, char *buf, size_t size);

/* ---- directories.c */
long call_chdir(const char *path);
long call_fchdir(int fd);
long call_chroot(const char *path);
/* The path with its NUL, in a new buffer (kfree); its length. -ENOENT, -ENOMEM. */
long call_getcwd(char **out);
long call_getdents(int fd, uaddr buf, size_t size);
long call_mount(const char *source, const char *target, const char *type, u64 flags,
                const char *options);
long call_umount(const char *target, int flags);

/* ---- rw.c */
long call_read(int fd, struct uio *to);
long call_write(int fd, struct uio *from);
long call_pread(int fd, struct uio *to, s64 pos);
long call_pwrite(int fd, struct uio *from, s64 pos);
long call_lseek(int fd, s64 offset, int whence);
/* *offset is used and changed instead of in_fd's own when not NULL. */
long call_sendfile(int out_fd, int in_fd, s64 *offset, size_t count);
long call_fsync(int fd);

/* ---- control.c */
long call_fcntl(int fd, unsigned cmd, u64 arg);
long call_ioctl(int fd, unsigned cmd, uaddr arg);

/* ---- pipe.c, eventfd.c, memfd.c, userfaultfd.c, socket.c: descriptors, or a pair of them */
long call_pipe(int fds[2], unsigned flags);
long call_eventfd(u32 count, unsigned flags);
long call_memfd(const char *name, unsigned flags);
long call_socketpair(int domain, int type, int protocol, uaddr out); /* out: int[2] */
long call_userfaultfd(unsigned flags);
long call_socket(int domain, int type, int protocol);

#endif
