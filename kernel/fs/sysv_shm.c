/* SPDX-License-Identifier: MIT */
/*
 * Segments of System V shared memory: the table, and shmget() and shmctl() on it.
 *
 * Numbers are handed out in turn: the next slot after the last, from the beginning when the end of
 * a window of slots is reached (64, or one and a half times those in use), and each time that
 * happens the sequence number goes up. So a number comes back late, as on Linux.
 *
 * Locks: shm_table_lock guards the table and the fields that change. It is a leaf: VMAs come and go
 * with mmap_lock held. Nothing is allocated or freed under it.
 */
#include "arch/cpu.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/sysv_impl.h"
#include "kernel/sched/cred.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/slab.h"

#define SHMMIN      1
#define SLOTS_FIRST 64    /* the smallest window */
#define SEQ_STEP    32768 /* ids that differ by this share a slot */
#define SEQ_MAX     65535
#define HUGE_2M     21 /* powers of two: sizes of huge pages */
#define HUGE_1G     30
#define NS_PER_SEC  1000000000ULL

struct shm_sysctl shm_sysctl = {
        .shmmax = ~0ULL - (1ULL << 24),
        .shmall = ~0ULL - (1ULL << 24),
        .shmmni = 4096,
};

struct spinlock shm_table_lock = SPINLOCK_INIT(RANK_LEAF, "shared memory");
static struct shm_segment **slots;
static unsigned nr_slots, nr_used;
static unsigned next_slot, seq;
static int last_slot = -1;
static u64 pages_used;

s64 shm_now(void)
{
        return (s64)((clock_boot_unix_ns() + clock_ns()) / NS_PER_SEC);
}

s32 shm_caller_pid(void)
{
        return current_task() ? current_process()->pid : 0;
}

static u64 segment_pages(const struct shm_segment *seg)
{
        return page_align_up(seg->size) >> PAGE_SHIFT;
}

void shm_put(struct shm_segment *seg)
{
        if (!seg || !refcount_put(&seg->ref))
                return;
        object_put(seg->object);
        kfree(seg);
}

/* ------------------------------------------------------------------ the table */

struct shm_segment *shm_find(int id)
{
        unsigned slot = (unsigned)id % SEQ_STEP;
        struct shm_segment *seg = id >= 0 && slot < nr_slots ? slots[slot] : NULL;

        return seg && seg->id == id ? seg : NULL;
}

static struct shm_segment *find_key(s32 key)
{
        for (unsigned i = 0; i < nr_slots; i++)
                if (slots[i] && slots[i]->key == key)
                        return slots[i];
        return NULL;
}

/* How many slots numbers are taken from when there is one segment more. */
static unsigned window(void)
{
        return (unsigned)min_u64(max_u64((nr_used + 1) * 3 / 2, SLOTS_FIRST), shm_sysctl.shmmni);
}

/* Room in the table for one more. 0 or -ENOMEM. */
static int slots_grow(void)
{
        unsigned want = window();
        struct shm_segment **fresh, **old = NULL;

        if (want <= nr_slots)
                return 0;
        want = want > 2 * nr_slots ? want : 2 * nr_slots;
        fresh = kzalloc(want * sizeof(*fresh));
        if (!fresh)
                return -ENOMEM;
        spin_lock(&shm_table_lock);
        if (want > nr_slots) {
                if (nr_slots)
                        memcpy(fresh, slots, nr_slots * sizeof(*fresh));
                old = slots;
                slots = fresh;
                nr_slots = want;
                fresh = NULL;
        }
        spin_unlock(&shm_table_lock);
        kfree(old);
        kfree(fresh);
        return 0;
}

/* A free slot of the window, in turn. There is one. */
static unsigned slot_take(void)
{
        unsigned end = (unsigned)min_u64(window(), nr_slots), slot = next_slot;

        while (slot < end && slots[slot])
                slot++;
        if (slot >= end)
                for (slot = 0; slots[slot]; slot++)
                        ;
        next_slot = slot + 1;
        if ((int)slot <= last_slot)
                seq = (seq + 1) % SEQ_MAX;
        last_slot = (int)slot;
        return slot;
}

/* Into the table, with a number. 0 or -ENOSPC. Locked. */
static int segment_list(struct shm_segment *seg)
{
        unsigned slot;

        if (nr_used >= shm_sysctl.shmmni)
                return -ENOSPC;
        slot = slot_take();
        CHECK(slot < nr_slots);
        slots[slot] = seg;
        nr_used++;
        pages_used += segment_pages(seg);
        seg->id = (int)(seq * SEQ_STEP + slot);
        seg->listed = true;
        return 0;
}

/* Out of it; the table's reference is the caller's. Locked. */
static void segment_unlist(struct shm_segment *seg)
{
        slots[(unsigned)seg->id % SEQ_STEP] = NULL;
        nr_used--;
        pages_used -= segment_pages(seg);
        seg->listed = false;
}

bool shm_left(struct shm_segment *seg)
{
        if (seg->nattch || !(seg->mode & SHM_DEST) || !seg->listed)
                return false;
        segment_unlist(seg);
        return true;
}

