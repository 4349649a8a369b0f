/* SPDX-License-Identifier: MIT */
/* System V shared memory: numbers and structures of the Linux x86-64 ABI (svipc(7), shmctl(2)). */
#ifndef KERNEL_BASE_ABI_IPC_H
#define KERNEL_BASE_ABI_IPC_H

#include "kernel/base/types.h"

#define IPC_PRIVATE 0
#define IPC_CREAT   01000
#define IPC_EXCL    02000

#define IPC_RMID 0
#define IPC_SET  1
#define IPC_STAT 2
#define IPC_INFO 3

#define SHM_HUGETLB   04000
#define SHM_NORESERVE 010000

#define SHM_RDONLY 010000
#define SHM_RND    020000
#define SHM_REMAP  040000
#define SHM_EXEC   0100000

#define SHM_LOCK     11
#define SHM_UNLOCK   12
#define SHM_STAT     13
#define SHM_INFO     14
#define SHM_STAT_ANY 15

/* In the mode that shmctl() shows. */
#define SHM_DEST   01000 /* goes when it is detached for the last time */
#define SHM_LOCKED 02000

struct ipc_perm_abi {
        s32 key;
        u32 uid, gid, cuid, cgid;
        u32 mode;
        u16 seq;
        u16 pad[3];
        u64 unused[2];
};

struct shmid_abi {
        struct ipc_perm_abi perm;
        u64 segsz;
        s64 atime, dtime, ctime;
        s32 cpid, lpid;
        u64 nattch;
        u64 unused[2];
};

struct shminfo_abi {
        u64 shmmax, shmmin, shmmni, shmseg, shmall;
        u64 unused[4];
};

struct shm_info_abi {
        s32 used_ids, pad;
        u64 total, resident, swapped; /* pages */
        u64 swap_attempts, swap_successes;
};

#endif
