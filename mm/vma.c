/* SPDX-License-Identifier: MIT */
/* VMAs: life, place in the tree, neighbours. vma.h says what they are. */
#include "mm/vma.h"

#include "kernel/base/assert.h"
#include "mm/hugetlb.h"
#include "mm/rmap.h"
#include "mm/slab.h"

static struct slab_cache *vma_cache;

void vma_boot(void)
{
        vma_cache = slab_cache_create("vma", sizeof(struct vma), 8);
        anon_vma_boot();
}

/* ------------------------------------------------------------------ life */

struct vma *vma_alloc(struct mm *mm)
{
        struct vma *vma = slab_alloc(vma_cache);

        if (!vma)
                return NULL;
        *vma = (struct vma){ .mm = mm };
        list_init(&vma->chain);
        return vma;
}

void vma_free(struct vma *vma)
{
        ASSERT(!vma->anon && list_empty(&vma->chain) && vma->object_pages.height == 0);
        if (vma->name)
                anon_name_put(vma->name);
        vma->name = NULL;
        __atomic_store_n(&vma->mm->faulted, NULL, __ATOMIC_RELAXED);
        if (vma->backing) {
                hugetlb_forget(vma);
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
        to->uffd = from->uffd;
        to->name = anon_name_get(from->name);
        hugetlb_share(to, from);
        backing_open(to->backing);
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

void vma_link_at(struct vma *vma, const struct vmtree_pos *place)
{
        struct vmtree_range range = range_of(vma);

        vmtree_insert_at(&vma->mm->tree, place, &range);
        if (vma->backing)
                rmap_add(vma);
        mm_touch(vma->mm, vma->start);
}

void vma_link(struct vma *vma)
{
        struct vmtree_pos place = vmtree_place(&vma->mm->tree, vma->start);

        vma_link_at(vma, &place);
}

void vma_link_last(struct vmtree_build *build, struct vma *vma)
{
        struct vmtree_range range = range_of(vma);

        vmtree_build_add(build, &range);
        if (vma_object(vma))
                rmap_add(vma);
        mm_touch(vma->mm, vma->start);
}

void vma_unlink(struct vma *vma)
{
        mm_touch(vma->mm, vma->start);
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
        struct rmap_locks locks;

        ASSERT(start < end);
        huge_split_at(vma->mm, start);
        huge_split_at(vma->mm, end);
        rmap_change_begin(vma, &locks);
        if (start >= old_start)
                vma->pgoff += bytes_to_pages(start - old_start);
        else
                vma->pgoff -= bytes_to_pages(old_start - start);
        vma->start = start;
        vma->end = end;
        rmap_change_end(vma, &locks);
        vma_restate(vma, old_start);
        mm_touch(vma->mm, start);
        mm_touch(vma->mm, end);
}

void vma_extend(struct vma *vma, struct vmtree_pos *place, u64 end)
{
        struct vmtree_range range;

        ASSERT(end > vma->end);
        rmap_extend(vma, end);
        range = range_of(vma);
        vmtree_set(&vma->mm->tree, place, &range);
        mm_touch(vma->mm, end);
}

/* Where it is to go, while its old place in the tree, which is returned, still says that it is
 * there. */
static struct vmtree_pos vma_go(struct vma *vma, u64 start, const struct vmtree_pos *place)
{
        struct vmtree *tree = &vma->mm->tree;
        u64 old_start = vma->start;
        struct vmtree_range range;
        struct vmtree_pos old;
        void *item;

        mm_touch(vma->mm, old_start);
        vma->end = start + (vma->end - old_start);
        vma->start = start;
        if (vma_is_anon(vma) && !vma->anon)
                vma->pgoff = bytes_to_pages(start);
        range = range_of(vma);
        if (vmtree_pos_holds(tree, place))
                vmtree_insert_at(tree, place, &range);
        else
                vmtree_insert(tree, &range);
        mm_touch(vma->mm, start);
        item = vmtree_find(tree, old_start, &old);
        CHECK(item == vma);
        return old;
}

struct address_range vma_relocate(struct vma *vma, u64 start, const struct vmtree_pos *place)
{
        struct vmtree_pos old = vma_go(vma, start, place), after = old;
        struct vma *prev = vmtree_below(&old), *next = vmtree_next(&after);

        vmtree_erase_at(&vma->mm->tree, &old);
        return (struct address_range){ prev ? prev->end : 0, next ? next->start : ~0ULL };
}

void vma_replace(struct vma *vma, u64 start, const struct vmtree_pos *place, struct vma *left)
{
        struct vmtree_range range = range_of(left);
        struct vmtree_pos old = vma_go(vma, start, place);

        vmtree_set(&vma->mm->tree, &old, &range);
}

struct vma *vma_find(const struct mm *mm, u64 addr)
{
        struct vmtree_pos pos;

        return vmtree_find(&mm->tree, addr, &pos);
}

struct vma *vma_below(const struct mm *mm, u64 addr)
{
        struct vmtree_pos pos;

        return vmtree_find_below(&mm->tree, addr, &pos);
}

struct vma *vma_next(const struct vma *vma)
{
        return vma_find(vma->mm, vma->end);
}

struct vma *vma_prev(const struct vma *vma)
{
        return vma_below(vma->mm, vma->start);
}
