/* SPDX-License-Identifier: MIT */
/* The vdso in address spaces. arch/vdso.h says what it is. */
#ifndef KERNEL_SCHED_VDSO_H
#define KERNEL_SCHED_VDSO_H

#include "kernel/base/types.h"

struct mm;

void vdso_init(void); /* at boot, once the clock runs */

/* Map data pages and image where mmap() would. The address of the image, or -ENOMEM. */
s64 vdso_map(struct mm *mm);

#endif
