/* SPDX-License-Identifier: MIT */
/*
 * Futexes. A waiter is in the bucket of its key before it looks at the word, so that a waker that
 * changes the word first and wakes then cannot miss it; user memory is only touched while no bucket
 * is locked, because that may fault and sleep.
 *
 * A key names the word, not the address: (mm, address) for private memory, (object, offset) for
 * memory that is shared. Keys hold no references. One that outlives what it names can at worst be
 * woken for nothing, and waiters expect that.
 */
#include "kernel/sched/futex.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/futex.h"
#include "kernel/base/errno.h"
#include "kernel/sched/process.h"
#include "mm/object.h"
#include "mm/page.h"

#define NR_BUCKETS 256

struct futex_key {
        const void *owner; /* mm or object */
        u64 offset;
};

struct futex_waiter {
        struct list node;     /* under futex_lock */
        struct futex_key key; /* under futex_lock; requeue changes it */
        struct task *task;
        u32 bits;
        bool woken;
};

struct bucket {
        struct list waiters;
};

/* One lock for all buckets: operations on two futexes need no order. */
static struct spinlock futex_lock = SPINLOCK_INIT(RANK_SIGNAL, "futexes");
static struct bucket buckets[NR_BUCKETS];

static struct bucket *bucket_of(const struct futex_key *key)
{
        u64 h = ((u64)key->owner >> 4 ^ key->offset >> 2) * 0x9e3779b97f4a7c15ULL;
        struct bucket *b = &buckets[h >> 56 & (NR_BUCKETS - 1)];

        if (!b->waiters.next)
                list_init(&b->waiters);
        return b;
}

static bool key_equal(const struct futex_key *a, const struct futex_key *b)
{
        return a->owner == b->owner && a->offset == b->offset;
}

/*
 * The page that a shared futex lies in. It is asked for to be written, as Linux does, so that a
 * private page is the program's own; and to be read, if it cannot be written.
 */
static struct page *futex_page(uaddr addr, bool *writable)
{
        struct mm_caller who = current_mm_caller();
        struct page *page =
                mm_access_page(current_mm(), &who, addr, MM_ACCESS_WRITE | MM_ACCESS_KEYS);

        *writable = page;
        return page ? page : mm_access_page(current_mm(), &who, addr, MM_ACCESS_KEYS);
}

/* The key of a word in an object's page; left alone if that is no longer what is mapped there. */
static void object_key(uaddr addr, struct futex_key *key)
{
        struct mm_region region;

        if (!mm_next_region(current_mm(), addr, &region))
                return;
        if (region.start <= addr && region.backing && region.backing->object) {
                key->owner = region.backing->object;
                key->offset = region.offset + (addr - region.start);
        }
        if (region.backing)
                backing_put(region.backing);
}

/*
 * -EINVAL: misaligned; -EFAULT: not a user address, or for a shared futex nothing is mapped, or
 * private memory that nobody could ever change.
 */
static int key_get(uaddr addr, bool shared, struct futex_key *key)
{
        struct page *page;
        bool writable;
        int err = 0;

        if (addr & 3)
                return -EINVAL;
        if (addr >= TASK_SIZE)
                return -EFAULT;
        *key = (struct futex_key){ .owner = current_mm(), .offset = addr };
        if (!shared)
                return 0;
        page = futex_page(addr, &writable);
        if (!page)
                return -EFAULT;
        if (page->kind == PAGE_OBJECT || page_has_flags(page_holder(page), PAGE_CACHED))
                object_key(addr, key);
        else if (!writable)
                err = -EFAULT;
        page_put(page);
        return err;
}

/* ------------------------------------------------------------------ wait */

static bool waiter_remove(struct futex_waiter *w)
{
        bool woken;

        spin_lock(&futex_lock);
        list_del(&w->node);
        woken = w->woken;
        spin_unlock(&futex_lock);
        return woken;
}

