/* SPDX-License-Identifier: MIT */
/* VMAs and anon_vmas: life, place in the tree, neighbours. vma.h says what they are. */
#include "mm/vma.h"

#include "kernel/base/assert.h"
#include "mm/rmap.h"
#include "mm/slab.h"

static struct slab_cache *vma_cache, *anon_cache;

void vma_boot(void)
{
        vma_cache = slab_cache_create("vma", sizeof(struct vma), 8);
        anon_cache = slab_cache_create("anon_vma", sizeof(struct anon_vma), 8);
}

/* ------------------------------------------------------------------ life */

struct vma *vma_alloc(struct mm *mm)
{
        struct vma *vma = slab_zalloc(vma_cache);

        if (!vma)
                return NULL;
        vma->mm = mm;
        list_init(&vma->object_node);
        return vma;
}

void vma_free(struct vma *vma)
{
        ASSERT(list_empty(&vma->object_node));
        anon_vma_put(vma->anon);
        if (vma->backing) {
                vma->next_spare = vma->mm->graveyard;
                vma->mm->graveyard = vma;
        } else {
                slab_free(vma_cache, vma);
        }
}

void vma_bury(struct vma *vma)
{
        while (vma) {
                struct vma *next = vma->next_spare;

                backing_close(vma->backing);
                slab_free(vma_cache, vma);
                vma = next;
        }
}

void vma_copy(struct vma *to, const struct vma *from)
{
        to->start = from->start;
        to->end = from->end;
        to->flags = from->flags;
        to->pgoff = from->pgoff;
        to->backing = from->backing;
        backing_open(to->backing);
        to->anon = from->anon;
        if (to->anon)
                anon_vma_get(to->anon);
}

struct anon_vma *anon_vma_create(struct anon_vma *parent)
{
        struct anon_vma *anon = slab_zalloc(anon_cache);

        if (!anon)
                return NULL;
        refcount_init(&anon->ref);
        anon->parent = parent;
        if (parent)
                anon_vma_get(parent);
        return anon;
}

void anon_vma_get(struct anon_vma *anon)
{
        refcount_get(&anon->ref);
}

/* A loop, because a line of descent is as long as programs care to fork. */
void anon_vma_put(struct anon_vma *anon)
{
        while (anon && refcount_put(&anon->ref)) {
                struct anon_vma *parent = anon->parent;

                slab_free(anon_cache, anon);
                anon = parent;
        }
}

/* ------------------------------------------------------------------ tree */

static struct vmtree_range range_of(struct vma *vma)
{
        return (struct vmtree_range){
                .start = vma->start,
                .end = vma->end,
                .headroom = vma->flags & VM_GROWSDOWN ? STACK_GUARD_GAP : 0,
                .item = vma,
        };
}

void vma_link(struct vmtree_kit *kit, struct vma *vma)
{
        struct vmtree_range range = range_of(vma);

        vmtree_insert(&vma->mm->tree, kit, &range);
        rmap_add(vma);
}

void vma_unlink(struct vma *vma)
{
        rmap_remove(vma);
        vmtree_erase(&vma->mm->tree, vma->start, vma->end);
}

/* Tell the tree what has changed about a VMA that starts at `start` there. */
static void vma_restate(struct vma *vma, u64 start)
{
        struct vmtree_range range = range_of(vma);
        struct vmtree_pos pos;
        void *item = vmtree_find(&vma->mm->tree, start, &pos);

        CHECK(item == vma);
        vmtree_set(&vma->mm->tree, &pos, &range);
}

void vma_resize(struct vma *vma, u64 start, u64 end)
{
        u64 old_start = vma->start;

        ASSERT(start < end);
        rmap_change_begin(vma);
        if (start >= old_start)
                vma->pgoff += bytes_to_pages(start - old_start);
        else
                vma->pgoff -= bytes_to_pages(old_start - start);
        vma->start = start;
        vma->end = end;
        rmap_change_end(vma);
        vma_restate(vma, old_start);
}

void vma_set_flags(struct vma *vma, u64 flags)
{
        u64 changed = vma->flags ^ flags;

        if (changed & (VM_SHARED | VM_MAYSHARE | VM_MAYWRITE))
                rmap_remove(vma);
        vma->flags = flags;
        if (changed & (VM_SHARED | VM_MAYSHARE | VM_MAYWRITE))
                rmap_add(vma);
        if (changed & VM_GROWSDOWN)
                vma_restate(vma, vma->start);
}

struct vma *vma_find(const struct mm *mm, u64 addr)
{
        struct vmtree_pos pos;

        return vmtree_find(&mm->tree, addr, &pos);
}

struct vma *vma_at(const struct mm *mm, u64 addr)
{
        struct vma *vma = vma_find(mm, addr);

        return vma && vma->start <= addr ? vma : NULL;
}

struct vma *vma_below(const struct mm *mm, u64 addr)
{
        struct vmtree_pos pos;

        return vmtree_find_below(&mm->tree, addr, &pos);
}

struct vma *vma_meeting(const struct mm *mm, u64 start, u64 end)
{
        struct vma *vma = vma_find(mm, start);

        return vma && vma->start < end ? vma : NULL;
}

struct vma *vma_next(const struct vma *vma)
{
        return vma_find(vma->mm, vma->end);
}

struct vma *vma_prev(const struct vma *vma)
{
        return vma_below(vma->mm, vma->start);
}
