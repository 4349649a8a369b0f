/* SPDX-License-Identifier: MIT */
/*
 * The vdso: an ELF image with functions that programs call instead of making a system call, and the
 * page that these read. Where they lie in an address space is fixed by the image:
 *
 *      [vvar] 4 pages | [vvar_vclock] 2 | [vdso] 2
 *      ^ page 0 is the data page         ^ the ELF header
 *
 * The other data pages are what Linux has for time namespaces, getrandom and the clocks of virtual
 * machines. They are empty here, and touching one is a bus error.
 */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include "kernel/base/types.h"

#define VDSO_VVAR_PAGES   4
#define VDSO_VCLOCK_PAGES 2
#define VDSO_IMAGE_PAGES  2

/* Its bytes; at most VDSO_IMAGE_PAGES pages of them. */
const void *vdso_image(size_t *size);

/*
 * Write into the data page (zeroed before the first time) how the clocks are computed now. Programs
 * may be reading it: they notice. To be called again whenever clock_ns() or clock_boot_unix_ns()
 * come to be computed in another way.
 */
void vdso_data_write(void *page);

#endif
