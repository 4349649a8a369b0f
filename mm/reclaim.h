/* SPDX-License-Identifier: MIT */
/*
 * Advice for a kernel that looks for pages to take away (MADV_COLD, MADV_PAGEOUT). There is no swap
 * and nothing looks for pages, but what a Linux without swap does at once is done:
 *
 *      COLD      pages count as not referenced
 *      PAGEOUT   an object's pages stay the object's, and are mapped no more; private pages that
 *                may be lost (MADV_FREE, MAP_DROPPABLE) are; others stay
 *
 * Pages that others map, too, are left alone. A huge page of which a part is cold is split first,
 * and one that is to be paged out always.
 *
 * Locks: mmap_lock for writing.
 */
#ifndef MM_RECLAIM_H
#define MM_RECLAIM_H

#include "mm/vma.h"

/* [start, end) lies in `vma`. */
void reclaim_cold(struct vma *vma, u64 start, u64 end);
void reclaim_pageout(struct vma *vma, u64 start, u64 end);

#endif
