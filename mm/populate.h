/* SPDX-License-Identifier: MIT */
/*
 * Faulting pages in ahead of their use: after mlock(), MAP_POPULATE, growth of a locked mapping.
 * It is after-work: mmap_lock is not held, and is taken for reading one VMA's worth at a time.
 */
#ifndef MM_POPULATE_H
#define MM_POPULATE_H

#include "mm/fault.h"

/*
 * Fault in every page of [start, end) that is mapped, with write access where the VMA is private
 * and writable. VMAs locked on fault are left alone. A hole gives -ENOMEM, a page that cannot be
 * had -EFAULT, no memory -ENOMEM; the first of these ends it.
 */
int populate_range(struct mm *mm, u64 start, u64 end);

/*
 * Fault in with the given access, as madvise(MADV_POPULATE_*) does. -ENOMEM: a hole, or no memory;
 * -EINVAL: a mapping does not allow the access; -EFAULT: a page cannot be had; -EHWPOISON: it is
 * poisoned; -EINTR: the program is to end.
 */
int populate_access(struct mm *mm, u64 start, u64 end, bool write);

/* As populate_range(), as far as it goes: errors skip the rest of their VMA and are forgotten. */
void populate_try(struct mm *mm, u64 start, u64 end);

/* Part of one VMA, errors forgotten, by a caller that holds mmap_lock. */
void populate_held(struct vma *vma, u64 start, u64 end);

#endif
