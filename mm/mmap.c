/* SPDX-License-Identifier: MIT */
/*
 * mmap(): a new mapping, perhaps in the place of others.
 *
 *   check -> lock -> plan -> reserve -> commit -> release -> unlock -> populate
 *
 * Unlike mremap(), a MAP_FIXED that is refused leaves what it would have replaced in place, though
 * perhaps split: limits and commit charge are those of the new pages less the replaced ones,
 * decided before anything is unmapped. The order of the checks is the order in which Linux gives
 * the errnos. Two refusals come later and leave a hole: that of the backing's owner (may_map), and
 * that of the commit charge of a shared object.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/layout.h"
#include "mm/munmap.h"
#include "mm/object_impl.h"
#include "mm/populate.h"
#include "mm/shared_anon.h"
#include "mm/soft_dirty.h"

#define MAP_ABOVE4G   0x80u
#define MAP_HUGE_BITS 0x7c000000u

#define GIGANTIC_SHIFT 30

/* Flags that MAP_SHARED_VALIDATE knows; any other is refused. */
#define MAP_VALIDATED                                                                            \
        (MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_GROWSDOWN | \
         MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |    \
         MAP_32BIT | MAP_ABOVE4G | MAP_HUGE_BITS)

struct map_call {
        /* asked */
        struct mm *mm;
        const struct mm_caller *who;
        const struct mmap_request *req;
        /* plan */
        u64 addr, len, flags, pgoff; /* flags: VM_* */
        struct backing *backing;     /* what the VMA will refer to, but for... */
        bool shared_anon;            /* ... an object that reserve has to make */
        struct vmtree_pos place;     /* in the tree */
        bool occupied;               /* something is there, */
        bool replaces;               /* ... and this is planned for it: */
        struct unmap *unmap;
        u64 charge;              /* pages, less those the replaced give back */
        struct vma_merge *merge; /* what the new VMA will be, */
        bool merges;             /* ... if it is not a part of a neighbour */
        int err;
        struct hugetlb_reserve *reserve; /* of hugetlb memory: what it will be promised, or NULL */
        bool populate;                   /* it would be locked, if its kind of memory could be */
        int refused; /* the owner's answer, which comes when the place has been cleared */
        /* kit */
        struct vma_kit vmas;
        struct backing *made; /* for shared_anon */
        bool charged;
};

/* ------------------------------------------------------------------ plan: flags */

static bool is_hugetlb(const struct mmap_request *req)
{
        return req->flags & MAP_HUGETLB;
}

static bool is_anonymous(const struct mmap_request *req)
{
        return !req->backing;
}

static u64 flags_of_prot(struct mm *mm, u64 prot)
{
        u64 flags = prot & VM_ACCESS_FLAGS; /* PROT_* and VM_* have the same bits */

        return prot == PROT_EXEC ? vm_flags_with_key(flags, key_execute_only(mm)) : flags;
}

/* What the request asks for, before its type and its file take some of it away. */
static u64 basic_flags(struct mm *mm, const struct mmap_request *req)
{
        u64 flags = flags_of_prot(mm, req->prot) | mm->def_flags;

        flags |= VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
        if (req->flags & MAP_GROWSDOWN)
                flags |= VM_GROWSDOWN;
        if (req->flags & MAP_LOCKED)
                flags |= VM_LOCKED;
        if (req->flags & MAP_STACK)
                flags |= VM_NOHUGEPAGE;
        return flags;
}

static int plan_anonymous(struct map_call *c)
{
        c->pgoff = bytes_to_pages(c->addr);
        switch (c->req->flags & MAP_TYPE) {
        case MAP_SHARED:
                if (c->flags & VM_GROWSDOWN)
                        return -EINVAL;
                c->pgoff = 0;
                c->shared_anon = true;
                c->flags |= VM_SHARED | VM_MAYSHARE;
                return 0;
        case MAP_PRIVATE: return 0;
        case MAP_DROPPABLE:
                if (c->req->flags & (MAP_LOCKED | MAP_GROWSDOWN))
                        return -EINVAL;
                c->flags &= ~VM_LOCKED_MASK; /* mlockall(MCL_FUTURE) has it populated, not locked */
                c->flags |= VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP;
                return 0;
        default: return -EINVAL;
        }
}

