/* SPDX-License-Identifier: MIT */
/* Identities and capabilities of a thread. */
#ifndef KERNEL_SCHED_CRED_H
#define KERNEL_SCHED_CRED_H

#include "kernel/base/types.h"

#define NGROUPS_MAX 32

struct cred {
        u32 uid, euid, suid, fsuid;
        u32 gid, egid, sgid, fsgid;
        u32 nr_groups;
        u32 groups[NGROUPS_MAX];
        u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
};

enum capability {
        CAP_CHOWN = 0,
        CAP_DAC_OVERRIDE = 1,
        CAP_DAC_READ_SEARCH = 2,
        CAP_FOWNER = 3,
        CAP_FSETID = 4,
        CAP_KILL = 5,
        CAP_SETGID = 6,
        CAP_SETUID = 7,
        CAP_SETPCAP = 8,
        CAP_LINUX_IMMUTABLE = 9,
        CAP_IPC_LOCK = 14,
        CAP_IPC_OWNER = 15,
        CAP_SYS_RAWIO = 17,
        CAP_SYS_CHROOT = 18,
        CAP_SYS_PTRACE = 19,
        CAP_SYS_ADMIN = 21,
        CAP_SYS_BOOT = 22,
        CAP_SYS_NICE = 23,
        CAP_SYS_RESOURCE = 24,
        CAP_SYS_TIME = 25,
        CAP_MKNOD = 27,
        CAP_MAC_OVERRIDE = 32,
        CAP_LAST = 40,
};
#define CAP_ALL ((1ULL << (CAP_LAST + 1)) - 1)

static inline bool cred_has(const struct cred *cred, enum capability cap)
{
        return cred->cap_effective >> cap & 1;
}

bool capable(enum capability cap); /* of the calling thread */

/* Capabilities after the uids changed from those of `old` (capabilities(7), "Effect of user ID
 * changes"); and after fsuid alone changed. */
void cred_fix_caps(struct cred *c, const struct cred *old, bool keep_caps);
void cred_fix_fs_caps(struct cred *c, u32 old_fsuid);

#endif
