/* SPDX-License-Identifier: MIT */
/*
 * The calls that need more than defaults to come as far as looking at their pointers.
 */
#include "userland/tests/badptr/shapes.h"

#include <stddef.h>

#include "userland/tests/lib/transcript.h"

#define D            DEFAULT
#define CWD          (-100L)
#define USR1         10
#define CAPABILITY_3 0x20080522u

static const struct shape shapes[] = {
        { NR_read, RULE_COUNT | RULE_PARTIAL, { FD_ZERO, D, 64 }, { 0 } },
        { NR_write, RULE_COUNT | RULE_PARTIAL, { FD_MEMFD, D, 64 }, { 0 } },
        { NR_pread64, RULE_COUNT | RULE_PARTIAL, { FD_MEMFD, D, 64, 0 }, { 0 } },
        { NR_pwrite64, RULE_COUNT | RULE_PARTIAL, { FD_MEMFD, D, 64, 0 }, { 0 } },
        { NR_readv, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_writev, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_preadv, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_pwritev, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_preadv2, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_pwritev2, RULE_COUNT, { FD_MEMFD, D, 4 }, { 0 } },
        { NR_process_vm_readv, RULE_COUNT, { SELF, D, 2, D, 2, 0 }, { 0 } },
        { NR_process_vm_writev, RULE_COUNT, { SELF, D, 2, D, 2, 0 }, { 0 } },
        { NR_process_madvise, RULE_COUNT, { FD_SELF, D, 2, 20, 0 }, { 0 } },
        { NR_stat, 0, { PATH_TMP, D }, { 0 } },
        { NR_lstat, 0, { PATH_TMP, D }, { 0 } },
        { NR_newfstatat, 0, { CWD, PATH_TMP, D, 0 }, { 0 } },
        { NR_statx, 0, { CWD, PATH_TMP, 0, 0x7ff, D }, { 0 } },
        { NR_statfs, 0, { PATH_TMP, D }, { 0 } },
        { NR_poll, 0, { D, 2, 0 }, { 0 } },
        { NR_ppoll, RULE_TIMEOUT, { D, 2, D, D, 8 }, { 0 } },
        { NR_select, RULE_TIMEOUT, { 1, D, D, D, D }, { 0 } },
        { NR_pselect6, RULE_TIMEOUT, { 1, D, D, D, D, D }, { 0 } },
        { NR_mincore, 0, { MEMORY, 4096, D }, { 0 } },
        { NR_ioctl, 0, { FD_PIPE, 0x541b /* FIONREAD */, D }, { 0 } },
        { NR_fcntl, 0, { FD_MEMFD, 5 /* F_GETLK */, D }, { 0 } },
        { NR_sendfile, RULE_COUNT, { FD_MEMFD, FD_MEMFD, D, 16 }, { 0 } },
        { NR_socketpair, 0, { 1, 1, 0, D }, { 0 } },
        { NR_shmctl, 0, { 0, 14 /* SHM_INFO */, D }, { 0 } },
        { NR_getcwd, RULE_COUNT, { D, 64 }, { 0 } },
        { NR_readlink, RULE_COUNT, { PATH_LINK, D, 64 }, { 0 } },
        { NR_readlinkat, RULE_COUNT, { CWD, PATH_LINK, D, 64 }, { 0 } },
        { NR_getdents64, 0, { FD_DIRECTORY, D, 4096 }, { 0 } },
        { NR_getrandom, 0, { D, 64, 0 }, { 0 } },
        { NR_utime, 0, { PATH_FILE, D }, { 0 } },
        { NR_utimes, 0, { PATH_FILE, D }, { 0 } },
        { NR_futimesat, 0, { CWD, PATH_FILE, D }, { 0 } },
        { NR_utimensat, 0, { CWD, PATH_FILE, D, 0 }, { 0 } },
        { NR_openat2, 0, { CWD, D, D, 24 }, { 0 } },
        { NR_execve, 0, { PATH_PROGRAM, D, D }, { 0 } },
        { NR_execveat, 0, { CWD, PATH_PROGRAM, D, D, 0 }, { 0 } },
        { NR_clone, RULE_CHILD, { 0x01100011, 0, D, D, 0 }, { 0 } },
        { NR_clone3, RULE_CHILD, { D, 64 }, { 0 } },
        { NR_wait4, RULE_ZOMBIE, { -1, D, 0, D }, { 0 } },
        { NR_waitid, RULE_ZOMBIE, { 0, 0, D, 4 /* WEXITED */, D }, { 0 } },
        { NR_rt_sigaction, 0, { USR1, D, D, 8 }, { 0 } },
        { NR_rt_sigprocmask, 0, { 0, D, D, 8 }, { 0 } },
        { NR_rt_sigpending, 0, { D, 8 }, { 0 } },
        { NR_rt_sigtimedwait, RULE_TIMEOUT, { D, D, D, 8 }, { 0 } },
        { NR_rt_sigqueueinfo, 0, { SELF, 0, D }, { 0 } },
        { NR_rt_tgsigqueueinfo, 0, { SELF, SELF, 0, D }, { 0 } },
        { NR_pidfd_send_signal, 0, { FD_SELF, 0, D, 0 }, { 0 } },
        { NR_rt_sigsuspend, RULE_HARMFUL, { D, 8 }, { 0 } }, /* with a good mask it waits */
        { NR_getitimer, 0, { 1, D }, { 0 } },
        { NR_setitimer, 0, { 1, D, D }, { 0 } },
        { NR_setrlimit, 0, { 4, D }, { 0 } },
        { NR_getrlimit, 0, { 4, D }, { 0 } },
        { NR_prlimit64, 0, { 0, 4, D, D }, { 0 } },
        { NR_setgroups, 0, { 1, D }, { 0 } },
        { NR_getgroups, 0, { 64, D }, { 0 } },
        { NR_capget, 0, { D, D }, { CAPABILITY_3 } },
        { NR_capset, 0, { D, D }, { CAPABILITY_3 } },
        { NR_sched_setaffinity, 0, { 0, 8, D }, { 0 } },
        { NR_sched_getaffinity, 0, { 0, 8, D }, { 0 } },
        { NR_sched_setscheduler, 0, { 0, 0, D }, { 0 } },
        { NR_futex, 0, { D, 0, 1, D, D, 0 }, { 0 } },
        { NR_sethostname, RULE_HARMFUL, { D, 64 }, { 0 } }, /* it would be set */
        { NR_setdomainname, RULE_HARMFUL, { D, 64 }, { 0 } },
        { NR_get_robust_list, 0, { 0, D, D }, { 0 } },
        { NR_openat, 0, { CWD, D, 0, 0 }, { 0 } },
        { NR_mkdirat, 0, { CWD, D, 0 }, { 0 } },
        { NR_mknodat, 0, { CWD, D, 0100600, 0 }, { 0 } },
        { NR_mknod, 0, { D, 0100600, 0 }, { 0 } },
        { NR_fchownat, 0, { CWD, D, 0, 0, 0 }, { 0 } },
        { NR_unlinkat, 0, { CWD, D, 0 }, { 0 } },
        { NR_rename, 0, { PATH_FILE, D }, { 0 } },
        { NR_link, 0, { PATH_FILE, D }, { 0 } },
        { NR_renameat, 0, { CWD, PATH_FILE, CWD, D }, { 0 } },
        { NR_renameat2, 0, { CWD, PATH_FILE, CWD, D, 0 }, { 0 } },
        { NR_linkat, 0, { CWD, PATH_FILE, CWD, D, 0 }, { 0 } },
        { NR_symlinkat, 0, { D, CWD, D }, { 0 } },
        { NR_fchmodat, 0, { CWD, D, 0 }, { 0 } },
        { NR_fchmodat2, 0, { CWD, D, 0, 0 }, { 0 } },
        { NR_faccessat, 0, { CWD, D, 0 }, { 0 } },
        { NR_faccessat2, 0, { CWD, D, 0, 0 }, { 0 } },
};

const struct shape *shape_of(int nr)
{
        static struct shape plain = { 0, RULE_UNPRIVILEGED, { D, D, D, D, D, D }, { 0 } };

        for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
                if (shapes[i].nr == nr)
                        return &shapes[i];
        plain.nr = nr;
        return &plain;
}

int reach_of(int nr)
{
        switch (nr) {
        case NR_uname: return 400; /* the largest structure there is */
        case NR_execve:
        case NR_execveat:
                return 24; /* the first pointer ends the array; and each try costs a process */
        case NR_clone: return 16;
        case NR_futex: return 20; /* every other address is not aligned */
        case NR_clone3: return 96;
        case NR_wait4:
        case NR_waitid: return 160;
        case NR_rt_sigsuspend: return 7;
        case NR_sethostname:
        case NR_setdomainname: return 63;
        default: return 260;
        }
}
