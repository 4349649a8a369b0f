/* SPDX-License-Identifier: MIT */
/* userfaultfd: contexts, faults that wait, and the messages about them. uffd.h has the picture. */
#include "mm/uffd.h"

#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/slab.h"

/* ------------------------------------------------------------------ life */

struct uffd *uffd_create(struct mm *mm, unsigned flags)
{
        struct uffd *u = kzalloc(sizeof(*u));

        if (!u)
                return NULL;
        refcount_init(&u->ref);
        mm_hold(mm);
        u->mm = mm;
        u->flags = flags;
        spin_init(&u->lock, RANK_UFFD, "userfaultfd");
        list_init(&u->pending);
        list_init(&u->taken);
        list_init(&u->events);
        waitq_init(&u->readers);
        return u;
}

void uffd_get(struct uffd *u)
{
        refcount_get(&u->ref);
}

void uffd_put(struct uffd *u)
{
        if (!refcount_put(&u->ref))
                return;
        CHECK(list_empty(&u->pending) && list_empty(&u->taken) && list_empty(&u->events));
        mm_drop(u->mm);
        kfree(u);
}

bool uffd_set_features(struct uffd *u, u64 features)
{
        bool first;

        if (features & UFFD_FEATURE_WP_ASYNC)
                features |= UFFD_FEATURE_WP_UNPOPULATED;
        spin_lock(&u->lock);
        first = !uffd_is_agreed(u);
        if (first) {
                u->features = features;
                if (features & UFFD_FEATURE_EVENT_UNMAP)
                        atomic_add(&u->mm->unmap_listeners, 1);
                atomic_set(&u->agreed, 1);
        }
        spin_unlock(&u->lock);
        return first;
}

/* ------------------------------------------------------------------ handing faults over */

static void fill_message(struct uffd_msg *msg, const struct uffd *u, const struct fault *f,
                         u64 reason)
{
        *msg = (struct uffd_msg){ .event = UFFD_EVENT_PAGEFAULT };
        msg->pagefault.address = uffd_has(u, UFFD_FEATURE_EXACT_ADDRESS) ? f->exact : f->addr;
        if (f->write)
                msg->pagefault.flags |= UFFD_PAGEFAULT_FLAG_WRITE;
        if (reason == VM_UFFD_WP)
                msg->pagefault.flags |= UFFD_PAGEFAULT_FLAG_WP;
        if (reason == VM_UFFD_MINOR)
                msg->pagefault.flags |= UFFD_PAGEFAULT_FLAG_MINOR;
}

enum fault_result uffd_handover(const struct fault *f, u64 reason)
{
        struct uffd_wait *wait = f->wait;
        struct uffd *u = f->vma->uffd;

        ASSERT(u && (f->vma->flags & reason));
        if (uffd_has(u, UFFD_FEATURE_SIGBUS) || (!f->user && (u->flags & UFFD_USER_MODE_ONLY)) ||
            !wait)
                return FAULT_BUS;
        fill_message(&wait->msg, u, f, reason);
        uffd_get(u);
        wait->uffd = u;
        wait->page = f->addr;
        wait->task = park_self();
        wait->woken = false;
        spin_lock(&u->lock);
        list_add_tail(&u->pending, &wait->node);
        spin_unlock(&u->lock);
        return FAULT_UFFD;
}

static bool is_woken(struct uffd_wait *wait)
{
        bool woken;

        spin_lock(&wait->uffd->lock);
        woken = wait->woken;
        spin_unlock(&wait->uffd->lock);
        return woken;
}

int uffd_wait(struct uffd_wait *wait, bool user)
{
        struct uffd *u = wait->uffd;
        int err = 0;

        waitq_wake_all(&u->readers);
        while (!err && !is_woken(wait))
                err = user ? park(true, PARK_FOREVER) : park_killable();
        spin_lock(&u->lock);
        if (wait->woken)
                err = 0;
        else
                list_del(&wait->node);
        spin_unlock(&u->lock);
        uffd_put(u);
        return err;
}

/* Those of one queue that wait for a page in [start, start + len). */
static void wake_queue(struct list *queue, u64 start, u64 len)
{
        struct list *it, *tmp;

        list_for_each_safe (it, tmp, queue) {
                struct uffd_wait *wait = list_entry(it, struct uffd_wait, node);

                if (wait->page - start >= len)
                        continue;
                list_del(&wait->node);
                wait->woken = true;
                unpark(wait->task);
        }
}

void uffd_wake(struct uffd *u, u64 start, u64 len)
{
        spin_lock(&u->lock);
        wake_queue(&u->pending, start, len);
        wake_queue(&u->taken, start, len);
        spin_unlock(&u->lock);
}

/* ------------------------------------------------------------------ reading */

/* The oldest fault that nobody has read. Under the lock. */
static bool next_fault(struct uffd *u, struct uffd_msg *msg, u32 (*thread_id)(struct task *task))
{
        struct uffd_wait *wait;

        if (list_empty(&u->pending))
                return false;
        wait = list_first(&u->pending, struct uffd_wait, node);
        list_del(&wait->node);
        list_add_tail(&u->taken, &wait->node);
        *msg = wait->msg;
        if (uffd_has(u, UFFD_FEATURE_THREAD_ID))
                msg->pagefault.ptid = thread_id(wait->task);
        return true;
}

int uffd_next(struct uffd *u, struct uffd_msg *msg, struct uffd_event **fork,
              u32 (*thread_id)(struct task *task))
{
        struct uffd_event *event;
        int found = 1;

        *fork = NULL;
        spin_lock(&u->lock);
        if (!next_fault(u, msg, thread_id)) {
                found = !list_empty(&u->events);
                if (found) {
                        event = list_first(&u->events, struct uffd_event, node);
                        *msg = event->msg;
                        list_del(&event->node);
                        event->state = event->child ? EVENT_HELD : EVENT_READ;
                        if (event->child)
                                *fork = event;
                        else
                                unpark(event->task);
                }
        }
        spin_unlock(&u->lock);
        return found;
}

void uffd_fork_read(struct uffd *u, struct uffd_event *fork, bool success)
{
        spin_lock(&u->lock);
        if (success) {
                fork->child = NULL;
                fork->state = EVENT_READ;
        } else {
                fork->state = EVENT_QUEUED;
                list_add(&u->events, &fork->node);
        }
        unpark(fork->task);
        spin_unlock(&u->lock);
}

bool uffd_has_message(struct uffd *u)
{
        bool any;

        spin_lock(&u->lock);
        any = !list_empty(&u->pending) || !list_empty(&u->events);
        spin_unlock(&u->lock);
        return any;
}

static u64 count(const struct list *queue)
{
        const struct list *it;
        u64 n = 0;

        list_for_each (it, queue)
                n++;
        return n;
}

void uffd_counts(struct uffd *u, u64 *pending, u64 *total)
{
        spin_lock(&u->lock);
        *pending = count(&u->pending);
        *total = *pending + count(&u->taken);
        spin_unlock(&u->lock);
}
