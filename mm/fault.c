/* SPDX-License-Identifier: MIT */
/*
 * Page faults: from an address and an access to a resolved page or a signal. fault.h has the table
 * of cases; anon.c, file.c and cow.c resolve them.
 */
#include "mm/fault.h"

#include "arch/trap.h"
#include "kernel/base/assert.h"
#include "mm/flush.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/pgwalk.h"
#include "mm/uffd.h"

#define SIGNAL_BUS  7
#define SIGNAL_SEGV 11
#define CODE_MAPERR 1
#define CODE_ACCERR 2
#define CODE_PKUERR 4
#define CODE_ADRERR 2 /* of SIGBUS */

unsigned vma_pte_prot(const struct vma *vma, bool writable)
{
        unsigned prot = 0;

        if (vma_is_accessible(vma))
                prot |= PTE_PROT_USER;
        if ((vma->flags & VM_WRITE) && writable)
                prot |= PTE_PROT_W;
        if (vma->flags & VM_EXEC)
                prot |= PTE_PROT_X;
        return prot | PTE_PROT_KEY(vm_key(vma->flags));
}

void fault_store(pte_t *pte, pte_t leaf)
{
        if (pte_is_marker(pte_read(pte)))
                leaf = pte_mk_uffd_wp(leaf, PT_PTE);
        pgtable_set(pte, leaf, PT_PTE);
}

void fault_install(const struct fault *f, pte_t *pte, struct page *page, unsigned prot)
{
        enum rss_kind kind = page->kind == PAGE_ANON ? RSS_ANON : vma_object_rss(f->vma);

        page_map(page, f->vma->flags & VM_LOCKED);
        f->mm->rss[kind]++;
        fault_store(pte, pte_leaf(page_to_pfn(page), prot, PT_PTE));
}

/* An entry that already allows what faulted: the TLB was behind, or another thread was faster. */
static enum fault_result fault_spurious(const struct fault *f, pte_t *pte, pte_t entry)
{
        pte_t now;

        spin_lock(&f->mm->pte_lock);
        now = pte_read(pte);
        if (pte_is_leaf(now, PT_PTE) && pte_pfn(now, PT_PTE) == pte_pfn(entry, PT_PTE)) {
                now = pte_mkyoung(now, PT_PTE);
                if (f->write && pte_writable(now, PT_PTE))
                        now = pte_mkdirty(now, PT_PTE);
                pgtable_set(pte, now, PT_PTE);
                flush_page(f->mm, f->addr);
                mmstat_add(f->mm, MMSTAT_FAULT_SPURIOUS, 1);
        }
        spin_unlock(&f->mm->pte_lock);
        return FAULT_OK;
}

/* Nothing is there yet; not even a table if `pte` is NULL. */
static enum fault_result fault_empty(const struct fault *f, pte_t *pte)
{
        if (vma_object(f->vma))
                return fault_object(f, pte);
        if (!pte)
                pte = pgwalk_make(f->mm, f->addr, PT_PTE, NULL);
        if (!pte) /* or another thread was faster */
                return huge_find(f->mm, f->addr) ? FAULT_AGAIN : FAULT_OOM;
        return vma_is_anon(f->vma) ? fault_anon(f, pte) : fault_frame(f, pte);
}

/* A table that is not there is linked before its entry is filled, and that takes the lock. */
enum fault_result fault_hand_over(const struct fault *f, u64 reason)
{
        enum fault_result result = FAULT_AGAIN;
        enum pt_level level;
        const pte_t *pte;

        spin_lock(&f->mm->pte_lock);
        pte = pgwalk_entry(f->mm, f->addr, &level);
        if (!pte || (level == PT_PTE && fault_may_fill(pte_read(pte))))
                result = uffd_handover(f, reason);
        spin_unlock(&f->mm->pte_lock);
        return result;
}

/* A page that comes where protection was asked for is protected: a write has another fault. */
static enum fault_result fault_marker(const struct fault *f, pte_t *pte, pte_t entry)
{
        enum fault_result result;

        switch (pte_marker_kind(entry)) {
        case PTE_MARKER_GUARD: return FAULT_MAPERR;
        case PTE_MARKER_UFFD_WP:
                result = fault_empty(f, pte);
                return f->write && result == FAULT_OK ? FAULT_AGAIN : result;
        default: return FAULT_POISON;
        }
}

static enum fault_result fault_once(const struct fault *f)
{
        enum fault_result result = FAULT_OK;
        enum pt_level level;
        pte_t *pte, entry;

