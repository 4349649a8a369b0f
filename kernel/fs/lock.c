/* SPDX-License-Identifier: MIT */
/*
 * Advisory locks of lock.h: a list of ranges on the inode, searched from front to back.
 *
 * locks_guard (a leaf spinlock) guards all lists; whoever waits for a lock sits on locks_queue and
 * looks again when any lock goes. Deadlocks of F_SETLKW are not detected.
 */
#include "kernel/fs/lock.h"

#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/slab.h"

struct lock {
        struct list node;
        const void *owner; /* struct files, or struct file */
        bool whole_file;   /* of flock() */
        bool exclusive;
        bool own;       /* of a query: look for the asker's own locks instead */
        s64 start, end; /* inclusive; end == LOCK_TO_END: without end */
        s32 pid;        /* -1: owned by an open file */
};

#define LOCK_TO_END 0x7fffffffffffffffLL

static struct spinlock locks_guard = SPINLOCK_INIT(RANK_LEAF, "locks");
static struct waitq locks_queue = {
        .lock = SPINLOCK_INIT(RANK_WAITQ, "locks"),
        .waiters = LIST_INIT(locks_queue.waiters),
};

static bool locks_overlap(const struct lock *a, const struct lock *b)
{
        return a->start <= b->end && b->start <= a->end;
}

static struct lock *find_conflict(struct inode *inode, const struct lock *want)
{
        struct list *it;

        list_for_each (it, &inode->locks) {
                struct lock *l = list_entry(it, struct lock, node);

                if (l->whole_file != want->whole_file || !locks_overlap(l, want))
                        continue;
                if (want->own ? l->owner == want->owner
                              : l->owner != want->owner && (l->exclusive || want->exclusive))
                        return l;
        }
        return NULL;
}

/* The first lock of the same owner and kind that overlaps or, being alike, touches. */
static struct lock *find_own(struct inode *inode, const struct lock *range)
{
        struct list *it;

        list_for_each (it, &inode->locks) {
                struct lock *l = list_entry(it, struct lock, node);

                if (l->owner == range->owner && l->whole_file == range->whole_file &&
                    locks_overlap(l, range))
                        return l;
        }
        return NULL;
}

/*
 * Take the owner's locks out of `range`. Cutting the middle out of one makes two: `spare` is used
 * for the second and then NULL. Locks that are gone are collected in `dead`.
 */
static void cut_range(struct inode *inode, const struct lock *range, struct lock **spare,
                      struct list *dead)
{
        struct lock *l;

        while ((l = find_own(inode, range))) {
                if (l->start < range->start && l->end > range->end) {
                        struct lock *tail = *spare;

                        *tail = *l;
                        tail->start = range->end + 1;
                        l->end = range->start - 1;
                        list_add(&l->node, &tail->node);
                        *spare = NULL;
                } else if (l->start < range->start) {
                        l->end = range->start - 1;
                } else if (l->end > range->end) {
                        l->start = range->end + 1;
                } else {
                        list_del(&l->node);
                        list_add_tail(dead, &l->node);
                }
        }
}

static void free_dead(struct list *dead)
{
        while (!list_empty(dead)) {
                struct lock *l = list_first(dead, struct lock, node);

                list_del(&l->node);
                kfree(l);
        }
}

static void locks_changed(void)
{
        waitq_wake_all(&locks_queue);
}

/* Set `want`, or clear its range with `unlock`. -EAGAIN if another owner is in the way. */
static int lock_try(struct inode *inode, const struct lock *want, bool unlock)
{
        struct lock *fresh = unlock ? NULL : kmalloc(sizeof(*fresh));
        struct lock *spare = kmalloc(sizeof(*spare));
        struct list dead = LIST_INIT(dead);
        int err = 0;

        if (!spare || (!unlock && !fresh)) {
                err = -ENOMEM;
        } else {
                spin_lock(&locks_guard);
                if (!unlock && find_conflict(inode, want)) {
                        err = -EAGAIN;
                } else {
                        cut_range(inode, want, &spare, &dead);
                        if (fresh) {
                                *fresh = *want;
                                list_add_tail(&inode->locks, &fresh->node);
                                fresh = NULL;
                        }
                }
                spin_unlock(&locks_guard);
        }
        kfree(fresh);
        kfree(spare);
        free_dead(&dead);
        if (!err)
                locks_changed();
        return err;
}

/* The same, sleeping while another owner is in the way. */
static int lock_wait(struct inode *inode, const struct lock *want, bool unlock)
{
        struct waiter w;
        int err;

        waitq_add(&locks_queue, &w);
        while ((err = lock_try(inode, want, unlock)) == -EAGAIN)
                if (park(true, PARK_FOREVER) == -EINTR) {
                        err = -ERESTARTSYS;
                        break;
                }
        waitq_remove(&locks_queue, &w);
        return err;
}

