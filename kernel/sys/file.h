/* SPDX-License-Identifier: MIT */
/*
 * Handlers of the system calls on files. They copy arguments in and results out; kernel/fs/calls.h
 * does the work. See the man pages for what each does.
 */
#ifndef KERNEL_SYS_FILE_H
#define KERNEL_SYS_FILE_H

#include "kernel/sys/syscall.h"

/* ---- file.c: descriptors, reading, writing */
long sys_read(int fd, uaddr buf, size_t count);
long sys_write(int fd, uaddr buf, size_t count);
long sys_pread64(int fd, uaddr buf, size_t count, s64 pos);
long sys_pwrite64(int fd, uaddr buf, size_t count, s64 pos);
long sys_readv(int fd, uaddr vec, u64 nr);
long sys_writev(int fd, uaddr vec, u64 nr);
long sys_preadv(int fd, uaddr vec, u64 nr, s64 pos);
long sys_pwritev(int fd, uaddr vec, u64 nr, s64 pos);
long sys_preadv2(int fd, uaddr vec, u64 nr, s64 pos, u64 pos_high, u32 flags);
long sys_pwritev2(int fd, uaddr vec, u64 nr, s64 pos, u64 pos_high, u32 flags);
long sys_lseek(int fd, s64 offset, unsigned whence);
long sys_sendfile(int out_fd, int in_fd, uaddr offset, size_t count);
long sys_close(int fd);
long sys_close_range(unsigned first, unsigned last, unsigned flags);
long sys_dup(int fd);
long sys_dup2(int fd, int to);
long sys_dup3(int fd, int to, unsigned flags);
long sys_fcntl(int fd, unsigned cmd, u64 arg);
long sys_ioctl(int fd, unsigned cmd, uaddr arg);
long sys_flock(int fd, int operation);
long sys_fsync(int fd);
long sys_fdatasync(int fd);
long sys_syncfs(int fd);
long sys_sync(void);
long sys_ftruncate(int fd, s64 length);
long sys_fallocate(int fd, int mode, s64 offset, s64 len);
long sys_fadvise64(int fd, s64 offset, s64 len, int advice);
long sys_getdents64(int fd, uaddr buf, unsigned size);

/* ---- file_new.c: descriptors without a path */
long sys_pipe(uaddr fds);
long sys_pipe2(uaddr fds, unsigned flags);
long sys_eventfd(u32 count);
long sys_eventfd2(u32 count, unsigned flags);
long sys_memfd_create(uaddr name, unsigned flags);
long sys_userfaultfd(unsigned flags);
long sys_socket(int domain, int type, int protocol);
long sys_socketpair(int domain, int type, int protocol, uaddr fds);

/* ---- file_path.c: opening, names, directories */
long sys_open(uaddr path, int flags, u32 mode);
long sys_creat(uaddr path, u32 mode);
long sys_openat(int dirfd, uaddr path, int flags, u32 mode);
long sys_openat2(int dirfd, uaddr path, uaddr how, size_t size);
long sys_mkdir(uaddr path, u32 mode);
long sys_mkdirat(int dirfd, uaddr path, u32 mode);
long sys_mknod(uaddr path, u32 mode, u32 dev);
long sys_mknodat(int dirfd, uaddr path, u32 mode, u32 dev);
long sys_rmdir(uaddr path);
long sys_unlink(uaddr path);
long sys_unlinkat(int dirfd, uaddr path, int flags);
long sys_link(uaddr old_path, uaddr new_path);
long sys_linkat(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path, int flags);
long sys_symlink(uaddr target, uaddr path);
long sys_symlinkat(uaddr target, int dirfd, uaddr path);
long sys_readlink(uaddr path, uaddr buf, int size);
long sys_readlinkat(int dirfd, uaddr path, uaddr buf, int size);
long sys_rename(uaddr old_path, uaddr new_path);
long sys_renameat(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path);
long sys_renameat2(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path, unsigned flags);
long sys_chdir(uaddr path);
long sys_fchdir(int fd);
long sys_chroot(uaddr path);
long sys_getcwd(uaddr buf, size_t size);
long sys_umask(u32 mask);
long sys_mount(uaddr source, uaddr target, uaddr type, u64 flags, uaddr data);
long sys_umount2(uaddr target, int flags);

/* ---- file_stat.c: attributes */
long sys_stat(uaddr path, uaddr out);
long sys_lstat(uaddr path, uaddr out);
long sys_fstat(int fd, uaddr out);
long sys_newfstatat(int dirfd, uaddr path, uaddr out, int flags);
long sys_statx(int dirfd, uaddr path, unsigned flags, unsigned mask, uaddr out);
long sys_statfs(uaddr path, uaddr out);
long sys_fstatfs(int fd, uaddr out);
long sys_access(uaddr path, int mode);
long sys_faccessat(int dirfd, uaddr path, int mode);
long sys_faccessat2(int dirfd, uaddr path, int mode, int flags);
long sys_chmod(uaddr path, u32 mode);
long sys_fchmod(int fd, u32 mode);
long sys_fchmodat(int dirfd, uaddr path, u32 mode);
long sys_fchmodat2(int dirfd, uaddr path, u32 mode, unsigned flags);
long sys_chown(uaddr path, u32 uid, u32 gid);
long sys_lchown(uaddr path, u32 uid, u32 gid);
long sys_fchown(int fd, u32 uid, u32 gid);
long sys_fchownat(int dirfd, uaddr path, u32 uid, u32 gid, int flags);
long sys_truncate(uaddr path, s64 length);
long sys_utime(uaddr path, uaddr times);
long sys_utimes(uaddr path, uaddr times);
long sys_futimesat(int dirfd, uaddr path, uaddr times);
long sys_utimensat(int dirfd, uaddr path, uaddr times, int flags);

/* ---- file_poll.c */
long sys_poll(uaddr fds, unsigned nr, int timeout_ms);
long sys_ppoll(uaddr fds, unsigned nr, uaddr timeout, uaddr mask, size_t mask_size);
long sys_select(int nr, uaddr in, uaddr out, uaddr except, uaddr timeout);
long sys_pselect6(int nr, uaddr in, uaddr out, uaddr except, uaddr timeout, uaddr mask);

#endif