        if (vma_is_hugetlb(f->vma))
                return hugetlb_fault(f);
        pte = pgwalk_entry(f->mm, f->addr, &level);
        if (pte && level == PT_PMD)
                return huge_fault_present(f, pte);
        if (!pte && huge_fault_none(f, &result))
                return result;
        if (!pte)
                return fault_empty(f, NULL);
        spin_lock(&f->mm->pte_lock);
        entry = pte_read(pte);
        spin_unlock(&f->mm->pte_lock);
        if (pte_is_none(entry))
                return fault_empty(f, pte);
        if (pte_is_marker(entry))
                return fault_marker(f, pte, entry);
        if (f->write && !pte_writable(entry, PT_PTE))
                return fault_write_protected(f, pte, entry);
        if (f->alone && fault_is_shared(entry))
                return fault_write_protected(f, pte, entry);
        return fault_spurious(f, pte, entry);
}

enum fault_result fault_page(const struct fault *f)
{
        enum fault_result result;

        ASSERT(rwsem_is_locked(&f->mm->mmap_lock));
        ASSERT(f->vma->start <= f->addr && f->addr < f->vma->end);
        do {
                result = fault_once(f);
        } while (result == FAULT_AGAIN);
        return result;
}

/* ------------------------------------------------------------------ from the trap */

static bool access_allowed(const struct vma *vma, unsigned access)
{
        if (access & FAULT_WRITE)
                return vma->flags & VM_WRITE;
        if (access & FAULT_EXEC)
                return vma->flags & VM_EXEC;
        return vma_is_accessible(vma);
}

/*
 * The VMA that the address belongs to, which may be a stack that has yet to grow down to it.
 * Growing takes mmap_lock for writing: the read lock is given up, and everything looked up again.
 */
struct vma *fault_find_vma(struct mm *mm, const struct mm_caller *who, u64 addr)
{
        struct vma *vma = vma_find(mm, addr);

        if (!vma || vma->start <= addr || !(vma->flags & VM_GROWSDOWN))
                return vma && vma->start <= addr ? vma : NULL;
        rwsem_read_unlock(&mm->mmap_lock);
        rwsem_write_lock(&mm->mmap_lock);
        vma = vma_find(mm, addr);
        if (vma && vma->start > addr &&
            (!(vma->flags & VM_GROWSDOWN) || !stack_grow(vma, who, addr)))
                vma = NULL;
        mm_validate_call(mm, addr);
        rwsem_downgrade(&mm->mmap_lock);
        return vma;
}

static enum fault_result fault_address(struct mm *mm, const struct mm_caller *who,
                                       struct mm_fault *out, unsigned access,
                                       struct uffd_wait *wait)
{
        enum fault_result result = FAULT_MAPERR;
        u64 addr = out->addr;
        struct fault fault = { .mm = mm, .addr = page_align_down(addr), .exact = addr };

        fault.write = access & FAULT_WRITE;
        fault.user = access & FAULT_USER;
        fault.wait = wait;
        rwsem_read_lock(&mm->mmap_lock);
        fault.vma = fault_find_vma(mm, who, addr);
        if (fault.vma)
                out->key = vm_key(fault.vma->flags);
        /* Asked before the other rights, and whether or not a page is there. */
        if (fault.vma && !(access & FAULT_EXEC) && key_denies(fault.vma, fault.write))
                result = FAULT_PKUERR;
        else if (fault.vma)
                result = access_allowed(fault.vma, access) ? fault_page(&fault) : FAULT_ACCERR;
        rwsem_read_unlock(&mm->mmap_lock);
        return result;
}

/* With all the waiting for others that it takes. FAULT_UFFD: a signal has ended the wait. */
static enum fault_result fault_wait(struct mm *mm, const struct mm_caller *who,
                                    struct mm_fault *out, unsigned access)
{
        struct uffd_wait wait;
        enum fault_result result;

        do {
                result = fault_address(mm, who, out, access, who->leaving ? NULL : &wait);
        } while (result == FAULT_UFFD && uffd_wait(&wait, access & FAULT_USER) == 0);
        return result;
}

struct mm_fault mm_fault(struct mm *mm, const struct mm_caller *who, u64 addr, unsigned access)
{
        struct mm_fault out = { .addr = addr };

        switch (addr < TASK_SIZE ? fault_wait(mm, who, &out, access) : FAULT_MAPERR) {
        case FAULT_OK:
        case FAULT_AGAIN: break;
        case FAULT_OOM: out.signo = MM_FAULT_OOM; break;
        case FAULT_MAPERR:
                out.signo = SIGNAL_SEGV;
                out.code = CODE_MAPERR;
                break;
        case FAULT_ACCERR:
                out.signo = SIGNAL_SEGV;
                out.code = CODE_ACCERR;
                break;
        case FAULT_PKUERR:
                out.signo = SIGNAL_SEGV;
                out.code = CODE_PKUERR;
                break;
        case FAULT_UFFD: out.signo = MM_FAULT_SIGNAL; break;
        case FAULT_BUS:
        case FAULT_POISON:
                out.signo = SIGNAL_BUS;
                out.code = CODE_ADRERR;
                break;
        }
        if (out.signo > 0)
                mmstat_add(mm, MMSTAT_FAULT_SIGNAL, 1);
        return out;
}
