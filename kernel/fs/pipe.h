/* SPDX-License-Identifier: MIT */
/*
 * Pipes and fifos.
 *
 * A ring of slots, each a page with the bytes [start, end) in it. A write of at most a page
 * (PIPE_BUF) goes in as one piece; a reader takes slots from the tail. With O_DIRECT each write
 * makes packets that are read one at a time.
 */
#ifndef KERNEL_FS_PIPE_H
#define KERNEL_FS_PIPE_H

#include "kernel/fs/open_file.h"
#include "kernel/sync/wait.h"

struct page;

#define PIPE_DEFAULT_SLOTS 16u
#define PIPE_MAX_SIZE      (1u << 20) /* for those without CAP_SYS_RESOURCE */

struct pipe_slot {
        struct page *page;
        u16 start, end;
        bool packet;
};

struct pipe {
        struct mutex lock; /* RANK_FILE; guards all of it */
        struct pipe_slot *slots;
        unsigned nr_slots;  /* a power of two */
        struct page *spare; /* for the next write; or NULL */
        u32 head, tail;     /* slots filled, slots emptied; running numbers */
        unsigned readers, writers;
        u32 reader_opens, writer_opens; /* for open() of a fifo to wait for the other side */
        struct waitq queue;
};

int fifo_open(struct inode *inode, struct file *file);
/* F_SETPIPE_SZ, F_GETPIPE_SZ: bytes, or -EBADF if the file is no pipe. */
long pipe_set_size(struct file *file, u64 size);
long pipe_get_size(struct file *file);

#endif
