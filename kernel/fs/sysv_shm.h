/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory (svipc(7)): segments with a number, and perhaps a key, that outlive the
 * programs that use them.
 *
 *      key --shmget--> id = seq * 32768 + slot --shmat--> an attachment, mapped
 *
 * A segment is an object of pages, charged to the commit limit when it is made. Each shmat() makes
 * an attachment of its own, which is what its VMAs refer to, so two never merge. A segment counts
 * the VMAs of all its attachments (nattch): a split makes two of one, a fork adds the child's, and
 * the end of a process takes its own away. IPC_RMID takes the key from the segment, and the last
 * VMA, or IPC_RMID itself if there is none, the segment.
 *
 * Results are 0, a number or a negative errno, as in the man pages.
 */
#ifndef KERNEL_FS_SYSV_SHM_H
#define KERNEL_FS_SYSV_SHM_H

#include "kernel/base/abi/ipc.h"
#include "kernel/base/types.h"

/* /proc/sys/kernel: bytes of one segment, pages of all, number of segments. */
struct shm_sysctl {
        u64 shmmax, shmall, shmmni;
};
extern struct shm_sysctl shm_sysctl;
#define SHMMNI_MAX 32768

long shm_get(s32 key, u64 size, unsigned flags);
s64 shm_attach(int id, uaddr addr, unsigned flags);
int shm_detach(uaddr addr);

/* `cmd` is IPC_STAT, SHM_STAT or SHM_STAT_ANY; of the latter two the result is the segment's id. */
long shm_stat(int id, int cmd, struct shmid_abi *out);
int shm_set(int id, const struct ipc_perm_abi *perm);
int shm_remove(int id);
int shm_lock(int id, bool lock);
/* Both return the highest slot in use, 0 if none is. */
int shm_limits(struct shminfo_abi *out);
int shm_totals(struct shm_info_abi *out);

/* The segment in slot *slot or the first after it, for /proc/sysvipc/shm: false if there is none;
 * else *slot is its slot. */
struct shm_listed {
        struct shmid_abi stat;
        int id;
        u64 resident; /* bytes */
};
bool shm_next(u64 *slot, struct shm_listed *out);

#endif
