/* SPDX-License-Identifier: MIT */
/*
 * madvise(): a piece of advice for each VMA of a range. Holes are passed over and make the result
 * -ENOMEM in the end; the first refusal by a VMA ends the call.
 *
 * There are three kinds. Some advice is a flag of the VMA, which splits and merges VMAs. Some acts
 * on pages: drops them, marks them clean, punches holes into their object, guards them. Some faults
 * pages in, and that is done without the lock, like every fault.
 */
#include "kernel/base/abi/madvise.h"
#include "kernel/base/errno.h"
#include "mm/flush.h"
#include "mm/guard.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/populate.h"
#include "mm/reclaim.h"
#include "mm/uffd.h"
#include "mm/vma_edit.h"
#include "mm/zap.h"

/* ------------------------------------------------------------------ flags */

/* Anything that depends on the VMA is refused by refuses_flag() before. */
static u64 advised_flags(u64 flags, int advice)
{
        switch (advice) {
        case MADV_NORMAL: return flags & ~(VM_RAND_READ | VM_SEQ_READ);
        case MADV_RANDOM: return (flags & ~VM_SEQ_READ) | VM_RAND_READ;
        case MADV_SEQUENTIAL: return (flags & ~VM_RAND_READ) | VM_SEQ_READ;
        case MADV_DONTFORK: return flags | VM_DONTCOPY;
        case MADV_DOFORK: return flags & ~VM_DONTCOPY;
        case MADV_MERGEABLE:
                return flags & (VM_SHARED | VM_MAYSHARE | VM_SPECIAL | VM_DROPPABLE)
                               ? flags
                               : flags | VM_MERGEABLE;
        case MADV_UNMERGEABLE: return flags & ~VM_MERGEABLE;
        case MADV_HUGEPAGE: return (flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
        case MADV_NOHUGEPAGE: return (flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
        case MADV_DONTDUMP: return flags | VM_DONTDUMP;
        case MADV_DODUMP: return flags & ~VM_DONTDUMP;
        case MADV_WIPEONFORK: return flags | VM_WIPEONFORK;
        default: return flags & ~VM_WIPEONFORK; /* MADV_KEEPONFORK */
        }
}

static bool refuses_flag(const struct vma *vma, int advice)
{
        switch (advice) {
        case MADV_DOFORK: return vma->flags & VM_IO;
        case MADV_WIPEONFORK:
                return (vma->backing && !vma_is_special(vma)) || (vma->flags & VM_SHARED);
        case MADV_KEEPONFORK: return vma->flags & VM_DROPPABLE;
        case MADV_DODUMP: return !vma_is_hugetlb(vma) && (vma->flags & (VM_SPECIAL | VM_DROPPABLE));
        default: return false;
        }
}

static int advise_flag(struct vma *vma, u64 start, u64 end, int advice)
{
        int err;

        if (refuses_flag(vma, advice))
                return -EINVAL;
        err = vma_change(vma, start, end, advised_flags(vma->flags, advice));
        return err == -ENOMEM ? -EAGAIN : err;
}

/* ------------------------------------------------------------------ pages */

/*
 * A userfaultfd's handler hears of what is about to be dropped. Meanwhile the lock may be given up:
 * then *vma is what is there now, and *end lies in it. -ENOMEM: nothing is there any more.
 */
static int tell_handler(struct vma **vma, u64 start, u64 *end)
{
        struct mm *mm = (*vma)->mm;
        int told = uffd_tell_remove(*vma, start, *end);

        if (told <= 0)
                return told;
        *vma = vma_at(mm, start);
        if (!*vma)
                return -ENOMEM;
        *end = min_u64(*end, (*vma)->end);
        return 0;
}

static bool may_drop(const struct vma *vma, int advice)
{
        u64 forbidden = VM_PFNMAP | (advice == MADV_DONTNEED_LOCKED ? 0 : VM_LOCKED);

        return !(vma->flags & forbidden);
}

/* A huge page at the end of which a part is meant stays. */
static int drop_hugetlb(struct vma *vma, u64 start, u64 end)
{
        struct zap_batch batch;

        if (!huge_is_aligned(start))
                return -EINVAL;
        zap_begin(&batch, vma->mm);
        zap_vma(&batch, vma, start, huge_align_down(end), ZAP_ANON | ZAP_OBJECT);
        zap_finish(&batch);
        return 0;
}

static int advise_dontneed(struct vma *vma, u64 start, u64 *stop, int advice)
{
        struct zap_batch batch;
        int err;

        if (!may_drop(vma, advice))
                return -EINVAL;
        if (vma_is_hugetlb(vma))
                return drop_hugetlb(vma, start, *stop);
        err = tell_handler(&vma, start, stop);
        if (err)
                return err;
        if (!may_drop(vma, advice))
                return -EINVAL;
        zap_begin(&batch, vma->mm);
        zap_vma(&batch, vma, start, *stop, ZAP_ANON | ZAP_OBJECT);
        zap_empty_tables(&batch, start, *stop);
        zap_finish(&batch);
        return 0;
}

/* A huge page that others map stays as it is, all of it; one of which a part is meant is split. */
static void free_huge(struct mm *mm, struct pgwalk *walk)
{
        struct page *head = huge_head(pgwalk_page(walk));
        pte_t entry;

        if (!huge_is_alone(head) || huge_split_part(mm, walk))
                return;
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_clear_flags(&head[i], PAGE_DIRTY);
        entry = pte_clear(walk->pte, PT_PMD);
        pte_write(walk->pte, pte_mkold(pte_mkclean(entry, PT_PMD), PT_PMD), PT_PMD);
}

/*
 * The contents may be forgotten until the next write. Nothing here ever needs the memory so badly,
 * so they are kept; the pages are clean from now on, which smaps shows.
 */
static int advise_free(struct vma *vma, u64 start, u64 *stop)
{
        struct mm *mm = vma->mm;
        struct pgwalk walk;
        int err;

        if (!may_drop(vma, MADV_FREE))
                return -EINVAL;
        err = tell_handler(&vma, start, stop);
        if (err)
                return err;
        if (!vma_is_anon(vma) || !may_drop(vma, MADV_FREE))
                return -EINVAL;
        walk = pgwalk_begin(mm, start, *stop);
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                pte_t entry = walk.entry;
                struct page *page;

                if (pte_is_marker(entry) && pte_marker_kind(entry) == PTE_MARKER_POISON)
                        pgtable_clear(walk.pte, PT_PTE);
                if (!pte_is_leaf(entry, walk.level) || pte_special(entry, walk.level))
                        continue;
                if (walk.level == PT_PMD) {
                        free_huge(mm, &walk);
                        continue;
                }
                page = pfn_to_page(pte_pfn(entry, PT_PTE));
                /* Dirt of the page itself (a forced write) is everybody's: only who is alone ends
                 * it. */
                if (page_has_flags(page, PAGE_DIRTY) && page_mappers(page) > 1)
                        continue;
                page_clear_flags(page, PAGE_DIRTY);
                entry = pte_clear(walk.pte, PT_PTE);
                pte_write(walk.pte, pte_mkold(pte_mkclean(entry, PT_PTE), PT_PTE), PT_PTE);
        }
        flush_range(mm, start, *stop, false);
        spin_unlock(&mm->pte_lock);
        return 0;
}

/* A hole in the object itself: every mapping of it sees zeroes. */
static int advise_remove(struct vma *vma, u64 start, u64 end)
{
        struct object *object;
        u64 offset;
        int err;

        if ((vma->flags & VM_LOCKED) || !vma->backing || vma_is_special(vma))
                return -EINVAL;
        if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
                return -EACCES;
        if (!vma_object(vma))
                return -ENODEV;
        offset = vma_pgoff_at(vma, start) << PAGE_SHIFT;
        /* The hole is one of a file, so it has to lie below 2^63 as for fallocate(2). */
        if (offset > FILE_OFFSET_MAX)
                return -EINVAL;
        if (offset + (end - start) > FILE_OFFSET_MAX)
                return -EFBIG;
        object = vma->backing->object;
        object_get(object);
        err = uffd_tell_remove(vma, start, end);
        if (err >= 0)
                err = object_punch(object, offset, offset + (end - start));
        object_put(object);
        return err;
}

static int advise_guard(struct vma *vma, u64 start, u64 end, int advice)
{
        if (vma->flags & VM_SPECIAL)
                return -EINVAL;
        if (advice == MADV_GUARD_REMOVE) {
                guard_remove(vma, start, end);
                return 0;
        }
        if (vma->flags & VM_LOCKED)
                return -EINVAL;
        return guard_install(vma, start, end);
}

static int advise_cold(struct vma *vma, u64 start, u64 end, int advice)
{
        if (vma->flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB))
                return -EINVAL;
        if (advice == MADV_COLD)
                reclaim_cold(vma, start, end);
        else
                reclaim_pageout(vma, start, end);
        return 0;
}