/* ---------------------------------------------------------------- flock */

int lock_flock(struct file *file, int operation)
{
        int kind = operation & ~LOCK_NB;
        struct lock want = {
                .owner = file,
                .whole_file = true,
                .exclusive = kind == LOCK_EX,
                .end = LOCK_TO_END,
                .pid = -1,
        };
        int err;

        if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
                return -EINVAL;
        if (kind != LOCK_UN && !(operation & LOCK_NB))
                err = lock_wait(file->inode, &want, false);
        else
                err = lock_try(file->inode, &want, kind == LOCK_UN);
        if (!err)
                file->flocked = true;
        return err;
}

/* ---------------------------------------------------------------- record locks */

/* The range that the user's struct names. -EINVAL, -EOVERFLOW. */
static int range_of(struct file *file, const struct flock64 *from, struct lock *to)
{
        s64 base = 0, start;

        if (from->l_whence == SEEK_CUR)
                base = file->pos;
        else if (from->l_whence == SEEK_END)
                base = (s64)inode_size(file->inode);
        else if (from->l_whence != SEEK_SET)
                return -EINVAL;
        if (__builtin_add_overflow(base, from->l_start, &start))
                return -EOVERFLOW;
        if (start < 0)
                return -EINVAL;
        to->start = start;
        to->end = LOCK_TO_END;
        if (from->l_len > 0) {
                if (__builtin_add_overflow(start, from->l_len - 1, &to->end))
                        return -EOVERFLOW;
        } else if (from->l_len < 0) {
                if (start + from->l_len < 0)
                        return -EINVAL;
                to->end = start - 1;
                to->start = start + from->l_len;
        }
        return 0;
}

static void lock_query(struct file *file, const struct lock *want, struct flock64 *out)
{
        struct lock *l;

        spin_lock(&locks_guard);
        l = find_conflict(file->inode, want);
        out->l_type = F_UNLCK;
        if (l) {
                out->l_type = l->exclusive ? F_WRLCK : F_RDLCK;
                out->l_whence = SEEK_SET;
                out->l_start = l->start;
                out->l_len = l->end == LOCK_TO_END ? 0 : l->end - l->start + 1;
                out->l_pid = l->pid;
        }
        spin_unlock(&locks_guard);
}

int lock_record(struct file *file, int cmd, struct flock64 *lock)
{
        bool of_file = cmd >= F_OFD_GETLK && cmd <= F_OFD_SETLKW;
        bool query = cmd == F_GETLK || cmd == F_OFD_GETLK;
        struct process_info info;
        struct lock want = { .exclusive = lock->l_type == F_WRLCK };
        int err;

        if (of_file && lock->l_pid)
                return -EINVAL;
        if (cmd == F_GETLK && lock->l_type != F_RDLCK && lock->l_type != F_WRLCK)
                return -EINVAL;
        err = range_of(file, lock, &want);
        if (err)
                return err;
        if (lock->l_type != F_RDLCK && lock->l_type != F_WRLCK && lock->l_type != F_UNLCK)
                return -EINVAL;
        want.own = query && lock->l_type == F_UNLCK;
        process_info(current_process(), &info);
        want.pid = of_file ? -1 : info.tgid;
        want.owner = of_file ? (const void *)file : current_files();
        if (query) {
                lock_query(file, &want, lock);
                return 0;
        }
        if ((lock->l_type == F_RDLCK && !file->readable) ||
            (lock->l_type == F_WRLCK && !file->writable))
                return -EBADF;
        if (of_file)
                file->flocked = true;
        if ((cmd == F_SETLKW || cmd == F_OFD_SETLKW) && lock->l_type != F_UNLCK)
                return lock_wait(file->inode, &want, false);
        return lock_try(file->inode, &want, lock->l_type == F_UNLCK);
}

/* ---------------------------------------------------------------- closing */

static void drop_owned(struct inode *inode, const void *owner)
{
        struct list dead = LIST_INIT(dead);
        struct list *it, *next;

        if (list_empty(&inode->locks))
                return;
        spin_lock(&locks_guard);
        list_for_each_safe (it, next, &inode->locks) {
                if (list_entry(it, struct lock, node)->owner != owner)
                        continue;
                list_del(it);
                list_add_tail(&dead, it);
        }
        spin_unlock(&locks_guard);
        free_dead(&dead);
        locks_changed();
}

void locks_drop(struct inode *inode, const void *owner)
{
        drop_owned(inode, owner);
}

void flock_release(struct file *file)
{
        drop_owned(file->inode, file);
}
