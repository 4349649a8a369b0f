/* SPDX-License-Identifier: MIT */
/* The parts of the transcript of mremap's rules, in the order in which they run. */
#ifndef TESTS_MREMAP_CASES_PARTS_H
#define TESTS_MREMAP_CASES_PARTS_H

void mremap_checks(void);
void mremap_at(void);
void mremap_to(void);
void mremap_several(void);
void mremap_duplicate(void);
void mremap_keep(void);
void mremap_travel(void);
void mremap_special(void);

#endif
