/* SPDX-License-Identifier: MIT */
/*
 * socketpair(2): two connected local sockets of type STREAM, DGRAM or SEQPACKET. Nothing has an
 * address, so socket(2) by itself is of no use and is refused.
 *
 * Each end has a queue of messages for its reader. What an end has sent and the other has not yet
 * read is charged to the sender, by the sizes of Linux's buffers, so that a pair fills up where it
 * does there. One mutex (RANK_FILE) and one wait queue serve both ends.
 */
#include "arch/usercopy.h"
#include "kernel/base/abi/socket.h"
#include "kernel/base/abi/termios.h"
#include "kernel/base/printf.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/poll.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/task.h"
#include "mm/slab.h"

#define SEND_BUFFER  212992u                /* bytes charged before a sender waits */
#define STREAM_PIECE (SEND_BUFFER / 2 - 64) /* most bytes of one message of a stream */

struct message {
        struct list node;
        size_t len, start; /* start: bytes of a stream message that were read */
        u8 data[];
};

struct end {
        struct list queue; /* messages that this end will read */
        size_t charged;    /* of what this end has sent */
        bool closed;
        bool reset; /* the other end closed without reading all: tell the reader once */
};

struct pair {
        struct refcount ref; /* open files */
        struct mutex lock;
        struct waitq waiters;
        int type;
        struct end ends[2];
};

struct socket {
        struct pair *pair;
        struct end *self, *peer;
};

/* What a message of `len` bytes costs its sender: buffer header, rounded data, trailer. */
static size_t charge_of(size_t len)
{
        size_t size = 512;

        if (len + 320 > 8192)
                return len + 1536;
        while (size < len + 320)
                size *= 2;
        return size + 256;
}

/* ---------------------------------------------------------------- life */

static void drop_messages(struct end *end, struct end *sender)
{
        while (!list_empty(&end->queue)) {
                struct message *m = list_first(&end->queue, struct message, node);

                list_del(&m->node);
                sender->charged -= charge_of(m->len);
                kfree(m);
        }
}

static void pair_put(struct pair *pair)
{
        if (!refcount_put(&pair->ref))
                return;
        drop_messages(&pair->ends[0], &pair->ends[1]);
        drop_messages(&pair->ends[1], &pair->ends[0]);
        kfree(pair);
}

static void socket_release(struct file *file)
{
        struct socket *s = file->data;
        struct pair *pair = s->pair;

        mutex_lock(&pair->lock);
        s->self->closed = true;
        if (pair->type != SOCK_DGRAM && !list_empty(&s->self->queue))
                s->peer->reset = true;
        drop_messages(s->self, s->peer);
        mutex_unlock(&pair->lock);
        waitq_wake_all(&pair->waiters);
        pair_put(pair);
        kfree(s);
}

/* Sleep until something happens to the pair; the lock is held before and after. */
static int pair_wait(struct pair *pair)
{
        struct waiter w;
        int err;

        waitq_add(&pair->waiters, &w);
        mutex_unlock(&pair->lock);
        err = park(true, PARK_FOREVER);
        waitq_remove(&pair->waiters, &w);
        mutex_lock(&pair->lock);
        return err == -EINTR ? -ERESTARTSYS : 0;
}

/* ---------------------------------------------------------------- reading */

/* Until there is a message: 0 at the end of the stream, 1 if there is one. */
static int wait_message(struct file *file, struct socket *s)
{
        while (list_empty(&s->self->queue)) {
                int err;

                if (s->self->reset) {
                        s->self->reset = false;
                        return -ECONNRESET;
                }
                if (s->peer->closed && s->pair->type != SOCK_DGRAM)
                        return 0;
                if (file->flags & O_NONBLOCK)
                        return -EAGAIN;
                err = pair_wait(s->pair);
                if (err)
                        return err;
        }
        return 1;
}

