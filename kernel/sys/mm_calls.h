/* SPDX-License-Identifier: MIT */
/* The system calls of memory: prototypes of the handlers in mm_map.c and mm_advise.c. */
#ifndef KERNEL_SYS_MM_CALLS_H
#define KERNEL_SYS_MM_CALLS_H

#include "kernel/base/types.h"

long sys_mmap(uaddr addr, u64 len, u64 prot, u64 flags, int fd, u64 offset);
long sys_munmap(uaddr addr, u64 len);
long sys_mprotect(uaddr addr, u64 len, u64 prot);
long sys_mremap(uaddr addr, u64 old_len, u64 new_len, u64 flags, uaddr new_addr);
long sys_brk(uaddr addr);

#endif