/* ------------------------------------------------------------------ one VMA */

/* Advice that loses contents; a sealed VMA that cannot be written is safe from it. */
static bool is_destructive(int advice)
{
        switch (advice) {
        case MADV_FREE:
        case MADV_DONTNEED:
        case MADV_DONTNEED_LOCKED:
        case MADV_REMOVE:
        case MADV_DONTFORK:
        case MADV_WIPEONFORK:
        case MADV_GUARD_INSTALL: return true;
        default: return false;
        }
}

/* [start, *stop) of one VMA. Where others change memory meanwhile, *stop is how far it came. */
static int advise_vma(struct vma *vma, u64 start, u64 *stop, int advice)
{
        u64 end = *stop;

        if ((vma->flags & VM_SEALED) && is_destructive(advice) && vma_is_anon(vma) &&
            !(vma->flags & VM_WRITE))
                return -EPERM;
        switch (advice) {
        case MADV_WILLNEED: return 0;
        case MADV_COLD:
        case MADV_PAGEOUT: return advise_cold(vma, start, end, advice);
        case MADV_DONTNEED:
        case MADV_DONTNEED_LOCKED: return advise_dontneed(vma, start, stop, advice);
        case MADV_FREE: return advise_free(vma, start, stop);
        case MADV_REMOVE: return advise_remove(vma, start, end);
        case MADV_COLLAPSE: return huge_collapse(vma, start, end);
        case MADV_GUARD_INSTALL:
        case MADV_GUARD_REMOVE: return advise_guard(vma, start, end, advice);
        default: return advise_flag(vma, start, end, advice);
        }
}