/* ------------------------------------------------------------------ permissions */

bool shm_permits(const struct shm_segment *seg, unsigned wanted)
{
        const struct cred *cred = current_cred();
        unsigned granted = seg->mode;

        wanted |= wanted >> 3 | wanted >> 6;
        if (cred->euid == seg->cuid || cred->euid == seg->uid)
                granted >>= 6;
        else if (caller_in_group(seg->cgid) || caller_in_group(seg->gid))
                granted >>= 3;
        return !(wanted & ~granted & 7) || capable(CAP_IPC_OWNER);
}

static bool is_owner(const struct shm_segment *seg)
{
        u32 euid = current_cred()->euid;

        return euid == seg->uid || euid == seg->cuid;
}

/* ------------------------------------------------------------------ shmget */

/* Charged unless SHM_NORESERVE says that its pages may be charged as they come. */
static int object_make(struct shm_segment *seg, unsigned flags)
{
        bool lazily = (flags & SHM_NORESERVE) && mm_sysctl.overcommit_memory != 2;
        struct mm_caller who = current_mm_caller();

        seg->object = object_create(seg->size, lazily ? OBJECT_CHARGE_PAGES : 0);
        if (!seg->object)
                return -ENOMEM;
        return lazily ? 0 : object_charge_size(seg->object, current_mm(), &who);
}

static struct shm_segment *segment_create(s32 key, u64 size, unsigned flags, int *err)
{
        const struct cred *cred = current_cred();
        struct shm_segment *seg = kzalloc(sizeof(*seg));

        *err = -ENOMEM;
        if (!seg)
                return NULL;
        refcount_init(&seg->ref);
        seg->size = size;
        seg->key = key;
        seg->uid = seg->cuid = cred->euid;
        seg->gid = seg->cgid = cred->egid;
        seg->mode = flags & 0777;
        seg->cpid = shm_caller_pid();
        seg->ctime = shm_now();
        scnprintf(seg->name, sizeof(seg->name), "/SYSV%08x (deleted)", (u32)key);
        *err = object_make(seg, flags);
        if (!*err)
                *err = slots_grow();
        if (!*err)
                return seg;
        if (seg->object)
                object_put(seg->object);
        kfree(seg);
        return NULL;
}

/* No huge pages are set aside: those who may have some, of a size that there is, find none. */
static long huge_refusal(unsigned flags)
{
        unsigned order = flags >> MAP_HUGE_SHIFT & 63;

        if (order && order != HUGE_2M && order != HUGE_1G)
                return -EINVAL;
        return capable(CAP_IPC_LOCK) || caller_in_group(0) ? -ENOMEM : -EPERM;
}

static long segment_new(s32 key, u64 size, unsigned flags)
{
        u64 pages = page_align_up(size) >> PAGE_SHIFT;
        struct shm_segment *seg;
        int err;

        if (size < SHMMIN || size > shm_sysctl.shmmax)
                return -EINVAL;
        if (pages << PAGE_SHIFT < size || pages_used + pages > shm_sysctl.shmall)
                return -ENOSPC;
        if (flags & SHM_HUGETLB)
                return huge_refusal(flags);
        if ((s64)size < 0) /* more than a file can have */
                return -EINVAL;
        seg = segment_create(key, size, flags, &err);
        if (!seg)
                return err;
        spin_lock(&shm_table_lock);
        err = segment_list(seg);
        spin_unlock(&shm_table_lock);
        if (!err)
                return seg->id;
        shm_put(seg);
        return err;
}

long shm_get(s32 key, u64 size, unsigned flags)
{
        struct shm_segment *seg = NULL;
        long result = 0;

        spin_lock(&shm_table_lock);
        if (key != IPC_PRIVATE)
                seg = find_key(key);
        if (!seg)
                result = key == IPC_PRIVATE || (flags & IPC_CREAT) ? 0 : -ENOENT;
        else if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
                result = -EEXIST;
        else if (seg->size < size)
                result = -EINVAL;
        else
                result = shm_permits(seg, flags & 0777) ? seg->id : -EACCES;
        spin_unlock(&shm_table_lock);
        return seg || result ? result : segment_new(key, size, flags);
}

/* ------------------------------------------------------------------ shmctl */

static void segment_stat(const struct shm_segment *seg, struct shmid_abi *out)
{
        *out = (struct shmid_abi){
                .perm = {
                        .key = seg->key,
                        .uid = seg->uid,
                        .gid = seg->gid,
                        .cuid = seg->cuid,
                        .cgid = seg->cgid,
                        .mode = seg->mode,
                        .seq = (u16)((unsigned)seg->id / SEQ_STEP),
                },
                .segsz = seg->size,
                .atime = seg->atime,
                .dtime = seg->dtime,
                .ctime = seg->ctime,
                .cpid = seg->cpid,
                .lpid = seg->lpid,
                .nattch = seg->nattch,
        };
}

