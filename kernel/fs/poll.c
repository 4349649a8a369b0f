/* SPDX-License-Identifier: MIT */
/*
 * poll and select: one waiter a file and queue, all of the calling thread, so that any of them
 * wakes it. The waiters are published on the first pass over the files; what happens between that
 * and the sleep leaves a permit, so no wake-up is lost.
 */
#include "kernel/fs/poll.h"

#include "kernel/fs/fdtable.h"
#include "mm/slab.h"

struct poll_entry {
        struct poll_entry *next;
        struct waitq *queue;
        struct waiter waiter;
};

struct poll_set {
        struct poll_entry *entries;
        int err;
};

void poll_add(struct poll_set *set, struct waitq *queue)
{
        struct poll_entry *entry;

        if (!set)
                return;
        entry = kmalloc(sizeof(*entry));
        if (!entry) {
                set->err = -ENOMEM;
                return;
        }
        entry->queue = queue;
        entry->next = set->entries;
        set->entries = entry;
        waitq_add(queue, &entry->waiter);
}

static void poll_release(struct poll_set *set)
{
        while (set->entries) {
                struct poll_entry *entry = set->entries;

                set->entries = entry->next;
                waitq_remove(entry->queue, &entry->waiter);
                kfree(entry);
        }
}

unsigned file_poll(struct file *file, struct poll_set *set)
{
        if (!file->ops->poll)
                return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
        return file->ops->poll(file, set);
}

/* What is asked of one descriptor; `found` is the answer. The file is held while we sleep. */
struct ask {
        struct file *file;
        unsigned wanted, found;
};

/* One pass; the number of files with something to tell. Without `set` it only looks. */
static unsigned poll_pass(struct ask *asks, unsigned nr, struct poll_set *set)
{
        unsigned ready = 0;

        for (unsigned i = 0; i < nr; i++) {
                struct ask *a = &asks[i];

                if (a->file)
                        a->found = file_poll(a->file, ready ? NULL : set) & a->wanted;
                ready += a->found != 0;
        }
        return ready;
}

/* The number of files that have something to tell, 0 at the deadline, or an errno. */
static long poll_wait(struct ask *asks, unsigned nr, u64 deadline_ns)
{
        struct poll_set set = { NULL, 0 };
        unsigned ready = poll_pass(asks, nr, deadline_ns ? &set : NULL);
        int err = 0;

        while (!ready && !set.err && !err && deadline_ns) {
                err = park(true, deadline_ns);
                ready = poll_pass(asks, nr, NULL);
        }
        poll_release(&set);
        if (ready)
                return ready;
        if (set.err)
                return set.err;
        return err == -EINTR ? -EINTR : 0;
}

static void asks_free(struct ask *asks, unsigned nr)
{
        for (unsigned i = 0; i < nr; i++)
                if (asks[i].file)
                        file_put(asks[i].file);
        kfree(asks);
}

long call_poll(struct pollfd *fds, unsigned nr, u64 deadline_ns)
{
        struct ask *asks = kzalloc((nr + 1) * sizeof(*asks));
        long result;

        if (!asks)
                return -ENOMEM;
        for (unsigned i = 0; i < nr; i++) {
                if (fds[i].fd < 0)
                        continue;
                asks[i].wanted = (u16)fds[i].events | POLLERR | POLLHUP;
                asks[i].file = file_from_fd(fds[i].fd, false);
                if (!asks[i].file)
                        asks[i].found = POLLNVAL;
        }
        result = poll_wait(asks, nr, deadline_ns);
        for (unsigned i = 0; i < nr; i++)
                fds[i].revents = (s16)asks[i].found;
        asks_free(asks, nr);
        return result;
}

/* ---------------------------------------------------------------- select */

#define READABLE (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define WRITABLE (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)

static bool bit_get(const u64 *set, unsigned i)
{
        return set && (set[i / 64] >> (i % 64) & 1);
}

static unsigned wanted_by(const u64 *in, const u64 *out, const u64 *except, unsigned fd)
{
        return (bit_get(in, fd) ? READABLE : 0) | (bit_get(out, fd) ? WRITABLE : 0) |
               (bit_get(except, fd) ? POLLPRI : 0);
}

/* Keep the set's bits whose file answered with one of `mask`; the number of bits. */
static long set_store(u64 *set, const struct ask *asks, unsigned nr, unsigned mask)
{
        long count = 0;

        for (unsigned i = 0; set && i < nr; i++) {
                if (!bit_get(set, i))
                        continue;
                if (asks[i].found & mask)
                        count++;
                else
                        set[i / 64] &= ~(1ULL << (i % 64));
        }
        return count;
}

long call_select(unsigned nr, u64 *in, u64 *out, u64 *except, u64 deadline_ns)
{
        struct ask *asks = kzalloc((nr + 1) * sizeof(*asks));
        long result;

        if (!asks)
                return -ENOMEM;
        for (unsigned i = 0; i < nr; i++) {
                asks[i].wanted = wanted_by(in, out, except, i);
                if (!asks[i].wanted)
                        continue;
                asks[i].file = file_from_fd((int)i, false);
                if (!asks[i].file) {
                        asks_free(asks, nr);
                        return -EBADF;
                }
        }
        result = poll_wait(asks, nr, deadline_ns);
        if (result >= 0)
                result = set_store(in, asks, nr, READABLE) + set_store(out, asks, nr, WRITABLE) +
                         set_store(except, asks, nr, POLLPRI);
        asks_free(asks, nr);
        return result;
}
