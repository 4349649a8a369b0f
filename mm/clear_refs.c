/* SPDX-License-Identifier: MIT */
/*
 * Forgetting what was used: /proc/PID/clear_refs. The accessed bits of entries go, so that smaps'
 * Referenced counts what is used from now on. TLBs are flushed, for a machine sets the bit only
 * when it walks the tables. Or forgetting what was written: soft_dirty.h.
 */
#include "mm/flush.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/vma.h"

static void clear_vma(struct vma *vma)
{
        struct pgwalk walk = pgwalk_begin(vma->mm, vma->start, vma->end);
        struct mm *mm = vma->mm;
        bool cleared = false;

        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (!pte_is_leaf(walk.entry, walk.level) || pte_special(walk.entry, walk.level))
                        continue;
                pte_make_old(walk.pte, walk.level);
                cleared = true;
        }
        if (cleared)
                flush_range(mm, vma->start, vma->end, false);
        spin_unlock(&mm->pte_lock);
}

static bool has_file(const struct vma *vma)
{
        return vma->backing && !vma_is_special(vma);
}

void mm_clear_references(struct mm *mm, bool of_files, bool of_others)
{
        rwsem_read_lock(&mm->mmap_lock);
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
                if (!(vma->flags & (VM_PFNMAP | VM_HUGETLB)) &&
                    (has_file(vma) ? of_files : of_others))
                        clear_vma(vma);
        }
        rwsem_read_unlock(&mm->mmap_lock);
}

static pte_t undirtied(pte_t entry, enum pt_level level)
{
        if (pte_is_marker(entry))
                return pte_marker(pte_marker_kind(entry), 0);
        return pte_clear_soft_dirty(pte_wrprotect(entry, level), level);
}

/* Pages of zeroes too, which may have been moved. */
static void undirty_vma(struct vma *vma)
{
        struct pgwalk walk = pgwalk_begin(vma->mm, vma->start, vma->end);
        struct mm *mm = vma->mm;

        vma_set_flags(vma, vma->flags & ~VM_SOFTDIRTY);
        if (vma->flags & VM_UNTRACKED)
                return;
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                pte_t entry;

                if (!pte_is_leaf(walk.entry, walk.level) && !pte_is_marker(walk.entry))
                        continue;
                /* Taken out first, so that no accessed or dirty bit set meanwhile is lost. */
                entry = pte_clear(walk.pte, walk.level);
                pte_write(walk.pte, undirtied(entry, walk.level), walk.level);
        }
        flush_range(mm, vma->start, vma->end, false);
        spin_unlock(&mm->pte_lock);
}

void mm_clear_soft_dirty(struct mm *mm)
{
        if (!mm_sysctl.soft_dirty)
                return;
        mm_lock(mm);
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
                undirty_vma(vma);
        mm_unlock(mm, 0);
}

void mm_reset_hiwater_rss(struct mm *mm)
{
        rwsem_read_lock(&mm->mmap_lock);
        spin_lock(&mm->pte_lock);
        mm->hiwater_rss = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];
        spin_unlock(&mm->pte_lock);
        rwsem_read_unlock(&mm->mmap_lock);
}
