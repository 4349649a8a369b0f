/* SPDX-License-Identifier: MIT */
/* Device numbers: 32 bits of major and of minor, each in two pieces. */
#ifndef _SYS_SYSMACROS_H
#define _SYS_SYSMACROS_H

#include <sys/types.h>

#define major(dev) ((unsigned)((((dev) >> 32) & 0xfffff000UL) | (((dev) >> 8) & 0xfffUL)))
#define minor(dev) ((unsigned)((((dev) >> 12) & 0xffffff00UL) | ((dev)&0xffUL)))
#define makedev(ma, mi)                                                      \
        ((((dev_t)(ma)&0xfffff000UL) << 32) | (((dev_t)(ma)&0xfffUL) << 8) | \
         (((dev_t)(mi)&0xffffff00UL) << 12) | ((dev_t)(mi)&0xffUL))

#endif
