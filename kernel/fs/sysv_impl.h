/* SPDX-License-Identifier: MIT */
/* What sysv_shm.c and sysv_attach.c share. sysv_shm.h says what a segment is. */
#ifndef KERNEL_FS_SYSV_IMPL_H
#define KERNEL_FS_SYSV_IMPL_H

#include "kernel/fs/sysv_shm.h"
#include "kernel/sync/spinlock.h"
#include "mm/object.h"

struct shm_segment {
        struct refcount ref;   /* the table's, and one an attachment */
        struct object *object; /* [I] */
        u64 size;              /* [I] bytes, as asked */
        char name[32];         /* [I] as in /proc/PID/maps */
        int id;                /* [I] */
        s32 cpid;              /* [I] who made it */
        u32 cuid, cgid;        /* [I] */

        /* under shm_table_lock */
        bool listed; /* is in the table */
        s32 key;
        u32 uid, gid, mode; /* SHM_DEST, SHM_LOCKED and permissions */
        u32 locker;         /* with SHM_LOCKED: whose limit it counts against */
        s64 atime, dtime, ctime;
        s32 lpid;   /* who attached or detached last */
        u64 nattch; /* VMAs, and attachments that are being made */
};

extern struct spinlock shm_table_lock;

/* The segment with this number, or NULL (-EINVAL). Locked. */
struct shm_segment *shm_find(int id);
/* May the caller use it in the ways that the permission bits of `wanted` (rwx, any of the three
 * groups) name? Locked. */
bool shm_permits(const struct shm_segment *seg, unsigned wanted);
/*
 * nattch has fallen. True if that was the last of a segment marked for removal: it is out of the
 * table, and the caller has its reference to put. Locked.
 */
bool shm_left(struct shm_segment *seg);
void shm_put(struct shm_segment *seg); /* without the lock; NULL is allowed */

s64 shm_now(void); /* seconds, Unix time */
s32 shm_caller_pid(void);

#endif
