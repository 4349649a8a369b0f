/* SPDX-License-Identifier: MIT */
/* Resource use and what the system says of itself: structures of the Linux x86-64 ABI. */
#ifndef KERNEL_BASE_ABI_RESOURCE_H
#define KERNEL_BASE_ABI_RESOURCE_H

#include "kernel/base/abi/time.h"

struct rusage {
        struct timeval64 utime, stime;
        s64 maxrss; /* KiB */
        s64 ixrss, idrss, isrss;
        s64 minflt, majflt, nswap, inblock, oublock, msgsnd, msgrcv, nsignals;
        s64 nvcsw, nivcsw;
};

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1

#define RLIM_INFINITY (~0ULL)

struct sysinfo_abi {
        s64 uptime;
        u64 loads[3];
        u64 totalram, freeram, sharedram, bufferram, totalswap, freeswap;
        u16 procs, pad;
        u32 pad2;
        u64 totalhigh, freehigh;
        u32 mem_unit;
        u32 pad3;
};

#define UTS_LEN 65
struct utsname {
        char sysname[UTS_LEN], nodename[UTS_LEN], release[UTS_LEN], version[UTS_LEN];
        char machine[UTS_LEN], domainname[UTS_LEN];
};

#endif
