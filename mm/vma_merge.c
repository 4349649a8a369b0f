/* SPDX-License-Identifier: MIT */
/* Merging VMAs. The rules, with pictures, are in vma_merge.h. */
#include "mm/vma_merge.h"

#include "kernel/base/assert.h"
#include "mm/rmap.h"
#include "mm/soft_dirty.h"

static u64 merge_pages(const struct vma_merge *m)
{
        return bytes_to_pages(m->end - m->start);
}

/* The table in vma_merge.h, row by row. */
static bool anon_allows(const struct vma_merge *m, const struct vma *neighbour)
{
        const struct anon_vma *own = m->origin ? m->origin->anon : NULL;

        if (own == neighbour->anon)
                return true;
        if (own && neighbour->anon)
                return false;
        if (own)
                return m->grows || !vma_is_fork_child(m->origin);
        return !vma_is_fork_child(neighbour);
}

/* Everything but the page numbers. */
static bool is_alike(const struct vma_merge *m, const struct vma *neighbour)
{
        if ((m->flags & VM_SPECIAL) || ((m->flags ^ neighbour->flags) & ~VM_MERGE_IGNORED))
                return false;
        return m->backing == neighbour->backing && m->uffd == neighbour->uffd &&
               anon_name_same(m->name, neighbour->name) && anon_allows(m, neighbour);
}

/* The VMAs before and after R. */
static struct vma *find_prev(const struct vma_merge *m)
{
        return m->middle && m->middle->start < m->start ? NULL : vmtree_below(&m->place);
}

static struct vma *find_next(const struct vma_merge *m)
{
        struct vmtree_pos after = m->place;

        if (!m->middle)
                return vmtree_above(&m->place);
        return m->end < m->middle->end ? NULL : vmtree_next(&after);
}

static bool joins_prev(const struct vma_merge *m, const struct vma *prev)
{
        return prev && prev->end == m->start && prev->pgoff + vma_pages(prev) == m->pgoff &&
               is_alike(m, prev);
}

static bool joins_next(const struct vma_merge *m, const struct vma *next)
{
        return next && next->start == m->end && m->pgoff + merge_pages(m) == next->pgoff &&
               is_alike(m, next);
}

/* R, which joins either of them, joins both. */
static bool joins_both(const struct vma *prev, const struct vma *next)
{
        return vma_may_vanish(next) && (!prev->anon || !next->anon || prev->anon == next->anon);
}

bool vma_merge_plan(struct vma_merge *m)
{
        struct vma *prev, *next;

        ASSERT(!m->middle || (m->middle->start <= m->start && m->end <= m->middle->end));
        m->prev = m->next = NULL;
        if (m->middle && m->middle->start == m->start && m->middle->end == m->end &&
            !vma_may_vanish(m->middle))
                return false;
        if (!vmtree_pos_holds(&m->mm->tree, &m->place))
                m->place = vmtree_place(&m->mm->tree, m->start);
        prev = find_prev(m);
        next = find_next(m);
        m->prev = joins_prev(m, prev) ? prev : NULL;
        m->next = joins_next(m, next) ? next : NULL;
        if (m->prev && m->next && !joins_both(m->prev, m->next))
                m->next = NULL;
        return m->prev || m->next;
}

unsigned vma_merge_links(const struct vma_merge *m)
{
        const struct vma *survivor = m->prev ? m->prev : m->next;

        return survivor->anon ? 0 : VMA_MERGE_LINKS;
}

/* The survivor may map what any part mapped. One lock covers all that takes part. */
static void adopt_chain(struct vma *survivor, const struct vma *from, struct anon_kit *kit)
{
        ASSERT(!survivor->anon || rwsem_is_writer(&survivor->anon->root->lock));
        ASSERT(!from || !from->anon || rwsem_is_writer(&from->anon->root->lock));
        if (from && from->anon && !survivor->anon)
                anon_vma_clone(survivor, from, kit);
}

/* Whose locks cover all that take part: there is but one anon_vma among them. */
static struct vma *lock_owner(const struct vma_merge *m, struct vma *survivor)
{
        if (survivor->anon)
                return survivor;
        if (m->origin && m->origin->anon)
                return m->origin;
        return m->next ? m->next : survivor;
}

/* Take R away from the middle: all of it, its lower part or its upper part. */
static void shrink_middle(const struct vma_merge *m)
{
        struct vma *middle = m->middle;

        if (!middle)
                return;
        if (middle->start == m->start && middle->end == m->end) {
                vma_unlink(middle);
                vma_free(middle);
        } else if (middle->start == m->start) {
                vma_resize(middle, m->end, middle->end);
        } else {
                vma_resize(middle, middle->start, m->start);
        }
}

struct vma *vma_merge_commit(const struct vma_merge *m, struct anon_kit *kit)
{
        struct vma *survivor = m->prev ? m->prev : m->next;
        u64 start = m->prev ? m->prev->start : m->start;
        u64 end = m->next ? m->next->end : m->end;
        u64 sticky = m->flags & VM_STICKY;
        struct rmap_locks locks;

        ASSERT(rwsem_is_writer(&m->mm->mmap_lock));
        rmap_lock(&locks, lock_owner(m, survivor));
        adopt_chain(survivor, m->origin, kit); /* before the middle is gone */
        shrink_middle(m);
        if (m->prev && m->next) {
                sticky |= m->next->flags & VM_STICKY;
                adopt_chain(survivor, m->next, kit);
                vma_unlink(m->next);
                vma_free(m->next);
        }
        vma_resize(survivor, start, end);
        vma_set_flags(survivor, survivor->flags | sticky);
        rmap_unlock(&locks);
        mmstat_add(m->mm, MMSTAT_VMA_MERGES, m->prev && m->next ? 2 : 1);
        return survivor;
}