long futex_wait(uaddr addr, bool shared, u32 value, u64 deadline_ns, u32 bits)
{
        struct futex_waiter w = { .task = current_task(), .bits = bits };
        u32 now;
        int err;

        if (!bits)
                return -EINVAL;
        err = key_get(addr, shared, &w.key);
        if (err)
                return err;
        spin_lock(&futex_lock);
        list_add_tail(&bucket_of(&w.key)->waiters, &w.node);
        spin_unlock(&futex_lock);
        err = user_read_u32(addr, &now);
        if (!err && now != value)
                err = -EAGAIN;
        if (err) {
                /* A wake-up that came meanwhile is passed on: this thread did not wait for it. */
                if (waiter_remove(&w) && err != -EFAULT)
                        futex_wake(addr, shared, 1, bits);
                return err;
        }
        while (!err && !__atomic_load_n(&w.woken, __ATOMIC_ACQUIRE))
                err = park(true, deadline_ns);
        return waiter_remove(&w) ? 0 : err;
}

/* ------------------------------------------------------------------ wake */

static void waiter_wake(struct futex_waiter *w)
{
        struct task *task = w->task;

        list_del(&w->node);
        __atomic_store_n(&w->woken, true, __ATOMIC_RELEASE);
        unpark(task);
}

/* Wake up to `nr` waiters of `key`. futex_lock is held. */
static unsigned key_wake(const struct futex_key *key, unsigned nr, u32 bits)
{
        struct bucket *b = bucket_of(key);
        struct list *it, *tmp;
        unsigned done = 0;

        list_for_each_safe (it, tmp, &b->waiters) {
                struct futex_waiter *w = list_entry(it, struct futex_waiter, node);

                if (done >= nr)
                        break;
                if (!key_equal(&w->key, key) || !(w->bits & bits))
                        continue;
                waiter_wake(w);
                done++;
        }
        return done;
}

/* Linux wakes one waiter when asked for none. */
static unsigned at_least_one(unsigned nr)
{
        return (s32)nr < 1 ? 1 : nr;
}

long futex_wake(uaddr addr, bool shared, unsigned nr, u32 bits)
{
        struct futex_key key;
        unsigned done;
        int err;

        if (!bits)
                return -EINVAL;
        err = key_get(addr, shared, &key);
        if (err)
                return err;
        spin_lock(&futex_lock);
        done = key_wake(&key, at_least_one(nr), bits);
        spin_unlock(&futex_lock);
        return done;
}

/* Move up to `nr` waiters from one key to another (or count them, if it is the same). Locked. */
static unsigned key_move(const struct futex_key *from, const struct futex_key *to, unsigned nr)
{
        struct bucket *b = bucket_of(from), *target = bucket_of(to);
        bool same = key_equal(from, to);
        struct list *it, *tmp;
        unsigned done = 0;

        list_for_each_safe (it, tmp, &b->waiters) {
                struct futex_waiter *w = list_entry(it, struct futex_waiter, node);

                if (done >= nr)
                        break;
                if (!key_equal(&w->key, from))
                        continue;
                done++;
                if (same)
                        continue;
                list_del(&w->node);
                w->key = *to;
                list_add_tail(&target->waiters, &w->node);
        }
        return done;
}

long futex_requeue(uaddr from, bool shared, unsigned nr_wake, unsigned nr_move, uaddr to,
                   const u32 *cmp)
{
        struct futex_key key, target;
        unsigned done;
        u32 now;
        int err;

        if ((s32)nr_wake < 0 || (s32)nr_move < 0)
                return -EINVAL;
        err = key_get(from, shared, &key);
        if (!err)
                err = key_get(to, shared, &target);
        if (err)
                return err;
        /* No preemption between the comparison and the lock: nobody can change the word there. */
        if (cmp) {
                err = user_read_u32(from, &now);
                if (err)
                        return err;
                if (now != *cmp)
                        return -EAGAIN;
        }
        spin_lock(&futex_lock);
        done = key_wake(&key, nr_wake, FUTEX_BITSET_ANY);
        done += key_move(&key, &target, nr_move);
        spin_unlock(&futex_lock);
        return done;
}

/* ------------------------------------------------------------------ wake_op */

static s32 sign_extend_12(u32 v)
{
        return (s32)(v << 20) >> 20;
}