/* A file of huge pages is made for it. What is not to be promised is in nobody's books. */
static __attribute__((noinline)) int plan_hugetlb(struct map_call *c)
{
        c->flags |= VM_HUGETLB | VM_DONTEXPAND;
        c->flags &= ~VM_LOCKED_MASK; /* it is in memory anyway */
        if (c->req->flags & MAP_NORESERVE)
                c->flags |= VM_NORESERVE;
        if (c->flags & VM_GROWSDOWN)
                return -EINVAL;
        switch (c->req->flags & MAP_TYPE) {
        case MAP_SHARED_VALIDATE:
                if (c->req->flags & ~MAP_VALIDATED)
                        return -EOPNOTSUPP;
                /* fall through */
        case MAP_SHARED: c->flags |= VM_SHARED | VM_MAYSHARE; return 0;
        case MAP_PRIVATE: return 0;
        default: return -EINVAL;
        }
}

/* A file must be open in a way that allows what is asked, now and by a later mprotect(). */
static int plan_shared_file(struct map_call *c)
{
        const struct mmap_request *req = c->req;

        if ((req->flags & MAP_TYPE) == MAP_SHARED_VALIDATE && (req->flags & ~MAP_VALIDATED))
                return -EOPNOTSUPP;
        if ((c->flags & VM_WRITE) && !req->writable)
                return -EACCES;
        c->flags |= VM_SHARED | VM_MAYSHARE;
        if (!req->writable)
                c->flags &= ~(VM_MAYWRITE | VM_SHARED);
        return 0;
}

/* A sealed object (F_SEAL_WRITE) can be shared for reading only. */
static int plan_denied_writes(struct map_call *c)
{
        const struct object *object = c->req->backing->object;

        if (!(c->flags & VM_MAYSHARE) || !object || !object->rmap.deny_writable)
                return 0;
        if (c->flags & VM_WRITE)
                return -EPERM;
        c->flags &= ~VM_MAYWRITE;
        return 0;
}

static bool offset_too_large(const struct mmap_request *req, u64 len)
{
        if (req->backing->flags & BACKING_ZERO) /* a device: what 64 bits hold */
                return req->offset >> PAGE_SHIFT > (~0UL - len) >> PAGE_SHIFT;
        if (!(req->backing->flags & (BACKING_REGULAR | BACKING_SHMEM)))
                return false;
        return len > FILE_OFFSET_MAX || req->offset > FILE_OFFSET_MAX - len;
}

/* Frames are never locked in memory: they are not in it. */
static int plan_frames(struct map_call *c)
{
        c->flags = (c->flags & ~VM_LOCKED_MASK) | VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
        return 0;
}

/* What the owner of the backing has against it. */
static int owners_answer(const struct map_call *c)
{
        struct backing *backing = c->backing;

        if (!backing || !backing->ops || !backing->ops->may_map)
                return 0;
        return backing->ops->may_map(backing, c->pgoff, bytes_to_pages(c->len));
}

static __attribute__((noinline)) int plan_file(struct map_call *c)
{
        const struct mmap_request *req = c->req;
        int err = 0;

        if (offset_too_large(req, c->len))
                return -EOVERFLOW;
        c->pgoff = bytes_to_pages(req->offset);
        c->backing = req->backing;
        switch (req->flags & MAP_TYPE) {
        case MAP_SHARED:
        case MAP_SHARED_VALIDATE: err = plan_shared_file(c); break;
        case MAP_PRIVATE: break;
        default: return -EINVAL;
        }
        if (err)
                return err;
        if (!req->readable)
                return -EACCES;
        if (req->noexec && (c->flags & VM_EXEC))
                return -EPERM;
        if (req->noexec)
                c->flags &= ~VM_MAYEXEC;
        if (!req->backing->object && !(req->backing->flags & BACKING_ZERO) &&
            !backing_has_frames(req->backing))
                return -ENODEV;
        if (c->flags & VM_GROWSDOWN)
                return -EINVAL;
        if ((req->backing->flags & BACKING_ZERO) && (c->flags & VM_MAYSHARE)) {
                c->backing = NULL;
                c->shared_anon = true;
        }
        return backing_has_frames(req->backing) ? plan_frames(c) : plan_denied_writes(c);
}

