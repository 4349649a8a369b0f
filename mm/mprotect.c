/* SPDX-License-Identifier: MIT */
/*
 * mprotect() and pkey_mprotect(): other access rights for a range, and another protection key.
 *
 *   check -> lock -> { plan -> reserve -> commit -> release } per VMA -> unlock
 *
 * The first VMA that cannot be changed ends the call; those before it stay changed, as on Linux.
 * Private memory that becomes writable is charged to the commit limit from then on. It stays
 * charged when it becomes read-only again, unless nothing was ever written to it.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/fault.h"
#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/keys.h"
#include "mm/pgwalk.h"
#include "mm/populate.h"
#include "mm/soft_dirty.h"
#include "mm/vma_edit.h"

/* One VMA's part of the range. */
struct protect {
        /* asked */
        const struct mm_caller *who;
        struct vma *vma;
        struct vmtree_pos place; /* of the VMA */
        u64 start, end, prot;
        int key; /* KEY_NONE: as `prot` and the VMA will have it */
        /* plan */
        u64 old_flags, new_flags;
        u64 charge, uncharge; /* pages */
        struct vma_change change;
};

/* ------------------------------------------------------------------ plan */

static int plan_charge(struct protect *p)
{
        u64 uncharged = VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED | VM_NORESERVE;
        u64 pages = bytes_to_pages(p->end - p->start);
        struct mm *mm = p->vma->mm;

        p->charge = p->uncharge = 0;
        if (!(p->new_flags & VM_WRITE)) {
                if ((p->old_flags & VM_ACCOUNT) && vma_is_anon(p->vma) && !p->vma->anon) {
                        p->new_flags &= ~VM_ACCOUNT;
                        p->uncharge = pages;
                }
                return 0;
        }
        if (!account_may_grow(mm, p->who, p->new_flags, pages, NULL) &&
            account_may_grow(mm, p->who, p->old_flags, pages, NULL))
                return -ENOMEM;
        if (!(p->old_flags & uncharged)) {
                p->charge = pages;
                p->new_flags |= VM_ACCOUNT;
        }
        return !p->charge || commit_allows(mm, p->who, p->charge, 0) ? 0 : -ENOMEM;
}

/* Without one asked for, a VMA keeps its key, unless that stands for executing only. */
static unsigned new_key(const struct protect *p)
{
        unsigned old = vm_key(p->old_flags), hiding;

        if (p->key != KEY_NONE)
                return (unsigned)p->key;
        if (p->prot == PROT_EXEC) {
                hiding = key_execute_only(p->vma->mm);
                return hiding ? hiding : old;
        }
        return old && key_hides(p->vma) ? 0 : old;
}

static int protect_plan(struct protect *p)
{
        int err;

        p->old_flags = p->vma->flags;
        p->new_flags = (p->old_flags & ~VM_ACCESS_FLAGS) | (p->prot & VM_ACCESS_FLAGS);
        p->new_flags = vm_flags_with_key(p->new_flags, new_key(p));
        /* VM_MAYREAD and its fellows are four bits above what they permit. */
        if ((p->new_flags & ~(p->new_flags >> 4)) & VM_ACCESS_FLAGS)
                return -EACCES;
        if (p->old_flags & VM_SEALED)
                return -EPERM;
        if (p->new_flags == p->old_flags)
                return 0;
        err = plan_charge(p);
        if (err)
                return err;
        p->change.vma = p->vma;
        p->change.place = p->place;
        p->change.start = p->start;
        p->change.end = p->end;
        p->change.flags = p->new_flags;
        p->change.sets_uffd = p->change.sets_name = false;
        vma_change_plan(&p->change);
        return 0; /* what vma_change_plan() refuses, commit still has to split */
}

/* ------------------------------------------------------------------ commit */

/* What entries of a VMA are to have: if they may be written to at once, and else. */
struct rights {
        const struct vma *vma;
        unsigned writable, others; /* PTE_PROT_* */
};

/*
 * A private page does not become writable here: the write fault knows whether it is shared with
 * another process.
 */
static inline bool becomes_writable(const struct rights *r, pte_t entry, enum pt_level level)
{
        if (pte_writable(entry, level))
                return true;
        return (r->vma->flags & VM_SHARED) && !soft_dirty_waits(r->vma, entry, level);
}

/* One entry. True if it maps something. */
static inline __attribute__((always_inline)) bool protect_entry(const struct rights *r, pte_t *pte,
                                                                enum pt_level level)
{
        pte_t entry = pte_read(pte);
        unsigned prot;

        if (!pte_is_leaf(entry, level))
                return false;
        prot = becomes_writable(r, entry, level) ? r->writable : r->others;
        /* Taken out first, so that no accessed or dirty bit set meanwhile is lost. */
        entry = pte_clear(pte, level);
        pte_write(pte, pte_set_prot(entry, prot, level), level);
        return true;
}

/* `n` PTEs side by side. */
static bool protect_run(const struct rights *r, pte_t *pte, u64 n)
{
        const struct rights rights = *r; /* which no store to an entry can change */
        bool changed = false;

        for (const pte_t *end = pte + n; pte < end; pte++)
                changed |= protect_entry(&rights, pte, PT_PTE);
        return changed;
}

