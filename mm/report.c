/* SPDX-License-Identifier: MIT */
/*
 * What /proc shows of the regions of an address space and of their pages: maps, smaps and pagemap;
 * and mincore(). Nothing here changes anything.
 */
#include "kernel/base/errno.h"
#include "kernel/base/printf.h"
#include "mm/hugetlb.h"
#include "mm/object.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"
#include "mm/vma.h"

/* ------------------------------------------------------------------ smaps */

/* A page that n entries map counts for 1/n each time: kept with 12 more bits until the end. */
#define PSS_SHIFT 12

static void count_kind(struct mm_region_stats *s, const struct vma *vma, const struct page *page,
                       u64 share)
{
        if (page->kind == PAGE_ANON) {
                s->anonymous += PAGE_SIZE;
                s->pss_anon += share;
        } else if (vma_object_rss(vma) == RSS_SHMEM) {
                s->pss_shmem += share;
        } else {
                s->pss_file += share;
        }
}

/* A page that a leaf of `level` maps. */
static void count_page(struct mm_region_stats *s, const struct vma *vma, struct page *page,
                       pte_t entry, enum pt_level level)
{
        u64 mappers = page_mappers(page);
        u64 share = (PAGE_SIZE << PSS_SHIFT) / max_u64(mappers, 1);
        bool dirty = pte_dirty(entry, level) || page_has_flags(page, PAGE_DIRTY);

        s->rss += PAGE_SIZE;
        s->pss += share;
        if (dirty)
                s->pss_dirty += share;
        if (mappers < 2 && dirty)
                s->private_dirty += PAGE_SIZE;
        else if (mappers < 2)
                s->private_clean += PAGE_SIZE;
        else if (dirty)
                s->shared_dirty += PAGE_SIZE;
        else
                s->shared_clean += PAGE_SIZE;
        if (pte_young(entry, level))
                s->referenced += PAGE_SIZE;
        if (page->kind == PAGE_ANON && !dirty)
                s->lazyfree += PAGE_SIZE;
        count_kind(s, vma, page, share);
}

/* It counts as nothing else. */
static void count_hugetlb(struct mm_region_stats *s, const struct pgwalk *walk)
{
        if (page_mappers(pgwalk_page(walk)) > 1)
                s->shared_hugetlb += walk->span;
        else
                s->private_hugetlb += walk->span;
}

static void count_vma(struct mm_region_stats *s, const struct vma *vma, u64 start, u64 end)
{
        struct pgwalk walk = pgwalk_begin(vma->mm, start, end);
        u64 pss_before = s->pss;

        if (vma_has_frames(vma))
                return;
        spin_lock(&vma->mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (vma_is_hugetlb(vma)) {
                        count_hugetlb(s, &walk);
                        continue;
                }
                if (!pte_is_leaf(walk.entry, walk.level) || pte_special(walk.entry, walk.level))
                        continue;
                for (u64 i = 0; i < bytes_to_pages(walk.span); i++)
                        count_page(s, vma, pgwalk_page(&walk) + i, walk.entry, walk.level);
                if (walk.level == PT_PMD)
                        s->anon_huge += walk.span;
        }
        spin_unlock(&vma->mm->pte_lock);
        if (vma->flags & VM_LOCKED)
                s->locked += s->pss - pss_before;
}

static void stats_finish(struct mm_region_stats *s)
{
        u64 *shares[] = { &s->pss,      &s->pss_dirty, &s->pss_anon,
                          &s->pss_file, &s->pss_shmem, &s->locked };

        for (unsigned i = 0; i < ARRAY_SIZE(shares); i++)
                *shares[i] >>= PSS_SHIFT;
}

/* ------------------------------------------------------------------ regions */

static const char *special_name(const struct mm *mm, const struct vma *vma)
{
        if (vma->backing)
                return vma->backing->name;
        if (vma->start < mm->brk && vma->end > mm->image.start_brk)
                return "[heap]";
        if (vma->start <= mm->image.start_stack && mm->image.start_stack <= vma->end &&
            mm->image.start_stack)
                return "[stack]";
        return NULL;
}

/* "[anon:NAME]" for what has a name and none of the kernel's. */
static void put_label(const struct vma *vma, struct mm_region *out)
{
        if (vma->backing ? !vma_is_special(vma) : !out->special)
                scnprintf(out->label, MM_LABEL_MAX, vma->backing ? "[anon_shmem:%s]" : "[anon:%s]",
                          vma->name->text);
}