/* From the first message; a stream keeps what was not read, the others drop it. */
static ssize_t read_message(struct socket *s, struct uio *to)
{
        struct message *m = list_first(&s->self->queue, struct message, node);
        size_t n = min_u64(m->len - m->start, to->left);

        if (uio_put(to, m->data + m->start, n) < n)
                return -EFAULT;
        m->start += n;
        if (s->pair->type != SOCK_STREAM || m->start == m->len) {
                list_del(&m->node);
                s->peer->charged -= charge_of(m->len);
                kfree(m);
        }
        return (ssize_t)n;
}

static ssize_t socket_read(struct file *file, struct uio *to, s64 *pos)
{
        struct socket *s = file->data;
        bool stream = s->pair->type == SOCK_STREAM;
        ssize_t done = 0, n;

        (void)pos;
        if (stream && to->left == 0)
                return 0;
        mutex_lock(&s->pair->lock);
        n = wait_message(file, s);
        while (n > 0 && !list_empty(&s->self->queue)) {
                n = read_message(s, to);
                if (n > 0)
                        done += n;
                if (n < 0 || !stream || to->left == 0)
                        break;
        }
        mutex_unlock(&s->pair->lock);
        waitq_wake_all(&s->pair->waiters);
        return done ? done : n;
}

/* ---------------------------------------------------------------- writing */

static int wait_room(struct file *file, struct socket *s)
{
        for (;;) {
                int err;

                if (s->peer->closed)
                        return s->pair->type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
                if (s->self->charged < SEND_BUFFER)
                        return 0;
                if (file->flags & O_NONBLOCK)
                        return -EAGAIN;
                err = pair_wait(s->pair);
                if (err)
                        return err;
        }
}

static ssize_t write_message(struct file *file, struct socket *s, struct uio *from, size_t n)
{
        struct message *m = kmalloc(sizeof(*m) + n);
        int err;

        if (!m)
                return -ENOMEM;
        m->len = n;
        m->start = 0;
        if (uio_take(from, m->data, n) < n) {
                kfree(m);
                return -EFAULT;
        }
        err = wait_room(file, s);
        if (err) {
                kfree(m);
                return err;
        }
        s->self->charged += charge_of(n);
        list_add_tail(&s->peer->queue, &m->node);
        waitq_wake_all(&s->pair->waiters);
        return (ssize_t)n;
}

static ssize_t socket_write(struct file *file, struct uio *from, s64 *pos)
{
        struct socket *s = file->data;
        bool stream = s->pair->type == SOCK_STREAM;
        ssize_t done = 0, n = 0;

        (void)pos;
        if (!stream && from->left > SEND_BUFFER - 32)
                return -EMSGSIZE;
        mutex_lock(&s->pair->lock);
        if (stream && s->peer->closed)
                n = -EPIPE;
        while (n >= 0 && (from->left || !stream)) {
                n = write_message(file, s, from,
                                  stream ? min_u64(from->left, STREAM_PIECE) : from->left);
                if (n >= 0)
                        done += n;
                if (!stream)
                        break;
        }
        mutex_unlock(&s->pair->lock);
        if (n == -EPIPE && !done)
                signal_self(SIGPIPE);
        return done ? done : n < 0 ? n : 0;
}

/* ---------------------------------------------------------------- state */

static unsigned socket_poll(struct file *file, struct poll_set *set)
{
        struct socket *s = file->data;
        unsigned mask = 0;

        poll_add(set, &s->pair->waiters);
        if (!list_empty(&s->self->queue))
                mask |= POLLIN | POLLRDNORM;
        if (s->peer->closed && s->pair->type != SOCK_DGRAM)
                mask |= POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP;
        if (s->self->reset)
                mask |= POLLERR;
        if (s->self->charged * 4 <= SEND_BUFFER)
                mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
        return mask;
}