long shm_stat(int id, int cmd, struct shmid_abi *out)
{
        struct shm_segment *seg;
        long result = -EINVAL;

        spin_lock(&shm_table_lock);
        if (cmd == IPC_STAT)
                seg = shm_find(id);
        else
                seg = (unsigned)id % SEQ_STEP < nr_slots ? slots[(unsigned)id % SEQ_STEP] : NULL;
        if (seg && cmd != SHM_STAT_ANY && !shm_permits(seg, 0444)) {
                result = -EACCES;
        } else if (seg) {
                segment_stat(seg, out);
                result = cmd == IPC_STAT ? 0 : seg->id;
        }
        spin_unlock(&shm_table_lock);
        return result;
}

int shm_set(int id, const struct ipc_perm_abi *perm)
{
        struct shm_segment *seg;
        int err = 0;

        spin_lock(&shm_table_lock);
        seg = shm_find(id);
        if (!seg)
                err = -EINVAL;
        else if (!is_owner(seg) && !capable(CAP_SYS_ADMIN))
                err = -EPERM;
        else if (perm->uid == ~0u || perm->gid == ~0u)
                err = -EINVAL;
        if (!err) {
                seg->uid = perm->uid;
                seg->gid = perm->gid;
                seg->mode = (seg->mode & ~0777u) | (perm->mode & 0777);
                seg->ctime = shm_now();
        }
        spin_unlock(&shm_table_lock);
        return err;
}

int shm_remove(int id)
{
        struct shm_segment *seg, *gone = NULL;
        int err = 0;

        spin_lock(&shm_table_lock);
        seg = shm_find(id);
        if (!seg) {
                err = -EINVAL;
        } else if (!is_owner(seg) && !capable(CAP_SYS_ADMIN)) {
                err = -EPERM;
        } else {
                seg->mode |= SHM_DEST;
                seg->key = IPC_PRIVATE; /* nobody finds it by its key any more */
                if (shm_left(seg))
                        gone = seg;
        }
        spin_unlock(&shm_table_lock);
        shm_put(gone);
        return err;
}

/* Pages of segments that this user has locked. Locked. */
static u64 pages_locked_by(u32 uid)
{
        u64 pages = 0;

        for (unsigned i = 0; i < nr_slots; i++)
                if (slots[i] && (slots[i]->mode & SHM_LOCKED) && slots[i]->locker == uid)
                        pages += segment_pages(slots[i]);
        return pages;
}

static int segment_lock(struct shm_segment *seg)
{
        u32 uid = current_cred()->uid;
        u64 limit = current_rlimit(RLIMIT_MEMLOCK);

        if (seg->mode & SHM_LOCKED)
                return 0;
        if (limit != MM_NO_LIMIT && !capable(CAP_IPC_LOCK) &&
            pages_locked_by(uid) + segment_pages(seg) > limit >> PAGE_SHIFT)
                return -ENOMEM;
        seg->mode |= SHM_LOCKED;
        seg->locker = uid;
        return 0;
}

int shm_lock(int id, bool lock)
{
        struct shm_segment *seg;
        int err = 0;

        spin_lock(&shm_table_lock);
        seg = shm_find(id);
        if (!seg)
                err = -EINVAL;
        else if (!capable(CAP_IPC_LOCK) &&
                 (!is_owner(seg) || (lock && current_rlimit(RLIMIT_MEMLOCK) == 0)))
                err = -EPERM;
        else if (lock)
                err = segment_lock(seg);
        else
                seg->mode &= ~(u32)SHM_LOCKED;
        spin_unlock(&shm_table_lock);
        return err;
}

/* ------------------------------------------------------------------ all of them */

static int highest_slot(void)
{
        for (unsigned i = nr_slots; i > 0; i--)
                if (slots[i - 1])
                        return (int)(i - 1);
        return 0;
}

int shm_limits(struct shminfo_abi *out)
{
        int highest;

        *out = (struct shminfo_abi){
                .shmmax = shm_sysctl.shmmax,
                .shmmin = SHMMIN,
                .shmmni = shm_sysctl.shmmni,
                .shmseg = shm_sysctl.shmmni,
                .shmall = shm_sysctl.shmall,
        };
        spin_lock(&shm_table_lock);
        highest = highest_slot();
        spin_unlock(&shm_table_lock);
        return highest;
}

int shm_totals(struct shm_info_abi *out)
{
        int highest;

        *out = (struct shm_info_abi){ 0 };
        spin_lock(&shm_table_lock);
        highest = highest_slot();
        out->used_ids = (s32)nr_used;
        out->total = pages_used;
        for (unsigned i = 0; i < nr_slots; i++)
                if (slots[i])
                        out->resident += object_pages(slots[i]->object);
        spin_unlock(&shm_table_lock);
        return highest;
}

bool shm_next(u64 *slot, struct shm_listed *out)
{
        const struct shm_segment *seg = NULL;

        spin_lock(&shm_table_lock);
        while (*slot < nr_slots && !slots[*slot])
                ++*slot;
        if (*slot < nr_slots) {
                seg = slots[*slot];
                segment_stat(seg, &out->stat);
                out->id = seg->id;
                out->resident = object_pages(seg->object) << PAGE_SHIFT;
        }
        spin_unlock(&shm_table_lock);
        return seg != NULL;
}
