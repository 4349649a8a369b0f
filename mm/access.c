/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing another address space: /proc/PID/mem, process_vm_readv() and their like.
 *
 * Each page is faulted in, kept by a reference, and copied through the kernel's own mapping with no
 * lock held. With MM_ACCESS_FORCE protection does not count: a write copies the page first (never
 * one of a shared mapping), so that the program alone sees it.
 */
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/fault.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/pgwalk.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

static bool access_allowed(const struct vma *vma, unsigned flags)
{
        if (flags & MM_ACCESS_WRITE) {
                if (vma->flags & VM_WRITE)
                        return true;
                return (flags & MM_ACCESS_FORCE) && !(vma->flags & VM_MAYSHARE) &&
                       (vma->flags & VM_MAYWRITE);
        }
        return (vma->flags & VM_READ) || ((flags & MM_ACCESS_FORCE) && (vma->flags & VM_MAYREAD));
}

/* Nobody else would see a write to what the entry maps. */
static bool is_own(const struct vma *vma, pte_t entry, enum pt_level level)
{
        struct page *page = pfn_to_page(pte_pfn(entry, level));

        if (pte_special(entry, level))
                return false;
        if (vma_is_hugetlb(vma))
                return (vma->flags & VM_MAYSHARE) || hugetlb_is_alone(page);
        if (level == PT_PMD)
                return huge_is_alone(page);
        return page->kind == PAGE_ANON && atomic_get(&page->refcount) == 1;
}

/* A page of zeroes, or of an object. */
static bool is_nobodys(const struct vma *vma, pte_t entry, enum pt_level level)
{
        return pte_special(entry, level) ||
               (!vma_is_hugetlb(vma) && pfn_to_page(pte_pfn(entry, level))->kind != PAGE_ANON);
}

/* The access may use what is mapped; else it is a fault's business. */
static bool may_use(const struct fault *f, pte_t entry, enum pt_level level)
{
        if (f->write && (pte_uffd_wp(entry, level) || soft_dirty_waits(f->vma, entry, level)))
                return false; /* the fault has to notice */
        if (f->write && !pte_writable(entry, level) && !is_own(f->vma, entry, level))
                return false;
        return !f->alone || is_nobodys(f->vma, entry, level) || is_own(f->vma, entry, level);
}

/* For zeroes it is always the small page of them: a block of zeroes ends with the last entry that
 * maps it, whoever else keeps a pointer to a page in it. */
static struct page *page_behind(pte_t entry, enum pt_level level, u64 addr)
{
        struct page *page = pfn_to_page(pte_pfn(entry, level));

        if (level == PT_PTE)
                return page;
        if (pte_special(entry, level))
                return zero_page;
        return page + ((addr >> PAGE_SHIFT) & (HUGE_PAGES - 1));
}

/* The page that is mapped at the address now, if the access may use it; with a reference. */
static struct page *mapped_page(const struct fault *f)
{
        struct page *page = NULL;
        enum pt_level level;
        const pte_t *pte;

        spin_lock(&f->mm->pte_lock);
        pte = pgwalk_entry(f->mm, f->addr, &level);
        if (pte && pte_is_leaf(pte_read(pte), level) && may_use(f, pte_read(pte), level)) {
                page = page_behind(pte_read(pte), level, f->addr);
                page_get(page);
        }
        spin_unlock(&f->mm->pte_lock);
        return page;
}

/* One try. FAULT_UFFD: after a wait there has to be another. */
static enum fault_result access_page(struct mm *mm, const struct mm_caller *who, u64 addr,
                                     unsigned flags, struct uffd_wait *wait, struct page **out)
{
        struct fault fault = { .mm = mm, .addr = page_align_down(addr), .exact = addr };
        enum fault_result result = FAULT_MAPERR;
        struct page *page = NULL;

        fault.wait = flags & MM_ACCESS_NOWAIT ? NULL : wait;
        fault.write = flags & MM_ACCESS_WRITE;
        fault.alone = flags & MM_ACCESS_ALONE;
        rwsem_read_lock(&mm->mmap_lock);
        fault.vma = flags & MM_ACCESS_MAPPED ? vma_at(mm, addr) : fault_find_vma(mm, who, addr);
        if (fault.vma && (flags & MM_ACCESS_KEYS) && key_denies(fault.vma, fault.write))
                fault.vma = NULL;
        if (fault.vma && !vma_has_frames(fault.vma) && access_allowed(fault.vma, flags)) {
                page = mapped_page(&fault);
                while (!page && (result = fault_page(&fault)) == FAULT_OK)
                        page = mapped_page(&fault);
        }
        rwsem_read_unlock(&mm->mmap_lock);
        *out = page;
        return result;
}

struct page *mm_access_page(struct mm *mm, const struct mm_caller *who, u64 addr, unsigned flags)
{
        struct uffd_wait wait;
        struct page *page;

        while (access_page(mm, who, addr, flags, &wait, &page) == FAULT_UFFD)
                if (uffd_wait(&wait, false))
                        return NULL;
        return page;
}

ssize_t mm_access(struct mm *mm, const struct mm_caller *who, u64 addr, void *buf, size_t len,
                  unsigned flags)
{
        size_t done = 0;

        while (done < len && addr + done < TASK_SIZE) {
                u64 at = addr + done, offset = at & ~PAGE_MASK;
                size_t n = min_u64(len - done, PAGE_SIZE - offset);
                struct page *page = mm_access_page(mm, who, at, flags);
                u8 *bytes;

                if (!page)
                        break;
                bytes = (u8 *)page_to_virt(page) + offset;
                if (flags & MM_ACCESS_WRITE) {
                        memcpy(bytes, (u8 *)buf + done, n);
                        page_set_flags(page, PAGE_DIRTY); /* the program's entry does not tell */
                } else {
                        memcpy((u8 *)buf + done, bytes, n);
                }
                page_put(page);
                done += n;
        }
        return done || len == 0 ? (ssize_t)done : -EFAULT;
}