static int advise_range(struct mm *mm, u64 start, u64 end, int advice)
{
        int hole = 0;

        while (start < end) {
                struct vma *vma = vma_meeting(mm, start, end);
                u64 stop;
                int err;

                if (!vma)
                        return -ENOMEM;
                if (start < vma->start)
                        hole = -ENOMEM;
                start = max_u64(start, vma->start);
                stop = min_u64(vma->end, end);
                err = advise_vma(vma, start, &stop, advice);
                if (err)
                        return err;
                start = stop;
        }
        return hole;
}

/* ------------------------------------------------------------------ the call */

/* Memory errors (100, 101) do not exist here. */
static bool is_known(int advice)
{
        if (advice >= MADV_NORMAL && advice <= MADV_DONTNEED)
                return true;
        if (advice >= MADV_FREE && advice <= MADV_COLLAPSE)
                return true;
        return advice == MADV_GUARD_INSTALL || advice == MADV_GUARD_REMOVE;
}

int mm_madvise(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, int advice)
{
        u64 size = page_align_up(len), end = addr + size;
        int err;

        (void)who;
        if (!is_known(advice) || (addr & ~PAGE_MASK) || (len && !size) || end < addr)
                return -EINVAL;
        if (end == addr)
                return 0;
        if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
                return populate_access(mm, addr, end, advice == MADV_POPULATE_WRITE);
        mm_lock(mm);
        err = advise_range(mm, addr, end, advice);
        mm_unlock(mm, addr);
        return err;
}
