/* SPDX-License-Identifier: MIT */
/*
 * The ring of pipe.h.
 *
 * pipe->lock is held while user memory is copied (it may fault, which is allowed under a mutex of
 * RANK_FILE) and dropped to sleep. A slot is filled or emptied as a whole or not at all when user
 * memory is bad, as on Linux. All who wait sit on one queue: each looks again at what it needs.
 */
#include "kernel/fs/pipe.h"

#include "arch/usercopy.h"
#include "kernel/base/abi/termios.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/poll.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/task.h"
#include "mm/page.h"
#include "mm/slab.h"

static const struct file_ops pipe_ops;

/* ---------------------------------------------------------------- life */

static struct pipe *pipe_create(void)
{
        struct pipe *pipe = kzalloc(sizeof(*pipe));

        if (!pipe)
                return NULL;
        pipe->slots = kzalloc(PIPE_DEFAULT_SLOTS * sizeof(*pipe->slots));
        if (!pipe->slots) {
                kfree(pipe);
                return NULL;
        }
        pipe->nr_slots = PIPE_DEFAULT_SLOTS;
        mutex_init(&pipe->lock, RANK_FILE, "pipe");
        waitq_init(&pipe->queue);
        return pipe;
}

static struct pipe_slot *slot_at(struct pipe *pipe, u32 index)
{
        return &pipe->slots[index & (pipe->nr_slots - 1)];
}

static bool pipe_empty(const struct pipe *pipe)
{
        return pipe->head == pipe->tail;
}

static bool pipe_full(const struct pipe *pipe)
{
        return pipe->head - pipe->tail >= pipe->nr_slots;
}

/* One page that was read is kept for the next write: most pipes are empty most of the time. */
static void pipe_drop_tail(struct pipe *pipe)
{
        struct page *page = slot_at(pipe, pipe->tail)->page;

        pipe->tail++;
        if (pipe->spare)
                page_put(page);
        else
                pipe->spare = page;
}

/* A page to write into; NULL: no memory. */
static struct page *pipe_page(struct pipe *pipe)
{
        struct page *page = pipe->spare;

        pipe->spare = NULL;
        return page ? page : page_alloc(0, 0);
}

static void pipe_destroy(struct pipe *pipe)
{
        while (!pipe_empty(pipe))
                pipe_drop_tail(pipe);
        if (pipe->spare)
                page_put(pipe->spare);
        kfree(pipe->slots);
        kfree(pipe);
}

static void pipe_release(struct file *file)
{
        struct pipe *pipe = file->data;
        bool last;

        mutex_lock(&pipe->lock);
        if (file->readable)
                pipe->readers--;
        if (file->writable)
                pipe->writers--;
        waitq_wake_all(&pipe->queue);
        last = pipe->readers == 0 && pipe->writers == 0;
        /* A fifo's next user starts with a new pipe; who still waits in open() keeps this one. */
        if (last && file->inode->pipe_waiters)
                last = false;
        if (last)
                file->inode->pipe = NULL;
        mutex_unlock(&pipe->lock);
        if (last)
                pipe_destroy(pipe);
}

/* Sleep until something happens to the pipe; its lock is held before and after. */
static int pipe_wait(struct pipe *pipe)
{
        struct waiter w;
        int err;

        waitq_add(&pipe->queue, &w);
        mutex_unlock(&pipe->lock);
        err = park(true, PARK_FOREVER);
        waitq_remove(&pipe->queue, &w);
        mutex_lock(&pipe->lock);
        return err == -EINTR ? -ERESTARTSYS : 0;
}

/* ---------------------------------------------------------------- reading */

/* From the tail slot; bytes, or -EFAULT with the slot as it was. */
static ssize_t read_slot(struct pipe *pipe, struct uio *to)
{
        struct pipe_slot *slot = slot_at(pipe, pipe->tail);
        size_t n = min_u64((u64)(slot->end - slot->start), to->left);

        if (uio_put(to, (char *)page_to_virt(slot->page) + slot->start, n) < n)
                return -EFAULT;
        slot->start = (u16)(slot->start + n);
        if (slot->start == slot->end || slot->packet)
                pipe_drop_tail(pipe);
        return (ssize_t)n;
}

static ssize_t pipe_read_locked(struct file *file, struct pipe *pipe, struct uio *to)
{
        ssize_t done = 0, n;

        for (;;) {
                while (!pipe_empty(pipe)) {
                        bool packet = slot_at(pipe, pipe->tail)->packet;

                        n = read_slot(pipe, to);
                        if (n < 0)
                                return done ? done : n;
                        done += n;
                        if (packet || to->left == 0)
                                return done;
                }
                if (done || pipe->writers == 0)
                        return done;
                if (file->flags & O_NONBLOCK)
                        return -EAGAIN;
                n = pipe_wait(pipe);
                if (n)
                        return n;
        }
}

