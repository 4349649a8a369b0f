/* SPDX-License-Identifier: MIT */
/*
 * The parts of the mremap transcript, in the order in which they run. Each begins its own scenes
 * and leaves nothing behind that the next would see.
 */
#ifndef TESTS_MREMAP_PARTS_H
#define TESTS_MREMAP_PARTS_H

#define MAYMOVE   1
#define FIXED     2
#define DONTUNMAP 4

void mremap_arguments(void);
void mremap_mapping_errors(void);
void mremap_in_place(void);
void mremap_moving(void);
void mremap_fixed(void);
void mremap_dontunmap(void);
void mremap_merging(void);
void mremap_limits(void);
void mremap_locked(void);
void mremap_forked(void);
void mremap_bulk(void);

#endif
