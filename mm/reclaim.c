/* SPDX-License-Identifier: MIT */
/* MADV_COLD and MADV_PAGEOUT: reclaim.h. */
#include "mm/reclaim.h"

#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/pgwalk.h"
#include "mm/zap.h"

static void split_huge(struct vma *vma, u64 start, u64 end, bool whole_too)
{
        struct mm *mm = vma->mm;
        struct pgwalk walk = pgwalk_begin(mm, start, end);

        if (mm->nr_huge == 0)
                return;
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (walk.level != PT_PMD || pte_special(walk.entry, PT_PMD) ||
                    !huge_is_alone(huge_head(pgwalk_page(&walk))))
                        continue;
                if (whole_too || walk.span < HUGE_SIZE)
                        huge_split(mm, walk.addr, walk.pte);
        }
        spin_unlock(&mm->pte_lock);
}

/* What the walk has come to is a page, or a huge one, that is mapped only here. */
static bool is_own(const struct pgwalk *walk)
{
        struct page *page;

        if (!pte_is_leaf(walk->entry, walk->level) || pte_special(walk->entry, walk->level))
                return false;
        page = pgwalk_page(walk);
        return walk->level == PT_PMD ? huge_is_alone(huge_head(page)) : page_mappers(page) == 1;
}

void reclaim_cold(struct vma *vma, u64 start, u64 end)
{
        struct mm *mm = vma->mm;
        struct pgwalk walk;

        split_huge(vma, start, end, false);
        walk = pgwalk_begin(mm, start, end);
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk))
                if (is_own(&walk))
                        pte_make_old(walk.pte, walk.level);
        flush_range(mm, start, end, false);
        spin_unlock(&mm->pte_lock);
}

/* A private page that nobody would miss. */
static bool may_be_lost(const struct vma *vma, const struct pgwalk *walk)
{
        if (vma->flags & VM_DROPPABLE)
                return true;
        return !pte_dirty(walk->entry, PT_PTE) && !page_has_flags(pgwalk_page(walk), PAGE_DIRTY);
}

static bool goes_out(const struct vma *vma, const struct pgwalk *walk)
{
        if (walk->level != PT_PTE || !is_own(walk))
                return false;
        return pgwalk_page(walk)->kind == PAGE_OBJECT || may_be_lost(vma, walk);
}

void reclaim_pageout(struct vma *vma, u64 start, u64 end)
{
        u64 from = start, to = start; /* pages that go, one behind the other */
        struct zap_batch batch;
        struct pgwalk walk;

        split_huge(vma, start, end, true);
        walk = pgwalk_begin(vma->mm, start, end);
        zap_begin(&batch, vma->mm);
        while (pgwalk_next(&walk)) {
                if (!goes_out(vma, &walk))
                        continue;
                if (walk.addr != to) {
                        zap_vma(&batch, vma, from, to, ZAP_ANON | ZAP_OBJECT);
                        from = walk.addr;
                }
                to = walk.addr + PAGE_SIZE;
        }
        zap_vma(&batch, vma, from, to, ZAP_ANON | ZAP_OBJECT);
        zap_finish(&batch);
}
