/* SPDX-License-Identifier: MIT */
/*
 * The data page of the vdso: how to make nanoseconds of the TSC.
 *
 * A sequence lock: the writer makes `seq` odd, changes the rest and makes it even again. A reader
 * who saw an odd number, or another one after than before, has read nothing and starts again.
 */
#ifndef ARCH_X86_64_VDSO_DATA_H
#define ARCH_X86_64_VDSO_DATA_H

#include "kernel/base/types.h"

#define VDSO_CLOCK_NONE 0 /* ask the kernel */
#define VDSO_CLOCK_TSC  1

struct vdso_data {
        u32 seq;
        u32 mode;
        u64 tsc_base;   /* the TSC at 0 ns */
        u64 ns_per_tsc; /* 32.32 fixed point */
        u64 boot_unix;  /* ns: the wall clock at 0 ns */
};

static inline u64 vdso_ns(u64 ticks, u64 ns_per_tsc)
{
        return (u64)((unsigned __int128)ticks * ns_per_tsc >> 32);
}

#endif
