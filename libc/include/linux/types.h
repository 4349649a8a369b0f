/* SPDX-License-Identifier: MIT */
/* The kernel headers' names of sized integers. */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u64 __aligned_u64 __attribute__((aligned(8)));

#endif