/* Apply the encoded operation to *addr. 1 or 0: how the comparison of the old value came out. */
static int op_apply(uaddr addr, u32 encoded)
{
        unsigned op = encoded >> 28 & 7, cmp = encoded >> 24 & 15;
        s32 arg = sign_extend_12(encoded >> 12 & 0xfff), cmparg = sign_extend_12(encoded & 0xfff);
        u32 old;
        int err;

        if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
                arg = (s32)(1U << (arg & 31));
        if (op > 4)
                return -ENOSYS;
        err = user_rmw_u32(addr, op, (u32)arg, &old);
        if (err)
                return err;
        switch (cmp) {
        case 0: return (s32)old == cmparg;
        case 1: return (s32)old != cmparg;
        case 2: return (s32)old < cmparg;
        case 3: return (s32)old <= cmparg;
        case 4: return (s32)old > cmparg;
        case 5: return (s32)old >= cmparg;
        default: return -ENOSYS;
        }
}

long futex_wake_op(uaddr addr, bool shared, unsigned nr, uaddr addr2, unsigned nr2, u32 op)
{
        struct futex_key key, key2;
        unsigned done;
        int err, both;

        err = key_get(addr, shared, &key);
        if (!err)
                err = key_get(addr2, shared, &key2);
        if (err)
                return err;
        both = op_apply(addr2, op);
        if (both < 0)
                return both;
        spin_lock(&futex_lock);
        done = key_wake(&key, at_least_one(nr), FUTEX_BITSET_ANY);
        if (both)
                done += key_wake(&key2, at_least_one(nr2), FUTEX_BITSET_ANY);
        spin_unlock(&futex_lock);
        return done;
}

/* ------------------------------------------------------------------ exit */

/* A lock that this thread may hold: mark it ownerless and wake one waiter. */
static int robust_release(struct task *me, uaddr word, bool pi, bool pending)
{
        u32 value, old;

        if (word & 3 || user_read_u32(word, &value))
                return -EFAULT;
        for (;;) {
                u32 desired = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;

                /*
                 * An unlock that was interrupted between freeing the word and waking: the wake-up
                 * is made good here.
                 */
                if (pending && !pi && !value) {
                        futex_wake(word, true, 1, FUTEX_BITSET_ANY);
                        return 0;
                }
                if ((value & FUTEX_TID_MASK) != (u32)me->tid)
                        return 0;
                if (user_cmpxchg_u32(word, value, desired, &old))
                        return -EFAULT;
                if (old == value)
                        break;
                value = old;
        }
        if (!pi && (value & FUTEX_WAITERS))
                futex_wake(word, true, 1, FUTEX_BITSET_ANY);
        return 0;
}

static void robust_list_walk(struct task *me)
{
        struct robust_list_head head;
        u64 entry, pending;
        unsigned left = ROBUST_LIST_LIMIT;

        if (user_copy_in(&head, me->robust_list, sizeof(head)))
                return;
        pending = head.list_op_pending;
        entry = head.next;
        while ((entry & ~1ULL) != me->robust_list && left--) {
                u64 next, at = entry & ~1ULL;
                bool more = !user_copy_in(&next, at, sizeof(next));

                if (at != (pending & ~1ULL) &&
                    robust_release(me, at + head.futex_offset, entry & 1, false))
                        return;
                if (!more)
                        return;
                entry = next;
        }
        if (pending & ~1ULL)
                robust_release(me, (pending & ~1ULL) + head.futex_offset, pending & 1, true);
}

void futex_exit(struct task *me)
{
        u32 zero = 0;

        if (!me->mm)
                return;
        if (me->robust_list)
                robust_list_walk(me);
        me->robust_list = 0;
        if (me->clear_child_tid && mm_is_shared(me->mm)) { /* else there is nobody to tell */
                if (!user_copy_out(me->clear_child_tid, &zero, sizeof(zero)))
                        futex_wake(me->clear_child_tid, true, 1, FUTEX_BITSET_ANY);
        }
        me->clear_child_tid = 0;
}