/* ------------------------------------------------------------------ plan: place and limits */

static bool wants_aligned(const struct mmap_request *req)
{
        if (is_hugetlb(req))
                return false;
        if ((req->flags & MAP_TYPE) != MAP_PRIVATE && (req->flags & MAP_TYPE) != MAP_DROPPABLE)
                return false;
        return is_anonymous(req) || (req->backing->flags & BACKING_ZERO);
}

static __attribute__((noinline)) int plan_fixed_place(struct map_call *c)
{
        const struct mmap_request *req = c->req;
        int err;

        /* Linux takes such an address for an error that was found on the way: ~0 is -EPERM. */
        if (c->len <= TASK_SIZE && req->addr >= (u64)-4095)
                return (int)req->addr;
        if (is_hugetlb(req) && c->len <= TASK_SIZE && !huge_is_aligned(req->addr))
                return -EINVAL;
        err = layout_check_fixed(c->who, req->addr, c->len);
        if (err)
                return err;
        c->addr = req->addr;
        return 0;
}

static int plan_place(struct map_call *c)
{
        const struct mmap_request *req = c->req;
        struct place place = { .len = c->len };
        bool aligned = wants_aligned(req);
        s64 at;

        if (req->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
                return plan_fixed_place(c);
        place.hugetlb = is_hugetlb(req);
        place.hint = place.hugetlb ? huge_align_up(req->addr) : page_align_down(req->addr);
        if (place.hint && place.hint < layout_min_addr())
                place.hint = layout_min_addr();
        place.thp = aligned && is_anonymous(req);
        place.thp_file = aligned && !is_anonymous(req);
        place.offset = is_anonymous(req) ? 0 : req->offset;
        place.map_32bit = req->flags & MAP_32BIT;
        at = layout_find(c->mm, &place);
        if (at < 0)
                return (int)at;
        c->addr = (u64)at;
        return 0;
}

/* What is there already. */
static int plan_neighbourhood(struct map_call *c)
{
        const struct vma *above;

        c->place = vmtree_place(&c->mm->tree, c->addr);
        above = vmtree_above(&c->place);
        c->occupied = above && above->start < c->addr + c->len;
        return c->occupied && (c->req->flags & MAP_FIXED_NOREPLACE) ? -EEXIST : 0;
}

/* The VMAs that it replaces. */
static __attribute__((noinline)) int plan_replaced(struct map_call *c)
{
        c->replaces = true;
        *c->unmap = (struct unmap){ .mm = c->mm, .start = c->addr, .end = c->addr + c->len };
        unmap_plan(c->unmap);
        return c->unmap->err;
}

static int plan_lock_limit(const struct map_call *c)
{
        if ((c->req->flags & MAP_LOCKED) && !account_can_lock(c->who))
                return -EPERM;
        if ((c->flags & VM_LOCKED) && !account_may_lock(c->mm, c->who, bytes_to_pages(c->len)))
                return -EAGAIN;
        return 0;
}

/*
 * How many pages to charge: to the VMA (VM_ACCOUNT), or to the object of a shared one. Linux makes
 * that object when what was in its place is unmapped already; if it may not be that large, the
 * place stays empty.
 */
static int plan_charge(struct map_call *c)
{
        u64 pages = bytes_to_pages(c->len), replaced = 0, uncharged = 0;

        if (c->replaces) {
                replaced = c->unmap->credit.total;
                uncharged = c->unmap->credit.charged;
        }
        if (!is_hugetlb(c->req) && (c->req->flags & MAP_NORESERVE) &&
            mm_sysctl.overcommit_memory != 2)
                c->flags |= VM_NORESERVE;
        if (!account_may_grow(c->mm, c->who, c->flags, pages - replaced, NULL))
                return -ENOMEM;
        if (account_is_charged(c->flags)) {
                c->flags |= VM_ACCOUNT;
                c->charge = pages - uncharged;
        } else if (c->shared_anon && !(c->flags & VM_NORESERVE)) {
                c->charge = pages;
        }
        if (!c->charge || commit_allows(c->mm, c->who, c->charge, 0))
                return 0;
        if (!c->shared_anon)
                return -ENOMEM;
        c->refused = -ENOMEM;
        return 0;
}

static int plan_kind(struct map_call *c)
{
        if (is_hugetlb(c->req))
                return plan_hugetlb(c);
        return is_anonymous(c->req) ? plan_anonymous(c) : plan_file(c);
}

/* The VMA that is wanted, and whether a neighbour can take it. */
static void plan_merge(struct map_call *c)
{
        *c->merge = (struct vma_merge){
                .mm = c->mm,
                .start = c->addr,
                .end = c->addr + c->len,
                .flags = c->flags,
                .pgoff = c->pgoff,
                .backing = c->made ? c->made : c->backing,
                .place = c->place,
        };
        c->merges = vma_merge_plan(c->merge);
}

/* What has neighbours later, or a backing of its own, is known when that is there. */
static bool knows_its_place(const struct map_call *c)
{
        return !c->replaces && !c->shared_anon && !is_hugetlb(c->req);
}

static int map_plan(struct map_call *c)
{
        int err;

        c->len = is_hugetlb(c->req) ? huge_align_up(c->req->len) : page_align_up(c->req->len);
        if (mm_map_count(c->mm) > mm_sysctl.max_map_count)
                return -ENOMEM;
        c->flags = basic_flags(c->mm, c->req); /* takes a key, whatever follows */
        err = plan_place(c);
        if (!err)
                err = plan_neighbourhood(c);
        if (err)
                return err;
        c->populate = c->flags & VM_LOCKED;
        err = plan_lock_limit(c);
        if (!err)
                err = plan_kind(c);
        if (!err && c->occupied)
                err = plan_replaced(c);
        if (err)
                return err;
        err = plan_charge(c);
        if (err && c->replaces)
                unmap_plan_refusal(c->unmap, err);
        else if (!err && !c->refused)
                c->refused = owners_answer(c);
        if (knows_its_place(c))
                plan_merge(c);
        return err;
}

/* ------------------------------------------------------------------ reserve, commit, release */

/* What hugetlb memory maps, and a reservation that commit will ask the pool for. */
static __attribute__((noinline)) int reserve_hugetlb(struct map_call *c)
{
        bool shared = c->flags & VM_MAYSHARE;

        if (!(c->flags & VM_NORESERVE)) {
                c->reserve = hugetlb_reserve_create(0, bytes_to_pages(c->len));
                if (!c->reserve)
                        return -ENOMEM;
        }
        c->made = hugetlb_backing_create(c->len, shared ? c->reserve : NULL);
        return c->made ? 0 : -ENOMEM;
}

/* A VMA, or what a merge takes; both where it is not known yet. */
static int reserve_vma(struct map_call *c)
{
        if (!knows_its_place(c))
                return vma_kit_reserve(c->mm, &c->vmas, 1, VMA_MERGE_LINKS);
        if (c->merges)
                return anon_kit_reserve(&c->vmas.anon, vma_merge_links(c->merge));
        return vma_kit_reserve(c->mm, &c->vmas, 1, 0);
}

static int map_reserve(struct map_call *c)
{
        int err = c->replaces ? unmap_reserve(c->unmap, &c->vmas) : 0;

        if (err || c->err || c->refused)
                return err;
        err = reserve_vma(c);
        if (err)
                return err;
        commit_add(c->charge); /* which the plan has seen to be allowed */
        c->charged = true;
        if (is_hugetlb(c->req))
                return reserve_hugetlb(c);
        if (c->shared_anon) {
                c->made = shared_anon_create(c->len, c->flags & VM_NORESERVE);
                if (!c->made)
                        return -ENOMEM;
        }
        return 0;
}

static void map_commit(struct map_call *c)
{
        struct vma *vma;

        /* What the replaced pages were charged is used again for the new ones if these are too. */
        if (c->replaces && !c->err && !c->refused && (c->flags & VM_ACCOUNT))
                c->unmap->credit.charged = 0;
        if (c->replaces)
                unmap_commit(c->unmap, &c->vmas);
        if (c->err || c->refused)
                return;
        /* What was in its place may have had what it wants. If it is not enough, the place is
         * empty. */
        if (c->reserve)
                c->refused = hugetlb_reserve_all(c->reserve);
        if (c->refused)
                return;
        if (c->shared_anon && c->charge)
                shared_anon_adopt(c->made, c->charge);
        c->charged = false;
        if (!knows_its_place(c))
                plan_merge(c);
        if (c->merges)
                vma = vma_merge_commit(c->merge, &c->vmas.anon);
        else
                vma = vma_link_new(&c->vmas, c->merge);
        if (is_hugetlb(c->req) && !(c->flags & VM_MAYSHARE))
                vma->reserve = hugetlb_reserve_get(c->reserve);
        vma_set_flags(vma, vma->flags | soft_dirty_new());
        mm_validate_merged(vma, c->addr, c->addr + c->len);
        if (vma_has_frames(vma)) /* such never merge: all of it is new */
                frame_map_all(vma);
        account_vma(c->mm, c->flags, (s64)bytes_to_pages(c->len));
}

static void map_release(struct map_call *c)
{
        if (c->charged)
                commit_uncharge(c->charge);
        if (c->reserve)
                hugetlb_reserve_put(c->reserve);
        vma_kit_release(&c->vmas);
}

/* ------------------------------------------------------------------ the call */

/* The size of huge pages that the flags ask for, as a power of two, is one that there is. */
static bool is_huge_size(u64 flags)
{
        u64 size = flags >> MAP_HUGE_SHIFT & 0x3f;

        return size == 0 || size == 21 || size == GIGANTIC_SHIFT;
}

static bool is_gigantic(const struct mmap_request *req)
{
        return (req->flags >> MAP_HUGE_SHIFT & 0x3f) == GIGANTIC_SHIFT;
}

/* There is no pool of such pages, but they would have to be aligned. */
static int refuse_gigantic(const struct mmap_request *req)
{
        bool fixed = req->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);

        return fixed && (req->addr & ((1UL << GIGANTIC_SHIFT) - 1)) ? -EINVAL : -ENOMEM;
}