static ssize_t pipe_read(struct file *file, struct uio *to, s64 *pos)
{
        struct pipe *pipe = file->data;
        ssize_t n;

        (void)pos;
        if (to->left == 0)
                return 0;
        mutex_lock(&pipe->lock);
        n = pipe_read_locked(file, pipe, to);
        mutex_unlock(&pipe->lock);
        if (n > 0) {
                waitq_wake_all(&pipe->queue);
                inode_touch(file->inode, true, false, false);
        }
        return n;
}

/* ---------------------------------------------------------------- writing */

/* What is left of a page may follow in the page written last, if it fits there as a whole. */
static ssize_t write_merged(struct pipe *pipe, struct uio *from)
{
        size_t n = from->left & (PAGE_SIZE - 1);
        struct pipe_slot *slot;

        if (n == 0 || pipe_empty(pipe))
                return 0;
        slot = slot_at(pipe, pipe->head - 1);
        if (slot->packet || slot->end + n > PAGE_SIZE)
                return 0;
        if (uio_take(from, (char *)page_to_virt(slot->page) + slot->end, n) < n)
                return -EFAULT;
        slot->end = (u16)(slot->end + n);
        return (ssize_t)n;
}

static ssize_t write_slot(struct pipe *pipe, struct uio *from, bool packet)
{
        size_t n = min_u64(from->left, PAGE_SIZE);
        struct page *page = pipe_page(pipe);

        if (!page)
                return -ENOMEM;
        if (uio_take(from, page_to_virt(page), n) < n) {
                page_put(page);
                return -EFAULT;
        }
        *slot_at(pipe, pipe->head) = (struct pipe_slot){ page, 0, (u16)n, packet };
        pipe->head++;
        return (ssize_t)n;
}

static ssize_t pipe_write_locked(struct file *file, struct pipe *pipe, struct uio *from)
{
        bool packet = file->flags & O_DIRECT;
        ssize_t done = 0, n = 0;

        if (pipe->readers && !packet) {
                n = write_merged(pipe, from);
                if (n < 0)
                        return n;
                done = n;
        }
        while (from->left || !done) {
                if (!pipe->readers) {
                        signal_self(SIGPIPE);
                        return done ? done : -EPIPE;
                }
                if (!pipe_full(pipe)) {
                        n = write_slot(pipe, from, packet);
                        if (n < 0)
                                return done ? done : n;
                        done += n;
                        continue;
                }
                if (file->flags & O_NONBLOCK)
                        return done ? done : -EAGAIN;
                waitq_wake_all(&pipe->queue);
                n = pipe_wait(pipe);
                if (n)
                        return done ? done : n;
        }
        return done;
}

static ssize_t pipe_write(struct file *file, struct uio *from, s64 *pos)
{
        struct pipe *pipe = file->data;
        ssize_t n;

        (void)pos;
        if (from->left == 0)
                return 0;
        mutex_lock(&pipe->lock);
        n = pipe_write_locked(file, pipe, from);
        mutex_unlock(&pipe->lock);
        if (n > 0) {
                waitq_wake_all(&pipe->queue);
                inode_touch(file->inode, false, true, true);
        }
        return n;
}

/* ---------------------------------------------------------------- state */

static unsigned pipe_poll(struct file *file, struct poll_set *set)
{
        struct pipe *pipe = file->data;
        unsigned mask = 0;

        poll_add(set, &pipe->queue);
        if (file->readable) {
                if (!pipe_empty(pipe))
                        mask |= POLLIN | POLLRDNORM;
                if (!pipe->writers && file->seen_writers != pipe->writer_opens)
                        mask |= POLLHUP;
        }
        if (file->writable) {
                if (!pipe_full(pipe))
                        mask |= POLLOUT | POLLWRNORM;
                if (!pipe->readers)
                        mask |= POLLERR;
        }
        return mask;
}

