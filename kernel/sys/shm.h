/* SPDX-License-Identifier: MIT */
/* The system calls of System V shared memory. */
#ifndef KERNEL_SYS_SHM_H
#define KERNEL_SYS_SHM_H

#include "kernel/base/types.h"

long sys_shmget(int key, u64 size, unsigned flags);
long sys_shmat(int id, uaddr addr, unsigned flags);
long sys_shmdt(uaddr addr);
long sys_shmctl(int id, int cmd, uaddr buf);

#endif
