/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd: which VMAs are registered, with what. Registering and unregistering give VMAs other
 * flags, which splits and merges them.
 *
 * Locks: mmap_lock for writing, taken inside.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/uffd.h"
#include "mm/vma_edit.h"

int uffd_check_length(u64 start, u64 len)
{
        if ((len & ~PAGE_MASK) || len == 0)
                return -EINVAL;
        return start >= TASK_SIZE || len > TASK_SIZE - start ? -EINVAL : 0;
}

int uffd_check_range(u64 start, u64 len)
{
        return start & ~PAGE_MASK ? -EINVAL : uffd_check_length(start, len);
}

/* ------------------------------------------------------------------ what a VMA allows */

/* Files in memory and shared anonymous memory; System V segments have ways of their own. */
static bool is_shmem(const struct vma *vma)
{
        return vma_object(vma) && (vma->backing->flags & BACKING_SHMEM) &&
               !(vma->backing->flags & BACKING_APART);
}

bool uffd_fills(const struct vma *vma)
{
        return vma_is_anon(vma) || is_shmem(vma);
}

/* It can be registered for these faults. */
static bool is_fit(const struct uffd *u, const struct vma *vma, u64 modes)
{
        modes &= VM_UFFD_ANY;
        if (vma->flags & (VM_DROPPABLE | VM_HUGETLB))
                return false;
        if ((modes & VM_UFFD_MINOR) && !is_shmem(vma))
                return false;
        if (uffd_has(u, UFFD_FEATURE_WP_ASYNC) && modes == VM_UFFD_WP)
                return true;
        return uffd_fills(vma);
}

bool uffd_wp_uses_markers(const struct vma *vma)
{
        if (!(vma->flags & VM_UFFD_WP))
                return false;
        return !vma_is_anon(vma) || uffd_has(vma->uffd, UFFD_FEATURE_WP_UNPOPULATED);
}

bool uffd_wp_is_async(const struct vma *vma)
{
        return uffd_has(vma->uffd, UFFD_FEATURE_WP_ASYNC);
}

bool uffd_moves_silently(const struct vma *vma)
{
        return vma->uffd && !uffd_has(vma->uffd, UFFD_FEATURE_EVENT_REMAP);
}

void uffd_forget(struct vma *vma)
{
        vma->uffd = NULL;
        vma_set_flags(vma, vma->flags & ~VM_UFFD_ANY);
}

/* ------------------------------------------------------------------ changing one piece */

/*
 * [start, end) of `vma` gets the context and the modes; a protection that ends is taken off the
 * entries, which cannot fail. 0 or -ENOMEM.
 */
static int set_piece(struct vma *vma, u64 start, u64 end, struct uffd *u, u64 modes)
{
        struct vma_change change = {
                .vma = vma,
                .start = start,
                .end = end,
                .flags = (vma->flags & ~VM_UFFD_ANY) | modes,
                .sets_uffd = true,
                .uffd = u,
        };
        int err;

        vma_change_plan(&change);
        err = vma_change_reserve(&change);
        if (!err) {
                if ((vma->flags & ~modes & VM_UFFD_WP) && !change.err)
                        uffd_wp_range(vma, start, end, false);
                vma_change_commit(&change);
                err = change.err;
        }
        vma_change_release(&change);
        return err;
}

/* ------------------------------------------------------------------ the ioctls */

static int check_register(const struct uffd *u, u64 start, u64 end, u64 modes)
{
        struct vma *vma = vma_meeting(u->mm, start, end);

        if (!vma)
                return -EINVAL;
        for (; vma && vma->start < end; vma = vma_next(vma)) {
                if (!is_fit(u, vma, modes))
                        return -EINVAL;
                if (!(vma->flags & VM_MAYWRITE))
                        return -EPERM;
                if (vma->uffd && vma->uffd != u)
                        return -EBUSY;
        }
        return 0;
}

static int register_locked(struct uffd *u, u64 start, u64 end, u64 modes)
{
        int err = check_register(u, start, end, modes);
        struct vma *vma;

        while (!err && start < end && (vma = vma_meeting(u->mm, start, end))) {
                u64 from = max_u64(vma->start, start), to = min_u64(vma->end, end);

                if (vma->uffd != u || (vma->flags & modes) != modes)
                        err = set_piece(vma, from, to, u, modes);
                start = to;
        }
        return err;
}

int uffd_register(struct uffd *u, u64 start, u64 len, u64 modes)
{
        int err;

        if (!mm_try_get(u->mm))
                return -ENOMEM;
        mm_lock(u->mm);
        err = register_locked(u, start, start + len, modes);
        mm_unlock(u->mm, start);
        mm_put(u->mm);
        return err;
}

static int check_unregister(const struct uffd *u, u64 start, u64 end)
{
        struct vma *vma = vma_meeting(u->mm, start, end);

        if (!vma)
                return -EINVAL;
        for (; vma && vma->start < end; vma = vma_next(vma)) {
                if (vma->uffd && vma->uffd != u)
                        return -EINVAL;
                if (!is_fit(u, vma, vma->flags))
                        return -EINVAL;
        }
        return 0;
}

static int unregister_locked(struct uffd *u, u64 start, u64 end)
{
        int err = check_unregister(u, start, end);
        struct vma *vma;

        while (!err && start < end && (vma = vma_meeting(u->mm, start, end))) {
                u64 from = max_u64(vma->start, start), to = min_u64(vma->end, end);

                bool missing = vma->flags & VM_UFFD_MISSING;

                if (vma->uffd)
                        err = set_piece(vma, from, to, NULL, 0);
                if (missing && !err) /* what they wait for will not come any more */
                        uffd_wake(u, from, to - from);
                start = to;
        }
        return err;
}

int uffd_unregister(struct uffd *u, u64 start, u64 len)
{
        int err;

        if (!mm_try_get(u->mm))
                return -ENOMEM;
        mm_lock(u->mm);
        err = unregister_locked(u, start, start + len);
        mm_unlock(u->mm, start);
        mm_put(u->mm);
        return err;
}

/* ------------------------------------------------------------------ close */

/* A VMA as a whole; without memory for a merge, it is not merged. */
static void clear_vma(struct vma *vma)
{
        if (set_piece(vma, vma->start, vma->end, NULL, 0) == 0)
                return;
        if (vma->flags & VM_UFFD_WP)
                uffd_wp_range(vma, vma->start, vma->end, false);
        uffd_forget(vma);
}

static void clear_all(struct uffd *u)
{
        u64 at = 0;
        struct vma *vma;

        while ((vma = vma_find(u->mm, at))) {
                at = vma->end;
                if (vma->uffd == u)
                        clear_vma(vma);
        }
}

static void wake_producers(struct uffd *u)
{
        struct list *it;

        spin_lock(&u->lock);
        u->released = true;
        list_for_each (it, &u->events)
                unpark(list_entry(it, struct uffd_event, node)->task);
        spin_unlock(&u->lock);
}

void uffd_release(struct uffd *u)
{
        if (mm_try_get(u->mm)) {
                mm_lock(u->mm);
                clear_all(u);
                mm_unlock(u->mm, 0);
                mm_put(u->mm);
        }
        if (uffd_has(u, UFFD_FEATURE_EVENT_UNMAP))
                atomic_add(&u->mm->unmap_listeners, -1);
        uffd_wake(u, 0, ~0ULL);
        wake_producers(u);
        uffd_put(u);
}
