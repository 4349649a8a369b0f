/* SPDX-License-Identifier: MIT */
/* SYS_* and __NR_* for every Linux system call (made from syscalls.tbl), and syscall(). */
#ifndef _SYS_SYSCALL_H
#define _SYS_SYSCALL_H

#include <bits/syscall.h>

#ifdef __cplusplus
extern "C" {
#endif
/* Up to six arguments; -1 and errno on error. */
long syscall(long number, ...);
#ifdef __cplusplus
}
#endif

#endif
