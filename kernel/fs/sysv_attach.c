/* SPDX-License-Identifier: MIT */
/*
 * shmat() and shmdt(): attachments of segments of System V shared memory.
 *
 * An attachment embeds the backing that its VMAs refer to, and lives as long as one of them. Its
 * open and close callbacks keep the segment's nattch.
 */
#include "kernel/base/abi/mman.h"
#include "kernel/base/abi/prctl.h"
#include "kernel/base/errno.h"
#include "kernel/fs/sysv_impl.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/slab.h"

#define SHM_DEV 1u /* 00:01, as for shared memory without a name */
#define S_IRUGO 0444u
#define S_IWUGO 0222u
#define S_IXUGO 0111u

struct attachment {
        struct backing backing;
        struct shm_segment *seg; /* [I] referenced */
};

static struct shm_segment *segment_of(struct backing *backing)
{
        return container_of(backing, struct attachment, backing)->seg;
}

/* One VMA more. */
static void attachment_open(struct backing *backing)
{
        struct shm_segment *seg = segment_of(backing);

        spin_lock(&shm_table_lock);
        seg->nattch++;
        seg->atime = shm_now();
        seg->lpid = shm_caller_pid();
        spin_unlock(&shm_table_lock);
}

/* What keeps a segment has gone: a VMA, or the making of an attachment. */
static void segment_leave(struct shm_segment *seg, bool detached)
{
        bool last;

        spin_lock(&shm_table_lock);
        seg->nattch--;
        if (detached) {
                seg->dtime = shm_now();
                seg->lpid = shm_caller_pid();
        }
        last = shm_left(seg);
        spin_unlock(&shm_table_lock);
        if (last)
                shm_put(seg);
}

static void attachment_close(struct backing *backing)
{
        segment_leave(segment_of(backing), true);
}

static const struct backing_ops attachment_ops = {
        .open = attachment_open,
        .close = attachment_close,
};

static void attachment_release(struct backing *backing)
{
        struct attachment *at = container_of(backing, struct attachment, backing);

        shm_put(at->seg);
        kfree(at);
}

/* ------------------------------------------------------------------ shmat */

/* What the flags of shmat() ask for. */
struct wish {
        u64 prot, map_flags;
        unsigned permissions;
        bool writable;
};

static int wish_make(uaddr *addr, unsigned flags, struct wish *w)
{
        *w = (struct wish){ PROT_READ, MAP_SHARED, S_IRUGO, !(flags & SHM_RDONLY) };
        if (*addr & ~PAGE_MASK) {
                if (!(flags & SHM_RND))
                        return -EINVAL;
                *addr = page_align_down(*addr);
                if (!*addr && (flags & SHM_REMAP))
                        return -EINVAL;
                w->map_flags |= MAP_FIXED; /* at 0 too, and over what is there */
        } else if (*addr) {
                w->map_flags |= MAP_FIXED;
        } else if (flags & SHM_REMAP) {
                return -EINVAL;
        }
        if (*addr && !(flags & SHM_REMAP))
                w->map_flags |= MAP_FIXED_NOREPLACE;
        if (w->writable) {
                w->prot |= PROT_WRITE;
                w->permissions |= S_IWUGO;
        }
        if (flags & SHM_EXEC) {
                w->prot |= PROT_EXEC;
                w->permissions |= S_IXUGO;
        }
        if (current_task()->personality & READ_IMPLIES_EXEC)
                w->prot |= PROT_EXEC;
        return 0;
}

/* The segment, kept from being destroyed until segment_leave(). -EINVAL, -EACCES. */
static int segment_enter(int id, unsigned permissions, struct shm_segment **out)
{
        struct shm_segment *seg;
        int err = 0;

        spin_lock(&shm_table_lock);
        seg = shm_find(id);
        if (!seg)
                err = -EINVAL;
        else if (!shm_permits(seg, permissions))
                err = -EACCES;
        if (!err) {
                seg->nattch++;
                refcount_get(&seg->ref);
        }
        spin_unlock(&shm_table_lock);
        *out = seg;
        return err;
}

static s64 segment_map(struct shm_segment *seg, uaddr addr, const struct wish *w)
{
        struct mm_caller who = current_mm_caller();
        struct attachment *at = kzalloc(sizeof(*at));
        struct mmap_request req = {
                .addr = addr,
                .len = seg->size,
                .prot = w->prot,
                .flags = w->map_flags,
                .readable = true,
                .writable = w->writable,
        };
        s64 result;

        if (!at)
                return -ENOMEM;
        refcount_init(&at->backing.ref);
        at->backing.release = attachment_release;
        at->backing.object = seg->object;
        at->backing.ops = &attachment_ops;
        at->backing.name = seg->name;
        at->backing.ino = (u64)seg->id;
        at->backing.dev = SHM_DEV;
        at->backing.flags = BACKING_SHMEM | BACKING_APART | BACKING_LONE;
        at->seg = seg;
        refcount_get(&seg->ref);
        req.backing = &at->backing;
        result = mm_mmap(current_mm(), &who, &req);
        backing_put(&at->backing);
        return result == -EEXIST ? -EINVAL : result;
}

/* Asked before anything else is looked at: the range may leave user space as well. */
static bool is_taken(uaddr addr, u64 size)
{
        struct mm_region region;

        if (addr + size < addr)
                return true;
        if (!mm_next_region(current_mm(), addr, &region))
                return false;
        if (region.backing)
                backing_put(region.backing);
        return region.start < addr + size;
}

s64 shm_attach(int id, uaddr addr, unsigned flags)
{
        struct shm_segment *seg;
        struct wish wish;
        s64 result;
        int err;

        if (id < 0)
                return -EINVAL;
        err = wish_make(&addr, flags, &wish);
        if (!err)
                err = segment_enter(id, wish.permissions, &seg);
        if (err)
                return err;
        if ((wish.map_flags & MAP_FIXED_NOREPLACE) && is_taken(addr, seg->size))
                result = -EINVAL;
        else
                result = segment_map(seg, addr, &wish);
        segment_leave(seg, false);
        shm_put(seg);
        return result;
}

/* ------------------------------------------------------------------ shmdt */

int shm_detach(uaddr addr)
{
        if (addr & ~PAGE_MASK)
                return -EINVAL;
        return mm_detach(current_mm(), addr, &attachment_ops);
}
