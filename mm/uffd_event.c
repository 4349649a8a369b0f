/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: telling handlers that memory changes. A producer hangs events up under mmap_lock and
 * delivers them when the lock is gone (uffd.h).
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/slab.h"
#include "mm/uffd.h"

/* ------------------------------------------------------------------ spare events */

int uffd_events_reserve(struct uffd_event **spare, unsigned nr)
{
        while (nr--) {
                struct uffd_event *event = kzalloc(sizeof(*event));

                if (!event)
                        return -ENOMEM;
                event->next_spare = *spare;
                *spare = event;
        }
        return 0;
}

static struct uffd_event *take(struct uffd_event **spare)
{
        struct uffd_event *event = *spare;

        CHECK(event);
        *spare = event->next_spare;
        return event;
}

void uffd_events_release(struct uffd_event **spare)
{
        while (*spare)
                kfree(take(spare));
}

/* ------------------------------------------------------------------ hanging up */

static void hang_up(struct list *after, struct uffd_event *event, struct uffd *u)
{
        uffd_get(u);
        event->uffd = u;
        atomic_add(&u->changing, 1);
        list_add(after, &event->node);
}

/* The VMA's context, if it wants to hear of what is unmapped and was not met in this pass over
 * VMAs. */
static struct uffd *unmap_listener(const struct vma *vma)
{
        struct uffd *u = vma->uffd;

        if (!uffd_has(u, UFFD_FEATURE_EVENT_UNMAP) || u->pass == vma->mm->listening_pass)
                return NULL;
        u->pass = vma->mm->listening_pass;
        return u;
}

unsigned uffd_unmap_events(struct mm *mm, u64 start, u64 end)
{
        unsigned nr = 0;

        if (atomic_get(&mm->unmap_listeners) == 0)
                return 0;
        mm->listening_pass++;
        for (struct vma *vma = vma_meeting(mm, start, end); vma && vma->start < end;
             vma = vma_next(vma))
                nr += unmap_listener(vma) != NULL;
        return nr;
}

void uffd_raise_unmap(struct mm *mm, u64 start, u64 end, u64 told, struct uffd_event **spare)
{
        mm->listening_pass++;
        for (struct vma *vma = vma_meeting(mm, start, told); vma && vma->start < told;
             vma = vma_next(vma)) {
                struct uffd *u = unmap_listener(vma);
                struct uffd_event *event;

                if (!u)
                        continue;
                event = take(spare);
                event->msg.event = UFFD_EVENT_UNMAP;
                event->msg.remove.start = start;
                event->msg.remove.end = end;
                hang_up(mm->uffd_events.prev, event, u);
        }
}

void uffd_raise_remap(struct uffd *u, u64 from, u64 to, u64 len, struct list *after,
                      struct uffd_event **spare)
{
        struct uffd_event *event = take(spare);

        event->msg.event = UFFD_EVENT_REMAP;
        event->msg.remap.from = from;
        event->msg.remap.to = to;
        event->msg.remap.len = len;
        hang_up(after, event, u);
}

int uffd_tell_remove(struct vma *vma, u64 start, u64 end)
{
        struct uffd_event *event = NULL;
        struct mm *mm = vma->mm;

        if (!uffd_has(vma->uffd, UFFD_FEATURE_EVENT_REMOVE))
                return 0;
        if (uffd_events_reserve(&event, 1))
                return -ENOMEM;
        event->msg.event = UFFD_EVENT_REMOVE;
        event->msg.remove.start = start;
        event->msg.remove.end = end;
        hang_up(mm->uffd_events.prev, event, vma->uffd);
        mm_unlock(mm, start);
        mm_lock(mm);
        return 1;
}

/* ------------------------------------------------------------------ fork */

/* The context that the child has for the parent's `u` already. */
static struct uffd *child_of(const struct list *events, const struct uffd *u)
{
        const struct list *it;

        list_for_each (it, events) {
                const struct uffd_event *event = list_entry(it, struct uffd_event, node);

                if (event->uffd == u)
                        return event->child;
        }
        return NULL;
}

static struct uffd *make_child(struct mm *mm, struct uffd *u, struct list *events)
{
        struct uffd_event *event = NULL;
        struct uffd *child;

        if (uffd_events_reserve(&event, 1))
                return NULL;
        child = uffd_create(mm, u->flags);
        if (!child) {
                uffd_events_release(&event);
                return NULL;
        }
        uffd_set_features(child, u->features);
        event->msg.event = UFFD_EVENT_FORK;
        event->child = child;
        hang_up(events->prev, event, u);
        return child;
}

int uffd_fork(struct mm *child, const struct vma *vma, struct list *events, struct uffd **out)
{
        *out = NULL;
        if (!uffd_has(vma->uffd, UFFD_FEATURE_EVENT_FORK))
                return 0;
        *out = child_of(events, vma->uffd);
        if (!*out)
                *out = make_child(child, vma->uffd, events);
        return *out ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------ delivery */

/* The end of an event, read or not. */
static void dispose(struct uffd_event *event)
{
        if (event->child)
                uffd_release(event->child);
        atomic_add(&event->uffd->changing, -1);
        uffd_put(event->uffd);
        kfree(event);
}

/* It need not be waited for any longer. `killed`: nor does the producer want to. */
static bool is_over(struct uffd_event *event, bool killed)
{
        struct uffd *u = event->uffd;
        bool over;

        spin_lock(&u->lock);
        over = event->state == EVENT_READ;
        if (event->state == EVENT_QUEUED && (killed || u->released)) {
                list_del(&event->node);
                over = true;
        }
        spin_unlock(&u->lock);
        return over;
}

static void deliver(struct uffd_event *event)
{
        struct uffd *u = event->uffd;
        bool killed = false;

        spin_lock(&u->lock);
        event->task = park_self();
        event->state = EVENT_QUEUED;
        list_add_tail(&u->events, &event->node);
        spin_unlock(&u->lock);
        waitq_wake_all(&u->readers);
        while (!is_over(event, killed)) {
                if (killed)
                        park(false, PARK_FOREVER); /* a reader has it in its hands */
                else
                        killed = park_killable() != 0;
        }
        dispose(event);
}

void uffd_deliver(struct list *events)
{
        while (!list_empty(events)) {
                struct uffd_event *event = list_first(events, struct uffd_event, node);

                list_del(&event->node);
                deliver(event);
        }
}

void uffd_events_cancel(struct list *events)
{
        while (!list_empty(events)) {
                struct uffd_event *event = list_first(events, struct uffd_event, node);

                list_del(&event->node);
                dispose(event);
        }
}
