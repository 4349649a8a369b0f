/* SPDX-License-Identifier: MIT */
/* The reverse map of an object. rmap.h says what it is for and how it meets faults. */
#include "mm/rmap.h"

#include "kernel/base/assert.h"
#include "mm/object_impl.h"
#include "mm/vma.h"
#include "mm/zap.h"

void rmap_init(struct rmap_set *set)
{
        rwsem_init(&set->lock, RANK_OBJ_RMAP, "object rmap");
        list_init(&set->vmas);
        set->shared_writable = 0;
        set->deny_writable = false;
}

/* NULL for what has no object. */
static struct rmap_set *set_of(const struct vma *vma)
{
        struct object *object = vma_object(vma);

        return object ? &object->rmap : NULL;
}

static bool is_shared_writable(const struct vma *vma)
{
        return (vma->flags & VM_MAYSHARE) && (vma->flags & VM_MAYWRITE);
}

void rmap_add(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);

        if (!set)
                return;
        rwsem_write_lock(&set->lock);
        list_add_tail(&set->vmas, &vma->object_node);
        set->shared_writable += is_shared_writable(vma);
        rwsem_write_unlock(&set->lock);
}

void rmap_remove(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);

        if (!set)
                return;
        rwsem_write_lock(&set->lock);
        list_del(&vma->object_node);
        set->shared_writable -= is_shared_writable(vma);
        rwsem_write_unlock(&set->lock);
}

void rmap_change_begin(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);

        if (set)
                rwsem_write_lock(&set->lock);
}

void rmap_change_end(struct vma *vma)
{
        struct rmap_set *set = set_of(vma);

        if (set)
                rwsem_write_unlock(&set->lock);
}

/* Remove the mappings of pages first .. last from one VMA. */
static void zap_one(struct vma *vma, u64 first, u64 last, unsigned what)
{
        u64 top = vma->pgoff + vma_pages(vma) - 1; /* the last page it maps */
        struct zap_batch batch;
        u64 from, to;

        if (last < vma->pgoff || first > top)
                return;
        from = vma->start + ((max_u64(first, vma->pgoff) - vma->pgoff) << PAGE_SHIFT);
        to = vma->start + ((min_u64(last, top) - vma->pgoff + 1) << PAGE_SHIFT);
        zap_begin(&batch, vma->mm);
        zap_vma(&batch, vma, from, to, what);
        zap_finish(&batch);
}

void rmap_zap(struct rmap_set *set, u64 first, u64 last, bool private_too)
{
        unsigned what = private_too ? ZAP_OBJECT | ZAP_ANON : ZAP_OBJECT;
        struct list *it;

        rwsem_read_lock(&set->lock);
        list_for_each (it, &set->vmas) {
                zap_one(list_entry(it, struct vma, object_node), first, last, what);
        }
        rwsem_read_unlock(&set->lock);
}
