/* SPDX-License-Identifier: MIT */
/* prctl, arch_prctl, personality, reboot, capget: values of the Linux x86-64 ABI. */
#ifndef KERNEL_BASE_ABI_PRCTL_H
#define KERNEL_BASE_ABI_PRCTL_H

#include "kernel/base/types.h"

#define PR_SET_PDEATHSIG       1
#define PR_GET_PDEATHSIG       2
#define PR_GET_DUMPABLE        3
#define PR_SET_DUMPABLE        4
#define PR_GET_KEEPCAPS        7
#define PR_SET_KEEPCAPS        8
#define PR_GET_TIMING          13
#define PR_SET_TIMING          14
#define PR_SET_NAME            15
#define PR_GET_NAME            16
#define PR_GET_SECCOMP         21
#define PR_SET_SECCOMP         22
#define PR_CAPBSET_READ        23
#define PR_CAPBSET_DROP        24
#define PR_GET_TSC             25
#define PR_GET_SECUREBITS      27
#define PR_SET_SECUREBITS      28
#define PR_SET_TIMERSLACK      29
#define PR_GET_TIMERSLACK      30
#define PR_SET_MM              35
#define PR_SET_CHILD_SUBREAPER 36
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_NO_NEW_PRIVS    38
#define PR_GET_NO_NEW_PRIVS    39
#define PR_GET_TID_ADDRESS     40
#define PR_SET_THP_DISABLE     41
#define PR_GET_THP_DISABLE     42
/* A flag of PR_SET_THP_DISABLE. */
#define PR_THP_DISABLE_EXCEPT_ADVISED 2ULL
#define PR_SET_VMA                    0x53564d41
#define PR_SET_VMA_ANON_NAME          0
#define PR_CAP_AMBIENT                47
#define PR_CAP_AMBIENT_IS_SET         1
#define PR_CAP_AMBIENT_RAISE          2
#define PR_CAP_AMBIENT_LOWER          3
#define PR_CAP_AMBIENT_CLEAR_ALL      4

#define ARCH_SET_GS    0x1001
#define ARCH_SET_FS    0x1002
#define ARCH_GET_FS    0x1003
#define ARCH_GET_GS    0x1004
#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

#define ADDR_NO_RANDOMIZE  0x0040000
#define MMAP_PAGE_ZERO     0x0100000
#define ADDR_COMPAT_LAYOUT 0x0200000
#define READ_IMPLIES_EXEC  0x0400000

#define REBOOT_MAGIC1        0xfee1deadU
#define REBOOT_MAGIC2        672274793U
#define REBOOT_MAGIC2A       85072278U
#define REBOOT_MAGIC2B       369367448U
#define REBOOT_MAGIC2C       537993216U
#define REBOOT_CMD_RESTART   0x01234567U
#define REBOOT_CMD_HALT      0xcdef0123U
#define REBOOT_CMD_CAD_ON    0x89abcdefU
#define REBOOT_CMD_CAD_OFF   0x00000000U
#define REBOOT_CMD_POWER_OFF 0x4321fedcU
#define REBOOT_CMD_RESTART2  0xa1b2c3d4U

#define CAPABILITY_VERSION_1 0x19980330U
#define CAPABILITY_VERSION_2 0x20071026U
#define CAPABILITY_VERSION_3 0x20080522U

struct cap_header {
        u32 version;
        s32 pid;
};

struct cap_data {
        u32 effective, permitted, inheritable;
};

#endif