/* Field by field, as clearing the label would take longer. The backing gets no reference. */
static void describe(const struct vma *vma, struct mm_region *out)
{
        out->start = vma->start;
        out->end = vma->end;
        out->offset = vma->backing ? vma->pgoff << PAGE_SHIFT : 0;
        out->flags = vma->flags;
        out->backing = vma->backing;
        out->special = special_name(vma->mm, vma);
        *out->label = 0;
        if (vma->name)
                put_label(vma, out);
}

static void describe_referenced(const struct vma *vma, struct mm_region *out)
{
        describe(vma, out);
        if (out->backing)
                backing_get(out->backing);
}

bool mm_next_region(struct mm *mm, u64 addr, struct mm_region *out)
{
        struct vma *vma;

        rwsem_read_lock(&mm->mmap_lock);
        vma = vma_find(mm, addr);
        if (vma)
                describe_referenced(vma, out);
        rwsem_read_unlock(&mm->mmap_lock);
        return vma != NULL;
}

void mm_walk_regions(struct mm *mm, u64 addr, mm_region_fn *fn, void *arg)
{
        struct mm_region region;
        struct vmtree_pos pos;

        rwsem_read_lock(&mm->mmap_lock);
        for (struct vma *vma = vmtree_find(&mm->tree, addr, &pos); vma; vma = vmtree_next(&pos)) {
                describe(vma, &region);
                if (!fn(arg, &region))
                        break;
        }
        rwsem_read_unlock(&mm->mmap_lock);
}

bool mm_next_region_stats(struct mm *mm, u64 addr, struct mm_region *out,
                          struct mm_region_stats *stats)
{
        struct vma *vma;

        rwsem_read_lock(&mm->mmap_lock);
        vma = vma_find(mm, addr);
        if (vma) {
                describe_referenced(vma, out);
                *stats = (struct mm_region_stats){ 0 };
                stats->wants_huge = huge_wanted(vma) && huge_has_room(vma);
                count_vma(stats, vma, vma->start, vma->end);
                stats_finish(stats);
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return vma != NULL;
}

void mm_region_stats(struct mm *mm, u64 start, u64 end, struct mm_region_stats *out)
{
        *out = (struct mm_region_stats){ 0 };
        rwsem_read_lock(&mm->mmap_lock);
        for (struct vma *vma = vma_meeting(mm, start, end); vma && vma->start < end;
             vma = vma_next(vma))
                count_vma(out, vma, max_u64(vma->start, start), min_u64(vma->end, end));
        stats_finish(out);
        rwsem_read_unlock(&mm->mmap_lock);
}

void mm_all_regions(struct mm *mm, u64 *start, u64 *end, struct mm_region_stats *stats)
{
        *stats = (struct mm_region_stats){ 0 };
        rwsem_read_lock(&mm->mmap_lock);
        *start = *end = 0;
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
                *start = *end ? *start : vma->start;
                *end = vma->end;
                count_vma(stats, vma, vma->start, vma->end);
        }
        stats_finish(stats);
        rwsem_read_unlock(&mm->mmap_lock);
}

/* ------------------------------------------------------------------ pagemap */

#define PAGEMAP_PRESENT    (1ULL << 63)
#define PAGEMAP_SWAP       (1ULL << 62) /* something that is neither present nor none */
#define PAGEMAP_FILE       (1ULL << 61)
#define PAGEMAP_GUARD      (1ULL << 58)
#define PAGEMAP_UFFD_WP    (1ULL << 57)
#define PAGEMAP_EXCLUSIVE  (1ULL << 56)
#define PAGEMAP_SOFT_DIRTY (1ULL << 55)

static u64 marker_word(pte_t entry)
{
        u64 word = PAGEMAP_SWAP;

        if (pte_marker_kind(entry) == PTE_MARKER_GUARD)
                word |= PAGEMAP_GUARD;
        if (uffd_is_protected(entry))
                word |= PAGEMAP_UFFD_WP;
        return word;
}

