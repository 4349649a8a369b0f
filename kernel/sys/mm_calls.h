/* SPDX-License-Identifier: MIT */
/* The system calls of memory: prototypes of the handlers in mm_map.c, mm_advise.c, mm_remote.c. */
#ifndef KERNEL_SYS_MM_CALLS_H
#define KERNEL_SYS_MM_CALLS_H

#include "kernel/base/types.h"

long sys_mmap(uaddr addr, u64 len, u64 prot, u64 flags, int fd, u64 offset);
long sys_munmap(uaddr addr, u64 len);
long sys_mprotect(uaddr addr, u64 len, u64 prot);
long sys_pkey_mprotect(uaddr addr, u64 len, u64 prot, int key);
long sys_pkey_alloc(u64 flags, u64 rights);
long sys_pkey_free(int key);
long sys_mremap(uaddr addr, u64 old_len, u64 new_len, u64 flags, uaddr new_addr);
long sys_brk(uaddr addr);
long sys_remap_file_pages(uaddr addr, u64 size, u64 prot, u64 pgoff, u64 flags);

long sys_madvise(uaddr addr, u64 len, int advice);
long sys_mlock(uaddr addr, u64 len);
long sys_mlock2(uaddr addr, u64 len, int flags);
long sys_munlock(uaddr addr, u64 len);
long sys_mlockall(int flags);
long sys_munlockall(void);
long sys_msync(uaddr addr, u64 len, int flags);
long sys_mincore(uaddr addr, u64 len, uaddr vec);
long sys_mseal(uaddr addr, u64 len, u64 flags);

long sys_process_vm_readv(int pid, uaddr lvec, u64 lcount, uaddr rvec, u64 rcount, u64 flags);
long sys_process_vm_writev(int pid, uaddr lvec, u64 lcount, uaddr rvec, u64 rcount, u64 flags);
long sys_process_madvise(int pidfd, uaddr vec, u32 count, int advice, unsigned flags);

#endif
