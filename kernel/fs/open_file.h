/* SPDX-License-Identifier: MIT */
/*
 * Open files inside kernel/fs. struct file embeds mm's struct backing, whose reference count is
 * the file's own: a mapping keeps the file open.
 *
 * file->pos_lock (RANK_FILE_POS) makes a read or write and the step of the offset one; it is taken
 * before everything else, because reading /proc looks at processes.
 */
#ifndef KERNEL_FS_OPEN_FILE_H
#define KERNEL_FS_OPEN_FILE_H

#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/uio.h"

struct poll_set;
struct seq;

/* Receives directory entries; false: full, the entry was not taken. */
struct dir_sink {
        bool (*emit)(struct dir_sink *sink, const char *name, size_t len, u64 ino, u32 mode,
                     s64 next);
};

/*
 * What is NULL answers the errno on its right. read and write advance *pos; after an error it does
 * not matter. They are called with or without pos_lock (pread), so what they keep for the file as a
 * whole has a lock of its own.
 */
struct file_ops {
        ssize_t (*read)(struct file *file, struct uio *to, s64 *pos);    /* EINVAL */
        ssize_t (*write)(struct file *file, struct uio *from, s64 *pos); /* EINVAL */
        s64 (*seek)(struct file *file, s64 offset, int whence);          /* ESPIPE */
        int (*iterate)(struct file *file, struct dir_sink *sink);        /* ENOTDIR */
        unsigned (*poll)(struct file *file, struct poll_set *set);       /* readable and writable */
        long (*ioctl)(struct file *file, unsigned cmd, uaddr arg);       /* ENOTTY */
        int (*fsync)(struct file *file);                                 /* EINVAL */
        void (*release)(struct file *file);
        void (*info)(struct file *file, struct seq *seq); /* more lines in /proc/PID/fdinfo */
};

struct file {
        struct backing backing; /* its count is the file's */
        const struct file_ops *ops;
        struct inode *inode; /* with a reference */
        struct place place;  /* with references; no mount for pipes and their like */
        u32 flags;           /* O_*, as F_GETFL shows them */
        bool readable, writable;
        bool positioned;     /* pread() and pwrite() work, and the offset counts */
        bool unsigned_pos;   /* offsets are addresses */
        bool path_only;      /* O_PATH */
        bool holds_writer;   /* counted in inode->writers */
        bool denies_writers; /* opened for execution */
        bool flocked;
        u32 seen_writers; /* pipe.c: writer opens before this reader; hang-up needs one more */
        s64 pos;
        struct mutex pos_lock;
        void *data; /* the operations' own */
};

/*
 * A file around an inode and a place, both of which are consumed, also on failure. Calls the
 * inode's open. -ENOMEM, -ENXIO, ...
 */
int file_open_inode(const struct place *place, u32 flags, struct file **out);
/* A file that no path leads to: its name is what /proc shows. Consumes the inode. */
int file_open_anon(struct inode *inode, const char *name, const struct file_ops *ops, u32 flags,
                   void *data, struct file **out);

struct file *file_from_fd(int fd, bool path_ok); /* NULL: EBADF */

/* Generic pieces for tables of operations. */
s64 seek_noop(struct file *file, s64 offset, int whence);
s64 seek_null(struct file *file, s64 offset, int whence);
s64 seek_sized(struct file *file, s64 offset, int whence, u64 size);
int fsync_nothing(struct file *file);

extern const struct file_ops dir_file_ops;   /* directories kept in memory */
extern const struct file_ops shmem_file_ops; /* regular files kept in memory */
extern const struct file_ops bad_file_ops;   /* nothing works */

#endif
