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

/* There is no PTE table: there may be a huge entry, or soon be one. */
static enum fault_result fault_no_table(const struct fault *f)
{
        enum fault_result result = FAULT_OK;
        enum pt_level level;
        pte_t *pmd = pgwalk_entry(f->mm, f->addr, &level);

        if (pmd && level == PT_PTE)
                return FAULT_AGAIN; /* it has come meanwhile */
        if (pmd)
                return huge_fault_present(f, pmd);
        return huge_fault_none(f, &result) ? result : fault_empty(f, NULL);
}

/* Something is there, but not what allows the access, or the TLB does not know it yet. */
static enum fault_result fault_filled(const struct fault *f, pte_t *pte, pte_t entry)
{
        if (pte_is_marker(entry))
                return fault_marker(f, pte, entry);
        if (f->write && !pte_writable(entry, PT_PTE))
                return fault_write_protected(f, pte, entry);
        if (f->alone && fault_is_shared(entry))
                return fault_write_protected(f, pte, entry);
        return fault_spurious(f, pte, entry);
}

static inline enum fault_result fault_once(const struct fault *f)
{
        pte_t *pte, entry;

        if (vma_is_hugetlb(f->vma))
                return hugetlb_fault(f);
        pte = pgwalk_pte(f->mm, f->addr);
        if (!pte)
                return fault_no_table(f);
        entry = pte_read(pte); /* and again under the lock, by whoever changes it */
        if (!pte_is_none(entry))
                return fault_filled(f, pte, entry);
        if (!f->vma->backing)
                return fault_anon(f, pte);
        return f->vma->backing->object ? fault_object(f, pte) : fault_empty(f, pte);
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

static inline bool access_allowed(const struct vma *vma, unsigned access)
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

/* FAULT_OK, or why the VMA forbids the access. */
static inline enum fault_result check_access(const struct vma *vma, unsigned access)
{
        /* Asked before the other rights, and whether or not a page is there. */
        if (!(access & FAULT_EXEC) && key_denies(vma, access & FAULT_WRITE))
                return FAULT_PKUERR;
        return access_allowed(vma, access) ? FAULT_OK : FAULT_ACCERR;
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
        if (fault.vma) {
                out->key = vm_key(fault.vma->flags);
                result = check_access(fault.vma, access);
                if (result == FAULT_OK)
                        result = fault_page(&fault);
        }
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

/* The signal that it comes to; 0 for a fault that is resolved. */
static void set_signal(struct mm_fault *out, enum fault_result result)
{
        switch (result) {
        case FAULT_OK:
        case FAULT_AGAIN: return;
        case FAULT_OOM: out->signo = MM_FAULT_OOM; return;
        case FAULT_UFFD: out->signo = MM_FAULT_SIGNAL; return;
        case FAULT_MAPERR:
                out->signo = SIGNAL_SEGV;
                out->code = CODE_MAPERR;
                break;
        case FAULT_ACCERR:
                out->signo = SIGNAL_SEGV;
                out->code = CODE_ACCERR;
                break;
        case FAULT_PKUERR:
                out->signo = SIGNAL_SEGV;
                out->code = CODE_PKUERR;
                break;
        case FAULT_BUS:
        case FAULT_POISON:
                out->signo = SIGNAL_BUS;
                out->code = CODE_ADRERR;
                break;
        }
}

struct mm_fault mm_fault(struct mm *mm, const struct mm_caller *who, u64 addr, unsigned access)
{
        struct mm_fault out = { .addr = addr };

        set_signal(&out, addr < TASK_SIZE ? fault_wait(mm, who, &out, access) : FAULT_MAPERR);
        if (out.signo > 0)
                mmstat_add(mm, MMSTAT_FAULT_SIGNAL, 1);
        return out;
}

/*
 * The VMA that contains the address, very often that of the fault before. Whoever frees a VMA has
 * it forgotten, under mmap_lock for writing; where it begins and ends is read from itself.
 */
static inline struct vma *find_faulted(struct mm *mm, u64 addr)
{
        struct vma *vma = __atomic_load_n(&mm->faulted, __ATOMIC_RELAXED);

        if (vma && vma->start <= addr && addr < vma->end) {
                atomic_add(&mm->tree_work.lookups, 1);
                return vma;
        }
        vma = vma_at(mm, addr);
        if (vma)
                __atomic_store_n(&mm->faulted, vma, __ATOMIC_RELAXED);
        return vma;
}

/* fault_page(), nearly always done at once. */
static inline bool resolve_plain(struct mm *mm, struct vma *vma, u64 addr, unsigned access)
{
        struct fault fault = {
                .mm = mm,
                .vma = vma,
                .addr = page_align_down(addr),
                .write = access & FAULT_WRITE,
                .user = access & FAULT_USER,
                .exact = addr,
        };
        enum fault_result result = fault_once(&fault);

        if (__builtin_expect(result == FAULT_AGAIN, 0))
                result = fault_page(&fault);
        return result == FAULT_OK;
}

bool mm_fault_plain(struct mm *mm, u64 addr, unsigned access)
{
        bool done = false;
        struct vma *vma;

        if (addr >= TASK_SIZE)
                return false;
        rwsem_read_lock(&mm->mmap_lock);
        vma = find_faulted(mm, addr);
        if (vma && !vma->uffd && check_access(vma, access) == FAULT_OK)
                done = resolve_plain(mm, vma, addr, access);
        rwsem_read_unlock(&mm->mmap_lock);
        return done;
}