/* A stream tells all that waits, the others the size of the next message. */
static long socket_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        struct socket *s = file->data;
        struct list *it;
        s32 bytes = 0;

        if (cmd != FIONREAD && cmd != TIOCOUTQ)
                return -ENOTTY;
        mutex_lock(&s->pair->lock);
        if (cmd == TIOCOUTQ)
                bytes = (s32)s->self->charged;
        else
                list_for_each (it, &s->self->queue) {
                        struct message *m = list_entry(it, struct message, node);

                        bytes += (s32)(m->len - m->start);
                        if (s->pair->type == SOCK_DGRAM)
                                break;
                }
        mutex_unlock(&s->pair->lock);
        return user_copy_out(arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

static const struct file_ops socket_ops = {
        .read = socket_read,
        .write = socket_write,
        .poll = socket_poll,
        .ioctl = socket_ioctl,
        .release = socket_release,
};

/* ---------------------------------------------------------------- making */

static const struct inode_ops socket_inode_ops = { 0 };

static int socket_open(struct pair *pair, unsigned which, u32 flags, struct file **out)
{
        struct socket *s = kzalloc(sizeof(*s));
        struct inode *inode =
                s ? inode_create(socket_super, &socket_inode_ops, S_IFSOCK | 0777) : NULL;
        char name[32];
        int err;

        if (!inode) {
                kfree(s);
                return -ENOMEM;
        }
        *s = (struct socket){ pair, &pair->ends[which], &pair->ends[!which] };
        scnprintf(name, sizeof(name), "socket:[%llu]", (unsigned long long)inode->ino);
        err = file_open_anon(inode, name, &socket_ops, O_RDWR | flags, s, out);
        if (err) {
                kfree(s);
                return err;
        }
        refcount_get(&pair->ref);
        return 0;
}

/* -EAFNOSUPPORT, -EINVAL, ...; a RAW local socket is a DGRAM. */
static int check_kind(int domain, int *type, int protocol)
{
        int kind = *type & SOCK_TYPE_MASK;

        if ((*type & ~SOCK_TYPE_MASK) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
                return -EINVAL;
        if (domain < 0 || domain >= AF_MAX)
                return -EAFNOSUPPORT;
        if (kind >= SOCK_MAX)
                return -EINVAL;
        if (domain != AF_UNIX)
                return -EAFNOSUPPORT;
        if (protocol && protocol != AF_UNIX)
                return -EPROTONOSUPPORT;
        if (kind == SOCK_RAW)
                kind = SOCK_DGRAM;
        if (kind != SOCK_STREAM && kind != SOCK_DGRAM && kind != SOCK_SEQPACKET)
                return -ESOCKTNOSUPPORT;
        *type = kind;
        return 0;
}

/* Two open files, each the other's peer. */
static int pair_open(int domain, int type, int protocol, struct file *files[2])
{
        u32 flags = (u32)type & SOCK_NONBLOCK;
        struct pair *pair;
        int err = check_kind(domain, &type, protocol);

        if (err)
                return err;
        pair = kzalloc(sizeof(*pair));
        if (!pair)
                return -ENOMEM;
        refcount_init(&pair->ref);
        mutex_init(&pair->lock, RANK_FILE, "socket pair");
        waitq_init(&pair->waiters);
        list_init(&pair->ends[0].queue);
        list_init(&pair->ends[1].queue);
        pair->type = type;
        err = socket_open(pair, 0, flags, &files[0]);
        if (!err) {
                err = socket_open(pair, 1, flags, &files[1]);
                if (err)
                        file_put(files[0]);
        }
        pair_put(pair);
        return err;
}

/* As on Linux the descriptors are told before it is known whether there will be sockets. */
long call_socketpair(int domain, int type, int protocol, uaddr out)
{
        struct file *files[2];
        int fds[2], err;

        if ((type & ~SOCK_TYPE_MASK) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
                return -EINVAL;
        err = fd_reserve_pair(fds);
        if (err)
                return err;
        err = user_copy_out(out, fds, sizeof(fds)) ? -EFAULT : 0;
        if (!err)
                err = pair_open(domain, type, protocol, files);
        for (unsigned i = 0; i < 2; i++) {
                if (err)
                        fd_unreserve(fds[i]);
                else
                        fd_publish(fds[i], files[i], type & SOCK_CLOEXEC);
        }
        return err;
}

long call_socket(int domain, int type, int protocol)
{
        int err = check_kind(domain, &type, protocol);

        return err ? err : -EAFNOSUPPORT;
}
