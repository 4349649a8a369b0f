/* SPDX-License-Identifier: MIT */
/* Anonymous memory: zero page, first write, and which anon_vma private pages belong to. */
#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/fault.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"

struct page *zero_page;
pte_t fault_leaves[LEAF_KINDS][VM_ACCESS_FLAGS + 1];

static pte_t make_leaf(u64 flags, enum leaf_kind kind)
{
        unsigned prot = flags_pte_prot(flags, kind == LEAF_WRITTEN) | PTE_PROT_YOUNG;

        if (kind == LEAF_WRITTEN)
                return pte_leaf(0, prot | PTE_PROT_DIRTY, PT_PTE);
        return pte_leaf(page_to_pfn(zero_page), prot | PTE_PROT_SPECIAL, PT_PTE);
}

pte_t fault_leaf_with_key(const struct vma *vma, enum leaf_kind kind)
{
        return make_leaf(vma->flags, kind);
}

void fault_boot(void)
{
        zero_page = page_alloc(0, ALLOC_ZERO | ALLOC_NOFAIL);
        for (u64 flags = 0; flags <= VM_ACCESS_FLAGS; flags++) {
                fault_leaves[LEAF_ZERO][flags] = make_leaf(flags, LEAF_ZERO);
                fault_leaves[LEAF_WRITTEN][flags] = make_leaf(flags, LEAF_WRITTEN);
        }
}

/* ------------------------------------------------------------------ anon_vma */

/* Could the two have been one VMA if their access rights were equal? `a` lies right below `b`. */
static bool could_share(const struct vma *a, const struct vma *b)
{
        u64 ignored = VM_ACCESS_FLAGS | VM_MERGE_IGNORED;

        return a->end == b->start && a->backing == b->backing &&
               ((a->flags ^ b->flags) & ~ignored) == 0 && a->pgoff + vma_pages(a) == b->pgoff;
}

/* It has private pages, and all of them belong to the one anon_vma. */
static struct anon_vma *only_anon(const struct vma *vma)
{
        struct anon_vma *anon = vma ? __atomic_load_n(&vma->anon, __ATOMIC_ACQUIRE) : NULL;

        return anon && !vma_is_fork_child(vma) ? anon : NULL;
}

/* The anon_vma of a neighbour that `vma` may use as well, or NULL. mmap_lock keeps it. */
static struct anon_vma *neighbours_anon(const struct vma *vma)
{
        struct vma *next = vma_next(vma), *prev = vma_prev(vma);

        if (only_anon(next) && could_share(vma, next))
                return only_anon(next);
        if (only_anon(prev) && could_share(prev, vma))
                return only_anon(prev);
        return NULL;
}

/* What there is to do when everything is there to do it with. Another thread may have done it. */
static void start_anon(struct vma *vma, struct anon_vma *shared, struct anon_kit *kit)
{
        struct anon_vma *root = shared ? shared : kit->anon;

        rwsem_write_lock(&root->lock);
        spin_lock(&vma->mm->pte_lock);
        if (!vma->anon)
                anon_vma_start(vma, shared, kit);
        spin_unlock(&vma->mm->pte_lock);
        rwsem_write_unlock(&root->lock);
}

int fault_anon_start(struct vma *vma)
{
        struct anon_kit kit = { 0 };
        struct anon_vma *shared;
        int err;

        shared = neighbours_anon(vma);
        err = anon_kit_reserve(&kit, 1);
        if (!err && !shared)
                err = anon_kit_reserve_anon(&kit, NULL);
        if (!err)
                start_anon(vma, shared, &kit);
        anon_kit_release(&kit);
        return err;
}

struct page *fault_anon_page(struct vma *vma, u64 addr, struct page *from)
{
        struct page *page =
                page_alloc(0, ALLOC_USER | ALLOC_KIND(PAGE_ANON) | (from ? 0 : ALLOC_ZERO));

        if (!page)
                return NULL;
        page->owner = vma->anon;
        page->index = vma_pgoff_at(vma, addr);
        if (from)
                page_copy(page_to_virt(page), page_to_virt(from));
        return page;
}

/* ------------------------------------------------------------------ faults */

static inline enum fault_result map_zero_page(const struct fault *f, pte_t *pte)
{
        pte_t leaf = fault_leaf(f->vma, LEAF_ZERO);
        enum fault_result result = FAULT_AGAIN;

        spin_lock(&f->mm->pte_lock);
        if (fault_may_fill(pte_read(pte))) {
                fault_store(pte, leaf);
                mmstat_add(f->mm, MMSTAT_FAULT_ZERO, 1);
                result = FAULT_OK;
        }
        spin_unlock(&f->mm->pte_lock);
        return result;
}

static enum fault_result map_new_page(const struct fault *f, pte_t *pte)
{
        struct page *page = fault_anon_page(f->vma, f->addr, NULL);
        enum fault_result result = FAULT_AGAIN;

        if (!page)
                return FAULT_OOM;
        spin_lock(&f->mm->pte_lock);
        if (fault_may_fill(pte_read(pte))) {
                fault_install_leaf(f, pte, page, fault_leaf(f->vma, LEAF_WRITTEN));
                mmstat_add(f->mm, MMSTAT_FAULT_ANON, 1);
                page = NULL;
                result = FAULT_OK;
        }
        spin_unlock(&f->mm->pte_lock);
        if (page)
                page_put(page);
        return result;
}

static __attribute__((noinline)) enum fault_result write_anon(const struct fault *f, pte_t *pte)
{
        if (fault_anon_prepare(f->vma))
                return FAULT_OOM;
        if (f->vma->flags & VM_UFFD_MISSING)
                return fault_hand_over(f, VM_UFFD_MISSING);
        return map_new_page(f, pte);
}

enum fault_result fault_anon(const struct fault *f, pte_t *pte)
{
        if (f->write)
                return write_anon(f, pte);
        if (f->vma->flags & VM_UFFD_MISSING)
                return fault_hand_over(f, VM_UFFD_MISSING);
        return map_zero_page(f, pte);
}