/* Table by table. True if there was any entry. */
static bool protect_tables(const struct rights *r, u64 start, u64 end)
{
        struct mm *mm = r->vma->mm;
        struct pgwalk walk = pgwalk_begin(mm, start, end);
        bool changed = false;

        while (pgwalk_next_run(&walk)) {
                if (walk.level == PT_PTE)
                        changed |= protect_run(r, walk.pte, bytes_to_pages(walk.span));
                else if (!huge_split_part(mm, &walk))
                        changed |= protect_entry(r, walk.pte, PT_PMD);
        }
        return changed;
}

/* The entries follow what the VMA has now. */
static void protect_entries(struct vma *vma, u64 start, u64 end)
{
        struct rights rights = { vma, vma_pte_prot(vma, true), vma_pte_prot(vma, false) };
        struct mm *mm = vma->mm;
        bool changed;
        pte_t *pte;

        spin_lock(&mm->pte_lock);
        pte = end - start == PAGE_SIZE ? pgwalk_pte(mm, start) : NULL;
        if (pte)
                changed = protect_entry(&rights, pte, PT_PTE);
        else
                changed =
                        !pgwalk_sees_nothing(mm, start, end) && protect_tables(&rights, start, end);
        spin_unlock(&mm->pte_lock);
        if (changed)
                flush_range(mm, start, end, false);
}

/* A locked private mapping that becomes writable has its copies made at once. */
static bool must_populate(const struct protect *p)
{
        return (p->old_flags & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED &&
               (p->new_flags & VM_WRITE);
}

static void protect_commit(struct protect *p)
{
        u64 pages = bytes_to_pages(p->end - p->start);
        struct mm *mm = p->vma->mm;
        struct vma *piece = vma_change_commit(&p->change);

        if (p->change.err)
                return;
        account_flags(mm, p->old_flags, p->new_flags, pages);
        commit_uncharge(p->uncharge);
        protect_entries(piece, p->start, p->end);
        if (must_populate(p))
                populate_held(piece, p->start, p->end);
}

/* All phases for one VMA's part. */
static int protect_vma(struct protect *p)
{
        int err = protect_plan(p);

        if (err || p->new_flags == p->old_flags)
                return err;
        err = vma_change_reserve(&p->change);
        if (!err) {
                commit_add(p->charge);
                protect_commit(p);
                err = p->change.err;
                if (err)
                        commit_uncharge(p->charge);
        }
        vma_change_release(&p->change);
        return err;
}

/* ------------------------------------------------------------------ the call */

#define PROT_GROWS (PROT_GROWSDOWN | PROT_GROWSUP)

static int protect_check(u64 addr, u64 len, u64 prot)
{
        if ((prot & PROT_GROWS) == PROT_GROWS || (addr & ~PAGE_MASK))
                return -EINVAL;
        if (len == 0)
                return 0;
        if (addr + page_align_up(len) <= addr)
                return -ENOMEM;
        if (prot & ~(u64)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWS))
                return -EINVAL;
        return 0;
}

/* Where to begin, in `vma`, the first that the range meets: the stack's lowest page with
 * PROT_GROWSDOWN. */
static int protect_start(const struct vma *vma, u64 *start, u64 prot)
{
        if (!vma)
                return -ENOMEM;
        if (prot & PROT_GROWSDOWN) {
                *start = vma->start;
                return vma->flags & VM_GROWSDOWN ? 0 : -EINVAL;
        }
        if (vma->start > *start)
                return -ENOMEM;
        return prot & PROT_GROWSUP ? -EINVAL : 0;
}

/* A VMA at a time. */
static int protect_range(struct mm *mm, const struct mm_caller *who, u64 start, u64 end, u64 prot,
                         int key)
{
        struct protect part; /* what is asked is set here, the rest by the plan */
        int err;

        part.who = who;
        part.prot = prot;
        part.key = key;
        part.vma = vma_walk(mm, start, end, &part.place);
        err = protect_start(part.vma, &start, prot);
        while (!err) {
                part.start = start;
                part.end = min_u64(part.vma->end, end);
                err = protect_vma(&part);
                start = part.end;
                if (err || start >= end)
                        break;
                part.vma = vma_walk(mm, start, start + 1, &part.place);
                err = part.vma ? 0 : -ENOMEM;
        }
        return err;
}

int mm_pkey_mprotect(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, u64 prot,
                     int key)
{
        int err = protect_check(addr, len, prot);

        if (err || len == 0)
                return err;
        mm_lock(mm);
        if (key != KEY_NONE && !key_is_usable(mm, key))
                err = -EINVAL;
        else
                err = protect_range(mm, who, addr, addr + page_align_up(len), prot, key);
        mm_unlock(mm, addr);
        return err;
}

int mm_mprotect(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, u64 prot)
{
        return mm_pkey_mprotect(mm, who, addr, len, prot, KEY_NONE);
}
