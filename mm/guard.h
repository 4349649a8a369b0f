/* SPDX-License-Identifier: MIT */
/*
 * Guard pages without mappings of their own: a marker in the page-table entry that makes every
 * access a SIGSEGV (MADV_GUARD_INSTALL, MADV_GUARD_REMOVE). Markers move with mremap(), are copied
 * by fork(), and outlive MADV_DONTNEED and mprotect(); unmapping ends them.
 *
 * A VMA that ever had one carries VM_MAYBE_GUARD from then on.
 *
 * Locks: mmap_lock for writing. [start, end) lies within the VMA.
 */
#ifndef MM_GUARD_H
#define MM_GUARD_H

#include "mm/vma.h"

/* Whatever was mapped there is dropped. 0 or -ENOMEM, with nothing done. */
int guard_install(struct vma *vma, u64 start, u64 end);
/* Pages that are not guarded stay as they are. */
void guard_remove(struct vma *vma, u64 start, u64 end);

#endif