static int mmap_check(const struct mmap_request *req)
{
        if (is_hugetlb(req) && !is_huge_size(req->flags))
                return -EINVAL;
        if (req->len == 0 || (is_hugetlb(req) && huge_align_up(req->len) == 0))
                return -EINVAL;
        if (page_align_up(req->len) == 0)
                return -ENOMEM;
        if (!is_hugetlb(req))
                return 0;
        if (req->backing)
                return -EINVAL;
        return is_gigantic(req) ? refuse_gigantic(req) : 0;
}

static bool must_populate(const struct map_call *c)
{
        if (c->populate)
                return true;
        return (c->req->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

s64 mm_mmap(struct mm *mm, const struct mm_caller *who, const struct mmap_request *req)
{
        struct unmap unmap; /* these two are set when they are needed */
        struct vma_merge merge;
        struct map_call call = {
                .mm = mm, .who = who, .req = req, .unmap = &unmap, .merge = &merge
        };
        int err = mmap_check(req);

        if (err)
                return err;
        mm_lock(mm);
        call.err = map_plan(&call);
        err = map_reserve(&call);
        if (!err) {
                map_commit(&call);
                err = call.err ? call.err : call.refused;
        }
        map_release(&call);
        mm_unlock(mm, call.addr);
        if (call.made) /* the VMA has its own reference */
                backing_put(call.made);
        if (err)
                return err;
        if (must_populate(&call))
                populate_try(mm, call.addr, call.addr + call.len);
        return (s64)call.addr;
}
