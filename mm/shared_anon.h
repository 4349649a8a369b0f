/* SPDX-License-Identifier: MIT */
/*
 * What a shared anonymous mapping (or a shared mapping of /dev/zero) maps: an object of its own,
 * without a file. Each mmap() makes one, so two such mappings never merge; pieces of one do, and a
 * fork shares it. /proc shows it as a deleted file of that name.
 *
 * The whole object is charged to the commit limit when it is made, whatever the protection, and
 * until its last mapping is gone; with MAP_NORESERVE it is charged page by page as it fills.
 */
#ifndef MM_SHARED_ANON_H
#define MM_SHARED_ANON_H

#include "mm/object.h"

#define SHARED_ANON_NAME "/dev/zero (deleted)"

/*
 * One reference for the caller; NULL if there is no memory. Unless `noreserve`, the caller has
 * charged the pages, and the object keeps that charge from shared_anon_adopt() on.
 */
struct backing *shared_anon_create(u64 size, bool noreserve);
void shared_anon_adopt(struct backing *backing, u64 pages);

void shared_anon_boot(void);

#endif