static long pipe_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        struct pipe *pipe = file->data;
        s32 bytes = 0;

        if (cmd != FIONREAD)
                return -ENOTTY;
        mutex_lock(&pipe->lock);
        for (u32 i = pipe->tail; i != pipe->head; i++)
                bytes += slot_at(pipe, i)->end - slot_at(pipe, i)->start;
        mutex_unlock(&pipe->lock);
        return user_copy_out(arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

long pipe_get_size(struct file *file)
{
        struct pipe *pipe = file->data;

        return file->ops == &pipe_ops ? (long)(pipe->nr_slots * PAGE_SIZE) : -EBADF;
}

static long pipe_resize(struct pipe *pipe, unsigned nr)
{
        struct pipe_slot *slots;
        u32 used = pipe->head - pipe->tail;

        if (nr < used)
                return -EBUSY;
        slots = kzalloc(nr * sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        for (u32 i = 0; i < used; i++)
                slots[i] = *slot_at(pipe, pipe->tail + i);
        kfree(pipe->slots);
        pipe->slots = slots;
        pipe->nr_slots = nr;
        pipe->tail = 0;
        pipe->head = used;
        return nr * (long)PAGE_SIZE;
}

long pipe_set_size(struct file *file, u64 size)
{
        struct pipe *pipe = file->data;
        unsigned nr = 1;
        long result;

        if (file->ops != &pipe_ops)
                return -EBADF;
        if (size > 1u << 31)
                return -EINVAL;
        while (nr * PAGE_SIZE < size)
                nr *= 2;
        if (nr > pipe->nr_slots && nr * PAGE_SIZE > PIPE_MAX_SIZE && !caller_has(CAP_SYS_RESOURCE))
                return -EPERM;
        mutex_lock(&pipe->lock);
        result = pipe_resize(pipe, nr);
        mutex_unlock(&pipe->lock);
        waitq_wake_all(&pipe->queue);
        return result;
}

static const struct file_ops pipe_ops = {
        .read = pipe_read,
        .write = pipe_write,
        .poll = pipe_poll,
        .ioctl = pipe_ioctl,
        .release = pipe_release,
};

/* ---------------------------------------------------------------- opening */

/* Wait until the other side has been opened since `seen`. The lock is held. */
static int fifo_wait(struct inode *inode, struct pipe *pipe, const unsigned *present,
                     const u32 *opens, u32 seen)
{
        int err = 0;

        inode->pipe_waiters++;
        while (!err && !*present && *opens == seen)
                err = pipe_wait(pipe);
        inode->pipe_waiters--;
        return err;
}

static int fifo_open_side(struct inode *inode, struct file *file, struct pipe *pipe)
{
        bool wait = !(file->flags & O_NONBLOCK);
        int err = 0;

        if (file->writable && !file->readable && !wait && !pipe->readers)
                return -ENXIO;
        if (file->readable) {
                pipe->readers++;
                pipe->reader_opens++;
        }
        if (file->writable) {
                pipe->writers++;
                pipe->writer_opens++;
        }
        waitq_wake_all(&pipe->queue);
        if (file->readable && !file->writable) {
                file->seen_writers = pipe->writers ? pipe->writer_opens - 1 : pipe->writer_opens;
                if (wait && !pipe->writers)
                        err = fifo_wait(inode, pipe, &pipe->writers, &pipe->writer_opens,
                                        pipe->writer_opens);
                if (wait)
                        file->seen_writers = pipe->writer_opens - 1;
        } else if (file->writable && !file->readable && !pipe->readers) {
                err = fifo_wait(inode, pipe, &pipe->readers, &pipe->reader_opens,
                                pipe->reader_opens);
        }
        return err;
}

int fifo_open(struct inode *inode, struct file *file)
{
        struct pipe *pipe;
        int err;

        if (!file->readable && !file->writable)
                return -EINVAL;
        if (!inode->pipe) {
                inode->pipe = pipe_create();
                if (!inode->pipe)
                        return -ENOMEM;
        }
        pipe = inode->pipe;
        file->data = pipe;
        file->positioned = false;
        mutex_lock(&pipe->lock);
        err = fifo_open_side(inode, file, pipe);
        mutex_unlock(&pipe->lock);
        if (err == -ENXIO) {
                if (!pipe->readers && !pipe->writers && !inode->pipe_waiters) {
                        inode->pipe = NULL;
                        pipe_destroy(pipe);
                }
                return err;
        }
        file->ops = &pipe_ops;
        if (err)
                pipe_release(file);
        return err;
}

static const struct inode_ops pipe_inode_ops = { 0 };

/* One end; both share the inode, of which this takes one reference over. */
static int pipe_end(struct inode *inode, u32 flags, struct file **out)
{
        char name[32];

        scnprintf(name, sizeof(name), "pipe:[%llu]", (unsigned long long)inode->ino);
        return file_open_anon(inode, name, &pipe_ops, flags, inode->pipe, out);
}

long call_pipe(int fds[2], unsigned flags)
{
        struct file *reader, *writer;
        struct inode *inode;
        struct pipe *pipe;
        int err;

        if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
                return -EINVAL;
        pipe = pipe_create();
        if (!pipe)
                return -ENOMEM;
        inode = inode_create(pipe_super, &pipe_inode_ops, S_IFIFO | 0600);
        if (!inode) {
                pipe_destroy(pipe);
                return -ENOMEM;
        }
        inode->pipe = pipe;
        inode_get(inode);
        err = pipe_end(inode, O_RDONLY | (flags & O_NONBLOCK), &reader);
        if (err) {
                inode_put(inode);
                pipe_destroy(pipe);
                return err;
        }
        pipe->readers = 1;
        err = pipe_end(inode, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), &writer);
        if (err) {
                file_put(reader);
                return err;
        }
        pipe->writers = 1;
        reader->seen_writers = ~0u;
        return fd_install_pair(reader, writer, flags & O_CLOEXEC, fds);
}