/* Of the i-th page that the walk has come to, which is present. */
static u64 present_word(const struct pgwalk *walk, u64 i, bool show_pfn)
{
        u64 word = PAGEMAP_PRESENT;
        struct page *page;

        if (pte_uffd_wp(walk->entry, walk->level))
                word |= PAGEMAP_UFFD_WP;
        if (show_pfn && walk->level == PT_PTE)
                word |= pte_pfn(walk->entry, PT_PTE);
        else if (show_pfn)
                word |= page_to_pfn(pgwalk_page(walk) + i);
        if (pte_special(walk->entry, walk->level))
                return walk->level == PT_PTE ? word
                                             : word | PAGEMAP_FILE; /* Linux: not anonymous */
        page = pgwalk_page(walk) + i;
        if (page->kind == PAGE_OBJECT || page_has_flags(page_holder(page), PAGE_CACHED))
                word |= PAGEMAP_FILE;
        if (page_mappers(page) == 1)
                word |= PAGEMAP_EXCLUSIVE;
        return word;
}

static void pagemap_words(const struct vma *vma, const struct pgwalk *walk, u64 *out, bool show_pfn)
{
        bool dirty = soft_dirty_is(vma, walk->entry, walk->level);

        for (u64 i = 0; i < bytes_to_pages(walk->span); i++)
                out[i] = (dirty ? PAGEMAP_SOFT_DIRTY : 0) |
                         (pte_is_marker(walk->entry) ? marker_word(walk->entry)
                                                     : present_word(walk, i, show_pfn));
}

/* Pages of soft-dirty VMAs, also those that are not there. mmap_lock. */
static void pagemap_begin(const struct mm *mm, u64 addr, u64 pages, u64 *out)
{
        u64 end = addr + (pages << PAGE_SHIFT);

        for (u64 i = 0; i < pages; i++)
                out[i] = 0;
        if (!mm_sysctl.soft_dirty)
                return;
        for (const struct vma *vma = vma_meeting(mm, addr, end); vma && vma->start < end;
             vma = vma_next(vma)) {
                u64 from = max_u64(vma->start, addr), to = min_u64(vma->end, end);

                for (u64 at = from; (vma->flags & VM_SOFTDIRTY) && at < to; at += PAGE_SIZE)
                        out[bytes_to_pages(at - addr)] = PAGEMAP_SOFT_DIRTY;
        }
}

void mm_pagemap(struct mm *mm, u64 addr, u64 pages, u64 *out, bool show_pfn)
{
        struct pgwalk walk = pgwalk_begin(mm, addr, addr + (pages << PAGE_SHIFT));
        struct vma *vma = NULL;

        rwsem_read_lock(&mm->mmap_lock);
        pagemap_begin(mm, addr, pages, out);
        spin_lock(&mm->pte_lock);
        while (pgwalk_next(&walk)) {
                if (!vma || walk.addr >= vma->end)
                        vma = vma_at(mm, walk.addr);
                if (!vma_has_frames(vma))
                        pagemap_words(vma, &walk, out + bytes_to_pages(walk.addr - addr), show_pfn);
        }
        spin_unlock(&mm->pte_lock);
        rwsem_read_unlock(&mm->mmap_lock);
}

/* ------------------------------------------------------------------ mincore */

/* An empty entry of a file or of shared memory: is the page in memory all the same? */
static bool is_cached(const struct vma *vma, u64 addr)
{
        struct object *object = vma_object(vma);

        return object && object_has_page(object, vma_pgoff_at(vma, addr));
}

static bool is_resident(const struct vma *vma, u64 addr)
{
        enum pt_level level;
        pte_t *pte;

        if (vma_is_special(vma) || vma_has_frames(vma)) /* no file: yes; no page cache: no */
                return vma_is_special(vma);
        pte = pgwalk_entry(vma->mm, addr, &level);
        if (pte && pte_is_leaf(pte_read(pte), level))
                return true;
        return !vma_is_hugetlb(vma) && is_cached(vma, addr);
}

int mm_mincore(struct mm *mm, u64 addr, u64 pages, u8 *vec, u64 *done)
{
        struct vma *vma = NULL;
        int err = 0;

        rwsem_read_lock(&mm->mmap_lock);
        for (*done = 0; *done < pages; ++*done, addr += PAGE_SIZE) {
                if (!vma || addr >= vma->end)
                        vma = vma_at(mm, addr);
                if (!vma) {
                        err = -ENOMEM;
                        break;
                }
                vec[*done] = is_resident(vma, addr);
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return err;
}
