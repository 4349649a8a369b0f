/* SPDX-License-Identifier: MIT */
/*
 * Open files and descriptor tables: what the rest of the kernel sees of kernel/fs.
 */
#ifndef KERNEL_FS_FILE_H
#define KERNEL_FS_FILE_H

#include "kernel/base/refcount.h"
#include "kernel/base/types.h"
#include "kernel/sync/mutex.h"
#include "mm/object.h"

struct file;
struct files;
struct fs_context;
struct inode;

/* ---- descriptor tables */
struct files *files_create(void);
struct files *files_copy(struct files *files); /* fork without CLONE_FILES; NULL: no memory */
void files_get(struct files *files);
void files_put(struct files *files);
void files_close_on_exec(struct files *files); /* exec; the table is not shared */

/* The open file behind a descriptor of the calling thread, with a reference; NULL: EBADF. */
struct file *file_of_fd(int fd);
/* The lowest free descriptor now refers to `file` (which is consumed); -EMFILE, -ENOMEM. */
int fd_install(struct file *file, bool cloexec);

/* ---- working directory, root, umask */
struct fs_context *fs_context_create(void);
struct fs_context *fs_context_copy(struct fs_context *fs);
void fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);

/* ---- open files */
void file_get(struct file *file);
void file_put(struct file *file);

/* Open for execution: a regular file with an x bit on an exec mount. -ENOENT, -EACCES, ... */
int file_open_exec(const char *path, struct file **out);
/* The same relative to a directory descriptor (execveat; AT_EMPTY_PATH with path ""). */
int file_open_exec_at(int dirfd, const char *path, int flags, struct file **out);

/* Bytes at `offset` into kernel memory; short at the end of the file; -errno. */
ssize_t file_read_kernel(struct file *file, void *buf, size_t len, u64 offset);

u64 file_size(const struct file *file);
/* What a mapping of this file refers to; NULL if it cannot be mapped (-ENODEV). */
struct backing *file_backing(struct file *file);
struct file *backing_file(struct backing *backing);
bool file_readable(const struct file *file);
bool file_writable(const struct file *file);
bool file_is_path_only(const struct file *file); /* O_PATH */
bool file_is_noexec(const struct file *file);
/* set-user-ID and set-group-ID bits and owner, for exec. */
void file_exec_identity(const struct file *file, u32 *mode, u32 *uid, u32 *gid);

/* The path as /proc shows it (" (deleted)" included); bytes written without the NUL. */
size_t file_path(struct file *file, char *buf, size_t size);

/* ---- start-up */
struct mem_range;
/* Where RAM is: what /dev/mem does not show. The ranges must stay. Before fs_init(). */
void device_mem_init(const struct mem_range *ranges, unsigned nr);
void fs_init(void); /* mounts the root, /dev, /proc, /tmp */
/* Unpack a cpio archive (newc) into the root; -EINVAL with a log line that says where it broke. */
int initramfs_unpack(const void *archive, size_t size);
/* Descriptors 0, 1, 2 of the first process: the console. */
int files_open_console(struct files *files);

#endif
